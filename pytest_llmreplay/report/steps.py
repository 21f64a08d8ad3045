"""A case step by step, as values for written reports. PYTEST_DONT_REWRITE"""

from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import replace

from pytest_llmreplay.model.call import (
    Answer,
    Call,
    Media,
    Message,
    Other,
    Part,
    Reasoning,
    Refusal,
    Text,
    ToolCall,
    ToolResult,
)  # fmt: skip
from pytest_llmreplay.model.recording import Difference, Divergence, Match, Recording
from pytest_llmreplay.model.result import DifferenceResult, State, StepResult
from pytest_llmreplay.model.trace import Step, Trace
from pytest_llmreplay.report.divergence import kind_of
from pytest_llmreplay.report.text import shown

MOST_TEXT = 1_000_000
"""Characters of a question or an answer that are kept."""


def step_results(
    trace: Trace,
    recording: Recording,
    divergence: Divergence | None,
    inside: Container[int] = (),
    functions: Container[int] = (),
) -> tuple[StepResult, ...]:
    """The recorded steps in order, and behind them the live calls that none stands for.

    ``inside`` are the numbers of steps that belong to an answered function, ``functions`` those of functions that are
    answered or observed.
    """
    matches: dict[int, Match] = {}
    for match in recording.matches:
        if match.step is not None:
            matches.setdefault(match.step.index, match)
    times = zip(recording.places, recording.times, strict=True)
    began = {id(match): at - recording.start for match, at in times if match is not None}
    begin = min((step.start_ns for step in trace.steps if step.start_ns), default=0)
    if trace.spans and trace.spans[0].start_ns:
        begin = trace.spans[0].start_ns
    losses: dict[int, list[str]] = {}
    for loss in trace.fidelity:
        losses.setdefault(loss.step, []).append(f"{loss.field}: {loss.remedy}")
    first = divergence.step.index if divergence and divergence.step else None
    ids = {step.span_id for step in trace.steps}
    recorded = [
        replace(
            of_step(step, match, begin, sum(each in ids for each in step.inside), losses),
            state=state(step, match, first, inside, functions),
            live_start=began.get(id(match)),
        )
        for step in trace.steps
        for match in (matches.get(step.index),)
    ]
    return (*recorded, *(replace(of_call(each), live_start=began[id(each)]) for each in beside(recording.matches)))


def of_step(step: Step, match: Match | None, begin: int, depth: int, losses: dict[int, list[str]]) -> StepResult:
    """A recorded step, without what became of it."""
    live = match.answered if match else None
    usage = (live or step.answer).usage
    asked = question(step.call)
    now = question(match.call) if match else asked
    told = reply(step.answer)
    return StepResult(
        index=step.index,
        kind=kind_of(step.call),
        name=step.name,
        state="same",
        span_id=step.span_id,
        start=max(0, step.start_ns - begin) / 1e9 if step.start_ns else 0.0,
        seconds=max(0, step.end_ns - step.start_ns) / 1e9 if step.start_ns and step.end_ns else None,
        depth=depth,
        live_seconds=match.seconds if match else None,
        request=asked,
        live_request=now if now != asked and match is not None and match.differences else None,
        answer=told,
        live_answer=reply(live) if live is not None and reply(live) != told else None,
        differences=tuple(map(difference, match.differences)) if match else (),
        tokens_in=usage.input if usage else None,
        tokens_out=usage.output if usage else None,
        error=failure(step.answer),
        losses=tuple(losses.get(step.index, ())),
    )


def state(
    step: Step, match: Match | None, first: int | None, inside: Container[int], functions: Container[int]
) -> State:
    """What became of a recorded step."""
    if match is None:
        if step.index == first:
            return "missing"
        if step.index in inside:
            return "inside"
        if not step.asked_by_http and step.index not in functions:
            return "not replayed"
        return "not reached" if first is not None and step.index > first else "inside"
    if match.verdict in ("same", "live", "synthetic"):
        return {"same": "same", "live": "live", "synthetic": "synthetic"}[match.verdict]  # type: ignore[return-value]
    if match.verdict == "drift":
        return "drifted"
    if match.verdict == "forked":
        return "diverged"
    return "diverged" if step.index == first else "follows"


def beside(matches: Iterable[Match]) -> Iterator[Match]:
    """The live calls that no step stands for."""
    return (match for match in matches if match.step is None)


def of_call(match: Match) -> StepResult:
    """A live call that no step stands for."""
    answer = match.answered
    usage = answer.usage if answer else None
    state: State = "unexpected"
    if match.verdict in ("live", "synthetic"):
        state = "live" if match.verdict == "live" else "synthetic"
    return StepResult(
        index=0,
        kind=kind_of(match.call),
        name=match.call.model or "",
        state=state,
        live_seconds=match.seconds,
        live_request=question(match.call),
        live_answer=reply(answer) if answer else None,
        tokens_in=usage.input if usage else None,
        tokens_out=usage.output if usage else None,
    )


def difference(found: Difference) -> DifferenceResult:
    """A difference as text."""
    recorded = None if found.recorded is None else shown(found.recorded)
    return DifferenceResult(path=found.path, recorded=recorded, live=None if found.live is None else shown(found.live))


def question(call: Call) -> str:
    """A call as a reader knows it: messages, or arguments; then what else was asked."""
    lines = [f"[{message.role}]\n{content(message)}" for message in call.messages]
    if call.arguments is not None:
        lines.append(shown(call.arguments.value))
    if call.tools:
        lines.append("[tools] " + ", ".join(tool.name for tool in call.tools))
    if call.parameters:
        lines.append("[parameters] " + shown(dict(call.parameters)))
    return "\n\n".join(lines)[:MOST_TEXT]


def content(message: Message) -> str:
    """The parts of a message, one below the other."""
    return "\n".join(map(part_text, message.parts))


def part_text(part: Part) -> str:
    """One part as text."""
    match part:
        case Text(words) | Reasoning(words) | Refusal(words):
            return words if isinstance(part, Text) else f"({type(part).__name__.lower()}) {words}"
        case ToolCall(name, arguments):
            return f"→ {name}({shown(arguments)})"
        case ToolResult(words):
            return f"← {words}"
        case Media(kind, reference):
            return f"({kind}) {reference}"
        case Other(kind, data):
            return f"({kind}) {shown(data)}"


def reply(answer: Answer) -> str:
    """An answer as a reader knows it."""
    if answer.returned is not None:
        return shown(answer.returned.value)[:MOST_TEXT]
    if (words := failure(answer)) is not None:
        return words
    if answer.vectors:
        return f"{len(answer.vectors)} vectors of {len(answer.vectors[0])} numbers"
    return "\n\n".join(choices(answer))[:MOST_TEXT]


def choices(answer: Answer) -> Sequence[str]:
    """The alternatives that a model offered."""
    return ["\n".join(map(part_text, choice.parts)) for choice in answer.choices]


def failure(answer: Answer) -> str | None:
    """The error of an answer."""
    if answer.error is not None:
        return f"{answer.error.status} {answer.error.type or ''} {answer.error.message}".strip()
    return f"{answer.failure.type}: {answer.failure.message}" if answer.failure is not None else None
