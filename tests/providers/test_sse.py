"""Server-sent events: writing, reading, and where a text is cut."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_llmreplay.providers import _sse

NAMES = st.none() | st.from_regex(r"[a-z_]{1,10}", fullmatch=True)


@given(st.lists(st.tuples(NAMES, st.dictionaries(st.text(), st.text()))))
def test_events_that_are_written_and_read_again_are_the_same(drawn: list[tuple[str | None, dict[str, str]]]) -> None:
    body = b"".join(_sse.event(data, name) for name, data in drawn)
    assert [(name, json.loads(data)) for name, data in _sse.events(body)] == drawn


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
