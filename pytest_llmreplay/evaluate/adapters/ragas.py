"""Metrics of ragas, of its older and of its newer form. PYTEST_DONT_REWRITE"""

from dataclasses import dataclass
from inspect import signature
from typing import Any

from pytest_llmreplay.evaluate.adapters.terms import contexts, needed, one_line, question, reference
from pytest_llmreplay.evaluate.context import EvaluationContext
from pytest_llmreplay.evaluate.judge import awaited
from pytest_llmreplay.evaluate.protocol import Evaluator
from pytest_llmreplay.model.evaluation import Evidence, Score, Skip


@dataclass(frozen=True)
class Ragas(Evaluator):
    """A metric of ragas for single turns: it gets the sample of the run."""

    metric: Any
    """An instance, such as ``ragas.metrics.collections.Faithfulness(llm=…)``."""

    def __post_init__(self) -> None:
        needed("ragas", "ragas", "Ragas")
        from ragas.metrics.base import SimpleBaseMetric, SingleTurnMetric

        if not isinstance(self.metric, SimpleBaseMetric | SingleTurnMetric):
            raise TypeError(f"metric is an instance of a ragas metric for single turns, not {self.metric!r}")

    @property
    def title(self) -> str:
        """The metric's name, if it was given no other."""
        return self.name or str(self.metric.name)

    def __call__(self, ctx: EvaluationContext) -> Score | Skip:
        """Score the sample."""
        from ragas.dataset_schema import SingleTurnSample
        from ragas.metrics.base import SingleTurnMetric

        given, evidence = sample(ctx), (Evidence("output", ctx.output),)
        if isinstance(self.metric, SingleTurnMetric):
            return Score(float(awaited(self.metric.single_turn_ascore(SingleTurnSample(**given)))), "", evidence)
        takes = signature(self.metric.ascore).parameters
        lacking = [name for name, each in takes.items() if each.default is each.empty and name not in given]
        if lacking:
            return Skip(f"the run has no {lacking[0]}")
        found = awaited(self.metric.ascore(**{name: value for name, value in given.items() if name in takes}))
        value = found.value if isinstance(found.value, str) else float(found.value)
        return Score(value, one_line(found.reason), evidence)


def sample(ctx: EvaluationContext) -> dict[str, Any]:
    """A run in the words of ragas; what is not there is left out."""
    production = ctx.of_production()
    given = {
        "user_input": question(ctx),
        "response": ctx.text,
        "reference": reference(ctx),
        "retrieved_contexts": contexts(ctx) or None,
        "reference_contexts": (contexts(production) if production else None) or None,
    }
    return {name: value for name, value in given.items() if value is not None}
