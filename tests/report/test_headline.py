"""How a run went, in words."""

from dataclasses import replace

import pytest

from pytest_llmreplay.model.result import CaseResult, Changed, GateResult, RunReport
from pytest_llmreplay.report.headline import counted, failing, headline, newly_failing, succeeded
from tests.report import reports

GOOD = reports.case("good", 1)
GATE = GateResult(gate="cost <= 1", state="failed", now="$2")


@pytest.mark.parametrize(
    ("report", "good", "words"),
    [
        (reports.report(), True, "no case was run"),
        (reports.report(GOOD), True, "1 case holds"),
        (reports.report(GOOD, replace(GOOD, outcome="skipped")), True, "1 case holds, 1 skipped"),
        (reports.report(replace(GOOD, outcome="skipped")), True, "1 case skipped, none was judged"),
        (reports.report(GOOD, reports.lost_documents()), False, "1 of 2 cases fails"),
        (reports.report(GOOD, gates=[GATE, GATE], exit_reason="x"), False, "2 gates failed"),
        (reports.report(reports.wrong_answer(), gates=[GATE]), False, "1 of 1 case fails, 1 gate failed"),
        (reports.report(GOOD, exit_reason="exit status 1: 2 records dropped"), False, "the run failed"),
    ],
)
def test_the_verdict_in_a_few_words(report: RunReport, good: bool, words: str) -> None:
    assert (succeeded(report), headline(report)) == (good, words)


def test_cases_that_newly_fail_come_first() -> None:
    def name(case: CaseResult) -> str:
        return case.case.partition("[")[2].rpartition("-")[0]

    assert [name(each) for each in failing(reports.run())] == [
        "how-many-days-do-i-have",
        "what-does-the-warranty",
        "where-is-my-order-a-1042",
        "no-content",
    ]


def test_of_several_runs_of_a_case_those_newly_fail_that_fail() -> None:
    names = ["a.py::t[x-run1]", "a.py::t[x-run2]", "a.py::t[x-seed3-run1]", "a.py::t[y]"]
    outcomes = ["failed", "passed", "diverged", "failed"]
    cases = [reports.case("x", 1, case=name, outcome=outcome) for name, outcome in zip(names, outcomes, strict=True)]
    comparison = replace(reports.COMPARISON, changes=[Changed(case="a.py::t[x]", change="newly failing")])
    found = newly_failing(reports.report(*cases, comparison=comparison))
    assert found == {"a.py::t[x-run1]", "a.py::t[x-seed3-run1]"}


def test_outcomes_are_counted_the_worst_first() -> None:
    assert counted(reports.run()) == (
        "2 diverged, 1 failed, 1 not replayable, 1 tolerated, 1 skipped, 5 passed"
    )  # fmt: skip
    assert counted(reports.report()) == "no case"
