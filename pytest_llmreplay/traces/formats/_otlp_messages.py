"""The messages of OTLP/JSON, in its own words: lean for an index, whole for its traces. PYTEST_DONT_REWRITE

Source: the OpenTelemetry protocol specification (OTLP 1.7), "JSON Protobuf Encoding": hex ids, integers as text.
"""

from typing import Annotated, Final, TypeAlias

import msgspec
from msgspec import Meta, Raw, Struct

LATEST: Final = 2**63 - 1
"""The last nanosecond that a clock can show, in the year 2262."""
Time: TypeAlias = Annotated[int, Meta(ge=0, le=LATEST)]


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
    intValue: int | None = None
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
    timeUnixNano: Time | None = 0
    attributes: list[KeyValue] | None = None


class FullStatus(Struct, gc=False):
    code: int | str | None = None
    message: str | None = ""


class FullSpan(Struct, gc=False):
    traceId: str
    spanId: str = ""
    parentSpanId: str | None = ""
    name: str | None = ""
    startTimeUnixNano: Time | None = 0
    endTimeUnixNano: Time | None = 0
    attributes: list[KeyValue] | None = None
    events: list[FullEvent] | None = None
    status: FullStatus | None = None
    droppedAttributesCount: int | None = 0


class FullLog(Struct, gc=False):
    traceId: str | None = ""
    spanId: str | None = ""
    eventName: str | None = ""
    timeUnixNano: Time | None = 0
    observedTimeUnixNano: Time | None = 0
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
    resource: Raw = Raw(b"null")


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
full_export = msgspec.json.Decoder(FullExport, strict=False).decode
full_spans = msgspec.json.Decoder(list[FullSpan], strict=False).decode
resource_of = msgspec.json.Decoder(Resource | None, strict=False).decode
context_of = msgspec.json.Decoder(Context, strict=False).decode
attribute_list = msgspec.json.Decoder(list[KeyValue] | None, strict=False).decode
