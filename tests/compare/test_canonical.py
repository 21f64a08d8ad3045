"""The one form in which calls of any source are held against each other."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_llmreplay.compare.canonical import canonical, frozen, turns
from pytest_llmreplay.model.call import (
    FULLY_KNOWN,
    Call,
    Media,
    Message,
    Other,
    Part,
    Reasoning,
    Refusal,
    Text,
    Tool,
    ToolCall,
    ToolResult,
)
from tests.builders import assistant, called, chat, partly, result, system, user

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


def same(a: Call, b: Call, lost: tuple[str, ...] = ()) -> bool:
    known = partly(lost, parameters=["temperature"]) if lost else FULLY_KNOWN
    one, other = canonical(a, known), canonical(b, known)
    assert hash(one) == hash(one)
    return bool(one == other)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        ({"a": 1, "b": None}, {"a": 1}),
        (1, 1.0),
        ({"a": [1, 2]}, {"a": (1, 2)}),
    ],
)
def test_values_that_mean_the_same_are_the_same(a: object, b: object) -> None:
    assert frozen(a) == frozen(b)
    assert hash(frozen(a)) == hash(frozen(b))


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (True, 1),
        (False, 0),
        ([True], [1]),
        ({"a": True}, {"a": 1}),
        (1, "1"),
        ([], {}),
        ([None], []),
        ([1, 2], [2, 1]),
        ("", None),
        ({"a": 1}, [["a", 1]]),
        ([], ["[]"]),
    ],
)
def test_values_that_differ_are_not_the_same(a: object, b: object) -> None:
    assert frozen(a) != frozen(b)


@given(JSON_VALUES)
def test_every_value_can_be_looked_up(value: Any) -> None:
    assert {frozen(value): 1}[frozen(value)] == 1


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ([Text("ab")], [Text("a"), Text("b")]),
        ([Text("a"), Text("")], [Text("a")]),
        ([Text("")], []),
        ([Refusal("no")], [Text("no")]),
        ([Text("a"), called("f", {"x": 1.0})], [Text("a"), called("f", {"x": 1})]),
    ],
)
def test_parts_that_say_the_same_are_the_same(a: list[Part], b: list[Part]) -> None:
    assert same(chat(user("x"), Message("assistant", tuple(a))), chat(user("x"), Message("assistant", tuple(b))))


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ([Text("a")], [Text("b")]),
        ([Text("a"), called("f", {})], [called("f", {}), Text("a")]),
        ([called("f", {})], [called("g", {})]),
        ([called("f", {"a": 1})], [called("f", {"a": 2})]),
        ([called("f", {"a": 1})], [called("f", {"a": True})]),
        ([called("f", {}, "c1")], [called("f", {}, "c2")]),
        ([Media("image", "a")], [Media("image", "b")]),
        ([Reasoning("a")], [Reasoning("b")]),
        ([Other("x", {"a": 1})], [Other("x", {"a": 2})]),
    ],
)
def test_parts_that_differ_are_not_the_same(a: list[Part], b: list[Part]) -> None:
    assert not same(chat(Message("assistant", tuple(a))), chat(Message("assistant", tuple(b))))


def test_a_tool_result_within_a_users_message_is_a_turn_of_its_own() -> None:
    nested = Message("user", (ToolResult("sunny", "c1"), ToolResult("mild", "c2"), Text("And?")))
    assert turns([nested], frozenset()) == turns(
        [result("sunny", "c1"), result("mild", "c2"), user("And?")], frozenset()
    )


@pytest.mark.parametrize(("a", "b"), [("developer", "system"), ("model", "assistant")])
def test_roles_that_mean_the_same_are_the_same(a: str, b: str) -> None:
    assert same(chat(Message(a, (Text("x"),))), chat(Message(b, (Text("x"),))))


def test_the_order_of_messages_matters() -> None:
    assert not same(chat(user("a"), user("b")), chat(user("b"), user("a")))


@pytest.mark.parametrize(
    ("lost", "a", "b"),
    [
        ("tool_ids", assistant(called("f", {}, "c1")), assistant(called("f", {}, "c2"))),
        ("tool_ids", result("r", "c1"), result("r", None)),
        ("reasoning", assistant(Reasoning("hm"), "a"), assistant("a")),
        ("media", Message("user", (Text("a"), Media("image", "x"))), user("a")),
        ("other", assistant(Other("x", 1), "a"), assistant("a")),
    ],
)
def test_what_a_source_loses_is_not_compared(lost: str, a: Message, b: Message) -> None:
    assert same(chat(a), chat(b), (lost,))
    assert not same(chat(a), chat(b))


@pytest.mark.parametrize(
    ("lost", "changed"),
    [
        ("tool_descriptions", Tool("f", "other", {"a": 1}, {"strict": True})),
        ("tool_parameters", Tool("f", "d", {"a": 2}, {"strict": True})),
        ("tool_options", Tool("f", "d", {"a": 1}, None)),
    ],
)
def test_what_a_source_loses_of_a_tool_is_not_compared(lost: str, changed: Tool) -> None:
    tool = Tool("f", "d", {"a": 1}, {"strict": True})
    assert same(chat(tools=(tool,)), chat(tools=(changed,)), (lost,))
    assert not same(chat(tools=(tool,)), chat(tools=(changed,)))


def test_the_vendor_of_a_model_is_not_compared_where_the_source_loses_it() -> None:
    a, b = chat(model="gpt-4o"), chat(model="openai/gpt-4o")
    assert same(a, b, ("model_vendor",))
    assert not same(a, b)


@pytest.mark.parametrize("field", ["model", "messages", "tools"])
def test_a_field_that_is_not_known_is_not_compared(field: str) -> None:
    other = {"model": "x", "messages": (user("x"),), "tools": (Tool("x"),)}[field]
    a, b = chat(system("a")), chat(system("a"), **({field: other} if field != "messages" else {}))
    if field == "messages":
        b = chat(user("x"))
    known = partly(fields={"model", "messages", "tools"} - {field})
    assert canonical(a, known) == canonical(b, known)
    assert canonical(a, FULLY_KNOWN) != canonical(b, FULLY_KNOWN)


def test_only_the_parameters_that_are_known_are_compared() -> None:
    a, b = chat(parameters={"temperature": 0, "seed": 1}), chat(parameters={"temperature": 0.0, "seed": 2})
    known = partly(parameters=["temperature"])
    assert canonical(a, known) == canonical(b, known)
    assert canonical(a, FULLY_KNOWN) != canonical(b, FULLY_KNOWN)


def test_a_parameter_that_is_known_and_gone_differs() -> None:
    known = partly(parameters=["temperature"])
    assert canonical(chat(parameters={"temperature": 0}), known) != canonical(chat(), known)


def test_how_the_answer_is_delivered_is_no_part_of_the_question() -> None:
    assert same(chat(stream=True, options={"include_usage": True}), chat(stream=False))
    assert same(chat(provider="openai.chat"), chat(provider="anthropic.messages"))


def test_calls_of_two_kinds_differ() -> None:
    assert not same(chat(), chat(kind="completion"))


def test_arguments_that_are_text_and_arguments_that_are_data_differ() -> None:
    assert not same(chat(assistant(ToolCall("f", "{}"))), chat(assistant(ToolCall("f", {}))))
