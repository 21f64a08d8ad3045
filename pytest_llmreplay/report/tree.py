"""A trace as a tree: its spans with kinds, times, tokens and errors. PYTEST_DONT_REWRITE"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from pytest_llmreplay.model.call import Answer, ToolCall
from pytest_llmreplay.model.trace import Contents, Span, Step
from pytest_llmreplay.report.divergence import kind_of
from pytest_llmreplay.report.text import shown

ALIKE = 4
"""Spans alike that follow each other and are all shown; of more only the first two."""


@dataclass(frozen=True, slots=True)
class Branch:
    """One span of the tree."""

    depth: int
    number: int | None
    """Of the step; None for a span that is none."""
    kind: str
    """``model``, ``retriever``, ``tool`` …; empty for a span that is no step."""
    name: str
    start: float | None
    """Seconds since the trace began; None where it is not known."""
    seconds: float
    detail: str
    """Tokens, what came back, or the error."""
    failed: bool
    more: int = 0
    """How many spans like it follow and are not shown."""


def branches(contents: Contents, *, whole: bool = False) -> list[Branch]:
    """The tree from its root, in order of start; runs of spans alike are told by their number unless ``whole``."""
    steps = {step.span_id: step for step in contents.steps}
    began = min((span.start_ns for span in contents.spans if span.start_ns), default=0)
    depths: dict[str, int] = {}
    found = []
    for span in contents.spans:
        depths[span.span_id] = depths.get(span.parent_id or "", -1) + 1
        found.append(branch(span, steps.get(span.span_id), depths[span.span_id], began))
    return found if whole else list(gathered(found))


def branch(span: Span, step: Step | None, depth: int, began: int) -> Branch:
    """A span as a line of the tree."""
    failed = span.status == "error" or (step is not None and bool(step.answer.error or step.answer.failure))
    detail = came_back(step.answer) if step else ""
    return Branch(
        depth=depth,
        number=step.index if step else None,
        kind=kind_of(step.call) if step else "",
        name=step.name if step else span.name,
        start=(span.start_ns - began) / 1e9 if span.start_ns else None,
        seconds=max(span.end_ns - span.start_ns, 0) / 1e9,
        detail=detail or (f"ERROR {span.status_message}".strip() if failed else ""),
        failed=failed,
    )


def came_back(answer: Answer) -> str:
    """What an answer was, in a few words."""
    if answer.error is not None:
        return f"ERROR {answer.error.status} {answer.error.message}".strip()
    if answer.failure is not None:
        return f"ERROR {answer.failure.type}: {answer.failure.message}"
    words = []
    if answer.usage is not None:
        words.append(f"{number(answer.usage.input)} in, {number(answer.usage.output)} out")
    if called := [part.name for choice in answer.choices for part in choice.parts if isinstance(part, ToolCall)]:
        words.append(f"calls {', '.join(called)}")
    if answer.returned is not None:
        value = answer.returned.value
        words.append(counted(value) if isinstance(value, list) else shown(value))
    return "  ".join(words)


def counted(value: Sequence[object]) -> str:
    """How many items there are."""
    return f"{len(value)} item{'' if len(value) == 1 else 's'}"


def number(count: int | None) -> str:
    """A count, or a question mark."""
    return "?" if count is None else f"{count:,}"


def gathered(found: Sequence[Branch]) -> Iterator[Branch]:
    """Branches without those that are like the ones before: of a long run the first two, and how many more."""
    position = 0
    while position < len(found):
        end = position + 1
        while end < len(found) and alike(found[position], found[end]):
            end += 1
        run = found[position:end]
        if len(run) <= ALIKE:
            yield from run
        else:
            yield run[0]
            yield replace(run[1], more=len(run) - 2)
        position = end


def alike(one: Branch, other: Branch) -> bool:
    """Whether two branches need not both be shown."""
    same = (one.depth, one.kind, one.name) == (other.depth, other.kind, other.name)
    return same and not one.failed and not other.failed
