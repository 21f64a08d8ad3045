"""AWS event streams: framing with checksums, and the events in a body. PYTEST_DONT_REWRITE

Source: the Smithy specification, "Amazon Event Stream Specification" (``application/vnd.amazon.eventstream``).
"""

import struct
from collections.abc import Iterator, Mapping
from typing import Final
from zlib import crc32

from pytest_llmreplay.model.jsonvalue import JSON
from pytest_llmreplay.providers import _body

HEADERS: Final[Mapping[str, str]] = {"content-type": "application/vnd.amazon.eventstream"}
PRELUDE: Final = 12
"""Length of the whole, length of the headers, checksum of both."""
TRAILER: Final = 4
STRING: Final = 7
"""Type of a header whose value is text; the only one that is written."""
WIDTHS: Final[Mapping[int, int]] = {0: 0, 1: 0, 2: 1, 3: 2, 4: 4, 5: 8, 8: 8, 9: 16}
"""Bytes of a header's value by its type; bytes (6) and text (7) say it themselves."""


def message(headers: Mapping[str, str], payload: bytes) -> bytes:
    """One message: prelude, headers, payload and the checksum of all."""
    head = b"".join(map(header, headers, headers.values()))
    prelude = struct.pack(">II", PRELUDE + len(head) + len(payload) + TRAILER, len(head))
    body = prelude + struct.pack(">I", crc32(prelude)) + head + payload
    return body + struct.pack(">I", crc32(body))


def header(name: str, value: str) -> bytes:
    """One header with a text."""
    key, words = name.encode(), value.encode()
    return struct.pack(">B", len(key)) + key + struct.pack(">BH", STRING, len(words)) + words


def event(kind: str, data: JSON) -> bytes:
    """One event that carries JSON."""
    headers = {":event-type": kind, ":content-type": "application/json", ":message-type": "event"}
    return message(headers, _body.encode(data))


def events(body: bytes) -> Iterator[tuple[str, bytes, bool]]:
    """Type and payload of each message, and whether it is an exception. Raises ValueError for a damaged stream."""
    for headers, payload in messages(body):
        failed = headers.get(":message-type") in ("exception", "error")
        kind = headers.get(":exception-type") or headers.get(":error-code") if failed else headers.get(":event-type")
        yield kind or "", payload, failed


def messages(body: bytes) -> Iterator[tuple[dict[str, str], bytes]]:
    """Headers and payload of each message. Raises ValueError where a length or a checksum does not fit."""
    start = 0
    while start < len(body):
        prelude = body[start : start + PRELUDE]
        if len(prelude) < PRELUDE:
            raise ValueError("the stream ends within a message")
        total, length, checksum = struct.unpack(">III", prelude)
        whole = body[start : start + total]
        if checksum != crc32(prelude[:8]) or not PRELUDE + length + TRAILER <= total == len(whole):
            raise ValueError("the stream is damaged: a prelude does not fit")
        if struct.unpack(">I", whole[-TRAILER:])[0] != crc32(whole[:-TRAILER]):
            raise ValueError("the stream is damaged: a checksum does not fit")
        yield headers_of(whole[PRELUDE : PRELUDE + length]), whole[PRELUDE + length : -TRAILER]
        start += total


def headers_of(head: bytes) -> dict[str, str]:
    """The headers with a text; others are passed over. Raises ValueError for a damaged block."""
    found: dict[str, str] = {}
    at = 0
    try:
        while at < len(head):
            end = at + 1 + head[at]
            name, kind, at = head[at + 1 : end].decode(), head[end], end + 1
            width = WIDTHS.get(kind)
            if width is None:
                width, at = struct.unpack_from(">H", head, at)[0], at + 2
            if kind == STRING:
                found[name] = head[at : at + width].decode()
            at += width
    except (IndexError, struct.error, UnicodeError):
        raise ValueError("the stream is damaged: headers do not fit") from None
    return found
