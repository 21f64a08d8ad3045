"""The section at the end of a run. PYTEST_DONT_REWRITE"""

from collections import Counter
from collections.abc import Iterator, Sequence

from pytest_llmreplay.model.result import CaseResult
from pytest_llmreplay.report.kpis import dollars
from pytest_llmreplay.report.text import safe

MOST_LISTED = 10
"""Drifts and records that are named one by one, if not asked for more."""


def summary_lines(
    results: Sequence[CaseResult],
    problems: Sequence[str],
    repaired: int,
    verbose: bool,
    unusable: int = 0,
) -> Iterator[str]:
    """Counts of traces and steps, what drifted, and what could not be read."""
    if results:
        yield counts(results)
        kinds: Counter[str] = Counter()
        for result in results:
            kinds.update(result.kinds)
        told = ", ".join(f"{count} {kind}" for kind, count in kinds.most_common())
        functions = sum(result.functions for result in results)
        more = f" and {plural(functions, 'function call')}" if functions else ""
        if requests := sum(result.requests for result in results):
            more = f", {plural(requests, 'plain request')}{more}"
        asked = plural(sum(result.asked for result in results), "model call")
        live = sum(result.live for result in results)
        made_up = sum(result.synthetic for result in results)
        synthetic = f", {made_up} synthetic" if made_up else ""
        yield f"{asked}{more} answered, {live} live{synthetic}; recorded steps: {told or 'none'}"
        if unspent := [each.cost_usd - (each.spent_usd or 0) for each in results if each.cost_usd is not None]:
            spent = [each.spent_usd for each in results if each.spent_usd is not None]
            live_cost = f", {dollars(sum(spent))} spent on live calls" if spent else ""
            yield f"recorded cost {dollars(sum(unspent))} not spent{live_cost}"
        if unpinned := sorted({each for result in results for each in result.unpinned}):
            yield f"not pinned: {'; '.join(unpinned)}"
    if unusable:
        yield f"{plural(unusable, 'case')} could not be replayed"
    if left := [each for each in results if each.outcome == "tolerated"]:
        yield f"{plural(len(left), 'case')} tolerated, left to the gates:"
        yield from listed([f"{each.case}: {each.message}" for each in left], verbose)
    drifted = [result for result in results if result.drifts]
    if drifted:
        told_of = [f"trace {result.trace_id[:12]}: {drift}" for result in drifted for drift in result.drifts]
        yield f"{plural(len(told_of), 'call')} drifted in {plural(len(drifted), 'trace')}:"
        yield from listed(told_of, verbose)
    if unclear := [f"trace {each.trace_id[:12]}: {words}" for each in results for words in each.ambiguities]:
        yield "ambiguous:"
        yield from listed(unclear, verbose)
    if problems:
        dropped = len(problems) - repaired
        words = [f"{plural(dropped, 'record')} not read"] * bool(dropped) + [
            f"{plural(repaired, 'record')} repaired"
        ] * bool(repaired)
        yield ", ".join(words) + ":"
        yield from listed(problems, verbose)


def listed(lines: Sequence[str], verbose: bool) -> Iterator[str]:
    """Lines one by one, and how many there are beyond the first few."""
    limit = len(lines) if verbose else MOST_LISTED
    yield from (f"  {safe(each)}" for each in lines[:limit])
    if len(lines) > limit:
        yield f"  … and {len(lines) - limit} more (-v)"


def counts(results: Sequence[CaseResult]) -> str:
    """How many traces were replayed, and how that went."""
    tolerated = sum(result.outcome == "tolerated" for result in results)
    diverged = sum(result.diverged is not None and result.outcome != "tolerated" for result in results)
    failed = sum(result.failed and result.outcome != "tolerated" for result in results)
    drifted = sum(
        bool(result.drifts) and result.diverged is None and not result.failed and result.outcome != "skipped"
        for result in results
    )
    skipped = sum(result.outcome == "skipped" for result in results)
    matched = len(results) - diverged - failed - drifted - tolerated - skipped
    others = {
        "drifted": drifted,
        "diverged": diverged,
        "failed": failed,
        "tolerated": tolerated,
        "skipped": skipped,
    }
    tail = "".join(f", {count} {word}" for word, count in others.items() if count)
    traces = len({result.trace_id for result in results})
    cases = (
        plural(traces, "trace")
        if traces == len(results)
        else f"{plural(len(results), 'case')} of {plural(traces, 'trace')}"
    )
    return f"{cases} replayed: {matched} matched{tail}; {plural(sum(r.steps for r in results), 'step')}"


def plural(count: int, noun: str) -> str:
    """A count with its noun."""
    return f"{count:,} {noun}" + ("" if count == 1 else "s")
