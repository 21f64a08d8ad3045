"""``--llm-runs`` and ``runs=``: cases that may come out otherwise are run several times."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.plugin.conftest import Project
from tests.plugin.test_llm_mode import app
from tests.sample import ask, traced

sys.path.insert(0, str(Path(__file__).parents[2] / "examples" / "support_bot"))

from provider_double import ProviderDouble, Reply

JUDGED = """
from pytest_llmreplay import llm_replay
from shop import answer

def found(ctx):
    return "lost" not in ctx.text

@llm_replay(evaluators=[found], MARKED)
def test_answer(llm_replay):
    llm_replay.run(answer)
"""
CASE = "test_shop.py::test_answer[where-is-my-order-0001]"


class Fickle(ProviderDouble):
    """A provider whose answer is bad for one seed of five."""

    def reply_to(self, request: dict[str, Any]) -> Reply:
        self.requests.append(request)
        return Reply("It was lost." if request["seed"] % 5 == 4 else "It is here.")


@pytest.fixture
def fickle() -> Iterator[Fickle]:
    """A provider on this machine."""
    with Fickle([]) as found:
        yield found


def live(project: Project, fickle: Fickle, ini: str = "", marked: str = "mode='live', runs=5") -> None:
    """A case that is run live."""
    test = JUDGED.replace("MARKED", marked)
    project.shop(app=app(fickle), test=test, ini="llm_traces = traces.jsonl\n" + ini)


def test_each_live_run_is_an_item_and_the_rate_has_an_interval(project: Project, fickle: Fickle) -> None:
    live(project, fickle)
    output = project.run("-v", status=1)
    assert [f"-run{number}] " in output for number in range(1, 7)] == [*[True] * 5, False]
    assert "5 cases of 1 trace replayed: 4 matched, 1 failed" in output.summary
    assert (
        f"""\
passed, of the runs of a case:
  {CASE}  4/5  (95% CI 38-96%)
pass rate 80.0%  (95% CI 38-96%), 5 runs of 1 case
"""
        in output.summary
    )
    assert [each["seed"] for each in fickle.requests] == [0, 1, 2, 3, 4]


def test_a_limit_within_the_interval_is_unclear_and_never_green(project: Project, fickle: Fickle) -> None:
    live(project, fickle, "llm_tolerate = failed\nllm_gate = pass_rate >= 75%\n")
    output = project.run()
    assert output.last == "4 passed, 1 tolerated in 0.00s"
    assert ">= 75%  unclear   95% interval 37.6% to 96.4%" in output.summary
    project.ini("llm_traces = traces.jsonl\nllm_tolerate = failed\nllm_gate = pass_rate >= 75%\nllm_unclear = error\n")
    assert (
        "exit status 1: pass_rate >= 75%: 80.0% (unclear: 95% interval 37.6% to 96.4%)" in project.run(status=1).summary
    )


UNCLEAR = f"""\
5 cases of 1 trace replayed: 4 matched, 1 tolerated; 5 steps
0 model calls answered, 5 live; recorded steps: 5 model
1 case tolerated, left to the gates:
  {CASE[:-1]}-run5]: found: does not hold: "lost" not in ctx.text
passed, of the runs of a case:
  {CASE}  4/5  (95% CI 38-96%)
pass rate 80.0%  (95% CI 38-96%), 5 runs of 1 case
kpi          baseline  now     change  limit
pass rate              80.0%           >= 75%  unclear   95% interval 37.6% to 96.4%
latency p50            0 s
latency p95            0 s
tokens                 26
score                  0.800
found                  0.800
"""


@pytest.mark.parametrize("what", ["warn", "error"])
def test_what_an_unclear_gate_says(project: Project, fickle: Fickle, what: str) -> None:
    live(project, fickle, f"llm_tolerate = failed\nllm_gate = pass_rate >= 75%\nllm_unclear = {what}\n")
    output = project.run(status=int(what == "error"))
    raised = "exit status 1: pass_rate >= 75%: 80.0% (unclear: 95% interval 37.6% to 96.4%)\n"
    assert re.sub(r"\b\d+\.\d+ s\n", "0 s\n", output.summary) == UNCLEAR + (raised if what == "error" else "")


def test_with_workers_the_rates_are_the_same(project: Project, fickle: Fickle) -> None:
    live(project, fickle)
    alone, spread = (project.run("-q", *args, status=1, alone=True).summary for args in ((), ("-n", "2")))
    assert alone == spread != ""


def test_seeded_runs_take_the_option_and_say_their_rate(project: Project) -> None:
    test = JUDGED.replace("MARKED", "")
    project.shop(traced(ask(told="It was lost.")), traced(number=2), test=test)
    output = project.run("--llm-mode=seeded", "--llm-runs=20", status=1)
    assert "40 cases of 2 traces replayed" in output.summary
    assert output.summary.count("/20  (95% CI ") == 2
    assert "40 runs of 2 cases" in output.summary


def test_the_command_that_a_failure_prints_runs_that_run_again(project: Project) -> None:
    project.shop(traced(ask(told="It was lost.")), test=JUDGED.replace("MARKED", ""))
    output = project.run("--llm-mode=seeded", "--llm-runs=2", status=1)
    (_, first), *_ = re.findall(r'(only this case):  pytest "[^"]+run1]" (.+)', output.failures)
    again = project.run(f"{CASE[:-1]}-run1]", *first.split(), status=1)
    assert again.last == "1 failed in 0.00s"


def test_a_replay_is_run_once_and_says_why(project: Project) -> None:
    project.shop(test=JUDGED.replace("MARKED", "runs=3"))
    output = project.run("--llm-runs=5")
    assert output.last == "1 passed in 0.00s"
    assert "--llm-runs=5 ran each case once: a replay is the same each time" in output.summary
    assert "95% CI" not in output.summary


@pytest.mark.parametrize("given", ["0", "-1", "some"])
def test_what_is_no_number_of_runs_is_a_usage_error(project: Project, given: str) -> None:
    project.shop()
    assert f"--llm-runs: {given!r} is no whole number from 1" in project.run(f"--llm-runs={given}", status=4).told
