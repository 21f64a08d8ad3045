"""Answers from documents, by a judge."""

import json
from typing import Any

import pytest

from pytest_llmreplay.evaluate.protocol import Evaluator
from pytest_llmreplay.evaluate.rag import (
    AnswerRelevance,
    ContextPrecision,
    ContextRecall,
    Faithfulness,
    average_precision,
)
from pytest_llmreplay.model.call import Answer, Arguments, Call, Returned
from pytest_llmreplay.model.evaluation import Evaluation
from pytest_llmreplay.model.jsonvalue import JSON
from tests.builders import step
from tests.evaluate.judging import judge

DOCUMENTS: list[JSON] = [{"id": "refund", "text": "You have 14 days."}, "Shipping is free."]
QUESTION = Arguments(named={"question": "How long?"})
CLAIMS = ["You have 14 days.", "Opened goods\ncannot be returned.", "Shipping is free."]
RETRIEVED = step(Call(kind="retrieval", model="search"), Answer(returned=Returned(DOCUMENTS)))


class Model:
    """A judge that lists claims, and says yes to some numbers."""

    def __init__(self, claims: Any = CLAIMS, yes: Any = (1, 3), count: int | None = None) -> None:
        self.claims, self.yes, self.prompts = claims, yes, list[str]()
        self.count = len(claims) if count is None else count

    def __call__(self, prompt: str) -> str:
        self.prompts.append(prompt)
        if '"claims": [' in prompt:
            return "```json\n" + json.dumps({"claims": self.claims}) + "\n```"
        numbers = range(1, self.count + 1)
        return json.dumps({"verdicts": [{"number": each, "yes": each in self.yes} for each in numbers]})


def told(evaluator: Evaluator, *steps: Any, **more: Any) -> Evaluation:
    return judge(evaluator, *(steps or (RETRIEVED,)), **more)


def test_faithfulness_is_the_share_of_claims_that_the_documents_support() -> None:
    model = Model()
    found = told(Faithfulness(judge=model, threshold=0.9), output="An answer.")
    assert found.judgement == "failed"
    assert found.score == pytest.approx(2 / 3)
    assert found.reason == "claim 2 of 3 is not supported: Opened goods cannot be returned."
    assert [each.path for each in found.evidence] == ["claims[1]"]
    first, second = model.prompts
    assert "<text>\nAn answer.\n</text>" in first
    assert '{"claims": ["…", "…"]}' in first
    assert "<documents>\n1. You have 14 days.\n2. Shipping is free.\n</documents>" in second
    assert '{"verdicts": [{"number": 1, "yes": true}, …]}' in second


def test_without_a_threshold_it_is_a_measurement() -> None:
    assert told(Faithfulness(judge=Model())).judgement == "passed"


def test_all_claims_may_be_supported() -> None:
    found = told(Faithfulness(judge=Model(yes=(1, 2, 3)), threshold=1))
    assert (found.judgement, found.reason) == ("passed", "all 3 claims")


def test_context_recall_looks_for_the_claims_of_the_reference() -> None:
    model = Model()
    found = told(ContextRecall(judge=model, threshold=0.9), output="Now.", recorded="Then.")
    assert found.reason == "claim 2 of 3 is in no document: Opened goods cannot be returned."
    assert "<text>\nThen.\n</text>" in model.prompts[0]


def test_context_precision_is_the_average_precision_of_the_ranking() -> None:
    model = Model(count=2, yes=(2,))
    found = told(ContextPrecision(judge=model, threshold=0.9))
    assert (found.score, found.reason) == (0.5, "document 1 of 2 is of no use: You have 14 days.")
    assert "<reference>\nHello.\n</reference>" in model.prompts[0]


@pytest.mark.parametrize(
    ("useful", "score"),
    [([True], 1), ([False], 0), ([True, False, True], (1 + 2 / 3) / 2), ([False, True, True], (1 / 2 + 2 / 3) / 2)],
)
def test_the_average_precision(useful: list[bool], score: float) -> None:
    assert average_precision(useful) == pytest.approx(score)


def test_answer_relevance_asks_whether_each_claim_bears_on_the_question() -> None:
    found = told(AnswerRelevance(judge=Model(yes=(1, 2)), threshold=0.9), arguments=QUESTION)
    assert found.reason == "claim 3 of 3 is beside the question: Shipping is free."


def test_an_answer_that_claims_nothing_is_relevant_to_nothing() -> None:
    found = told(AnswerRelevance(judge=Model(claims=[]), threshold=0.5), arguments=QUESTION)
    assert (found.score, found.reason) == (0, "the output claims nothing")


@pytest.mark.parametrize(
    ("evaluator", "steps", "more", "reason"),
    [
        (Faithfulness, [step()], {}, "the run retrieved no document"),
        (Faithfulness, [RETRIEVED], {}, "the output claims nothing"),
        (ContextPrecision, [step()], {}, "the run retrieved no document"),
        (ContextPrecision, [RETRIEVED], {"recorded": None}, "there is no reference: nothing is expected"),
        (ContextRecall, [RETRIEVED], {"recorded": None}, "there is no reference: nothing is expected"),
        (ContextRecall, [RETRIEVED], {}, "the reference claims nothing"),
        (AnswerRelevance, [RETRIEVED], {}, "the trace has no input"),
    ],
)
def test_what_cannot_be_judged_is_skipped(evaluator: Any, steps: Any, more: Any, reason: str) -> None:
    found = judge(evaluator(judge=Model(claims=[], count=2)), *steps, **more)
    assert found.judgement == "skipped"
    assert found.reason.startswith(reason)


def test_without_documents_nothing_is_recalled() -> None:
    found = judge(ContextRecall(judge=Model(), threshold=0.5), step())
    assert (found.score, found.reason) == (0, "the run retrieved no document")


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        (Model(count=2), "NoVerdict: the judge gave no verdict on number 3 of 3"),
        (Model(claims="none", count=2), "NoVerdict: the judge's claims are no list of texts"),
        (Model(claims=[{"claim": 1}]), "NoVerdict: the judge's claims are no list of texts"),
        (lambda prompt: '{"claims": ["a"]}', "NoVerdict: the judge gave no JSON object with 'verdicts'"),
        (
            lambda prompt: '{"claims": ["a"], "verdicts": [{"number": 1, "yes": "maybe"}]}',
            "NoVerdict: the judge gave no verdict on number 1 of 1",
        ),
    ],
)
def test_an_incomplete_answer_is_an_error_and_no_score(model: Any, reason: str) -> None:
    found = told(Faithfulness(judge=model))
    assert (found.judgement, found.score) == ("error", None)
    assert found.reason.startswith(reason)
