"""What a run is expected to ask of a trace, given which functions are boundaries. PYTEST_DONT_REWRITE"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from pytest_llmreplay.model.call import Call
from pytest_llmreplay.model.trace import Step
from pytest_llmreplay.replay.boundaries import Boundary

Reader = Callable[[Call], Call]
"""Gives a recorded call its arguments by name, as the function takes them today."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The steps that count."""

    http_steps: tuple[Step, ...]
    """Model calls and plain requests that are not inside an answered function."""
    functions: Mapping[str, tuple[Step, ...]]
    """Steps of each boundary, by its path."""
    expected: tuple[Step, ...]
    """All that the run has to ask for, in recorded order."""
    answered: tuple[Step, ...] = ()
    """Steps of functions that are answered from the trace."""
    inside: Mapping[int, int] = field(default_factory=dict)
    """Of each step that belongs to an answered function, the number of that function's."""


def plan(steps: Sequence[Step], boundaries: Sequence[tuple[Boundary, Reader]]) -> Plan:
    """What a run is expected to ask. What was recorded inside an answered function belongs to it."""
    functions: dict[str, tuple[Step, ...]] = {}
    answered: dict[str, int] = {}
    for boundary, read in boundaries:
        mine = [step for step in steps if not step.asked_by_http and boundary.name in step.names]
        functions[boundary.path] = tuple(replace(step, call=read(step.call)) for step in mine)
        answered |= {step.span_id: step.index for step in mine if boundary.answers(step.call.kind)}
    inside = {step.index: answered[span] for step in steps for span in reversed(step.inside) if span in answered}
    own = [step for step in steps if step.index not in inside]
    functions = {path: tuple(s for s in mine if s.index not in inside) for path, mine in functions.items()}
    http_steps = tuple(step for step in own if step.asked_by_http)
    from_trace = tuple(step for mine in functions.values() for step in mine if step.span_id in answered)
    expected = sorted([*http_steps, *(s for mine in functions.values() for s in mine)], key=lambda step: step.index)
    return Plan(http_steps, functions, tuple(expected), from_trace, inside)
