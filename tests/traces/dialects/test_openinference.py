"""OpenInference: the raw arguments and answer where they are, the indexed attributes where they are not."""

import json
from typing import Any

import pytest

from pytest_llmreplay.model.call import (
    EVERYTHING,
    ApiError,
    Arguments,
    Choice,
    Failure,
    Message,
    Reasoning,
    Returned,
    Text,
    Tool,
    ToolCall,
    ToolResult,
    Usage,
)
from pytest_llmreplay.traces.dialects.openinference import OpenInference
from pytest_llmreplay.traces.dialects.protocol import Exchange
from tests.builders import exception, span, system, user

TOOL = {
    "type": "function",
    "function": {"name": "weather", "description": "Tells it.", "parameters": {"type": "object"}},
}
REQUEST: dict[str, Any] = {
    "model": "gpt-4o",
    "stream": False,
    "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Weather?"}],
    "temperature": 0,
    "tools": [TOOL],
}
ANSWER: dict[str, Any] = {
    "id": "chatcmpl-1",
    "choices": [
        {
            "finish_reason": "tool_calls",
            "index": 0,
            "logprobs": None,
            "message": {
                "content": None,
                "refusal": None,
                "role": "assistant",
                "annotations": [],
                "tool_calls": [
                    {
                        "id": "call_1",
                        "function": {"arguments": '{"city":"Boston"}', "name": "weather"},
                        "type": "function",
                    }
                ],
            },
        }
    ],
    "created": 1774962903,
    "model": "gpt-4o-2024-08-06",
    "object": "chat.completion",
    "system_fingerprint": "fp_1",
    "usage": {"completion_tokens": 18, "prompt_tokens": 82, "total_tokens": 100},
}
INDEXED = {
    "llm.provider": "openai",
    "llm.system": "openai",
    "llm.invocation_parameters": json.dumps({"model": "gpt-4o", "stream": False, "temperature": 0}),
    "llm.input_messages.0.message.role": "system",
    "llm.input_messages.0.message.content": "Be brief.",
    "llm.input_messages.1.message.role": "user",
    "llm.input_messages.1.message.content": "Weather?",
    "llm.tools.0.tool.json_schema": json.dumps(TOOL),
    "llm.model_name": "gpt-4o-2024-08-06",
    "llm.token_count.total": 100,
    "llm.token_count.prompt": 82,
    "llm.token_count.completion": 18,
    "llm.token_count.prompt_details.cache_read": 4,
    "llm.output_messages.0.message.role": "assistant",
    "llm.output_messages.0.message.tool_calls.0.tool_call.id": "call_1",
    "llm.output_messages.0.message.tool_calls.0.tool_call.function.name": "weather",
    "llm.output_messages.0.message.tool_calls.0.tool_call.function.arguments": '{"city":"Boston"}',
    "llm.finish_reason": "tool_calls",
    "openinference.span.kind": "LLM",
}


def whole(request: object = REQUEST, answer: object = ANSWER, **more: object) -> dict[str, Any]:
    """The attributes of a model call with raw arguments and answer."""
    return {
        **INDEXED,
        "input.value": json.dumps(request),
        "input.mime_type": "application/json",
        "output.value": json.dumps(answer),
        "output.mime_type": "application/json",
        **more,
    }


def read(attributes: dict[str, Any], **more: Any) -> Exchange:
    more.setdefault("name", "ChatCompletion")
    found = OpenInference().exchange(span(attributes=attributes, **more))
    assert found is not None
    return found


def test_raw_arguments_and_answer_are_read_as_the_provider_reads_them() -> None:
    exchange = read(whole())
    call, answer = exchange.call, exchange.answer
    assert (call.kind, call.provider, call.model, call.stream) == ("chat", "openai.chat", "gpt-4o", False)
    assert call.messages == (system("Be brief."), user("Weather?"))
    assert call.tools == (Tool("weather", "Tells it.", {"type": "object"}),)
    assert call.parameters == {"temperature": 0}
    assert call.known.parameters == EVERYTHING
    assert call.known.lost == frozenset()
    assert answer.raw == ANSWER
    assert answer.choices[0].parts == (ToolCall("weather", {"city": "Boston"}, "call_1"),)
    assert (answer.id, answer.created, answer.usage) == ("chatcmpl-1", 1774962903, Usage(input=82, output=18))
    assert exchange.incomplete is None


def test_a_key_for_the_providers_cache_is_no_part_of_the_question() -> None:
    given = {"model": "gpt-4o", "temperature": 0, "prompt_cache_key": "run-1"}
    indexed = read({**INDEXED, "llm.invocation_parameters": json.dumps(given)})
    raw = read(whole({**REQUEST, "prompt_cache_key": "run-1"}))
    assert indexed.call.parameters == raw.call.parameters == {"temperature": 0}


def test_indexed_attributes_are_read_where_the_raw_values_are_hidden() -> None:
    hidden = {"input.value": "__REDACTED__", "output.value": "__REDACTED__"}
    exchange = read({**INDEXED, **hidden})
    call, answer = exchange.call, exchange.answer
    assert (call.model, call.messages) == ("gpt-4o", (system("Be brief."), user("Weather?")))
    assert call.tools == (Tool("weather", "Tells it.", {"type": "object"}),)
    assert call.parameters == {"temperature": 0}
    assert call.known.parameters == {"temperature"}
    assert answer.choices == (
        Choice(parts=(ToolCall("weather", {"city": "Boston"}, "call_1"),), finish_reason="tool_calls"),
    )
    assert (answer.model, answer.usage) == ("gpt-4o-2024-08-06", Usage(input=82, output=18, cache_read=4))
    assert (answer.raw, exchange.incomplete) == (None, None)


@pytest.mark.parametrize("cut", ["input.value", "output.value"])
def test_a_raw_value_that_was_cut_off_gives_way_to_the_indexed_attributes(cut: str) -> None:
    attributes = whole()
    attributes[cut] = attributes[cut][:-20]
    exchange = read(attributes)
    assert exchange.call.messages == (system("Be brief."), user("Weather?"))
    assert exchange.answer.choices[0].parts == (ToolCall("weather", {"city": "Boston"}, "call_1"),)
    assert exchange.incomplete is None


def test_indexed_messages_of_which_the_sdk_dropped_some_are_unknown() -> None:
    assert "messages" not in read(INDEXED, dropped=4).call.known.fields
    assert "messages" in read(whole(), dropped=4).call.known.fields


def test_a_raw_answer_of_a_stream_is_put_together_and_not_given_back_as_it_is() -> None:
    chunked = {**ANSWER, "object": "chat.completion.chunk"}
    exchange = read(whole({**REQUEST, "stream": True}, chunked))
    assert (exchange.call.stream, exchange.answer.raw) == (True, None)
    assert exchange.answer.choices[0].parts == (ToolCall("weather", {"city": "Boston"}, "call_1"),)


@pytest.mark.parametrize(
    ("name", "request_", "streams"),
    [
        ("messages.stream", {"messages": []}, True),
        ("messages.create", {"messages": []}, False),
        ("messages.create", {"messages": [], "stream": True}, True),
    ],
)
def test_a_stream_is_told_by_the_arguments_or_the_spans_name(
    name: str, request_: dict[str, Any], streams: bool
) -> None:
    attributes = {"openinference.span.kind": "LLM", "llm.system": "anthropic", "input.value": json.dumps(request_)}
    assert read(attributes, name=name).call.stream is streams


def test_arguments_that_were_python_objects_are_unknown() -> None:
    request = {**REQUEST, "response_format": "<class 'shop.Answer'>", "seed": "NOT_GIVEN"}
    call = read(whole(request)).call
    assert call.parameters == {"temperature": 0}
    assert "temperature" in call.known.parameters
    assert not call.known.parameters & {"seed", "response_format", *EVERYTHING}


def test_arguments_beside_the_body_are_no_part_of_the_question() -> None:
    request = {**REQUEST, "extra_headers": {"x": "y"}, "extra_body": {"top_k": 3}}
    assert read(whole(request)).call.parameters == {"temperature": 0, "top_k": 3}


def test_messages_of_a_framework_give_way_to_the_indexed_ones() -> None:
    langchain = {"messages": [[{"lc": 1, "type": "constructor", "kwargs": {"content": "Weather?"}}]]}
    exchange = read(whole(langchain, {"generations": [[{"text": "Sunny"}]]}))
    assert exchange.call.messages == (system("Be brief."), user("Weather?"))
    assert exchange.answer.choices[0].parts == (ToolCall("weather", {"city": "Boston"}, "call_1"),)


ANTHROPIC_ANSWER = {
    "id": "msg_1",
    "container": None,
    "content": [
        {"citations": None, "text": "Let me look.", "type": "text"},
        {"id": "toolu_1", "caller": None, "input": {"city": "Boston"}, "name": "weather", "type": "tool_use"},
    ],
    "model": "claude-3-5-haiku-20241022",
    "role": "assistant",
    "stop_reason": "tool_use",
    "stop_sequence": None,
    "type": "message",
    "usage": {"input_tokens": 370, "output_tokens": 82, "cache_read_input_tokens": 4, "cache_creation_input_tokens": 0},
}
ANTHROPIC = {
    "llm.provider": "anthropic",
    "llm.system": "anthropic",
    "llm.request.model_name": "claude-3-5-haiku-latest",
    "llm.response.model_name": "claude-3-5-haiku-20241022",
    "llm.model_name": "claude-3-5-haiku-20241022",
    "llm.invocation_parameters": '{"max_tokens": 1024}',
    "llm.input_messages.0.message.role": "user",
    "llm.input_messages.0.message.contents.0.message_content.type": "text",
    "llm.input_messages.0.message.contents.0.message_content.text": "Weather?",
    "llm.output_messages.0.message.role": "assistant",
    "llm.output_messages.0.message.contents.0.message_content.type": "text",
    "llm.output_messages.0.message.contents.0.message_content.text": "Let me look.",
    "llm.output_messages.0.message.contents.1.message_content.type": "tool_use",
    "llm.output_messages.0.message.contents.1.tool_call.id": "toolu_1",
    "llm.output_messages.0.message.contents.1.tool_call.function.name": "weather",
    "llm.output_messages.0.message.contents.1.tool_call.function.arguments": '{"city": "Boston"}',
    "llm.output_messages.0.message.tool_calls.0.tool_call.id": "toolu_1",
    "llm.output_messages.0.message.tool_calls.0.tool_call.function.name": "weather",
    "llm.output_messages.0.message.tool_calls.0.tool_call.function.arguments": '{"city": "Boston"}',
    "llm.token_count.prompt": 374,
    "llm.token_count.completion": 82,
    "llm.finish_reason": "tool_use",
    "openinference.span.kind": "LLM",
}


def test_a_message_of_anthropic_is_read_raw() -> None:
    request = {
        "max_tokens": 1024,
        "system": "Be brief.",
        "messages": [{"role": "user", "content": "Weather?"}],
        "model": "claude-3-5-haiku-latest",
        "tools": [{"name": "weather", "input_schema": {"type": "object"}, "description": ""}],
    }
    exchange = read(whole(request, ANTHROPIC_ANSWER, **ANTHROPIC), name="messages.create")
    assert (exchange.call.provider, exchange.call.model) == ("anthropic.messages", "claude-3-5-haiku-latest")
    assert exchange.call.messages == (system("Be brief."), user("Weather?"))
    assert exchange.call.parameters == {"max_tokens": 1024}
    assert exchange.answer.choices[0].parts == (
        Text("Let me look."),
        ToolCall("weather", {"city": "Boston"}, "toolu_1"),
    )
    assert exchange.answer.usage == Usage(input=374, output=82, cache_read=4, cache_write=0)
    assert exchange.answer.raw == ANTHROPIC_ANSWER


def test_blocks_are_read_in_their_order_and_a_tool_call_that_stands_twice_counts_once() -> None:
    exchange = read(ANTHROPIC, name="messages.create")
    assert exchange.call.messages == (user("Weather?"),)
    assert exchange.answer.choices[0].parts == (
        Text("Let me look."),
        ToolCall("weather", {"city": "Boston"}, "toolu_1"),
    )
    assert exchange.answer.provider == "anthropic.messages"


def message(**fields: object) -> Message:
    """The only message of a question with these indexed fields."""
    attributes = {f"llm.input_messages.0.message.{name.replace('__', '.')}": value for name, value in fields.items()}
    (found,) = read({"openinference.span.kind": "LLM", **attributes}).call.messages
    return found


def test_a_tool_result_is_read() -> None:
    assert message(role="tool", content="sunny", tool_call_id="c") == Message("tool", (ToolResult("sunny", "c"),))


def test_reasoning_is_read_with_its_signature() -> None:
    start = "contents__0__message_content__"
    fields = {f"{start}type": "reasoning", f"{start}text": "hm", f"{start}signature": "s"}
    assert message(role="assistant", **fields).parts == (Reasoning("hm", "s"),)


def test_a_legacy_function_call_is_read() -> None:
    fields = {"function_call_name": "f", "function_call_arguments_json": '{"a": 1}'}
    assert message(role="assistant", **fields).parts == (ToolCall("f", {"a": 1}, legacy=True),)


def test_messages_are_in_the_order_of_their_numbers_not_of_their_words() -> None:
    attributes = {f"llm.input_messages.{n}.message.content": str(n) for n in (10, 2, 0, 1)}
    call = read({"openinference.span.kind": "LLM", **attributes}).call
    assert [m.parts for m in call.messages] == [(Text("0"),), (Text("1"),), (Text("2"),), (Text("10"),)]


def test_an_error_of_the_api_is_given_again() -> None:
    message_ = "Error code: 429 - {'error': {'message': 'slow down', 'type': 'requests', 'param': None, 'code': None}}"
    attributes = {key: value for key, value in whole().items() if "output" not in key}
    error = read(
        attributes, status="error", message=f"RateLimitError: {message_}", events=[exception(message_)]
    ).answer.error
    assert isinstance(error, ApiError)
    assert (error.status, error.message) == (429, "slow down")


def test_an_answer_that_is_nowhere_cannot_be_replayed() -> None:
    attributes = {key: value for key, value in whole().items() if "output" not in key}
    assert str(read(attributes).incomplete).startswith("the span holds no answer")
    stream = {**attributes, "output.value": "<groq.Stream object at 0x7f>"}
    assert str(read(stream).incomplete).startswith("the span holds no answer")


def function(kind: str, **attributes: object) -> Exchange:
    return read({"openinference.span.kind": kind, **attributes}, name="find_docs")


def test_a_retriever_is_read_with_its_documents() -> None:
    documents = {
        "retrieval.documents.0.document.content": "a",
        "retrieval.documents.0.document.id": "1",
        "retrieval.documents.0.document.score": 0.5,
        "retrieval.documents.1.document.content": "b",
    }
    exchange = function("RETRIEVER", **{"input.value": "shoes", **documents})
    assert (exchange.call.kind, exchange.call.model, exchange.call.arguments) == (
        "retrieval",
        "find_docs",
        Arguments(("shoes",)),
    )
    assert exchange.answer.returned == Returned([{"content": "a", "id": "1", "score": 0.5}, {"content": "b"}])


def test_a_tool_is_read_with_its_name_arguments_and_output() -> None:
    values = {
        "tool.name": "weather",
        "input.value": '{"city": "Boston", "unit": "C"}',
        "input.mime_type": "application/json",
        "output.value": '{"sky": "blue"}',
        "output.mime_type": "application/json",
    }
    exchange = function("TOOL", **values)
    assert (exchange.call.kind, exchange.call.model) == ("tool", "weather")
    assert exchange.call.arguments == Arguments(named={"city": "Boston", "unit": "C"})
    assert exchange.answer.returned == Returned({"sky": "blue"})


def test_text_that_looks_like_json_stays_text() -> None:
    exchange = function("TOOL", **{"input.value": "17", "output.value": "[1]"})
    assert (exchange.call.arguments, exchange.answer.returned) == (Arguments(("17",)), Returned("[1]"))


@pytest.mark.parametrize(("mime", "as_text"), [("text/plain", True), ("application/json", False)])
def test_what_was_written_as_text_may_have_been_a_number(mime: str, as_text: bool) -> None:
    returned = function("TOOL", **{"output.value": '"5"', "output.mime_type": mime}).answer.returned
    assert returned is not None
    assert returned.as_text is as_text


def test_a_function_that_raised_is_a_failure() -> None:
    given = {"openinference.span.kind": "TOOL"}
    exchange = read(given, status="error", events=[exception("'Boston'", "KeyError")])
    assert exchange.answer.failure == Failure("KeyError", "'Boston'")


def test_a_text_completion_without_its_text_cannot_be_replayed() -> None:
    exchange = read({"openinference.span.kind": "LLM", "llm.prompts.0.prompt.text": "Once"})
    assert exchange.call.kind == "completion"
    assert exchange.incomplete is not None


EMBEDDING = {
    "openinference.span.kind": "EMBEDDING",
    "embedding.model_name": "text-embedding-3-small",
    "embedding.embeddings.0.embedding.text": "a",
    "embedding.embeddings.0.embedding.vector": [0.5, 1],
    "embedding.embeddings.1.embedding.text": "b",
    "embedding.embeddings.1.embedding.vector": [0.25, 0.0],
}


def test_embeddings_are_read_with_their_vectors() -> None:
    exchange = read(EMBEDDING, name="CreateEmbeddings")
    assert (exchange.call.kind, exchange.call.model) == ("embedding", "text-embedding-3-small")
    assert exchange.call.messages == (user("a"), user("b"))
    assert exchange.answer.vectors == ((0.5, 1.0), (0.25, 0.0))


@pytest.mark.parametrize("vector", [None, "text", 5, [None], ["a"], {}, [[1]]])
def test_a_vector_of_the_wrong_shape_stops_nobody(vector: object) -> None:
    assert read({**EMBEDDING, "embedding.embeddings.0.embedding.vector": vector}).call.kind == "embedding"


def test_the_kind_may_be_written_in_small_letters() -> None:
    assert read({**INDEXED, "openinference.span.kind": "llm"}).call.kind == "chat"


def test_an_agent_holds_calls_and_is_none() -> None:
    exchange = function("AGENT", **{"input.value": "17", "output.value": "18"})
    assert (exchange.call.kind, exchange.holds) == ("function", True)
    assert not function("CHAIN", **{"input.value": "17", "output.value": "18"}).holds


@pytest.mark.parametrize("kind", ["GUARDRAIL", "", None, 5])
def test_a_span_of_another_kind_is_not_read(kind: object) -> None:
    assert OpenInference().exchange(span(attributes={**INDEXED, "openinference.span.kind": kind})) is None


@pytest.mark.parametrize(
    "junk",
    [
        5,
        None,
        "text",
        "{",
        "[1]",
        '{"a": 1}',
        '{"messages": [5]}',
        '{"choices": [5]}',
        '{"choices": [{"message": 5}]}',
        '{"type": "message", "content": [5]}',
        '{"messages": [{"role": 5, "content": 7}]}',
        True,
        [None],
    ],
)
@pytest.mark.parametrize(
    "key",
    [
        "input.value",
        "output.value",
        "llm.invocation_parameters",
        "llm.tools.0.tool.json_schema",
        "llm.input_messages.0.message.role",
        "llm.input_messages.x.message",
        "llm.model_name",
    ],
)
def test_an_attribute_of_the_wrong_shape_stops_nobody(key: str, junk: object) -> None:
    assert OpenInference().exchange(span(attributes=whole(**{key: junk}))) is not None
