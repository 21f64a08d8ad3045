"""Spans to a trace: order, steps, and what is lost. PYTEST_DONT_REWRITE"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from pytest_llmreplay import registry
from pytest_llmreplay.errors import TraceError
from pytest_llmreplay.model.call import EVERYTHING, Call, Choice, Text
from pytest_llmreplay.model.trace import Contents, LogRecord, Loss, Span, Status, Step
from pytest_llmreplay.traces import roots
from pytest_llmreplay.traces.dialects._origin import hints_of
from pytest_llmreplay.traces.dialects.protocol import Dialect, Exchange
from pytest_llmreplay.traces.formats.protocol import Problem


@dataclass(frozen=True, slots=True)
class Found:
    """A span with the exchange that a dialect read from it."""

    span: Span
    exchange: Exchange
    dialect: str


def assemble(trace_id: str, items: Iterable[Span | LogRecord | Problem | Contents]) -> Contents:
    """All that is inside a trace; what was written down whole goes before its spans.

    Raises TraceError where its spans are not there.
    """
    pieces: list[Span | LogRecord | Problem] = []
    for item in items:
        if isinstance(item, Contents):
            return completed(item)
        pieces.append(item)
    spans, notes = one_each(pieces)
    if not spans and notes:
        raise TraceError(f"trace {trace_id}: no span of it can be read; {notes[0]}")
    if not spans:
        raise TraceError(f"trace {trace_id}: its spans are no longer in the file; was it changed during the run?")
    ordered, more = in_order(spans)
    steps, groups = steps_of(ordered)
    root = ordered[0]
    entry = entry_span(ordered)
    return Contents(
        name=root.name,
        spans=ordered,
        steps=steps,
        arguments=roots.arguments_of(entry.attributes),
        output=roots.output_of(entry.attributes),
        status=status_of(ordered),
        request_id=first_label(ordered, roots.REQUEST),
        session_id=first_label(ordered, roots.SESSION),
        tags=next((tags for span in ordered if (tags := roots.tags_of(span.attributes))), ()),
        fidelity=tuple(loss for step in steps for loss in losses(step)),
        notes=(*notes, *more),
        groups=groups,
    )


def completed(contents: Contents) -> Contents:
    """Contents that were written down whole, with their spans in order and what they lack."""
    ordered, more = in_order({span.span_id: span for span in contents.spans})
    fidelity = tuple(loss for step in contents.steps for loss in losses(step))
    return replace(contents, spans=ordered, fidelity=fidelity, notes=(*contents.notes, *more))


def one_each(items: Iterable[Span | LogRecord | Problem]) -> tuple[dict[str, Span], list[str]]:
    """Each span once, with the log records that name it; and what was strange about it."""
    spans: dict[str, Span] = {}
    logs: dict[str, list[LogRecord]] = {}
    notes: list[str] = []
    for item in items:
        if isinstance(item, Problem):
            notes.append(str(item))
        elif isinstance(item, LogRecord):
            logs.setdefault(item.span_id, []).append(item)
        elif item.span_id not in spans:
            spans[item.span_id] = item
        elif spans[item.span_id] != item:
            notes.append(f"span {item.span_id} is there twice with different content; the first is kept")
    for span_id, records in logs.items():
        if span_id in spans:
            spans[span_id] = spans[span_id]._replace(logs=tuple(records))
    return spans, notes


def in_order(spans: Mapping[str, Span]) -> tuple[tuple[Span, ...], list[str]]:
    """Parents before children, siblings by start; spans in a circle come last and are named."""
    children: dict[str | None, list[Span]] = {}
    for span in spans.values():
        parent = span.parent_id if span.parent_id in spans else None
        children.setdefault(parent, []).append(span)
    for each in children.values():
        each.sort(key=lambda span: (span.start_ns, span.end_ns))
    ordered: list[Span] = []
    waiting = list(reversed(children.get(None, [])))
    while waiting:
        span = waiting.pop()
        ordered.append(span)
        waiting.extend(reversed(children.get(span.span_id, [])))
    reached = {span.span_id for span in ordered}
    circle = [span for span in spans.values() if span.span_id not in reached]
    notes = [f"span {span.span_id} is its own ancestor" for span in circle]
    return (*ordered, *circle), notes


def entry_span(spans: Sequence[Span]) -> Span:
    """The application's entry point: the outermost span that recorded a function's arguments, else the first root.

    A web server's span around it has none; the call of a model has some, but is no entry point.
    """
    ids = {span.span_id for span in spans}
    tops = [span for span in spans if span.parent_id not in ids]
    rest = [span for span in spans if span.parent_id in ids and span.attributes.get("openinference.span.kind") != "LLM"]
    found = next((span for span in (*tops, *rest) if roots.arguments_of(span.attributes) is not None), None)
    return found or spans[0]


def status_of(spans: Sequence[Span]) -> Status:
    """What the roots say; where they say nothing, whether anything failed."""
    ids = {span.span_id for span in spans}
    said = [span.status for span in spans if span.parent_id not in ids]
    if "error" in said:
        return "error"
    if "ok" in said:
        return "ok"
    return "error" if any(span.status == "error" for span in spans) else "ok"


def first_label(spans: Sequence[Span], names: Sequence[str]) -> str | None:
    """A label of the request, from the outermost span that has it."""
    return next((value for span in spans if (value := roots.label(span.attributes, names)) is not None), None)


def steps_of(spans: Sequence[Span]) -> tuple[tuple[Step, ...], tuple[Step, ...]]:
    """The recorded calls in order of start, each once, however many spans tell of it; and the functions around them."""
    found = [item for span in spans if (item := read(span)) is not None]
    parents = {span.span_id: span.parent_id for span in spans}
    calls, groups = apart(merged(found, parents), parents)
    calls.sort(key=lambda item: item.span.start_ns)
    return (
        tuple(step_of(index, item, around(item.span.span_id, parents)) for index, item in enumerate(calls, 1)),
        tuple(step_of(0, as_tool(item), around(item.span.span_id, parents)) for item in groups),
    )


def around(span_id: str, parents: Mapping[str, str | None]) -> tuple[str, ...]:
    """Ids of the spans around a span, innermost first; a circle is left when it closes."""
    out: dict[str, None] = {}
    above = parents.get(span_id)
    while above is not None and above not in out:
        out[above] = None
        above = parents.get(above)
    return tuple(out)


def apart(found: Sequence[Found], parents: Mapping[str, str | None]) -> tuple[list[Found], list[Found]]:
    """Calls, and functions that hold other calls; the application's own entry point is neither."""
    holders = {above for item in found if not item.exchange.holds for above in around(item.span.span_id, parents)}
    calls: list[Found] = []
    groups: list[Found] = []
    for item in found:
        if item.exchange.call.kind != "function":
            calls.append(item)
        elif parents.get(item.span.span_id) is None:
            continue
        elif item.span.span_id in holders:
            groups.append(item)
        elif not item.exchange.holds:
            calls.append(item)
    return calls, groups


def as_tool(item: Found) -> Found:
    """A function that holds other calls: where it is a step it does all that they did, like a tool."""
    return replace(item, exchange=replace(item.exchange, call=replace(item.exchange.call, kind="tool")))


def read(span: Span) -> Found | None:
    """The exchange of a span by the first dialect that knows it."""
    dialects: tuple[Dialect, ...] = registry.every("dialects")
    for dialect in dialects:
        exchange = dialect.exchange(span)
        if exchange is not None:
            return Found(span, exchange, dialect.name)
    return None


def merged(found: Sequence[Found], parents: Mapping[str, str | None]) -> list[Found]:
    """Each call once: an SDK's span adds to its instrumentation's, and one around another call is a wrapper."""
    main = [item for item in found if not item.exchange.supplement]
    supplements = {item.span.span_id for item in found if item.exchange.supplement}
    alone: list[Found] = []
    for item in found:
        if not item.exchange.supplement:
            continue
        above = next((each for each in around(item.span.span_id, parents) if each not in supplements), None)
        position = partner(item, main, above)
        if position is None:
            alone.append(item)
        else:
            main[position] = combined(main[position], item)
    wrappers = set(wrapping(main, parents))
    return [item for item in main if item.span.span_id not in wrappers] + alone


def partner(item: Found, main: Sequence[Found], above: str | None) -> int | None:
    """Position of the instrumentation's span for an SDK's or a raw one: its parent, or the sibling during which it ran.

    ``above`` is the span around it that is no supplement itself. Of several siblings the one with the same last words
    is meant, else the first that has no raw exchange yet.
    """
    kind = item.exchange.call.kind
    same = [position for position, other in enumerate(main) if other.exchange.call.kind == kind]
    found = next((position for position in same if main[position].span.span_id == above), None)
    if found is not None:
        return found
    beside = [
        position
        for position in same
        if main[position].span.parent_id == above
        and main[position].span.start_ns <= item.span.start_ns <= main[position].span.end_ns
    ]
    if item.exchange.raw is None or len(beside) < 2:
        return beside[0] if beside else None
    words = last_words(item.exchange.call)
    alike = [position for position in beside if last_words(main[position].exchange.call) == words]
    free = [position for position in alike or beside if main[position].exchange.raw is None]
    return (free or alike or beside)[0]


def last_words(call: Call) -> str:
    """The last text of a conversation."""
    texts = (part.content for message in reversed(call.messages) for part in message.parts if isinstance(part, Text))
    return next(texts, "")


def combined(main: Found, extra: Found) -> Found:
    """An instrumentation's exchange with what the SDK's own span adds: stop reason, stream, usage, error.

    A raw exchange takes its place; of several, as an SDK makes them that tries again, the last.
    """
    mine, other = main.exchange, extra.exchange
    if other.raw is not None:
        return replace(main, exchange=replace(other, supplement=False), dialect=extra.dialect)
    if mine.raw is not None:
        return main
    call = replace(mine.call, stream=other.call.stream if mine.call.stream is None else mine.call.stream)
    answer, incomplete, proviso = mine.answer, mine.incomplete, mine.proviso
    if other.answer.error is not None and not any(choice.parts for choice in answer.choices):
        answer, incomplete, proviso = (answer if answer.error else other.answer), None, None
    elif answer.error is None:
        answer = replace(
            answer,
            choices=with_reason(answer.choices, other.answer.choices),
            id=answer.id or other.answer.id,
            model=answer.model or other.answer.model,
            usage=other.answer.usage or answer.usage,  # instrumentations add up the counters of a stream's events
        )
    return replace(main, exchange=replace(mine, call=call, answer=answer, incomplete=incomplete, proviso=proviso))


def with_reason(choices: tuple[Choice, ...], raw: tuple[Choice, ...]) -> tuple[Choice, ...]:
    """Choices with the raw finish reason in place of a rewritten one."""
    reason = raw[0].finish_reason if raw else None
    return (replace(choices[0], finish_reason=reason), *choices[1:]) if reason and choices else choices


def wrapping(found: Sequence[Found], parents: Mapping[str, str | None]) -> Iterator[str]:
    """Ids of model spans that hold another model span with content: a framework's view of the same call."""
    models = {item.span.span_id for item in found if item.exchange.call.kind == "chat"}
    for item in found:
        if item.exchange.call.kind != "chat" or item.exchange.incomplete:
            continue
        yield from (above for above in around(item.span.span_id, parents) if above in models)


def step_of(index: int, item: Found, inside: tuple[str, ...]) -> Step:
    """A step from a span's exchange."""
    exchange, span = item.exchange, item.span
    return Step(
        index=index,
        span_id=span.span_id,
        parent_id=span.parent_id,
        name=exchange.call.model or span.name,
        call=exchange.call,
        answer=exchange.answer,
        start_ns=span.start_ns,
        end_ns=span.end_ns,
        dialect=item.dialect,
        span_name=span.name,
        incomplete=exchange.incomplete,
        proviso=exchange.proviso,
        losses=exchange.losses,
        inside=inside,
        hints=hints_of(span),
        raw=exchange.raw,
    )


def losses(step: Step) -> Iterator[Loss]:
    """What a model call's trace does not hold, field by field."""
    if not step.asked_by_http:
        return
    if step.incomplete:
        yield Loss(step.index, "answer", f"the step cannot be replayed: {step.incomplete}")
        return
    if step.raw is not None:
        return
    for field, remedy in (*call_losses(step), *answer_losses(step), *step.losses):
        yield Loss(step.index, field, remedy)


def call_losses(step: Step) -> Iterator[tuple[str, str]]:
    """What is not known of the question, and so is not compared."""
    known = step.call.known
    for name in ("model", "messages", "tools"):
        if name not in known.fields:
            yield f"call.{name}", "not compared"
    if known.parameters != EVERYTHING:
        seen = ", ".join(sorted(known.parameters)) or "none"
        yield "call.parameters", f"only those recorded are compared ({seen})"
    for name in sorted(known.lost):
        if name == "model_vendor":
            yield "call.model", "compared without the vendor before its name"
        elif says_something(name, step.call):
            yield f"call.{name}", "not compared"
    if step.call.stream is None:
        yield "call.stream", "as the application asks today"


def says_something(lost: str, call: Call) -> bool:
    """Whether this call could have had what its trace does not hold."""
    if lost in ("tool_options", "tool_descriptions"):
        return bool(call.tools)
    return lost != "documents" or (call.provider or "").startswith("cohere")


def answer_losses(step: Step) -> Iterator[tuple[str, str]]:
    """What is not known of the answer, and so is made up."""
    answer = step.answer
    if answer.error is not None:
        if answer.error.body is None:
            yield "answer.error.body", "made from status, type and message"
        return
    if step.call.kind == "embedding":
        if not answer.vectors:
            yield "answer.vectors", "unit vectors fixed by trace and text"
        return
    if answer.id is None:
        yield "answer.id", "derived from trace and span id"
    if answer.model is None:
        yield "answer.model", "the model of today's request"
    if answer.usage is None or answer.usage.input is None or answer.usage.output is None:
        yield "answer.usage", "absent, or zero where the SDK needs a number"
    if any(choice.finish_reason is None for choice in answer.choices):
        yield "answer.finish_reason", "tool call or stop, by the parts of the answer"
    if answer.raw is None:
        yield "answer.raw", "written anew from its parts; provider extras such as logprobs are absent"
