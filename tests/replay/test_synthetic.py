"""Made-up answers: they obey the request, and follow from a seed alone."""

import json
import re
import subprocess
import sys
from datetime import date
from typing import Any, Literal

import anthropic
import httpx2
import openai
import pydantic
import pytest

from pytest_llmreplay import registry
from pytest_llmreplay.model.call import Answer, Call, Text, Tool, ToolCall
from pytest_llmreplay.model.wire import WireRequest
from pytest_llmreplay.replay.synthetic import PREFIX, synthetic
from tests.builders import chat, user


def words(answer: Answer) -> str:
    part = answer.choices[0].parts[0]
    assert isinstance(part, Text)
    return part.content


def tool_call(answer: Answer) -> ToolCall:
    part = answer.choices[0].parts[0]
    assert isinstance(part, ToolCall)
    return part


def test_a_free_answer_says_that_it_is_made_up() -> None:
    answer = synthetic(chat(user("Where is it?"), provider="openai.chat"), "1")
    assert words(answer).startswith(PREFIX + " ")
    assert "synthetic" in (answer.id or "")
    assert answer.usage is not None
    assert (answer.usage.input, answer.usage.output) == (3, len(words(answer).split()))
    assert (answer.model, answer.provider, answer.seed, answer.choices[0].finish_reason) == (
        "gpt-4o",
        "openai.chat",
        "1",
        "stop",
    )


def test_equal_seeds_give_equal_answers_and_others_do_not() -> None:
    assert synthetic(chat(), "1") == synthetic(chat(), "1")
    assert words(synthetic(chat(), "1")) != words(synthetic(chat(), "2"))
    assert synthetic(chat(), "1").id != synthetic(chat(), "2").id


def test_an_answer_is_the_same_in_every_process() -> None:
    code = """
from pytest_llmreplay.model.call import Call
from pytest_llmreplay.replay.synthetic import synthetic, satisfying
print(ascii([synthetic(Call(kind="chat"), "x"), satisfying({"type": "object", "minProperties": 3}, "\\udc80")]))
"""
    runs = {
        subprocess.run(
            [sys.executable, "-c", code], env={"PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("0", "1", "2")
    }
    assert len(runs) == 1
    assert words(synthetic(Call(kind="chat"), "x")).encode() in runs.pop()


@pytest.mark.parametrize("limit", [1, 2, 5, 4096])
def test_a_text_is_no_longer_than_asked(limit: int) -> None:
    assert 1 <= len(words(synthetic(chat(parameters={"max_tokens": limit}), "1")).split()) <= limit


@pytest.mark.parametrize("stop", [" ", ["e", "a"], ["[synthetic]"]])
def test_a_text_ends_before_what_it_stops_at(stop: Any) -> None:
    told = words(synthetic(chat(parameters={"stop_sequences": stop}), "1"))
    assert told.startswith(PREFIX)
    assert not any(each in told.removeprefix(PREFIX) for each in stop)


def test_as_many_choices_as_asked() -> None:
    answer = synthetic(chat(parameters={"choice.count": 3}), "1")
    assert len({choice.parts for choice in answer.choices}) == 3


TOOLS: tuple[Tool, ...] = (
    Tool("search", None, {"type": "object", "properties": {"query": {"type": "string"}}, "required": ["query"]}),
    Tool("stop", None, None),
    Tool("web_search", None, None, {"type": "web_search_20250305"}),
)


@pytest.mark.parametrize(
    "parameters",
    [
        {"tool_choice": {"type": "function", "function": {"name": "search"}}},
        {"tool_choice": {"type": "tool", "name": "search"}},
        {"function_call": {"name": "search"}},
        {
            "tool_choice": {
                "type": "allowed_tools",
                "allowed_tools": {"mode": "required", "tools": [{"name": "search"}]},
            }
        },
    ],
)
def test_the_demanded_tool_is_called(parameters: Any) -> None:
    answer = synthetic(chat(tools=TOOLS, parameters=parameters), "1")
    called = tool_call(answer)
    assert called.name == "search"
    assert isinstance(called.arguments, dict)
    assert list(called.arguments) == ["query"]
    assert called.legacy == ("function_call" in parameters)
    assert answer.choices[0].finish_reason == "tool_call"


@pytest.mark.parametrize("demand", ["required", {"type": "any"}])
def test_some_tool_is_called(demand: Any) -> None:
    call = chat(tools=TOOLS, parameters={"tool_choice": demand})
    assert {tool_call(synthetic(call, str(seed))).name for seed in range(20)} == {"search", "stop"}


@pytest.mark.parametrize("demand", ["auto", "none", {"type": "auto"}, {"type": "none"}])
def test_a_tool_that_is_not_demanded_is_not_called(demand: Any) -> None:
    assert words(synthetic(chat(tools=TOOLS, parameters={"tool_choice": demand}), "1")).startswith(PREFIX)


def test_arguments_are_an_object_whatever_the_schema_says() -> None:
    call = chat(tools=(Tool("any", None, {}),), parameters={"tool_choice": "required"})
    assert tool_call(synthetic(call, "1")).arguments == {}


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"tool_choice": "required"}, "tool_choice demands a tool, and the call offers no such function"),
        ({"tool_choice": {"type": "custom", "custom": {"name": "shell"}}}, "tool_choice demands shell, and"),
        ({"response_format": {"type": "json_schema", "schema": {"pattern": "a"}}}, "'pattern' at $ cannot be obeyed"),
    ],
)
def test_a_demand_that_cannot_be_met_is_an_error(parameters: Any, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        synthetic(chat(parameters=parameters), "1")


def test_a_tool_that_cannot_be_called_is_named() -> None:
    schema: Any = {"type": "object", "properties": {"id": {"type": "string", "pattern": "^x"}}, "required": ["id"]}
    call = chat(tools=(Tool("find", None, schema),), parameters={"tool_choice": "required"})
    with pytest.raises(ValueError, match=r"^tool 'find': the schema's keyword 'pattern' at \$\.id cannot be obeyed$"):
        synthetic(call, "1")


def test_only_a_model_is_made_up() -> None:
    with pytest.raises(ValueError, match="kind 'rerank'"):
        synthetic(Call(kind="rerank"), "1")


SCHEMA = {"type": "object", "properties": {"a": {"enum": [1, 2]}}, "required": ["a"], "additionalProperties": False}


@pytest.mark.parametrize(
    "parameters",
    [
        {"response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": SCHEMA, "strict": True}}},
        {"output_config": {"format": {"type": "json_schema", "schema": SCHEMA}, "effort": "low"}},
        {"output_config": {"type": "json_schema", "schema": SCHEMA}},
        {"output_format": {"type": "json_schema", "schema": SCHEMA}},
    ],
)
def test_the_demanded_json_is_given(parameters: Any) -> None:
    assert json.loads(words(synthetic(chat(parameters=parameters), "1")))["a"] in (1, 2)


@pytest.mark.parametrize("demand", [{"type": "json_object"}, {"type": "json_schema", "json_schema": {"name": "x"}}])
def test_some_object_is_given(demand: Any) -> None:
    told = words(synthetic(chat(parameters={"response_format": demand}), "1"))
    assert isinstance(json.loads(told), dict)


# --- the real SDKs ---------------------------------------------------------------------------------------------------


def transport(name: str) -> httpx2.Client:
    """A client whose requests are answered in this process."""
    provider = registry.load("providers", name)

    def handle(request: httpx2.Request) -> httpx2.Response:
        wire = WireRequest(request.method, str(request.url), request.read())
        assert provider.claims(wire)
        call = provider.call(wire)
        response = provider.answer(call, synthetic(call, "7"))
        return httpx2.Response(response.status, headers=dict(response.headers), content=response.body)

    return httpx2.Client(transport=httpx2.MockTransport(handle))


class Line(pydantic.BaseModel):
    sku: str = pydantic.Field(min_length=3)
    amount: int = pydantic.Field(gt=0, le=9)


class Order(pydantic.BaseModel):
    state: Literal["open", "sent"]
    placed: date
    lines: list[Line] = pydantic.Field(min_length=1)
    note: str | None
    follows: "Order | None"


def openai_client() -> openai.OpenAI:
    return openai.OpenAI(api_key="none", http_client=transport("openai.chat"), max_retries=0)


def anthropic_client() -> anthropic.Anthropic:
    return anthropic.Anthropic(api_key="none", http_client=transport("anthropic.messages"), max_retries=0)


def test_openai_parses_a_model() -> None:
    done = openai_client().chat.completions.parse(
        model="gpt-4o", messages=[{"role": "user", "content": "Order?"}], response_format=Order, n=2
    )
    assert len(done.choices) == 2
    for choice in done.choices:
        assert isinstance(choice.message.parsed, Order)
    assert "synthetic" in done.id
    assert done.usage is not None
    assert done.usage.completion_tokens > 0


def test_openai_parses_a_tool() -> None:
    done = openai_client().chat.completions.parse(
        model="gpt-4o",
        messages=[{"role": "user", "content": "Order!"}],
        tools=[openai.pydantic_function_tool(Order)],
        tool_choice="required",
    )
    assert done.choices[0].finish_reason == "tool_calls"
    called = (done.choices[0].message.tool_calls or [])[0]
    assert isinstance(called.function.parsed_arguments, Order)


def test_openai_streams() -> None:
    asked = openai_client().chat.completions
    stream = asked.create(model="gpt-4o", messages=[{"role": "user", "content": "Hello?"}], stream=True, max_tokens=9)
    told = "".join(chunk.choices[0].delta.content or "" for chunk in stream)
    assert told.startswith(PREFIX)
    assert len(told.split()) <= 9


def test_anthropic_uses_a_tool() -> None:
    done = anthropic_client().messages.create(
        model="claude-sonnet-5",
        max_tokens=100,
        messages=[{"role": "user", "content": "Order!"}],
        tools=[{"name": "order", "input_schema": Order.model_json_schema()}],
        tool_choice={"type": "tool", "name": "order"},
    )
    assert done.stop_reason == "tool_use"
    block = done.content[0]
    assert isinstance(block, anthropic.types.ToolUseBlock)
    assert isinstance(Order.model_validate(block.input), Order)
    assert "synthetic" in done.id


def test_anthropic_streams_a_tool() -> None:
    with anthropic_client().messages.stream(
        model="claude-sonnet-5",
        max_tokens=100,
        messages=[{"role": "user", "content": "Order!"}],
        tools=[{"name": "order", "input_schema": Order.model_json_schema()}],
        tool_choice={"type": "any"},
    ) as stream:
        block = stream.get_final_message().content[0]
    assert isinstance(block, anthropic.types.ToolUseBlock)
    assert isinstance(Order.model_validate(block.input), Order)


def test_anthropic_parses_a_model() -> None:
    done = anthropic_client().messages.parse(
        model="claude-sonnet-5",
        max_tokens=100,
        messages=[{"role": "user", "content": "Order?"}],
        output_format=Line,
    )
    assert isinstance(done.parsed_output, Line)


def test_anthropic_tells() -> None:
    done = anthropic_client().messages.create(
        model="claude-sonnet-5", max_tokens=3, messages=[{"role": "user", "content": "Hello?"}]
    )
    block = done.content[0]
    assert isinstance(block, anthropic.types.TextBlock)
    assert block.text.startswith(PREFIX)
    assert (done.stop_reason, done.usage.output_tokens) == ("end_turn", 3)


def test_vectors_are_made_of_the_texts_alone() -> None:
    call = Call(kind="embedding", provider="openai.embeddings", model="text-embedding-3-small")
    assert synthetic(call, "1") == synthetic(call, "2")
    assert synthetic(call, "1").seed == "synthetic"
