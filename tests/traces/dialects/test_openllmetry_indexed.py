"""OpenLLMetry up to 0.5x: one attribute per field of each message."""

from typing import Any

import pytest

from pytest_llmreplay.model.call import (
    Choice,
    Media,
    Message,
    Reasoning,
    Refusal,
    Text,
    Tool,
    ToolCall,
    ToolResult,
    Usage,
)
from pytest_llmreplay.traces.dialects.openllmetry_indexed import OpenLLMetryIndexed
from pytest_llmreplay.traces.dialects.protocol import Exchange
from tests.builders import exception, span, system, user

OPENAI = {
    "llm.request.type": "chat",
    "gen_ai.system": "openai",
    "gen_ai.request.model": "gpt-4",
    "gen_ai.request.temperature": 0.5,
    "llm.headers": "None",
    "llm.is_streaming": False,
    "gen_ai.openai.api_base": "https://api.openai.com/v1/",
    "gen_ai.prompt.0.role": "system",
    "gen_ai.prompt.0.content": "Be brief.",
    "gen_ai.prompt.1.role": "user",
    "gen_ai.prompt.1.content": "Weather?",
    "gen_ai.prompt.2.role": "assistant",
    "gen_ai.prompt.2.tool_calls.0.id": "call_1",
    "gen_ai.prompt.2.tool_calls.0.name": "weather",
    "gen_ai.prompt.2.tool_calls.0.arguments": '{"city": "Boston"}',
    "gen_ai.prompt.3.role": "tool",
    "gen_ai.prompt.3.content": "sunny",
    "gen_ai.prompt.3.tool_call_id": "call_1",
    "llm.request.functions.0.name": "weather",
    "llm.request.functions.0.description": "Tells it.",
    "llm.request.functions.0.parameters": '{"type": "object"}',
    "llm.request.reasoning_effort": [],
    "gen_ai.response.model": "gpt-4-0613",
    "gen_ai.response.id": "chatcmpl-1",
    "gen_ai.openai.system_fingerprint": "fp_1",
    "llm.usage.total_tokens": 100,
    "gen_ai.usage.completion_tokens": 18,
    "gen_ai.usage.prompt_tokens": 82,
    "gen_ai.usage.cache_read_input_tokens": 4,
    "gen_ai.completion.0.finish_reason": "stop",
    "gen_ai.completion.0.role": "assistant",
    "gen_ai.completion.0.content": "Sunny.",
}
ANTHROPIC = {
    "gen_ai.system": "Anthropic",
    "llm.request.type": "completion",
    "gen_ai.request.model": "claude-3-5-haiku-latest",
    "gen_ai.prompt.0.role": "user",
    "gen_ai.prompt.0.content": "Weather?",
    "llm.request.functions.0.name": "weather",
    "llm.request.functions.0.input_schema": '{"type": "object"}',
    "gen_ai.response.id": "msg_1",
    "gen_ai.completion.0.finish_reason": "tool_use",
    "gen_ai.completion.0.role": "thinking",
    "gen_ai.completion.0.content": "hm",
    "gen_ai.completion.1.role": "assistant",
    "gen_ai.completion.1.finish_reason": "tool_use",
    "gen_ai.completion.1.content": "Let me look.",
    "gen_ai.completion.1.tool_calls.0.id": "toolu_1",
    "gen_ai.completion.1.tool_calls.0.name": "weather",
    "gen_ai.completion.1.tool_calls.0.arguments": '{"city": "Boston"}',
    "gen_ai.usage.prompt_tokens": 374,
    "gen_ai.usage.completion_tokens": 82,
}


def read(attributes: dict[str, Any], **more: Any) -> Exchange:
    more.setdefault("name", "openai.chat")
    found = OpenLLMetryIndexed().exchange(span(attributes=attributes, **more))
    assert found is not None
    return found


def test_a_chat_span_is_read_whole() -> None:
    exchange = read(OPENAI)
    call, answer = exchange.call, exchange.answer
    assert (call.kind, call.provider, call.model, call.stream) == ("chat", "openai.chat", "gpt-4", False)
    assert call.messages == (
        system("Be brief."),
        user("Weather?"),
        Message("assistant", (ToolCall("weather", {"city": "Boston"}, "call_1"),)),
        Message("tool", (ToolResult("sunny", "call_1"),)),
    )
    assert call.tools == (Tool("weather", "Tells it.", {"type": "object"}),)
    assert call.parameters == {"temperature": 0.5}
    assert call.known.parameters == {"temperature"}
    assert answer.choices == (Choice(parts=(Text("Sunny."),), finish_reason="stop"),)
    assert (answer.model, answer.id) == ("gpt-4-0613", "chatcmpl-1")
    assert answer.usage == Usage(input=82, output=18, cache_read=4)
    assert exchange.incomplete is None


def test_blocks_of_anthropic_that_stand_one_by_one_are_one_choice() -> None:
    exchange = read(ANTHROPIC, name="anthropic.chat")
    assert exchange.call.provider == "anthropic.messages"
    assert exchange.call.tools == (Tool("weather", None, {"type": "object"}),)
    parts = (Reasoning("hm"), Text("Let me look."), ToolCall("weather", {"city": "Boston"}, "toolu_1"))
    assert exchange.answer.choices == (Choice(parts=parts, finish_reason="tool_use"),)


def test_completions_of_openai_are_choices() -> None:
    more = {
        "gen_ai.completion.1.role": "assistant",
        "gen_ai.completion.1.content": "Rain.",
        "gen_ai.completion.1.finish_reason": "length",
    }
    choices = read({**OPENAI, **more}).answer.choices
    assert [(c.parts, c.finish_reason) for c in choices] == [((Text("Sunny."),), "stop"), ((Text("Rain."),), "length")]


def test_the_word_for_an_answer_that_a_filter_stopped_is_none_of_it() -> None:
    stopped = {"gen_ai.completion.0.content": "FILTERED", "gen_ai.completion.0.finish_reason": "content_filter"}
    exchange = read({"llm.request.type": "chat", "gen_ai.system": "openai", **stopped})
    assert exchange.answer.choices == (Choice(finish_reason="content_filter"),)
    assert exchange.losses == (("answer.text", "none: what a filter stopped is not in the span"),)
    said = read({"llm.request.type": "chat", "gen_ai.system": "openai", "gen_ai.completion.0.content": "FILTERED"})
    assert (said.answer.choices, said.losses) == ((Choice(parts=(Text("FILTERED"),)),), ())


def test_arguments_without_an_attribute_are_an_empty_text() -> None:
    call = {"gen_ai.completion.0.tool_calls.0.name": "now", "gen_ai.completion.0.tool_calls.0.id": "call_1"}
    exchange = read({"llm.request.type": "chat", "gen_ai.system": "openai", **call}, name="openai.chat")
    assert exchange.answer.choices[0].parts == (ToolCall("now", "", "call_1"),)


def test_a_digit_that_is_no_number_is_no_place() -> None:
    call = read({**OPENAI, "gen_ai.prompt.\u00b2.role": "user", "gen_ai.prompt.\u00b2.content": "Squared?"}).call
    assert call.messages == read(OPENAI).call.messages


def test_messages_are_in_the_order_of_their_numbers_not_of_their_words() -> None:
    prompts = {f"gen_ai.prompt.{n}.{k}": v for n in (10, 9, 0) for k, v in {"role": "user", "content": str(n)}.items()}
    call = read({"llm.request.type": "chat", "gen_ai.system": "openai", **prompts}).call
    assert call.messages == (user("0"), user("9"), user("10"))


@pytest.mark.parametrize(
    ("content", "parts"),
    [
        (
            '[{"type": "text", "text": "Look:"}, {"type": "image_url", "image_url": {"url": "https://a/b.png"}}]',
            (Text("Look:"), Media("image", "https://a/b.png")),
        ),
        ('[{"cut', (Text('[{"cut'),)),
        ("[not json]", (Text("[not json]"),)),
        ("", ()),
    ],
)
def test_content_that_is_a_list_of_parts_is_read_as_the_provider_reads_it(
    content: str, parts: tuple[object, ...]
) -> None:
    attributes = {
        "llm.request.type": "chat",
        "gen_ai.system": "openai",
        "gen_ai.prompt.0.role": "user",
        "gen_ai.prompt.0.content": content,
    }
    assert read(attributes).call.messages[0].parts == parts


@pytest.mark.parametrize(
    ("fields", "parts"),
    [
        ({"refusal": "no"}, (Refusal("no"),)),
        ({"reasoning": "hm", "content": "yes"}, (Reasoning("hm"), Text("yes"))),
        ({"tool_calls.0.name": "f", "tool_calls.0.arguments": "{}"}, (ToolCall("f", {}),)),
        ({"tool_calls.0.name": "f", "tool_calls.0.arguments": "{cut"}, (ToolCall("f", "{cut"),)),
        ({"tool_calls.1.name": "b", "tool_calls.0.name": "a"}, (ToolCall("a", None), ToolCall("b", None))),
    ],
    ids=str,
)
def test_a_completion_holds_what_the_model_said(fields: dict[str, str], parts: tuple[object, ...]) -> None:
    given = {"llm.request.type": "chat", **{f"gen_ai.completion.0.{name}": value for name, value in fields.items()}}
    assert read(given).answer.choices[0].parts == parts


def test_a_span_without_prompts_does_not_know_its_messages() -> None:
    known = read(
        {key: value for key, value in OPENAI.items() if "prompt." not in key and "functions" not in key}
    ).call.known
    assert known.fields == {"model"}


def test_an_error_is_given_again() -> None:
    message = "Error code: 429 - {'error': {'message': 'slow down', 'type': 'requests'}}"
    attributes = {key: value for key, value in OPENAI.items() if "completion" not in key}
    error = read(attributes, status="error", message=message, events=[exception(message)]).answer.error
    assert error is not None
    assert (error.status, error.message) == (429, "slow down")


def test_an_answer_that_was_not_captured_cannot_be_replayed() -> None:
    attributes = {key: value for key, value in OPENAI.items() if "completion.0" not in key}
    assert "holds no answer" in str(read(attributes).incomplete)


def test_embeddings_are_read_without_vectors() -> None:
    attributes = {"llm.request.type": "embedding", "gen_ai.request.model": "e", "gen_ai.prompt.0.content": "a"}
    exchange = read(attributes, name="openai.embeddings")
    assert (exchange.call.kind, exchange.call.model, exchange.call.messages) == ("embedding", "e", (user("a"),))
    assert (exchange.answer.vectors, exchange.incomplete) == ((), None)


@pytest.mark.parametrize(
    ("attributes", "name", "kind"),
    [
        ({"llm.request.type": "rerank"}, "cohere.rerank", "rerank"),
        ({"llm.request.type": "completion"}, "openai.completion", "completion"),
    ],
)
def test_a_call_that_no_provider_answers_says_so(attributes: dict[str, str], name: str, kind: str) -> None:
    exchange = read(attributes, name=name)
    assert exchange.call.kind == kind
    assert exchange.incomplete is not None


@pytest.mark.parametrize(
    "attributes", [{}, {"llm.request.type": "chat"}, {"gen_ai.system": "openai"}, {"gen_ai.prompt": "x"}], ids=str
)
def test_a_span_that_says_nothing_of_a_call_is_not_read(attributes: dict[str, str]) -> None:
    assert OpenLLMetryIndexed().exchange(span(attributes=attributes)) is None


@pytest.mark.parametrize("junk", [5, None, "{", "[1]", '[{"type": 5}]', '[{"a": []}]', True, [None], {"a": 1}])
@pytest.mark.parametrize(
    "key",
    [
        "gen_ai.prompt.0.role",
        "gen_ai.prompt.0.content",
        "gen_ai.prompt.x.role",
        "gen_ai.prompt.0.tool_calls.0.arguments",
        "gen_ai.completion.0.content",
        "gen_ai.completion.0.tool_calls.0",
        "llm.request.functions.0.parameters",
    ],
)
def test_an_attribute_of_the_wrong_shape_stops_nobody(key: str, junk: object) -> None:
    for attributes in (OPENAI, ANTHROPIC):
        assert OpenLLMetryIndexed().exchange(span(attributes={**attributes, key: junk})) is not None


@pytest.mark.parametrize("described", [True, False])
def test_descriptions_of_tools_are_compared_where_there_are_any(described: bool) -> None:
    given = {name: value for name, value in OPENAI.items() if described or not name.endswith(".description")}
    assert ("tool_descriptions" in read(given).call.known.lost) is not described
