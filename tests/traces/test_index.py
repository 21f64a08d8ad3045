"""What the index knows of a file, and when it is made anew."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from pytest_llmreplay.traces import index
from pytest_llmreplay.traces.catalog import Catalog, load_catalog
from pytest_llmreplay.traces.formats.otlp_json import OtlpJson
from pytest_llmreplay.traces.formats.protocol import Plain, Problem, Sight
from tests.builders import catalog, export, line, lines, names, otlp_span, question, trace_id


@pytest.fixture(autouse=True)
def every_index_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "WORTH_KEEPING", 0)


@pytest.fixture
def scans(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that were scanned."""
    seen: list[str] = []
    scan = OtlpJson.scan

    def noted(self: OtlpJson, source: Plain, contexts: list[bytes]) -> Iterator[Sight | Problem]:
        seen.append(source.name)
        return scan(self, source, contexts)

    monkeypatch.setattr(OtlpJson, "scan", noted)
    return seen


def load(tmp_path: Path) -> Catalog:
    return load_catalog(["traces.jsonl"], tmp_path, tmp_path / ".cache")


def kept(tmp_path: Path) -> Path:
    (found,) = (tmp_path / ".cache" / "index").iterdir()
    return found


DATA = lines(
    export(otlp_span("one", attributes=question("Where is my parcel?"), status={"code": 2})),
    export(otlp_span("two", number=2, parent=1), otlp_span("b", trace=trace_id(7))),
    {"resourceMetrics": []},
)


def test_a_kept_index_is_used_while_the_file_stays_as_it_is(tmp_path: Path, scans: list[str]) -> None:
    first = catalog(tmp_path, DATA)
    second = load(tmp_path)
    assert scans == ["traces.jsonl"]
    assert [handle.rows for handle in second.handles] == [handle.rows for handle in first.handles]
    assert second.problems == first.problems
    assert names(second) == names(first) == ["one", "two"]


def test_an_index_is_made_anew_when_the_file_has_changed(tmp_path: Path, scans: list[str]) -> None:
    catalog(tmp_path, DATA)
    found = catalog(tmp_path, line(export(otlp_span("other"))))
    assert scans == ["traces.jsonl"] * 2
    assert names(found) == ["other"]


def test_an_index_is_made_anew_when_the_file_was_touched(tmp_path: Path, scans: list[str]) -> None:
    catalog(tmp_path, DATA)
    os.utime(tmp_path / "traces.jsonl", ns=(1, 1))
    load(tmp_path)
    assert scans == ["traces.jsonl"] * 2


@pytest.mark.parametrize("damage", [b"", b"\0", b"\x93garbage", b"\xff" * 400, b"\xc0"], ids=str)
def test_a_damaged_index_is_made_anew(tmp_path: Path, scans: list[str], damage: bytes) -> None:
    catalog(tmp_path, DATA)
    kept(tmp_path).write_bytes(damage)
    assert names(load(tmp_path)) == ["one", "two"]
    assert scans == ["traces.jsonl"] * 2


def test_an_index_that_was_cut_anywhere_is_made_anew(tmp_path: Path) -> None:
    catalog(tmp_path, DATA)
    whole = kept(tmp_path).read_bytes()
    for length in range(len(whole)):
        kept(tmp_path).write_bytes(whole[:length])
        assert len(load(tmp_path).handles) == 2
        assert kept(tmp_path).read_bytes() == whole


def test_an_index_of_an_older_version_is_made_anew(
    tmp_path: Path, scans: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    catalog(tmp_path, DATA)
    monkeypatch.setattr(index, "VERSION", index.VERSION + 1)
    load(tmp_path)
    assert scans == ["traces.jsonl"] * 2


def test_an_index_of_a_format_that_is_not_installed_any_more_is_made_anew(tmp_path: Path, scans: list[str]) -> None:
    catalog(tmp_path, DATA)
    path = kept(tmp_path)
    path.write_bytes(path.read_bytes().replace(b"otlp-json", b"otlp-gone"))
    assert [handle.file.container for handle in load(tmp_path).handles] == ["otlp-json"] * 2
    assert scans == ["traces.jsonl"] * 2


def test_the_index_of_a_small_file_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "WORTH_KEEPING", len(DATA) + 1)
    catalog(tmp_path, DATA)
    assert not (tmp_path / ".cache").exists()


def test_a_cache_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / ".cache").write_text("a file stands in the way")
    assert names(catalog(tmp_path, DATA)) == ["one", "two"]


def test_writing_an_index_leaves_no_part_behind(tmp_path: Path) -> None:
    catalog(tmp_path, DATA)
    assert kept(tmp_path).suffix == ".msgpack"
