"""Spans that hold an HTTP exchange byte for byte."""

import base64
import json
from typing import Any

import pytest

from pytest_llmreplay.model.trace import Trace
from pytest_llmreplay.traces.dialects.raw_exchange import RawExchanges
from tests.builders import catalog, chat_attributes, lines, opened, otlp_span, span
from tests.builders import export as exported

URL = "https://api.openai.com/v1/chat/completions"
ASKED = json.dumps({"model": "gpt-4o", "messages": [{"role": "user", "content": "Hello?"}], "x_extra": 1})
TOLD = json.dumps(
    {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "gpt-4o-2024-08-06",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "Hé."}, "finish_reason": "stop"}],
    },
    ensure_ascii=False,
)


def held(**more: Any) -> dict[str, Any]:
    """The attributes of a whole exchange; ``__`` in a name stands for a dot."""
    values = {
        "request.method": "POST",
        "request.url": URL,
        "request.headers": '[["content-type", "application/json"]]',
        "request.body": ASKED,
        "request.body.size": len(ASKED.encode()),
        "response.status": 200,
        "response.headers": '[["x", "1"], ["x", "2"]]',
        "response.body": TOLD,
        "response.body.size": len(TOLD.encode()),
    }
    values.update({name.replace("__", "."): value for name, value in more.items()})
    return {f"llmreplay.{name}": value for name, value in values.items() if value is not ...}


def traced(tmp_path: Any, *spans: dict[str, Any]) -> Trace:
    return opened(catalog(tmp_path, lines(exported(*spans))))


def test_a_whole_exchange_is_call_answer_and_bytes() -> None:
    found = RawExchanges().exchange(span("llmreplay.exchange", attributes=held()))
    assert found is not None
    assert found.raw is not None
    assert (found.call.kind, found.call.provider, found.answer.id) == ("chat", "openai.chat", "chatcmpl-1")
    assert (found.raw.request.body, found.raw.response.body) == (ASKED.encode(), TOLD.encode())
    assert (dict(found.raw.response.headers), found.raw.response.again) == ({"x": "1"}, (("x", "2"),))


def test_bytes_that_are_no_text_come_as_base64() -> None:
    body = b"\xff\x00"
    values = held(
        request__url="https://x.example/a",
        response__body=base64.b64encode(body).decode(),
        response__body__encoding="base64",
        response__body__size=2,
    )
    found = RawExchanges().exchange(span(attributes=values))
    assert found is not None
    assert found.raw is not None
    assert (found.call.kind, found.raw.response.body) == ("http", body)


@pytest.mark.parametrize(
    "more",
    [
        {"response__body": TOLD[:20]},
        {"request__body": ASKED[:20]},
        {"response__status": ...},
        {"response__body": "%%%", "response__body__encoding": "base64"},
    ],
    ids=["response cut", "request cut", "no status", "damaged"],
)
def test_an_exchange_that_is_not_whole_is_none(more: dict[str, Any]) -> None:
    assert RawExchanges().exchange(span(attributes=held(**more))) is None


def test_headers_that_cannot_be_read_are_left_out() -> None:
    found = RawExchanges().exchange(span(attributes=held(response__headers="[[")))
    assert found is not None
    assert found.raw is not None
    assert dict(found.raw.response.headers) == {}


def test_a_span_without_an_exchange_is_left_to_others() -> None:
    assert RawExchanges().exchange(span(attributes=chat_attributes())) is None


@pytest.mark.parametrize("parent", [2, 1], ids=["below the model's span", "beside it"])
def test_it_takes_the_place_of_what_an_instrumentation_said(tmp_path: Any, parent: int) -> None:
    found = traced(
        tmp_path,
        otlp_span("root", number=1),
        otlp_span("chat", number=2, parent=1, attributes=chat_attributes(), end=2),
        otlp_span("llmreplay.exchange", number=3, parent=parent, start=0.5, attributes=held()),
    )
    (step,) = found.steps
    assert (step.span_id, step.dialect, step.incomplete) == ("0000000000000002", "raw-exchange", None)
    assert step.call.known.parameters == {"*"}
    assert step.raw is not None
    assert found.fidelity == ()


def test_a_cut_one_leaves_the_step_as_the_instrumentation_recorded_it(tmp_path: Any) -> None:
    found = traced(
        tmp_path,
        otlp_span("chat", number=2, attributes=chat_attributes()),
        otlp_span("llmreplay.exchange", number=3, parent=2, start=0.5, attributes=held(response__body="cut")),
    )
    (step,) = found.steps
    assert (step.raw, step.dialect) == (None, "genai")


def test_of_a_call_that_the_sdk_tried_again_the_last_exchange_counts(tmp_path: Any) -> None:
    busy = {"response__status": 429, "response__body": "{}", "response__body__size": 2}
    found = traced(
        tmp_path,
        otlp_span("chat", number=2, attributes=chat_attributes(), end=9),
        otlp_span("llmreplay.exchange", number=3, parent=2, start=1, attributes=held(**busy)),
        otlp_span("llmreplay.exchange", number=4, parent=2, start=3, attributes=held()),
    )
    (step,) = found.steps
    assert (step.answer.error, step.answer.id) == (None, "chatcmpl-1")


def test_alone_it_is_a_step_of_its_own(tmp_path: Any) -> None:
    found = traced(
        tmp_path, otlp_span("root", number=1), otlp_span("llmreplay.exchange", number=3, parent=1, attributes=held())
    )
    (step,) = found.steps
    assert (step.call.kind, step.answer.seed) == ("chat", f"{found.trace_id}:0000000000000003")


def test_below_the_sdks_own_span_it_still_finds_the_instrumentations(tmp_path: Any) -> None:
    sdk = {"server.address": "api.openai.com", "gen_ai.operation.name": "chat", "url.path": "/v1/messages"}
    scoped = exported(
        otlp_span("anthropic.messages.create", number=3, parent=1, start=0.2, attributes=sdk),
        scope="com.anthropic.sdk.python",
    )
    spans = exported(
        otlp_span("root", number=1),
        otlp_span("chat", number=2, parent=1, attributes=chat_attributes(), end=2),
        otlp_span("llmreplay.exchange", number=4, parent=3, start=0.5, attributes=held()),
    )
    (step,) = opened(catalog(tmp_path, lines(scoped, spans))).steps
    assert (step.span_id, step.dialect) == ("0000000000000002", "raw-exchange")


def asked(words: str) -> dict[str, Any]:
    body = ASKED.replace("Hello?", words)
    return held(request__body=body, request__body__size=len(body))


def test_beside_calls_made_at_the_same_time_it_goes_with_the_one_of_the_same_words(tmp_path: Any) -> None:
    found = traced(
        tmp_path,
        otlp_span("root", number=1),
        otlp_span("chat", number=2, parent=1, attributes=chat_attributes("One?"), end=9),
        otlp_span("chat", number=3, parent=1, attributes=chat_attributes("Two?"), end=9),
        otlp_span("llmreplay.exchange", number=4, parent=1, start=1, attributes=asked("Two?")),
        otlp_span("llmreplay.exchange", number=5, parent=1, start=2, attributes=asked("One?")),
    )
    told = {step.span_id[-1]: step.raw.request.body for step in found.steps if step.raw}
    assert {span: b"Two?" in body for span, body in told.items()} == {"2": False, "3": True}
