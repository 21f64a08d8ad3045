"""``llmreplay upgrade``."""

from pathlib import Path

import pytest

from pytest_llmreplay.snapshots import caseupgrade
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
