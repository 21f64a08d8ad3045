"""Metrics of deepeval. PYTEST_DONT_REWRITE"""

from copy import copy
from dataclasses import dataclass
from inspect import Parameter, signature
from typing import Any

from pytest_llmreplay.evaluate.adapters.terms import contexts, needed, one_line, question, reference
from pytest_llmreplay.evaluate.context import EvaluationContext
from pytest_llmreplay.evaluate.protocol import Evaluator
from pytest_llmreplay.model.evaluation import Evidence, Score, Skip


@dataclass(frozen=True)
class DeepEval(Evaluator):
    """A metric of deepeval: it gets a test case of the run, and its own threshold decides."""

    metric: Any
    """An instance, such as ``AnswerRelevancyMetric(threshold=0.7)``."""

    def __post_init__(self) -> None:
        needed("deepeval", "deepeval", "DeepEval")
        from deepeval.metrics import BaseMetric

        if not isinstance(self.metric, BaseMetric):
            raise TypeError(f"metric is an instance of a deepeval metric, not {self.metric!r}")

    @property
    def title(self) -> str:
        """The metric's name, if it was given no other."""
        return self.name or str(self.metric.__name__)

    def __call__(self, ctx: EvaluationContext) -> Score | Skip:
        """Measure with a copy, for a metric keeps what it found."""
        metric = copy(self.metric)
        quiet = {"_show_indicator": False, "_log_metric_to_confident": False}
        takes = signature(metric.measure).parameters
        anything = any(each.kind is Parameter.VAR_KEYWORD for each in takes.values())
        metric.measure(case_of(ctx), **{name: value for name, value in quiet.items() if anything or name in takes})
        if metric.error is not None:
            raise RuntimeError(one_line(metric.error))
        if metric.skipped or metric.score is None:
            return Skip(one_line(metric.reason) or "the metric gave no score")
        need = "" if metric.threshold is None else f"deepeval {metric.threshold:g}"
        evidence = (Evidence("output", ctx.output),)
        return Score(float(metric.score), one_line(metric.reason), evidence, passed=metric.is_successful(), need=need)


def case_of(ctx: EvaluationContext) -> Any:
    """A run as a test case of deepeval."""
    from deepeval.test_case import LLMTestCase, ToolCall

    documents = contexts(ctx)
    return LLMTestCase(
        input=question(ctx),
        actual_output=ctx.text,
        expected_output=reference(ctx),
        context=documents or None,
        retrieval_context=documents or None,
        tools_called=[tool(ToolCall, each) for each in ctx.tools] or None,
        completion_time=ctx.seconds,
    )


def tool(kind: Any, used: Any) -> Any:
    """A tool that was called, as deepeval has it."""
    return kind(name=used.name, input_parameters=used.arguments if isinstance(used.arguments, dict) else None)
