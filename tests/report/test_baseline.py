from pathlib import Path
from typing import Any

import pytest

from pytest_llmreplay.errors import UsageProblem
from pytest_llmreplay.model.evaluation import Evaluation
from pytest_llmreplay.model.result import CaseResult, RunReport
from pytest_llmreplay.report.baseline import baseline, compared, read, written
from pytest_llmreplay.report.totals import totals


def case(name: str, outcome: Any = "passed", score: float | None = None, **more: Any) -> CaseResult:
    told = [Evaluation(name="tone", judgement="passed", score=score)] if score is not None else []
    values = {"trace_id": name, "steps": 1, "asked": 1, "functions": 0, "diverged": None, "case": name}
    return CaseResult(**{**values, "outcome": outcome, "evaluations": told, **more})


def run(*cases: CaseResult, **more: Any) -> RunReport:
    values = {"created": "2026-11-20T10:00:00+00:00", "versions": {"pytest": "9"}, "mode": "replay"}
    return RunReport(**{**values, **more}, cases=cases, totals=totals(cases))


def changes(then: RunReport, now: RunReport, *, whole: bool = True) -> list[tuple[str, str]]:
    found = compared(baseline(then), "base.json", now, whole=whole)
    return [(each.change, each.case) for each in found.changes]


def test_a_baseline_is_read_as_it_was_written(tmp_path: Path) -> None:
    kept = baseline(run(case("a", score=0.25, tokens_in=3), case("b", "failed"), case("c", "skipped")))
    path = tmp_path / "base.json"
    path.write_text(written(kept), encoding="utf-8")
    assert read(path) == kept
    assert set(kept.cases) == {"a", "b"}
    assert written(read(path)) == written(kept)


def test_what_changed_is_told_worst_first() -> None:
    then = run(case("a"), case("b", "failed"), case("c", score=0.5), case("d"), case("e", "diverged", diverged="x"))
    now = run(
        case("a", "failed"), case("b"), case("c", score=0.7), case("e", "diverged", diverged="y"), case("f")
    )  # fmt: skip
    assert changes(then, now) == [
        ("newly failing", "a"),
        ("vanished", "d"),
        ("divergence", "e"),
        ("newly passing", "b"),
        ("score", "c"),
        ("new", "f"),
    ]
    assert ("vanished", "d") not in changes(then, now, whole=False)


def test_repeats_are_one_case_of_which_all_runs_must_pass() -> None:
    then = run(*(case(f"t[a-run{number}]", run=number, trace_id="1") for number in (1, 2, 3)))
    now = run(
        *(
            case(f"t[a-run{number}]", "failed" if number == 2 else "passed", run=number, trace_id="1")
            for number in (1, 2, 3)
        )
    )
    (change,) = compared(baseline(then), "base.json", now, whole=True).changes
    assert (change.case, change.before, change.now) == ("t[a]", "3 of 3 passed", "2 of 3 passed")


def test_paired_tests_need_six_pairs() -> None:
    names = "abcdef"
    then, now = run(*map(case, names)), run(*(case(name, "failed") for name in names))
    assert compared(baseline(then), "b", now, whole=True).tests == {"mcnemar": pytest.approx(2 / 64)}
    fewer = run(*(case(name, "failed") for name in names[:5]), case("f"))
    assert compared(baseline(then), "b", fewer, whole=True).tests == {}
    lower = compared(
        baseline(run(*(case(name, score=0.9) for name in names))),
        "b",
        run(*(case(name, score=0.8) for name in names)),
        whole=True,
    )
    assert lower.tests == {"sign tone": pytest.approx(2 / 64)}


def test_what_makes_two_runs_hard_to_compare_is_noted() -> None:
    then, now = run(case("a")), run(case("a"), mode="live", versions={"pytest": "10"})
    assert compared(baseline(then), "b", now, whole=False).notes == (
        "not all cases were run",
        "the baseline was run in mode replay, this run in mode live",
        "pytest 9 then, 10 now",
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is no baseline"),
        ("[]", "is no baseline"),
        ('{"format": 1}', "is no baseline: Object missing required field"),
        ('{"format": 99}', "has format 99, this version reads 1"),
    ],
)
def test_a_file_that_is_no_baseline_is_named_with_what_to_do(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "base.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageProblem, match=message) as caught:
        read(path)
    assert str(caught.value).startswith(f"--llm-baseline: {path} ")
    assert str(caught.value).endswith("save a new one with --llm-baseline-save")
