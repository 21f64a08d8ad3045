"""How often each case passed that was run several times."""

from collections.abc import Sequence

import pytest
from scipy.stats import binomtest

from pytest_llmreplay.model.result import CaseResult, Outcome, RunReport
from pytest_llmreplay.report.repeats import repeat_lines
from pytest_llmreplay.report.totals import totals


def runs(name: str, outcomes: Sequence[Outcome], mode: str = "live") -> list[CaseResult]:
    return [
        CaseResult(
            trace_id=name,
            steps=1,
            asked=0,
            live=1,
            functions=0,
            diverged=None,
            case=f"test_shop.py::test_answer[{name}-run{number}]",
            outcome=outcome,
            mode=mode,
            run=number,
        )
        for number, outcome in enumerate(outcomes, 1)
    ]


def lines(*cases: CaseResult, verbose: bool = False) -> str:
    report = RunReport(created="", versions={}, mode="live", cases=cases, totals=totals(cases))
    return "\n".join(repeat_lines(report, verbose))


def test_each_case_has_its_rate_with_an_interval_the_worst_first() -> None:
    four: list[Outcome] = ["passed", "failed", "passed", "passed", "passed"]
    told = lines(*runs("a-0001", ["passed"] * 5), *runs("refund-7f03", four))
    assert (
        told
        == """\
passed, of the runs of a case:
  test_shop.py::test_answer[refund-7f03]  4/5  (95% CI 38-96%)
  test_shop.py::test_answer[a-0001]       5/5  (95% CI 57-100%)
pass rate 90.0%  (95% CI 60-100%), 10 runs of 2 cases"""
    )


@pytest.mark.parametrize(("passed", "total"), [(0, 5), (4, 5), (13, 20), (20, 20)])
def test_the_interval_is_wilsons(passed: int, total: int) -> None:
    outcomes: list[Outcome] = ["passed" if number < passed else "failed" for number in range(total)]
    found = binomtest(passed, total).proportion_ci(method="wilson")
    line = lines(*runs("a", outcomes)).splitlines()[1]
    assert line.endswith(f"{passed}/{total}  (95% CI {found.low * 100:.0f}-{found.high * 100:.0f}%)")


def test_what_is_tolerated_did_not_pass_and_what_is_skipped_was_no_run() -> None:
    assert "  test_shop.py::test_answer[a]  1/2  (" in lines(*runs("a", ["passed", "tolerated", "skipped"]))


def test_a_live_case_that_was_run_once_has_an_interval_as_well() -> None:
    assert lines(*runs("a", ["passed"])) == "pass rate 100.0%  (95% CI 21-100%), 1 run of 1 case"


def test_a_replay_has_none() -> None:
    (case,) = runs("a", ["passed"], mode="replay")
    certain = RunReport(created="", versions={}, mode="replay", cases=[case], totals=totals([]))
    assert list(repeat_lines(certain, verbose=False)) == []


def test_beyond_ten_cases_only_verbose_lists_them() -> None:
    many = [case for number in range(12) for case in runs(f"a-{number:04}", ["passed", "failed"])]
    assert "  … and 2 more (-v)" in lines(*many)
    assert lines(*many, verbose=True).count("1/2") == 12
