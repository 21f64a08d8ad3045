"""AWS event streams: what is written is what the SDK reads, and damage is seen."""

import struct
from zlib import crc32

import pytest
from botocore.eventstream import EventStreamBuffer
from hypothesis import given
from hypothesis import strategies as st

from pytest_llmreplay.providers._eventstream import event, events, header, headers_of, message, messages

NAMES = st.text(st.characters(codec="ascii", categories=["L"]), min_size=1, max_size=20)
STREAM = event("a", {"x": 1}) + event("b", {"y": "é"})


@given(st.dictionaries(NAMES, st.text(st.characters(exclude_categories=["Cs"]), max_size=50)), st.binary(max_size=200))
def test_a_message_is_read_by_the_sdk_as_it_was_written(headers: dict[str, str], payload: bytes) -> None:
    buffer = EventStreamBuffer()
    buffer.add_data(message(headers, payload))
    (found,) = list(buffer)
    assert (found.headers, found.payload) == (headers, payload)
    assert list(messages(message(headers, payload))) == [(headers, payload)]


def test_events_have_a_type_and_a_payload() -> None:
    assert list(events(STREAM)) == [("a", b'{"x":1}', False), ("b", '{"y":"é"}'.encode(), False)]
    assert list(events(b"")) == []


def test_an_exception_is_told_from_an_event() -> None:
    found = message({":message-type": "exception", ":exception-type": "throttlingException"}, b"{}")
    assert list(events(found)) == [("throttlingException", b"{}", True)]
    found = message({":message-type": "error", ":error-code": "500"}, b"")
    assert list(events(found)) == [("500", b"", True)]


@pytest.mark.parametrize("cut", [1, 11, 12, 20, len(STREAM) - 1])
def test_a_stream_that_breaks_off_is_a_value_error(cut: int) -> None:
    with pytest.raises(ValueError, match="the stream"):
        list(messages(STREAM[:cut]))


@given(st.integers(0, len(STREAM) - 1), st.integers(1, 255))
def test_every_damaged_byte_is_a_value_error(place: int, change: int) -> None:
    damaged = bytearray(STREAM)
    damaged[place] ^= change
    with pytest.raises(ValueError, match="the stream"):
        list(messages(bytes(damaged)))


@given(st.binary(max_size=60))
def test_any_bytes_are_messages_or_a_value_error(body: bytes) -> None:
    try:
        list(messages(body))
    except ValueError:
        return


def test_headers_that_are_no_text_are_passed_over() -> None:
    others = b"".join(
        struct.pack(">B", 1) + b"n" + struct.pack(">B", kind) + bytes(width)
        for kind, width in ((0, 0), (1, 0), (2, 1), (3, 2), (4, 4), (5, 8), (8, 8), (9, 16))
    )
    packed = struct.pack(">B", 1) + b"b" + struct.pack(">BH", 6, 3) + b"abc"
    assert headers_of(others + packed + header(":event-type", "a")) == {":event-type": "a"}


@pytest.mark.parametrize("head", [b"\x05ab", b"\x01a\x07\x00", b"\x01\xff\x07\x00\x00", b"\x01a\x07\x00\x01\xff"])
def test_headers_that_do_not_fit_are_a_value_error(head: bytes) -> None:
    prelude = struct.pack(">II", 16 + len(head), len(head))
    body = prelude + struct.pack(">I", crc32(prelude)) + head
    with pytest.raises(ValueError, match="headers do not fit"):
        list(messages(body + struct.pack(">I", crc32(body))))
