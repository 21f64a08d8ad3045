"""OTLP/JSON in which something is not as it should be: what can be read is, the rest is named. PYTEST_DONT_REWRITE"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeVar

import msgspec

from pytest_llmreplay.model.trace import LogRecord, Span
from pytest_llmreplay.traces.formats._otlp_messages import Context, FullLog, FullSpan
from pytest_llmreplay.traces.formats._otlp_spans import around_of, finite, log_of, nanoseconds, spans_of, whole
from pytest_llmreplay.traces.formats.protocol import Malformed

DEPTH = "nested too deeply"
WHOLE: Final[Mapping[str, Callable[[str | int | float], int | None]]] = {
    "intValue": whole,
    "startTimeUnixNano": nanoseconds,
    "endTimeUnixNano": nanoseconds,
    "timeUnixNano": nanoseconds,
    "observedTimeUnixNano": nanoseconds,
}
"""What reads the members that hold a whole number, as a number or as text."""
T = TypeVar("T")


def parses(data: bytes) -> bool:
    """Whether a line is complete JSON."""
    try:
        loads(data)
    except (ValueError, RecursionError):
        return False
    return True


def loads(data: bytes) -> Any:
    """Decoded JSON. What JSON proper forbids and writers still write (NaN, Infinity, lone surrogates) is let in.

    Raises ValueError, or RecursionError for nesting without end.
    """
    try:
        return msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeError):
        return json.loads(data.decode("utf-8"), parse_constant=lambda _: None, parse_float=finite, parse_int=whole)


def converted(item: Any, kind: type[T]) -> T:
    """An item as a message, whatever its whole numbers look like. Raises msgspec.ValidationError, RecursionError."""
    return msgspec.convert(numbered(item), kind, strict=False)


def numbered(value: Any) -> Any:
    """A decoded value in which each whole number is one; None where what was written is none."""
    if isinstance(value, list):
        return [numbered(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        name: WHOLE[name](each) if name in WHOLE and type(each) in (str, int, float) else numbered(each)
        for name, each in value.items()
    }


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
                    yield log_of(converted(item, FullLog))
                else:
                    around = converted({"scope": scope, "resource": resource}, Context)
                    yield from spans_of([converted(item, FullSpan)], around.scope, around_of(around.resource))
            except (msgspec.MsgspecError, RecursionError, UnicodeError) as error:
                yield Malformed(f"a {kind} is malformed: {reason(error)}")
