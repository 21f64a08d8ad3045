from typing import Any

import pytest

from pytest_llmreplay.errors import UsageProblem
from pytest_llmreplay.evaluate.context import step
from pytest_llmreplay.evaluate.spec import evaluators
from pytest_llmreplay.evaluate.text import Contains, EndsWith, Exact, Regex, StartsWith
from tests import builders
from tests.evaluate.judging import judge

SENTENCE = "The refund window is 14 days."


@pytest.mark.parametrize(
    ("evaluator", "judgement", "score", "reason"),
    [
        (Exact(SENTENCE), "passed", 1.0, 'is "The refund window is 14 days."'),
        (Exact("The refund."), "failed", 0.0, 'from character 11 on: "." was expected, got " window is 14 days."'),
        (Exact("the refund window: is 14 days", normalise=True), "passed", 1.0, 'is "The refund window is 14 days."'),
        (Contains("14 days"), "passed", 1.0, 'has "14 days" at character 22'),
        (Contains("30 days"), "failed", 0.0, 'missing "30 days"'),
        (Contains(["refund", "30 days", "fee"]), "failed", 1 / 3, 'missing "30 days", "fee"'),
        (Contains(["refund", "window"]), "passed", 1.0, 'has "refund", "window"'),
        (Contains(["fee", "14 days"], "any"), "passed", 1.0, 'has "14 days" at character 22'),
        (Contains(["fee", "30 days"], "any"), "failed", 0.0, 'none of "fee", "30 days"'),
        (Contains("REFUND, window", normalise=True), "passed", 1.0, 'has "refund window"'),
        (Contains("REFUND", normalise="case"), "passed", 1.0, 'has "refund"'),
        (Contains("refund", negate=True), "failed", 1.0, 'has "refund" at character 5'),
        (Contains(list("abcxz#!")), "failed", 1 / 7, 'missing "b", "c", "x", "z", "#" and 1 more'),
        (Contains(["refund", "fee"], threshold=0.5), "passed", 0.5, 'missing "fee"'),
        (StartsWith("The"), "passed", 1.0, 'begins with "The"'),
        (StartsWith(["A", "An"]), "failed", 0.0, f'begins with "{SENTENCE}", not with "A" or "An"'),
        (EndsWith("days."), "passed", 1.0, 'ends with "days."'),
        (EndsWith("days"), "failed", 0.0, f'ends with "{SENTENCE}", not with "days"'),
        (EndsWith("DAYS", normalise=True), "passed", 1.0, 'ends with "days"'),
        (Regex(r"\b\d+ days"), "passed", 1.0, 'found "14 days" at character 22'),
        (Regex(r"\b30 days"), "failed", 0.0, r"nothing matches \b30 days"),
        (Regex("the", ignore_case=True), "passed", 1.0, 'found "The" at character 1'),
        (Regex("The", whole=True), "failed", 0.0, "does not match The"),
    ],
)
def test_a_text_is_judged_and_the_reason_says_why(evaluator: Any, judgement: str, score: float, reason: str) -> None:
    found = judge(evaluator, output=SENTENCE)
    assert (found.judgement, found.reason) == (judgement, reason)
    assert found.score == pytest.approx(score)


def test_an_empty_output_is_called_so() -> None:
    assert judge(StartsWith("a"), output="").reason == 'is empty, not with "a"'
    assert judge(EndsWith("a"), output=None).reason == 'is empty, not with "a"'


def test_a_reason_is_one_line_and_short() -> None:
    found = judge(Exact("a"), output="b\n" * 100)
    assert found.reason == 'from character 1 on: "a" was expected, got "' + r"b\n" * 15 + '…"'


def test_what_is_no_text_is_looked_at_as_json() -> None:
    assert judge(Contains('{"b": 1'), output={"b": 1, "c": "ä"}).judgement == "passed"
    assert judge(Exact({"b": 1}), output={"b": 1}).judgement == "passed"
    assert judge(Exact({"b": "A."}, normalise=True), output={"b": "a"}).judgement == "passed"


def test_exact_takes_what_production_gave_where_nothing_else_is_expected() -> None:
    assert judge(Exact()).judgement == "passed"
    assert judge(Exact(), output="Hello!").reason == 'from character 6 on: "." was expected, got "!"'
    found = judge(Exact(), recorded=None)
    assert found.judgement == "skipped"
    assert found.reason == "nothing is expected: no argument, no expectation, and the trace has no output"


def test_exact_of_a_step_takes_what_that_step_gave() -> None:
    steps = [builders.step(answer=builders.answered("one"), index=1), builders.step(answer=builders.answered("two"))]
    assert judge(Exact(steps=step(kind="model")), *steps, recorded="three").judgement == "passed"


def test_a_regex_points_at_what_it_found() -> None:
    (found,) = judge(Regex("1."), output=SENTENCE).evidence
    assert (found.path, found.found) == ("output[21:23]", "14")


def test_a_regex_says_when_it_did_not_look_at_all_of_the_output() -> None:
    found = judge(Regex("b"), output="a" * 100_001)
    assert found.reason == "nothing matches b in the first 100,000 of 100,001 characters"


def test_a_slow_regex_is_an_error() -> None:
    found = judge(Regex("(a+)+$", seconds=0.2), output="a" * 60 + "b")
    assert found.judgement == "error"
    assert found.reason.startswith("TooSlow: the pattern took more than 0.2 s on 61 characters and was given up:")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("contains", "here: contains: Contains.__init__() missing 1 required positional argument: 'texts'"),
        ({"contains": 3}, "here: contains: texts is a text or a list of texts, not 3"),
        ({"contains": ["a", ""]}, "texts holds nothing to look for: an empty text is in every output"),
        ({"contains": []}, "texts holds nothing to look for"),
        ({"contains": {"texts": "...", "normalise": True}}, "texts holds nothing to look for"),
        ({"contains": {"texts": "a", "how": "al"}}, "how is all or any, not 'al'; did you mean 'all'?"),
        ({"contains": {"texts": "a", "normalise": "upper"}}, "normalise has no 'upper'"),
        ({"starts_with": ""}, "texts holds nothing to look for"),
        ({"ends_with": {"texts": "a", "whole": True}}, "ends_with has no argument 'whole'"),
        ({"regex": "(a"}, "here: regex: the pattern '(a' cannot be read"),
        ({"regex": "a" * 2000}, "the pattern has 2,000 characters; it may have 1,000"),
        ({"regex": {"pattern": "a", "seconds": 100}}, "seconds lies between 0 and the limit of 60, not at 100"),
    ],
)
def test_an_argument_that_cannot_be_used_is_named_at_collection(given: Any, message: str) -> None:
    with pytest.raises(UsageProblem) as caught:
        evaluators(given, "here")
    assert message in str(caught.value)
