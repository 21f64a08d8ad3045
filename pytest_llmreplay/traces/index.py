"""Which traces a file holds and where, without opening them; kept for the next start. PYTEST_DONT_REWRITE"""

import gc
import hashlib
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from pytest_llmreplay.traces import roots
from pytest_llmreplay.traces.formats.protocol import Piece, Plain, Problem, Sight, TraceFormat

VERSION = 4
PLACE = struct.Struct("<4q")
WORTH_KEEPING = 1 << 20
"""Bytes of a file from which on its index is kept."""


class Row(msgspec.Struct, array_like=True, gc=False):
    """What the index knows of one trace in one file."""

    trace_id: str
    packed: bytes
    """Offset, length, line and context of each piece, as 64-bit integers: many rows lie in memory at once."""
    name: str = ""
    slug: str = ""
    status: str = ""
    """``ok`` or ``error`` where a root says so."""
    failed: bool = False
    """Whether any span failed."""
    request: str | None = None
    start: int = 0
    has_root: bool = False
    session: str | None = None

    @property
    def first_line(self) -> int:
        """The line of the first piece."""
        line: int = PLACE.unpack_from(self.packed)[2]
        return line

    @property
    def pieces(self) -> list[tuple[int, int, int, int]]:
        """Offset, length, line and context of each piece."""
        return list(PLACE.iter_unpack(self.packed))


class FileIndex(msgspec.Struct, array_like=True):
    """What one file holds."""

    version: int
    size: int
    mtime_ns: int
    format: str
    rows: list[Row]
    contexts: list[bytes]
    problems: list[tuple[int, str, bool]]
    log_only: list[tuple[int, str]] = msgspec.field(default_factory=list)
    """Line and trace id of log records whose trace has no span in this file."""


@dataclass(slots=True)
class Draft:
    """A row in the making."""

    trace_id: str
    pieces: list[tuple[int, int, int, int]] = field(default_factory=list)
    name: str = ""
    slug: str = ""
    status: str = ""
    failed: bool = False
    request: str | None = None
    start: int = 0
    has_root: bool = False
    session: str | None = None
    spans: int = 0

    def add(self, sight: Sight) -> None:
        """Take in one span or log record."""
        self.place(sight.piece)
        if sight.is_log:
            return
        self.spans += 1
        self.failed = self.failed or sight.failed
        earlier = not self.start or sight.start < self.start
        if sight.is_root and (not self.has_root or earlier):
            self.has_root, self.name = True, sight.name
            self.slug = roots.slugged(sight.slug) or roots.slug(sight.attributes, sight.name)
            self.status = "error" if sight.failed else "ok" if sight.ok else ""
            self.request = roots.label(sight.attributes, roots.REQUEST)
            self.session = roots.label(sight.attributes, roots.SESSION)
            self.start = sight.start
        elif not self.has_root and (earlier or not self.name):
            self.name, self.start = sight.name, sight.start

    def place(self, piece: Piece) -> None:
        """Remember where a part lies; neighbours in one context become one piece."""
        here = (piece.offset, piece.length, piece.line, piece.context)
        if self.pieces:
            offset, length, line, context = last = self.pieces[-1]
            if last == here:
                return
            if context == piece.context >= 0 and line == piece.line and piece.offset - (offset + length) == 1:
                self.pieces[-1] = (offset, length + 1 + piece.length, line, context)
                return
        self.pieces.append(here)

    def row(self) -> Row:
        """The finished row."""
        slug = self.slug or roots.slug({}, self.name)
        return Row(
            self.trace_id,
            b"".join(PLACE.pack(*each) for each in self.pieces),
            self.name,
            slug,
            self.status,
            self.failed,
            self.request,
            self.start,
            self.has_root,
            self.session,
        )


def index_of(source: Plain, container: TraceFormat, cache: Path) -> FileIndex:
    """The index of a file: the kept one where the file has not changed, else a new one."""
    info = source.path.stat()
    kept = (
        cache
        / "index"
        / (hashlib.sha256(str(source.path.absolute()).encode("utf-8", "replace")).hexdigest()[:32] + ".msgpack")
    )
    if info.st_size >= WORTH_KEEPING:
        found = read_kept(kept)
        if found and (found.version, found.size, found.mtime_ns, found.format) == (
            VERSION, info.st_size, info.st_mtime_ns, container.name
        ):  # fmt: skip
            return found
    with no_cyclic_collection():
        made = build(source, container, info.st_size, info.st_mtime_ns)
    if info.st_size >= WORTH_KEEPING:
        keep(kept, made)
    return made


def build(source: Plain, container: TraceFormat, size: int, mtime_ns: int) -> FileIndex:
    """A new index of a file."""
    drafts: dict[str, Draft] = {}
    contexts: list[bytes] = []
    problems: list[tuple[int, str, bool]] = []
    for item in container.scan(source, contexts):
        if isinstance(item, Problem):
            problems.append((item.line, item.reason, item.repaired))
            continue
        if not item.trace_id:
            problems.append((item.piece.line, "a span without a trace id", False))
            continue
        draft = drafts.get(item.trace_id)
        if draft is None:
            draft = drafts[item.trace_id] = Draft(item.trace_id)
        draft.add(item)
    logs = [(draft.pieces[0][2], draft.trace_id) for draft in drafts.values() if not draft.spans]
    rows = [draft.row() for draft in drafts.values()]
    return FileIndex(VERSION, size, mtime_ns, container.name, rows, contexts, problems, logs)


@contextmanager
def no_cyclic_collection() -> Iterator[None]:
    """Without the cyclic collector, which costs most of the time where many objects are made that all stay."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def read_kept(path: Path) -> FileIndex | None:
    """A kept index, or None where there is none that can be read."""
    try:
        data = path.read_bytes()
        with no_cyclic_collection():
            return msgspec.msgpack.decode(data, type=FileIndex)
    except (OSError, msgspec.MsgspecError):
        return None


def keep(path: Path, index: FileIndex) -> None:
    """Keep an index for the next start; a cache that cannot be written is no error."""
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(msgspec.msgpack.encode(index))
        part.replace(path)
    except OSError:
        with suppress(OSError):
            part.unlink()
