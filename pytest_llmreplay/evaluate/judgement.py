"""What an evaluator said, as a judgement that reports can hold, whatever it was. PYTEST_DONT_REWRITE"""

import math
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from numbers import Real
from typing import Any

from pytest_llmreplay.evaluate.protocol import Evaluator
from pytest_llmreplay.evaluate.values import simple, words
from pytest_llmreplay.model.evaluation import Evaluation, Evidence, Judgement, Score, Skip

MOST_REASON = 2_000
"""Characters of a reason that are kept."""
MOST_NAME = 100
"""Characters of a name that an evaluator gives a score."""
MOST_EVIDENCE = 100
"""Places that are kept."""


class Crash(Skip):
    """What came of an evaluator that gave no judgement."""


def told(evaluator: Evaluator, name: str, said: Any) -> Evaluation:
    """What was said, as a judgement. What is none is an error that says what it is."""
    name = cut(name, MOST_NAME)
    if isinstance(said, Skip) or said is None:
        reason = cut(words(said.reason), MOST_REASON) if isinstance(said, Skip) else "it gave no value"
        judgement: Judgement = "error" if isinstance(said, Crash) else "skipped"
        return Evaluation(name=name, judgement=judgement, reason=reason, weight=evaluator.weight)
    try:
        score = sound(said if isinstance(said, Score) else Score(said))
    except (TypeError, ValueError) as error:
        return crashed(evaluator, name, str(error))
    passed, need = verdict(evaluator, score)
    if evaluator.negate:
        passed, need = not passed, f"not {need}" if need else need
    return Evaluation(
        name=f"not {name}" if evaluator.negate and evaluator.name is None else name,
        judgement="passed" if passed else "failed",
        score=None if isinstance(score.value, str) else float(score.value),
        unit=score.unit,
        label=score.value if isinstance(score.value, str) else None,
        reason=score.reason,
        need=need,
        evidence=score.evidence,
        weight=evaluator.weight,
    )


def crashed(evaluator: Evaluator, name: str, why: str) -> Evaluation:
    """A judgement that could not be made."""
    return Evaluation(name=name, judgement="error", reason=cut(why, MOST_REASON), weight=evaluator.weight)


def sound(score: Score) -> Score:
    """A score of plain values. Raises TypeError for what is none, ValueError for a number that is not finite."""
    value, passed = scalar(score.value), scalar(score.passed)
    if value is None:
        raise TypeError(f"it returned a {type(score.value).__name__}, which is no bool, number, text or Score")
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"it returned {value}, which is no number")
    if not (passed is None or isinstance(passed, bool)):
        raise TypeError(f"passed of its Score is True, False or None, not {passed!r}")
    return replace(
        score,
        value=cut(value, MOST_REASON) if isinstance(value, str) else value,
        reason=cut(words(score.reason), MOST_REASON),
        evidence=tuple(map(place, places(score.evidence))),
        passed=passed,
        need=cut(words(score.need or ""), MOST_NAME),
        unit=cut(words(score.unit or ""), MOST_NAME),
    )


def scalar(value: Any) -> bool | float | str | None:
    """A value as bool, number or text, numpy's among them; None for any other. Too large a number is infinite."""
    if hasattr(value, "item") and getattr(value, "ndim", None) == 0:
        value = value.item()
    if isinstance(value, bool | str):
        return value
    try:
        return float(value) if isinstance(value, Real | Decimal) else None
    except OverflowError:
        return math.inf


def places(evidence: Any) -> list[Any]:
    """Evidence one by one. Raises TypeError."""
    found = list(evidence) if isinstance(evidence, Iterable) else [evidence]
    if all(isinstance(each, Evidence) for each in found):
        return found[:MOST_EVIDENCE]
    raise TypeError(f"evidence of its Score is a tuple of Evidence, not {cut(repr(evidence), MOST_NAME)}")


def place(evidence: Evidence) -> Evidence:
    """A place with what was found there, as JSON."""
    return Evidence(cut(words(evidence.path), MOST_REASON), simple(evidence.found))


def cut(text: str, most: int) -> str:
    """The beginning of a text."""
    return text if len(text) <= most else text[: most - 1] + "…"


def verdict(evaluator: Evaluator, score: Score) -> tuple[bool, str]:
    """Whether a score passes, and what it needed for that."""
    if isinstance(score.value, bool) and evaluator.threshold is None and score.passed is None:
        return score.value, score.need or "= 1"
    if evaluator.threshold is not None and not isinstance(score.value, str):
        return score.value >= evaluator.threshold, f">= {evaluator.threshold:g}"
    if score.passed is not None:
        return score.passed, score.need or "= 1"
    return True, score.need
