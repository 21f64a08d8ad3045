"""What the user named, as plain files."""

import bz2
import gzip
import os
import zlib
from pathlib import Path
from random import Random

import pytest
import zstandard

from pytest_llmreplay.errors import SourceError
from pytest_llmreplay.traces import source
from pytest_llmreplay.traces.catalog import load_catalog
from tests.builders import OTHER_TRACE, catalog, export, line, lines, names, opened, otlp_span, problems

PLAIN = lines(export(otlp_span("one")), export(otlp_span("two", number=2, parent=1)))
CHANCE = Random(1)  # noqa: S311 - nothing secret
NOISE = b"".join(line(export(otlp_span(CHANCE.randbytes(400).hex(), trace=OTHER_TRACE, number=n))) for n in range(200))


@pytest.mark.parametrize("name", ["traces.jsonl.gz", "traces.dat", "traces"])
def test_a_gz_file_is_read_whatever_it_is_called(tmp_path: Path, name: str) -> None:
    found = catalog(tmp_path, gzip.compress(PLAIN), name)
    assert names(found) == ["one", "two"]
    assert opened(found).source == f"{name}:1"


def test_a_gz_file_of_several_members_is_read_to_its_end(tmp_path: Path) -> None:
    first, second = PLAIN.split(b"\n", 1)
    assert names(catalog(tmp_path, gzip.compress(first + b"\n") + gzip.compress(second))) == ["one", "two"]


def test_a_zst_file_is_read_to_its_end(tmp_path: Path) -> None:
    packer = zstandard.ZstdCompressor()
    first, second = PLAIN.split(b"\n", 1)
    assert names(catalog(tmp_path, packer.compress(first + b"\n") + packer.compress(second), "a.zst")) == ["one", "two"]


@pytest.mark.parametrize("lost", [1, 8, 9, 5_000])
def test_a_gz_file_that_was_cut_is_an_error_that_names_it(tmp_path: Path, lost: int) -> None:
    with pytest.raises(SourceError, match=r"^cut.gz: the packed data are damaged or cut off"):
        catalog(tmp_path, gzip.compress(NOISE)[:-lost], "cut.gz")


@pytest.mark.parametrize("lost", [1, 100, 5_000])
def test_a_zst_file_that_was_cut_is_an_error_that_names_it(tmp_path: Path, lost: int) -> None:
    packed = zstandard.ZstdCompressor(write_checksum=True).compress(NOISE)
    with pytest.raises(SourceError, match=r"^cut.zst: the packed data are damaged or cut off"):
        catalog(tmp_path, packed[:-lost], "cut.zst")


def test_a_gz_file_with_a_bad_checksum_is_an_error_that_names_it(tmp_path: Path) -> None:
    packed = bytearray(gzip.compress(PLAIN))
    packed[-6] ^= 0xFF
    with pytest.raises(SourceError, match=r"^bad.gz: the packed data are damaged or cut off"):
        catalog(tmp_path, bytes(packed), "bad.gz")


def test_a_gz_file_with_damage_inside_is_an_error_that_names_it(tmp_path: Path) -> None:
    packed = bytearray(gzip.compress(NOISE))
    packed[len(packed) // 2 : len(packed) // 2 + 40] = b"\0" * 40
    with pytest.raises(SourceError, match=r"^bad.gz: the packed data are damaged or cut off"):
        catalog(tmp_path, bytes(packed), "bad.gz")


def test_a_zst_file_with_damage_inside_is_an_error_that_names_it(tmp_path: Path) -> None:
    packed = bytearray(zstandard.ZstdCompressor(write_checksum=True).compress(NOISE))
    packed[len(packed) // 2 : len(packed) // 2 + 40] = b"\xff" * 40
    with pytest.raises(SourceError, match=r"^bad.zst: the packed data are damaged or cut off"):
        catalog(tmp_path, bytes(packed), "bad.zst")


def test_a_file_that_unfolds_without_end_is_refused_and_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source, "INFLATE_LIMIT", 8 << 20)
    bomb = gzip.compress(b"\n" * (9 << 20))
    with pytest.raises(SourceError, match=r"^bomb.gz: unfolds to more than 8 MiB; refused"):
        catalog(tmp_path, bomb, "bomb.gz")
    assert [each for each in (tmp_path / ".cache").rglob("*") if each.is_file()] == []


def test_a_file_that_unfolds_beyond_all_measure_is_refused_by_its_ratio(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source, "INFLATE_RATIO", 10)
    with pytest.raises(SourceError, match=r"unfolds to more than 64 MiB"):
        catalog(tmp_path, gzip.compress(b"\n" * (65 << 20)), "bomb.gz")


def test_a_gz_file_in_a_gz_file_is_no_trace_file(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"^twice.gz: not a trace file"):
        catalog(tmp_path, gzip.compress(gzip.compress(PLAIN)), "twice.gz")


def test_an_empty_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"^empty.jsonl: the file is empty"):
        catalog(tmp_path, b"", "empty.jsonl")


@pytest.mark.parametrize("packed", [gzip.compress(b""), zstandard.ZstdCompressor().compress(b"")], ids=["gz", "zst"])
def test_a_packed_file_of_nothing_is_an_error(tmp_path: Path, packed: bytes) -> None:
    with pytest.raises(SourceError, match=r"^empty: nothing is packed in the file"):
        catalog(tmp_path, packed, "empty")


@pytest.mark.parametrize(
    "packed", [bz2.compress(PLAIN), zlib.compress(PLAIN), b"PK\x03\x04" + PLAIN], ids=["bz2", "zlib", "zip"]
)
def test_a_file_packed_in_another_way_is_no_trace_file(tmp_path: Path, packed: bytes) -> None:
    with pytest.raises(SourceError, match=r"^other: not a trace file"):
        catalog(tmp_path, packed, "other")


def test_a_packed_file_is_unfolded_once_and_again_when_it_has_changed(tmp_path: Path) -> None:
    assert names(catalog(tmp_path, gzip.compress(PLAIN), "a.gz")) == ["one", "two"]
    kept = {each: each.stat().st_mtime_ns for each in (tmp_path / ".cache" / "plain").iterdir()}
    load_catalog(["a.gz"], tmp_path, tmp_path / ".cache")
    assert {each: each.stat().st_mtime_ns for each in (tmp_path / ".cache" / "plain").iterdir()} == kept
    assert names(catalog(tmp_path, gzip.compress(line(export(otlp_span("other")))), "a.gz")) == ["other"]


def test_a_pipe_is_never_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jsonl")
    with pytest.raises(SourceError, match=r"^pipe.jsonl: not a regular file"):
        load_catalog(["pipe.jsonl"], tmp_path, tmp_path / "cache")


def test_a_link_to_a_device_is_never_opened(tmp_path: Path) -> None:
    (tmp_path / "zero.jsonl").symlink_to("/dev/zero")
    with pytest.raises(SourceError, match=r"^zero.jsonl: not a regular file"):
        load_catalog(["zero.jsonl"], tmp_path, tmp_path / "cache")


def test_a_link_to_itself_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "loop.jsonl").symlink_to("loop.jsonl")
    with pytest.raises(SourceError, match=r"^loop.jsonl: "):
        load_catalog(["loop.jsonl"], tmp_path, tmp_path / "cache")


def test_pipes_devices_and_loops_in_a_folder_are_passed_over(tmp_path: Path) -> None:
    folder = tmp_path / "traces"
    folder.mkdir()
    os.mkfifo(folder / "pipe.jsonl")
    (folder / "zero.jsonl").symlink_to("/dev/zero")
    (folder / "loop.jsonl").symlink_to("loop.jsonl")
    (folder / "up").symlink_to("..")
    (folder / "good.jsonl").write_bytes(PLAIN)
    for location in ("traces", "traces/*", "**/*.jsonl"):
        assert names(load_catalog([location], tmp_path, tmp_path / ".cache")) == ["one", "two"]


def test_a_folder_is_read_with_the_folders_inside_and_other_files_are_noted(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a.jsonl").write_bytes(line(export(otlp_span("one"))))
    (tmp_path / "b.json").write_bytes(line(export(otlp_span("b", trace=OTHER_TRACE))))
    (tmp_path / "README.md").write_text("# notes")
    (tmp_path / "empty.txt").write_bytes(b"")
    (tmp_path / ".hidden.jsonl").write_bytes(PLAIN)
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "x.jsonl").write_bytes(PLAIN)
    found = load_catalog(["."], tmp_path, tmp_path / ".cache")
    assert (names(found), names(found, OTHER_TRACE)) == (["one"], ["b"])
    assert found.skipped == ["README.md", "empty.txt"]
    assert problems(found) == []


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("empty.jsonl", b"", "the file is empty"),
        ("cut.gz", gzip.compress(NOISE)[:-5], "the packed data are damaged or cut off"),
        ("text.json", b"buy milk", "not a trace file"),
    ],
    ids=["empty", "cut off", "no trace"],
)
def test_a_file_of_a_folder_that_is_called_like_a_trace_file_is_not_passed_over_in_silence(
    tmp_path: Path, name: str, data: bytes, reason: str
) -> None:
    (tmp_path / "good.jsonl").write_bytes(PLAIN)
    (tmp_path / name).write_bytes(data)
    found = load_catalog(["."], tmp_path, tmp_path / ".cache")
    assert names(found) == ["one", "two"]
    assert len(problems(found)) == 1
    assert problems(found)[0].startswith(f"{name}: {reason}")


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("gone.jsonl", "gone.jsonl: no such file or folder"),
        ("*.nothing", r"\*.nothing: no file matches"),
        ("bare", "bare: the folder has no files"),
    ],
)
def test_a_location_with_nothing_to_read_is_an_error(tmp_path: Path, location: str, reason: str) -> None:
    (tmp_path / "bare").mkdir()
    with pytest.raises(SourceError, match=f"^{reason}"):
        load_catalog([location], tmp_path, tmp_path / ".cache")


def test_a_file_that_may_not_be_read_is_an_error_that_names_it(tmp_path: Path) -> None:
    path = tmp_path / "locked.jsonl"
    path.write_bytes(PLAIN)
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("this user may read every file")
    with pytest.raises(SourceError, match=r"^locked.jsonl: Permission denied"):
        load_catalog(["locked.jsonl"], tmp_path, tmp_path / ".cache")


def test_a_name_with_the_signs_of_a_glob_is_first_a_name(tmp_path: Path) -> None:
    assert names(catalog(tmp_path, PLAIN, "a[1]*.jsonl")) == ["one", "two"]


def test_a_glob_reads_every_file_that_matches(tmp_path: Path) -> None:
    (tmp_path / "a1.jsonl").write_bytes(line(export(otlp_span("one"))))
    (tmp_path / "a2.jsonl").write_bytes(line(export(otlp_span("two", number=2, parent=1))))
    (tmp_path / "b.jsonl").write_bytes(NOISE)
    found = load_catalog(["a?.jsonl"], tmp_path, tmp_path / ".cache")
    assert len(found.handles) == 1
    assert names(found) == ["one", "two"]
