"""Whatever an evaluator returns becomes a judgement that a report can hold."""

import json
from dataclasses import asdict
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy
import pytest

from pytest_llmreplay.evaluate.judgement import told
from pytest_llmreplay.evaluate.protocol import Evaluator
from pytest_llmreplay.model.evaluation import Evaluation, Evidence, Score


def judgement(said: Any, **policy: Any) -> Evaluation:
    found = told(Evaluator(**policy), "polite", said)
    json.dumps(asdict(found), allow_nan=False)
    return found


@pytest.mark.parametrize(
    ("said", "judged", "score"),
    [
        (numpy.bool_(False), "failed", 0.0),
        (numpy.bool_(True), "passed", 1.0),
        (numpy.float32(0.5), "passed", 0.5),
        (numpy.int64(3), "passed", 3.0),
        (numpy.array(0.5), "passed", 0.5),
        (Score(numpy.bool_(False)), "failed", 0.0),  # type: ignore[arg-type]
        (Score(0.5, passed=numpy.bool_(False)), "failed", 0.5),  # type: ignore[arg-type]
        (Decimal("0.5"), "passed", 0.5),
        (Fraction(1, 4), "passed", 0.25),
        (2**70, "passed", 2.0**70),
    ],
)
def test_numbers_and_bools_of_any_kind_count(said: Any, judged: str, score: float) -> None:
    found = judgement(said)
    assert (found.judgement, found.score, type(found.score)) == (judged, score, float)


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (numpy.float64("nan"), "it returned nan, which is no number"),
        (Decimal("NaN"), "it returned nan, which is no number"),
        (10**400, "it returned inf, which is no number"),
        (1j, "it returned a complex, which is no bool, number, text or Score"),
        (numpy.zeros(2), "it returned a ndarray, which is no bool, number, text or Score"),
        ({"a": True}, "it returned a dict, which is no bool, number, text or Score"),
        (Score(None), "it returned a NoneType, which is no bool, number, text or Score"),  # type: ignore[arg-type]
        (Score(0.5, passed="no"), "passed of its Score is True, False or None, not 'no'"),  # type: ignore[arg-type]
        (Score(True, evidence="abc"), "evidence of its Score is a tuple of Evidence, not 'abc'"),  # type: ignore[arg-type]
        (Score(True, evidence=7), "evidence of its Score is a tuple of Evidence, not 7"),  # type: ignore[arg-type]
    ],
)
def test_what_is_no_judgement_is_an_error_that_says_what_it_is(said: Any, reason: str) -> None:
    found = judgement(said)
    assert (found.judgement, found.score, found.reason) == ("error", None, reason)


class Nameless:
    def __str__(self) -> str:
        raise ValueError("no words")


def test_reasons_needs_and_evidence_may_be_anything() -> None:
    around: list[Any] = []
    around.append(around)
    evidence = (
        Evidence("output", Nameless()),
        Evidence("output", {1: {2}, "x": float("nan")}),
        Evidence(3, around),  # type: ignore[arg-type]
    )
    found = judgement(Score(False, Nameless(), evidence, need=None))  # type: ignore[arg-type]
    assert (found.reason, found.need) == ("<Nameless>", "= 1")
    assert [(each.path, each.found) for each in found.evidence[:2]] == [
        ("output", "<Nameless>"),
        ("output", {"1": [2], "x": "nan"}),
    ]
    assert found.evidence[2].found == "<list that is nested too deeply>"


def test_nothing_is_endless() -> None:
    found = judgement(Score(False, "x" * 9_000, tuple(Evidence("y" * 9_000, "z" * 90_000) for _ in range(900))))
    assert (len(found.reason), found.reason[-1]) == (2_000, "…")
    assert len(found.evidence) == 100
    assert (len(found.evidence[0].path), len(str(found.evidence[0].found))) == (2_000, 20_001)
    assert len(told(Evaluator(), "n" * 900, True).name) == 100
