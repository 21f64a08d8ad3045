"""What the user named, as plain files: globs, folders, gz and zst. PYTEST_DONT_REWRITE"""

import gzip
import hashlib
import os
import stat
import zlib
from collections.abc import Iterator
from contextlib import suppress
from glob import glob, has_magic
from pathlib import Path
from typing import IO

from pytest_llmreplay import registry
from pytest_llmreplay.errors import MissingExtra, SourceError
from pytest_llmreplay.traces.formats.protocol import Plain, TraceFormat

HEAD = 4096
OURS = "__llm__"
"""The folder of approved files beside tests."""
GZIP, ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
BLOCK = 1 << 20
PACKED_BLOCK = 1 << 10
"""Bytes of a zst file that are unfolded at once; they may become some thousand times as many."""
INFLATE_LIMIT = 16 * 1024 * 1024 * 1024
"""Bytes that a packed file may unfold to."""
INFLATE_RATIO = 1000
"""How many times its size a packed file may unfold to, beyond the first 64 MiB."""


def files(location: str, base: Path) -> list[tuple[Path, bool]]:
    """The files that a path, folder or glob means, sorted; with whether the user named the file itself.

    Raises SourceError where there is nothing.
    """
    path = base / Path(location).expanduser()
    if path.is_dir():
        found = [(each, False) for each in sorted(path.rglob("*")) if visible(each, path) and regular(each)]
        if not found:
            raise SourceError(
                f"{location}: the folder has no files; name a trace file, a folder that has some, or a glob"
            )
        return found
    if path.exists():
        if not regular(path):
            raise SourceError(f"{location}: not a regular file")
        return [(path, True)]
    if has_magic(location):
        found_names = sorted(glob(str(Path(location).expanduser()), root_dir=base, recursive=True))  # noqa: PTH207
        matched = [base / each for each in found_names]
        if matched := [each for each in matched if regular(each)]:
            return [(each, True) for each in matched]
        raise SourceError(f"{location}: no file matches")
    raise SourceError(f"{location}: no such file or folder (looked in {base})")


def visible(path: Path, root: Path) -> bool:
    """Whether no part of a path below the root is hidden."""
    return not any(part.startswith((".", "__")) and part != OURS for part in path.relative_to(root).parts)


def regular(path: Path) -> bool:
    """Whether a path is a regular file; devices and pipes are never opened."""
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except OSError:
        return False


def plain(path: Path, name: str, cache: Path) -> Plain:
    """A file as plain bytes. A packed one is unfolded into the cache, once. Raises SourceError."""
    try:
        with path.open("rb") as file:
            head = file.read(4)
        size = path.stat().st_size
    except OSError as error:
        raise SourceError(f"{name}: {error.strerror or error}") from None
    if size == 0:
        raise SourceError(f"{name}: the file is empty")
    if not head.startswith((GZIP, ZSTD)):
        return Plain(path, name, size)
    unfolded = unfold(path, name, cache, head)
    if unfolded.stat().st_size == 0:
        raise SourceError(f"{name}: nothing is packed in the file")
    return Plain(unfolded, name, unfolded.stat().st_size)


def unfold(path: Path, name: str, cache: Path, head: bytes) -> Path:
    """Where the plain bytes of a packed file lie; written whole or not at all."""
    info = path.stat()
    key = hashlib.sha256(
        f"{path.resolve()}\0{info.st_size}\0{info.st_mtime_ns}".encode("utf-8", "replace")
    ).hexdigest()[:32]
    target = cache / "plain" / key
    if target.exists():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f"{key}.{os.getpid()}.part")
    try:
        with path.open("rb") as packed, part.open("wb") as out:
            limit = min(INFLATE_LIMIT, max(64 << 20, info.st_size * INFLATE_RATIO))
            for block in blocks(packed, head):
                if out.tell() + len(block) > limit:
                    raise SourceError(f"{name}: unfolds to more than {limit >> 20} MiB; refused")
                out.write(block)
        part.replace(target)
    except (OSError, EOFError, zlib.error) as error:
        raise SourceError(f"{name}: the packed data are damaged or cut off: {error}") from None
    finally:
        with suppress(OSError):
            part.unlink()
    return target


def blocks(packed: IO[bytes], head: bytes) -> Iterator[bytes]:
    """The unpacked bytes, a block at a time. Raises OSError, EOFError or zlib.error for damaged data."""
    if head.startswith(ZSTD):
        yield from zstd_blocks(packed)
        return
    reader = gzip.GzipFile(fileobj=packed)
    while block := reader.read(BLOCK):
        yield block


def zstd_blocks(packed: IO[bytes]) -> Iterator[bytes]:
    """The unpacked bytes of all frames of a zst file; a frame that does not end is an error."""
    try:
        import zstandard
    except ImportError:
        raise MissingExtra("a zst file", "zstandard", "zstd") from None
    waiting, frame = b"", None
    try:
        while data := waiting or packed.read(PACKED_BLOCK):
            frame = frame or zstandard.ZstdDecompressor().decompressobj()
            yield frame.decompress(data)
            waiting = frame.unused_data if frame.eof else b""
            frame = None if frame.eof else frame
    except zstandard.ZstdError as error:
        raise EOFError(str(error)) from None
    if frame is not None:
        raise EOFError("the last frame does not end")


def recognised(source: Plain) -> TraceFormat | None:
    """The format of a file by its content, or None."""
    with source.path.open("rb") as file:
        head = file.read(HEAD)
    formats: Iterator[TraceFormat] = registry.one_by_one("formats")
    return next((each for each in formats if each.recognises(head)), None)
