"""Functions as a test names them: those that hold other calls, and what it calls the others. PYTEST_DONT_REWRITE"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from pytest_llmreplay.model.call import Kind
from pytest_llmreplay.model.trace import Contents, Step, Trace
from pytest_llmreplay.traces.assemble import losses

KINDS: Final[Mapping[str, Kind]] = {"retriever": "retrieval", "tool": "tool"}
"""What a word before a function's name says that it is."""


def grouped(trace: Trace, names: Iterable[str]) -> Trace:
    """The trace with a step for each function of these names that holds other calls, before the first call inside it.

    All steps are numbered anew. A function whose name has ``retriever`` or ``tool`` before it is that, where no step
    is called so in the trace. Without such functions it is the trace itself. Raises TraceError where the trace cannot
    be read.
    """
    recorded = trace.contents
    wanted = frozenset(names)
    kinds = kinds_by_word(wanted, (*recorded.steps, *recorded.groups))
    waiting = [
        of_kind(group, kinds) for group in recorded.groups if not (wanted | kinds.keys()).isdisjoint(group.names)
    ]
    told = [of_kind(step, kinds) for step in recorded.steps]
    if not waiting and all(new is old for new, old in zip(told, recorded.steps, strict=True)):
        return trace
    steps: list[Step] = []
    for step in told:
        begun = [group for group in waiting if group.span_id in step.inside]
        waiting = [group for group in waiting if group not in begun]
        steps += [*begun, step]
    contents = with_steps(recorded, steps)
    return Trace(trace.trace_id, trace.source, lambda: contents)


def kinds_by_word(wanted: Iterable[str], steps: Sequence[Step]) -> dict[str, Kind]:
    """The kind that a test gives a function, by its name: of ``retriever find_notes`` where no step has that name."""
    told = {name for step in steps for name in step.names}
    words = (name.partition(" ") for name in wanted if name not in told)
    return {name: KINDS[word] for word, _, name in words if word in KINDS}


def plain_name(name: str) -> str:
    """A function's name without the word that says what it is."""
    word, _, rest = name.partition(" ")
    return rest if word in KINDS else name


def of_kind(step: Step, kinds: Mapping[str, Kind]) -> Step:
    """A function as what a test says that it is; any other step as it is."""
    kind = None if step.asked_by_http else next((kinds[name] for name in step.names if name in kinds), None)
    return step if kind in (None, step.call.kind) else replace(step, call=replace(step.call, kind=kind))


def ungrouped(contents: Contents) -> Contents:
    """What a trace holds whatever a test names: its functions that hold other calls are no steps."""
    groups = {group.span_id for group in contents.groups}
    steps = [step for step in contents.steps if step.span_id not in groups]
    return contents if len(steps) == len(contents.steps) else with_steps(contents, steps)


def with_steps(contents: Contents, steps: Iterable[Step]) -> Contents:
    """Contents with these steps, numbered in their order, and with what they lack."""
    numbered = tuple(replace(step, index=index) for index, step in enumerate(steps, 1))
    return replace(contents, steps=numbered, fidelity=tuple(loss for step in numbered for loss in losses(step)))
