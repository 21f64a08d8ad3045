"""Spans of Mistral's SDK, as OpenInference and OpenLLMetry make them."""

import json
from typing import Any

import pytest

from pytest_llmreplay.compare.calls import differences
from pytest_llmreplay.model.call import EVERYTHING, Choice, Reasoning, Text, Usage
from pytest_llmreplay.traces.dialects.openinference import OpenInference
from pytest_llmreplay.traces.dialects.openllmetry_indexed import OpenLLMetryIndexed
from pytest_llmreplay.traces.dialects.protocol import Exchange
from tests.builders import assistant, called, chat, exception, result, span, user

ASKED: Any = {
    "model": "mistral-tiny",
    "messages": [{"role": "user", "content": "Weather?"}],
    "temperature": 0.5,
    "max_tokens": "",
    "tools": "",
    "stream": False,
}
TOLD: Any = {
    "id": "1",
    "model": "mistral-tiny",
    "usage": {"prompt_tokens": 9, "completion_tokens": 3, "num_cached_tokens": 4},
    "choices": [
        {
            "index": 0,
            "finish_reason": "stop",
            "message": {
                "role": "assistant",
                "content": [
                    {"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]},
                    {"type": "text", "text": "Mild."},
                ],
            },
        }
    ],
}


def inference(asked: Any, told: Any = None, **more: Any) -> Exchange:
    """The exchange of one of OpenInference's spans."""
    attributes = {"openinference.span.kind": "LLM", "llm.system": "mistralai", "input.value": json.dumps(asked)}
    attributes |= {"output.value": json.dumps(told)} if told else {}
    found = OpenInference().exchange(
        span(attributes=attributes, scope="openinference.instrumentation.mistralai", name="MistralClient.chat", **more)
    )
    assert found is not None
    return found


def test_a_whole_answer_is_given_back_as_it_is() -> None:
    exchange = inference(ASKED, TOLD)
    call, answer = exchange.call, exchange.answer
    assert (call.provider, call.model, call.stream, call.tools) == ("mistral.chat", "mistral-tiny", False, ())
    assert (call.parameters, call.known.parameters) == ({"temperature": 0.5}, EVERYTHING)
    assert (answer.provider, answer.raw) == ("mistral.chat", TOLD)
    assert answer.choices == (Choice(parts=(Reasoning("hm"), Text("Mild.")), finish_reason="stop"),)
    assert answer.usage == Usage(input=9, output=3, cache_read=4)


def test_the_answer_of_a_stream_stands_in_an_event() -> None:
    answer = inference({**ASKED, "stream": True}, {"data": TOLD}).answer
    assert (answer.id, answer.raw, answer.choices[0].finish_reason) == ("1", None, "stop")


@pytest.mark.parametrize(
    ("words", "kind", "status", "message"),
    [
        (
            'API error occurred: Status 400. Body: {"object":"error","message":"Invalid model","type":"invalid_model"}',
            "SDKError",
            400,
            "Invalid model",
        ),
        ('API error occurred: Status 502 Content-Type "text/html; v=1.0". Body: oops', "SDKError", 502, "oops"),
        ('{"detail":[{"loc":["body"],"msg":"bad","type":"value_error"}]}', "HTTPValidationError", 422, None),
    ],
)
def test_an_error_has_status_and_body(words: str, kind: str, status: int, message: str | None) -> None:
    error = inference(ASKED, status="error", events=[exception(words, f"mistralai.client.errors.{kind}")]).answer.error
    assert error is not None
    assert (error.status, error.message) == (status, message or words)
    assert (error.body is None) is (message == "oops")


# --- OpenLLMetry ----------------------------------------------------------------------------------------------------

INDEXED = {
    "gen_ai.system": "MistralAI",
    "llm.request.type": "chat",
    "gen_ai.request.model": "mistral-tiny",
    "llm.is_streaming": False,
    "gen_ai.prompt.0.role": "user",
    "gen_ai.prompt.0.content": "Weather?",
    "gen_ai.prompt.1.role": "assistant",
    "gen_ai.prompt.2.role": "tool",
    "gen_ai.prompt.2.content": "mild",
    "gen_ai.response.id": "1",
    "gen_ai.response.model": "mistral-tiny",
    "gen_ai.completion.0.finish_reason": "stop",
    "gen_ai.completion.0.role": "assistant",
    "gen_ai.completion.0.content": "Mild.",
}


def indexed(attributes: dict[str, Any]) -> Exchange:
    """The exchange of one of OpenLLMetry's spans."""
    given = {key: value for key, value in attributes.items() if value is not None}
    found = OpenLLMetryIndexed().exchange(
        span("mistralai.chat", attributes=given, scope="opentelemetry.instrumentation.mistralai")
    )
    assert found is not None
    return found


def test_an_indexed_span_knows_texts_only() -> None:
    exchange = indexed(INDEXED)
    assert (exchange.call.provider, exchange.answer.id, exchange.incomplete) == ("mistral.chat", "1", None)
    assert exchange.answer.choices == (Choice(parts=(Text("Mild."),), finish_reason="stop"),)
    asked = chat(user("Weather?"), assistant(called("w", {}, "1")), result("mild", "1"), model="mistral-tiny")
    assert differences(exchange.call, asked) == ()


@pytest.mark.parametrize("content", [None, "null"])
@pytest.mark.parametrize("reason", ["stop", "tool_calls"])
def test_an_answer_that_is_no_text_is_not_in_an_indexed_span(content: str | None, reason: str) -> None:
    told = {"gen_ai.completion.0.content": content, "gen_ai.completion.0.finish_reason": reason}
    assert indexed({**INDEXED, **told}).incomplete
