"""What a ``patch`` says: which function stands for which span, and whether it is answered or observed."""

import pytest

import pytest_llmreplay
from pytest_llmreplay.errors import UsageProblem
from pytest_llmreplay.model.call import Kind
from pytest_llmreplay.replay.boundaries import AUTO, Boundary, answer, observe, parse


def codec(value: object) -> object:
    return value


@pytest.mark.parametrize(
    ("patch", "boundary"),
    [
        ({"shop.search": "retriever search"}, Boundary("shop.search", "retriever search")),
        ({"shop.search": ""}, Boundary("shop.search")),
        ({"shop.search": None}, Boundary("shop.search")),
        ({"shop.search": observe("find")}, Boundary("shop.search", "find", "observed")),
        ({"shop.search": observe()}, Boundary("shop.search", "", "observed")),
        ({"shop.search": answer("find", codec)}, Boundary("shop.search", "find", "answered", codec)),
        ({"shop.search": answer(codec=codec)}, Boundary("shop.search", "", "answered", codec)),
        (["shop.search"], Boundary("shop.search")),
        (("shop.search",), Boundary("shop.search")),
        (["shop.search = find"], Boundary("shop.search", "find")),
        (["  shop.search=find  it "], Boundary("shop.search", "find  it")),
        (["shop.search = observe find"], Boundary("shop.search", "find", "observed")),
        (["shop.search = observe"], Boundary("shop.search", "", "observed")),
        ("shop.search", Boundary("shop.search")),
        ("auto", Boundary(AUTO)),
        (["auto"], Boundary(AUTO)),
    ],
)
def test_each_way_to_name_a_function(patch: object, boundary: Boundary) -> None:
    assert parse(patch, "here") == (boundary,)


def test_several_stay_in_their_order() -> None:
    assert [each.path for each in parse({"b.f": "", "a.f": observe()}, "here")] == ["b.f", "a.f"]
    assert [each.path for each in parse(["b.f", "a.f"], "here")] == ["b.f", "a.f"]
    assert parse([], "here") == parse({}, "here") == ()


def test_a_span_that_only_begins_with_the_word_is_no_policy() -> None:
    assert parse(["shop.search = observed orders"], "here") == (Boundary("shop.search", "observed orders"),)


@pytest.mark.parametrize(
    ("patch", "told"),
    [
        (7, "here: patch takes a mapping of dotted function to span name, or a list of dotted functions"),
        (
            {"shop.search": 7},
            "here: 'shop.search' stands for 7; give a span's name, observe(span) or answer(span, codec)",
        ),
    ],
)
def test_what_cannot_be_read_is_a_usage_problem(patch: object, told: str) -> None:
    with pytest.raises(UsageProblem) as caught:
        parse(patch, "here")
    assert str(caught.value) == told


@pytest.mark.parametrize(
    ("boundary", "name"),
    [
        (Boundary("shop.rag.search"), "search"),
        (Boundary("shop.Store.find"), "find"),
        (Boundary("shop.rag.search", "search_policies"), "search_policies"),
    ],
)
def test_without_a_span_the_function_has_its_own_name(boundary: Boundary, name: str) -> None:
    assert boundary.name == name


@pytest.mark.parametrize(
    ("kind", "answered"),
    [("tool", True), ("retrieval", True), ("function", False), ("rerank", False), ("completion", False)],
)
def test_tools_and_retrievers_are_answered_all_else_is_observed(kind: Kind, answered: bool) -> None:
    assert Boundary("shop.f").answers(kind) is answered
    assert Boundary("shop.f", "", "answered").answers(kind)
    assert not Boundary("shop.f", "", "observed").answers(kind)


def test_the_package_gives_the_two_words_and_no_others() -> None:
    assert (pytest_llmreplay.answer, pytest_llmreplay.observe) == (answer, observe)
    with pytest.raises(AttributeError, match="has no attribute 'observed'"):
        _ = pytest_llmreplay.observed
