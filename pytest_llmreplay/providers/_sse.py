"""Server-sent events: writing, reading, and where a text is cut. PYTEST_DONT_REWRITE

Source: the WHATWG HTML standard, section "Server-sent events".
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

HEADERS = {"content-type": "text/event-stream; charset=utf-8"}
JSON_HEADERS = {"content-type": "application/json"}
PIECES = 16
"""A text is cut into about this many pieces."""
SHORTEST = 12
"""No piece but the last is shorter than this many characters."""

_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode


def decode(data: bytes) -> Any:
    """Decoded JSON; escapes of lone surrogates, which msgspec refuses, are let in. Raises ValueError."""
    try:
        try:
            return _decode(data)
        except (msgspec.DecodeError, UnicodeError):
            return json.loads(data, parse_constant=lambda _: None)
    except RecursionError:
        raise ValueError("nested too deeply") from None


_last: tuple[bytes, Any] = (b"", None)


def decode_once(body: bytes) -> Any:
    """The decoded body of a request; those who tell whose it is and the one who reads it share the work.

    Nobody may change it. Raises DecodeError.
    """
    global _last  # noqa: PLW0603 - one slot, replaced as a whole
    seen, value = _last
    if seen is not body:
        value = decode(body)
        _last = body, value
    return value


def encode(value: Any) -> bytes:
    """JSON bytes; a lone surrogate, which UTF-8 cannot hold, becomes an escape."""
    try:
        return _encode(value)
    except UnicodeEncodeError:
        return json.dumps(value).encode()


def event(data: Any, name: str | None = None) -> bytes:
    """One event that carries JSON."""
    head = f"event: {name}\n".encode() if name else b""
    return head + b"data: " + encode(data) + b"\n\n"


def events(body: bytes) -> Iterator[tuple[str | None, bytes]]:
    """Name and data of each event of a stream."""
    name: str | None = None
    data: list[bytes] = []
    for line in [*body.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n"), b""]:
        if not line:
            if data:
                yield name, b"\n".join(data)
            name, data = None, []
        elif line.startswith(b"data:"):
            data.append(line[5:].removeprefix(b" "))
        elif line.startswith(b"event:"):
            name = line[6:].strip().decode("utf-8", "replace")


def pieces(text: str) -> Sequence[str]:
    """A text cut by a fixed rule: into at most PIECES, each ending at a blank where one is near."""
    size = max(SHORTEST, -(-len(text) // PIECES))
    out: list[str] = []
    start = 0
    while start < len(text):
        end = start + size
        blank = text.find(" ", end, end + size // 2)
        end = blank if blank > 0 else end
        out.append(text[start:end])
        start = end
    return out
