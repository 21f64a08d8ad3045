"""One trace, read from where it lies, and what happens where it lies there no more."""

import os
from pathlib import Path

import pytest

from pytest_llmreplay.errors import TraceError
from pytest_llmreplay.traces.catalog import Handle, load_catalog
from tests.builders import OTHER_TRACE, TRACE, catalog, export, line, lines, names, opened, otlp_span


def handles(tmp_path: Path, *spans: object) -> list[Handle]:
    return catalog(tmp_path, lines(*map(export, spans))).handles


def test_a_trace_is_not_decoded_before_it_is_looked_at(tmp_path: Path) -> None:
    (handle,) = handles(tmp_path, otlp_span("root"))
    trace = handle.open()
    (tmp_path / "traces.jsonl").unlink()
    assert (trace.trace_id, trace.source) == (TRACE, "traces.jsonl:1")
    with pytest.raises(TraceError, match=rf"^trace {TRACE}: traces.jsonl:1: "):
        _ = trace.spans


@pytest.mark.parametrize(
    "data", [b"", b"\n" * 5_000, b"x" * 5_000, line(export(otlp_span("other", trace=OTHER_TRACE)))]
)
def test_a_file_that_was_overwritten_during_the_run_is_an_error_of_the_trace(tmp_path: Path, data: bytes) -> None:
    (handle,) = handles(tmp_path, otlp_span("root"))
    (tmp_path / "traces.jsonl").write_bytes(data)
    with pytest.raises(TraceError, match=f"^trace {TRACE}: "):
        _ = handle.open().spans


@pytest.mark.parametrize("data", [b"", b"\n" * 5_000, b"x" * 5_000])
def test_a_line_of_several_traces_that_was_overwritten_is_an_error_of_each(tmp_path: Path, data: bytes) -> None:
    found = catalog(tmp_path, line(export(otlp_span("a"), otlp_span("b", trace=OTHER_TRACE))))
    (tmp_path / "traces.jsonl").write_bytes(data)
    for handle in found.handles:
        with pytest.raises(TraceError, match=f"^trace {handle.trace_id}: "):
            _ = handle.open().spans


def test_a_span_that_is_in_two_files_is_one_span(tmp_path: Path) -> None:
    for name in ("a.jsonl", "b.jsonl"):
        (tmp_path / name).write_bytes(line(export(otlp_span("one"))))
    trace = opened(load_catalog(["."], tmp_path, tmp_path / ".cache"))
    assert [span.name for span in trace.spans] == ["one"]
    assert trace.contents.notes == ()


def test_a_piece_that_the_system_gives_in_parts_is_read_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = catalog(tmp_path, line(export(otlp_span("one"), otlp_span("two", number=2, parent=1))))
    read = os.read
    monkeypatch.setattr(os, "read", lambda descriptor, length: read(descriptor, min(length, 7)))
    assert names(found) == ["one", "two"]
