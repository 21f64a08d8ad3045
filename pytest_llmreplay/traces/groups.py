"""Functions that hold other calls, as steps of their own where a test names them. PYTEST_DONT_REWRITE"""

from collections.abc import Iterable
from dataclasses import replace

from pytest_llmreplay.model.trace import Contents, Step, Trace
from pytest_llmreplay.traces.assemble import losses


def grouped(trace: Trace, names: Iterable[str]) -> Trace:
    """The trace with a step for each function of these names that holds other calls, before the first call inside it.

    All steps are numbered anew. Without such a function it is the trace itself. Raises TraceError where the trace
    cannot be read.
    """
    wanted = frozenset(names)
    waiting = [group for group in trace.contents.groups if not wanted.isdisjoint(group.names)]
    if not waiting:
        return trace
    steps: list[Step] = []
    for step in trace.contents.steps:
        begun = [group for group in waiting if group.span_id in step.inside]
        waiting = [group for group in waiting if group not in begun]
        steps += [*begun, step]
    contents = with_steps(trace.contents, steps)
    return Trace(trace.trace_id, trace.source, lambda: contents)


def ungrouped(contents: Contents) -> Contents:
    """What a trace holds whatever a test names: its functions that hold other calls are no steps."""
    groups = {group.span_id for group in contents.groups}
    steps = [step for step in contents.steps if step.span_id not in groups]
    return contents if len(steps) == len(contents.steps) else with_steps(contents, steps)


def with_steps(contents: Contents, steps: Iterable[Step]) -> Contents:
    """Contents with these steps, numbered in their order, and with what they lack."""
    numbered = tuple(replace(step, index=index) for index, step in enumerate(steps, 1))
    return replace(contents, steps=numbered, fidelity=tuple(loss for step in numbered for loss in losses(step)))
