"""Which traces a file holds and where, without opening them; kept for the next start. PYTEST_DONT_REWRITE"""

import gc
import hashlib
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from sys import intern

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
    packed: bytes = b""
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

    def add(self, sight: Sight) -> None:
        """Take in one span."""
        self.failed = self.failed or sight.failed
        earlier = not self.start or sight.start < self.start
        if sight.is_root and (not self.has_root or earlier):
            self.has_root, self.name = True, intern(sight.name)
            self.slug = roots.slugged(sight.slug) or roots.slug(sight.attributes, sight.name)
            self.status = "error" if sight.failed else "ok" if sight.ok else ""
            self.request = roots.label(sight.attributes, roots.REQUEST)
            self.session = roots.label(sight.attributes, roots.SESSION)
            self.start = sight.start
        elif not self.has_root and (earlier or not self.name):
            self.name, self.start = intern(sight.name), sight.start


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
    rows: dict[str, Row] = {}
    places: dict[str, bytearray] = {}
    logs: dict[str, int] = {}
    contexts: list[bytes] = []
    problems: list[tuple[int, str, bool]] = []
    for item in container.scan(source, contexts):
        if isinstance(item, Problem):
            problems.append((item.line, item.reason, item.repaired))
            continue
        trace_id = item.trace_id
        if not trace_id:
            problems.append((item.piece.line, "a span without a trace id", False))
            continue
        if trace_id not in rows:
            rows[trace_id], places[trace_id], logs[trace_id] = Row(trace_id), bytearray(), item.piece.line
        place(places[trace_id], item.piece)
        if not item.is_log:
            logs.pop(trace_id, None)
            rows[trace_id].add(item)
    for trace_id, row in rows.items():
        row.packed = bytes(places.pop(trace_id))
        row.slug = row.slug or roots.slug({}, row.name)
    log_only = [(line, trace_id) for trace_id, line in logs.items()]
    return FileIndex(VERSION, size, mtime_ns, container.name, list(rows.values()), contexts, problems, log_only)


def place(packed: bytearray, piece: Piece) -> None:
    """Remember where a part lies; neighbours in one context become one piece."""
    here = PLACE.pack(piece.offset, piece.length, piece.line, piece.context)
    if packed.endswith(here):
        return
    if packed and piece.context >= 0:
        offset, length, line, context = PLACE.unpack_from(packed, len(packed) - PLACE.size)
        if context == piece.context and line == piece.line and piece.offset - (offset + length) == 1:
            del packed[-PLACE.size :]
            here = PLACE.pack(offset, length + 1 + piece.length, line, context)
    packed += here


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
