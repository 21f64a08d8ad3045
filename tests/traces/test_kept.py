"""Indexes of many small files in one file."""

from pathlib import Path

import pytest

from pytest_llmreplay.traces.index import VERSION, FileIndex
from pytest_llmreplay.traces.kept import KeptIndexes


def index(path: Path, version: int = VERSION, container: str = "case-file") -> FileIndex:
    info = path.stat()
    return FileIndex(version, info.st_size, info.st_mtime_ns, container, [], [b"context"], [])


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "a.yaml"
    path.write_text("a: 1\n", encoding="utf-8")
    return path


def kept(file: Path) -> KeptIndexes:
    return KeptIndexes(file.parent / ".cache")


def test_a_kept_index_is_found_while_its_file_stays_as_it_is(file: Path) -> None:
    store = kept(file)
    store.add(file, index(file))
    store.save()
    assert kept(file).find(file) == index(file)
    file.write_text("a: 12\n", encoding="utf-8")
    assert kept(file).find(file) is None


def test_an_index_of_another_version_is_not_found(file: Path) -> None:
    store = kept(file)
    store.add(file, index(file, VERSION - 1))
    assert store.find(file) is None


def test_an_index_of_a_format_that_is_not_installed_any_more_is_not_found(file: Path) -> None:
    store = kept(file)
    store.add(file, index(file, container="gone"))
    assert store.find(file) is None


def test_files_that_are_gone_are_forgotten(file: Path) -> None:
    store = kept(file)
    other = file.with_name("b.yaml")
    other.write_text("b: 1\n", encoding="utf-8")
    store.add(other, index(other))
    store.save()
    other.unlink()
    assert kept(file).find(other) is None
    store.add(file, index(file))
    store.save()
    (cached,) = (file.parent / ".cache" / "folders").iterdir()
    assert b"b.yaml" not in cached.read_bytes()


def test_a_damaged_cache_is_no_error(file: Path) -> None:
    store = kept(file)
    store.add(file, index(file))
    store.save()
    (cached,) = (file.parent / ".cache" / "folders").iterdir()
    cached.write_bytes(b"\xff")
    assert kept(file).find(file) is None


def test_a_cache_that_cannot_be_written_is_no_error(file: Path) -> None:
    (file.parent / ".cache").write_text("a file in the way", encoding="utf-8")
    store = kept(file)
    store.add(file, index(file))
    store.save()
    assert kept(file).find(file) is None
