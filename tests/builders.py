"""Spans, traces, calls and answers for tests, with as little said as the test needs."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pytest_llmreplay.model.call import Answer, Call, Choice, Known, Message, Part, Text, ToolCall, ToolResult
from pytest_llmreplay.model.trace import Contents, Event, LogRecord, Span, Status, Step, Trace
from pytest_llmreplay.traces.catalog import Catalog, load_catalog

TRACE = "0af7651916cd43dd8448eb211c80319c"
OTHER_TRACE = "1bf7651916cd43dd8448eb211c80319d"
EPOCH = 1_780_000_000_000_000_000
"""Nanoseconds at which the clocks of these tests begin."""


def at(seconds: float) -> int:
    """Nanoseconds since the Unix epoch, some seconds after the tests' own."""
    return EPOCH + int(seconds * 1_000_000_000)


def span_id(number: int) -> str:
    """The id of a numbered span."""
    return f"{number:016x}"


def trace_id(number: int) -> str:
    """The id of a numbered trace."""
    return f"{number:032x}"


# --- OTLP/JSON ------------------------------------------------------------------------------------------------------


def any_value(value: object) -> dict[str, Any]:
    """A value as OTLP/JSON writes it; None as an exporter writes what has no value."""
    if value is None:
        return {}
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int):
        return {"intValue": str(value)}
    if isinstance(value, float):
        return {"doubleValue": value}
    if isinstance(value, Mapping):
        return {"kvlistValue": {"values": key_values(value)}}
    if isinstance(value, list | tuple):
        return {"arrayValue": {"values": [any_value(each) for each in value]}}
    return {"stringValue": value}


def key_values(values: Mapping[str, object]) -> list[dict[str, Any]]:
    """Attributes as OTLP/JSON writes them."""
    return [{"key": key, "value": any_value(value)} for key, value in values.items()]


def otlp_span(
    name: str = "work",
    *,
    trace: str = TRACE,
    number: int = 1,
    parent: int | None = None,
    start: float = 0,
    end: float | None = None,
    attributes: Mapping[str, object] | None = None,
    **more: object,
) -> dict[str, Any]:
    """A span as OTLP/JSON writes it. ``more`` replaces members; one that is ``...`` is left out."""
    out: dict[str, Any] = {
        "traceId": trace,
        "spanId": span_id(number),
        "name": name,
        "kind": 1,
        "startTimeUnixNano": str(at(start)),
        "endTimeUnixNano": str(at(start + 1 if end is None else end)),
        "attributes": key_values(attributes or {}),
        "status": {},
    }
    if parent is not None:
        out["parentSpanId"] = span_id(parent)
    return {key: value for key, value in {**out, **more}.items() if value is not ...}


def otlp_log(name: str, body: object, *, trace: str = TRACE, number: int = 1, time: float = 0) -> dict[str, Any]:
    """A log record that names a span."""
    return {
        "traceId": trace,
        "spanId": span_id(number),
        "eventName": name,
        "timeUnixNano": str(at(time)),
        "body": any_value(body),
        "attributes": [],
    }


def export(*spans: object, scope: str = "app", resource: Mapping[str, object] | None = None) -> dict[str, Any]:
    """One export of spans, all of one scope."""
    return {
        "resourceSpans": [
            {
                "resource": {"attributes": key_values(resource or {"service.name": "shop"})},
                "scopeSpans": [{"scope": {"name": scope, "version": "1.0"}, "spans": list(spans)}],
            }
        ]
    }


def log_export(*logs: object) -> dict[str, Any]:
    """One export of log records."""
    return {"resourceLogs": [{"scopeLogs": [{"scope": {"name": "app"}, "logRecords": list(logs)}]}]}


def line(value: object) -> bytes:
    """A line of JSON."""
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n"


def lines(*values: object) -> bytes:
    """Lines of JSON."""
    return b"".join(map(line, values))


def question(text: str) -> dict[str, object]:
    """The attributes of an entry point that was asked something."""
    return {"traceloop.entity.input": json.dumps({"args": [], "kwargs": {"question": text}})}


def chat_attributes(asked: Any = "Hello?", told: Any = "Hello.", **more: Any) -> dict[str, object]:
    """The attributes of a model call with one question and one answer."""
    return {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "gpt-4o",
        "gen_ai.input.messages": json.dumps([{"role": "user", "parts": [{"type": "text", "content": asked}]}]),
        "gen_ai.output.messages": json.dumps(
            [{"role": "assistant", "parts": [{"type": "text", "content": told}], "finish_reason": "stop"}]
        ),
        **more,
    }


# --- files ----------------------------------------------------------------------------------------------------------


def catalog(tmp_path: Path, data: bytes, name: str = "traces.jsonl") -> Catalog:
    """The catalog of one file with these bytes, which the user named himself."""
    (tmp_path / name).write_bytes(data)
    return load_catalog([name], tmp_path, tmp_path / ".cache")


def opened(found: Catalog, trace: str = TRACE) -> Trace:
    """The trace of a catalog with this id."""
    return next(handle.open() for handle in found.handles if handle.trace_id == trace)


def names(found: Catalog, trace: str = TRACE) -> list[str]:
    """The names of a trace's spans."""
    return [span.name for span in opened(found, trace).spans]


def problems(found: Catalog) -> list[str]:
    """What could not be read, as the user sees it."""
    return [str(each) for each in found.problems]


# --- values ---------------------------------------------------------------------------------------------------------


def span(
    name: str = "work",
    *,
    number: int = 1,
    parent: int | None = None,
    start: float = 0,
    end: float | None = None,
    attributes: Mapping[str, Any] | None = None,
    status: Status = "unset",
    message: str = "",
    events: Sequence[Event] = (),
    logs: Sequence[LogRecord] = (),
    scope: str = "",
    dropped: int = 0,
) -> Span:
    """A span as the package knows it."""
    return Span(
        trace_id=TRACE,
        span_id=span_id(number),
        parent_id=None if parent is None else span_id(parent),
        name=name,
        start_ns=at(start),
        end_ns=at(start + 1 if end is None else end),
        status=status,
        status_message=message,
        attributes=attributes or {},
        events=tuple(events),
        logs=tuple(logs),
        scope=scope,
        dropped_attributes=dropped,
    )


def exception(message: str, kind: str = "openai.RateLimitError") -> Event:
    """The event by which a span tells of an exception."""
    return Event("exception", at(1), {"exception.type": kind, "exception.message": message})


def log(name: str, body: object, *, number: int = 1, time: float = 0) -> LogRecord:
    """A log record that names a span."""
    return LogRecord(TRACE, span_id(number), name, at(time), {}, body)


def user(text: str) -> Message:
    """A user's message."""
    return Message("user", (Text(text),))


def system(text: str) -> Message:
    """A system message."""
    return Message("system", (Text(text),))


def assistant(*parts: Part | str) -> Message:
    """An assistant's message."""
    return Message("assistant", tuple(Text(each) if isinstance(each, str) else each for each in parts))


def called(name: str, arguments: Any, identifier: str | None = "call_1") -> ToolCall:
    """A tool call."""
    return ToolCall(name, arguments, identifier)


def result(content: str, identifier: str | None = "call_1") -> Message:
    """A tool's message."""
    return Message("tool", (ToolResult(content, identifier),))


def chat(*messages: Message, **more: Any) -> Call:
    """A call of a chat model; it knows all of itself unless told otherwise."""
    return Call(**{"kind": "chat", "model": "gpt-4o", "messages": messages or (user("Hello?"),), **more})


def partly(
    lost: Iterable[str] = (), parameters: Iterable[str] = (), fields: Iterable[str] = ("model", "messages", "tools")
) -> Known:
    """What a source knows that loses some of a call."""
    return Known(frozenset(fields), frozenset(parameters), frozenset(lost))


def answered(*parts: Part | str, **more: Any) -> Answer:
    """An answer of one choice."""
    return Answer(**{"choices": (Choice(parts=assistant(*parts).parts, finish_reason="stop"),), **more})


def step(call: Call | None = None, answer: Answer | None = None, *, index: int = 1, **more: Any) -> Step:
    """A recorded call with its answer."""
    values = {
        "index": index,
        "span_id": span_id(index),
        "parent_id": None,
        "name": "gpt-4o",
        "call": call or chat(),
        "answer": answer or answered("Hello."),
        "start_ns": at(index),
        "end_ns": at(index + 1),
        "dialect": "genai",
    }
    return Step(**{**values, **more})


def contents(*steps: Step, **more: Any) -> Contents:
    """The inside of a trace."""
    values = {"name": "ask", "spans": (), "steps": steps, "arguments": None, "output": None, "status": "ok"}
    return Contents(**{**values, **more})


def trace(*steps: Step, **more: Any) -> Trace:
    """A trace that is in no file."""
    return Trace(TRACE, "memory:1", lambda: contents(*steps, **more))


def shuffled(values: Sequence[Any]) -> Iterator[list[Any]]:
    """Some orders of a sequence: as it is, backwards, and inside out."""
    yield list(values)
    yield list(reversed(values))
    yield [*values[1::2], *values[::2]]
