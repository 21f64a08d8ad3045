from typing import Any

import pytest

from pytest_llmreplay.model.evaluation import Evaluation
from pytest_llmreplay.model.result import CaseResult
from pytest_llmreplay.report.statistics import bootstrap, mean, wilson
from pytest_llmreplay.report.totals import base, by_trace, intervals, totals


def case(name: str = "t.py::test[a-1]", **more: Any) -> CaseResult:
    values = {"trace_id": "1", "steps": 1, "asked": 1, "functions": 0, "diverged": None, "case": name}
    return CaseResult(**{**values, **more})


def test_outcomes_are_counted_and_skipped_cases_are_not_judged() -> None:
    outcomes = ["passed", "passed", "diverged", "failed", "error", "skipped", "tolerated"]
    found = totals([case(f"t.py::test[{number}]", outcome=each) for number, each in enumerate(outcomes)])
    assert (found.cases, found.passed, found.diverged, found.failed) == (7, 2, 1, 1)
    assert (found.errors, found.skipped, found.tolerated) == (1, 1, 1)
    assert found.pass_rate == pytest.approx(2 / 6)
    assert found.pass_interval is None


def test_no_case_has_no_rate() -> None:
    found = totals([])
    assert (found.pass_rate, found.cost_usd, found.latency_p95, found.score) == (None, None, None, None)


def test_a_cost_that_is_not_known_is_not_zero() -> None:
    cases = [case("t.py::test[a]", cost_usd=0.5), case("t.py::test[b]", cost_usd=None)]
    assert (totals(cases).cost_usd, totals(cases).unpriced) == (0.5, 1)
    assert totals(cases[1:]).cost_usd is None


def test_a_case_without_a_model_call_costs_nothing_that_is_unknown() -> None:
    assert totals([case(asked=0)]).unpriced == 0


def test_what_judges_cost_is_counted_apart() -> None:
    cases = [
        case("t.py::test[a-run1]", run=1, judge_calls=1, judge_usd=0.2, cost_usd=1.0),
        case("t.py::test[a-run2]", run=2, judge_calls=1, judge_usd=0.4, cost_usd=1.0),
        case("t.py::test[b]", judge_calls=1, judge_usd=None, cost_usd=1.0),
        case("t.py::test[c]", cost_usd=1.0),
    ]
    found = totals(cases)
    assert found.judge_usd == pytest.approx(0.3)
    assert (found.judge_unpriced, found.cost_usd) == (1, 3.0)
    assert (totals(cases[3:]).judge_usd, totals(cases[3:]).judge_unpriced) == (None, 0)
    assert intervals(cases)["judge_cost"] == pytest.approx((0.3, 0.3))


def test_repeats_of_a_case_count_with_their_mean() -> None:
    cases = [case(f"t.py::test[a-run{run}]", run=run, tokens_in=10 * run, cost_usd=0.1 * run) for run in (1, 2, 3)]
    found = totals([*cases, case("t.py::test[b-run1]", run=1, tokens_in=5, cost_usd=1.0)])
    assert found.tokens_in == 25
    assert found.cost_usd == pytest.approx(1.2)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("t.py::test[a-1f-run12]", "t.py::test[a-1f]"),
        ("t.py::test[a-1f-seed-3-run2]", "t.py::test[a-1f]"),
        ("t.py::test[a-1f-seed7]", "t.py::test[a-1f]"),
        ("t.py::test[a-1f]", "t.py::test[a-1f]"),
        ("t.py::test_run1", "t.py::test_run1"),
    ],
)
def test_a_case_is_known_without_its_repeat(name: str, expected: str) -> None:
    assert base(case(name)) == expected


def test_repeats_are_grouped_by_case() -> None:
    cases = [case(f"t.py::test[{name}-run{run}]") for run in (1, 2) for name in "ab"]
    assert [len(group) for group in by_trace(cases)] == [2, 2]


def test_latency_is_the_recorded_one_of_a_replay_and_the_measured_one_of_a_live_run() -> None:
    cases = [case("a", recorded_seconds=2.0, seconds=0.1), case("b", mode="live", recorded_seconds=9.0, seconds=4.0)]
    assert totals(cases).latency_p50 == 3.0
    assert totals(cases).latency_p95 == pytest.approx(3.9)


def test_scores_have_a_mean_and_what_was_not_judged_is_counted_apart() -> None:
    told = [
        Evaluation(name="f", judgement="passed", score=0.9),
        Evaluation(name="f", judgement="failed", score=0.3),
        Evaluation(name="f", judgement="skipped"),
        Evaluation(name="f", judgement="error"),
    ]
    found = totals([case(str(number), evaluations=[each]) for number, each in enumerate(told)]).scores["f"]
    assert found.mean == pytest.approx(0.6)
    assert found.judged == 2
    assert (found.passed, found.failed, found.skipped, found.errors) == (1, 1, 1, 1)


def repeated(passed: list[int], runs: int = 5) -> list[CaseResult]:
    return [
        case(f"t.py::test[{name}-run{run}]", mode="live", live=1, outcome="passed" if run <= good else "failed")
        for name, good in enumerate(passed)
        for run in range(1, runs + 1)
    ]


def test_a_replay_has_no_interval() -> None:
    assert intervals([case()]) == {}


def test_the_interval_of_the_pass_rate_promises_neither_certainty_nor_independence() -> None:
    low, high = intervals(repeated([5, 5]))["pass_rate"]
    assert (low, high) == (wilson(10, 10)[0], 1.0)
    low, high = intervals(repeated([5, 0, 5, 0]))["pass_rate"]
    wide = bootstrap([[1.0] * 5, [0.0] * 5, [1.0] * 5, [0.0] * 5], mean)
    assert (low, high) == wide
    assert low < wilson(10, 20)[0]


def test_sums_and_scores_of_a_live_run_have_intervals_over_traces() -> None:
    cases = [
        case(
            f"t.py::test[{name}]", mode="live", live=1, cost_usd=float(name), tokens_in=name, tokens_out=0,
            evaluations=[Evaluation(name="f", judgement="passed", score=name / 10)],
        )
        for name in range(10)
    ]  # fmt: skip
    found = intervals(cases)
    assert found["cost"][0] < 45 < found["cost"][1]
    assert found["score.f"][0] < 0.45 < found["score.f"][1]
