"""The ini keys ``llm_gate``, ``llm_unclear`` and ``llm_tolerate``."""

import json

import pytest

from tests.plugin.conftest import Project
from tests.sample import ask, traced

TRACES = "llm_traces = traces.jsonl\n"
LONG = """
from pytest_llmreplay import llm_replay
from shop import answer

@llm_replay(evaluators=[lambda ctx: len(ctx.text) > 9])
def test_answer(llm_replay):
    llm_replay.run(answer)
"""


def shop(project: Project, ini: str, short: int = 0) -> None:
    """Ten cases, of which some have an answer that is too short."""
    told = ["No." if number <= short else "It is on its way." for number in range(1, 11)]
    cases = [traced(ask(told=each), number=number) for number, each in enumerate(told, 1)]
    project.shop(*cases, test=LONG, ini=TRACES + ini)


def test_a_gate_that_holds_says_so_and_changes_nothing(project: Project) -> None:
    shop(project, "llm_gate = pass_rate >= 90%\n")
    output = project.run()
    assert "pass rate" in output.summary
    assert ">= 90%  ok" in output.summary


def test_a_gate_that_fails_raises_the_exit_status_and_says_why(project: Project) -> None:
    shop(project, "llm_gate = tokens <= 100\n")
    output = project.run(status=1)
    assert output.last.startswith("10 passed")
    assert output.summary.endswith("exit status 1: tokens <= 100: 180\n")


def test_gates_never_lower_an_exit_status(project: Project) -> None:
    shop(project, "llm_gate = pass_rate >= 10%\n", short=1)
    assert ">= 10%  ok" in project.run(status=1).summary


def test_failures_may_be_left_to_the_gates(project: Project) -> None:
    ini = "llm_tolerate = failed\nllm_gate = pass_rate >= 90%\n"
    shop(project, ini, short=1)
    output = project.run()
    assert output.startswith("test_shop.py t.........")
    assert output.last.startswith("9 passed, 1 tolerated")
    told = "1 case tolerated, left to the gates:\n  test_shop.py::test_answer[where-is-my-order-0001]: "
    assert told in output.summary
    shop(project, ini, short=2)
    assert "exit status 1: pass_rate >= 90%: 80.0%" in project.run(status=1).summary


def test_junit_and_reports_tell_what_was_tolerated(project: Project) -> None:
    ini = "llm_tolerate = failed\nllm_gate = pass_rate >= 90%\n"
    shop(project, ini, short=1)
    project.run("--junitxml=out.xml", "--llm-report=md:out.md", "--llm-report=json:out.json")
    text = (project.path / "out.xml").read_text(encoding="utf-8")
    assert text.count('<property name="llm.tolerated" value="failed" />') == 1
    assert 'failures="0"' in text
    told = (project.path / "out.md").read_text(encoding="utf-8")
    assert told.startswith("## llm replay passed: 1 of 10 cases is tolerated, the others hold\n")
    assert "| pass rate |  | 90.0% |  |" in told
    assert "1 case tolerated, left to the gates:\n\n- `test_shop.py::test_answer[where-is-my-order-0001]`: " in told
    totals = json.loads((project.path / "out.json").read_text(encoding="utf-8"))["totals"]
    assert (totals["passed"], totals["tolerated"], totals["pass_rate"]) == (9, 1, 0.9)


def test_what_diverges_is_tolerated_only_where_that_is_said(project: Project) -> None:
    ini = "llm_tolerate = {}\nllm_gate = pass_rate >= 10%\n"
    project.shop(traced(), traced(ask(asked="Something else?"), number=2), test=LONG, ini=TRACES + ini.format("failed"))
    project.run(status=1)
    project.ini(TRACES + ini.format("all"))
    assert project.run().last.startswith("1 passed, 1 tolerated")


def test_nothing_is_tolerated_without_a_gate_on_the_pass_rate(project: Project) -> None:
    shop(project, "llm_tolerate = failed\n")
    told = project.run(status=4).told
    assert "llm_tolerate = failed needs a gate on the pass rate, such as llm_gate = pass_rate >= 90%" in told


def test_a_change_is_held_against_the_baseline(project: Project) -> None:
    shop(project, "llm_gate =\n    tokens <= +5%\n    pass_rate >= -0%\n")
    assert "no baseline: give --llm-baseline=PATH" in project.run().summary
    project.run("--llm-baseline-save=base.json")
    assert project.run("--llm-baseline=base.json").summary.count("  ok") == 2
    project.traces(*(traced(ask(told="It is on its way."), number=number) for number in range(1, 12)))
    assert "exit status 1: tokens <= +5%: 198" in project.run("--llm-baseline=base.json", status=1).summary


def test_a_cost_that_nobody_knows_is_unclear_and_never_green(project: Project) -> None:
    shop(project, "llm_gate = cost <= $1\n")
    project.traces(traced(ask(attributes={"gen_ai.request.model": "house-model-7"})))
    output = project.run("--llm-drift=serve")
    assert "unclear   1 of 1 cases have no known price" in output.summary
    project.ini(TRACES + "llm_gate = cost <= $1\nllm_unclear = error\n")
    assert "exit status 1: cost <= $1: unknown" in project.run("--llm-drift=serve", status=1).summary


@pytest.mark.parametrize(
    ("gate", "message"),
    [
        ("pass_rat >= 90%", "llm_gate: no figure is named 'pass_rat'; did you mean 'pass_rate'?"),
        ("pass_rate = 90%", "llm_gate: 'pass_rate = 90%' is no limit"),
        ("tokens <= 5%", "llm_gate: 'tokens <= 5%': a share of what?"),
        ("pass_rate >= 90", "llm_gate: 'pass_rate >= 90': a rate is at most 100%; did you mean 90%?"),
        ("pass_rate >= -2", "llm_gate: 'pass_rate >= -2': a rate is at most 100%; did you mean -2%?"),
        ("pass_rate >= 900%", "llm_gate: 'pass_rate >= 900%': a rate is at most 100%"),
    ],
)
def test_a_gate_that_means_nothing_is_a_usage_error(project: Project, gate: str, message: str) -> None:
    shop(project, f"llm_gate = {gate}\n")
    assert message in project.run(status=4).told
