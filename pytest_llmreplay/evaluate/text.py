"""Evaluators of text. PYTEST_DONT_REWRITE"""

from dataclasses import dataclass
from typing import Any, ClassVar

from pytest_llmreplay.evaluate.context import EvaluationContext, as_text
from pytest_llmreplay.evaluate.protocol import Evaluator
from pytest_llmreplay.model.evaluation import Evidence, Score, Skip


@dataclass(frozen=True)
class Exact(Evaluator):
    """The output is exactly what is expected: of the argument, the test, or production."""

    registered: ClassVar[str] = "exact"

    expected: Any = None
    """The text or JSON value; without it what the test expects, else what production gave."""

    def __call__(self, ctx: EvaluationContext) -> Score | Skip:
        """Compare."""
        wanted = next((each for each in (self.expected, ctx.expected, ctx.trace.output) if each is not None), None)
        if wanted is None:
            return Skip("nothing is expected: no argument, no expectation, and the trace has no output")
        if ctx.output == wanted:
            return Score(True)
        return Score(False, first_difference(as_text(wanted), ctx.text), (Evidence("output", ctx.output),))


def first_difference(wanted: str, got: str) -> str:
    """Where two texts part, in a few words."""
    at = next((n for n, (a, b) in enumerate(zip(wanted, got, strict=False)) if a != b), min(len(wanted), len(got)))
    return f"from character {at + 1} on: {excerpt(wanted, at)} was expected, got {excerpt(got, at)}"


def excerpt(text: str, at: int) -> str:
    """Some characters from a place on, quoted; ``nothing`` at the end."""
    piece = text[at : at + 30]
    return f'"{piece}{"…" if len(text) > at + 30 else ""}"' if piece else "nothing"
