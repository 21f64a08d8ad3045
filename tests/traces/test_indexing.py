"""What a scan finds of each trace in a file."""

from pathlib import Path

from tests.builders import TRACE, catalog, export, line, lines, otlp_span, question, trace_id


def test_a_row_tells_of_the_root(tmp_path: Path) -> None:
    attributes = {**question("Where is my parcel?"), "app.request_id": "r-1"}
    root = otlp_span("ask", number=9, start=5, attributes=attributes, status={"code": 1})
    child = otlp_span("chat", number=2, parent=9, start=1, status={"code": 2})
    for order in ([root, child], [child, root]):
        (handle,) = catalog(tmp_path, lines(*map(export, order))).handles
        head = handle.head
        assert (head.name, head.slug, head.status, head.failed) == ("ask", "where-is-my-parcel", "ok", True)
        assert (head.request, head.has_root) == ("r-1", True)


def test_of_several_roots_the_first_in_time_gives_the_name(tmp_path: Path) -> None:
    roots = [
        otlp_span("late", number=1, start=5),
        otlp_span("early", number=2, start=1),
        otlp_span("mid", number=3, start=3),
    ]
    for order in (roots, roots[::-1]):
        (handle,) = catalog(tmp_path, lines(*map(export, order))).handles
        assert handle.name == "early"


def test_without_a_root_the_first_span_in_time_gives_the_name(tmp_path: Path) -> None:
    spans = [otlp_span("late", number=1, parent=8, start=5), otlp_span("early", number=2, parent=8, start=1)]
    for order in (spans, spans[::-1]):
        (handle,) = catalog(tmp_path, lines(*map(export, order))).handles
        assert (handle.name, handle.head.has_root) == ("early", False)


def test_neighbours_in_a_line_are_one_piece(tmp_path: Path) -> None:
    spans = [otlp_span("a", number=n) for n in range(5)]
    found = catalog(tmp_path, line(export(*spans, otlp_span("b", trace=trace_id(7)))).replace(b"}, {", b"},{"))
    (handle,) = [each for each in found.handles if each.trace_id == TRACE]
    assert len(handle.rows[0][1].pieces) == 1
    assert len(handle.open().spans) == 5
