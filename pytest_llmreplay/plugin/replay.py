"""What the fixture ``llm_replay`` gives. PYTEST_DONT_REWRITE"""

import inspect
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from pytest_llmreplay.model.call import Arguments
from pytest_llmreplay.model.evaluation import Verdict
from pytest_llmreplay.model.jsonvalue import JSON
from pytest_llmreplay.model.recording import Divergence, Recording
from pytest_llmreplay.model.trace import Step, Trace
from pytest_llmreplay.plugin.case import ActiveCase


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
        try:
            output = self._output(function, args, kwargs)
        except Exception as error:
            self._case.judgements.raised = type(error).__name__
            raise
        self._gives(output)
        return output

    def _output(self, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """What the application gives; of a session a list with what each turn gives."""
        __tracebackhide__ = True
        if self._case.by_session:
            return [self._turn(turn, function, args, kwargs) for turn in self._case.turns]
        return called(function, joined(input_of(self.trace, args, kwargs), args, kwargs))

    def check(
        self, output: Any, *, expected: JSON = None, snapshot: bool | str | Sequence[str] | None = None
    ) -> Verdict:
        """Judge an output by all evaluators of the test and of the case file, and hold it against its snapshot.

        All of them run before the test fails. ``expected`` stands in place of what the case file expects. ``snapshot``
        names what is approved: ``output``, ``trajectory``, ``prompts``, ``arguments``; True is the output, False
        nothing. Where it is not given, the output is held against a snapshot that was approved, and where there are no
        evaluators there has to be one.
        """
        __tracebackhide__ = True
        from pytest_llmreplay.plugin.judging import check

        self._gives(output)
        return check(self._case, output, expected, snapshot)

    def evaluate(self, output: Any, *evaluators: Any, expected: JSON = None) -> Verdict:
        """Judge an output by the evaluators given here, and return the judgements without failing the test.

        Reports show them. Raises UsageProblem for what is no evaluator.
        """
        from pytest_llmreplay.plugin.judging import evaluate

        self._gives(output)
        return evaluate(self._case, output, evaluators, expected)

    def _gives(self, output: Any) -> None:
        """Write down what the application gave."""
        self._case.recording.output = output
        self._case.judgements.output_given = True

    def _turn(self, turn: Trace, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """The output of one turn of a session; of one that failed in production the exception."""
        __tracebackhide__ = True
        self._case.recording.turns.append(len(self._case.recording.places))
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
