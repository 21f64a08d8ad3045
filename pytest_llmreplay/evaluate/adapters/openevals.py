"""Evaluators of openevals, and all of LangSmith's form. PYTEST_DONT_REWRITE"""

from collections.abc import Mapping
from dataclasses import dataclass
from inspect import Parameter, isawaitable, signature
from typing import Any

from pytest_llmreplay.evaluate.adapters.terms import contexts, needed, one_line, question
from pytest_llmreplay.evaluate.context import EvaluationContext
from pytest_llmreplay.evaluate.judge import awaited
from pytest_llmreplay.evaluate.protocol import Evaluator, Said
from pytest_llmreplay.model.evaluation import Evidence, Score, Skip


@dataclass(frozen=True)
class OpenEvals(Evaluator):
    """An evaluator of openevals: of inputs, outputs, reference outputs and context it gets what it takes."""

    evaluator: Any
    """A function, such as ``create_llm_as_judge(prompt=…)`` makes."""

    def __post_init__(self) -> None:
        needed("openevals", "openevals", "OpenEvals")
        if not callable(self.evaluator):
            raise TypeError(f"evaluator is a function of openevals, not {self.evaluator!r}")

    @property
    def title(self) -> str:
        """The function's name, if it was given no other."""
        return self.name or str(getattr(self.evaluator, "__name__", type(self.evaluator).__name__))

    def __call__(self, ctx: EvaluationContext) -> Said:
        """What it says: one result, or several by their keys."""
        takes = signature(self.evaluator).parameters
        anything = any(each.kind is Parameter.VAR_KEYWORD for each in takes.values())
        given = {
            "inputs": question(ctx),
            "outputs": ctx.output,
            "reference_outputs": ctx.reference,
            "context": "\n\n".join(contexts(ctx)),
        }
        said = self.evaluator(**{name: value for name, value in given.items() if anything or name in takes})
        found = awaited(said) if isawaitable(said) else said
        if isinstance(found, list):
            return {str(each["key"]): told(each, ctx) for each in found}
        return told(found, ctx)


def told(found: Any, ctx: EvaluationContext) -> Score | Skip:
    """One result as a score. Raises TypeError for what is none."""
    if not isinstance(found, Mapping) or "score" not in found:
        raise TypeError(f"the evaluator returned a {type(found).__name__}, which has no score")
    reason = one_line(found.get("comment"))
    if found["score"] is None:
        return Skip(reason or "the evaluator gave no score")
    return Score(found["score"], reason, (Evidence("output", ctx.output),))
