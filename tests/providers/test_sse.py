"""Server-sent events: writing, reading, and where a text is cut."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_llmreplay.providers import _sse

NAMES = st.none() | st.from_regex(r"[a-z_]{1,10}", fullmatch=True)


@given(st.lists(st.tuples(NAMES, st.dictionaries(st.text(), st.text()))))
def test_events_that_are_written_and_read_again_are_the_same(drawn: list[tuple[str | None, dict[str, str]]]) -> None:
    body = b"".join(_sse.event(data, name) for name, data in drawn)
    assert [(name, _sse.decode(data)) for name, data in _sse.events(body)] == drawn


@pytest.mark.parametrize(
    ("body", "events"),
    [
        (b"", []),
        (b"data: a\n\n", [(None, b"a")]),
        (b"data:a\n\n", [(None, b"a")]),
        (b"data: a", [(None, b"a")]),
        (b"data: a\r\n\r\ndata: b\r\r", [(None, b"a"), (None, b"b")]),
        (b"data: a\ndata: b\n\n", [(None, b"a\nb")]),
        (b"event: x\ndata: a\n\ndata: b\n\n", [("x", b"a"), (None, b"b")]),
        (b": a comment\n\nretry: 5\nid: 7\ndata: a\n\n", [(None, b"a")]),
        (b"event: x\n\n", []),
    ],
)
def test_a_stream_is_read_as_the_standard_has_it(body: bytes, events: list[tuple[str | None, bytes]]) -> None:
    assert list(_sse.events(body)) == events


@given(st.text())
def test_the_pieces_of_a_text_are_the_text(text: str) -> None:
    pieces = _sse.pieces(text)
    assert "".join(pieces) == text
    assert len(pieces) <= _sse.PIECES
    assert all(len(each) >= _sse.SHORTEST for each in pieces[:-1])
    assert all(pieces)


def test_a_text_is_cut_before_a_blank_where_one_is_near() -> None:
    assert list(_sse.pieces("one two three four five")) == ["one two three", " four five"]


@pytest.mark.parametrize("value", [{"a": "\ud800"}, {"\udfff": [1]}, "a\ud83d"])
def test_a_lone_surrogate_is_written_as_an_escape_and_read_again(value: Any) -> None:
    written = _sse.encode(value)
    assert written.isascii()
    assert _sse.decode(written) == value


@given(st.binary(max_size=30))
def test_bytes_that_are_no_json_are_a_value_error(data: bytes) -> None:
    try:
        value = _sse.decode(data)
    except ValueError:
        return
    assert json.dumps(value)


def test_json_without_end_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="nested too deeply"):
        _sse.decode(b"[" * 100_000)
