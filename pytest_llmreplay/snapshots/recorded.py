"""What a run asked, as a trace: steps that answered, and in their places what was asked live. PYTEST_DONT_REWRITE"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace

from pytest_llmreplay.model.call import Answer
from pytest_llmreplay.model.recording import Match, Recording
from pytest_llmreplay.model.trace import HTTP_KINDS, Contents, Span, Step

GAP = 1_000
"""Nanoseconds between a step and a live one behind it."""
DIALECT = "recorded"


def is_live(match: Match) -> bool:
    """Whether a call was answered by its provider, or by the real function."""
    return match.verdict in ("live", "forked") and match.answer is not None


def is_worth_keeping(match: Match, *, finished: bool) -> bool:
    """Whether a call is to be a step: a live one, and in a run that failed one that was answered with no error."""
    answer = match.answer
    failed = answer is not None and (answer.error is not None or answer.failure is not None)
    return is_live(match) and (finished or not failed)


def recorded(trace_id: str, before: Contents, run: Recording, now_ns: int, *, finished: bool = True) -> Contents:
    """The trace as the run made it: its live calls are steps, and calls that it no longer made are none.

    Of a run that is not ``finished`` nobody knows what it would have asked: all steps stay, and answers that are errors
    are left out, so that the next run asks again. ``now_ns`` is when the run began, in nanoseconds since the epoch; it
    counts where the trace has no time of its own.
    """
    began = min((span.start_ns for span in before.spans if span.start_ns), default=0) or now_ns
    root = before.spans[0] if before.spans and before.spans[0].start_ns else root_of(trace_id, before.name, began)
    matches = [each for each in run.matches if not is_live(each) or is_worth_keeping(each, finished=finished)]
    stay = [step for step in before.steps if not finished or step.call.kind not in HTTP_KINDS]
    steps = tuple(numbered(in_places(trace_id, stay, matches, root)))
    last = max((step.end_ns for step in steps), default=root.end_ns)
    spans = (root._replace(end_ns=max(root.end_ns, last)), *before.spans[1:])
    return replace(before, spans=spans, steps=steps, output=run.output)


def root_of(trace_id: str, name: str, began: int) -> Span:
    """The outermost span of a trace that no production made."""
    return Span(
        trace_id=trace_id,
        span_id=span_id(trace_id, 0),
        parent_id=None,
        name=name,
        start_ns=began,
        end_ns=began,
        status="ok",
    )


def in_places(trace_id: str, stay: Sequence[Step], matches: Sequence[Match], root: Span) -> Iterator[Step]:
    """The steps in the order of the run. Those that ``stay`` although nobody asked for them keep their places."""
    asked = {match.step.index for match in matches if match.step is not None and not is_live(match)}
    rest = [step for step in stay if step.index not in asked]
    clock = root.start_ns
    for number, match in enumerate(matches, 1):
        if match.step is not None and not is_live(match):
            while rest and rest[0].index < match.step.index:
                yield rest.pop(0)
            clock = match.step.end_ns or clock
            yield match.step
        elif is_live(match):
            step = live_step(trace_id, number, match, root, clock + GAP)
            clock = step.end_ns
            yield step
    yield from rest


def live_step(trace_id: str, number: int, match: Match, root: Span, start_ns: int) -> Step:
    """A live call with its answer as a step."""
    own = span_id(trace_id, number)
    answer = match.answer or Answer()
    seeded = replace(answer, seed=f"{trace_id}:{own}") if match.call.kind in HTTP_KINDS else answer
    return Step(
        index=number,
        span_id=own,
        parent_id=root.span_id,
        name=match.call.model or match.call.kind,
        call=match.call,
        answer=seeded,
        start_ns=start_ns,
        end_ns=start_ns + round((match.seconds or 0) * 1e9),
        dialect=DIALECT,
        span_name=match.call.model or match.call.kind,
        inside=(root.span_id,),
        raw=match.raw,
    )


def numbered(steps: Iterator[Step]) -> Iterator[Step]:
    """Steps with their numbers."""
    return (replace(step, index=index) for index, step in enumerate(steps, 1))


def span_id(trace_id: str, number: int) -> str:
    """An id that is the same in every run."""
    return hashlib.sha256(f"{trace_id} {number}".encode()).hexdigest()[:16]


def new_contents(trace_id: str, name: str) -> Contents:
    """The inside of a trace that is yet to be recorded."""
    return Contents(name=name, spans=(root_of(trace_id, name, 0),), steps=(), arguments=None, output=None, status="ok")
