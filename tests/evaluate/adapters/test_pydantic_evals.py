"""Evaluators of pydantic-evals."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from pytest_llmreplay.evaluate import PydanticEvals
from pytest_llmreplay.evaluate.run import evaluate
from tests.evaluate.adapters.runs import asked, library
from tests.evaluate.judging import judge, run

theirs: Any = library("pydantic_evals.evaluators")


def test_an_assertion_with_a_reason() -> None:
    found = judge(PydanticEvals(theirs.Contains("30 days")), output="14 days")
    assert (found.name, found.judgement, found.score) == ("Contains", "failed", 0)
    assert "30 days" in found.reason
    assert judge(PydanticEvals(theirs.EqualsExpected())).judgement == "passed"


def test_an_evaluator_gets_inputs_and_expected_output_and_may_give_several_results() -> None:
    @dataclass
    class Several(theirs.Evaluator):  # type: ignore[misc,unused-ignore]
        async def evaluate(self, ctx: Any) -> Any:
            return {
                "inputs": str(ctx.inputs),
                "expected": theirs.EvaluationReason(ctx.expected_output == "You have 14 days.", "as\nrecorded"),
                "half": 0.5,
            }

    ctx = run(output="14 days.", recorded="You have 14 days.")
    found = {each.name: each for each in evaluate([PydanticEvals(Several(), threshold=0.9)], ctx).evaluations}
    assert (found["expected"].judgement, found["expected"].reason) == ("passed", "as recorded")
    assert (found["half"].judgement, found["half"].score) == ("failed", 0.5)
    assert found["inputs"].label == "None"
    assert asked(PydanticEvals(theirs.IsInstance("str"))).judgement == "passed"


def test_a_duration_that_is_not_known_is_within_no_limit() -> None:
    assert judge(PydanticEvals(theirs.MaxDuration(timedelta(hours=1)))).judgement == "error"


def test_spans_of_a_replayed_run_are_not_there() -> None:
    found = judge(PydanticEvals(theirs.HasMatchingSpan(query={"name_equals": "x"})))
    assert (found.judgement, found.reason) == (
        "error",
        "SpanTreeRecordingError: a replayed run has no span tree",
    )


def test_another_object_is_refused() -> None:
    with pytest.raises(TypeError, match="evaluator is an instance of a pydantic-evals evaluator"):
        PydanticEvals(len)
