"""How two calls differ, and how far they are apart."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_llmreplay.compare.calls import LEAF_LIMIT, differences, distance, value_differences
from pytest_llmreplay.compare.canonical import canonical, frozen
from pytest_llmreplay.model.call import Call, Media, Message, Other, Reasoning, Text, Tool
from pytest_llmreplay.model.recording import Difference
from tests.builders import assistant, called, chat, partly, result, system, user
from tests.compare.test_canonical import JSON_VALUES


def between(recorded: Call, live: Call) -> list[tuple[str, object, object]]:
    return [(each.path, each.recorded, each.live) for each in differences(recorded, live)]


def test_calls_that_are_the_same_do_not_differ() -> None:
    assert between(chat(user("a"), assistant("b")), chat(user("a"), assistant("b"))) == []


# --- messages -------------------------------------------------------------------------------------------------------


def test_a_changed_text_is_named_with_its_message() -> None:
    recorded, live = chat(system("a"), user("old")), chat(system("a"), user("new"))
    assert between(recorded, live) == [("messages[1].content", "old", "new")]


def test_an_inserted_message_is_named_and_those_after_it_are_not() -> None:
    recorded = chat(system("a"), user("b"), assistant("c"), user("d"))
    live = chat(system("a"), user("new"), user("b"), assistant("c"), user("d"))
    assert between(recorded, live) == [("messages[1]", None, "user: new")]


def test_a_removed_message_is_named_and_those_after_it_are_not() -> None:
    recorded = chat(system("a"), user("old"), user("b"), assistant("c"))
    live = chat(system("a"), user("b"), assistant("c"))
    assert between(recorded, live) == [("messages[1]", "user: old", None)]


def test_an_added_last_message_is_named() -> None:
    assert between(chat(user("a")), chat(user("a"), assistant("b"))) == [("messages[1]", None, "assistant: b")]


def test_a_changed_role_is_named() -> None:
    assert between(chat(user("a")), chat(system("a"))) == [("messages[0].role", "user", "system")]


def test_a_changed_tool_argument_is_named_by_its_path() -> None:
    recorded = chat(assistant(called("search", {"query": "old", "filters": {"tags": ["a", "b"], "limit": 5}})))
    live = chat(assistant(called("search", {"query": "old", "filters": {"tags": ["a", "c"], "limit": 5}})))
    assert between(recorded, live) == [("messages[0].tool_calls[0].search.filters.tags[1]", "b", "c")]


def test_a_tool_argument_that_came_or_went_is_named() -> None:
    recorded, live = chat(assistant(called("f", {"a": 1, "b": 2}))), chat(assistant(called("f", {"b": 2, "c": 3})))
    assert sorted(between(recorded, live), key=str) == [
        ("messages[0].tool_calls[0].f.a", 1, None),
        ("messages[0].tool_calls[0].f.c", None, 3),
    ]


@pytest.mark.parametrize(
    ("old", "new"),
    [(True, 1), (False, 0), (1, True), ("1", 1), (None, "null"), (None, 0), ([], {}), ([1], [1, None]), (0.1, 0.2)],
)
def test_values_of_two_types_differ_however_python_compares_them(old: object, new: object) -> None:
    recorded, live = chat(assistant(called("f", {"a": old, "k": 1}))), chat(assistant(called("f", {"a": new, "k": 1})))
    found = between(recorded, live)
    assert found, "the calls are not the same, and yet nothing is said to differ"
    assert all(path.startswith("messages[0].tool_calls[0].f") for path, _, _ in found)


def test_numbers_that_are_equal_do_not_differ() -> None:
    assert between(chat(parameters={"temperature": 0}), chat(parameters={"temperature": 0.0})) == []


def test_a_changed_tool_id_is_named() -> None:
    recorded, live = chat(assistant(called("f", {}, "c1"))), chat(assistant(called("f", {}, "c2")))
    assert between(recorded, live) == [("messages[0].tool_calls[0].id", "c1", "c2")]


def test_another_tool_is_named_with_its_arguments() -> None:
    recorded, live = chat(assistant(called("f", {"a": 1}))), chat(assistant(called("g", {"a": 1})))
    assert between(recorded, live) == [("messages[0].parts[0]", 'f({"a": 1})', 'g({"a": 1})')]


def test_a_changed_tool_result_is_named() -> None:
    assert between(chat(result("old")), chat(result("new"))) == [("messages[0].content", "old", "new")]
    assert between(chat(result("r", "c1")), chat(result("r", "c2"))) == [("messages[0].tool_call_id", "c1", "c2")]


@pytest.mark.parametrize("part", [Media("image", "sha256:a"), Reasoning("hm"), Other("web", {"a": 1})])
def test_a_part_that_is_no_text_is_named(part: Any) -> None:
    (difference,) = differences(chat(user("a")), chat(Message("user", (Text("a"), part))))
    assert (difference.path, difference.recorded) == ("messages[0].parts[1]", None)
    assert difference.live is not None


def test_what_the_recording_does_not_know_does_not_differ() -> None:
    known = partly(lost=["media"], parameters=["temperature"], fields=["messages"])
    recorded = chat(user("a"), known=known)
    live = chat(
        Message("user", (Text("a"), Media("image", "x"))), model="other", tools=(Tool("t"),), parameters={"seed": 1}
    )
    assert between(recorded, live) == []


# --- model, tools, parameters ---------------------------------------------------------------------------------------


def test_another_model_is_named() -> None:
    assert between(chat(), chat(model="gpt-5")) == [("model", "gpt-4o", "gpt-5")]


def test_another_provider_is_named_where_something_else_differs_too() -> None:
    recorded, live = chat(provider="openai.chat"), chat(provider="anthropic.messages")
    assert between(recorded, live) == []
    assert ("provider", "openai.chat", "anthropic.messages") in between(
        recorded, chat(user("x"), provider="anthropic.messages")
    )


def test_tools_that_came_and_went_are_named() -> None:
    recorded, live = chat(tools=(Tool("a"), Tool("b"))), chat(tools=(Tool("b"), Tool("c")))
    assert between(recorded, live) == [("tools.a", "a", None), ("tools.c", None, "c")]


def test_a_changed_tool_is_named_by_the_leaf_of_its_definition() -> None:
    old = Tool("search", "Finds.", {"type": "object", "properties": {"q": {"type": "string"}}}, {"strict": True})
    new = Tool("search", "Finds it.", {"type": "object", "properties": {"q": {"type": "integer"}}}, {"strict": False})
    assert between(chat(tools=(old,)), chat(tools=(new,))) == [
        ("tools.search.description", "Finds.", "Finds it."),
        ("tools.search.parameters.properties.q.type", "string", "integer"),
        ("tools.search.options.strict", True, False),
    ]


def test_tools_in_another_order_are_named() -> None:
    recorded, live = chat(tools=(Tool("a"), Tool("b"))), chat(tools=(Tool("b"), Tool("a")))
    assert between(recorded, live) == [("tools", ["a", "b"], ["b", "a"])]


def test_parameters_that_came_went_and_changed_are_named_in_the_order_of_their_names() -> None:
    recorded = chat(parameters={"temperature": 0, "seed": 1, "stop_sequences": ["a"]})
    live = chat(parameters={"temperature": 0.5, "top_p": 0.9, "stop_sequences": ["b"]})
    assert between(recorded, live) == [
        ("seed", 1, None),
        ("stop_sequences[0]", "a", "b"),
        ("temperature", 0, 0.5),
        ("top_p", None, 0.9),
    ]


def test_only_known_parameters_are_named() -> None:
    recorded = chat(parameters={"temperature": 0}, known=partly(parameters=["temperature"]))
    assert between(recorded, chat(parameters={"temperature": 1, "seed": 2})) == [("temperature", 0, 1)]


def test_a_key_with_odd_signs_is_named() -> None:
    found = list(value_differences("p", {"a.b": 1, "c'd": {"[0]": 1}}, {"a.b": 2, "c'd": {"[0]": 2}}))
    assert len(found) == 2
    assert all(each.path.startswith("p") and (each.recorded, each.live) == (1, 2) for each in found)


def test_values_beyond_the_limit_are_named_as_a_whole() -> None:
    old, new = {"a": "x" * LEAF_LIMIT}, {"a": "y" * LEAF_LIMIT}
    assert list(value_differences("p", old, new)) == [Difference("p", old, new)]


@given(JSON_VALUES, JSON_VALUES)
def test_two_values_have_differences_exactly_where_they_are_not_the_same(a: Any, b: Any) -> None:
    found = list(value_differences("p", a, b))
    assert (found == []) == (frozen(a) == frozen(b))
    assert all(each.path.startswith("p") for each in found)


PARTS = st.one_of(
    st.text(max_size=5).map(Text),
    st.builds(called, st.sampled_from("fg"), JSON_VALUES, st.sampled_from(["c1", "c2", None])),
    st.text(max_size=3).map(Reasoning),
    st.builds(Media, st.just("image"), st.text(max_size=3)),
)
MESSAGES = st.builds(
    lambda role, parts: Message(role, tuple(parts)),
    st.sampled_from(["user", "assistant", "system"]),
    st.lists(PARTS, max_size=3),
)
CALLS = st.builds(
    lambda messages, model, parameters: Call(kind="chat", messages=tuple(messages), model=model, parameters=parameters),
    st.lists(MESSAGES, max_size=4),
    st.sampled_from(["a", "b"]),
    st.dictionaries(st.sampled_from(["seed", "top_p"]), JSON_VALUES, max_size=2),
)


@given(CALLS, CALLS)
def test_two_calls_have_differences_exactly_where_they_are_not_the_same(recorded: Call, live: Call) -> None:
    equal = canonical(recorded, recorded.known) == canonical(live, recorded.known)
    assert (differences(recorded, live) == ()) == equal


@given(CALLS, CALLS)
def test_a_distance_is_nought_for_the_same_and_the_same_both_ways(a: Call, b: Call) -> None:
    assert distance(a, a) == 0
    assert distance(a, b) == distance(b, a) >= 0


# --- distance -------------------------------------------------------------------------------------------------------


def test_a_call_is_nearer_to_the_one_with_more_words_in_common() -> None:
    recorded = chat(user("what does the red shirt cost in euros"))
    near, far = chat(user("what does the blue shirt cost in euros")), chat(user("is my parcel on its way"))
    assert 0 < distance(recorded, near) < distance(recorded, far)


def test_a_call_with_more_messages_is_further_away() -> None:
    one, two = chat(user("a")), chat(user("a"), assistant("b"))
    assert distance(one, two) == 1
    assert distance(one, chat(user("a"), assistant("b"), user("c"))) == 2


def test_another_model_is_a_little_further_away() -> None:
    assert 0 < distance(chat(), chat(model="other")) < 0.1


def test_another_kind_is_furthest_away() -> None:
    assert distance(chat(), chat(kind="completion")) > distance(chat(), chat(*[user(str(n)) for n in range(9)]))
