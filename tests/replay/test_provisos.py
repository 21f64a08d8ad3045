"""Answers that a trace holds in part, given where today's question shows them to be whole."""

import pytest

from pytest_llmreplay.model.call import Tool
from pytest_llmreplay.model.jsonvalue import JSON
from pytest_llmreplay.replay.provisos import takes_none, unmet
from tests.builders import answered, called, chat, step, user

NOTHING: JSON = {"type": "object", "properties": {}, "additionalProperties": False}
CITY: JSON = {"type": "object", "properties": {"city": {"type": "string"}}}


@pytest.mark.parametrize(
    ("schema", "none"),
    [
        (NOTHING, True),
        ({"type": "object", "properties": {}}, True),
        ({"type": "object", "additionalProperties": False}, True),
        (CITY, False),
        ({"type": "object"}, False),
        ({"type": "object", "properties": {}, "additionalProperties": True}, False),
        ({"type": "object", "properties": {}, "additionalProperties": {"type": "string"}}, False),
        ({"type": "object", "properties": {}, "patternProperties": {"^a": {}}}, False),
        ({"type": "object", "properties": {}, "allOf": [CITY]}, False),
        ({"type": "string"}, False),
        (None, False),
        ({}, False),
    ],
)
def test_a_tool_takes_no_arguments_where_its_schema_names_none_and_allows_no_others(schema: JSON, none: bool) -> None:
    assert takes_none(Tool("f", None, schema)) is none


@pytest.mark.parametrize(
    ("tools", "why"),
    [
        ([Tool("f", None, NOTHING)], None),
        ([Tool("f", None, NOTHING), Tool("g", None, CITY)], None),
        ([Tool("f", None, CITY)], "the arguments of its tool calls were not recorded, and f takes some"),
        ([], "the arguments of its tool calls were not recorded, and f takes some"),
    ],
)
def test_calls_without_arguments_are_given_where_the_tools_take_none(tools: list[Tool], why: str | None) -> None:
    one = step(answer=answered(called("f", {})), proviso="no arguments")
    assert unmet(one, chat(user("Hello?"), tools=tuple(tools))) == why


def test_a_text_is_all_of_an_answer_where_no_tool_is_offered() -> None:
    one = step(answer=answered("Hello."), proviso="no tools")
    assert unmet(one, chat(user("Hello?"))) is None
    why = unmet(one, chat(user("Hello?"), tools=(Tool("f"),)))
    assert why == "the model may have called a tool, and its span keeps no calls"


def test_an_answer_without_a_proviso_is_given_always() -> None:
    assert unmet(step(answer=answered(called("f", {}))), chat(user("Hello?"))) is None
