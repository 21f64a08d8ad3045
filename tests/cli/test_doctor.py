"""``llmreplay doctor``."""

import json
from pathlib import Path

import pytest

from pytest_llmreplay.cli import doctor
from tests.builders import chat_attributes, export, line, otlp_span, trace_id
from tests.cli.conftest import Command


def test_it_says_what_is_installed_and_that_calls_are_seen(run: Command) -> None:
    told = run("doctor").output
    assert "pytest-llmreplay 0." in told
    assert "openai " in told
    assert ": its calls are seen\n" in told


def test_it_says_which_traces_can_be_replayed_and_why_not(run: Command, tmp_path: Path) -> None:
    empty = {name: value for name, value in chat_attributes().items() if "messages" not in name}
    with (tmp_path / "traces.jsonl").open("ab") as file:
        file.write(line(export(otlp_span("chat", trace=trace_id(9), attributes=empty))))
    told = run("doctor", "traces.jsonl", status=1).output
    assert "3 of 4 traces can be replayed (4 otlp-json)\n" in told
    assert "traces.jsonl:4: step 1, gpt-4o: " in told


def test_an_sdk_that_is_not_seen_raises_the_exit_status(run: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "not_seen", lambda: ["openai 9 speaks through carrier pigeons"])
    assert "openai 9 speaks through carrier pigeons" in run("doctor", status=1).output


def test_what_is_missing_is_said_with_what_to_install(run: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "installed", lambda name: None)
    assert "zst files: pip install 'pytest-llmreplay[zstd]'\n" in run("doctor").output


def test_json_is_for_scripts(run: Command) -> None:
    told = json.loads(run("doctor", "traces.jsonl", "--json").output)
    assert [each["why"] for each in told["traces"]] == ["", "", ""]
    assert told["packages"]["pytest"]
