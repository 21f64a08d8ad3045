"""Files that are written whole or not at all, one writer at a time, and never with a secret. PYTEST_DONT_REWRITE

The order is: redact the values, serialise them, ``seal`` the text, ``write`` or ``update`` the file. The bytes are
scanned for secrets, put into a temporary file in the same folder, flushed to the disk and moved over the old file.
Whatever happens, the old file or the new one is there.

``seal`` ends a YAML text with its count of entries and a checksum; ``unsealed`` says whether a file still is what was
written, or was cut off, edited, or left with the marks of a merge.
"""

import errno
import hashlib
import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, TypeAlias

from pytest_llmreplay.errors import DamagedFile, SecretsLeft, WriteProblem
from pytest_llmreplay.redaction.redactor import Redactor

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

PATIENCE: Final = 30.0
"""Seconds to wait for another process that writes the same file."""
PAUSE: Final = 0.02
Change: TypeAlias = Callable[[bytes | None], bytes | None]
"""What a file is to hold, given what it holds; None is no file."""
State: TypeAlias = Literal["whole", "edited", "cut", "unsealed"]


@dataclass(frozen=True, slots=True)
class Guard:
    """What stands between a text and the disk: the redactor whose scan refuses secrets, and whether it is heeded."""

    redactor: Redactor
    allow_secrets: bool = False

    def check(self, path: Path, data: bytes) -> None:
        """Raise SecretsLeft, naming kinds and lines, where a secret was left in the bytes."""
        if self.allow_secrets:
            return
        if hits := self.redactor.scan(data):
            raise SecretsLeft(path, [str(hit) for hit in hits])


def write(path: Path, data: bytes, guard: Guard) -> None:
    """Write a file whole, or leave the old one. Raises SecretsLeft and WriteProblem."""
    update(path, lambda _: data, guard)


def update(path: Path, change: Change, guard: Guard) -> bool:
    """Read a file, change it and put the new one in its place, while no other process can.

    ``change`` gets the old bytes, or None where there is no file; what it returns takes their place, None removes the
    file. Returns whether anything changed. Raises SecretsLeft and WriteProblem; what ``change`` raises goes through.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with locked(path):
            old = path.read_bytes() if path.exists() else None
            new = change(old)
            if new == old:
                return False
            if new is None:
                os.unlink(path)  # noqa: PTH108 - all that touches the disk here goes through os
                return True
            guard.check(path, new)
            replace(path, new)
            return True
    except OSError as error:
        raise WriteProblem(path, error) from None


def keep_unversioned(folder: Path) -> None:
    """Keep a folder of the plugin's own out of version control, where it can be written."""
    note = folder / ".gitignore"
    with suppress(OSError):
        if not note.exists():
            folder.mkdir(parents=True, exist_ok=True)
            replace(note, b"# made by pytest-llmreplay\n*\n")


def replace(path: Path, data: bytes) -> None:
    """Put bytes in the place of a file, through a temporary file beside it. Raises OSError; the old file stays then."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    forget_dead_parts(path)
    try:
        file = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0), 0o666)
        try:
            keep_mode(path, file)
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(file, rest) :]
            os.fsync(file)
        finally:
            os.close(file)
        os.replace(part, path)  # noqa: PTH105
    except BaseException:
        for _ in range(2):  # the first may be what failed
            with suppress(OSError):
                os.unlink(part)  # noqa: PTH108
        raise
    sync_folder(path.parent)


def keep_mode(path: Path, file: int) -> None:
    """Give the new file the permissions of the old one."""
    if hasattr(os, "fchmod"):
        with suppress(OSError):
            os.fchmod(file, path.stat().st_mode & 0o777)


def sync_folder(folder: Path) -> None:
    """Put the change of names on the disk, where the system can; the file itself is there already."""
    with suppress(OSError):
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)


def forget_dead_parts(path: Path) -> None:
    """Remove what a killed process left behind when it wrote this file."""
    for part in path.parent.glob(f".{path.name}.*.part"):
        number = part.name.removesuffix(".part").rpartition(".")[2]
        if number.isdecimal() and not alive(int(number)):
            with suppress(OSError):
                os.unlink(part)  # noqa: PTH108


def alive(process: int) -> bool:
    """Whether a process runs on this machine, as far as can be told."""
    if os.name != "posix":
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Alone with a file among all processes that use this lock. Raises OSError, TimeoutError where it takes too long.

    The operating system gives the lock back when its holder dies.
    """
    lock = path.with_name(f".{path.name}.lock")
    file = acquired(lock)
    try:
        yield
    finally:
        with suppress(OSError):
            os.unlink(lock)  # noqa: PTH108 - while it is held: whoever waits for it sees that it is gone
        os.close(file)


def acquired(lock: Path) -> int:
    """The open lock file, when it is ours. Raises OSError, TimeoutError where another process keeps it."""
    end = time.monotonic() + PATIENCE
    while True:
        file = os.open(lock, os.O_RDWR | os.O_CREAT, 0o666)
        mine, holder = False, ""
        try:
            mine = taken(file)
            if mine and same_file(file, lock):
                os.ftruncate(file, 0)
                os.write(file, f"{os.getpid()}\n".encode())
                return file
            holder = os.read(file, 20).decode("ascii", "replace").strip()
        except BaseException:
            if mine:
                with suppress(OSError):
                    os.unlink(lock)  # noqa: PTH108
            os.close(file)
            raise
        os.close(file)
        if time.monotonic() > end:
            raise TimeoutError(errno.ETIMEDOUT, f"locked by process {holder or 'unknown'} for {PATIENCE:.0f} s")
        time.sleep(PAUSE)


def taken(file: int) -> bool:
    """Whether the lock of an open file could be taken at once."""
    try:
        if fcntl is not None:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        else:
            import msvcrt

            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
    except OSError as error:
        if error.errno in (errno.EWOULDBLOCK, errno.EACCES, errno.EDEADLK):
            return False
        raise
    return True


def same_file(file: int, path: Path) -> bool:
    """Whether an open file is still the one of that name: its last holder removes it."""
    try:
        return os.path.samestat(os.fstat(file), os.stat(path))  # noqa: PTH116
    except FileNotFoundError:
        return False


SEAL = re.compile(rb"^count: (\d+)\nchecksum: ([0-9a-f]{16})\n?\Z", re.MULTILINE)
CONFLICT = re.compile(rb"^(?:<{7} |={7}$|>{7} )", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Sealed:
    """What a sealed file holds, and whether it still is what was written."""

    text: str
    """All before the seal."""
    count: int
    """Entries that were written; -1 where no seal says so."""
    state: State
    """``edited``: the checksum is another; ``cut``: the end is missing; ``unsealed``: it never had one."""


def seal(text: str, count: int) -> bytes:
    """A YAML mapping with the members ``count`` and ``checksum`` at its end, as UTF-8."""
    body = text.encode("utf-8")
    if not body.endswith(b"\n"):
        body += b"\n"
    return body + f"count: {count}\nchecksum: {checksum(body)}\n".encode()


def unsealed(data: bytes, path: Path) -> Sealed:
    """The text of a sealed file. Raises DamagedFile for marks of a merge and for bytes that are no UTF-8."""
    data = data.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n")
    if found := CONFLICT.search(data):
        line = data.count(b"\n", 0, found.start()) + 1
        raise DamagedFile(path, line, "marks of a merge conflict; resolve the conflict, then run the tests again")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise DamagedFile(path, line, f"no UTF-8 at byte {error.start}") from None
    found = SEAL.search(data)
    if found is None:
        return Sealed(text, -1, "cut" if b"\nchecksum:" not in data else "edited")
    body = data[: found.start()]
    whole = found[2].decode() == checksum(body)
    return Sealed(body.decode("utf-8"), int(found[1]), "whole" if whole else "edited")


def checksum(body: bytes) -> str:
    """The first 16 hexadecimal digits of SHA-256."""
    return hashlib.sha256(body).hexdigest()[:16]
