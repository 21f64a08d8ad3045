"""Spans of OpenAI's Responses and text completions, and of compatible hosts, in every vocabulary."""

import json
from typing import Any

import pytest

from pytest_llmreplay.model.call import ApiError, Call, Choice, Other, Reasoning, Text, ToolCall, Usage
from pytest_llmreplay.traces.dialects.genai import GenAI
from pytest_llmreplay.traces.dialects.openinference import OpenInference
from pytest_llmreplay.traces.dialects.openllmetry_indexed import OpenLLMetryIndexed
from pytest_llmreplay.traces.dialects.protocol import Exchange
from tests.builders import assistant, exception, result, span, system, user

RESPONSES = "openai.responses"
COMPLETIONS = "openai.completions"


def genai(attributes: dict[str, Any], name: str = "chat gpt-4.1", **more: Any) -> Exchange:
    """The exchange of a span with messages as JSON."""
    exchange = GenAI().exchange(span(name, attributes=attributes, **more))
    assert exchange is not None
    return exchange


def indexed(attributes: dict[str, Any], name: str, **more: Any) -> Exchange:
    """The exchange of a span with indexed messages."""
    exchange = OpenLLMetryIndexed().exchange(span(name, attributes=attributes, **more))
    assert exchange is not None
    return exchange


def openinference(attributes: dict[str, Any], name: str, **more: Any) -> Exchange:
    """The exchange of an OpenInference span."""
    given = {"openinference.span.kind": "LLM", "llm.system": "openai", **attributes}
    exchange = OpenInference().exchange(span(name, attributes=given, **more))
    assert exchange is not None
    return exchange


def message(role: str, *parts: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"role": role, "parts": list(parts), **more}


def said(content: str) -> dict[str, Any]:
    return {"type": "text", "content": content}


# --- an error object that came with HTTP status 200 -----------------------------------------------------------------

GENAI_OPENAI = "opentelemetry.instrumentation.genai.openai"
BARE: dict[str, Any] = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "openai",
    "gen_ai.request.model": "gpt-4.1",
    "gen_ai.input.messages": json.dumps([message("user", said("Hello?"))]),
}


def test_a_span_of_an_answer_without_choices_id_and_model_is_one_of_an_error_object() -> None:
    exchange = genai(BARE, scope=GENAI_OPENAI)
    assert (exchange.incomplete, exchange.answer.raw) == (None, {"error": {}})
    assert exchange.losses == (("answer.error", "an empty object, which came with HTTP status 200"),)


@pytest.mark.parametrize(
    "more",
    [
        {"attributes": {**BARE, "gen_ai.response.id": "chatcmpl-1"}},
        {"attributes": {**BARE, "gen_ai.usage.input_tokens": 3}},
        {"attributes": {**BARE, "gen_ai.request.stream": True}},
        {"attributes": {k: v for k, v in BARE.items() if k != "gen_ai.input.messages"}},
        {"attributes": BARE, "scope": "app"},
        {"attributes": BARE, "status": "error", "message": "Connection error."},
    ],
    ids=["an id", "usage", "a stream", "no capture", "another package", "a failure"],
)
def test_a_span_that_may_have_lost_its_answer_is_incomplete(more: dict[str, Any]) -> None:
    exchange = genai(**{"scope": GENAI_OPENAI, **more})
    assert exchange.incomplete is not None


def test_arguments_that_are_left_out_were_an_empty_text() -> None:
    call = {"type": "tool_call", "name": "now", "id": "call_1", "arguments": None}
    asked = json.dumps([message("user", said("Time?")), message("assistant", call)])
    told = json.dumps([message("assistant", call, finish_reason="tool_call")])
    attributes = {**BARE, "gen_ai.input.messages": asked, "gen_ai.output.messages": told}
    exchange = genai(attributes, scope=GENAI_OPENAI)
    assert exchange.answer.choices[0].parts == (ToolCall("now", "", "call_1"),)
    assert exchange.call.messages[1].parts == (ToolCall("now", "", "call_1"),)
    assert genai(attributes, scope="app").answer.choices[0].parts == (ToolCall("now", None, "call_1"),)


def test_the_older_package_fails_over_choices_that_are_none() -> None:
    attributes = {"gen_ai.operation.name": "chat", "gen_ai.system": "openai", "error.type": "TypeError"}
    failed: dict[str, Any] = {"status": "error", "scope": "opentelemetry.instrumentation.openai_v2"}
    exchange = genai(attributes, message="'NoneType' object is not iterable", **failed)
    assert exchange.answer.raw == {"error": {}}
    assert genai(attributes, message="Connection error.", **failed).incomplete is not None


# --- Responses, messages as JSON ------------------------------------------------------------------------------------

TOOL_CALL = {"type": "tool_call", "name": "weather", "arguments": {"city": "Boston"}}
ASKED = [
    message("user", said("Weather?")),
    message("assistant", {**TOOL_CALL, "id": "fc_1"}),
    message("tool", {"type": "tool_call_response", "id": "call_1", "response": "sunny"}),
]
SHARED: dict[str, Any] = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "openai",
    "gen_ai.request.model": "gpt-4.1",
    "gen_ai.input.messages": json.dumps(ASKED),
    "gen_ai.response.id": "resp_1",
    "gen_ai.response.model": "gpt-4.1-2025-04-14",
    "gen_ai.usage.input_tokens": 7,
    "gen_ai.usage.output_tokens": 3,
}


def openllmetry(parts: list[dict[str, Any]], reason: str, **more: Any) -> Exchange:
    told = [message("assistant", *parts, finish_reason=reason)] if parts else []
    given = {
        **SHARED,
        "gen_ai.is_streaming": False,
        "gen_ai.response.finish_reasons": [reason],
        "gen_ai.output.messages": json.dumps(told),
    }
    return genai({**given, **more}, "openai.response", scope="opentelemetry.instrumentation.openai.v1")


def test_openllmetry_names_the_item_of_a_tool_call_and_not_the_call() -> None:
    summary = json.dumps([{"type": "summary_text", "text": "Hm. "}, {"type": "summary_text", "text": "Well."}])
    parts = [said("Let me see."), {**TOOL_CALL, "id": "fc_2"}, {"type": "reasoning", "content": summary}]
    exchange = openllmetry(parts, "tool_call")
    assert exchange.call.provider == RESPONSES
    assert {"tool_ids", "reasoning", "other_tools"} <= exchange.call.known.lost
    assert "tool_turns" not in exchange.call.known.lost
    parts_told = (Reasoning("Hm. Well."), Text("Let me see."), ToolCall("weather", {"city": "Boston"}))
    assert exchange.answer.choices == (Choice(parts=parts_told, finish_reason="completed"),)
    assert (exchange.answer.id, exchange.answer.usage) == ("resp_1", Usage(input=7, output=3))


def test_an_answer_whose_tokens_all_went_into_reasoning_has_no_content() -> None:
    exchange = openllmetry([], "length")
    assert exchange.incomplete is None
    assert exchange.answer.choices == (Choice(finish_reason="length"),)


def test_an_answer_that_is_not_in_the_span_is_not_made_up() -> None:
    assert openllmetry([], "stop").incomplete is not None
    assert openllmetry([], "tool_call").incomplete is not None


def otel(told: list[dict[str, Any]] | None, reasons: list[str] | None, **more: Any) -> Exchange:
    given = {**SHARED, "openai.api.type": "responses", **more}
    if told is not None:
        given["gen_ai.output.messages"] = json.dumps(told)
    if reasons is not None:
        given["gen_ai.response.finish_reasons"] = reasons
    return genai(given)


def test_items_told_of_one_by_one_are_one_answer() -> None:
    inner = {"queries": ["a"]}
    server: Any = {"type": "server_tool_call", "name": "file_search", "id": "fs_1", "server_tool_call": inner}
    told = [
        message("assistant", server, finish_reason="stop"),
        message("assistant", said("One moment."), finish_reason="stop"),
        message("assistant", {**TOOL_CALL, "id": "call_2"}, finish_reason="tool_call"),
    ]
    exchange = otel(told, ["stop", "tool_calls"])
    assert exchange.call.provider == RESPONSES
    parts = (Other("server_tool_call", server), Text("One moment."), ToolCall("weather", {"city": "Boston"}, "call_2"))
    assert exchange.answer.choices == (Choice(parts=parts, finish_reason="completed"),)


@pytest.mark.parametrize("reason", ["length", "content_filter"])
def test_an_answer_that_was_cut_short_says_so(reason: str) -> None:
    exchange = otel([message("assistant", said("One"), finish_reason=reason)], ["stop", reason])
    assert exchange.answer.choices == (Choice(parts=(Text("One"),), finish_reason=reason),)


def test_an_answer_in_the_background_is_put_off() -> None:
    given = {key: None for key in SHARED if key.startswith("gen_ai.usage.")}
    attributes = {k: v for k, v in {**SHARED, "openai.api.type": "responses"}.items() if k not in given}
    exchange = genai(attributes)
    assert exchange.incomplete is None
    assert exchange.answer.choices == (Choice(finish_reason="queued"),)
    assert genai({**attributes, "gen_ai.request.stream": True}).incomplete is not None
    without_content = {k: v for k, v in attributes.items() if k != "gen_ai.input.messages"}
    assert genai(without_content).incomplete is not None


def test_a_call_that_failed_is_an_error() -> None:
    event = exception("Error code: 400 - The file type is not supported.", "openai.BadRequestError")
    given = {**SHARED, "gen_ai.output.messages": "[]"}
    exchange = genai(given, "openai.response", status="error", events=[event])
    assert exchange.answer.error == ApiError(status=400, message="The file type is not supported.")


# --- Responses, indexed ---------------------------------------------------------------------------------------------

INDEXED: dict[str, Any] = {
    "gen_ai.system": "openai",
    "gen_ai.request.model": "gpt-4.1",
    "gen_ai.prompt.0.role": "user",
    "gen_ai.prompt.0.content": '[{"type": "input_text", "text": "Weather?"}]',
    "gen_ai.response.id": "resp_1",
    "gen_ai.completion.0.role": "assistant",
}


def test_the_indexed_form_has_the_servers_tools_among_the_calls() -> None:
    given = {
        **INDEXED,
        "gen_ai.completion.0.content": "Paris.",
        "gen_ai.completion.0.tool_calls.0.id": "fs_1",
        "gen_ai.completion.0.tool_calls.0.name": "file_search_call",
        "gen_ai.completion.0.tool_calls.1.id": "fc_1",
        "gen_ai.completion.0.tool_calls.1.name": "weather",
        "gen_ai.completion.0.tool_calls.1.arguments": '{"city": "Boston"}',
    }
    exchange = indexed(given, "openai.response")
    assert exchange.call.messages == (user("Weather?"),)
    assert {"tool_ids", "tool_turns"} <= exchange.call.known.lost
    assert exchange.answer.choices[0].parts == (
        Other("file_search_call", {"id": "fs_1", "status": "completed"}),
        Text("Paris."),
        ToolCall("weather", {"city": "Boston"}),
    )


# --- Responses, OpenInference ---------------------------------------------------------------------------------------

REQUEST: dict[str, Any] = {
    "model": "gpt-4.1",
    "stream": True,
    "instructions": "Be brief.",
    "input": [
        {"role": "user", "content": "Weather?"},
        {"type": "function_call", "call_id": "call_1", "name": "weather", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "call_1", "output": "sunny"},
    ],
}
ANSWER: dict[str, Any] = {
    "id": "resp_1",
    "object": "response",
    "created_at": 1.0,
    "status": "completed",
    "model": "gpt-4.1-2025-04-14",
    "output": [{"type": "message", "id": "msg_1", "content": [{"type": "output_text", "text": "It is sunny."}]}],
}


@pytest.mark.parametrize("stream", [False, True])
def test_the_raw_answer_is_whole_even_of_a_stream(stream: bool) -> None:
    given = {"input.value": json.dumps({**REQUEST, "stream": stream}), "output.value": json.dumps(ANSWER)}
    exchange = openinference(given, "Response", scope="openinference.instrumentation.openai")
    assert (exchange.call.provider, exchange.call.stream) == (RESPONSES, stream)
    assert exchange.call.messages == (
        system("Be brief."),
        user("Weather?"),
        assistant(ToolCall("weather", {}, "call_1")),
        result("sunny"),
    )
    assert exchange.answer.raw == ANSWER
    assert exchange.answer.choices[0].finish_reason == "completed"


def test_indexed_items_are_one_answer() -> None:
    given = {
        "llm.output_messages.0.message.role": "assistant",
        "llm.output_messages.0.message.contents.0.message_content.type": "text",
        "llm.output_messages.0.message.contents.0.message_content.text": "One moment.",
        "llm.output_messages.1.message.tool_calls.0.tool_call.id": "call_1",
        "llm.output_messages.1.message.tool_calls.0.tool_call.function.name": "weather",
        "llm.output_messages.1.message.tool_calls.0.tool_call.function.arguments": "{}",
    }
    exchange = openinference(given, "Response")
    assert [choice.parts for choice in exchange.answer.choices] == [
        (Text("One moment."), ToolCall("weather", {}, "call_1"))
    ]


@pytest.mark.parametrize(
    ("name", "request_", "seen", "unseen"),
    [
        ("Response", {"input": "?"}, "reasoning", "top_k"),
        ("ChatCompletion", {"messages": []}, "temperature", "reasoning"),
        ("Completion", {"prompt": "?"}, "suffix", "top_k"),
    ],
)
def test_what_goes_beside_openais_own_parameters_is_not_known(
    name: str, request_: dict[str, Any], seen: str, unseen: str
) -> None:
    given = {"input.value": json.dumps({"model": "m", **request_})}
    known = openinference(given, name, scope="openinference.instrumentation.openai").call.known
    assert seen in known.parameters
    assert unseen not in known.parameters


# --- text completions -----------------------------------------------------------------------------------------------


def is_once_upon_a_time(exchange: Exchange) -> None:
    call: Call = exchange.call
    assert (call.kind, call.provider, call.model, call.messages) == (
        "completion",
        COMPLETIONS,
        "davinci-002",
        (user("Once"),),
    )
    assert exchange.incomplete is None
    assert exchange.answer.choices == (Choice(parts=(Text(" upon a time"),), finish_reason="length"),)


def test_a_text_completion_with_messages_as_json() -> None:
    given = {
        "gen_ai.operation.name": "text_completion",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "davinci-002",
        "gen_ai.input.messages": json.dumps([message("user", said("Once"))]),
        "gen_ai.response.finish_reasons": ["length"],
        "gen_ai.output.messages": json.dumps([message("assistant", said(" upon a time"), finish_reason="length")]),
    }
    is_once_upon_a_time(genai(given, "openai.completion"))


def test_a_text_completion_in_the_indexed_form() -> None:
    given = {
        "llm.request.type": "completion",
        "gen_ai.system": "openai",
        "gen_ai.request.model": "davinci-002",
        "gen_ai.prompt.0.user": "Once",
        "gen_ai.completion.0.content": " upon a time",
        "gen_ai.completion.0.finish_reason": "length",
    }
    is_once_upon_a_time(indexed(given, "openai.completion"))


def test_a_text_completion_of_openinference() -> None:
    told = {"choices": [{"text": " upon a time", "index": 0, "finish_reason": "length"}], "object": "text_completion"}
    raw = {
        "input.value": json.dumps({"model": "davinci-002", "prompt": "Once"}),
        "output.value": json.dumps(told),
    }
    is_once_upon_a_time(openinference(raw, "Completion"))
    flat = {
        "llm.invocation_parameters": '{"model": "davinci-002"}',
        "llm.prompts.0.prompt.text": "Once",
        "llm.choices.0.completion.text": " upon a time",
        "llm.finish_reason": "length",
    }
    is_once_upon_a_time(openinference(flat, "Completion"))


# --- compatible hosts -----------------------------------------------------------------------------------------------

CHAT: dict[str, Any] = {
    **SHARED,
    "gen_ai.request.model": "zai/GLM-5.2",
    "gen_ai.response.model": "GLM-5.2",
    "gen_ai.output.messages": json.dumps([message("assistant", said("Hi."), finish_reason="stop")]),
    "gen_ai.is_streaming": True,
}
OPENLLMETRY = "opentelemetry.instrumentation.openai.v1"


def test_a_model_without_its_vendor_is_the_one_that_was_asked_for() -> None:
    elsewhere = {**CHAT, "gen_ai.openai.api_base": "https://api.example.com/v1"}
    assert genai(elsewhere, "openai.chat", scope=OPENLLMETRY).answer.model is None
    whole = genai(elsewhere, "chat GLM-5.2", scope="opentelemetry.instrumentation.genai.openai")
    assert whole.answer.model == "GLM-5.2"
    at_home = {**CHAT, "gen_ai.openai.api_base": "https://api.openai.com/v1/"}
    assert genai(at_home, "openai.chat", scope=OPENLLMETRY).answer.model == "GLM-5.2"


@pytest.mark.parametrize(("streaming", "told"), [(True, True), (False, False)])
def test_the_usage_of_a_stream_is_told_again(streaming: bool, told: bool) -> None:
    exchange = genai({**CHAT, "gen_ai.is_streaming": streaming}, "openai.chat", scope=OPENLLMETRY)
    assert exchange.answer.usage_in_stream is told
    assert "reasoning" in exchange.call.known.lost


def test_groqs_usage_has_a_place_of_its_own() -> None:
    exchange = genai({**CHAT, "gen_ai.provider.name": "groq"}, "chat GLM-5.2")
    assert exchange.answer.details["x_groq"] == {}


def test_the_indexed_form_of_groq_ends_at_the_first_message_without_content() -> None:
    given = {
        "llm.request.type": "completion",
        "gen_ai.system": "Groq",
        "gen_ai.request.model": "llama",
        "gen_ai.prompt.0.role": "user",
        "gen_ai.prompt.0.content": "Weather?",
        "gen_ai.completion.0.role": "assistant",
        "gen_ai.completion.0.content": "Sunny.",
    }
    exchange = indexed(given, "groq.chat", scope="opentelemetry.instrumentation.groq")
    assert exchange.call.provider == "openai.chat"
    assert {"tool_turns", "after_silence"} <= exchange.call.known.lost
