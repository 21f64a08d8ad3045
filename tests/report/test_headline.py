"""How a run went, in words."""

import pytest

from pytest_llmreplay.model.result import CaseResult, GateResult, RunReport
from pytest_llmreplay.report.headline import counted, failing, headline, succeeded
from tests.report import reports

GOOD = reports.case("good", 1)
GATE = GateResult(gate="cost <= 1", state="failed", now="$2")


@pytest.mark.parametrize(
    ("report", "good", "words"),
    [
        (reports.report(), True, "no case was run"),
        (reports.report(GOOD), True, "1 case holds"),
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


def test_outcomes_are_counted_the_worst_first() -> None:
    assert counted(reports.run()) == (
        "2 diverged, 1 failed, 1 not replayable, 1 tolerated, 1 skipped, 5 passed"
    )  # fmt: skip
    assert counted(reports.report()) == "no case"
