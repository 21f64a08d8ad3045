"""One item's replay: begun before its fixtures, ended after them. PYTEST_DONT_REWRITE"""

import time
from collections.abc import Collection, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any, Final

import pytest
from _pytest.outcomes import Failed
from _pytest.unittest import TestCaseFunction

from pytest_llmreplay.compare.divergence import first_divergence
from pytest_llmreplay.errors import LLMReplayError
from pytest_llmreplay.model.evaluation import Evaluation
from pytest_llmreplay.model.recording import Divergence, Recording
from pytest_llmreplay.model.trace import Step, Trace
from pytest_llmreplay.plugin.collect import CaseHandle, plan_of
from pytest_llmreplay.plugin.judging import Judgements
from pytest_llmreplay.plugin.options import CASE, PARAMETERS, UNUSABLE
from pytest_llmreplay.plugin.run import Run
from pytest_llmreplay.plugin.sources import Functions
from pytest_llmreplay.replay import active
from pytest_llmreplay.replay.arrival import arrival
from pytest_llmreplay.replay.boundaries import AUTO, Boundary
from pytest_llmreplay.replay.plan import Reader, plan
from pytest_llmreplay.replay.session import ReplaySession
from pytest_llmreplay.report.divergence import kind_of
from pytest_llmreplay.settings import Settings

UNITTEST: Final = (
    "@llm_replay: a method of unittest.TestCase cannot be run for each trace; make it a function, "
    "or a method of a class that does not inherit from TestCase"
)


class Diverged(Failed):
    """A call that the trace does not answer, on its way out of the application.

    ``except Exception`` does not catch it.
    """

    def __init__(self, message: str) -> None:
        super().__init__(message, pytrace=False)


@dataclass(eq=False)
class ActiveCase:
    """The replay of one item."""

    trace: Trace
    session: ReplaySession
    engaged: bool
    """Whether the test means to replay, so that steps it never asks for count."""
    turns: tuple[Trace, ...]
    """The traces of the item: one, or those of a session in order."""
    by_session: bool = False
    settings: Settings = field(default_factory=Settings)
    handle: CaseHandle | None = None
    judgements: Judgements = field(default_factory=Judgements)
    began: float = field(default_factory=time.perf_counter)
    judged: Divergence | None = None
    """The divergence that the test's body, or a fixture, was failed for."""
    recorded: bool = False
    """Whether what it asked live was kept."""
    closing: ExitStack = field(default_factory=ExitStack)

    @property
    def recording(self) -> Recording:
        """What this run asked so far."""
        return self.session.recording

    @property
    def inside(self) -> Mapping[int, int]:
        """Of each step that belongs to an answered function, the number of that function's."""
        return self.session.plan.inside if self.engaged or self.recording.matches else {}

    @property
    def functions(self) -> Collection[int]:
        """The numbers of the steps of functions that are answered or observed."""
        if not (self.engaged or self.recording.matches):
            return ()
        return {step.index for mine in self.session.plan.functions.values() for step in mine}

    def divergence(self, *, finished: bool) -> Divergence | None:
        """The first divergence so far."""
        if not self.engaged and not self.recording.matches:
            return first_divergence(self.recording, (), ()) if self.recording.refusals else None
        finished = finished and self.session.bound
        expected = self.session.expected
        in_order = self.session.in_order
        return first_divergence(self.recording, self.trace.steps, expected, finished=finished, in_order=in_order)

    def close(self) -> None:
        """End the replay; again is nothing."""
        if self in CURRENT:
            CURRENT.remove(self)
        self.closing.close()
        from pytest_llmreplay.replay.guard import guard

        guard.remove()


CURRENT: Final[list[ActiveCase]] = []
"""The replay of the item that is set up now; below it those of runs around this one, if pytest runs within pytest."""


def begin(item: pytest.Item) -> None:
    """Begin the replay of an item, if it is one.

    Raises Failed (an error of the set-up) for a trace that cannot be replayed.
    """
    __tracebackhide__ = True
    handle = handle_of(item)
    if handle is None:
        not_for_replay(item)
        return
    run = Run.of(item.config)
    how = plan_of(item, run)
    settings = how.settings
    trace = opened(handle, settings)
    targets = run.sources.targets(settings)
    boundaries = [(each.boundary, each.recorded) for each in targets]
    if how.engaged:
        item.stash[UNUSABLE] = trace.trace_id
        usable(trace, boundaries)
        run.problems.note_inside(trace)
    if targets and settings.mode != "record":
        known_spans(run, settings, trace)
    from pytest_llmreplay.replay.guard import guard

    run.patch(engaged=how.engaged)
    if settings.network == "block":
        guard.install(settings.network_allow)
    else:
        guard.remove()  # an earlier item's
    session = ReplaySession(
        lambda: usable(trace, boundaries),
        signal=Diverged,
        boundaries=boundaries,
        drift=settings.drift,
        mode=settings.mode,
        seed=handle.seed,
        anew=settings.refresh,
        seeded=run.sources.seeded(settings, handle.seed) if settings.mode == "seeded" else None,
        ignore=settings.ignore,
        until=settings.until,
        passes=guard.allows if settings.network == "block" else lambda host: True,
        view=lambda value: as_recorded(value, trace, run),
    )
    turns = handle.unit.turns() if settings.by == "session" else (trace,)
    case = item.stash[CASE] = ActiveCase(
        trace, session, how.engaged, turns, by_session=settings.by == "session", settings=settings, handle=handle
    )
    case.judgements = judgements_of(item, trace, session.recording)
    case.judgements.session = lambda: run.judges.session(item.path, settings, session.passes)
    if settings.pin:
        from pytest_llmreplay.replay.pinning import pinned

        case.closing.enter_context(pinned(settings.pin, handle.seed, started(trace)))
    case.closing.enter_context(active.active(session))
    if targets:
        from pytest_llmreplay.replay.functions import detoured

        case.closing.enter_context(detoured(targets))
    CURRENT.append(case)
    item.user_properties.append(("llm.trace_id", trace.trace_id))


def as_recorded(value: Any, trace: Trace, run: Run) -> Any:
    """A live value without its secrets, as the trace holds it, if its secrets were taken out."""
    salt = trace.contents.redacted_with
    return value if salt is None else run.redactor.salted(salt).value(value)


def config_of(item: pytest.Item) -> Mapping[str, Any]:
    """What the fixture ``llm_config`` gives an item; nothing for one that has no fixtures."""
    request = getattr(item, "_request", None)
    found = request.getfixturevalue("llm_config") if request is not None else {}
    return found if isinstance(found, Mapping) else {}


def judgements_of(item: pytest.Item, trace: Trace, recording: Recording) -> Judgements:
    """What is to be said of an item, with all that is asked for when it is judged."""
    return Judgements(
        config=lambda: config_of(item),
        more=lambda: more_evaluators(item, trace),
        approve=lambda wanted, alone: snapshot_of(item, recording, wanted, alone=alone),
    )


def snapshot_of(
    item: pytest.Item, recording: Recording, wanted: bool | str | Sequence[str] | None, *, alone: bool
) -> Evaluation | None:
    """What came of an item's snapshot. Snapshots are imported by the first test that holds one."""
    __tracebackhide__ = True
    from pytest_llmreplay.plugin.approved import approved

    return approved(item, recording, wanted, alone=alone)


def more_evaluators(item: pytest.Item, trace: Trace) -> list[Any]:
    """The evaluators that plugins add to an item."""
    answers = item.ihook.pytest_llm_evaluators(item=item, trace=trace)
    return [each for answer in answers for each in answer or ()]


def current() -> ActiveCase | None:
    """The replay of the item that is set up now."""
    return CURRENT[-1] if CURRENT else None


def opened(handle: Any, settings: Settings) -> Trace:
    """The trace of an item, with a step for each function that ``patch`` names and that holds other calls."""
    __tracebackhide__ = True
    trace: Trace = handle.unit.open()
    names = [boundary.name for boundary in settings.patch if boundary.path != AUTO]
    if not names:
        return trace
    from pytest_llmreplay.traces.groups import grouped

    try:
        return grouped(trace, names)
    except LLMReplayError as error:
        raise pytest.fail.Exception(str(error), pytrace=False) from None


def known_spans(run: Run, settings: Settings, trace: Trace) -> None:
    """Fail, naming what there is, where a patched function stands for a span that no trace holds."""
    __tracebackhide__ = True
    from pytest_llmreplay.traces.groups import plain_name

    here = {name for step in trace.steps for name in step.names}
    for boundary in settings.patch:
        if boundary.name in here or boundary.path == AUTO:
            continue
        functions = run.sources.functions(settings)
        if functions.words.isdisjoint({boundary.name, plain_name(boundary.name)}):
            there = ", ".join(sorted(functions.calls | functions.groups)) or "none"
            pytest.fail(
                f"patch: no trace has a span {boundary.name!r} for {boundary.path}; functions in the traces: {there}\n"
                f"{instead(boundary, trace, functions)}",
                pytrace=False,
            )


def instead(boundary: Boundary, trace: Trace, functions: Functions) -> str:
    """What to do where no trace holds the step that a function is to stand for."""
    if boundary.name == trace.name:
        return "this is the application's entry point, which the test calls itself: leave it out of patch"
    left_out = f"leave {boundary.path} out of patch, and it runs for real"
    if any(span.name == boundary.name for span in trace.spans):
        return f"a span of this name is there, but does not say what the function got and gave: {left_out}"
    named = functions.calls | functions.groups
    return f"name one of them, or {left_out}" if named else f"production recorded none: {left_out}"


def handle_of(item: pytest.Item) -> Any:
    """The handle of an item's trace, or None."""
    callspec = getattr(item, "callspec", None)
    if callspec is None:
        return getattr(item, "llm_handle", None)
    return next((callspec.params[name] for name in PARAMETERS if name in callspec.params), None)


def not_for_replay(item: pytest.Item) -> None:
    """Leave a test alone that does not replay. Fails for one that means to and cannot."""
    __tracebackhide__ = True
    if isinstance(item, TestCaseFunction) and item.get_closest_marker("llm_replay"):
        pytest.fail(UNITTEST, pytrace=False)
    leave_patches()


def leave_patches() -> None:
    """Take the patches out for a test that does not replay, so that its HTTP is its own."""
    import sys

    arrival.forget()
    if "pytest_llmreplay.replay.cassette" in sys.modules:
        from pytest_llmreplay.replay.cassette import patches

        patches.remove()


def end(item: pytest.Item) -> None:
    """End the replay of an item. Raises Diverged for what only the tear-down of a fixture did."""
    case = item.stash[CASE]
    case.close()
    late = None if case.judged else case.divergence(finished=False)
    if late is not None:
        case.judged = late
        raise Diverged(late.headline)


def usable(trace: Trace, boundaries: Sequence[tuple[Boundary, Reader]]) -> tuple[Step, ...]:
    """The steps of a trace. Fails, naming each step and what it lacks, where one cannot be replayed.

    A model call inside an answered function is asked by nobody; of a function only an output that it is answered with
    must be there.
    """
    __tracebackhide__ = True
    try:
        steps = trace.steps
    except LLMReplayError as error:
        raise pytest.fail.Exception(str(error), pytrace=False) from None
    there = plan(steps, boundaries)
    lacking = [step for step in (*there.http_steps, *there.answered) if step.incomplete]
    if lacking:
        words = "".join(
            f"\n  step {step.index} of {len(steps)}, {kind_of(step.call)} {step.name}: {step.incomplete}"
            for step in lacking[:5]
        )
        more = f"\n  … and {len(lacking) - 5} more" if len(lacking) > 5 else ""
        pytest.fail(f"trace {trace.trace_id[:12]} of {trace.source} cannot be replayed{words}{more}", pytrace=False)
    return steps


def started(trace: Trace) -> int:
    """When production began the request, in nanoseconds since the epoch."""
    return min((span.start_ns for span in trace.spans if span.start_ns), default=0)
