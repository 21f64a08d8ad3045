"""Evaluators of openevals."""

from typing import Any

import pytest

from pytest_llmreplay.evaluate import OpenEvals
from pytest_llmreplay.evaluate.run import evaluate
from tests.evaluate.adapters.runs import asked, library
from tests.evaluate.judging import run

openevals: Any = library("openevals")


def test_an_evaluator_gets_what_it_takes() -> None:
    found = asked(OpenEvals(openevals.exact_match))
    assert (found.name, found.judgement, found.score) == ("exact_match", "failed", 0)
    assert asked(OpenEvals(openevals.exact_match), output="You have 14 days.").judgement == "passed"

    async def given(inputs: str, context: str) -> dict[str, Any]:
        return {"key": "x", "score": 0.5, "comment": f"{inputs}\n{context}"}

    found = asked(OpenEvals(given, threshold=0.6))
    assert (found.judgement, found.reason) == ("failed", "How long? You have 14 days.")


def test_several_results_have_their_keys() -> None:
    def several(outputs: str) -> list[dict[str, Any]]:
        return [{"key": "a", "score": True}, {"key": "b", "score": None, "comment": "not asked"}]

    found = evaluate([OpenEvals(several)], run()).evaluations
    assert [(each.name, each.judgement, each.reason) for each in found] == [
        ("a", "passed", ""),
        ("b", "skipped", "not asked"),
    ]


def test_what_has_no_score_is_an_error() -> None:
    found = asked(OpenEvals(lambda outputs: "good", name="plain"))
    assert (found.judgement, found.reason) == (
        "error",
        "TypeError: the evaluator returned a str, which has no score",
    )


def test_another_object_is_refused() -> None:
    with pytest.raises(TypeError, match="evaluator is a function of openevals, not 'exact_match'"):
        OpenEvals("exact_match")
