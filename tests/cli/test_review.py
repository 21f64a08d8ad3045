"""``llmreplay review``."""

import json
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from pytest_llmreplay.redaction.redactor import Redactor
from pytest_llmreplay.snapshots.pending import Pending, keep, waiting
from pytest_llmreplay.snapshots.store import change, load
from pytest_llmreplay.writing import Guard
from tests.cli.conftest import Command

GUARD = Guard(Redactor(environment={}))
FILE = "tests/__llm__/test_shop.yaml"


@pytest.fixture
def ids(run: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A value that changed, a long new one, and one whose approved value changed since."""
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.delenv("BUILD_NUMBER", raising=False)
    change(tmp_path / FILE, {"a": {"x": 1}, "c": 1}, GUARD)
    all_three = [
        Pending(file=FILE, name="a", kind="changed", old={"x": 1}, new={"x": 2}),
        Pending(file=FILE, name="b", kind="new", old=None, new=[*range(7)]),
        Pending(file=FILE, name="c", kind="changed", old=0, new=2),
    ]
    for each in all_three:
        keep(tmp_path, each, GUARD)
    return [each.id for each in all_three]


def entries(root: Path) -> dict[str, object]:
    return dict(load(root / FILE).values)


def test_without_a_terminal_it_lists_what_waits(run: Command, ids: list[str]) -> None:
    a, b, c = ids
    listed = run("review").output
    assert listed == run("review", "list").output
    assert listed == (
        f"{a}  a  (changed, {FILE})\n"
        "  x\n"
        "    - 1\n"
        "    + 2\n"
        f"{b}  b  (new, {FILE})\n"
        "    - 0\n"
        "    - 1\n"
        "    - 2\n"
        "    - 3\n"
        "    - 4\n"
        "  … 2 more lines (review list --diff shows them)\n"
        f"{c}  c  (changed, {FILE})\n"
        "  the value\n"
        "    - 0\n"
        "    + 2\n"
    )
    assert "    - 6\n" in run("review", "list", "--diff").output


def test_a_script_gets_everything_as_json(run: Command, ids: list[str]) -> None:
    listed = json.loads(run("review", "list", "--json").output)
    assert [each["id"] for each in listed] == ids
    assert listed[0] == {
        "id": ids[0], "file": FILE, "name": "a", "kind": "changed", "old": {"x": 1}, "new": {"x": 2},
    }  # fmt: skip


def test_values_are_accepted_and_rejected_by_the_beginnings_of_their_ids(
    run: Command, ids: list[str], tmp_path: Path
) -> None:
    a, b, _ = ids
    assert run("review", "accept", a[:6], a).output == f"accepted {a}  a\n"
    assert run("review", "reject", b).output == f"rejected {b}  b\n"
    assert entries(tmp_path) == {"a": {"x": 2}, "c": 1}
    assert [each.name for each in waiting(tmp_path)] == ["c"]


def test_an_id_that_is_none_does_nothing_at_all(run: Command, ids: list[str], tmp_path: Path) -> None:
    assert "zz: no pending value; there are " in run("review", "accept", ids[0], "zz", status=2).output
    assert [each.name for each in waiting(tmp_path)] == ["a", "b", "c"]


def test_all_are_accepted_but_what_was_approved_otherwise_since(run: Command, ids: list[str], tmp_path: Path) -> None:
    a, b, c = ids
    told = json.loads(run("review", "accept-all", "--json", status=1).output)
    why = f"{c} c: the approved value was changed since; run the test again"
    assert told == {"accepted": [a, b], "problems": [why]}
    assert entries(tmp_path) == {"a": {"x": 2}, "b": [*range(7)], "c": 1}
    assert run("review", "accept", c, status=1).output == f"not accepted: {why}\n"


def test_the_root_folder_is_found_from_below(
    run: Command, ids: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path / "tests")
    run("review", "accept", ids[0])
    assert entries(tmp_path)["a"] == {"x": 2}
    assert run("review", "--root", "__llm__", "list").output == "no pending values\n"
    assert run("review", "--root", "x", status=2).output == "llmreplay: --root x: no such folder\n"


@pytest.mark.parametrize("name", ["CI", "BUILD_NUMBER"])
def test_nothing_is_approved_under_ci(
    run: Command, ids: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "1")
    for args in (["accept-all"], ["accept", ids[0]]):
        assert f"review: refused under CI ({name} is set)" in run("review", *args, status=2).output
    assert len(waiting(tmp_path)) == 3
    run("review", "list")


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals")
def test_at_a_terminal_it_asks_of_each(ids: list[str], tmp_path: Path) -> None:
    ours, terminal = os.openpty()
    command = [sys.executable, "-m", "pytest_llmreplay.cli", "review"]
    with subprocess.Popen(command, stdin=terminal, stdout=terminal, stderr=terminal) as process:
        os.close(terminal)
        os.write(ours, b"a\ns\nq\n")
        said = b""
        with suppress(OSError):  # the other side is closed
            while more := os.read(ours, 10_000):
                said += more
    os.close(ours)
    assert process.returncode == 0
    assert said.decode().rstrip().endswith("1 accepted, 0 rejected, 2 skipped")
    assert entries(tmp_path)["a"] == {"x": 2}
    assert [each.name for each in waiting(tmp_path)] == ["b", "c"]
