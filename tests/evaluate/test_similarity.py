import math
import threading
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_llmreplay.errors import MissingExtra, UsageProblem
from pytest_llmreplay.evaluate import similarity
from pytest_llmreplay.evaluate.similarity import METHODS, EmbeddingSimilarity, LexicalSimilarity, cosine
from pytest_llmreplay.evaluate.spec import evaluators
from pytest_llmreplay.model.call import Call
from tests import builders
from tests.evaluate.judging import judge


@pytest.mark.parametrize("method", METHODS)
@given(a=st.text(max_size=30), b=st.text(max_size=30))
def test_each_method_measures_from_0_to_1_and_1_is_the_same(method: str, a: str, b: str) -> None:
    found = judge(LexicalSimilarity(a, method), output=b)
    assert found.score is not None
    assert 0 <= found.score <= 1
    assert judge(LexicalSimilarity(a, method), output=a).score == 1.0


@pytest.mark.parametrize(
    ("method", "score"),
    [
        ("difflib", 2 * 4 / 13),  # "ittn" is in both, out of 6 and 7 characters
        ("indel", 2 * 4 / 13),
        ("levenshtein", 1 - 3 / 7),
        ("jaro_winkler", 0.746),
        ("token_sort", 2 * 4 / 13),
        ("token_set", 2 * 4 / 13),
        ("partial", 2 * 4 / 12),
    ],
)
def test_a_method_counts_as_it_is_defined(method: str, score: float) -> None:
    found = judge(LexicalSimilarity("kitten", method), output="sitting")
    assert found.score == pytest.approx(score, abs=0.001)


def test_a_threshold_makes_a_similarity_a_judgement() -> None:
    given = LexicalSimilarity("The window is 30 days.", threshold=0.95)
    found = judge(given, output="The window is 14 days.")
    assert (found.judgement, found.need) == ("failed", ">= 0.95")
    assert found.reason == 'from character 15 on: "30 days." was expected, got "14 days."'
    assert judge(LexicalSimilarity("a"), output="b").judgement == "passed"


def test_a_similarity_is_taken_of_production_where_nothing_is_expected() -> None:
    assert judge(LexicalSimilarity(), output="Hello.").score == 1.0
    assert judge(LexicalSimilarity(), recorded=None).judgement == "skipped"
    assert judge(LexicalSimilarity("HELLO", normalise=True), output="hello!").score == 1.0


def test_texts_that_difflib_would_be_slow_with_are_an_error() -> None:
    found = judge(LexicalSimilarity("a" * 10_000), output="b" * 10_000)
    words = "ValueError: texts of 10,000 and 10,000 characters are too long for difflib; take method indel"
    assert (found.judgement, found.reason) == ("error", words)
    assert judge(LexicalSimilarity("a" * 10_000, "indel"), output="b" * 10_000).score == 0.0


def test_a_method_without_its_package_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(similarity, "find_spec", lambda name: None)
    assert LexicalSimilarity("a").method == "difflib"
    words = r"lexical_similarity with method indel needs the package rapidfuzz: pip install '.*\[similarity\]'"
    with pytest.raises(MissingExtra, match=words):
        LexicalSimilarity("a", "indel")
    with pytest.raises(UsageProblem, match=f"here: {words}"):
        evaluators({"lexical_similarity": {"method": "indel"}}, "here")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            {"lexical_similarity": {"method": "indl"}},
            "no method is named 'indl'; did you mean 'indel'?: difflib, indel",
        ),
        ({"embedding_similarity": {"embed": "mine"}}, "embed is a function of a text, not 'mine'"),
    ],
)
def test_an_argument_that_cannot_be_used_is_named_at_collection(given: Any, message: str) -> None:
    with pytest.raises(UsageProblem) as caught:
        evaluators(given, "here")
    assert message in str(caught.value)


def letters(text: str) -> list[float]:
    return [text.count("a"), text.count("b")]


def test_vectors_come_from_the_users_function() -> None:
    assert judge(EmbeddingSimilarity("aabb", letters), output="ab").score == pytest.approx(1.0)
    assert judge(EmbeddingSimilarity("ab", letters), output="a").score == pytest.approx(math.sqrt(0.5))
    found = judge(EmbeddingSimilarity("b", letters, threshold=0.5), output="a")
    assert (found.judgement, found.score, found.reason) == ("failed", 0.0, '"a" beside "b"')


def test_a_function_that_hangs_is_given_up() -> None:
    hanging = threading.Event()

    def wait(text: str) -> list[float]:
        hanging.wait(10)
        return [1.0]

    found = judge(EmbeddingSimilarity("a", wait, limit=0.1), output="b")
    hanging.set()
    assert (found.judgement, found.reason) == ("error", "gave no answer within 0.1 s")


def embedding(texts: list[str], vectors: tuple[tuple[float, ...], ...]) -> Any:
    call = Call(kind="embedding", model="e", messages=tuple(map(builders.user, texts)))
    return builders.step(call, builders.answered(choices=(), vectors=vectors))


def test_vectors_come_from_productions_embedding_steps() -> None:
    known = embedding(["yes", "yep", "no"], ((1.0, 0.0), (1.0, 0.1), (0.0, 1.0)))
    assert judge(EmbeddingSimilarity("yes"), known, output="no").score == pytest.approx(0.0)
    assert judge(EmbeddingSimilarity(), known, output="yep", recorded="yes").score == pytest.approx(0.995, abs=0.001)


def test_a_vector_of_the_normal_form_may_do() -> None:
    known = embedding(["Yes.", "no"], ((1.0, 0.0), (0.0, 1.0)))
    assert judge(EmbeddingSimilarity("yes"), known, output="YES!").judgement == "skipped"
    assert judge(EmbeddingSimilarity("yes", normalise=True), known, output="YES!").score == 1.0


def test_an_output_without_a_vector_is_not_judged() -> None:
    found = judge(EmbeddingSimilarity("yes"), embedding(["yes"], ((1.0, 0.0),)), output="maybe")
    words = 'no embedding step has a vector of the output, and embed is not given: "maybe"'
    assert (found.judgement, found.reason) == ("skipped", words)
    assert judge(EmbeddingSimilarity("yes"), embedding(["yes", "no"], ()), output="yes").judgement == "skipped"


@pytest.mark.parametrize(
    ("a", "b", "message"),
    [
        ([1.0], [1.0, 2.0], "the vectors have 1 and 2 dimensions"),
        ([0.0], [1.0], "a vector without a direction"),
        ([math.nan], [1.0], "a vector without a direction"),
    ],
)
def test_vectors_that_cannot_be_compared_are_an_error(a: list[float], b: list[float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        cosine(a, b)


VECTORS = st.lists(st.floats(-1e6, 1e6), min_size=3, max_size=3).filter(lambda each: math.hypot(*each) > 1e-3)


@given(VECTORS, VECTORS)
def test_a_cosine_lies_between_minus_1_and_1_and_is_the_same_either_way(a: list[float], b: list[float]) -> None:
    assert -1 <= cosine(a, b) <= 1
    assert cosine(a, b) == pytest.approx(cosine(b, a))
    assert cosine(a, a) == pytest.approx(1.0)
