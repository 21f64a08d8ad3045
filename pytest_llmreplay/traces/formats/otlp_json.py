"""OTLP/JSON: lines as the Collector's file exporter writes them, or one document. PYTEST_DONT_REWRITE

Source: the OpenTelemetry protocol specification (OTLP 1.7), "JSON Protobuf Encoding": hex ids, integers as text.
"""

import base64
import binascii
import json
import math
import mmap
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final

import msgspec
from msgspec import Raw, Struct

from pytest_llmreplay.model.trace import Event, LogRecord, Span
from pytest_llmreplay.traces.formats._lines import BOM, lines
from pytest_llmreplay.traces.formats.protocol import Malformed, Piece, Plain, Problem, Sight

DOCUMENT_LIMIT = 2 * 1024 * 1024 * 1024
"""Bytes of the largest file that is read as one document."""
NO_PARENT: Final = frozenset({"", "0000000000000000", "AAAAAAAAAAA="})
DEPTH = "nested too deeply"
OTHER_NAMES = "spans stand under a name other than scopeSpans, as before OTLP 0.15; they were not read"
LATEST: Final = 2**64
"""Nanoseconds beyond what OTLP can say: protobuf has 64 bits for them."""
ERROR_CODES: Final = (2, "STATUS_CODE_ERROR")
OK_CODES: Final = (1, "STATUS_CODE_OK")


class LeanStatus(Struct):
    code: int | str | None = None


class LeanSpan(Struct):
    traceId: str
    spanId: str = ""
    parentSpanId: str | None = ""
    name: str | None = ""
    startTimeUnixNano: str | int | float | None = 0
    status: LeanStatus | None = None
    attributes: Raw = Raw()


class LeanLog(Struct):
    traceId: str | None = ""


class LeanScopeSpans(Struct):
    spans: list[LeanSpan] | None = None


class LeanScopeLogs(Struct):
    logRecords: list[LeanLog] | None = None


class LeanResourceSpans(Struct):
    scopeSpans: list[LeanScopeSpans] | None = None
    instrumentationLibrarySpans: Raw = Raw()
    scope_spans: Raw = Raw()


class LeanResourceLogs(Struct):
    scopeLogs: list[LeanScopeLogs] | None = None


class LeanExport(Struct):
    resourceSpans: list[LeanResourceSpans] | None = None
    resourceLogs: list[LeanResourceLogs] | None = None
    resourceMetrics: Raw = Raw()


class RawScopeSpans(Struct):
    spans: list[Raw] | None = None
    scope: Raw = Raw(b"null")


class RawResourceSpans(Struct):
    scopeSpans: list[RawScopeSpans] | None = None
    resource: Raw = Raw(b"null")


class RawExport(Struct):
    resourceSpans: list[RawResourceSpans] | None = None


class AnyValue(Struct, gc=False):
    stringValue: str | None = None
    intValue: int | str | float | None = None
    doubleValue: float | str | None = None
    boolValue: bool | None = None
    arrayValue: "ArrayValue | None" = None
    kvlistValue: "KeyValueList | None" = None
    bytesValue: str | None = None


class ArrayValue(Struct, gc=False):
    values: list[AnyValue] | None = None


class KeyValue(Struct, gc=False):
    key: str
    value: AnyValue | None = None


class KeyValueList(Struct, gc=False):
    values: list[KeyValue] | None = None


class FullEvent(Struct, gc=False):
    name: str | None = ""
    timeUnixNano: str | int | float | None = 0
    attributes: list[KeyValue] | None = None


class FullStatus(Struct, gc=False):
    code: int | str | None = None
    message: str | None = ""


class FullSpan(Struct, gc=False):
    traceId: str
    spanId: str = ""
    parentSpanId: str | None = ""
    name: str | None = ""
    startTimeUnixNano: str | int | float | None = 0
    endTimeUnixNano: str | int | float | None = 0
    attributes: list[KeyValue] | None = None
    events: list[FullEvent] | None = None
    status: FullStatus | None = None
    droppedAttributesCount: int | None = 0


class FullLog(Struct, gc=False):
    traceId: str | None = ""
    spanId: str | None = ""
    eventName: str | None = ""
    timeUnixNano: str | int | float | None = 0
    observedTimeUnixNano: str | int | float | None = 0
    attributes: list[KeyValue] | None = None
    body: AnyValue | None = None


class Scope(Struct, gc=False):
    name: str | None = ""
    version: str | None = ""


class Resource(Struct, gc=False):
    attributes: list[KeyValue] | None = None


class Context(Struct, gc=False):
    scope: Scope | None = None
    resource: Resource | None = None


class FullScopeSpans(Struct, gc=False):
    spans: list[FullSpan] | None = None
    scope: Scope | None = None


class FullResourceSpans(Struct, gc=False):
    scopeSpans: list[FullScopeSpans] | None = None
    resource: Resource | None = None


class FullScopeLogs(Struct, gc=False):
    logRecords: list[FullLog] | None = None


class FullResourceLogs(Struct, gc=False):
    scopeLogs: list[FullScopeLogs] | None = None


class FullExport(Struct, gc=False):
    resourceSpans: list[FullResourceSpans] | None = None
    resourceLogs: list[FullResourceLogs] | None = None


lean = msgspec.json.Decoder(LeanExport).decode
lean_span = msgspec.json.Decoder(LeanSpan).decode
raw_export = msgspec.json.Decoder(RawExport).decode
full_export = msgspec.json.Decoder(FullExport).decode
full_spans = msgspec.json.Decoder(list[FullSpan]).decode
context_of = msgspec.json.Decoder(Context).decode
attribute_list = msgspec.json.Decoder(list[KeyValue] | None).decode


class OtlpJson:
    """OTLP/JSON, one export a line or a whole document."""

    name = "otlp-json"

    def recognises(self, head: bytes) -> bool:
        """JSON begins with a brace or a bracket."""
        return head.removeprefix(BOM).lstrip(b" \t\r\n")[:1] in (b"{", b"[")

    def scan(self, source: Plain, contexts: list[bytes]) -> Iterator[Sight | Problem]:
        """Every span and log record of a file."""
        known: dict[bytes, int] = {}
        for item in records(source):
            if isinstance(item, Problem):
                yield item
            else:
                offset, number, data = item
                yield from scan_record(source.name, offset, number, data, contexts, known)

    def decode(self, data: bytes, context: bytes | None) -> Sequence[Span | LogRecord | Malformed]:
        """The spans and log records of a piece."""
        try:
            if context is None:
                return list(unpacked(full_export(data)))
            around = context_of(context)
            resource = around_of(around.resource)
            return [span_of(each, around.scope, resource) for each in full_spans(b"[" + data + b"]")]
        except (msgspec.MsgspecError, RecursionError, UnicodeError):
            return list(one_by_one(data, context))


def records(source: Plain) -> Iterator[tuple[int, int, bytes] | Problem]:
    """The exports of a file: its lines, or the file itself where the first line is no JSON but the whole is."""
    first = True
    for item in lines(source):
        if first and not isinstance(item, Problem):
            first = False
            if not parses(item[2]) and source.size <= DOCUMENT_LIMIT:
                whole = document(source)
                if whole is not None:
                    yield source.size - len(whole), 1, whole
                    return
        yield item


def parses(data: bytes) -> bool:
    """Whether a line is complete JSON."""
    try:
        loads(data)
    except (ValueError, RecursionError):
        return False
    return True


def document(source: Plain) -> bytes | None:
    """The whole file if it is one JSON document of more than a line, else None."""
    with source.path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as view:
        start = len(BOM) if view[: len(BOM)] == BOM else 0
        with memoryview(view) as buffer, buffer[start:] as body:
            try:
                msgspec.json.decode(body, type=Raw)
            except (msgspec.MsgspecError, RecursionError, UnicodeError):
                return None
            return bytes(body)


def loads(data: bytes) -> Any:
    """Decoded JSON. What JSON proper forbids and writers still write (NaN, Infinity, lone surrogates) is let in.

    Raises ValueError, or RecursionError for nesting without end.
    """
    try:
        return msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeError):
        return json.loads(data.decode("utf-8"), parse_constant=lambda _: None, parse_float=finite, parse_int=whole)


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
        return None


def scan_record(
    name: str, offset: int, number: int, data: bytes, contexts: list[bytes], known: dict[bytes, int]
) -> Iterator[Sight | Problem]:
    """The spans and log records of one export."""
    try:
        export = lean(data)
    except (msgspec.MsgspecError, RecursionError, UnicodeError):
        yield from scan_slowly(name, offset, number, data)
        return
    spans = [s for r in export.resourceSpans or () for ss in r.scopeSpans or () for s in ss.spans or ()]
    logs = [s for r in export.resourceLogs or () for ss in r.scopeLogs or () for s in ss.logRecords or ()]
    if export.resourceSpans is None and export.resourceLogs is None:
        kind = "metrics" if memoryview(export.resourceMetrics) else "neither resourceSpans nor resourceLogs"
        yield Problem(name, number, f"not a trace: the record holds {kind}")
        return
    if any(memoryview(r.instrumentationLibrarySpans) or memoryview(r.scope_spans) for r in export.resourceSpans or ()):
        yield Problem(name, number, OTHER_NAMES)
    record = Piece(offset, len(data), number)
    try:
        if len({span.traceId for span in spans}) <= 1:
            sights = [sight(span, record, root_attributes(span)) for span in telling(spans)]
        else:
            sights = list(scan_mixed(offset, number, data, contexts, known))
    except (msgspec.MsgspecError, RecursionError, UnicodeError):
        yield from scan_slowly(name, offset, number, data)
        return
    yield from (Sight(hex_id(log.traceId), record, is_log=True) for log in logs if log.traceId)
    yield from sights


def telling(spans: list[LeanSpan]) -> list[LeanSpan]:
    """Of the spans of one trace in one record those that its index row is made of: roots, and one that failed."""
    top = [span for span in spans if is_root(span)]
    if not top or not top[0].traceId:
        return spans
    failed = (span for span in spans if span.status and span.status.code in ERROR_CODES and not is_root(span))
    return [*top, *islice(failed, 1)]


def scan_mixed(
    offset: int, number: int, data: bytes, contexts: list[bytes], known: dict[bytes, int]
) -> Iterator[Sight]:
    """The spans of an export that holds several traces, each with its own place in the line."""
    cursor = 0
    for resource in raw_export(data).resourceSpans or ():
        for scope in resource.scopeSpans or ():
            around = b'{"scope":%b,"resource":%b}' % (bytes(scope.scope), bytes(resource.resource))
            context = known.get(around)
            if context is None:
                context = known[around] = len(contexts)
                contexts.append(around)
            for raw in scope.spans or ():
                view = memoryview(raw)
                cursor = data.index(view, cursor) if len(view) < 256 else data.index(bytes(view[:256]), cursor)
                span = lean_span(raw)
                yield sight(span, Piece(offset + cursor, len(view), number, context), root_attributes(span))
                cursor += len(view)


def scan_slowly(name: str, offset: int, number: int, data: bytes) -> Iterator[Sight | Problem]:
    """The spans of an export in which something is not as it should be: what can be read is, the rest is named."""
    try:
        export = loads(data)
    except RecursionError:
        yield Problem(name, number, DEPTH)
        return
    except UnicodeDecodeError as error:
        yield Problem(name, number, f"not UTF-8 text: byte {offset + error.start} of the file")
        return
    except ValueError:
        is_nul = not data.strip(b"\0\r\n ")
        yield Problem(name, number, "NUL bytes" if is_nul else "not JSON; cut in half, or not a trace file")
        return
    record = Piece(offset, len(data), number)
    position = 0
    for each in export if isinstance(export, list) else [export]:
        if not isinstance(each, dict) or not ("resourceSpans" in each or "resourceLogs" in each):
            yield Problem(name, number, "not a trace: the record holds neither resourceSpans nor resourceLogs")
            continue
        for kind, item, _ in loose_items(each):
            position += 1
            try:
                if kind == "log":
                    log = msgspec.convert(item, FullLog)
                    if log.traceId:
                        yield Sight(hex_id(log.traceId), record, is_log=True)
                else:
                    full = msgspec.convert(item, FullSpan)
                    yield sight(full, record, attributes(full.attributes) if is_root(full) else {})
            except (msgspec.MsgspecError, RecursionError, UnicodeError) as error:
                yield Problem(name, number, f"{kind} {position} of the record is malformed: {reason(error)}")
    if not is_strict(data):
        yield Problem(
            name, number, "not strict JSON (NaN, Infinity or lone surrogates); read all the same", repaired=True
        )


def is_strict(data: bytes) -> bool:
    """Whether these are JSON bytes as the standard has them."""
    try:
        msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeError):
        return False
    return True


def reason(error: Exception) -> str:
    """What is wrong with an item, never what is in it."""
    if isinstance(error, UnicodeError):
        return "a member's name holds a lone surrogate"
    return DEPTH if isinstance(error, RecursionError) else str(error)


def listed(value: Any) -> Sequence[Any]:
    """The members of a list; one that is no object where there is no list, so that it is named."""
    return value if isinstance(value, list) else () if value is None else ("no list",)


def loose_items(export: Mapping[str, Any]) -> Iterator[tuple[str, Any, tuple[Any, Any]]]:
    """Spans and log records of a decoded export, with scope and resource, whatever else is wrong with it.

    What stands in the place of a resource, a scope or a list of them and is none comes as an item that is malformed.
    """
    for top, middle, inner, kind in (
        ("resourceSpans", "scopeSpans", "spans", "span"),
        ("resourceLogs", "scopeLogs", "logRecords", "log"),
    ):
        for resource in listed(export.get(top)):
            if not isinstance(resource, dict):
                yield kind, resource, (None, None)
                continue
            for scope in listed(resource.get(middle)):
                if not isinstance(scope, dict):
                    yield kind, scope, (None, None)
                    continue
                for item in listed(scope.get(inner)):
                    yield kind, item, (scope.get("scope"), resource.get("resource"))


def one_by_one(data: bytes, context: bytes | None) -> Iterator[Span | LogRecord | Malformed]:
    """The readable spans and log records of a piece in which something is malformed, and what is."""
    try:
        export = loads(data if context is None else b"[" + data + b"]")
        if context is not None:
            around = loads(context)
            scope = {"scope": around["scope"], "spans": export}
            export = {"resourceSpans": [{"resource": around["resource"], "scopeSpans": [scope]}]}
    except RecursionError:
        yield Malformed(DEPTH)
        return
    for each in export if isinstance(export, list) else [export]:
        for kind, item, (scope, resource) in loose_items(each) if isinstance(each, dict) else ():
            try:
                if kind == "log":
                    yield log_of(msgspec.convert(item, FullLog))
                else:
                    around = msgspec.convert({"scope": scope, "resource": resource}, Context)
                    yield span_of(msgspec.convert(item, FullSpan), around.scope, around_of(around.resource))
            except (msgspec.MsgspecError, RecursionError, UnicodeError) as error:
                yield Malformed(f"a {kind} is malformed: {reason(error)}")


def sight(span: LeanSpan | FullSpan, piece: Piece, values: Mapping[str, Any]) -> Sight:
    """An index row for a span."""
    code = span.status.code if span.status else 0
    return Sight(
        hex_id(span.traceId),
        piece,
        is_root=is_root(span),
        name=span.name or "",
        failed=code in ERROR_CODES,
        ok=code in OK_CODES,
        start=nanoseconds(span.startTimeUnixNano),
        attributes=values,
    )


def is_root(span: LeanSpan | FullSpan) -> bool:
    """Whether a span has no parent."""
    return (span.parentSpanId or "") in NO_PARENT


def root_attributes(span: LeanSpan) -> Mapping[str, Any]:
    """The attributes of a root span; those of others stay undecoded."""
    if not is_root(span) or not memoryview(span.attributes):
        return {}
    return attributes(attribute_list(span.attributes))


def hex_id(value: str) -> str:
    """An id in lower-case hex; protobuf's generic JSON writes base64 instead."""
    if len(value) in (12, 24) and value.endswith("="):
        try:
            return base64.b64decode(value, validate=True).hex()
        except (binascii.Error, ValueError):
            return value
    return value.lower()


def nanoseconds(value: str | int | float | None) -> int:
    """A time as an integer; 0 where there is none, or none that a clock can show."""
    time = whole(value or 0)
    return time if time is not None and 0 <= time < LATEST else 0


def any_value(value: AnyValue | None) -> Any:
    """An attribute's value as plain JSON; None where the exporter wrote none."""
    if value is None:
        return None
    if value.stringValue is not None:
        return value.stringValue
    if value.intValue is not None:
        return whole(value.intValue)
    if value.doubleValue is not None:
        return value.doubleValue if not isinstance(value.doubleValue, str) else finite(value.doubleValue)
    if value.boolValue is not None:
        return value.boolValue
    if value.arrayValue is not None:
        return [any_value(each) for each in value.arrayValue.values or ()]
    if value.kvlistValue is not None:
        return {each.key: any_value(each.value) for each in value.kvlistValue.values or ()}
    return value.bytesValue


def attributes(pairs: list[KeyValue] | None) -> dict[str, Any]:
    """Attributes by name; those without a value are not there."""
    return {
        each.key: value.stringValue if value.stringValue is not None else any_value(value)
        for each in pairs or ()
        if (value := each.value) is not None
    }


def span_of(span: FullSpan, scope: Scope | None, around: Mapping[str, Any]) -> Span:
    """A span as the rest of the package knows it; ``around`` is what its resource says."""
    status, events = span.status, span.events
    code = status.code if status else 0
    parent = span.parentSpanId or ""
    return Span(
        trace_id=hex_id(span.traceId),
        span_id=hex_id(span.spanId),
        parent_id=None if parent in NO_PARENT else hex_id(parent),
        name=span.name or "",
        start_ns=nanoseconds(span.startTimeUnixNano),
        end_ns=nanoseconds(span.endTimeUnixNano),
        status="unset" if not code else "error" if code in ERROR_CODES else "ok" if code in OK_CODES else "unset",
        status_message=(status.message or "") if status else "",
        attributes=attributes(span.attributes),
        events=tuple(map(event_of, events)) if events else (),
        scope=(scope.name or "") if scope else "",
        scope_version=(scope.version or "") if scope else "",
        resource=around,
        dropped_attributes=span.droppedAttributesCount or 0,
    )


def event_of(event: FullEvent) -> Event:
    """An event as the rest of the package knows it."""
    return Event(event.name or "", nanoseconds(event.timeUnixNano), attributes(event.attributes))


def around_of(resource: Resource | None) -> Mapping[str, Any]:
    """What a resource says of the spans in it."""
    return attributes(resource.attributes) if resource else {}


def log_of(log: FullLog) -> LogRecord:
    """A log record as the rest of the package knows it."""
    values = attributes(log.attributes)
    return LogRecord(
        trace_id=hex_id(log.traceId or ""),
        span_id=hex_id(log.spanId or ""),
        name=log.eventName or str(values.get("event.name") or ""),
        time_ns=nanoseconds(log.timeUnixNano) or nanoseconds(log.observedTimeUnixNano),
        attributes=values,
        body=any_value(log.body),
    )


def unpacked(export: FullExport) -> Iterator[Span | LogRecord]:
    """The spans and log records of an export."""
    for resource in export.resourceSpans or ():
        around = around_of(resource.resource)
        for scope in resource.scopeSpans or ():
            for span in scope.spans or ():
                yield span_of(span, scope.scope, around)
    for logs in export.resourceLogs or ():
        for scope_logs in logs.scopeLogs or ():
            for log in scope_logs.logRecords or ():
                yield log_of(log)
