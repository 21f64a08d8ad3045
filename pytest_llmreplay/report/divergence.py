"""The text of a diverged case: which step, what stands in it, what to do. PYTEST_DONT_REWRITE"""

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType

from pytest_llmreplay.model.call import Call
from pytest_llmreplay.model.recording import Difference, Divergence, Match, Recording
from pytest_llmreplay.model.trace import Step, Trace
from pytest_llmreplay.report.doubts import doubts, vectors_made_up
from pytest_llmreplay.report.text import line_diff, safe, shortened, shown

LINES = 25
"""Lines of a failure, if not asked for more."""
ROWS = 9
"""Rows of the step table, if not asked for more."""
NOTHING: Mapping[int, int] = MappingProxyType({})
KINDS = {"chat": "model", "retrieval": "retriever", "http": "request"}


@dataclass(frozen=True, slots=True)
class Detail:
    """How much to show: 0 by default, 1 with -v, 2 with -vv."""

    level: int = 0

    @property
    def lines(self) -> int | None:
        """How many lines, or None for all."""
        return {0: LINES, 1: 4 * LINES}.get(self.level)

    @property
    def rows(self) -> int | None:
        """How many rows of the step table, or None for all."""
        return ROWS if self.level == 0 else None


def failure_lines(
    trace: Trace,
    recording: Recording,
    divergence: Divergence,
    again: str,
    detail: Detail,
    raised: str = "",
    inside: Mapping[int, int] = NOTHING,
    functions: Container[int] = (),
) -> list[str]:
    """The whole text of a diverged case.

    ``inside`` tells of a step which answered function it belongs to; ``functions`` are the steps of those that are
    answered or observed.
    """
    asked: dict[int, Match] = {}
    for match in recording.matches:
        if match.step is not None:
            asked.setdefault(match.step.index, match)
    first = divergence.step.index if divergence.step else None
    rows = [row(each, state(each, asked.get(each.index), first, inside, functions)) for each in trace.steps]
    if divergence.reason == "unexpected" and divergence.call is not None:
        rows.append(f"  + {kind_of(divergence.call):<10} {name_of(divergence.call):<24} UNEXPECTED   <- first")
    if divergence.reason == "refused":
        kind, became = ("network", "REFUSED") if recording.refusals[0].outward else ("answer", "NOT GIVEN")
        rows.append(f"  + {kind:<10} {'':<24} {became}   <- first")
    head = [title(trace), "", *table(rows, first, detail), *place(divergence)]
    tail = [f"likely cause: {divergence.cause}"] if divergence.cause else []
    tail += doubts(recording)
    tail += [f"the test itself then ended with {shortened(raised)}"] if raised else []
    step = divergence.step
    tail.append(f"only this step:  {again} --llm-until={step.index}" if step else f"again:  {again}")
    body = [*what(divergence)]
    room = None if detail.lines is None else max(3, detail.lines - len(head) - len(tail) - 1)
    if room is not None and len(body) > room:
        hidden = len(body) - room
        body = body[:room]
        tail[-1] += f"   {hidden} more line{'' if hidden == 1 else 's'}:  -vv"
    return [safe(line) for line in (*head, *body, *tail)]


def title(trace: Trace) -> str:
    """Which trace: id, request, when and how it was recorded."""
    root = trace.spans[0]
    when = (
        datetime.fromtimestamp(root.start_ns / 1e9, UTC).strftime("%Y-%m-%d %H:%M")
        if root.start_ns
        else "at an unknown time"
    )
    request = f"  request {trace.request_id}" if trace.request_id else ""
    sources = ", ".join(dict.fromkeys(step.dialect for step in trace.steps if step.asked_by_http))
    return f"trace {trace.trace_id[:12]}{request}  recorded {when} ({sources or 'no model call'})  {trace.source}"


def table(rows: list[str], first: int | None, detail: Detail) -> Iterator[str]:
    """The rows of the steps, and one for a call that has none; around the first that diverged where they are many."""
    shown_rows = rows
    if detail.rows is not None and len(rows) > detail.rows:
        at = (first or len(rows)) - 1
        begin = max(0, min(at - detail.rows // 2, len(rows) - detail.rows))
        shown_rows = rows[begin : begin + detail.rows]
        if begin:
            yield f"  … {begin} steps before"
        yield from shown_rows
        if left := len(rows) - begin - len(shown_rows):
            yield f"  … {left} steps after"
        return
    yield from shown_rows


def row(step: Step, became: str) -> str:
    """One row of the step table."""
    return f"{step.index:>3} {kind_of(step.call):<10} {shortened(step.name, 24):<24} {became}".rstrip()


def state(
    step: Step, match: Match | None, first: int | None, inside: Mapping[int, int], functions: Container[int]
) -> str:
    """What became of a step."""
    if step.index == first:
        return "DIVERGED   <- first" if match else "NEVER ASKED   <- first"
    if match is None and step.index in inside:
        return f"inside {inside[step.index]}"
    if match is None and not step.asked_by_http and step.index not in functions:
        return "not replayed"
    if match is None:
        return "not reached" if first is not None and step.index > first else "not asked"
    if match.verdict == "drift":
        return "drifted, answered all the same"
    if match.verdict == "same":
        return "same, vectors made up" if vectors_made_up(step) else "same"
    stopped = "; stopped here" if step.asked_by_http else ""
    return f"differs, follows from {first}{stopped}" if first is not None else f"differs{stopped}"


def kind_of(call: Call) -> str:
    """The kind of a call in a reader's word."""
    return KINDS.get(call.kind, call.kind)


def name_of(call: Call) -> str:
    """The model or function that a call names."""
    return shortened(call.model or "", 24)


def place(divergence: Divergence) -> Iterator[str]:
    """The line above the differences."""
    if divergence.step is None:
        yield divergence.detail
        return
    stage = f", stage {divergence.stage}" if divergence.stage else ""
    yield f"step {divergence.step.index}, {kind_of(divergence.step.call)} {divergence.step.name}{stage}"


def what(divergence: Divergence) -> Iterator[str]:
    """The differences, or what is said in their place."""
    if divergence.reason in ("missing", "reordered"):
        yield f"  {divergence.detail}"
    if divergence.reason == "unexpected" and divergence.call is not None:
        yield from question(divergence.call)
    for difference in divergence.differences:
        yield from difference_lines(difference)


def question(call: Call) -> Iterator[str]:
    """The last message of a call that has no step."""
    if call.messages:
        message = call.messages[-1]
        words = " ".join(shown(getattr(part, "content", None) or str(part)) for part in message.parts)
        yield f"  asked:  {message.role}: {shortened(words, 90)}"


def difference_lines(difference: Difference) -> Iterator[str]:
    """One difference: on one line where it is short, else as a diff of lines."""
    old, new = difference.recorded, difference.live
    if difference.path == "documents" and isinstance(old, list) and isinstance(new, list):
        yield "  documents"
        yield from (f"    {each}" for each in line_diff("\n".join(map(str, old)), "\n".join(map(str, new)), whole=True))
        return
    if old is None or new is None:
        sign, value = ("+", new) if old is None else ("-", old)
        yield f"  {difference.path}"
        for line in shown(value).split("\n"):
            yield f"    {sign} {shortened(line)}"
        return
    if isinstance(old, str) and isinstance(new, str) and len(old) + len(new) > 60:
        yield f"  {difference.path}"
        yield from (f"    {line}" for line in line_diff(old, new))
        return
    yield f"  {difference.path}   recorded {shortened(shown(old), 45)}, now {shortened(shown(new), 45)}"
