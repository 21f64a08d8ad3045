"""``llm_redact`` and ``llm_pii`` of the project's configuration, in commands that run outside pytest."""

import json
from pathlib import Path

import pytest

from pytest_llmreplay.cli.configured import configuration, redactor
from pytest_llmreplay.errors import UsageProblem
from tests.cli.conftest import Command, request

INI = "[pytest]\naddopts = -q\nllm_redact =\n    parcel\n    EMP-\\d+\n"
FILES = {
    "pytest.ini": INI,
    ".pytest.ini": INI,
    "tox.ini": INI,
    "setup.cfg": INI.replace("[pytest]", "[tool:pytest]"),
    "pyproject.toml": "[tool.pytest.ini_options]\nllm_redact = ['parcel', 'EMP-\\d+']\n",
    "pytest.toml": "[pytest]\nllm_redact = ['parcel', 'EMP-\\d+']\n",
}


@pytest.mark.parametrize("name", FILES)
def test_each_file_that_pytest_reads_is_read_from_here_upwards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    (tmp_path / name).write_text(FILES[name], encoding="utf-8")
    (tmp_path / "tests").mkdir()
    monkeypatch.chdir(tmp_path / "tests")
    assert redactor().text("parcel of EMP-17").count("[redacted:custom:") == 2


def test_a_file_without_a_table_of_pytest_is_passed_by(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "tox.ini").write_text("[tox]\nenvlist = py\n", encoding="utf-8")
    (tmp_path / "pytest.ini").write_text(INI, encoding="utf-8")
    assert configuration(tmp_path / "tests")["addopts"] == "-q"


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("pytest.ini", "[pytest]\nllm_redact = a(b\n", "llm_redact: 'a(b' is no regular expression"),
        ("pyproject.toml", "[tool.pytest\n", "pyproject.toml: cannot be read: "),
        ("pytest.ini", "nonsense\n", "pytest.ini: cannot be read: "),
    ],
)
def test_what_cannot_be_used_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, text: str, told: str
) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageProblem) as problem:
        redactor()
    assert told in str(problem.value)


def test_case_files_and_trace_files_are_written_without_what_the_project_wants_out(
    run: Command, tmp_path: Path
) -> None:
    (tmp_path / "pytest.ini").write_text(INI, encoding="utf-8")
    run("add", "traces.jsonl", "-s", "request=req-1", "--into", "cases")
    (case,) = (tmp_path / "cases").iterdir()
    assert "parcel" not in case.read_text(encoding="utf-8").replace("source: traces.jsonl", "")
    run("redact", "traces.jsonl", "--pattern", "Bye")
    assert b"parcel" not in (tmp_path / "traces.jsonl").read_bytes()
    assert b"Bye" not in (tmp_path / "traces.jsonl").read_bytes()


def test_an_upgraded_file_is_scanned_by_the_rules_of_the_project(run: Command, tmp_path: Path) -> None:
    run("add", "traces.jsonl", "-s", "request=req-1", "--into", "cases")
    (case,) = (tmp_path / "cases").iterdir()
    case.write_text(case.read_text(encoding="utf-8").replace("Hello.", "Hello!"), encoding="utf-8")
    (tmp_path / "pytest.ini").write_text(INI, encoding="utf-8")
    before = case.read_bytes()
    assert "custom in line" in run("upgrade", "cases", status=2).output
    assert case.read_bytes() == before


@pytest.mark.parametrize("command", ["show", "ls"])
def test_what_is_listed_and_shown_has_no_secrets(run: Command, tmp_path: Path, command: str) -> None:
    secret = "sk-proj-" + "Ab3" * 16
    (tmp_path / "pytest.ini").write_text(INI, encoding="utf-8")
    (tmp_path / "secret.jsonl").write_bytes(request(1, f"Use {secret}, EMP-17."))
    for more in ((), ("--json",)):
        told = run(command, "secret.jsonl", *more).output
        assert secret not in told
        assert "EMP-17" not in told
        assert secret[:16] not in told


def test_a_difference_shows_no_secrets_and_equal_ones_are_equal(run: Command, tmp_path: Path) -> None:
    secret = "sk-proj-" + "Ab3" * 16
    (tmp_path / "one.jsonl").write_bytes(request(1, f"Use {secret}."))
    (tmp_path / "two.jsonl").write_bytes(request(1, f"Use {secret[::-1]} or {secret}."))
    run("add", "one.jsonl", "--into", "cases")
    (case,) = (tmp_path / "cases").iterdir()
    assert run("diff", "one.jsonl", str(case)).output == "no difference\n"
    for more in ((), ("--json",)):
        told = run("diff", "one.jsonl", "two.jsonl", *more, status=1).output
        assert secret not in told
    assert json.loads(told)
