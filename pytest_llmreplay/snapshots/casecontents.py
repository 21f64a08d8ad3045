"""A case file's inside as a trace's. PYTEST_DONT_REWRITE"""

import re
from base64 import b64decode
from datetime import datetime
from typing import Any

from msgspec import UNSET, UnsetType, structs

from pytest_llmreplay.model import call as model
from pytest_llmreplay.model.trace import HTTP_KINDS, Contents, Expectations, Hints, Origin, Span, Step
from pytest_llmreplay.model.wire import RawExchange, WireRequest, WireResponse
from pytest_llmreplay.snapshots import caseshape as shape

NO_HINTS, NO_SHAPE = Hints(), shape.Hints()
SECOND = 1_000_000_000
TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z\Z")


def contents_of(file: shape.CaseFile) -> Contents:
    """All that is inside a case file. Raises ValueError for what its shape alone does not show."""
    trace = file.trace
    began = nanoseconds(trace.time)
    steps = tuple(step_of(index, each, trace.id, began) for index, each in enumerate(file.steps, 1))
    around = [span_of(each, trace.id, began) for each in file.spans]
    return Contents(
        name=trace.name,
        spans=(*around, *(own_span(step, trace.id) for step in steps)),
        steps=steps,
        groups=tuple(step_of(0, each, trace.id, began) for each in file.groups),
        arguments=arguments_of(file.input, file.positional),
        output=file.output,
        status=trace.status,
        request_id=trace.request,
        session_id=trace.session,
        tags=tuple(file.tags),
        scores=trace.scores,
        expectations=Expectations(
            output=file.expected,
            evaluators=tuple(file.evaluators),
            because=file.because,
            title=file.title,
            note=file.note,
        ),
        origin=Origin(trace.source, tuple(trace.instrumentation)),
    )


def nanoseconds(time: str | None) -> int:
    """Nanoseconds since the epoch of a moment in UTC; 0 where there is none. Raises ValueError."""
    if time is None:
        return 0
    found = TIME.match(time)
    if found is None:
        raise ValueError(f"trace.time: {time[:40]!r} is not a time such as 2026-11-18T09:14:03.120000000Z")
    seconds = int(datetime.fromisoformat(found[1] + "+00:00").timestamp())
    return seconds * SECOND + int((found[2] or "0").ljust(9, "0"))


def moment(value: float | None, began: int) -> int:
    """Nanoseconds since the epoch: an integer is that already, a float counts seconds from the beginning."""
    if value is None:
        return 0
    return value if isinstance(value, int) else began + round(value * SECOND)


def interval(start: float | None, took: float | None, began: int) -> tuple[int, int]:
    """Start and end in nanoseconds since the epoch."""
    first = moment(start, began)
    return first, first + (took if isinstance(took, int) else round((took or 0) * SECOND))


def span_of(span: shape.Span, trace_id: str, began: int) -> Span:
    """A span around the steps."""
    start, end = interval(span.start, span.took, began)
    return Span(
        trace_id=trace_id,
        span_id=span.id,
        parent_id=span.parent,
        name=span.name,
        start_ns=start,
        end_ns=end,
        status=span.status,
    )


def own_span(step: Step, trace_id: str) -> Span:
    """The span that a step was recorded from, as far as a case file knows it."""
    failed = step.answer.error is not None or step.answer.failure is not None
    return Span(
        trace_id=trace_id,
        span_id=step.span_id,
        parent_id=step.parent_id,
        name=step.span_name,
        start_ns=step.start_ns,
        end_ns=step.end_ns,
        status="error" if failed else "unset",
    )


def step_of(index: int, step: shape.Step, trace_id: str, began: int) -> Step:
    """A recorded step. One that a person wrote by hand has no place of its own."""
    place = step.recorded or shape.Place(span=f"step-{index}")
    start, end = interval(place.start, place.took, began)
    seed = f"{trace_id}:{place.span}" if step.kind in HTTP_KINDS else ""
    name = step.called if isinstance(step.called, str) else step.name or place.name
    return Step(
        index=index,
        span_id=place.span,
        parent_id=place.within[0] if place.within else None,
        name=name,
        call=call_of(step, place.known),
        answer=answer_of(step.answer, seed),
        start_ns=start,
        end_ns=end,
        dialect=place.dialect,
        span_name=place.name,
        incomplete=place.incomplete,
        proviso=place.proviso,
        losses=tuple((each.field, each.remedy) for each in place.losses),
        inside=tuple(place.within),
        raw=None if step.raw is None else raw_of(step.raw),
        hints=NO_HINTS if place.hints == NO_SHAPE else Hints(**structs.asdict(place.hints)),
    )


def raw_of(raw: shape.Raw) -> RawExchange:
    """The HTTP exchange of a step, byte for byte. Raises ValueError for a body that cannot be told."""
    request, response = raw.request, raw.response
    return RawExchange(
        WireRequest(request.method, request.url, bytes_of(request), request.headers),
        WireResponse(
            response.status,
            response.headers,
            bytes_of(response),
            tuple((name, value) for name, value in response.again),
        ),
    )


def bytes_of(body: shape.Body) -> bytes:
    """The bytes of a body. Raises ValueError where it is no base64."""
    return body.body.encode() if body.base64 is None else b64decode(body.base64, validate=True)


def arguments_of(named: dict[str, Any] | UnsetType, positional: list[Any]) -> model.Arguments | None:
    """Arguments; None where neither kind is there."""
    if named is UNSET and not positional:
        return None
    return model.Arguments(tuple(positional), named if isinstance(named, dict) else {})


def call_of(step: shape.Step, known: shape.Known) -> model.Call:
    """The question of a step."""
    return model.Call(
        kind=step.kind,
        provider=step.provider,
        model=step.name,
        messages=tuple(model.Message(each.role, parts_of(each.text, each.parts)) for each in step.messages),
        tools=tuple(model.Tool(each.name, each.description, each.parameters, each.options) for each in step.tools),
        parameters=step.parameters,
        stream=step.stream,
        arguments=arguments_of(step.arguments, step.positional),
        options=step.options,
        known=known_of(known),
    )


def known_of(known: shape.Known) -> model.Known:
    """What of a call may be compared."""
    if known == shape.Known():
        return model.FULLY_KNOWN
    return model.Known(frozenset(known.fields), frozenset(known.parameters), frozenset(known.lost))


def answer_of(answer: shape.Answer, seed: str) -> model.Answer:
    """The answer of a step."""
    usage, error, raised = answer.usage, answer.error, answer.raises
    return model.Answer(
        choices=tuple(
            model.Choice(
                parts=parts_of(each.text, each.parts),
                finish_reason=each.finish_reason,
                role=each.role,
                details=each.details,
            )
            for each in answer.choices
        ),
        provider=answer.provider,
        model=answer.model,
        id=answer.id,
        usage=None
        if usage is None
        else model.Usage(
            input=usage.input,
            output=usage.output,
            cache_read=usage.cache_read,
            cache_write=usage.cache_write,
            reasoning=usage.reasoning,
        ),
        usage_in_stream=answer.usage_in_stream,
        error=None
        if error is None
        else model.ApiError(status=error.status, type=error.type, message=error.message, body=error.body),
        returned=None if answer.returns is UNSET else model.Returned(answer.returns, as_text=True),
        failure=None if raised is None else model.Failure(raised.type, raised.message),
        vectors=tuple(map(tuple, answer.vectors)),
        created=answer.created,
        seed=seed if answer.seed is UNSET else answer.seed,
        details=answer.details,
        raw=answer.raw,
    )


def parts_of(text: str | UnsetType, parts: list[shape.Part] | UnsetType) -> tuple[model.Part, ...]:
    """The parts of a message. Raises ValueError where text and parts are both there, or neither."""
    if isinstance(text, str) and parts is UNSET:
        return (model.Text(text),)
    if text is UNSET and not isinstance(parts, UnsetType):
        return tuple(map(part_of, parts))
    raise ValueError("a message has either text or parts")


def part_of(part: shape.Part) -> model.Part:
    """One part. Raises ValueError where it is not exactly one kind."""
    kinds = [name for name in shape.PART_KINDS if getattr(part, name) is not UNSET]
    if len(kinds) != 1:
        raise ValueError(f"a part is exactly one of {', '.join(shape.PART_KINDS)}")
    value: str = getattr(part, kinds[0])
    match kinds[0]:
        case "text":
            return model.Text(value)
        case "reasoning":
            return model.Reasoning(value, part.signature)
        case "refusal":
            return model.Refusal(value)
        case "tool_call":
            arguments = None if part.arguments is UNSET else part.arguments
            return model.ToolCall(value, arguments, part.id, part.legacy)
        case "tool_result":
            return model.ToolResult(value, part.id)
        case "media":
            return model.Media(value, part.reference)
    return model.Other(value, None if part.data is UNSET else part.data)
