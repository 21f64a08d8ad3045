"""Judging an output in a test."""

from typing import Any

from pytest_llmreplay.evaluate.context import EvaluationContext, context
from pytest_llmreplay.evaluate.protocol import Evaluator
from pytest_llmreplay.evaluate.run import evaluate
from pytest_llmreplay.model.evaluation import Evaluation
from pytest_llmreplay.model.recording import Match
from tests import builders


def run(*steps: Any, output: Any = "Hello.", recorded: Any = "Hello.", **more: Any) -> EvaluationContext:
    """A run that made the recorded steps and gave an output."""
    trace = builders.trace(*steps, output=recorded, **more)
    return context(trace, [Match(each.call, each) for each in steps], output, mode="replay")


def judge(evaluator: Evaluator, *steps: Any, **more: Any) -> Evaluation:
    """The one judgement of an output."""
    (found,) = evaluate([evaluator], run(*steps, **more)).evaluations
    return found
