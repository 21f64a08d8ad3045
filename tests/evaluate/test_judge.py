"""A judge with a rubric, and how the answers of models are read."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from pytest_llmreplay.errors import UsageProblem
from pytest_llmreplay.evaluate.judge import Judge, NoVerdict, verdict
from pytest_llmreplay.evaluate.run import evaluate
from pytest_llmreplay.evaluate.spec import evaluators
from tests.evaluate.judging import judge, run


def says(*answers: Any) -> Any:
    """A model that gives these answers in turn."""
    rest: Iterator[Any] = iter(answers)
    return lambda prompt: next(rest)


def scored(score: Any, reason: str = "It is short.") -> str:
    return json.dumps({"score": score, "reason": reason})


@pytest.mark.parametrize(
    ("score", "threshold", "judgement"),
    [(0.5, None, "passed"), (0.4, None, "failed"), (0.7, 0.8, "failed"), (0.8, 0.8, "passed"), ("1", None, "passed")],
)
def test_the_score_is_held_against_the_threshold_or_the_half(
    score: Any, threshold: float | None, judgement: str
) -> None:
    found = judge(Judge("Be brief.", judge=says(scored(score)), threshold=threshold))
    assert (found.judgement, found.score, found.reason) == (judgement, float(score), "It is short.")
    assert found.need == f">= {threshold or 0.5}"
    assert [each.path for each in found.evidence] == ["output"]


def test_the_prompt_holds_rubric_input_output_and_what_is_expected() -> None:
    prompts = []

    def model(prompt: str) -> str:
        prompts.append(prompt)
        return scored(1)

    judge(Judge("Names a day {of the week}.", judge=model), output={"day": "Monday"})
    assert "Names a day {of the week}." in prompts[0]
    assert '<output>\n{"day": "Monday"}\n</output>' in prompts[0]
    assert "<expected>" not in prompts[0]
    assert '{"score": S, "reason": "R"}' in prompts[0]


def test_several_runs_give_the_mean_and_the_spread_with_the_reason_of_the_lowest() -> None:
    model = says(scored(1), scored(0.25, "No day\nis named."), scored(0.7))
    found = judge(Judge("Names a day.", judge=model, runs=3))
    assert found.score == pytest.approx(0.65)
    assert found.reason == "mean of 3 runs, 0.25 to 1: No day is named."


def test_a_model_may_be_asynchronous() -> None:
    async def model(prompt: str) -> str:
        return scored(1)

    assert judge(Judge("Be brief.", judge=model)).judgement == "passed"


def test_the_project_s_judge_is_asked_where_none_is_given() -> None:
    from dataclasses import replace

    ctx = replace(run(), judge=says(scored(0.9)))
    (found,) = evaluate([Judge("Be brief.")], ctx).evaluations
    assert found.score == 0.9


def test_without_any_judge_it_is_an_error_that_says_what_to_give() -> None:
    found = judge(Judge("Be brief."))
    assert found.judgement == "error"
    assert found.reason == (
        'ValueError: no judge: give judge=, a function of a prompt, or "judge" in the fixture llm_config'
    )


@pytest.mark.parametrize(
    "answer",
    [
        '{"score": 1, "reason": "yes"}',
        '```json\n{"score": 1,\n "reason": "yes"}\n```',
        'I see {braces} here. My verdict: {"score": 1, "reason": "yes"} That is all {really}.',
        '<think>{"score": 0, "reason": "a draft"}</think>{"score": 1, "reason": "yes"}',
        '{"verdict": {"score": 0}} {"score": 1, "reason": "yes"}',
    ],
)
def test_a_verdict_is_found_within_fences_and_prose(answer: str) -> None:
    assert verdict(answer, "score") == {"score": 1, "reason": "yes"}


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ("I would say 8 of 10.", "the judge gave no JSON object with 'score'; it said \"I would say 8 of 10.\""),
        ("", "the judge gave no JSON object with 'score'; it said nothing"),
        ("{" * 20_000, "the judge gave no JSON object with 'score'; it said"),
        ('{"score": 8}', "the judge's score is no number from 0 to 1: 8"),
        ('{"score": NaN}', "the judge's score is no number from 0 to 1: nan"),
        ('{"score": "high"}', "the judge's score is no number from 0 to 1: 'high'"),
        ('{"score": null}', "the judge's score is no number from 0 to 1: None"),
        (None, "the judge returned a NoneType, not the text of its answer"),
    ],
)
def test_an_answer_without_a_verdict_is_an_error_and_no_score(answer: Any, told: str) -> None:
    found = judge(Judge("Be brief.", judge=says(answer)))
    assert (found.judgement, found.score) == ("error", None)
    assert found.reason.startswith(f"NoVerdict: {told}")


def test_what_has_no_such_member_is_no_verdict() -> None:
    with pytest.raises(NoVerdict):
        verdict('{"score": 1}', "claims")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"judge": " "}, "here: judge: rubric is a text, not ' '"),
        ({"judge": {"rubric": "Be brief.", "runs": 0}}, "here: judge: runs is a whole number from 1, not 0"),
        ({"judge": {"rubric": "Be brief.", "judge": "gpt-4o"}}, "judge is a function of a prompt, not 'gpt-4o'"),
        ({"judge": {"rubrik": "Be brief."}}, "judge has no argument 'rubrik'; did you mean 'rubric'?"),
    ],
)
def test_an_argument_that_cannot_be_used_is_named_at_collection(given: Any, message: str) -> None:
    with pytest.raises(UsageProblem) as caught:
        evaluators(given, "here")
    assert message in str(caught.value)
