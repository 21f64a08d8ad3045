"""One item's replay: begun before its fixtures, ended after them. PYTEST_DONT_REWRITE"""

import inspect
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import pytest
from _pytest.outcomes import Failed

from pytest_llmreplay.compare.divergence import first_divergence
from pytest_llmreplay.errors import LLMReplayError
from pytest_llmreplay.model.call import Arguments
from pytest_llmreplay.model.recording import Divergence, Recording
from pytest_llmreplay.model.trace import Step, Trace
from pytest_llmreplay.plugin.options import CASE, PARAMETER
from pytest_llmreplay.plugin.run import Run, for_test
from pytest_llmreplay.settings import Settings
from pytest_llmreplay.replay import active
from pytest_llmreplay.replay.session import ReplaySession


class Diverged(Failed):
    """A call that the trace does not answer, on its way out of the application. ``except Exception`` does not catch it."""

    def __init__(self, message: str) -> None:
        super().__init__(message, pytrace=False)


@dataclass(eq=False)
class ActiveCase:
    """The replay of one item."""

    trace: Trace
    session: ReplaySession
    engaged: bool
    """Whether the test means to replay, so that steps it never asks for count."""
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
        finished = finished and not self.session.stopped
        return first_divergence(self.recording, self.trace.steps, self.session.plan.expected, finished=finished)


def begin(item: pytest.Item) -> None:
    """Begin the replay of an item, if it is one. Raises Failed (an error of the set-up) for a trace that cannot be replayed."""
    __tracebackhide__ = True
    handle = handle_of(item)
    if handle is None:
        leave_patches()
        return
    run = Run.of(item.config)
    settings = for_test(run.settings, item.get_closest_marker("llm_replay"), item.path.parent)
    trace: Trace = handle.open()
    engaged = item.get_closest_marker("llm_replay") is not None or "llm_replay" in getattr(item, "fixturenames", ())
    if engaged:
        usable(trace)
    targets = run.targets(settings)
    if targets:
        known_spans(run, settings, trace)
    from pytest_llmreplay.replay.guard import guard

    run.patch()
    if settings.network == "block":
        guard.install(settings.network_allow)
    session = ReplaySession(
        lambda: usable(trace),
        signal=Diverged,
        boundaries=[(each.boundary, each.recorded) for each in targets],
        drift=settings.drift,
        ignore=settings.ignore,
        until=settings.until,
        passes=guard.allows if settings.network == "block" else lambda host: True,
    )
    case = item.stash[CASE] = ActiveCase(trace, session, engaged)
    case.closing.enter_context(active.active(session))
    if targets:
        from pytest_llmreplay.replay.functions import detoured

        case.closing.enter_context(detoured(targets))
    item.user_properties.append(("llm.trace_id", trace.trace_id))


def known_spans(run: Run, settings: Settings, trace: Trace) -> None:
    """Fail, naming what there is, where a patched function stands for a span that no trace holds."""
    __tracebackhide__ = True
    here = {name for step in trace.steps for name in step.names}
    for boundary in settings.patch:
        if boundary.name in here:
            continue
        everywhere = run.step_names(settings)
        plain = boundary.name.partition(" ")[2] or boundary.name
        if boundary.name not in everywhere and plain not in everywhere:
            there = ", ".join(sorted(everywhere)) or "none"
            pytest.fail(
                f"patch: no trace has a span {boundary.name!r} for {boundary.path}; functions in the traces: {there}",
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
    case.closing.close()
    late = None if case.judged else case.divergence(finished=False)
    if late is not None:
        case.judged = late
        raise Diverged(late.headline)


def usable(trace: Trace) -> tuple[Step, ...]:
    """The steps of a trace. Fails, naming each step and what it lacks, where one cannot be replayed."""
    __tracebackhide__ = True
    try:
        steps = trace.steps
    except LLMReplayError as error:
        raise pytest.fail.Exception(str(error), pytrace=False) from None
    lacking = [step for step in steps if step.asked_by_http and step.incomplete]
    if lacking:
        words = "".join(
            f"\n  step {step.index} of {len(steps)}, model {step.name}: {step.incomplete}" for step in lacking[:5]
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
        trace has no input, or where the function does not take it.
        """
        __tracebackhide__ = True
        recorded = self.trace.arguments
        if recorded is None and not args and not kwargs:
            pytest.fail(
                f"trace {self.trace.trace_id[:12]}: no span recorded the application's input; call the application "
                "yourself, or give llm_replay.run() the arguments",
                pytrace=False,
            )
        output = called(function, joined(recorded or Arguments(), args, kwargs))
        self._case.recording.output = output
        return output


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

        return asyncio.run(output)
    return output


def misfit(signature: inspect.Signature, arguments: Arguments) -> str | None:
    """Why a function does not take some arguments; None where it does."""
    try:
        signature.bind(*arguments.positional, **arguments.named)
    except TypeError as error:
        return str(error)
    return None
