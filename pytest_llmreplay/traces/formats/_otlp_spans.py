"""Messages of OTLP/JSON as spans and log records: the hot path of reading. PYTEST_DONT_REWRITE"""

import base64
import binascii
import math
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from pytest_llmreplay.model.trace import Event, LogRecord, Span, Status
from pytest_llmreplay.traces.formats._otlp_messages import (
    LATEST,
    AnyValue,
    FullEvent,
    FullExport,
    FullLog,
    FullSpan,
    KeyValue,
    Resource,
    Scope,
    context_of,
    resource_of,
)

NO_PARENT: Final = frozenset({"", "0000000000000000", "AAAAAAAAAAA="})
STATES: Final[Mapping[object, Status]] = {1: "ok", 2: "error", "STATUS_CODE_OK": "ok", "STATUS_CODE_ERROR": "error"}
"""What the codes of a status mean, as numbers and as names."""


def finite(text: str) -> float | None:
    """A number, or None where it is beyond all bounds or none at all."""
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def whole(value: str | int | float) -> int | None:
    """A whole number, or None where it is beyond all bounds or none at all."""
    try:
        return int(value)
    except (ValueError, OverflowError):
        number = finite(value) if isinstance(value, str) else None  # 7.0, which is whole as well
        return None if number is None else int(number)


def nanoseconds(value: str | int | float | None) -> int:
    """A time as an integer; 0 where there is none, or none that a clock can show."""
    time = whole(value or 0)
    return time if time is not None and 0 <= time <= LATEST else 0


def hex_id(value: str) -> str:
    """An id in lower-case hex; protobuf's generic JSON writes base64 instead."""
    return value.lower() if "=" not in value else from_base64(value)


def from_base64(value: str) -> str:
    """An id in hex; itself where it is no base64 of an id."""
    try:
        return base64.b64decode(value, validate=True).hex() if len(value) in (12, 24) else value.lower()
    except (binascii.Error, ValueError):
        return value


def any_value(value: AnyValue | None) -> Any:
    """An attribute's value as plain JSON; None where the exporter wrote none."""
    if value is None:
        return None
    if value.stringValue is not None:
        return value.stringValue
    if value.intValue is not None:
        return value.intValue
    if (number := value.doubleValue) is not None:
        return number if not isinstance(number, str) else finite(number)
    if value.boolValue is not None:
        return value.boolValue
    if value.arrayValue is not None:
        return [any_value(each) for each in value.arrayValue.values or ()]
    if value.kvlistValue is not None:
        return {each.key: any_value(each.value) for each in value.kvlistValue.values or ()}
    return value.bytesValue


def attributes(pairs: list[KeyValue] | None) -> dict[str, Any]:
    """Attributes by name; those without a value are not there."""
    found: dict[str, Any] = {}
    for pair in pairs or ():
        if (value := pair.value) is not None:
            plain: Any = value.stringValue
            if plain is None and (plain := value.intValue) is None:
                plain = any_value(value)
            found[pair.key] = plain
    return found


def span_of(span: FullSpan, scope: str, version: str, around: Mapping[str, Any]) -> Span:
    """A span as the rest of the package knows it; ``around`` is what its resource says."""
    trace, own, parent = span.traceId, span.spanId, span.parentSpanId
    status, events = span.status, span.events
    fields = (
        trace.lower() if "=" not in trace else from_base64(trace),
        own.lower() if "=" not in own else from_base64(own),
        hex_id(parent) if parent and parent not in NO_PARENT else None,
        span.name or "",
        span.startTimeUnixNano or 0,
        span.endTimeUnixNano or 0,
        STATES.get(status.code, "unset") if status else "unset",
        (status.message or "") if status else "",
        attributes(span.attributes),
        tuple(map(event_of, events)) if events else (),
        (),
        scope,
        version,
        around,
        span.droppedAttributesCount or 0,
    )
    return Span._make(fields)


def event_of(event: FullEvent) -> Event:
    """An event as the rest of the package knows it."""
    return Event(event.name or "", event.timeUnixNano or 0, attributes(event.attributes))


def around_of(resource: Resource | None) -> Mapping[str, Any]:
    """What a resource says of the spans in it."""
    return attributes(resource.attributes) if resource else {}


@lru_cache(maxsize=128)
def around_in(data: bytes) -> Mapping[str, Any]:
    """What the bytes of a resource say; a service writes the same ones in each of its records."""
    return around_of(resource_of(data))


@lru_cache(maxsize=128)
def context_in(data: bytes) -> tuple[Scope | None, Mapping[str, Any]]:
    """The scope that the bytes of a context hold, and what their resource says."""
    context = context_of(data)
    return context.scope, around_of(context.resource)


def log_of(log: FullLog) -> LogRecord:
    """A log record as the rest of the package knows it."""
    values = attributes(log.attributes)
    return LogRecord(
        trace_id=hex_id(log.traceId or ""),
        span_id=hex_id(log.spanId or ""),
        name=log.eventName or str(values.get("event.name") or ""),
        time_ns=log.timeUnixNano or log.observedTimeUnixNano or 0,
        attributes=values,
        body=any_value(log.body),
    )


def spans_of(spans: list[FullSpan] | None, scope: Scope | None, around: Mapping[str, Any]) -> list[Span]:
    """The spans of one scope."""
    name = (scope.name or "") if scope else ""
    version = (scope.version or "") if scope else ""
    return [span_of(span, name, version, around) for span in spans or ()]


def unpacked(export: FullExport) -> list[Span | LogRecord]:
    """The spans and log records of an export."""
    found: list[Span | LogRecord] = []
    for resource in export.resourceSpans or ():
        around = around_in(bytes(resource.resource))
        for scope in resource.scopeSpans or ():
            found += spans_of(scope.spans, scope.scope, around)
    for logs in export.resourceLogs or ():
        for scope_logs in logs.scopeLogs or ():
            found += map(log_of, scope_logs.logRecords or ())
    return found
