"""One item's replay: begun before its fixtures, ended after them. PYTEST_DONT_REWRITE"""

import inspect
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any, Final

import pytest
from _pytest.outcomes import Failed

from pytest_llmreplay.compare.divergence import first_divergence
from pytest_llmreplay.errors import LLMReplayError
from pytest_llmreplay.model.call import Arguments
from pytest_llmreplay.model.recording import Divergence, Recording
from pytest_llmreplay.model.trace import Step, Trace
from pytest_llmreplay.plugin.collect import plan_of
from pytest_llmreplay.plugin.options import CASE, PARAMETER, UNUSABLE
from pytest_llmreplay.plugin.run import Run
from pytest_llmreplay.replay import active
from pytest_llmreplay.replay.boundaries import AUTO, Boundary
from pytest_llmreplay.replay.plan import Reader, plan
from pytest_llmreplay.replay.session import ReplaySession
from pytest_llmreplay.report.divergence import kind_of
from pytest_llmreplay.settings import Settings


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
    judged: Divergence | None = None
    """The divergence that the test's body, or a fixture, was failed for."""
    closing: ExitStack = field(default_factory=ExitStack)

    @property
    def recording(self) -> Recording:
        """What this run asked so far."""
        return self.session.recording

    def divergence(self, *, finished: bool) -> Divergence | None:
        """The first divergence so far."""
        if not self.engaged and not self.recording.matches:
            return first_divergence(self.recording, (), ())
        finished = finished and self.session.bound
        expected = self.session.expected
        in_order = self.session.in_order
        return first_divergence(self.recording, self.trace.steps, expected, finished=finished, in_order=in_order)


CURRENT: Final[list[ActiveCase]] = []
"""The replay of the item that is set up now; below it those of runs around this one, if pytest runs within pytest."""


def begin(item: pytest.Item) -> None:
    """Begin the replay of an item, if it is one.

    Raises Failed (an error of the set-up) for a trace that cannot be replayed.
    """
    __tracebackhide__ = True
    handle = handle_of(item)
    if handle is None:
        leave_patches()
        return
    run = Run.of(item.config)
    how = plan_of(item, run)
    settings = how.settings
    trace: Trace = handle.unit.open()
    targets = run.targets(settings)
    boundaries = [(each.boundary, each.recorded) for each in targets]
    if how.engaged:
        item.stash[UNUSABLE] = True
        usable(trace, boundaries)
        run.note_inside(trace)
    if targets:
        known_spans(run, settings, trace)
    from pytest_llmreplay.replay.guard import guard

    run.patch()
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
        seeded=run.seeded(settings, handle.seed) if settings.mode == "seeded" else None,
        ignore=settings.ignore,
        until=settings.until,
        passes=guard.allows if settings.network == "block" else lambda host: True,
    )
    turns = handle.unit.turns() if settings.by == "session" else (trace,)
    case = item.stash[CASE] = ActiveCase(trace, session, how.engaged, turns, by_session=settings.by == "session")
    if settings.pin:
        from pytest_llmreplay.replay.pinning import pinned

        case.closing.enter_context(pinned(settings.pin, handle.seed, started(trace)))
    case.closing.enter_context(active.active(session))
    if targets:
        from pytest_llmreplay.replay.functions import detoured

        case.closing.enter_context(detoured(targets))
    CURRENT.append(case)
    item.user_properties.append(("llm.trace_id", trace.trace_id))


def current() -> ActiveCase | None:
    """The replay of the item that is set up now."""
    return CURRENT[-1] if CURRENT else None


def known_spans(run: Run, settings: Settings, trace: Trace) -> None:
    """Fail, naming what there is, where a patched function stands for a span that no trace holds."""
    __tracebackhide__ = True
    here = {name for step in trace.steps for name in step.names}
    for boundary in settings.patch:
        if boundary.name in here or boundary.path == AUTO:
            continue
        if boundary.name not in run.span_names(settings):
            there = ", ".join(sorted(run.step_names(settings))) or "none"
            pytest.fail(
                f"patch: no trace has a span {boundary.name!r} for {boundary.path}; functions in the traces: {there} "
                "(those that hold other calls are none)",
                pytrace=False,
            )


def handle_of(item: pytest.Item) -> Any:
    """The handle of an item's trace, or None."""
    callspec = getattr(item, "callspec", None)
    return callspec.params.get(PARAMETER) if callspec is not None else getattr(item, "llm_handle", None)


def leave_patches() -> None:
    """Take the patches out for a test that does not replay, so that its HTTP is its own."""
    import sys

    if "pytest_llmreplay.replay.cassette" in sys.modules:
        from pytest_llmreplay.replay.cassette import patches

        patches.remove()


def end(item: pytest.Item) -> None:
    """End the replay of an item. Raises Diverged for what only the tear-down of a fixture did."""
    case = item.stash[CASE]
    if case in CURRENT:
        CURRENT.remove(case)
    case.closing.close()
    from pytest_llmreplay.replay.guard import guard

    guard.remove()
    late = None if case.judged else case.divergence(finished=False)
    if late is not None:
        case.judged = late
        raise Diverged(late.headline)


def usable(trace: Trace, boundaries: Sequence[tuple[Boundary, Reader]]) -> tuple[Step, ...]:
    """The steps of a trace. Fails, naming each step and what it lacks, where one cannot be replayed.

    A model call inside an answered function is asked by nobody.
    """
    __tracebackhide__ = True
    try:
        steps = trace.steps
    except LLMReplayError as error:
        raise pytest.fail.Exception(str(error), pytrace=False) from None
    lacking = [step for step in plan(steps, boundaries).http_steps if step.incomplete]
    if lacking:
        words = "".join(
            f"\n  step {step.index} of {len(steps)}, {kind_of(step.call)} {step.name}: {step.incomplete}"
            for step in lacking[:5]
        )
        more = f"\n  … and {len(lacking) - 5} more" if len(lacking) > 5 else ""
        pytest.fail(f"trace {trace.trace_id[:12]} of {trace.source} cannot be replayed{words}{more}", pytrace=False)
    return steps


class Replay:
    """The running replay of one trace: what the fixture ``llm_replay`` gives."""

    def __init__(self, case: ActiveCase) -> None:
        self._case = case

    def __repr__(self) -> str:
        return f"<replay of trace {self.trace.trace_id[:12]}>"

    @property
    def trace(self) -> Trace:
        """The trace that is replayed."""
        return self._case.trace

    @property
    def turns(self) -> tuple[Trace, ...]:
        """The traces of this item: one, or with ``by="session"`` those of the session in order."""
        return self._case.turns

    @property
    def steps(self) -> tuple[Step, ...]:
        """The recorded steps of the trace."""
        return self._case.trace.steps

    @property
    def recording(self) -> Recording:
        """What this run asked so far."""
        return self._case.recording

    @property
    def divergence(self) -> Divergence | None:
        """The first divergence so far; steps that were not asked for yet do not count."""
        return self._case.divergence(finished=False)

    def run(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Call the application with the arguments that production called it with, and return its output.

        Arguments given here go before the recorded ones: positional ones in place of all recorded positional ones,
        named ones name by name. A coroutine function is run to its end in an event loop of its own. Fails where the
        trace has no input, or where the function does not take it. With ``by="session"`` the function is called for
        each trace of the session in order, and the outputs come as a list; of a turn that failed in production, the
        exception.
        """
        __tracebackhide__ = True
        output: Any
        if self._case.by_session:
            output = [self._turn(turn, function, args, kwargs) for turn in self._case.turns]
        else:
            output = called(function, joined(input_of(self.trace, args, kwargs), args, kwargs))
        self._case.recording.output = output
        return output

    def _turn(self, turn: Trace, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """The output of one turn of a session; of one that failed in production the exception."""
        __tracebackhide__ = True
        try:
            return called(function, joined(input_of(turn, args, kwargs), args, kwargs))
        except Exception as error:
            if turn.status != "error":
                raise
            return error


def input_of(trace: Trace, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Arguments:
    """The recorded input of a trace. Fails where there is none, unless arguments are given by hand."""
    __tracebackhide__ = True
    recorded = trace.arguments
    if recorded is None and not args and not kwargs:
        pytest.fail(
            f"trace {trace.trace_id[:12]}: no span recorded the application's input; call the application yourself, "
            "or give llm_replay.run() the arguments",
            pytrace=False,
        )
    return recorded or Arguments()


def started(trace: Trace) -> int:
    """When production began the request, in nanoseconds since the epoch."""
    return min((span.start_ns for span in trace.spans if span.start_ns), default=0)


def joined(recorded: Arguments, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Arguments:
    """Recorded arguments with those given by hand in their place."""
    return Arguments(args or recorded.positional, {**recorded.named, **kwargs})


def called(function: Callable[..., Any], arguments: Arguments) -> Any:
    """The output of a function; a coroutine is run to its end."""
    __tracebackhide__ = True
    name = getattr(function, "__qualname__", repr(function))
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        signature = None
    if signature is not None and (why := misfit(signature, arguments)):
        given = ", ".join([*map(repr, arguments.positional), *arguments.named])
        pytest.fail(f"{name}{signature} does not take the recorded input ({given}): {why}", pytrace=False)
    output = function(*arguments.positional, **arguments.named)
    if inspect.iscoroutine(output):
        import asyncio

        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return asyncio.run(output)
    return output


def misfit(signature: inspect.Signature, arguments: Arguments) -> str | None:
    """Why a function does not take some arguments; None where it does."""
    try:
        signature.bind(*arguments.positional, **arguments.named)
    except TypeError as error:
        return str(error)
    return None
