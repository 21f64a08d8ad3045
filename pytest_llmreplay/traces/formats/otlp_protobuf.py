"""Binary OTLP: one message, or messages each after its length (four bytes, or a varint). PYTEST_DONT_REWRITE

Source: opentelemetry-proto 1.7, ``TracesData`` and ``LogsData``; the framing is the Collector file exporter's.
"""

import mmap
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from pytest_llmreplay.errors import MissingExtra, SourceError
from pytest_llmreplay.model.trace import Event, LogRecord, Span, Status
from pytest_llmreplay.traces.formats.protocol import Piece, Plain, Problem, Sight

if TYPE_CHECKING:
    from opentelemetry.proto.logs.v1.logs_pb2 import LogsData
    from opentelemetry.proto.trace.v1.trace_pb2 import TracesData

FIRST_FIELD = 0x0A
"""Key of field 1 with a length: what each message of resource spans or logs begins with."""
STATES: tuple[Status, ...] = ("unset", "ok", "error")


class OtlpProtobuf:
    """Binary OTLP."""

    name = "otlp-protobuf"

    def recognises(self, head: bytes) -> bool:
        """The first field's key at the start, or behind a length of four bytes or a varint."""
        return framing(head) is not None

    def scan(self, source: Plain, contexts: list[bytes]) -> Iterator[Sight | Problem]:
        """Every span and log record of a file."""
        for number, item in enumerate(frames(source), 1):
            if isinstance(item, str):
                yield Problem(source.name, number, item)
                continue
            offset, data = item
            try:
                spans, logs = parsed(data)
            except ValueError:
                yield Problem(source.name, number, "not an OTLP message")
                continue
            whole = Piece(offset, len(data), number)
            if not spans and not logs:
                yield Problem(source.name, number, "not a trace: the message holds neither spans nor log records")
            for span in spans:
                yield Sight(
                    span.trace_id,
                    whole,
                    is_root=span.parent_id is None,
                    name=span.name,
                    failed=span.status == "error",
                    ok=span.status == "ok",
                    start=span.start_ns,
                    attributes=span.attributes if span.parent_id is None else {},
                )
            for log in logs:
                yield Sight(log.trace_id, whole, is_log=True)

    def decode(self, data: bytes, context: bytes | None) -> Sequence[Span | LogRecord]:
        """The spans and log records of a message."""
        spans, logs = parsed(data)
        return [*spans, *logs]


def framing(head: bytes) -> str | None:
    """How messages are told apart: ``single``, ``length4``, ``varint``, or None where nothing fits."""
    if head[:1] == bytes([FIRST_FIELD]):
        inner = varint(head, 1)
        if inner is not None and head[inner[1] : inner[1] + 1] in (b"\x0a", b"\x12"):
            return "single"
    if len(head) > 4 and head[0] < 0x20 and head[4] == FIRST_FIELD and int.from_bytes(head[:4]) > 1:
        return "length4"
    length = varint(head, 0)
    if length is not None and length[0] > 1 and head[length[1] : length[1] + 1] == b"\x0a":
        return "varint"
    return None


def varint(data: bytes, position: int) -> tuple[int, int] | None:
    """The number at a position and where it ends, or None."""
    value = 0
    for index in range(position, min(position + 10, len(data))):
        value |= (data[index] & 0x7F) << (7 * (index - position))
        if data[index] < 0x80:
            return value, index + 1
    return None


def frames(source: Plain) -> Iterator[tuple[int, bytes] | str]:
    """Offset and bytes of each message, or what is wrong where the file breaks off."""
    with source.path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as view:
        kind = framing(view[:4096])
        if kind is None:
            raise SourceError(f"{source.name}: not binary OTLP; nothing in it was read")
        if kind == "single":
            yield 0, view[:]
            return
        position = 0
        while position < len(view):
            head = view[position : position + 10]
            found = (int.from_bytes(head[:4]), 4) if kind == "length4" and len(head) >= 4 else varint(head, 0)
            if (kind == "length4" and len(head) < 4) or found is None:
                yield "cut off within a length"
                return
            length, width = found
            begin = position + width
            position = begin + length
            if position > len(view):
                yield f"cut off: {length} bytes were announced, {len(view) - begin} are there"
                return
            yield begin, view[begin:position]


def parsed(data: bytes) -> tuple[list[Span], list[LogRecord]]:
    """The spans or log records of a message. Raises ValueError for bytes that are no message."""
    try:
        from google.protobuf.message import DecodeError
        from opentelemetry.proto.logs.v1.logs_pb2 import LogsData
        from opentelemetry.proto.trace.v1.trace_pb2 import TracesData
    except ImportError:
        raise MissingExtra("binary OTLP", "opentelemetry-proto", "protobuf") from None
    try:
        spans = list(spans_of(TracesData.FromString(data)))
    except (DecodeError, UnicodeError):
        spans = []  # log records have other fields under the same numbers
    if any(span.trace_id or span.start_ns for span in spans):
        return spans, []
    try:
        return [], [log for log in logs_of(LogsData.FromString(data)) if log.trace_id]
    except (DecodeError, UnicodeError) as error:
        raise ValueError(str(error)) from None


def any_value(value: Any) -> Any:
    """An attribute's value as plain JSON."""
    kind = value.WhichOneof("value")
    if kind is None:
        return None
    if kind == "array_value":
        return [any_value(each) for each in value.array_value.values]
    if kind == "kvlist_value":
        return attributes(value.kvlist_value.values)
    if kind == "bytes_value":
        return value.bytes_value.hex()
    return getattr(value, kind)


def attributes(pairs: Any) -> dict[str, Any]:
    """Attributes by name; those without a value are not there."""
    return {each.key: any_value(each.value) for each in pairs if each.value.WhichOneof("value") is not None}


def spans_of(data: "TracesData") -> Iterator[Span]:
    """The spans of a message."""
    for resource in data.resource_spans:
        around = attributes(resource.resource.attributes)
        for scope in resource.scope_spans:
            for span in scope.spans:
                yield Span(
                    trace_id=span.trace_id.hex(),
                    span_id=span.span_id.hex(),
                    parent_id=span.parent_span_id.hex() if any(span.parent_span_id) else None,
                    name=span.name,
                    start_ns=span.start_time_unix_nano,
                    end_ns=span.end_time_unix_nano,
                    status=STATES[span.status.code] if 0 <= span.status.code < 3 else "unset",
                    status_message=span.status.message,
                    attributes=attributes(span.attributes),
                    events=tuple(Event(e.name, e.time_unix_nano, attributes(e.attributes)) for e in span.events),
                    scope=scope.scope.name,
                    scope_version=scope.scope.version,
                    resource=around,
                    dropped_attributes=span.dropped_attributes_count,
                )


def logs_of(data: "LogsData") -> Iterator[LogRecord]:
    """The log records of a message."""
    for resource in data.resource_logs:
        for scope in resource.scope_logs:
            for log in scope.log_records:
                values = attributes(log.attributes)
                yield LogRecord(
                    trace_id=log.trace_id.hex(),
                    span_id=log.span_id.hex(),
                    name=log.event_name or str(values.get("event.name") or ""),
                    time_ns=log.time_unix_nano or log.observed_time_unix_nano,
                    attributes=values,
                    body=any_value(log.body),
                )
