"""Metrics of deepeval."""

import os
from typing import Any

import pytest

from pytest_llmreplay.evaluate import DeepEval
from tests.evaluate.adapters.runs import asked, library

os.environ.setdefault("DEEPEVAL_TELEMETRY_OPT_OUT", "YES")
metrics: Any = library("deepeval.metrics")


def test_a_metric_s_own_threshold_decides() -> None:
    found = asked(DeepEval(metrics.ExactMatchMetric(threshold=0.7)))
    assert (found.name, found.judgement, found.score, found.need) == ("Exact Match", "failed", 0, "deepeval 0.7")
    assert asked(DeepEval(metrics.ExactMatchMetric()), output="You have 14 days.").judgement == "passed"


def test_a_metric_gets_the_run_and_keeps_nothing_of_it() -> None:
    class Given(metrics.BaseMetric):  # type: ignore[misc,unused-ignore]
        threshold = 0.5

        def measure(self, test_case: Any) -> float:
            self.score = 0.75
            self.reason = f"{test_case.input} {test_case.actual_output}\n{test_case.retrieval_context}"
            return self.score

        async def a_measure(self, test_case: Any) -> float:
            return self.measure(test_case)

    metric = Given()
    found = asked(DeepEval(metric))
    assert (found.judgement, found.score) == ("passed", 0.75)
    assert found.reason == "How long? 14 days. ['You have 14 days.']"
    assert metric.score is None


def test_another_object_is_refused() -> None:
    with pytest.raises(TypeError, match="metric is an instance of a deepeval metric, not <class"):
        DeepEval(metrics.ExactMatchMetric)
