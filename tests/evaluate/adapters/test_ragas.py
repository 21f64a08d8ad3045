"""Metrics of ragas."""

import os
import warnings
from dataclasses import dataclass
from typing import Any

import pytest

from pytest_llmreplay.evaluate import Ragas
from tests.evaluate.adapters.runs import asked, library
from tests.evaluate.judging import judge

os.environ.setdefault("RAGAS_DO_NOT_TRACK", "true")
with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of the libraries that it imports
    metrics: Any = library("ragas.metrics")
    collections: Any = library("ragas.metrics.collections")
    result: Any = library("ragas.metrics.result")

pytestmark = [  # of ragas itself, which leaves a file open
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


def test_a_metric_of_the_newer_form() -> None:
    found = asked(Ragas(collections.ExactMatch(), threshold=1))
    assert (found.name, found.judgement, found.score) == ("exact_match", "failed", 0)
    assert asked(Ragas(collections.ExactMatch(), threshold=1), output="You have 14 days.").judgement == "passed"
    assert judge(Ragas(collections.ExactMatch()), recorded=None).reason == "the run has no reference"


def test_a_metric_of_the_older_form() -> None:
    found = asked(Ragas(metrics.ExactMatch(), threshold=1))
    assert (found.name, found.judgement, found.score) == ("exact_match", "failed", 0)


def test_a_metric_gets_question_answer_and_documents() -> None:
    @dataclass
    class Given(collections.BaseMetric):  # type: ignore[misc,unused-ignore]
        name: str = "given"

        async def ascore(self, user_input: str, response: str, retrieved_contexts: list[str]) -> Any:
            return result.MetricResult(0.5, reason=f"{user_input} {response}\n{retrieved_contexts}")

    found = asked(Ragas(Given(), threshold=0.9))
    assert (found.score, found.reason) == (0.5, "How long? 14 days. ['You have 14 days.']")


def test_another_object_is_refused() -> None:
    with pytest.raises(TypeError, match="metric is an instance of a ragas metric for single turns, not <class"):
        Ragas(collections.ExactMatch)
