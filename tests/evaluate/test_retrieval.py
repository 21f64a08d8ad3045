from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import ndcg_score

from pytest_llmreplay.errors import UsageProblem
from pytest_llmreplay.evaluate.context import EvaluationContext, context
from pytest_llmreplay.evaluate.retrieval import Mrr, Ndcg, Quoted, RetrievalPrecision, RetrievalRecall
from pytest_llmreplay.evaluate.run import evaluate
from pytest_llmreplay.evaluate.spec import evaluators
from pytest_llmreplay.model.call import Call, Returned
from pytest_llmreplay.model.recording import Match
from tests import builders


def retrieved(*documents: Any) -> Any:
    call = Call(kind="retrieval", model="search")
    documents = tuple({"id": each} if isinstance(each, str) else each for each in documents)
    return builders.step(call, builders.answered(returned=Returned(list(documents))))


def run(*documents: Any, recorded: Any = None, output: Any = None) -> EvaluationContext:
    live = retrieved(*documents)
    trace = builders.trace(live if recorded is None else retrieved(*recorded))
    return context(trace, [Match(live.call, live)], output, mode="replay")


def score(evaluator: Any, ctx: EvaluationContext) -> float:
    (found,) = evaluate([evaluator], ctx).evaluations
    assert found.score is not None
    return found.score


@pytest.mark.parametrize(
    ("evaluator", "documents", "expected"),
    [
        (RetrievalPrecision(["a", "b"]), "abcd", 0.5),
        (RetrievalPrecision(["a", "b"], k=1), "abcd", 1.0),
        (RetrievalPrecision(["a"]), "", 0.0),
        (RetrievalRecall(["a", "b", "x", "y"]), "abcd", 0.5),
        (RetrievalRecall(["a", "b"], k=1), "abcd", 0.5),
        (Mrr(["c", "d"]), "abcd", 1 / 3),
        (Mrr(["x"]), "abcd", 0.0),
        (Ndcg(["a", "b"]), "abcd", 1.0),
        (Ndcg(["x"]), "abcd", 0.0),
        (RetrievalPrecision("a"), "aab", 0.5),
    ],
)
def test_measures(evaluator: Any, documents: str, expected: float) -> None:
    assert score(evaluator, run(*documents)) == pytest.approx(expected)


IDS = [f"doc-{number}" for number in range(12)]


@given(st.permutations(IDS), st.sets(st.sampled_from(IDS), min_size=1), st.integers(1, 12))
def test_ndcg_is_that_of_scikit_learn(order: list[str], relevant: set[str], k: int) -> None:
    truth = np.array([[float(each in relevant) for each in order]])
    ranking = np.array([[float(len(order) - place) for place in range(len(order))]])
    expected = ndcg_score(truth, ranking, k=k)
    assert score(Ndcg(sorted(relevant), k=k), run(*order)) == pytest.approx(expected)


@given(st.permutations(IDS), st.sets(st.sampled_from(IDS), min_size=1))
def test_mrr_is_one_by_the_rank_of_the_first_relevant_document(order: list[str], relevant: set[str]) -> None:
    first = min(order.index(each) for each in relevant)
    assert score(Mrr(sorted(relevant)), run(*order)) == pytest.approx(1 / (first + 1))


def test_without_ids_productions_documents_are_the_relevant_ones() -> None:
    (found,) = evaluate([RetrievalRecall()], run("a", "c", recorded=["a", "b"])).evaluations
    assert (found.score, found.reason) == (0.5, "missing b; not relevant: c")
    assert [(each.path, each.found) for each in found.evidence] == [("documents[1]", "c")]
    (found,) = evaluate([RetrievalRecall()], run("a", recorded=[])).evaluations
    assert (found.judgement, found.reason) == (
        "skipped",
        "no document is relevant: none are given, and production retrieved none",
    )


TEXTS = [{"id": "1", "text": "Items can be returned within  14 days."}, {"id": "2", "page_content": "Post is free."}]


@pytest.mark.parametrize(
    ("output", "expected", "reason"),
    [
        ('We say "returned within 14 days" and "post is FREE".', 1.0, ""),
        ("We say “returned within 30 days” and “Post is free”.", 0.5, "in no document: 'returned within 30 days'"),
        ("Items can be returned within 14 days. Cats are grey too.", 0.5, "in no document: 'Cats are grey too.'"),
        ({"answer": 'It says "Post is free"'}, None, None),
    ],
)
def test_what_is_quoted_stands_in_the_documents(output: Any, expected: float | None, reason: str | None) -> None:
    (found,) = evaluate([Quoted()], run(*TEXTS, output=output)).evaluations
    if expected is not None:
        assert (found.score, found.reason) == (expected, reason)
    else:
        assert found.score is not None


def test_nothing_to_quote_from_or_to_ground_is_a_skip() -> None:
    assert evaluate([Quoted()], run(output="Some long sentence here.")).evaluations[0].judgement == "skipped"
    assert evaluate([Quoted()], run(*TEXTS, output="Yes.")).evaluations[0].judgement == "skipped"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"ndcg": {"k": 0}}, "k is a whole number from 1, not 0"),
        ({"mrr": [3]}, "relevant is a list of ids"),
    ],
)
def test_arguments_that_mean_nothing_are_named(given: Any, message: str) -> None:
    with pytest.raises(UsageProblem, match=message):
        evaluators(given, "here")
