"""How a run went, in words. PYTEST_DONT_REWRITE"""

from pytest_llmreplay.model.result import CaseResult, RunReport
from pytest_llmreplay.report.summary import plural
from pytest_llmreplay.report.totals import base

ORDER = ("diverged", "failed", "error", "tolerated", "skipped", "passed")
"""Outcomes, the worst first."""
BAD = frozenset({"diverged", "failed", "error"})
WORDS = {"error": "not replayable"}


def succeeded(report: RunReport) -> bool:
    """Whether no case and no gate fails, and nothing else raised the exit status."""
    return not failing(report) and not failed_gates(report) and not report.exit_reason


def failing(report: RunReport) -> list[CaseResult]:
    """Cases that fail, those that newly do so first."""
    newly = newly_failing(report)
    cases = [each for each in report.cases if each.outcome in BAD]
    return sorted(cases, key=lambda each: (each.case not in newly, ORDER.index(each.outcome)))


def newly_failing(report: RunReport) -> frozenset[str]:
    """Node ids of cases that fail and passed in the baseline; of several runs those that fail."""
    changes = report.comparison.changes if report.comparison else ()
    names = {each.case for each in changes if each.change == "newly failing"}
    return frozenset(each.case for each in report.cases if each.outcome in BAD and base(each) in names)


def failed_gates(report: RunReport) -> int:
    """How many gates fail."""
    return sum(each.state == "failed" for each in report.gates)


def counted(report: RunReport) -> str:
    """``2 diverged, 1 failed, 5 passed``."""
    figures = report.totals
    counts = {
        "diverged": figures.diverged,
        "failed": figures.failed,
        "error": figures.errors,
        "tolerated": figures.tolerated,
        "skipped": figures.skipped,
        "passed": figures.passed,
    }
    return ", ".join(f"{counts[name]:,} {WORDS.get(name, name)}" for name in ORDER if counts[name]) or "no case"


def headline(report: RunReport) -> str:
    """The verdict in a few words."""
    cases, gates = len(failing(report)), failed_gates(report)
    total = plural(report.totals.cases, "case")
    parts = [f"{cases:,} of {total} fail{'s' * (cases == 1)}"] * bool(cases)
    parts += [f"{plural(gates, 'gate')} failed"] * bool(gates)
    if parts:
        return ", ".join(parts)
    if report.exit_reason:
        return "the run failed"
    if tolerated := report.totals.tolerated:
        return f"{tolerated:,} of {total} {'is' if tolerated == 1 else 'are'} tolerated, the others hold"
    held = report.totals.cases - report.totals.skipped
    if not held:
        return f"{total} skipped, none was judged" if report.totals.cases else "no case was run"
    skipped = f", {report.totals.skipped:,} skipped" if report.totals.skipped else ""
    return f"{plural(held, 'case')} hold{'s' * (held == 1)}{skipped}"
