"""Spans of Ollama's SDK, as OpenLLMetry and OpenInference make them."""

import json
from typing import Any

import pytest

from pytest_llmreplay.compare.calls import differences
from pytest_llmreplay.model.call import EVERYTHING, Choice, Reasoning, Text, Usage
from pytest_llmreplay.traces.dialects.openinference import OpenInference
from pytest_llmreplay.traces.dialects.openllmetry_indexed import OpenLLMetryIndexed
from pytest_llmreplay.traces.dialects.protocol import Exchange
from tests.builders import assistant, called, chat, exception, result, span, system, user

TRACELOOP = "opentelemetry.instrumentation.ollama"
CHAT = {
    "llm.request.type": "chat",
    "gen_ai.request.model": "llama3",
    "llm.is_streaming": True,
    "gen_ai.prompt.0.role": "user",
    "gen_ai.prompt.0.content": "Weather?",
    "gen_ai.prompt.1.role": "assistant",
    "gen_ai.prompt.1.tool_calls.0.name": "weather",
    "gen_ai.prompt.1.tool_calls.0.arguments": '{"city": "Rome"}',
    "gen_ai.prompt.2.role": "tool",
    "gen_ai.prompt.2.content": "mild",
    "gen_ai.completion.0.role": "assistant",
    "gen_ai.completion.0.content": "Mild.",
    "gen_ai.response.model": "llama3",
    "gen_ai.usage.output_tokens": 3,
    "gen_ai.usage.input_tokens": 9,
    "gen_ai.system": "Ollama",
}


def indexed(attributes: dict[str, Any], **more: Any) -> Exchange:
    """The exchange of one of OpenLLMetry's spans."""
    given = {key: value for key, value in attributes.items() if value is not None}
    found = OpenLLMetryIndexed().exchange(span(attributes=given, **{"name": "ollama.chat", "scope": TRACELOOP, **more}))
    assert found is not None
    return found


def test_a_chat_span_is_read() -> None:
    exchange = indexed(CHAT)
    call, answer = exchange.call, exchange.answer
    assert (call.kind, call.provider, call.model, call.stream) == ("chat", "ollama.chat", "llama3", True)
    asked = chat(
        user("Weather?"), assistant(Reasoning("hm"), called("weather", {"city": "Rome"}, None)), result("mild", None),
        model="llama3",
    )  # fmt: skip
    assert differences(call, asked) == ()
    assert answer.choices == (Choice(parts=(Text("Mild."),)),)
    assert (answer.model, answer.usage) == ("llama3", Usage(input=9, output=3))


@pytest.mark.parametrize("name", ["ollama.chat", "ollama.completion"])
def test_an_answer_of_thinking_or_tool_calls_is_not_in_the_span(name: str) -> None:
    assert "not in the span" in str(indexed({**CHAT, "gen_ai.completion.0.content": None}, name=name).incomplete)


def test_a_generation_does_not_know_its_system_text() -> None:
    attributes = {key: value for key, value in CHAT.items() if "prompt.1" not in key and "prompt.2" not in key}
    call = indexed({**attributes, "llm.request.type": "completion"}, name="ollama.completion").call
    assert differences(call, chat(system("Be brief."), user("Weather?"), model="llama3")) == ()
    assert differences(call, chat(user("Rain?"), model="llama3")) != ()


def test_an_error_has_its_status_behind_the_message() -> None:
    attributes = {key: value for key, value in CHAT.items() if "completion" not in key and key != "gen_ai.system"}
    failed = exception("model 'x' not found (status code: 404)", "ollama.ResponseError")
    exchange = indexed(attributes, status="error", events=[failed])
    error = exchange.answer.error
    assert error is not None
    assert (error.status, error.message, exchange.call.provider) == (404, "model 'x' not found", "ollama.chat")


def test_an_embedding_is_of_ollama() -> None:
    attributes = {"gen_ai.system": "Ollama", "llm.request.type": "embedding", "gen_ai.request.model": "all-minilm",
                  "gen_ai.prompt.0.content": "a"}  # fmt: skip
    call = indexed(attributes, name="ollama.embeddings").call
    assert (call.provider, call.messages) == ("ollama.embed", (user("a"),))


# --- OpenInference --------------------------------------------------------------------------------------------------


def inference(asked: Any, told: Any, **more: Any) -> Exchange:
    """The exchange of one of OpenInference's spans."""
    attributes = {"openinference.span.kind": "LLM", "llm.provider": "ollama", "input.value": json.dumps(asked),
                  "output.value": json.dumps(told)}  # fmt: skip
    found = OpenInference().exchange(span(attributes=attributes | more, scope="openinference.instrumentation.ollama"))
    assert found is not None
    return found


TOLD: Any = {
    "model": "llama3",
    "done": True,
    "done_reason": "stop",
    "eval_count": 3,
    "message": {"role": "assistant", "content": "Mild.", "thinking": "hm"},
}


@pytest.mark.parametrize("stream", [False, True])
def test_an_answer_is_read_whole(stream: bool) -> None:
    asked = {"model": "llama3", "messages": [{"role": "user", "content": "a"}], "tools": [], "stream": stream}
    exchange = inference(asked, TOLD)
    assert (exchange.call.provider, exchange.call.stream, exchange.call.known.parameters) == (
        "ollama.chat",
        stream,
        EVERYTHING,
    )
    assert exchange.answer.choices == (Choice(parts=(Reasoning("hm"), Text("Mild.")), finish_reason="stop"),)
    assert exchange.answer.raw == (None if stream else TOLD)


def test_functions_given_as_tools_are_not_known() -> None:
    asked = {"model": "m", "messages": [{"role": "user", "content": "a"}], "tools": ["<function add at 0x1>"]}
    assert "tools" not in inference(asked, TOLD).call.known.fields
