"""Bedrock's spans in every vocabulary."""

import json
from typing import Any

import pytest

from pytest_llmreplay.model.call import Message, Other, Reasoning, Text, Tool, ToolCall, ToolResult, Usage
from pytest_llmreplay.model.trace import Span
from pytest_llmreplay.traces.dialects._bedrock_doubts import TRACELOOP
from pytest_llmreplay.traces.dialects.bedrock import BedrockSpans
from pytest_llmreplay.traces.dialects.protocol import Exchange
from tests.builders import called, exception, log, span, system, user

BOTOCORE = "opentelemetry.instrumentation.botocore.bedrock-runtime"
OPENINFERENCE = "openinference.instrumentation.bedrock"
MODEL = "us.anthropic.claude-sonnet-4-5-20250929-v1:0"


def read(found: Span) -> Exchange:
    exchange = BedrockSpans().exchange(found)
    assert exchange is not None
    return exchange


def parts(exchange: Exchange) -> tuple[Any, ...]:
    """The parts of the only choice."""
    (choice,) = exchange.answer.choices
    return choice.parts


# --- OpenLLMetry 0.62 -----------------------------------------------------------------------------------------------


def traceloop(told: Any, *, reason: str = "stop", name: str = "chat claude-3", **more: Any) -> Span:
    """A span of OpenLLMetry 0.62."""
    attributes: dict[str, Any] = {
        "gen_ai.provider.name": "aws.bedrock",
        "gen_ai.request.model": "claude-3",
        "gen_ai.operation.name": "chat",
        "gen_ai.input.messages": [{"role": "user", "parts": [{"type": "text", "content": "Hello?"}]}],
        "gen_ai.output.messages": [{"role": "assistant", "parts": told, "finish_reason": reason}],
        **more,
    }
    values: dict[str, Any] = {
        k: v if isinstance(v, str | int | float) else json.dumps(v) for k, v in attributes.items()
    }
    if reason:
        values["gen_ai.response.finish_reasons"] = [reason]
    return span(name, attributes=values, scope=TRACELOOP)


SAID = [{"type": "text", "content": "Hello."}]


def test_a_span_of_openllmetry_is_read() -> None:
    counts: dict[str, Any] = {"gen_ai.usage.input_tokens": 3, "gen_ai.usage.output_tokens": 5}
    cached: dict[str, Any] = {"gen_ai.usage.cache_read.input_tokens": 7, "gen_ai.usage.cache_creation.input_tokens": 2}
    exchange = read(traceloop(SAID, **counts, **cached))
    assert (exchange.call.kind, exchange.call.provider, exchange.call.model) == ("chat", "bedrock.converse", "claude-3")
    assert exchange.call.messages == (user("Hello?"),)
    assert {"model_vendor", "other_tools"} <= exchange.call.known.lost
    assert parts(exchange) == (Text("Hello."),)
    assert exchange.answer.usage == Usage(input=12, output=5, cache_read=7, cache_write=2)
    assert exchange.incomplete is None


def test_blocks_that_it_does_not_know_are_opened() -> None:
    thought = json.dumps({"reasoningContent": {"reasoningText": {"text": "hm", "signature": "seal"}}})
    guard = json.dumps({"guardContent": {"text": {"text": "a"}}})
    asked: Any = [{"role": "user", "parts": [{"type": "text", "content": guard}]}]
    exchange = read(traceloop([{"type": "text", "content": thought}, *SAID], **{"gen_ai.input.messages": asked}))
    assert parts(exchange) == (Reasoning("hm", "seal"), Text("Hello."))
    assert exchange.call.messages == (Message("user", (Other("guardContent", {"text": {"text": "a"}}),)),)


@pytest.mark.parametrize("words", ['{"city": "Rome"}', '{"reasoningContent": 1', '{"guardContent": 1, "b": 2}', '"a"'])
def test_a_text_that_is_json_of_its_own_stays_a_text(words: str) -> None:
    assert parts(read(traceloop([{"type": "text", "content": words}]))) == (Text(words),)


def test_results_that_are_no_text_are_as_the_provider_reads_them() -> None:
    response = json.dumps([{"json": {"t": 20}}])
    asked: Any = [{"role": "user", "parts": [{"type": "tool_call_response", "id": "t1", "response": response}]}]
    exchange = read(traceloop(SAID, **{"gen_ai.input.messages": asked}))
    assert exchange.call.messages == (Message("user", (ToolResult('{"t":20}', "t1"),)),)


def test_a_prompt_is_a_chat_of_invoke_model() -> None:
    exchange = read(traceloop(SAID, name="text_completion m", **{"gen_ai.operation.name": "text_completion"}))
    assert (exchange.call.kind, exchange.call.provider) == ("chat", "bedrock.invoke")


def test_a_tool_call_that_is_not_there_makes_an_answer_incomplete() -> None:
    exchange = read(traceloop(SAID, reason="tool_call"))
    assert exchange.incomplete == "the model called a tool, and the call is not in the span"


def test_arguments_that_a_stream_of_invoke_model_lost_can_be_none_only_where_the_tool_takes_none() -> None:
    told = [{"type": "tool_call", "name": "f", "id": "t1", "arguments": {}}]
    exchange = read(traceloop(told))
    assert (exchange.incomplete, exchange.proviso) == (None, "no arguments")
    assert [field for field, _ in exchange.losses] == ["answer.arguments"]
    tools: Any = {"gen_ai.tool.definitions": [{"name": "f", "parameters": {"type": "object"}}]}
    assert read(traceloop(told, **tools)).proviso is None


@pytest.mark.parametrize(
    ("tokens", "words", "whole"),
    [(20, "Hello." * 10, True), (5, "4", True), (160, "I will look.", False), (0, "Hello.", False), (None, "", False)],
)
def test_an_answer_is_whole_that_took_no_more_tokens_than_its_text_has_or_could_call_no_tools(
    tokens: int | None, words: str, whole: bool
) -> None:
    counts: Any = {} if tokens is None else {"gen_ai.usage.input_tokens": 3, "gen_ai.usage.output_tokens": tokens}
    exchange = read(traceloop([{"type": "text", "content": words or "Hello."}], reason="", **counts))
    assert (exchange.incomplete, exchange.proviso) == (None, None if whole else "no tools")
    assert [field for field, _ in exchange.losses] == ([] if whole else ["answer.tool_calls"])


def test_an_answer_that_is_all_thought_is_whole_where_no_tool_could_be_called() -> None:
    thought = "<thinking> I need the weather. </thinking>\n"
    counts: Any = {"gen_ai.usage.input_tokens": 3, "gen_ai.usage.output_tokens": 9}
    assert read(traceloop([{"type": "text", "content": thought}], reason="", **counts)).proviso == "no tools"
    whole = read(traceloop([{"type": "text", "content": thought + "Mild."}], reason="", **counts))
    assert whole.proviso is None


def test_a_span_without_an_answer_is_incomplete() -> None:
    found = span("text_completion m", attributes={"gen_ai.request.model": "mistral-7b"}, scope=TRACELOOP)
    exchange = read(found)
    assert (exchange.call.model, set(exchange.call.known.fields)) == ("mistral-7b", {"model"})
    assert exchange.incomplete == "the span holds no answer"


@pytest.mark.parametrize(("content", "known"), [("Hello?", {"model", "messages"}), (None, {"model"})])
def test_an_embedding_model_makes_vectors(content: str | None, known: set[str]) -> None:
    attributes = {
        "gen_ai.operation.name": "text_completion",
        "gen_ai.provider.name": "aws.bedrock",
        "gen_ai.request.model": "titan-embed-text-v2:0",
        "gen_ai.usage.input_tokens": 2,
        "gen_ai.input.messages": json.dumps([{"role": "user", "parts": [{"type": "text", "content": content}]}]),
    }
    exchange = read(span("text_completion m", attributes=attributes, scope=TRACELOOP))
    assert (exchange.call.kind, exchange.call.provider) == ("embedding", "bedrock.invoke")
    assert exchange.call.known.fields == known
    assert exchange.incomplete is None


# --- OpenLLMetry 0.47 -----------------------------------------------------------------------------------------------


def indexed(name: str, completion: dict[str, Any], **more: Any) -> Span:
    """A span of OpenLLMetry 0.47."""
    attributes = {
        "gen_ai.system": "AWS",
        "gen_ai.request.model": "claude-3",
        "llm.request.type": "chat" if name == "bedrock.converse" else "completion",
        "gen_ai.prompt.0.role": "user",
        "gen_ai.prompt.0.content": '[{"text": "Hello?"}]',
        **{f"gen_ai.completion.{key}": value for key, value in completion.items()},
        **more,
    }
    return span(name, attributes=attributes, scope=TRACELOOP)


def test_texts_of_one_message_are_one_choice() -> None:
    completion = {"0.role": "assistant", "0.content": "Hello,", "1.content": " you."}
    exchange = read(indexed("bedrock.converse", completion))
    assert exchange.call.provider == "bedrock.converse"
    assert exchange.call.messages == (user("Hello?"),)
    assert parts(exchange) == (Text("Hello,"), Text(" you."))


@pytest.mark.parametrize(
    ("completion", "tokens"),
    [
        ({"0.role": "assistant"}, 90),
        ({"0.role": "assistant", "1.content": "Hello."}, 9),
        ({"0.role": "assistant", "0.content": "Hello."}, 90),
    ],
    ids=["no text", "a gap where thoughts were", "more tokens than text"],
)
def test_texts_alone_are_an_answer_where_no_tool_could_be_called(completion: dict[str, str], tokens: int) -> None:
    exchange = read(indexed("bedrock.converse", completion, **{"gen_ai.usage.completion_tokens": tokens}))
    assert (exchange.incomplete, exchange.proviso) == (None, "no tools")


def test_system_texts_that_stand_one_by_one_are_one_message() -> None:
    more = {"gen_ai.prompt.0.role": "system", "gen_ai.prompt.0.content": "Be brief."}
    more |= {"gen_ai.prompt.1.role": "system", "gen_ai.prompt.1.content": "Be kind."}
    more |= {"gen_ai.prompt.2.role": "user", "gen_ai.prompt.2.content": "Hello?"}
    exchange = read(indexed("bedrock.converse", {"0.role": "assistant", "0.content": "Hello."}, **more))
    assert exchange.call.messages == (Message("system", (Text("Be brief."), Text("Be kind."))), user("Hello?"))


def test_a_text_that_accounts_for_the_tokens_is_the_answer() -> None:
    completion = {"0.role": "assistant", "0.content": "Hello."}
    assert read(indexed("bedrock.converse", completion, **{"gen_ai.usage.completion_tokens": 9})).proviso is None


def test_claudes_blocks_are_kept_whole_whatever_they_took() -> None:
    blocks = {"0.content": json.dumps([{"type": "text", "text": "Hi."}])}
    counts: dict[str, Any] = {"gen_ai.usage.prompt_tokens": 3, "gen_ai.usage.completion_tokens": 90}
    more = {"gen_ai.request.model": "claude-v2", **counts}
    exchange = read(indexed("bedrock.completion", blocks, **more))
    assert (exchange.proviso, exchange.answer.usage) == (None, Usage(input=3, output=90))


@pytest.mark.parametrize(("limit", "tokens"), [({"gen_ai.request.max_tokens": 10}, 10), ({}, 20)])
def test_a_count_from_the_beginning_of_a_stream_is_replaced_by_an_estimate(limit: Any, tokens: int) -> None:
    blocks = {"0.content": json.dumps([{"type": "text", "text": "Hello. " * 10}])}
    counts: dict[str, Any] = {"gen_ai.usage.prompt_tokens": 3, "gen_ai.usage.completion_tokens": 1}
    exchange = read(indexed("bedrock.completion", blocks, **{"gen_ai.request.model": "claude-v2", **counts, **limit}))
    assert exchange.answer.usage == Usage(input=3, output=tokens)
    assert [field for field, _ in exchange.losses] == ["answer.usage.output"]


def test_the_json_of_anthropics_blocks_is_opened() -> None:
    blocks = [{"type": "text", "text": "Hi."}, {"type": "tool_use", "id": "t1", "name": "f", "input": {"a": 1}}]
    exchange = read(indexed("bedrock.completion", {"0.content": json.dumps(blocks)}))
    assert exchange.call.provider == "bedrock.invoke"
    assert parts(exchange) == (Text("Hi."), called("f", {"a": 1}, "t1"))


def test_texts_stand_as_their_json_and_system_texts_do_not_stand_at_all() -> None:
    exchange = read(indexed("bedrock.completion", {"0.content": '"Hi."'}, **{"gen_ai.prompt.0.content": '"Hello?"'}))
    assert exchange.call.messages == (user("Hello?"),)
    assert "system_messages" in exchange.call.known.lost
    assert parts(exchange) == (Text('"Hi."'),)


def test_messages_whose_contents_fell_on_the_first_are_not_known() -> None:
    more = {"gen_ai.prompt.1.role": "assistant", "gen_ai.prompt.2.role": "user"}
    exchange = read(indexed("bedrock.completion", {"0.content": "Hi."}, **more))
    assert "messages" not in exchange.call.known.fields


def test_a_text_that_looks_like_blocks_is_one_where_no_blocks_are_written() -> None:
    words = '[{"type": "text", "text": "a"}]'
    more: dict[str, Any] = {"gen_ai.request.model": "llama3-8b", "gen_ai.operation.name": "text_completion"}
    told = [{"type": "text", "content": words}]
    assert parts(read(traceloop(told, name="text_completion m", **more))) == (Text(words),)


# --- OpenTelemetry's botocore ---------------------------------------------------------------------------------------


def botocore(*logs: Any, method: str = "Converse", model: str = MODEL, **more: Any) -> Span:
    """A span of the botocore package with its log records."""
    attributes = {
        "rpc.method": method,
        "gen_ai.system": "aws.bedrock",
        "gen_ai.request.model": model,
        "gen_ai.operation.name": "chat",
        **more,
    }
    return span(f"chat {model}", attributes=attributes, scope=BOTOCORE, logs=logs)


ASKED = log("gen_ai.user.message", {"content": [{"text": "Weather?"}]})
CALL = {"type": "function", "id": "t1", "function": {"name": "weather", "arguments": {"city": "Rome"}}}
USE = {"toolUse": {"toolUseId": "t1", "name": "weather", "input": {"city": "Rome"}}}
RESULT = {"toolResult": {"toolUseId": "t1", "content": [{"text": "mild"}]}}


def choice(message: Any, reason: str = "end_turn") -> Any:
    """The log record of an answer."""
    return log("gen_ai.choice", {"index": 0, "finish_reason": reason, "message": message}, time=1)


def test_calls_and_results_that_stand_twice_are_read_once() -> None:
    exchange = read(
        botocore(
            log("gen_ai.system.message", {"content": [{"text": "Be brief."}]}),
            ASKED,
            log("gen_ai.assistant.message", {"content": [USE], "tool_calls": [CALL]}),
            log("gen_ai.tool.message", {"id": "t1", "content": [{"text": "mild"}]}),
            log("gen_ai.user.message", {"content": [RESULT]}),
            choice({"role": "assistant", "content": [{"text": "Mild."}]}),
            method="ConverseStream",
        )
    )
    assert exchange.call.messages == (
        system("Be brief."),
        user("Weather?"),
        Message("assistant", (called("weather", {"city": "Rome"}, "t1"),)),
        Message("user", (ToolResult("mild", "t1"),)),
    )
    assert (exchange.call.provider, exchange.call.stream) == ("bedrock.converse", True)
    assert parts(exchange) == (Text("Mild."),)
    assert exchange.answer.choices[0].finish_reason == "end_turn"


def test_a_call_without_arguments_has_none_where_content_is_captured() -> None:
    bare = {"type": "function", "id": "t1", "function": {"name": "now"}}
    exchange = read(botocore(ASKED, choice({"role": "assistant", "tool_calls": [bare]}, "tool_use")))
    assert parts(exchange) == (ToolCall("now", None, "t1"),)
    assert exchange.incomplete is None


@pytest.mark.parametrize(
    ("tokens", "incomplete", "proviso"),
    [
        (36, None, "no arguments"),
        (46, "the log records hold no content (capture was off)", None),
        (None, "the log records hold no content (capture was off)", None),
    ],
)
def test_a_call_without_arguments_may_have_lost_them_where_no_content_is_captured(
    tokens: int | None, incomplete: str | None, proviso: str | None
) -> None:
    bare = {"type": "function", "id": "t1", "function": {"name": "get_file"}}
    counts: Any = {} if tokens is None else {"gen_ai.usage.input_tokens": 3, "gen_ai.usage.output_tokens": tokens}
    exchange = read(botocore(log("gen_ai.user.message", {}), choice({"tool_calls": [bare]}, "tool_use"), **counts))
    assert (exchange.incomplete, exchange.proviso) == (incomplete, proviso)


NOVA = "us.amazon.nova-2-lite-v1:0"


@pytest.mark.parametrize(
    ("model", "tokens", "whole"),
    [(MODEL, 36, True), (MODEL, 46, False), (MODEL, 190, False), (NOVA, 14, True), (NOVA, 30, False)],
)
def test_calls_that_took_more_tokens_than_they_have_text_for_are_not_all_that_was_said(
    model: str, tokens: int, whole: bool
) -> None:
    bare = {"type": "function", "id": "t1", "function": {"name": "get_file"}}
    counts: Any = {"gen_ai.usage.input_tokens": 558, "gen_ai.usage.output_tokens": tokens}
    told = choice({"role": "assistant", "tool_calls": [bare]}, "tool_use")
    exchange = read(botocore(ASKED, told, model=model, **counts))
    why = f"the answer took {tokens} tokens, more than its tool calls: what was said beside them is not in the span"
    assert exchange.incomplete == (None if whole else why)


def test_calls_of_a_stream_of_claudes_by_invoke_model_may_not_be_all_that_was_said() -> None:
    counts: Any = {"gen_ai.usage.input_tokens": 558, "gen_ai.usage.output_tokens": 20}
    told = choice({"role": "assistant", "tool_calls": [CALL]}, "tool_use")
    exchange = read(botocore(ASKED, told, method="InvokeModelWithResponseStream", **counts))
    assert exchange.incomplete == (
        "what was said beside the tool calls is not in the span: a stream's log records drop it"
    )
    whole = read(botocore(ASKED, told, method="InvokeModelWithResponseStream", model=NOVA, **counts))
    assert whole.incomplete is None


@pytest.mark.parametrize(("blocks", "kept"), [([{}, {"text": "Mild."}], (Text("Mild."),)), ([{}], ()), ([{}, {}], ())])
def test_the_empty_blocks_that_a_stream_leaves_of_thoughts_are_none(blocks: list[Any], kept: tuple[Any, ...]) -> None:
    exchange = read(botocore(ASKED, choice({"role": "assistant", "content": blocks}), method="ConverseStream"))
    assert parts(exchange) == kept
    assert exchange.incomplete is None


def test_cached_tokens_are_counted_apart_as_by_the_api() -> None:
    cached: Any = {"gen_ai.usage.cache_read.input_tokens": 7, "gen_ai.usage.cache_creation.input_tokens": 2}
    counts: Any = {"gen_ai.usage.input_tokens": 3, "gen_ai.usage.output_tokens": 5, **cached}
    exchange = read(botocore(ASKED, choice({"role": "assistant", "content": [{"text": "Mild."}]}), **counts))
    assert exchange.answer.usage == Usage(input=12, output=5, cache_read=7, cache_write=2)


def test_an_answer_without_content_is_incomplete_where_none_is_captured() -> None:
    exchange = read(botocore(log("gen_ai.user.message", {}), choice({"role": "assistant"})))
    assert exchange.incomplete == "the log records hold no content (capture was off)"
    assert "messages" not in exchange.call.known.fields


def test_a_stream_of_titans_of_which_only_the_last_chunk_is_kept_is_incomplete() -> None:
    counts: Any = {"gen_ai.usage.input_tokens": 3, "gen_ai.usage.output_tokens": 90}
    told = choice({"content": [{"text": "the end of it."}]}, "FINISH")
    titan: Any = {"model": "amazon.titan-text-express-v1", **counts}
    short: Any = {**titan, "gen_ai.usage.output_tokens": 7}
    assert read(botocore(ASKED, told, method="InvokeModelWithResponseStream", **short)).incomplete
    whole: Any = {**titan, "gen_ai.usage.output_tokens": 5}
    assert read(botocore(ASKED, told, method="InvokeModelWithResponseStream", **whole)).incomplete is None
    assert read(botocore(ASKED, told, method="InvokeModelWithResponseStream", **titan)).incomplete
    assert read(botocore(ASKED, told, method="InvokeModel", **titan)).incomplete is None


def test_an_embedding_without_log_records_is_one() -> None:
    exchange = read(botocore(method="InvokeModel", model="cohere.embed-v4:0"))
    assert (exchange.call.kind, set(exchange.call.known.fields)) == ("embedding", {"model"})
    exchange = read(botocore(ASKED, method="InvokeModel", model="amazon.titan-embed-text-v2:0"))
    assert exchange.call.messages == (user("Weather?"),)


# --- OpenInference --------------------------------------------------------------------------------------------------


def openinference(name: str, **attributes: Any) -> Span:
    """A span of OpenInference's."""
    values = {"openinference.span.kind": "LLM", "llm.provider": "aws", "llm.model_name": MODEL, **attributes}
    return span(name, attributes=values, scope=OPENINFERENCE, status="ok")


def asked(**more: Any) -> dict[str, Any]:
    """The attributes of a question of Converse."""
    return {
        "input.value": json.dumps([{"role": "user", "content": [{"text": "Weather?"}]}]),
        "llm.input_messages.0.message.role": "system",
        "llm.input_messages.0.message.contents.0.message_content.type": "text",
        "llm.input_messages.0.message.contents.0.message_content.text": "Be brief.",
        "llm.invocation_parameters": json.dumps({"maxTokens": 9, "topP": 0.5, "thinking": {"type": "enabled"}}),
        "llm.finish_reason": "tool_use",
        "llm.token_count.prompt": 3,
        "llm.token_count.completion": 5,
        **more,
    }


def test_a_question_is_put_together_of_messages_system_text_tools_and_parameters() -> None:
    spec = {"toolSpec": {"name": "weather", "inputSchema": {"json": {"type": "object"}}}}
    told = {"role": "assistant", "content": [{"text": "Let me see."}, USE]}
    more = {"llm.tools.0.tool.json_schema": json.dumps(spec), "output.value": json.dumps(told)}
    exchange = read(openinference("bedrock.converse", **asked(**more)))
    call = exchange.call
    assert (call.provider, call.model, call.stream) == ("bedrock.converse", MODEL, False)
    assert call.messages == (system("Be brief."), user("Weather?"))
    assert call.tools == (Tool("weather", None, {"type": "object"}),)
    assert call.parameters == {"max_tokens": 9, "top_p": 0.5}
    assert call.known.parameters == {"max_tokens", "top_p"}
    assert parts(exchange) == (Text("Let me see."), called("weather", {"city": "Rome"}, "t1"))
    assert exchange.answer.choices[0].finish_reason == "tool_use"
    assert exchange.answer.usage == Usage(input=3, output=5)
    assert exchange.answer.raw is None


def test_a_stream_is_told_by_the_spans_name() -> None:
    told = json.dumps({"role": "assistant", "content": [USE]})
    assert read(openinference("bedrock.converse_stream", **asked(**{"output.value": told}))).call.stream is True


def test_a_call_that_is_not_there_makes_an_answer_incomplete() -> None:
    told = json.dumps({"role": "assistant", "content": [{"text": "Let me see."}]})
    assert read(openinference("bedrock.converse", **asked(**{"output.value": told}))).incomplete
    assert read(openinference("bedrock.converse", **asked())).incomplete


CLAUDE = {"messages": [{"role": "user", "content": "Hello?"}], "max_tokens": 9, "anthropic_version": "x"}
MESSAGE = {
    "type": "message",
    "model": "claude-3",
    "content": [{"type": "text", "text": "Hi."}],
    "stop_reason": "end_turn",
}


@pytest.mark.parametrize("stream", [False, True])
def test_claudes_own_body_is_whole_but_for_the_model(stream: bool) -> None:
    exchange = read(
        openinference(
            "bedrock.invoke_model_with_response_stream" if stream else "bedrock.invoke_model",
            **{
                "llm.system": "anthropic",
                "llm.model_name": "claude-3",
                "input.value": json.dumps(CLAUDE),
                "output.value": json.dumps(MESSAGE),
            },
        )
    )
    assert exchange.call.known.fields == {"messages", "tools"}
    assert (exchange.call.provider, exchange.call.parameters) == ("bedrock.invoke", {"max_tokens": 9})
    assert exchange.answer.raw == (None if stream else MESSAGE)
    assert parts(exchange) == (Text("Hi."),)


@pytest.mark.parametrize(
    "attributes",
    [
        {"input.value": "Hello?", "llm.invocation_parameters": '{"max_gen_len": 9}'},
        {"llm.invocation_parameters": '{"inputText": "Hello?", "textGenerationConfig": {"maxTokenCount": 9}}'},
    ],
)
def test_a_prompt_and_its_parameters_make_a_question(attributes: dict[str, Any]) -> None:
    more = {"llm.model_name": "meta.llama3", "output.value": " Hi.", "llm.finish_reason": "length", **attributes}
    exchange = read(openinference("bedrock.invoke_model", **more))
    assert exchange.call.messages == (user("Hello?"),)
    assert exchange.call.parameters == {"max_tokens": 9}
    assert (parts(exchange), exchange.answer.choices[0].finish_reason) == ((Text(" Hi."),), "length")


@pytest.mark.parametrize("words", ["42", "null", '"quoted"', '{"a": 1}', "[]", "{'a': None}", "Hello."])
def test_models_that_only_write_text_may_write_any(words: str) -> None:
    llama = {"llm.model_name": "meta.llama3-8b-instruct-v1:0", "input.value": "Hello?", "output.value": words}
    assert parts(read(openinference("bedrock.invoke_model", **llama))) == (Text(words),)


def test_the_vendor_of_a_model_of_anthropics_is_told_apart() -> None:
    asked = json.dumps({"messages": [{"role": "user", "content": "Hello?"}], "max_tokens": 9})
    more = {"llm.system": "anthropic", "llm.model_name": "claude-3-haiku-20240307-v1:0", "input.value": asked}
    assert "model_vendor" in read(openinference("bedrock.invoke_model", **more)).call.known.lost
    assert "model_vendor" not in read(openinference("bedrock.invoke_model", **{"input.value": asked})).call.known.lost


@pytest.mark.parametrize("value", [None, "None", "[{'text': 'Hi.'}]", '{"a": 1}'])
def test_what_stands_for_an_answer_is_none(value: str | None) -> None:
    assert read(openinference("bedrock.invoke_model", **{"input.value": "Hello?", "output.value": value})).incomplete


def test_an_embedding_has_its_texts_in_the_parameters() -> None:
    params = json.dumps({"texts": ["a", "b"], "input_type": "search_query"})
    found = openinference(
        "bedrock.invoke_model", **{"llm.model_name": "cohere.embed-v4:0", "llm.invocation_parameters": params}
    )
    exchange = read(found)
    assert (exchange.call.kind, exchange.call.messages) == ("embedding", (user("a"), user("b")))
    assert exchange.call.parameters == {"input_type": "search_query"}


# --- errors, and what is not Bedrock's ------------------------------------------------------------------------------


def raised(code: str, words: str = "bad") -> str:
    return f"An error occurred ({code}) when calling the Converse operation (reached max retries: 4): {words}"


@pytest.mark.parametrize(
    ("code", "status"),
    [("ValidationException", 400), ("ThrottlingException", 429), ("AccessDeniedException", 403), ("418", 418)],
)
@pytest.mark.parametrize("scope", [TRACELOOP, OPENINFERENCE, BOTOCORE])
def test_an_error_is_read_from_what_botocore_printed(code: str, status: int, scope: str) -> None:
    kind = {"openinference.span.kind": "LLM"} if scope == OPENINFERENCE else {"gen_ai.operation.name": "chat"}
    attributes = {} if scope == TRACELOOP else {"gen_ai.system": "aws.bedrock", "gen_ai.request.model": MODEL, **kind}
    found = span(
        "bedrock.converse",
        attributes=attributes,
        scope=scope,
        status="error",
        message=raised(code),
        events=[exception(raised(code), "botocore.exceptions.ClientError")],
    )
    exchange = read(found)
    assert exchange.incomplete is None
    assert exchange.answer.error is not None
    error = exchange.answer.error
    assert (error.status, error.type, error.message) == (status, code, "bad")


def test_an_error_whose_status_is_not_known_cannot_be_given_again() -> None:
    found = span("bedrock.converse", scope=TRACELOOP, status="error", message=raised("StrangeException"))
    assert read(found).incomplete == "the call failed with StrangeException, whose status is not known"


@pytest.mark.parametrize(
    ("scope", "attributes"),
    [
        ("opentelemetry.instrumentation.openai.v1", {"gen_ai.system": "openai", "gen_ai.operation.name": "chat"}),
        (OPENINFERENCE, {"openinference.span.kind": "RETRIEVER"}),
        (BOTOCORE, {"gen_ai.system": "aws.bedrock", "rpc.method": "ListModels"}),
        (BOTOCORE, {"gen_ai.system": "aws.bedrock", "gen_ai.operation.name": "invoke_agent"}),
        ("app", {}),
    ],
)
def test_a_span_of_another_origin_is_not_read(scope: str, attributes: dict[str, Any]) -> None:
    assert BedrockSpans().exchange(span(attributes=attributes, scope=scope)) is None


def test_a_tool_of_an_agent_of_bedrocks_stays_a_tool() -> None:
    attributes = {"gen_ai.provider.name": "aws.bedrock", "gen_ai.operation.name": "execute_tool"}
    more = {"gen_ai.tool.name": "f", "gen_ai.tool.call.result": "7"}
    exchange = read(span("execute_tool f", attributes={**attributes, **more}))
    assert (exchange.call.kind, exchange.call.model, exchange.call.provider) == ("tool", "f", None)
