"""What a trace file's container must be able to do. PYTEST_DONT_REWRITE"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from pytest_llmreplay.model.trace import Contents, LogRecord, Span

WHOLE_RECORD = -1
"""Context of a piece that is a complete record of its file."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A record that could not be read, or only after a repair. Its content is never quoted."""

    file: str
    line: int
    """Line, or number of the message in a binary file; 0 for the whole file."""
    reason: str
    repaired: bool = False

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else self.file
        return f"{where}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Malformed:
    """A span or log record of an opened piece that cannot be read. Its content is never quoted."""

    reason: str


@dataclass(frozen=True, slots=True)
class Piece:
    """Where a part of one trace lies: bytes of a file, and the context (resource and scope) they stand in."""

    offset: int
    length: int
    line: int
    context: int = WHOLE_RECORD


@dataclass(frozen=True, slots=True)
class Sight:
    """One span or log record of an index scan: enough to list its trace, no more."""

    trace_id: str
    piece: Piece
    is_log: bool = False
    is_root: bool = False
    name: str = ""
    slug: str = ""
    """What a test is called in place of the input's first words."""
    failed: bool = False
    ok: bool = False
    start: int = 0
    attributes: Mapping[str, Any] = field(default_factory=dict)
    """Of root spans only."""


@dataclass(frozen=True, slots=True)
class Plain:
    """A file as plain bytes, whatever it was packed in."""

    path: Path
    """Where the plain bytes lie."""
    name: str
    """What the user called the file."""
    size: int


class TraceFormat(Protocol):
    """A container of spans. Streams: no method holds more than one record in memory.

    One that costs much to scan says ``keeps_index = True``; its index is kept however small the file.
    """

    name: str

    def recognises(self, head: bytes) -> bool:
        """Whether a file that begins with these bytes (up to 4 kB, unpacked) may be of this format."""

    def scan(self, source: Plain, contexts: list[bytes]) -> Iterator[Sight | Problem]:
        """Every span and log record of a file, lightly, and every record that cannot be read.

        ``contexts`` is filled with what pieces refer to by number. Raises SourceError for an unreadable file.
        """

    def decode(self, data: bytes, context: bytes | None) -> "Sequence[Span | LogRecord | Malformed | Contents]":
        """The spans and log records of one piece, or a whole trace. ``context`` is None for a whole record."""
