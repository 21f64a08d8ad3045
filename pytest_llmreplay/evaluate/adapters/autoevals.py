"""Scorers of autoevals. PYTEST_DONT_REWRITE"""

from dataclasses import dataclass, field
from typing import Any

from pytest_llmreplay.evaluate.adapters.terms import contexts, needed, one_line, question
from pytest_llmreplay.evaluate.context import EvaluationContext
from pytest_llmreplay.evaluate.protocol import Evaluator
from pytest_llmreplay.model.evaluation import Evidence, Score, Skip


@dataclass(frozen=True)
class Autoevals(Evaluator):
    """A scorer of autoevals: it gets ``output``, ``expected``, ``input`` and ``context``."""

    scorer: Any
    """An instance, such as ``autoevals.Factuality()``."""
    more: dict[str, Any] = field(default_factory=dict)
    """What else the scorer takes, by name."""

    def __post_init__(self) -> None:
        needed("autoevals", "autoevals", "Autoevals")
        from autoevals import Scorer

        if not isinstance(self.scorer, Scorer):
            raise TypeError(f"scorer is an instance of an autoevals scorer, not {self.scorer!r}")

    @property
    def title(self) -> str:
        """The scorer's name, if it was given no other."""
        return self.name or str(self.scorer._name())

    def __call__(self, ctx: EvaluationContext) -> Score | Skip:
        """What the scorer says; a score of None is a skip."""
        given = {"input": question(ctx), "context": contexts(ctx), **self.more}
        found = self.scorer.eval(ctx.output, ctx.reference, **given)
        told = found.metadata or {}
        reason = one_line(told.get("rationale") or told.get("reason"))
        if found.score is None:
            return Skip(reason or "the scorer gave no score")
        return Score(float(found.score), reason, (Evidence("output", ctx.output),))
