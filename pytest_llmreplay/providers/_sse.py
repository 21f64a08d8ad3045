"""Server-sent events: writing, reading, and where a text is cut. PYTEST_DONT_REWRITE

Source: the WHATWG HTML standard, section "Server-sent events".
"""

from collections.abc import Iterator, Sequence
from typing import Any

from pytest_llmreplay.model.jsonvalue import Object, members
from pytest_llmreplay.providers._body import decode, encode

HEADERS = {"content-type": "text/event-stream; charset=utf-8"}
DONE = b"data: [DONE]\n\n"
"""Ends the streams of OpenAI and of those who speak as it does."""
PIECES = 16
"""A text is cut into about this many pieces."""
SHORTEST = 12
"""No piece but the last is shorter than this many characters."""


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


def objects(body: bytes) -> Iterator[Object]:
    """The decoded data of each event of a stream, up to ``[DONE]``. Raises ValueError."""
    for _, data in events(body):
        if data == b"[DONE]":
            return
        yield members(decode(data))


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
