"""``llmreplay upgrade``."""

from pathlib import Path

import pytest

from pytest_llmreplay.errors import DamagedFile
from pytest_llmreplay.redaction.redactor import Redactor
from pytest_llmreplay.snapshots import caseupgrade, storeupgrade
from pytest_llmreplay.snapshots.store import change, load
from pytest_llmreplay.writing import Guard
from tests.cli.conftest import Command


@pytest.fixture
def case(run: Command, tmp_path: Path) -> Path:
    """One case file."""
    run("add", "traces.jsonl", "-s", "request=req-1", "--into", "cases")
    return next((tmp_path / "cases").iterdir())


def edit(case: Path, old: str, new: str) -> None:
    text = case.read_text("utf-8")
    assert old in text
    case.write_text(text.replace(old, new, 1), "utf-8")


def test_a_file_of_today_stays_as_it_is(run: Command, case: Path) -> None:
    before = case.read_bytes()
    assert run("upgrade", "cases").output == ""
    assert case.read_bytes() == before


def test_an_edit_by_hand_becomes_what_was_recorded(run: Command, case: Path) -> None:
    edit(case, "Hello?", "Good morning?")
    assert run("upgrade", "cases", "--check", status=1).output == f"would change cases/{case.name}\n"
    assert run("upgrade", "cases").output == f"upgraded cases/{case.name}\n"
    assert run("upgrade", "cases", "--check").output == ""
    assert "Good morning?" in case.read_text("utf-8")


def test_an_older_format_is_read_and_upgraded_by_its_own_rule(
    run: Command, case: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = case.read_bytes()
    edit(case, "version: 1", "version: 0")
    edit(case, "\noutput: Hello.", "\nanswer: Hello.")
    assert "version 0 is older than 1; llmreplay upgrade writes the file anew" in run("ls", "cases", status=2).output
    assert "there is no way from version 0 to 1" in run("upgrade", "cases", status=1).output

    def migrate(value: dict[str, object]) -> dict[str, object]:
        return {("output" if name == "answer" else name): each for name, each in value.items()}

    monkeypatch.setattr(caseupgrade, "MIGRATIONS", {0: migrate})
    run("upgrade", str(case))
    assert case.read_bytes() == new


def test_a_wrong_edit_is_told_and_the_file_stays(run: Command, case: Path) -> None:
    edit(case, "kind: tool", "kind: toll")
    before = case.read_bytes()
    assert f"cases/{case.name}:" in (told := run("upgrade", "cases", status=1).output)
    assert "did you mean 'tool'?" in told
    assert case.read_bytes() == before


@pytest.fixture
def approved(run: Command, tmp_path: Path) -> Path:
    """One snapshot file."""
    path = tmp_path / "tests" / "__llm__" / "test_shop.yaml"
    change(path, {"test_a": {"text": "Hello."}, "test_b": 1}, Guard(Redactor(environment={})))
    return path


def test_snapshots_that_were_edited_by_hand_are_approved_as_they_are(run: Command, approved: Path) -> None:
    assert run("upgrade", "tests").output == ""
    edit(approved, "Hello.", "Good morning.")
    with pytest.raises(DamagedFile, match="edited by hand"):
        load(approved)
    assert run("upgrade", "tests", "--check", status=1).output == "would change tests/__llm__/test_shop.yaml\n"
    assert run("upgrade", str(approved)).output == f"upgraded {approved}\n"
    assert load(approved).values == {"test_a": {"text": "Good morning."}, "test_b": 1}


def test_snapshots_of_an_older_format_are_upgraded_by_its_own_rule_or_refused(
    run: Command, approved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = approved.read_bytes()
    edit(approved, "format: 1", "format: 0")
    edit(approved, "\nentries:", "\nvalues:")
    old = approved.read_bytes()
    told = run("upgrade", "tests", status=1).output
    assert told == "tests/__llm__/test_shop.yaml:1: there is no way from snapshot format 0 to 1\n"
    assert approved.read_bytes() == old
    with pytest.raises(DamagedFile, match="snapshot format 0, and this version reads 1; use llmreplay upgrade"):
        load(approved)

    def migrate(value: dict[str, object]) -> dict[str, object]:
        return {("entries" if name == "values" else name): each for name, each in value.items()}

    monkeypatch.setattr(storeupgrade, "MIGRATIONS", {0: migrate})
    run("upgrade", "tests")
    assert approved.read_bytes() == new


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("format: 1", "format: 2", ":1: snapshot format 2, and this version reads 1; use a newer pytest-llmreplay"),
        ("format: 1", "format: true", ":1: snapshot format True, and this version reads 1; use a newer"),
        ("\nchecksum", "\n#", ": no end: cut off; take it from version control"),
        ("entries:\n", "entries:\n<<<<<<< HEAD\n", ":5: marks of a merge conflict; resolve the conflict"),
    ],
    ids=["newer", "no number", "cut off", "conflict"],
)
def test_snapshots_that_cannot_be_upgraded_are_told_and_stay(
    run: Command, approved: Path, old: str, new: str, told: str
) -> None:
    edit(approved, old, new)
    before = approved.read_bytes()
    said = run("upgrade", "tests", status=1).output
    assert said.startswith("tests/__llm__/test_shop.yaml:")
    assert told.removeprefix(":") in said
    assert approved.read_bytes() == before


def test_a_folder_without_either_is_an_error(run: Command, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    said = run("upgrade", "empty", status=2).output
    assert said == "llmreplay: empty: no case file (*.llmcase.yaml) and no snapshots (__llm__/*.yaml)\n"
