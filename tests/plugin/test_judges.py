"""Judges at work: their model calls are recorded once, and answered from then on."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import pytest_llmreplay.evaluate.cost
from pytest_llmreplay.report.json import read
from tests.plugin.conftest import Project
from tests.plugin.test_llm_mode import app, provider
from tests.sample import ask, traced

sys.path.insert(0, str(Path(__file__).parents[2] / "examples" / "support_bot"))

from provider_double import ProviderDouble, Reply, Rule

CONFTEST = """
import pytest
from openai import OpenAI

def judge(prompt):
    done = CLIENT.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": prompt}])
    return done.choices[0].message.content

@pytest.fixture(scope="session")
def llm_config():
    return {"judge": judge}
"""
TEST = """
from pytest_llmreplay import llm_replay
from shop import answer

@llm_replay(evaluators=[{"judge": "It is polite."}])
def test_answer(llm_replay):
    llm_replay.run(answer)
"""
SAYS = Reply('Well:\n```json\n{"score": 0.25, "reason": "No please."}\n```')
FAILED = "  judge              0.25     >= 0.5         FAILED   No please."


@pytest.fixture
def double() -> Iterator[ProviderDouble]:
    """A provider whose model finds nothing polite."""
    with ProviderDouble([Rule("It is polite.", SAYS), Rule("It is brief.", Reply('{"score": 1}'))]) as found:
        yield found


@pytest.fixture
def judged(project: Project, double: ProviderDouble) -> Project:
    """A project whose judge asks the double."""
    project.shop(test=TEST)
    project.write(conftest=CONFTEST.replace("CLIENT", provider("OpenAI", double)))
    return project


def recordings(project: Project) -> Path:
    return project.path / "__llm__" / "judges" / "test_shop.yaml"


def test_a_judge_is_recorded_once_and_the_verdict_is_the_same_offline(judged: Project, double: ProviderDouble) -> None:
    output = judged.run("--llm-mode=record", status=1)
    assert FAILED in output.failures
    assert "1 judge call recorded: __llm__/judges/test_shop.yaml\n" in output.summary
    assert "1 model call answered, 0 live" in output.summary, "the judge's call is none of the application's"
    assert len(double.requests) == 1
    before = recordings(judged).read_bytes()
    for mode in ("record", "replay"):
        output = judged.run(f"--llm-mode={mode}", status=1)
        assert FAILED in output.failures
        assert "recorded:" not in output.summary.partition("recorded steps")[0]
    assert len(double.requests) == 1
    assert recordings(judged).read_bytes() == before


def test_another_rubric_has_no_recording_which_is_a_skip_and_under_ci_an_error(
    judged: Project, double: ProviderDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged.run("--llm-mode=record", status=1)
    judged.write(test_shop=TEST.replace("polite", "brief"))
    output = judged.run()
    assert output.last == "1 passed in 0.00s"
    assert "1 judge call without a recording; --llm-mode=record makes them\n" in output.summary
    monkeypatch.setenv("CI", "true")
    output = judged.run(status=1)
    words = "no judge recording of this call of gpt-4o; --llm-mode=record makes one"
    assert f"  judge              -        -              ERROR    {words}\n" in output.failures
    assert len(double.requests) == 1
    judged.run("--llm-mode=record")
    assert judged.run().last == "1 passed in 0.00s"
    assert len(double.requests) == 2


def test_an_evaluator_cannot_swallow_that_its_call_has_no_recording(
    judged: Project, double: ProviderDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", "true")
    own = """
from conftest import judge

def kind(ctx):
    try:
        return judge("It is polite.") == "yes"
    except BaseException:
        return True
"""
    judged.write(test_shop=own + TEST.replace('{"judge": "It is polite."}', "kind"))
    output = judged.run(status=1)
    assert "  kind               -        -              ERROR    no judge recording of this call" in output.failures
    assert double.requests == []


def test_a_judge_of_several_runs_has_an_answer_for_each(judged: Project, double: ProviderDouble) -> None:
    judged.write(test_shop=TEST.replace('"It is polite."', '{"rubric": "It is polite.", "runs": 3}'))
    output = judged.run("--llm-mode=record", status=1)
    assert "3 judge calls recorded" in output.summary
    assert "mean of 3 runs, 0.25 to 0.25: No please." in judged.run(status=1).failures
    assert len(double.requests) == 3


def test_workers_send_what_was_recorded_and_the_controller_writes_it(judged: Project, double: ProviderDouble) -> None:
    judged.shop(traced(), traced(ask(asked="And when?"), number=2, question="And when?"), test=TEST)
    judged.run("--llm-mode=record", "-n2", status=1, alone=True)
    together = recordings(judged).read_bytes()
    recordings(judged).unlink()
    judged.run("--llm-mode=record", status=1)

    def questions(data: bytes) -> list[str]:
        return [line for line in data.decode().splitlines() if line.startswith("  gpt-4o ")]

    assert questions(recordings(judged).read_bytes()) == questions(together)
    assert len(questions(together)) == 2


def test_an_application_that_is_recorded_live_and_its_judge_are_told_apart(
    judged: Project, double: ProviderDouble
) -> None:
    double.rules = [*double.rules, Rule("Where is my order?", Reply("It was lost."))]
    judged.shop(app=app(double).replace("Be brief.", "Be kind."), test=TEST)
    output = judged.run("--llm-mode=record", status=1)
    assert "0 model calls answered, 1 live" in output.summary
    assert "1 judge call recorded" in output.summary


def test_a_damaged_file_of_recordings_is_named(judged: Project, double: ProviderDouble) -> None:
    recordings(judged).parent.mkdir(parents=True)
    recordings(judged).write_text("format: 1\nentries: [", encoding="utf-8")
    output = judged.run(status=1)
    assert "judges/test_shop.yaml:3: not YAML" in output.failures


def test_judges_in_a_pool_of_threads_are_recorded_too(judged: Project, double: ProviderDouble) -> None:
    own = """
from concurrent.futures import ThreadPoolExecutor
from conftest import judge

def kind(ctx):
    with ThreadPoolExecutor(2) as pool:
        return all("0.25" in each for each in pool.map(judge, ["It is polite."] * 2))
"""
    judged.write(test_shop=own + TEST.replace('{"judge": "It is polite."}', "kind"))
    output = judged.run("--llm-mode=record")
    assert "2 judge calls recorded" in output.summary
    assert judged.run().last == "1 passed in 0.00s"
    assert len(double.requests) == 2


def test_secrets_are_not_kept_and_the_recording_is_found_all_the_same(judged: Project, double: ProviderDouble) -> None:
    judged.write(test_shop=TEST.replace("It is polite.", "It is polite. password=garden-7-gate"))
    double.rules = [Rule("It is polite.", Reply('{"score": 0.25, "reason": "password=garden-7-gate is there"}'))]
    judged.run("--llm-mode=record", status=1)
    assert b"garden-7-gate" not in recordings(judged).read_bytes()
    assert "  judge              0.25" in judged.run(status=1).failures
    assert len(double.requests) == 1


def test_a_tool_that_an_evaluator_calls_is_none_of_the_application_s_steps(judged: Project) -> None:
    from tests.plugin.test_llm_patch import function
    from tests.sample import OPENAI

    app = OPENAI + "\n\ndef lookup(order):\n    return 'looked up'\n"
    test = """
import shop
from pytest_llmreplay import llm_replay

def looks(ctx):
    return shop.lookup("A-2") == "looked up"

@llm_replay(patch=["shop.lookup"], evaluators=[looks])
def test_answer(llm_replay):
    llm_replay.run(shop.answer)
    assert shop.lookup("A-1") == "sent"
"""
    judged.shop(traced(extra=(function("lookup", {"order": "A-1"}, "sent", start=10),)), app=app, test=test)
    assert judged.run().last == "1 passed in 0.00s"


def test_what_judges_cost_is_told(judged: Project, double: ProviderDouble, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pytest_llmreplay.evaluate.cost, "installed", lambda: True)
    output = judged.run("--llm-mode=record", status=1)
    assert re.search(r"^\$0\.0\d+ spent on judge calls$", output.summary, re.MULTILINE)
    assert "spent on judge calls" not in judged.run("--llm-mode=record", status=1).summary


def test_what_judges_cost_is_a_figure_that_gates_may_limit_recorded_or_not(
    judged: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pytest_llmreplay.evaluate.cost, "installed", lambda: True)
    judged.ini("llm_traces = traces.jsonl\nllm_gate =\n    judge_cost <= $0.0000001\n    cost <= $1")
    for args in (("--llm-mode=record",), ()):
        output = judged.run(*args, "--llm-report=json:out.json", status=1)
        report = read((judged.path / "out.json").read_text(encoding="utf-8"), "out.json")
        (case,) = report.cases
        assert case.judge_calls == 1
        assert case.judge_usd is not None
        assert report.totals.judge_usd == case.judge_usd > 0
        assert case.cost_usd is not None
        assert case.cost_usd != case.judge_usd
        assert re.search(r"^judge cost +\$0\.0\d+ +<= \$0\.0000001 +FAILED$", output.summary, re.MULTILINE)


def test_what_an_evaluator_asks_of_no_known_provider_is_refused(judged: Project) -> None:
    own = """
import httpx

def asks(ctx):
    return httpx.post("https://telemetry.example.com/v1/track").is_success
"""
    judged.write(test_shop=own + TEST.replace('{"judge": "It is polite."}', "asks"))
    output = judged.run(status=1)
    told = "ERROR    ConnectionRefusedError: POST https://telemetry.example.com/v1/track: no provider knows"
    assert told in output.failures
