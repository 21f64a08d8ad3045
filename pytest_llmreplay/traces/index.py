"""Which traces a file holds and where, without opening them; kept for the next start. PYTEST_DONT_REWRITE"""

import gc
import hashlib
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec

from pytest_llmreplay import registry
from pytest_llmreplay.traces.formats.protocol import Plain

VERSION = 5
"""Of what an index says: raised when a format is recognised otherwise, or a scan finds something else."""
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

    def is_of(self, info: os.stat_result) -> bool:
        """Whether it still tells of a file: one that has not changed, of a format that there still is."""
        same = (self.version, self.size, self.mtime_ns) == (VERSION, info.st_size, info.st_mtime_ns)
        return same and registry.is_known("formats", self.format)


def kept_index(source: Plain, cache: Path) -> FileIndex | None:
    """The index of a file that has not changed since it was kept, and whose format there still is."""
    info = source.path.stat()
    found = read_kept(place_of(source, cache)) if info.st_size >= WORTH_KEEPING else None
    return found if found is not None and found.is_of(info) else None


def place_of(source: Plain, cache: Path) -> Path:
    """Where a file's index is kept."""
    key = hashlib.sha256(str(source.path.absolute()).encode("utf-8", "replace")).hexdigest()[:32]
    return cache / "index" / f"{key}.msgpack"


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


def keep(index: FileIndex, source: Plain, cache: Path) -> None:
    """Keep the index of a large file for the next start; a cache that cannot be written is no error."""
    if index.size < WORTH_KEEPING:
        return
    path = place_of(source, cache)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(msgspec.msgpack.encode(index))
        part.replace(path)
    except OSError:
        with suppress(OSError):
            part.unlink()
