import time
from dataclasses import dataclass, replace
from typing import Any

import pytest

from pytest_llmreplay.evaluate.context import EvaluationContext, context, step
from pytest_llmreplay.evaluate.function import check
from pytest_llmreplay.evaluate.protocol import Evaluator
from pytest_llmreplay.evaluate.run import evaluate
from pytest_llmreplay.evaluate.text import Exact
from pytest_llmreplay.model.evaluation import Evaluation, Score, Skip
from pytest_llmreplay.model.recording import Match
from tests import builders


def run(*steps: Any, output: Any = "Hello.", recorded: Any = "Hello.") -> EvaluationContext:
    steps = steps or (builders.step(builders.chat(builders.user("Hi")), builders.answered("Hello.")),)
    trace = builders.trace(*steps, output=recorded)
    return context(trace, [Match(each.call, each) for each in steps], output, mode="replay")


def judge(function: Any, ctx: EvaluationContext | None = None, **policy: Any) -> Evaluation:
    (found,) = evaluate([check(function, **policy)], ctx or run()).evaluations
    return found


def test_a_plain_function_says_whether_it_passes_by_a_bool() -> None:
    def short(ctx: EvaluationContext) -> bool:
        return len(ctx.text) < 10

    found = judge(short)
    assert (found.name, found.judgement, found.score, found.need) == ("short", "passed", 1.0, "= 1")
    assert judge(short, run(output="Hello there.")).judgement == "failed"


@pytest.mark.parametrize(
    ("said", "policy", "judgement", "need"),
    [
        (0.7, {}, "passed", ""),
        (0.7, {"threshold": 0.8}, "failed", ">= 0.8"),
        (0.8, {"threshold": 0.8}, "passed", ">= 0.8"),
        (0.7, {"threshold": 0.8, "negate": True}, "passed", "not >= 0.8"),
        (True, {"negate": True}, "failed", "not = 1"),
        (Score(3.0, passed=False, need="<= 2"), {}, "failed", "<= 2"),
        ("rude", {}, "passed", ""),
        (Score("rude", passed=False, need="polite"), {}, "failed", "polite"),
    ],
)
def test_a_number_is_held_against_the_threshold(said: Any, policy: Any, judgement: str, need: str) -> None:
    found = judge(lambda ctx: said, **policy)
    assert (found.judgement, found.need) == (judgement, need)


@pytest.mark.parametrize("said", [float("nan"), float("inf"), object(), [1]])
def test_what_is_no_judgement_is_an_error_and_never_a_score(said: Any) -> None:
    found = judge(lambda ctx: said)
    assert (found.judgement, found.score, bool(found.reason)) == ("error", None, True)


def test_a_crash_is_an_error_with_its_own_cause_in_one_line() -> None:
    def broken(ctx: EvaluationContext) -> bool:
        raise KeyError("sku\nand more")

    found = judge(broken, threshold=0.5, negate=True)
    assert (found.judgement, found.score) == ("error", None)
    assert found.reason.startswith("KeyError")
    assert "\n" not in found.reason


@pytest.mark.parametrize(
    ("raised", "reason"),
    [
        (SystemExit(3), "SystemExit: 3"),
        (KeyboardInterrupt(), "KeyboardInterrupt"),
        (pytest.skip.Exception("not today"), "Skipped: not today"),
        (pytest.fail.Exception("no"), "Failed: no"),
    ],
)
def test_what_would_end_the_test_or_the_run_is_an_error_of_the_evaluator_alone(
    raised: BaseException, reason: str
) -> None:
    def leaving(ctx: EvaluationContext) -> bool:
        raise raised

    first, second = evaluate([check(leaving), check(lambda ctx: True)], run()).evaluations
    assert (first.judgement, first.reason) == ("error", reason)
    assert second.judgement == "passed"


def test_an_evaluator_that_hangs_is_given_up() -> None:
    found = judge(lambda ctx: time.sleep(30), limit=0.05)
    assert (found.judgement, found.reason) == ("error", "gave no answer within 0.05 s")


def test_a_skip_says_why_and_none_is_a_skip() -> None:
    assert judge(lambda ctx: Skip("no documents")).judgement == "skipped"
    assert judge(lambda ctx: None).judgement == "skipped"


def test_several_scores_come_by_name() -> None:
    found = evaluate([check(lambda ctx: {"tone": 0.9, "length": 0.2}, threshold=0.5)], run()).evaluations
    assert [(each.name, each.judgement) for each in found] == [("tone", "passed"), ("length", "failed")]


def test_all_evaluators_are_asked_and_failures_come_before_crashes() -> None:
    def crash(ctx: EvaluationContext) -> bool:
        raise ValueError("no")

    verdict = evaluate([check(crash), check(lambda ctx: True), check(lambda ctx: False, name="second")], run())
    assert [each.judgement for each in verdict.evaluations] == ["error", "passed", "failed"]
    assert [each.judgement for each in verdict.failures] == ["failed", "error"]


def test_the_case_has_the_weighted_mean_of_the_scores_that_have_a_need() -> None:
    evaluators = [
        check(lambda ctx: 1.0, threshold=0.5, weight=3),
        check(lambda ctx: 0.0, threshold=0.5, weight=1),
        check(lambda ctx: 0.1),
        check(lambda ctx: Skip("why")),
    ]
    assert evaluate(evaluators, run()).score == 0.75
    assert evaluate([check(lambda ctx: 0.1)], run()).score is None


def test_an_evaluator_may_be_limited_to_steps_and_the_worst_one_counts() -> None:
    steps = [
        builders.step(builders.chat(builders.user("a")), builders.answered("long answer"), index=1),
        builders.step(builders.chat(builders.user("b")), builders.answered("no"), index=2),
    ]
    found = judge(lambda ctx: float(len(ctx.text)), run(*steps), steps=step(kind="model"), threshold=5)
    assert (found.judgement, found.score, found.step) == ("failed", 2.0, 2)
    nothing = judge(lambda ctx: True, run(*steps), steps=step(kind="tool"))
    assert (nothing.judgement, nothing.reason) == ("skipped", "the run has no such step: kind tool")


@pytest.mark.parametrize(("allowed", "judgement"), [(0.0, "failed"), (1.0, "failed"), (2.0, "passed"), (5.0, "passed")])
def test_a_score_may_be_held_against_that_of_production(allowed: float, judgement: str) -> None:
    found = judge(lambda ctx: float(len(ctx.text)), run(output="1234", recorded="123456"), not_worse=allowed)
    assert (found.judgement, found.score, found.recorded) == (judgement, 4.0, 6.0)
    assert found.reason == "production had 6"


def test_production_is_the_same_step_where_an_evaluator_is_limited_to_steps() -> None:
    steps = [
        builders.step(builders.chat(builders.user("a")), builders.answered("a long answer"), index=1),
        builders.step(builders.chat(builders.user("b")), builders.answered("no"), index=2),
    ]
    matches = [
        Match(steps[0].call, steps[0]),
        Match(steps[1].call, steps[1], verdict="live", answer=builders.answered("")),
        Match(steps[1].call, None, verdict="live", answer=builders.answered("none")),
    ]
    ctx = context(builders.trace(*steps, output="x"), matches, "x", mode="live")
    found = judge(lambda ctx: float(len(ctx.text)), ctx, steps=step(index=2), not_worse=0)
    assert (found.judgement, found.score, found.recorded) == ("failed", 0.0, 2.0)
    found = judge(
        lambda ctx: float(len(ctx.text)), replace(ctx, exchanges=ctx.exchanges[2:]), steps=step(), not_worse=0
    )
    assert (found.judgement, found.score) == ("skipped", 4.0)
    assert found.reason == "production's run has no such score: the answer stands for no recorded step"


@dataclass(frozen=True)
class Length(Evaluator):
    """An evaluator of which less is better."""

    less_is_better = True

    def __call__(self, ctx: EvaluationContext) -> Score:
        return Score(float(len(ctx.text)), unit="characters", passed=True)


def test_of_what_is_better_when_less_a_higher_number_is_worse() -> None:
    (found,) = evaluate([Length(not_worse=1)], run(output="1234", recorded="12")).evaluations
    assert (found.judgement, found.need, found.unit) == ("failed", "<= 3", "characters")
    (found,) = evaluate([Length(not_worse=0)], run(output="1", recorded="12")).evaluations
    assert found.judgement == "passed"
    steps = [builders.step(answer=builders.answered("ab"), index=1), builders.step(answer=builders.answered("abc"))]
    (found,) = evaluate([Length(steps=step())], run(*steps)).evaluations
    assert found.score == 3.0


def test_what_counts_something_or_is_negated_has_all_or_nothing_of_the_case_score() -> None:
    evaluators = [
        check(lambda ctx: Score(0.002, unit="USD", passed=True, need="<= $0.01")),
        check(lambda ctx: 0.2, threshold=0.5, negate=True),
        check(lambda ctx: 40.0, threshold=50),
        check(lambda ctx: 0.5, threshold=0.5),
    ]
    verdict = evaluate(evaluators, run())
    assert [each.share for each in verdict.evaluations] == [1.0, 1.0, 0.0, 0.5]
    assert verdict.score == 2.5 / 4


class Slow(Exact):
    """A user's evaluator below one of ours."""

    def __call__(self, ctx: EvaluationContext) -> Score:
        time.sleep(1)
        return Score(True)


def test_a_users_evaluator_is_held_to_its_limit_whatever_it_is_made_of() -> None:
    (found,) = evaluate([Slow("x", limit=0.05)], run()).evaluations
    assert (found.judgement, found.reason) == ("error", "gave no answer within 0.05 s")
