"""Scorers of autoevals."""

from typing import Any

import pytest

from pytest_llmreplay.evaluate import Autoevals
from tests.evaluate.adapters.runs import asked, library
from tests.evaluate.judging import judge

autoevals: Any = library("autoevals")


def test_a_scorer_gets_output_and_reference() -> None:
    found = judge(Autoevals(autoevals.Levenshtein(), threshold=0.9), output="Hello", recorded="Hallo")
    assert (found.name, found.judgement, found.score) == ("Levenshtein", "failed", 0.8)
    assert judge(Autoevals(autoevals.ExactMatch()), output={"a": 1}, recorded={"a": 1}).score == 1


def test_a_scorer_gets_input_and_documents_and_gives_its_rationale() -> None:
    class Given(autoevals.Scorer):  # type: ignore[misc,unused-ignore]
        def _run_eval_sync(self, output: object, expected: object = None, **more: object) -> object:
            return autoevals.Score(name="x", score=0.5, metadata={"rationale": f"{more}\nseen"})

    found = asked(Autoevals(Given(), {"instructions": "Be strict."}))
    assert found.reason == (
        "{'input': 'How long?', 'context': ['You have 14 days.'], 'instructions': 'Be strict.'} seen"
    )


def test_no_score_is_a_skip_and_an_error_an_error() -> None:
    class Silent(autoevals.Scorer):  # type: ignore[misc,unused-ignore]
        def _run_eval_sync(self, output: object, expected: object = None, **more: object) -> object:
            return autoevals.Score(name="x", score=None)

    found = judge(Autoevals(Silent()))
    assert (found.judgement, found.reason) == ("skipped", "the scorer gave no score")
    found = judge(Autoevals(autoevals.Levenshtein()), recorded=None)
    assert (found.judgement, found.reason) == ("error", "ValueError: LevenshteinScorer requires an expected value")


def test_a_class_is_no_scorer() -> None:
    with pytest.raises(TypeError, match="scorer is an instance of an autoevals scorer, not <class"):
        Autoevals(autoevals.Levenshtein)
