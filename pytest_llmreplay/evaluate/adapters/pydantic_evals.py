"""Evaluators of pydantic-evals. PYTEST_DONT_REWRITE"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pytest_llmreplay.evaluate.adapters.terms import needed, one_line
from pytest_llmreplay.evaluate.context import EvaluationContext
from pytest_llmreplay.evaluate.judge import awaited
from pytest_llmreplay.evaluate.protocol import Evaluator, Said
from pytest_llmreplay.model.evaluation import Evidence, Score


@dataclass(frozen=True)
class PydanticEvals(Evaluator):
    """An evaluator of pydantic-evals: it gets inputs, output, expected output and duration; a span tree it does not."""

    evaluator: Any
    """An instance, such as ``pydantic_evals.evaluators.Contains("refund")``."""

    def __post_init__(self) -> None:
        needed("pydantic_evals", "pydantic-evals", "PydanticEvals")
        from pydantic_evals.evaluators import Evaluator as Theirs

        if not isinstance(self.evaluator, Theirs):
            raise TypeError(f"evaluator is an instance of a pydantic-evals evaluator, not {self.evaluator!r}")

    @property
    def title(self) -> str:
        """The evaluator's name, if it was given no other."""
        return self.name or str(self.evaluator.get_default_evaluation_name())

    def __call__(self, ctx: EvaluationContext) -> Said:
        """What it says: a bool, a number or a label, with a reason or without; or several by name."""
        said = awaited(self.evaluator.evaluate_async(context_of(ctx)))  # its own way leaves an event loop open
        if isinstance(said, Mapping):
            return {name: told(each, ctx) for name, each in said.items()}
        return told(said, ctx)


def told(said: Any, ctx: EvaluationContext) -> Score:
    """One result as a score."""
    value = getattr(said, "value", said)
    return Score(value, one_line(getattr(said, "reason", None)), (Evidence("output", ctx.output),))


def context_of(ctx: EvaluationContext) -> Any:
    """A run as pydantic-evals has it. A duration that is not known is no number: no limit is kept by it."""
    from pydantic_evals.evaluators import EvaluatorContext
    from pydantic_evals.otel import SpanTreeRecordingError

    return EvaluatorContext(
        name=ctx.trace.trace_id,
        inputs=ctx.input,
        metadata=None,
        expected_output=ctx.reference,
        output=ctx.output,
        duration=math.nan if ctx.seconds is None else ctx.seconds,
        _span_tree=SpanTreeRecordingError("a replayed run has no span tree"),
        attributes={},
        metrics={},
    )
