"""What an index takes of the records of OTLP/JSON. PYTEST_DONT_REWRITE"""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

import msgspec

from pytest_llmreplay.traces.formats._otlp_loose import DEPTH, converted, is_strict, loads, loose_items, reason
from pytest_llmreplay.traces.formats._otlp_messages import (
    FullLog,
    FullSpan,
    LeanSpan,
    attribute_list,
    lean,
    lean_span,
    raw_export,
)
from pytest_llmreplay.traces.formats._otlp_spans import NO_PARENT, STATES, attributes, hex_id, nanoseconds
from pytest_llmreplay.traces.formats.protocol import Piece, Problem, Sight

OTHER_NAMES = "spans stand under a name other than scopeSpans, as before OTLP 0.15; they were not read"


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
    failed = (span for span in spans if span.status and STATES.get(span.status.code) == "error" and not is_root(span))
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
                    log = converted(item, FullLog)
                    if log.traceId:
                        yield Sight(hex_id(log.traceId), record, is_log=True)
                else:
                    full = converted(item, FullSpan)
                    yield sight(full, record, attributes(full.attributes) if is_root(full) else {})
            except (msgspec.MsgspecError, RecursionError, UnicodeError) as error:
                yield Problem(name, number, f"{kind} {position} of the record is malformed: {reason(error)}")
    if not is_strict(data):
        yield Problem(
            name, number, "not strict JSON (NaN, Infinity or lone surrogates); read all the same", repaired=True
        )


def sight(span: LeanSpan | FullSpan, piece: Piece, values: Mapping[str, Any]) -> Sight:
    """An index row for a span."""
    status = STATES.get(span.status.code) if span.status else None
    return Sight(
        hex_id(span.traceId),
        piece,
        is_root=is_root(span),
        name=span.name or "",
        failed=status == "error",
        ok=status == "ok",
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
