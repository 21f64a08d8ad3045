"""Plain functions: what they say, and why one of them did not hold."""

import asyncio
import functools
from typing import Any

import pytest

from pytest_llmreplay.evaluate.context import EvaluationContext
from pytest_llmreplay.evaluate.function import check
from pytest_llmreplay.model.evaluation import Evaluation, Score, Skip
from tests.evaluate.judging import judge as judged


def judge(function: Any, **policy: Any) -> Evaluation:
    return judged(check(function, **policy), output="Hello.")


def documented(ctx: EvaluationContext) -> bool:
    """It says please.

    More of it.
    """
    return "please" in ctx.text


def bare(ctx: EvaluationContext) -> bool:
    return (
        len(ctx.text) > 10
        and "x" in ctx.text
    )  # fmt: skip


def branching(ctx: EvaluationContext) -> bool:
    if ctx.text:
        return False
    return bool(ctx.tools)


def skipping(ctx: EvaluationContext) -> bool | Skip | Score:
    if not ctx.text:
        return Skip("nothing to see")
    if ctx.tools:
        return Score(0.5)
    return "[" in ctx.text


def constant(ctx: EvaluationContext) -> bool:
    return False


@functools.cache
def decorated(ctx: EvaluationContext) -> bool:
    def other() -> bool:
        return True

    return other() and "Bye" in ctx.text


class Callable:
    def __call__(self, ctx: EvaluationContext) -> bool:
        return False


@pytest.mark.parametrize(
    ("function", "reason"),
    [
        (documented, "does not hold: It says please."),
        (bare, 'does not hold: len(ctx.text) > 10 and "x" in ctx.text'),
        (lambda ctx: len(ctx.text) > 20, "does not hold: len(ctx.text) > 20"),
        (branching, f"it returned False (test_function.py:{branching.__code__.co_firstlineno})"),
        (skipping, 'does not hold: "[" in ctx.text'),
        (constant, f"it returned False (test_function.py:{constant.__code__.co_firstlineno})"),
        (eval("lambda ctx: False"), "it returned False (<string>:1)"),  # noqa: S307
        (
            functools.partial(Callable()),
            f"it returned False (test_function.py:{Callable.__call__.__code__.co_firstlineno})",
        ),
        (Callable(), f"it returned False (test_function.py:{Callable.__call__.__code__.co_firstlineno})"),
    ],
)
def test_a_no_has_a_reason(function: Any, reason: str) -> None:
    found = judge(function)
    assert (found.judgement, found.reason) == ("failed", reason)


def test_a_decorated_function_is_read_by_its_own_source() -> None:
    assert judge(decorated.__wrapped__).reason == 'does not hold: other() and "Bye" in ctx.text'


def test_a_yes_that_is_negated_has_a_reason_too() -> None:
    found = judge(lambda ctx: "Hello" in ctx.text, negate=True)
    assert (found.judgement, found.reason) == ("failed", 'holds: "Hello" in ctx.text')


def helper(text: str) -> None:
    assert text == "Bye."


def test_an_assert_that_fails_is_a_no_in_the_words_of_pytest() -> None:
    def polite(ctx: EvaluationContext) -> None:
        assert ctx.text == "Bye."

    found = judge(polite)
    assert (found.judgement, found.score) == ("failed", 0.0)
    assert found.reason == "assert 'Hello.' == 'Bye.'"
    (place,) = found.evidence
    assert (place.path, place.found) == (
        f"test_function.py:{polite.__code__.co_firstlineno + 1}",
        'assert ctx.text == "Bye."',
    )
    assert judge(lambda ctx: helper(ctx.text)).reason == "assert 'Hello.' == 'Bye.'"


def test_an_assert_may_say_why_itself() -> None:
    def polite(ctx: EvaluationContext) -> None:
        assert "please" in ctx.text, "it says no please"

    assert judge(polite).reason == "it says no please"


def test_an_assert_without_words_has_its_line_of_the_source() -> None:
    def polite(ctx: EvaluationContext) -> None:
        raise AssertionError

    assert judge(polite).reason == "raise AssertionError"


def test_asserts_that_hold_are_a_yes_and_nothing_said_is_a_skip() -> None:
    def polite(ctx: EvaluationContext) -> None:
        assert ctx.text

    def forgetful(ctx: EvaluationContext) -> None:
        _ = "please" in ctx.text

    found = judge(polite)
    assert (found.judgement, found.score) == ("passed", 1.0)
    assert judge(polite, negate=True).judgement == "failed"
    found = judge(forgetful)
    assert (found.judgement, found.reason) == ("skipped", "it gave no value")


class Asserting:
    def __call__(self, ctx: EvaluationContext) -> None:
        assert ctx.text == "Hello."


def raising(ctx: EvaluationContext) -> None:
    if ctx.text != "Hello.":
        raise AssertionError("it does not say hello")


def helped(ctx: EvaluationContext) -> None:
    helper(ctx.text.replace("Hello", "Bye"))


async def awaiting(ctx: EvaluationContext) -> None:
    await asyncio.sleep(0)


def leaving(ctx: EvaluationContext) -> None:
    if not ctx.tools:
        return
    helper(ctx.text)


@pytest.mark.parametrize(
    "function",
    [raising, helped, awaiting, leaving, Asserting(), functools.partial(Asserting()), Asserting().__call__],
    ids=["raises", "calls a helper", "awaits one", "returns early", "object", "partial", "method"],
)
def test_who_says_no_by_raising_says_yes_by_returning(function: Any) -> None:
    found = judge(function)
    assert (found.judgement, found.score) == ("passed", 1.0)


def unsure(ctx: EvaluationContext) -> bool | None:
    print("looking")
    if ctx.tools:
        return True
    return None


@pytest.mark.parametrize("function", [unsure, lambda ctx: None, eval("lambda ctx: None")])  # noqa: S307
def test_who_gives_a_value_elsewhere_and_none_here_is_skipped(function: Any) -> None:
    found = judge(function)
    assert (found.judgement, found.reason) == ("skipped", "it gave no value")


def test_an_asynchronous_function_is_awaited() -> None:
    async def polite(ctx: EvaluationContext) -> float:
        return 0.25

    found = judge(polite, threshold=0.5)
    assert (found.name, found.judgement, found.score) == ("polite", "failed", 0.25)
