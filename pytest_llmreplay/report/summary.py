"""The section at the end of a run. PYTEST_DONT_REWRITE"""

from collections import Counter
from collections.abc import Iterator, Sequence

from pytest_llmreplay.model.recording import CaseResult
from pytest_llmreplay.report.text import safe

MOST_PROBLEMS = 10
"""Records that are named one by one, if not asked for more."""


def summary_lines(
    results: Sequence[CaseResult], problems: Sequence[str], repaired: int, raised: str | None, verbose: bool
) -> Iterator[str]:
    """Counts of traces and steps, what drifted, what could not be read, and why the exit status was raised."""
    if results:
        yield counts(results)
        kinds: Counter[str] = Counter()
        for result in results:
            kinds.update(result.kinds)
        told = ", ".join(f"{count} {kind}" for kind, count in kinds.most_common())
        yield f"{plural(sum(result.asked for result in results), 'model call')} answered, 0 live; recorded steps: {told or 'none'}"
    drifted = [result for result in results if result.drifts]
    if drifted:
        yield f"{plural(sum(result.drifts for result in drifted), 'call')} drifted in {plural(len(drifted), 'trace')} and got the recorded answer (--llm-drift=serve)"
    if problems:
        dropped = len(problems) - repaired
        words = [f"{plural(dropped, 'record')} not read"] * bool(dropped) + [f"{plural(repaired, 'record')} repaired"] * bool(repaired)
        yield ", ".join(words) + ":"
        limit = len(problems) if verbose else MOST_PROBLEMS
        yield from (f"  {safe(each)}" for each in problems[:limit])
        if len(problems) > limit:
            yield f"  … and {len(problems) - limit} more (-v)"
    if raised:
        yield raised


def counts(results: Sequence[CaseResult]) -> str:
    """How many traces were replayed, and how that went."""
    diverged = sum(result.diverged is not None for result in results)
    matched = len(results) - diverged
    tail = f", {diverged} diverged" if diverged else ""
    return f"{plural(len(results), 'trace')} replayed: {matched} matched{tail}; {plural(sum(r.steps for r in results), 'step')}"


def plural(count: int, noun: str) -> str:
    """A count with its noun."""
    return f"{count:,} {noun}" + ("" if count == 1 else "s")
