"""GenAI attributes with messages as JSON, as OpenLLMetry and the OpenTelemetry packages write them."""

import json
from typing import Any

import pytest

from pytest_llmreplay.model.call import (
    ApiError,
    Arguments,
    Call,
    Choice,
    Failure,
    Media,
    Message,
    Other,
    Reasoning,
    Refusal,
    Returned,
    Text,
    Tool,
    ToolCall,
    ToolResult,
    Usage,
)
from pytest_llmreplay.traces.dialects.genai import GenAI
from pytest_llmreplay.traces.dialects.protocol import Exchange
from tests.builders import EPOCH, TRACE, chat_attributes, exception, span, span_id, system, user

OPENLLMETRY = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "openai",
    "gen_ai.request.model": "gpt-4o-mini",
    "gen_ai.request.temperature": 0.2,
    "gen_ai.request.max_tokens": 100,
    "gen_ai.request.reasoning_effort": [],
    "gen_ai.is_streaming": False,
    "gen_ai.openai.api_base": "https://api.openai.com/v1/",
    "gen_ai.input.messages": json.dumps(
        [
            {"role": "system", "parts": [{"content": "Be brief.", "type": "text"}]},
            {"role": "user", "parts": [{"content": "Weather in Boston?", "type": "text"}]},
            {
                "role": "assistant",
                "parts": [{"type": "tool_call", "id": "call_1", "name": "weather", "arguments": {"city": "Boston"}}],
            },
            {"role": "tool", "parts": [{"type": "tool_call_response", "id": "call_1", "response": "sunny"}]},
        ]
    ),
    "gen_ai.tool.definitions": json.dumps(
        [{"type": "function", "name": "weather", "description": "Tells it.", "parameters": {"type": "object"}}]
    ),
    "gen_ai.response.model": "gpt-4o-mini-2024-07-18",
    "gen_ai.response.id": "chatcmpl-1",
    "gen_ai.response.finish_reasons": ["stop"],
    "gen_ai.openai.response.system_fingerprint": "fp_1",
    "openai.response.service_tier": "default",
    "gen_ai.usage.total_tokens": 100,
    "gen_ai.usage.output_tokens": 18,
    "gen_ai.usage.input_tokens": 82,
    "gen_ai.usage.cache_read.input_tokens": 64,
    "gen_ai.usage.reasoning_tokens": 7,
    "gen_ai.output.messages": json.dumps(
        [{"role": "assistant", "parts": [{"type": "text", "content": "Sunny."}], "finish_reason": "stop"}]
    ),
}


def read(attributes: dict[str, Any], **more: Any) -> Exchange:
    found = GenAI().exchange(span(attributes=attributes, **more))
    assert found is not None
    return found


def told(*parts: object, reason: str = "stop", **attributes: object) -> Choice:
    """The choice of an answer with these parts."""
    output = json.dumps([{"role": "assistant", "parts": parts, "finish_reason": reason}])
    (choice,) = read(chat_attributes(**{"gen_ai.output.messages": output, **attributes})).answer.choices
    return choice


def asked(*parts: object, role: str = "user") -> Message:
    """The message of a question with these parts."""
    messages = json.dumps([{"role": role, "parts": parts}])
    (message,) = read(chat_attributes(**{"gen_ai.input.messages": messages})).call.messages
    return message


def test_a_chat_span_of_openllmetry_is_read_whole() -> None:
    exchange = read(OPENLLMETRY, scope="opentelemetry.instrumentation.openai.v1")
    call, answer = exchange.call, exchange.answer
    assert (call.kind, call.provider, call.model, call.stream) == ("chat", "openai.chat", "gpt-4o-mini", False)
    assert call.messages == (
        system("Be brief."),
        user("Weather in Boston?"),
        Message("assistant", (ToolCall("weather", {"city": "Boston"}, "call_1"),)),
        Message("tool", (ToolResult("sunny", "call_1"),)),
    )
    assert call.tools == (Tool("weather", "Tells it.", {"type": "object"}),)
    assert call.parameters == {"temperature": 0.2, "max_tokens": 100}
    assert call.known.fields == {"model", "messages", "tools"}
    assert call.known.parameters == {"temperature", "max_tokens"}
    assert answer.choices == (Choice(parts=(Text("Sunny."),), finish_reason="stop"),)
    assert (answer.provider, answer.model, answer.id) == ("openai.chat", "gpt-4o-mini-2024-07-18", "chatcmpl-1")
    assert answer.usage == Usage(input=82, output=18, cache_read=64, reasoning=7)
    assert answer.details == {"system_fingerprint": "fp_1", "service_tier": "default"}
    assert answer.created == EPOCH // 1_000_000_000
    assert answer.seed == f"{TRACE}:{span_id(1)}"
    assert (exchange.incomplete, exchange.supplement) == (None, False)


def test_a_chat_span_of_opentelemetry_is_read_whole() -> None:
    attributes = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "anthropic",
        "gen_ai.request.model": "claude-3-5-haiku-20241022",
        "server.address": "api.anthropic.com",
        "gen_ai.request.stream": True,
        "gen_ai.request.top_k": 5,
        "gen_ai.request.stop_sequences": ["END"],
        "gen_ai.system_instructions": '[{"content":"Be brief.","type":"text"}]',
        "gen_ai.input.messages": '[{"role":"user","parts":[{"content":"Hello!","type":"text"}],"name":null}]',
        "gen_ai.response.finish_reasons": ["stop"],
        "gen_ai.response.model": "claude-3-5-haiku-20241022",
        "gen_ai.response.id": "msg_1",
        "gen_ai.usage.input_tokens": 12,
        "gen_ai.usage.output_tokens": 21,
        "gen_ai.usage.cache_write.input_tokens": 1,
        "gen_ai.usage.cache_read.input_tokens": 2,
        "gen_ai.output.messages": (
            '[{"role":"assistant","parts":[{"content":"Hi!","type":"text"}],"finish_reason":"stop","name":null}]'
        ),
    }
    exchange = read(attributes, scope="opentelemetry.instrumentation.genai.anthropic")
    assert (exchange.call.provider, exchange.call.stream) == ("anthropic.messages", True)
    assert exchange.call.messages == (system("Be brief."), user("Hello!"))
    assert exchange.call.parameters == {"top_k": 5, "stop_sequences": ["END"]}
    assert exchange.call.known.fields == {"model", "messages"}
    assert exchange.answer.usage == Usage(input=12, output=21, cache_read=2, cache_write=1)
    assert exchange.answer.choices[0].parts == (Text("Hi!"),)


def test_messages_may_be_structured_values() -> None:
    attributes = chat_attributes()
    for key in ("gen_ai.input.messages", "gen_ai.output.messages"):
        attributes[key] = json.loads(str(attributes[key]))
    assert read(attributes) == read(chat_attributes())


@pytest.mark.parametrize(
    ("written", "part"),
    [
        ({"type": "text", "content": "Hello"}, Text("Hello")),
        ("Hello", Text("Hello")),
        ({"type": "text", "content": {"a": 1}}, Text('{"a":1}')),
        ({"type": "reasoning", "content": "hm"}, Reasoning("hm")),
        ({"type": "thinking", "content": "hm", "signature": "s"}, Reasoning("hm", "s")),
        ({"type": "refusal", "content": "no"}, Refusal("no")),
        ({"type": "tool_call", "id": "c", "name": "f", "arguments": {"a": [1]}}, ToolCall("f", {"a": [1]}, "c")),
        ({"type": "tool_call", "id": "c", "name": "f", "arguments": '{"a": 1}'}, ToolCall("f", {"a": 1}, "c")),
        ({"type": "tool_call", "name": "f", "arguments": "{cut"}, ToolCall("f", "{cut")),
        ({"type": "tool_call_response", "id": "c", "response": "r"}, ToolResult("r", "c")),
        ({"type": "tool_call_response", "id": "c", "result": "r"}, ToolResult("r", "c")),
        ({"type": "tool_call_response", "id": "c", "response": {"a": 1}}, ToolResult('{"a":1}', "c")),
        ({"type": "tool_call_response", "id": "c", "response": [{"type": "text", "text": "r"}]}, ToolResult("r", "c")),
        ({"type": "tool_call_response", "id": "c", "response": None}, ToolResult("", "c")),
        ({"type": "uri", "modality": "image", "uri": "https://a/b.png"}, Media("image", "https://a/b.png")),
        ({"type": "file", "modality": "document", "file_id": "file-1"}, Media("document", "file-1")),
        (
            {"type": "server_tool_call", "name": "web"},
            Other("server_tool_call", {"type": "server_tool_call", "name": "web"}),
        ),
    ],
    ids=str,
)
def test_a_part_of_a_question_is_read_as_what_it_is(written: object, part: object) -> None:
    assert asked(written).parts == (part,)


def test_an_image_in_the_question_is_known_by_the_digest_of_its_data() -> None:
    (part,) = asked({"type": "blob", "modality": "image", "mime_type": "image/png", "content": "aGk="}).parts
    assert isinstance(part, Media)
    assert (part.kind, part.reference[:7], len(part.reference)) == ("image", "sha256:", 71)


@pytest.mark.parametrize("written", [None, 5, [], {}, {"content": "no type"}, {"type": 5}, {"type": "text"}])
def test_a_part_that_is_none_is_left_out(written: object) -> None:
    assert asked(written, {"type": "text", "content": "kept"}).parts == (Text("kept"),)


def test_an_empty_text_before_a_tool_call_falls_away() -> None:
    choice = told({"type": "text", "content": ""}, {"type": "tool_call", "id": "c", "name": "f", "arguments": {}})
    assert choice.parts == (ToolCall("f", {}, "c"),)


def test_what_pythons_own_json_lets_through_is_read() -> None:
    parts = [
        {"type": "text", "content": "\ud83d"},
        {"type": "tool_call", "name": "f", "arguments": {"x": float("nan")}},
    ]
    output = json.dumps([{"role": "assistant", "parts": parts}])
    (choice,) = read(chat_attributes(**{"gen_ai.output.messages": output})).answer.choices
    assert choice.parts == (Text("\ud83d"), ToolCall("f", {"x": None}))
    assert asked({"type": "tool_call_response", "id": "c", "response": {"a": "\ud83d"}}).parts == (
        ToolResult('{"a": "\\ud83d"}', "c"),
    )


def test_the_spans_own_finish_reason_goes_before_the_messages() -> None:
    text = {"type": "text", "content": "x"}
    assert (
        told(text, reason="tool_call", **{"gen_ai.response.finish_reasons": ["tool_calls"]}).finish_reason
        == "tool_calls"
    )
    assert told(text, reason="length").finish_reason == "length"
    assert told(text, reason="").finish_reason is None


def test_several_choices_have_each_their_own_reason() -> None:
    output = [{"role": "assistant", "parts": [{"type": "text", "content": t}], "finish_reason": "stop"} for t in "ab"]
    attributes = {"gen_ai.output.messages": json.dumps(output), "gen_ai.response.finish_reasons": ["stop", "length"]}
    choices = read(chat_attributes(**attributes)).answer.choices
    assert [(choice.parts, choice.finish_reason) for choice in choices] == [
        ((Text("a"),), "stop"),
        ((Text("b"),), "length"),
    ]


@pytest.mark.parametrize(
    "definition",
    [
        {"type": "function", "name": "f", "description": "d", "parameters": {"type": "object"}},
        {"type": "function", "function": {"name": "f", "description": "d", "parameters": {"type": "object"}}},
        {"name": "f", "description": "d", "input_schema": {"type": "object"}},
    ],
)
def test_a_tool_is_read_in_every_shape(definition: object) -> None:
    call = read(chat_attributes(**{"gen_ai.tool.definitions": json.dumps([definition])})).call
    assert call.tools == (Tool("f", "d", {"type": "object"}),)


@pytest.mark.parametrize(
    ("attributes", "unknown"),
    [
        ({"gen_ai.input.messages": None}, "messages"),
        ({"gen_ai.input.messages": '[{"role": "us'}, "messages"),
        ({"gen_ai.system_instructions": "[{cut"}, "messages"),
        ({"gen_ai.tool.definitions": "[{cut"}, "tools"),
        ({}, "tools"),
        ({"gen_ai.request.model": None}, "model"),
    ],
    ids=str,
)
def test_what_is_absent_or_cut_off_is_unknown_and_so_not_compared(attributes: dict[str, object], unknown: str) -> None:
    call = read({k: v for k, v in chat_attributes(**attributes).items() if v is not None}).call
    assert unknown not in call.known.fields


@pytest.mark.parametrize("key", ["gen_ai.request.stream", "gen_ai.is_streaming", "llm.is_streaming"])
def test_a_stream_is_known_under_every_name(key: str) -> None:
    assert read(chat_attributes(**{key: True})).call.stream is True


def test_a_stream_that_is_not_told_is_unknown() -> None:
    assert read(chat_attributes()).call.stream is None


@pytest.mark.parametrize(
    ("attributes", "scope", "provider"),
    [
        ({"gen_ai.provider.name": "openai"}, "", "openai.chat"),
        ({"gen_ai.provider.name": "azure.ai.openai"}, "", "openai.chat"),
        ({"gen_ai.provider.name": None, "gen_ai.system": "openai"}, "", "openai.chat"),
        ({"gen_ai.provider.name": "groq"}, "", "openai.chat"),
        ({"gen_ai.provider.name": "anthropic"}, "", "anthropic.messages"),
        ({"gen_ai.provider.name": None}, "opentelemetry.instrumentation.anthropic", "anthropic.messages"),
        ({"gen_ai.provider.name": "aws.bedrock"}, "", "bedrock.converse"),
        ({"gen_ai.provider.name": None}, "", None),
    ],
)
def test_the_wire_api_is_known_where_only_one_can_be_meant(
    attributes: dict[str, object], scope: str, provider: str | None
) -> None:
    given = {k: v for k, v in chat_attributes(**attributes).items() if v is not None}
    assert read(given, scope=scope).call.provider == provider


# --- errors and answers that are not there --------------------------------------------------------------------------


def failed(message: str, kind: str = "openai.RateLimitError", **attributes: object) -> Exchange:
    given = {k: v for k, v in chat_attributes(**attributes).items() if k != "gen_ai.output.messages"}
    return read(given, status="error", message=message, events=[exception(message, kind)])


def test_an_error_that_the_sdk_printed_with_its_body_is_given_again_as_it_was() -> None:
    body = {"error": {"message": "slow down", "type": "requests", "param": None, "code": "rate_limit_exceeded"}}
    error = failed(f"Error code: 429 - {body!r}").answer.error
    assert error == ApiError(status=429, type="requests", message="slow down", body=body)


def test_an_error_that_the_sdk_printed_as_text_keeps_its_words() -> None:
    error = failed("Error code: 400 - Unsupported value: 'x'", "openai.BadRequestError").answer.error
    assert error == ApiError(status=400, message="Unsupported value: 'x'")


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("openai.AuthenticationError", 401),
        ("NotFoundError", 404),
        ("anthropic.InternalServerError", 500),
        ("overloaded_error", 529),
    ],
)
def test_the_status_of_an_error_is_known_by_the_name_of_its_class(kind: str, status: int) -> None:
    error = failed("went wrong", kind).answer.error
    assert error is not None
    assert error.status == status


def test_the_status_of_an_error_may_stand_in_an_attribute() -> None:
    error = failed("down", "SomeError", **{"http.response.status_code": 503}).answer.error
    assert error is not None
    assert error.status == 503


@pytest.mark.parametrize("body", ["{'a': ", "{'a': __import__('os')}", "{'a'}", "{" * 5_000])
def test_a_body_that_is_no_literal_stays_text(body: str) -> None:
    error = failed(f"Error code: 500 - {body}").answer.error
    assert error is not None
    assert (error.status, error.body, error.message) == (500, None, body)


def test_a_failure_of_the_application_is_no_answer_of_the_provider() -> None:
    exchange = failed("no route to host", "openai.APIConnectionError")
    assert exchange.answer.error is None
    assert exchange.incomplete is not None
    assert "APIConnectionError" in exchange.incomplete


def test_an_answer_that_was_cut_off_cannot_be_replayed() -> None:
    exchange = read(chat_attributes(**{"gen_ai.output.messages": '[{"role": "assistant", "parts": [{"ty'}))
    assert exchange.incomplete == "the answer was cut off by an attribute length limit"


def test_an_answer_that_was_not_captured_cannot_be_replayed() -> None:
    given = {k: v for k, v in chat_attributes().items() if "messages" not in k}
    assert read(given).incomplete == "the span holds no answer (content capture was off, or lost)"


def test_claude_may_have_nothing_to_add() -> None:
    attributes: dict[str, Any] = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "anthropic",
        "gen_ai.input.messages": json.dumps([{"role": "user", "parts": [{"type": "text", "content": "Hello?"}]}]),
        "gen_ai.response.finish_reasons": ["stop"],
    }
    exchange = read(attributes)
    assert (exchange.incomplete, exchange.answer.choices) == (None, (Choice(finish_reason="stop"),))
    assert read({**attributes, "gen_ai.response.finish_reasons": ["tool_call"]}).incomplete is not None
    assert read({**attributes, "gen_ai.provider.name": "groq"}).incomplete is not None
    del attributes["gen_ai.input.messages"]
    assert read(attributes).incomplete is not None


def test_an_empty_answer_is_an_answer() -> None:
    choice = told(reason="stop")
    assert (choice.parts, choice.finish_reason) == ((), "stop")


# --- other operations -----------------------------------------------------------------------------------------------


def test_a_tool_that_ran_is_a_tool() -> None:
    attributes = {
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.tool.name": "weather",
        "gen_ai.tool.call.id": "call_1",
        "gen_ai.tool.call.arguments": '{"city": "Boston"}',
        "gen_ai.tool.call.result": '{"sky": "blue"}',
    }
    exchange = read(attributes)
    assert exchange.call == Call(kind="tool", model="weather", arguments=Arguments(named={"city": "Boston"}))
    assert exchange.answer.returned == Returned({"sky": "blue"})


def test_a_tool_that_raised_is_a_failure() -> None:
    attributes = {"gen_ai.operation.name": "execute_tool", "error.type": "KeyError"}
    exchange = read(attributes, name="execute_tool weather", status="error", events=[exception("'Boston'", "KeyError")])
    assert exchange.call.model == "weather"
    assert exchange.answer.failure == Failure("KeyError", "'Boston'")


def test_a_retrieval_is_a_retriever_with_its_documents() -> None:
    attributes = {
        "gen_ai.operation.name": "retrieval",
        "gen_ai.retrieval.query.text": "shoes",
        "gen_ai.retrieval.documents": '[{"id": "d1", "score": 0.5}]',
    }
    exchange = read(attributes, name="retrieval policies")
    assert exchange.call == Call(kind="retrieval", model="policies", arguments=Arguments(("shoes",)))
    assert exchange.answer.returned == Returned([{"id": "d1", "score": 0.5}])


@pytest.mark.parametrize(
    ("name", "attribute"),
    [("execute_tool", "gen_ai.tool.call.result"), ("retrieval", "gen_ai.retrieval.documents")],
)
def test_a_result_that_is_cut_off_or_absent_cannot_be_answered(name: str, attribute: str) -> None:
    assert "cut off" in str(read({"gen_ai.operation.name": name, attribute: '[{"a": '}).incomplete)
    assert "not recorded" in str(read({"gen_ai.operation.name": name}).incomplete)


def test_embeddings_are_read_without_the_vectors_that_no_span_of_this_kind_has() -> None:
    given = {"gen_ai.operation.name": "embeddings", "gen_ai.request.model": "e", "gen_ai.response.model": "e-1"}
    texts = json.dumps([{"role": "user", "parts": [{"type": "text", "content": each}]} for each in ("a", "b")])
    exchange = read({**given, "gen_ai.input.messages": texts})
    assert (exchange.call.kind, exchange.call.provider, exchange.call.model) == ("embedding", "openai.embeddings", "e")
    assert exchange.call.messages == (user("a"), user("b"))
    assert (exchange.answer.vectors, exchange.answer.model, exchange.incomplete) == ((), "e-1", None)
    assert exchange.call.known.fields == {"model", "messages"}
    assert read(given).call.known.fields == {"model"}


@pytest.mark.parametrize(
    "attributes",
    [
        {},
        {"http.route": "/ask"},
        {"gen_ai.operation.name": "invoke_agent"},
        {"gen_ai.operation.name": "create_agent"},
        {"gen_ai.operation.name": 5},
        {"gen_ai.operation.name": "chat", "gen_ai.prompt.0.role": "user"},
    ],
    ids=str,
)
def test_a_span_of_another_kind_is_not_read(attributes: dict[str, object]) -> None:
    assert GenAI().exchange(span(attributes=attributes)) is None


@pytest.mark.parametrize(
    "junk", [5, None, "text", "{", "[1]", '{"a": 1}', "[[[]]]", '[{"parts": 5}]', '[{"role": []}]', True, [None]]
)
@pytest.mark.parametrize(
    "key",
    [
        "gen_ai.input.messages",
        "gen_ai.output.messages",
        "gen_ai.system_instructions",
        "gen_ai.tool.definitions",
        "gen_ai.response.finish_reasons",
        "gen_ai.usage.input_tokens",
        "gen_ai.response.id",
        "gen_ai.request.model",
        "gen_ai.prompt.prompt_error",
    ],
)
def test_an_attribute_of_the_wrong_shape_stops_nobody(key: str, junk: object) -> None:
    assert GenAI().exchange(span(attributes=chat_attributes(**{key: junk}))) is not None


@pytest.mark.parametrize(
    ("definition", "lost"), [({"name": "a", "description": "Tells it."}, False), ({"name": "a"}, True)]
)
def test_descriptions_of_tools_are_compared_where_there_are_any(definition: dict[str, str], lost: bool) -> None:
    given = [{"type": "function", "parameters": {}, **definition}]
    call = read(chat_attributes(**{"gen_ai.tool.definitions": json.dumps(given)})).call
    assert ("tool_descriptions" in call.known.lost) is lost
