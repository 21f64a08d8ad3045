"""``llmreplay add``."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.builders import chat_attributes, export, line, otlp_span, question
from tests.cli.conftest import Command, request

ONE = ("add", "traces.jsonl", "-s", "request=req-1")
FILE = "where-is-my-parcel-00000000.llmcase.yaml"


def test_one_file_for_each_trace_where_tests_are(run: Command, tmp_path: Path) -> None:
    assert run(*ONE).output == f"new      tests/llm/{FILE}\n"
    text = (tmp_path / "tests" / "llm" / FILE).read_text(encoding="utf-8")
    assert "output: Hello.\nexpected: Hello.\n" in text


def test_added_again_it_is_the_same_to_the_byte(run: Command, tmp_path: Path) -> None:
    run("add", "traces.jsonl", "--into", "cases")
    before = {path: path.read_bytes() for path in (tmp_path / "cases").iterdir()}
    told = run("add", "traces.jsonl", "--into", "cases").output
    assert [line.split()[0] for line in told.splitlines()] == ["same", "same", "same"]
    assert {path: path.read_bytes() for path in (tmp_path / "cases").iterdir()} == before


def test_a_case_file_added_elsewhere_is_the_same_file(run: Command, tmp_path: Path) -> None:
    run(*ONE, "--into", "a")
    run("add", "a", "--into", "b")
    assert (tmp_path / "b" / FILE).read_bytes() == (tmp_path / "a" / FILE).read_bytes()


def test_what_failed_in_production_is_not_expected(run: Command, tmp_path: Path) -> None:
    run("add", "traces.jsonl", "-s", "status=error")
    assert "expected: null\nbecause: >-\n" not in (text := next(tmp_path.glob("tests/llm/*")).read_text("utf-8"))
    assert "output: Hello.\nexpected: null\nbecause: 'the request failed in production: boom'\n" in text


def test_a_name_is_its_title_and_the_name_of_the_file(run: Command, tmp_path: Path) -> None:
    assert run(*ONE, "--name", "Lost parcel").output == "new      tests/llm/lost-parcel-00000000.llmcase.yaml\n"
    assert "title: Lost parcel\n" in next(tmp_path.glob("tests/llm/*")).read_text("utf-8")
    assert run("ls", "tests/llm").output.startswith("lost-parcel-0000 ")
    assert "--name is for one trace; 3 are selected" in run("add", "traces.jsonl", "--name", "x", status=2).output


def test_what_was_edited_by_hand_is_left_and_raises_the_exit_status(run: Command, tmp_path: Path) -> None:
    run(*ONE)
    path = tmp_path / "tests" / "llm" / FILE
    path.write_text(path.read_text("utf-8").replace("Hello?", "Good morning?"), "utf-8")
    assert "its recorded part was edited by hand; --overwrite writes it anew" in run(*ONE, status=1).output
    assert run(*ONE, "--overwrite").output.startswith("changed")


def test_a_changed_trace_reads_as_a_change_of_behaviour(run: Command, tmp_path: Path) -> None:
    run(*ONE)
    path = tmp_path / "tests" / "llm" / FILE
    before = path.read_text("utf-8").splitlines()
    (tmp_path / "traces.jsonl").write_bytes(request(1, "Hello, you."))
    run("add", "traces.jsonl")
    after = path.read_text("utf-8").splitlines()
    changed = [(old.strip(), new.strip()) for old, new in zip(before, after, strict=True) if old != new]
    assert changed[:2] == [("output: Hello.", "output: Hello, you."), ("- text: Hello.", "- text: Hello, you.")]
    assert len(changed) == 3  # the third is the checksum


def test_secrets_are_not_in_the_file(run: Command, tmp_path: Path) -> None:
    key = "sk-proj-" + "Ab3" * 16
    (tmp_path / "traces.jsonl").write_bytes(request(1, f"Use {key}."))
    run(*ONE)
    assert key not in (tmp_path / "tests" / "llm" / FILE).read_text("utf-8")


def test_json_is_for_scripts(run: Command) -> None:
    assert json.loads(run(*ONE, "--json").output) == [{"path": f"tests/llm/{FILE}", "state": "new"}]


def test_the_same_trace_makes_the_same_file_in_every_process(run: Command, tmp_path: Path) -> None:
    asked = {
        f"gen_ai.request.{name}": value
        for name, value in (("temperature", 0.2), ("top_p", 0.9), ("max_tokens", 20), ("seed", 7), ("top_k", 4))
    }
    told = chat_attributes(told="Hello.", **asked)
    (tmp_path / "asked.jsonl").write_bytes(
        line(
            export(
                otlp_span("ask", attributes=question("Hello?")), otlp_span("chat", number=2, parent=1, attributes=told)
            )
        )
    )
    states = []
    for seed in map(str, range(1, 5)):
        command = [sys.executable, "-m", "pytest_llmreplay.cli", "add", "asked.jsonl", "--into", "cases", "--json"]
        done = subprocess.run(
            command, cwd=tmp_path, env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True
        )
        states += [each["state"] for each in json.loads(done.stdout)]
    assert states == ["new", "same", "same", "same"]
