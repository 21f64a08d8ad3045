"""A file's lines with their places."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_llmreplay.traces.formats import _lines
from pytest_llmreplay.traces.formats._lines import lines
from pytest_llmreplay.traces.formats.protocol import Plain, Problem


def plain(tmp_path: Path, data: bytes) -> Plain:
    path = tmp_path / "lines"
    path.write_bytes(data)
    return Plain(path, "lines", len(data))


def test_a_line_comes_with_its_offset_and_number(tmp_path: Path) -> None:
    assert list(lines(plain(tmp_path, b"one\n\n  \nfour\nfive"))) == [
        (0, 1, b"one\n"),
        (8, 4, b"four\n"),
        (13, 5, b"five"),
    ]


def test_a_byte_order_mark_is_no_part_of_the_first_line(tmp_path: Path) -> None:
    assert list(lines(plain(tmp_path, b"\xef\xbb\xbfone\ntwo\n"))) == [(3, 1, b"one\n"), (7, 2, b"two\n")]


def test_a_line_with_a_byte_order_mark_alone_is_blank(tmp_path: Path) -> None:
    assert list(lines(plain(tmp_path, b"\xef\xbb\xbf\ntwo\n"))) == [(4, 2, b"two\n")]


def test_a_line_that_is_too_long_is_named_and_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_lines, "LINE_LIMIT", 1 << 20)
    data = b"one\n" + b"x" * ((1 << 20) + 5) + b"\nthree\n" + b"y" * (3 << 20)
    found = list(lines(plain(tmp_path, data)))
    assert found[0] == (0, 1, b"one\n")
    assert found[2] == (data.index(b"three"), 3, b"three\n")
    assert [str(each) for each in found if isinstance(each, Problem)] == [
        "lines:2: the line is longer than 1 MiB",
        "lines:4: the line is longer than 1 MiB",
    ]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.binary(max_size=12)), st.booleans())
def test_every_line_lies_where_it_is_said_to_lie(
    tmp_path_factory: pytest.TempPathFactory, parts: list[bytes], ends: bool
) -> None:
    data = b"\n".join(parts) + (b"\n" if ends else b"")
    found = list(lines(plain(tmp_path_factory.mktemp("lines"), data)))
    for item in found:
        assert not isinstance(item, Problem)
        offset, number, text = item
        assert data[offset : offset + len(text)] == text
        assert data[:offset].count(b"\n") == number - 1
    mark = data.startswith(b"\xef\xbb\xbf")
    kept = [each for each in (data.removeprefix(b"\xef\xbb\xbf") if mark else data).split(b"\n") if each.strip()]
    assert [item[2].removesuffix(b"\n") for item in found if not isinstance(item, Problem)] == kept
