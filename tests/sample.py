"""Small traces and small applications that fit each other, for runs of the plugin."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.builders import export, line, otlp_span

SYSTEM = "Be brief."
QUESTION = "Where is my order?"
ANSWER = "It is on its way."
MODELS = {"openai": "gpt-4o-mini", "anthropic": "claude-sonnet-5"}

OPENAI = """
from openai import OpenAI

client = OpenAI()

def answer(question):
    done = client.chat.completions.create(
        model="gpt-4o-mini",
        temperature=0,
        messages=[{"role": "system", "content": "Be brief."}, {"role": "user", "content": question}],
    )
    return done.choices[0].message.content
"""
"""An application whose one call is that of a plain ``ask()``; its client is made at import time."""

ANTHROPIC = """
from anthropic import Anthropic

client = Anthropic()

def answer(question):
    done = client.messages.create(
        model="claude-sonnet-5",
        max_tokens=100,
        system="Be brief.",
        messages=[{"role": "user", "content": question}],
    )
    return done.content[0].text
"""
"""The same with the other provider: the call of a plain ``ask("anthropic")``."""

TEST = """
from shop import answer

def test_answer(llm_trace, llm_replay):
    assert llm_replay.run(answer) == llm_trace.output
"""
"""The plainest of tests: the application says what it said in production."""


def part(content: object) -> dict[str, object]:
    """A part of a message: text as it is, all else as given."""
    return {"type": "text", "content": content} if isinstance(content, str) else dict(content)  # type: ignore[call-overload]


def turn(role: str, *parts: object, **more: object) -> dict[str, object]:
    """A message of a GenAI trace."""
    return {"role": role, "parts": [part(each) for each in parts], **more}


def tool_call(name: str, arguments: object, call_id: str = "call_1") -> dict[str, object]:
    """The part by which a model calls a tool."""
    return {"type": "tool_call", "name": name, "id": call_id, "arguments": arguments}


def tool_result(response: object, call_id: str = "call_1") -> dict[str, object]:
    """The part by which the model learns what a tool gave back."""
    return {"type": "tool_call_response", "id": call_id, "response": response}


@dataclass(frozen=True)
class Ask:
    """One recorded model call. ``attributes`` replaces what is made from the rest; None leaves an attribute out."""

    attributes: Mapping[str, object]
    scope: str
    name: str
    failure: str | None = None
    kind: str = "RateLimitError"


def ask(
    provider: str = "openai",
    asked: str | Sequence[Mapping[str, object]] = QUESTION,
    told: object = ANSWER,
    *,
    system: str | None = SYSTEM,
    finish: str = "stop",
    stream: bool = False,
    tools: Sequence[Mapping[str, object]] = (),
    failure: str | None = None,
    attributes: Mapping[str, object] | None = None,
) -> Ask:
    """A recorded model call as OpenLLMetry 0.62 writes it. ``told`` is a text, or the parts of the answer.

    ``attributes`` replaces some of those that are made from the rest; None leaves one out.
    """
    turns = [turn("user", asked)] if isinstance(asked, str) else list(asked)
    first = [turn("system", system)] if system and provider == "openai" else []
    parts = [told] if isinstance(told, str | Mapping) else list(told)  # type: ignore[call-overload]
    values: dict[str, object] = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": provider,
        "gen_ai.request.model": MODELS[provider],
        "gen_ai.is_streaming": stream,
        "gen_ai.input.messages": json.dumps([*first, *turns]),
    }
    if provider == "openai":
        values["gen_ai.request.temperature"] = 0
    else:
        values["gen_ai.request.max_tokens"] = 100
        if system:
            values["gen_ai.system_instructions"] = json.dumps([part(system)])
    if tools:
        values["gen_ai.tool.definitions"] = json.dumps(list(tools))
    if failure is None:
        values |= {
            "gen_ai.response.model": MODELS[provider],
            "gen_ai.response.id": "answer-1",
            "gen_ai.response.finish_reasons": [finish],
            "gen_ai.usage.input_tokens": 12,
            "gen_ai.usage.output_tokens": 6,
            "gen_ai.output.messages": json.dumps([turn("assistant", *parts, finish_reason=finish)]),
        }
    values = {key: value for key, value in {**values, **(attributes or {})}.items() if value is not None}
    scope = {
        "openai": "opentelemetry.instrumentation.openai.v1",
        "anthropic": "opentelemetry.instrumentation.anthropic",
    }
    return Ask(values, scope[provider], f"{provider}.chat", failure)


def raw_ask(request: Mapping[str, object], response: Mapping[str, object], provider: str = "openai") -> Ask:
    """A recorded model call as OpenInference writes it: the SDK's arguments and answer as JSON."""
    values = {
        "openinference.span.kind": "LLM",
        "llm.system": provider,
        "llm.provider": provider,
        "input.value": json.dumps(request),
        "input.mime_type": "application/json",
        "output.value": json.dumps(response),
        "output.mime_type": "application/json",
    }
    name = {"openai": "ChatCompletion", "anthropic": "messages.create"}[provider]
    return Ask(values, f"openinference.instrumentation.{provider}", name)


def completion(message: Mapping[str, object], finish: str = "stop", **more: object) -> dict[str, object]:
    """An answer of OpenAI's, whole."""
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1_780_000_000,
        "model": "gpt-4o-mini-2024-07-18",
        "choices": [
            {"index": 0, "message": {"role": "assistant", **message}, "finish_reason": finish, "logprobs": None}
        ],
        "usage": {"prompt_tokens": 12, "completion_tokens": 6, "total_tokens": 18},
        **more,
    }


def message(*content: Mapping[str, object], stop: str = "end_turn", **more: object) -> dict[str, object]:
    """An answer of Anthropic's, whole."""
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "claude-sonnet-5",
        "content": list(content),
        "stop_reason": stop,
        "stop_sequence": None,
        "usage": {"input_tokens": 12, "output_tokens": 6},
        **more,
    }


@dataclass
class Traced:
    """One request of production."""

    number: int
    calls: Sequence[Ask]
    name: str = "support.workflow"
    question: str | None = QUESTION
    request: str | None = None
    output: object = ANSWER
    failure: str | None = None
    arguments: Mapping[str, object] | None = None
    extra: Sequence[Mapping[str, Any]] = ()
    together: bool = False
    """Whether production made all calls at once, not one after the other."""
    id: str = ""
    """The trace id; its first four digits are the number if nothing else is said."""

    def __post_init__(self) -> None:
        self.id = self.id or f"{self.number:04x}916cd43dd8448eb211c80319c000"

    def exports(self) -> dict[str, Any]:
        """The trace as one export."""
        given = (
            self.arguments
            if self.arguments is not None
            else None
            if self.question is None
            else {"question": self.question}
        )
        root: dict[str, object] = {"traceloop.span.kind": "workflow", "traceloop.entity.name": self.name}
        if given is not None:
            positional = given.get("*", [])
            named = {key: value for key, value in given.items() if key != "*"}
            root["traceloop.entity.input"] = json.dumps({"args": positional, "kwargs": named})
        if self.failure is None and self.output is not None:
            root["traceloop.entity.output"] = json.dumps(self.output)
        if self.request is not None:
            root["traceloop.association.properties.request_id"] = self.request
        whole = export(
            otlp_span(self.name, trace=self.id, number=1, end=60, attributes=root, **failed(self.failure)),
            scope="traceloop.tracer",
        )
        for number, call in enumerate(self.calls, 2):
            attributes = dict(call.attributes)
            if call.failure:
                attributes["error.type"] = call.kind
            span = otlp_span(
                call.name, trace=self.id, number=number, parent=1, start=number, attributes=attributes,
                end=50 if self.together else None,
                **failed(call.failure, call.kind),
            )  # fmt: skip
            whole["resourceSpans"] += export(span, scope=call.scope)["resourceSpans"]
        for each in self.extra:
            whole["resourceSpans"] += export(dict(each), scope="traceloop.tracer")["resourceSpans"]
        return whole


def failed(words: str | None, kind: str = "RateLimitError") -> dict[str, Any]:
    """The members of a span that failed; none for one that did not."""
    if words is None:
        return {}
    seen = {"exception.type": f"openai.{kind}", "exception.message": words}
    event = {"name": "exception", "timeUnixNano": "1780000001000000000", "attributes": export_attributes(seen)}
    return {"status": {"code": 2, "message": words}, "events": [event]}


def export_attributes(values: Mapping[str, object]) -> list[dict[str, Any]]:
    """Attributes of an event."""
    return [{"key": key, "value": {"stringValue": value}} for key, value in values.items()]


def traced(*calls: Ask, number: int = 1, **more: Any) -> Traced:
    """A request of production; one plain model call if nothing else is said."""
    return Traced(number, calls or (ask(),), **more)


RATE_LIMIT = "Error code: 429 - Rate limit reached for gpt-4o-mini. Please try again in 120ms."


def rate_limited(provider: str = "openai", **more: Any) -> Traced:
    """A request that failed, for the provider answered its call with 429."""
    return traced(ask(provider, failure=RATE_LIMIT), **{"failure": RATE_LIMIT, "output": None, **more})


def jsonl(*values: Traced | bytes) -> bytes:
    """A trace file of one request in each line; bytes are put in as they are."""
    return b"".join(each if isinstance(each, bytes) else line(each.exports()) for each in values)
