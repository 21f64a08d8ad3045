"""All traces that the user named: handles, their names, and what was changed meanwhile."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_llmreplay.traces.catalog import Handle, identifiers, load_catalog
from tests.builders import (
    OTHER_TRACE,
    TRACE,
    catalog,
    export,
    line,
    lines,
    opened,
    otlp_span,
    question,
    shuffled,
    trace_id,
)


def handles(tmp_path: Path, *spans: object) -> list[Handle]:
    return catalog(tmp_path, lines(*map(export, spans))).handles


def asked(text: str, trace: str) -> dict[str, object]:
    return otlp_span("ask", trace=trace, attributes=question(text))


def test_an_identifier_is_the_question_and_the_first_digits_of_the_trace(tmp_path: Path) -> None:
    found = handles(tmp_path, asked("Where is my parcel?", TRACE), asked("Is it blue?", OTHER_TRACE))
    assert identifiers(found) == ["where-is-my-parcel-0af7", "is-it-blue-1bf7"]


def test_identifiers_with_the_same_words_grow_until_they_differ(tmp_path: Path) -> None:
    ids = ["abcdef" + "0" * 26, "abcdee" + "0" * 26, "12345600" + "0" * 24]
    found = handles(tmp_path, *(asked("Hello", each) for each in ids))
    assert identifiers(found) == ["hello-abcdef", "hello-abcdee", "hello-123456"]


@settings(max_examples=40, deadline=None)
@given(
    st.dictionaries(st.integers(0, 2**128 - 1), st.sampled_from(["Hello", "Héllo", "", "你好", "a" * 99]), min_size=1)
)
def test_identifiers_are_unique_and_do_not_depend_on_the_order(
    tmp_path_factory: pytest.TempPathFactory, drawn: dict[int, str]
) -> None:
    spans = [asked(text, trace_id(number)) for number, text in drawn.items()]
    folder = tmp_path_factory.mktemp("ids")
    seen = []
    for order in shuffled(spans):
        found = handles(folder, *order)
        seen.append({handle.trace_id: name for handle, name in zip(found, identifiers(found), strict=True)})
    assert seen[0] == seen[1] == seen[2]
    assert len(set(seen[0].values())) == len(drawn)
    assert all(re.fullmatch(r"[a-z0-9-]{1,60}", each) for each in seen[0].values())


def test_an_identifier_does_not_change_when_a_trace_of_other_words_is_added(tmp_path: Path) -> None:
    alone = identifiers(handles(tmp_path, asked("Hello", TRACE)))
    both = identifiers(handles(tmp_path, asked("Other", TRACE[:-1] + "0"), asked("Hello", TRACE)))
    assert both[1:] == alone


@pytest.mark.parametrize(
    "text", ["\x1b[31mred", "../../etc/passwd", "con", "a::error::b", "\u202ertl", "</script>", "\0", "🙂"]
)
def test_an_identifier_holds_nothing_that_a_terminal_or_file_system_could_take_amiss(tmp_path: Path, text: str) -> None:
    (name,) = identifiers(handles(tmp_path, otlp_span(text, attributes=question(text))))
    assert re.fullmatch(r"[a-z0-9-]+-0af7", name)


@pytest.mark.parametrize(
    ("codes", "status"),
    [
        ({"root": 0, "child": 0}, "ok"),
        ({"root": 0, "child": 2}, "error"),
        ({"root": 1, "child": 2}, "ok"),
        ({"root": 2, "child": 1}, "error"),
    ],
)
def test_the_status_of_a_handle_is_the_status_of_its_trace(tmp_path: Path, codes: dict[str, int], status: str) -> None:
    root = otlp_span("root", status={"code": codes["root"]})
    child = otlp_span("child", number=2, parent=1, status={"code": codes["child"]})
    found = catalog(tmp_path, lines(export(root), export(child)))
    assert found.handles[0].status == status
    assert opened(found).status == status


def test_the_status_of_a_handle_is_the_status_of_its_trace_over_files(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(line(export(otlp_span("child", number=2, parent=1, status={"code": 2}))))
    (tmp_path / "b.jsonl").write_bytes(line(export(otlp_span("root", status={"code": 1}))))
    for order in (["a.jsonl", "b.jsonl"], ["b.jsonl", "a.jsonl"]):
        (handle,) = load_catalog(order, tmp_path, tmp_path / ".cache").handles
        assert (handle.status, handle.name, handle.open().status) == ("ok", "root", "ok")


def test_a_request_id_below_the_root_is_found_by_opening_the_trace(tmp_path: Path) -> None:
    child = otlp_span("child", number=2, parent=1, attributes={"app.request_id": "r-7"})
    (handle,) = handles(tmp_path, otlp_span("root"), child)
    assert (handle.head.request, handle.request_id()) == (None, "r-7")


def test_a_path_below_the_base_is_shown_without_it(tmp_path: Path) -> None:
    outside = tmp_path / "outside.jsonl"
    outside.write_bytes(line(export(otlp_span("one"))))
    base = tmp_path / "project"
    base.mkdir()
    assert load_catalog([str(outside)], base, base / ".cache").handles[0].source == f"{outside}:1"
    assert load_catalog(["outside.jsonl"], tmp_path, base / ".cache").handles[0].source == "outside.jsonl:1"


def test_traces_are_equal_where_id_and_source_are(tmp_path: Path) -> None:
    first, second = handles(tmp_path, otlp_span("a"), otlp_span("b", trace=OTHER_TRACE))
    assert first.open() == first.open()
    assert hash(first.open()) == hash(first.open())
    assert first.open() != second.open()
    assert repr(first.open()) == "<Trace 0af7651916cd of traces.jsonl:1>"
