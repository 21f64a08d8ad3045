"""The spans that Anthropic's SDK makes of its own calls."""

from typing import Any

import pytest

from pytest_llmreplay.model.call import Usage
from pytest_llmreplay.traces.dialects.anthropic_sdk import SCOPE, AnthropicSdk
from pytest_llmreplay.traces.dialects.protocol import Exchange
from tests.builders import exception, span

ATTRIBUTES = {
    "server.address": "api.anthropic.com",
    "gen_ai.provider.name": "anthropic",
    "gen_ai.operation.name": "chat",
    "gen_ai.request.model": "claude-3-5-haiku-latest",
    "gen_ai.request.max_tokens": 512,
    "url.path": "/v1/messages",
    "http.response.status_code": 200,
    "gen_ai.response.id": "msg_1",
    "gen_ai.response.model": "claude-3-5-haiku-20241022",
    "gen_ai.usage.input_tokens": 12,
    "gen_ai.usage.output_tokens": 21,
    "gen_ai.usage.cache_write.input_tokens": 1,
    "gen_ai.usage.cache_read.input_tokens": 2,
    "anthropic.message.stop_reason": "end_turn",
}


def read(attributes: dict[str, Any], **more: Any) -> Exchange:
    found = AnthropicSdk().exchange(span("anthropic.messages.create", attributes=attributes, scope=SCOPE, **more))
    assert found is not None
    return found


def test_the_span_adds_what_instrumentations_rewrite_and_cannot_stand_alone() -> None:
    exchange = read(ATTRIBUTES)
    assert exchange.supplement
    assert exchange.incomplete == "only the SDK's own span is there, and it holds no content"
    assert (exchange.call.provider, exchange.call.model, exchange.call.stream) == (
        "anthropic.messages",
        "claude-3-5-haiku-latest",
        False,
    )
    assert exchange.call.known.fields == {"model"}
    assert exchange.answer.choices[0].finish_reason == "end_turn"
    assert (exchange.answer.id, exchange.answer.model) == ("msg_1", "claude-3-5-haiku-20241022")
    assert exchange.answer.usage == Usage(input=12, output=21, cache_read=2, cache_write=1)


def test_a_stream_is_known() -> None:
    assert read({**ATTRIBUTES, "gen_ai.request.stream": True}).call.stream is True


def test_an_error_is_known_with_its_status_and_body() -> None:
    body = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}
    message = f"Error code: 529 - {body!r}"
    exchange = read(
        ATTRIBUTES, status="error", message=message, events=[exception(message, "anthropic.OverloadedError")]
    )
    assert exchange.answer.error is not None
    assert (exchange.answer.error.status, exchange.answer.error.type, exchange.answer.error.body) == (
        529,
        "overloaded_error",
        body,
    )


@pytest.mark.parametrize(
    ("scope", "operation"),
    [("opentelemetry.instrumentation.anthropic", "chat"), (SCOPE, "embeddings"), (SCOPE, None), ("", "chat")],
)
def test_a_span_of_another_origin_is_not_read(scope: str, operation: str | None) -> None:
    attributes = {**ATTRIBUTES, "gen_ai.operation.name": operation}
    assert AnthropicSdk().exchange(span(attributes=attributes, scope=scope)) is None
