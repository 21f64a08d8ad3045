"""A question that crossed the application's boundary, and what came back."""

from dataclasses import FrozenInstanceError, fields

import pytest

from pytest_llmreplay.model import call
from pytest_llmreplay.model.call import (
    EVERYTHING,
    FINISH_CLASSES,
    FULLY_KNOWN,
    Arguments,
    Call,
    Known,
    Text,
    finish_class,
)

VALUES = [value for value in vars(call).values() if isinstance(value, type) and hasattr(value, "__dataclass_fields__")]


@pytest.mark.parametrize("kind", VALUES)
def test_every_value_is_frozen_and_has_no_dictionary(kind: type) -> None:
    assert kind.__dataclass_params__.frozen  # type: ignore[attr-defined]
    assert hasattr(kind, "__slots__")
    assert fields(kind)


def test_a_value_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        Text("a").content = "b"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("word", "class_"),
    [
        ("stop", "stop"),
        ("end_turn", "stop"),
        ("STOP", "stop"),
        ("max_tokens", "length"),
        ("MAX_TOKENS", "length"),
        ("tool_calls", "tool_call"),
        ("function_call", "tool_call"),
        ("tool_use", "tool_call"),
        ("content_filter", "content_filter"),
        ("refusal", "content_filter"),
        ("SAFETY", "content_filter"),
        ("error", "error"),
        ("pause_turn", "pause_turn"),
        ("", ""),
    ],
)
def test_a_finish_reason_belongs_to_a_class_whatever_the_provider_calls_it(word: str, class_: str) -> None:
    assert finish_class(word) == class_


def test_a_class_is_its_own_class_and_no_word_belongs_to_two() -> None:
    assert [finish_class(name) for name in FINISH_CLASSES] == list(FINISH_CLASSES)
    words = [word for each in FINISH_CLASSES.values() for word in each]
    assert len(words) == len(set(words))


def test_a_call_knows_all_of_itself_unless_told_otherwise() -> None:
    assert Call(kind="chat").known == FULLY_KNOWN == Known()
    assert FULLY_KNOWN.parameters == EVERYTHING
    assert FULLY_KNOWN.fields == {"model", "messages", "tools"}


@pytest.mark.parametrize(
    ("arguments", "value"),
    [
        (Arguments(), {}),
        (Arguments(("a",)), "a"),
        (Arguments(("a", 1)), ["a", 1]),
        (Arguments((), {"k": 1}), {"k": 1}),
        (Arguments(("a",), {"k": 1}), {"k": 1}),
        (Arguments(([1],)), [1]),
        (Arguments((None,)), None),
    ],
)
def test_the_value_of_arguments_is_by_name_where_names_are_known(arguments: Arguments, value: object) -> None:
    assert arguments.value == value
