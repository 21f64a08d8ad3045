"""``llmreplay refresh``, with real runs of pytest before a provider on this machine."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import Command
from tests.sample import OPENAI, jsonl, traced

sys.path.insert(0, str(Path(__file__).parents[2] / "examples" / "support_bot"))

from provider_double import ProviderDouble, Reply, Rule


@pytest.fixture
def double() -> Iterator[ProviderDouble]:
    """A provider that says another thing than production's did."""
    with ProviderDouble([Rule("Where is my order?", Reply("It was lost."))]) as found:
        yield found


@pytest.fixture
def case(run: Command, double: ProviderDouble, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A case file, and its application before the provider."""
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    client = f'OpenAI(base_url="{double.base_url}", max_retries=0, default_headers={{"connection": "close"}})'
    (tmp_path / "shop.py").write_text(OPENAI.replace("OpenAI()", client), "utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\n", "utf-8")
    (tmp_path / "support.jsonl").write_bytes(jsonl(traced()))
    run("add", "support.jsonl", "--into", "tests/llm")
    (found,) = (tmp_path / "tests" / "llm").iterdir()
    return found


def test_a_case_is_recorded_anew_and_what_changed_is_shown(run: Command, case: Path, double: ProviderDouble) -> None:
    told = run("refresh", "tests/llm", "--app", "shop:answer", status=1).output
    assert "recorded It is on its way., now It was lost." in told
    assert len(double.requests) == 1
    text = case.read_text("utf-8")
    assert "It was lost." in text
    assert json.loads(run("refresh", "tests/llm", "--app", "shop:answer", "--json").output) == []


def test_what_a_case_expects_stays_and_is_not_held_against_the_new_answer(run: Command, case: Path) -> None:
    before = case.read_text("utf-8")
    assert "expected: It is on its way." in before
    run("refresh", "tests/llm", "--app", "shop:answer", status=1)
    assert "expected: It is on its way." in case.read_text("utf-8")


def test_a_case_whose_run_fails_stays_as_it_was(run: Command, case: Path) -> None:
    before = case.read_bytes()
    Path("shop.py").write_text("def answer(question):\n    raise KeyError(question)\n", "utf-8")
    result = run("refresh", "tests/llm", "--app", "shop:answer", status=2)
    assert "refresh: pytest ended with status 1" in result.output + result.stderr
    assert case.read_bytes() == before


def test_a_trace_that_is_no_case_file_is_not_touched(run: Command, case: Path) -> None:
    result = run("refresh", "support.jsonl", status=2)
    assert "support.jsonl is no case file; make one with llmreplay add" in result.output + result.stderr
