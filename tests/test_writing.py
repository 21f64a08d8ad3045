import errno
import os
import random
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from pytest_llmreplay import writing
from pytest_llmreplay.errors import DamagedFile, SecretsLeft, WriteProblem
from pytest_llmreplay.redaction.redactor import Redactor
from pytest_llmreplay.writing import Guard, Sealed, seal, unsealed, update, write

GUARD = Guard(Redactor(environment={}))
OLD, NEW = b"old\n" * 50, b"new\n" * 5_000
CALLS = ("open", "write", "fsync", "replace", "unlink", "close", "stat")


class Faults:
    """Makes the Nth call of the operating system's functions fail, or take only a part of what is written."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, nth: int, error: int) -> None:
        self.nth, self.error, self.fired, self.seen = nth, error, "", 0
        for name in CALLS:
            monkeypatch.setattr(os, name, self.failing(name, getattr(os, name)))

    def failing(self, name: str, real: Callable[..., object]) -> Callable[..., object]:
        def call(*args: object, **kwargs: object) -> object:
            self.seen += 1
            if self.seen == self.nth:
                self.fired = name
                if name == "close":
                    real(*args, **kwargs)
                raise OSError(self.error, os.strerror(self.error))
            return real(*args, **kwargs)

        return call


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EIO, errno.EROFS])
@pytest.mark.parametrize("before", [OLD, None], ids=["a file", "no file"])
def test_whatever_fails_the_old_file_or_the_new_one_is_there(tmp_path: Path, before: bytes | None, error: int) -> None:
    fired = []
    for nth in range(1, 100):
        path = tmp_path / f"{nth}" / "file.yaml"
        path.parent.mkdir()
        if before is not None:
            path.write_bytes(before)
        told = ""
        with pytest.MonkeyPatch.context() as patch:
            faults = Faults(patch, nth, error)
            try:
                write(path, NEW, GUARD)
            except WriteProblem as problem:
                told = str(problem)
        now = path.read_bytes() if path.exists() else None
        assert now in (before, NEW), faults.fired
        assert told in ("", f"{path}: cannot be written: {os.strerror(error)}")
        assert told or now == NEW, faults.fired
        left = [each.name for each in path.parent.iterdir() if each != path and faults.fired != "unlink"]
        assert left == [], faults.fired
        if not faults.fired:
            break
        fired.append(faults.fired)
    assert not faults.fired
    assert set(fired) >= {"open", "write", "fsync", "replace", "unlink"}


def test_a_disk_that_takes_a_part_at_a_time_gets_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.write
    monkeypatch.setattr(os, "write", lambda file, data: real(file, bytes(data[:7])))
    write(tmp_path / "file", NEW, GUARD)
    assert (tmp_path / "file").read_bytes() == NEW


@pytest.mark.skipif(os.name != "posix" or not os.getuid(), reason="root may write anywhere")
def test_a_read_only_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(OLD)
    tmp_path.chmod(0o555)
    try:
        with pytest.raises(WriteProblem, match="file: cannot be written: Permission denied"):
            write(tmp_path / "file", NEW, GUARD)
    finally:
        tmp_path.chmod(0o755)
    assert (tmp_path / "file").read_bytes() == OLD


FULL = """
import resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))
try:
    write(path, b"new " * 100_000, GUARD)
except Exception as error:
    print(error)
"""


@pytest.mark.skipif(os.name != "posix", reason="a limit of the system")
def test_a_full_disk_is_named_and_the_old_file_stays(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(OLD)
    said, _ = process(FULL, path).communicate(timeout=60)
    assert said.decode() == f"{path}: cannot be written: File too large\n"
    assert path.read_bytes() == OLD
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_keeps_its_permissions(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(OLD)
    path.chmod(0o640)
    write(path, NEW, GUARD)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_file_with_a_secret_is_not_written(tmp_path: Path) -> None:
    path = tmp_path / "file"
    data = b"line\nkey: ghp_" + b"16C7e42F292c6912E7710c838347Ae178B4a\n"
    with pytest.raises(SecretsLeft) as error:
        write(path, data, GUARD)
    told = f"{path}: not written, for it would hold secrets: github-token in line 2 (--llm-allow-secrets writes it)"
    assert str(error.value) == told
    assert list(tmp_path.iterdir()) == []
    write(path, data, Guard(GUARD.redactor, allow_secrets=True))
    assert path.read_bytes() == data


def test_an_update_reads_changes_and_replaces(tmp_path: Path) -> None:
    path = tmp_path / "new folder" / "file"
    assert update(path, lambda old: (old or b"") + b"a", GUARD)
    assert update(path, lambda old: (old or b"") + b"b", GUARD)
    assert not update(path, lambda old: old, GUARD)
    assert path.read_bytes() == b"ab"
    assert update(path, lambda old: None, GUARD)
    assert list(path.parent.iterdir()) == []


def test_what_a_change_raises_goes_through_and_leaves_nothing(tmp_path: Path) -> None:
    def change(old: bytes | None) -> bytes:
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        update(tmp_path / "file", change, GUARD)
    assert list(tmp_path.iterdir()) == []


def process(code: str, *args: object) -> "subprocess.Popen[bytes]":
    start = (
        "import sys\nfrom pathlib import Path\nfrom pytest_llmreplay.writing import *\n"
        "GUARD = Guard(Redactor(environment={}))\npath = Path(sys.argv[1])\n"
    )
    return subprocess.Popen([sys.executable, "-c", start + code, *map(str, args)], stdout=subprocess.PIPE)


def test_processes_that_write_the_same_file_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "file"
    code = "for n in range(60): update(path, lambda old: (old or b'') + f'{sys.argv[2]} {n}\\n'.encode(), GUARD)"
    writers = [process(code, path, number) for number in range(3)]
    assert [writer.communicate(timeout=60) and writer.returncode for writer in writers] == [0, 0, 0]
    expected = [f"{number} {n}" for number in range(3) for n in range(60)]
    assert sorted(path.read_text().splitlines()) == sorted(expected)
    assert list(tmp_path.iterdir()) == [path]


WRITES = """
body = b'x' * int(sys.argv[2])
print('ready', flush=True)
for n in range(10**9):
    update(path, lambda old: seal(f'n: {n}\\nbody: ' + body.decode() + '\\n', n), GUARD)
"""


@pytest.mark.skipif(os.name != "posix", reason="a signal")
def test_a_writer_that_is_killed_at_any_moment_leaves_a_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    chance = random.Random(os.environ.get("LLM_KILL_SEED", "1"))  # noqa: S311 - nothing secret
    for _ in range(int(os.environ.get("LLM_KILLS", "10"))):
        writer = process(WRITES, path, 300_000)
        assert writer.stdout
        writer.stdout.readline()
        time.sleep(chance.random() * 0.2)
        writer.send_signal(signal.SIGKILL)
        writer.wait()
        writer.stdout.close()
        if path.exists():
            assert unsealed(path.read_bytes(), path).state == "whole"
    write(path, b"done\n", GUARD)
    assert list(tmp_path.iterdir()) == [path]


def test_a_lock_that_another_process_keeps_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "PATIENCE", 0.1)
    path = tmp_path / "file"
    holder = process("import time\nwith locked(path): print('held', flush=True); time.sleep(60)", path)
    assert holder.stdout
    holder.stdout.readline()
    try:
        with pytest.raises(WriteProblem) as error:
            write(path, NEW, GUARD)
    finally:
        holder.kill()
        holder.wait()
        holder.stdout.close()
    assert str(error.value) == f"{path}: cannot be written: locked by process {holder.pid} for 0 s"
    write(path, NEW, GUARD)
    assert list(tmp_path.iterdir()) == [path]


def test_a_sealed_text_comes_back_whole() -> None:
    data = seal("a: 1\nb: 2\n", 2)
    assert data == b"a: 1\nb: 2\ncount: 2\nchecksum: d02b8bb58aa82e87\n"
    assert unsealed(data, Path("f")) == Sealed("a: 1\nb: 2\n", 2, "whole")
    assert unsealed(data.replace(b"\n", b"\r\n"), Path("f")).state == "whole"


def test_a_file_that_was_cut_off_anywhere_is_known_as_such() -> None:
    data = seal("a: 1\nb: 2\n", 2)
    assert {unsealed(data[:length], Path("f")).state for length in range(len(data) - 1)} <= {"cut", "edited"}


def test_a_file_that_was_edited_is_known_as_such() -> None:
    assert unsealed(seal("a: 1\n", 1).replace(b"a: 1", b"a: 2"), Path("f")) == Sealed("a: 2\n", 1, "edited")


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (
            b"a: 1\n<<<<<<< HEAD\nb: 1\n=======\nb: 2\n>>>>>>> other\n",
            "f:2: marks of a merge conflict; resolve the conflict, then run the tests again",
        ),
        (b"a: 1\nb: \xff\n", "f:2: no UTF-8 at byte 8"),
    ],
)
def test_a_damaged_file_is_said_to_be_so(data: bytes, told: str) -> None:
    with pytest.raises(DamagedFile) as error:
        unsealed(data, Path("f"))
    assert str(error.value) == told
