"""The report for a pull request: verdict, figures, what fails and why, as GitHub's Markdown. PYTEST_DONT_REWRITE

Nothing of a trace is Markdown here: what comes from outside stands in a code span or in a fenced block, with what a
log would obey broken up.
"""

import json
import re
from collections.abc import Iterator, Sequence

from pytest_llmreplay.model.evaluation import Evaluation
from pytest_llmreplay.model.result import CaseResult, GateResult, RunReport, StepResult
from pytest_llmreplay.report.headline import counted, failing, headline, newly_failing, succeeded
from pytest_llmreplay.report.kpis import FIGURES, Kpi, kpis
from pytest_llmreplay.report.repeats import percent
from pytest_llmreplay.report.summary import plural
from pytest_llmreplay.report.text import line_diff, safe, shortened, shown

MOST_BYTES = 60_000
"""GitHub takes 65,536 characters of a comment."""
MOST_LINES = 40
"""Lines of one diff."""
MOST_LISTED = 20
"""Gates, evaluators and notes that are named."""
HARD = re.compile(r"[`|\\]|\A\s|\s\Z")
"""What a code span in a table would not show as it is."""
MARKED = re.compile(r"[^\w\s.,%/=+-]|_")
"""What Markdown or HTML could take for more than a character."""


class MarkdownReport:
    """``md:PATH``."""

    name = "md"

    def render(self, report: RunReport) -> str:
        """The report as Markdown of at most 60 kB; cases that have no room are counted."""
        text = "\n\n".join(head(report))
        cases = failing(report)
        newly = newly_failing(report)
        tail = "\n\n".join(foot(report))
        for place, each in enumerate(cases):
            block = "\n\n".join(case_blocks(each, newly if report.comparison else None))
            if size(text) + size(block) + size(tail) > MOST_BYTES - 200:
                text += f"\n\n… and {len(cases) - place:,} more that fail; the JSON and HTML reports hold them all."
                break
            text += "\n\n" + block
        return "\n\n".join(each for each in (text, tail) if each) + "\n"


def size(text: str) -> int:
    """Bytes of a text as UTF-8."""
    return len(text.encode("utf-8"))


def head(report: RunReport) -> Iterator[str]:
    """Verdict, figures and gates."""
    yield f"## llm replay {'passed' if succeeded(report) else 'FAILED'}: {headline(report)}"
    yield f"{counted(report)}; mode {code(report.mode)}" + (f", commit {code(report.commit)}" if report.commit else "")
    if report.exit_reason:
        yield code(report.exit_reason)
    found = kpis(report)
    if found:
        own = {name for name, _, _ in FIGURES}
        rows = [(each.name if each.name in own else code(each.name), each.baseline, now(each, report), each.change)
                for each in found[:MOST_LISTED]]  # fmt: skip
        yield table(("KPI", "baseline", "now", "change"), rows)
    if report.gates:
        yield table(
            ("gate", "", "baseline", "now", "change", ""), [gate_row(each) for each in report.gates[:MOST_LISTED]]
        )
    if report.comparison:
        against = report.comparison
        commit = f", commit {code(against.commit)}" if against.commit else ""
        yield f"baseline {code(against.path)}{commit}, {code(against.created)}"


def now(kpi: Kpi, report: RunReport) -> str:
    """A figure of this run; a rate of several runs with its interval."""
    interval = report.totals.pass_interval
    return f"{kpi.shown} ({percent(interval)})" if interval and kpi.name == "pass rate" else kpi.shown


def gate_row(gate: GateResult) -> tuple[str, ...]:
    """A gate's row; what does not hold is bold."""
    state = gate.state if gate.state in ("ok", "skipped") else f"**{gate.state}**"
    return (
        code(gate.gate),
        state,
        *(code(each) if each else "" for each in (gate.baseline, gate.now, gate.change, gate.reason)),
    )


def case_blocks(case: CaseResult, newly: frozenset[str] | None) -> Iterator[str]:
    """What fails in a case: the first divergence with its diff, and the evaluators."""
    state = "" if newly is None else "newly " if case.case in newly else "still "
    again = f" (run {case.run})" if case.run else ""
    yield f"### {state}{case.outcome}: {code(case.case or case.trace_id)}{again}"
    lines = [code(case.message or case.diverged or "")] if case.message or case.diverged else []
    lines += [f"stage {code(case.stage)}"] if case.stage else []
    lines += [f"likely cause: {code(case.cause)}"] if case.cause else []
    if lines:
        yield "; ".join(lines)
    if first := first_divergence(case):
        yield fenced(difference_lines(first), "diff")
    yield from evaluator_block(case.evaluations)
    if case.again:
        yield f"again: {code(case.again, 400)}"


def first_divergence(case: CaseResult) -> StepResult | None:
    """The step that diverged first, if it is known what differs."""
    of_it = (each for each in case.details if each.index == case.step and each.differences)
    return next(of_it, next((each for each in case.details if each.state == "diverged" and each.differences), None))


def difference_lines(step: StepResult) -> Iterator[str]:
    """A diff of each difference below its path."""
    for each in step.differences:
        yield f"@@ {shortened(each.path)} @@"
        if each.recorded is None or each.live is None:
            sign, value = ("+", each.live) if each.recorded is None else ("-", each.recorded)
            yield from (f"{sign} {shortened(line)}" for line in (value or "").split("\n"))
        else:
            old, new = spread(each.recorded), spread(each.live)
            yield from line_diff(old, new) if old != new else line_diff(each.recorded, each.live)


def spread(text: str) -> str:
    """A JSON list or object on several lines; another text as it is."""
    if not text.startswith(("[", "{")) or "\n" in text:
        return text
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return text
    items = value if isinstance(value, list) else [f"{name}: {shown(item)}" for name, item in value.items()]
    return "\n".join(map(shown, items))


def evaluator_block(evaluations: Sequence[Evaluation]) -> Iterator[str]:
    """The evaluators that fail, with their reasons."""
    bad = sorted((each for each in evaluations if each.fails), key=lambda each: each.judgement, reverse=True)
    rows = [(code(each.name), each.judgement, value(each), code(each.need) if each.need else "", reason(each))
            for each in bad[:MOST_LISTED]]  # fmt: skip
    if rows:
        yield table(("evaluator", "", "score", "need", "why"), rows)


def value(evaluation: Evaluation) -> str:
    """A score or a label, beside the recorded one."""
    now = code(evaluation.label) if evaluation.label else "" if evaluation.score is None else f"{evaluation.score:.2f}"
    return now + ("" if evaluation.recorded is None else f" (recorded {evaluation.recorded:.2f})")


def reason(evaluation: Evaluation) -> str:
    """Why, and at which place."""
    where = ", ".join(code(each.path) for each in evaluation.evidence[:3])
    why = code(evaluation.reason, 300) if evaluation.reason else ""
    return f"{why} at {where}" if where else why


def foot(report: RunReport) -> Iterator[str]:
    """What else changed, and what was not read."""
    if report.comparison:
        changes = report.comparison.changes
        told = []
        for kind in ("newly passing", "new", "vanished"):
            names = [code(each.case) for each in changes if each.change == kind]
            if names:
                told.append(f"- {kind}: {listed(names)}")
        told += [f"- {code(each)}" for each in report.comparison.notes[:MOST_LISTED]]
        if told:
            yield "\n".join(told)
    if left := [each for each in report.cases if each.outcome == "tolerated"]:
        yield "\n".join(
            [f"{plural(len(left), 'case')} tolerated, left to the gates:", ""]
            + [f"- {code(each.case)}: {code(each.message)}" for each in left[:MOST_LISTED]]
            + [f"- and {len(left) - MOST_LISTED:,} more"] * (len(left) > MOST_LISTED)
        )
    if report.problems:
        yield f"{plural(len(report.problems), 'record')} not read as they are:"
        yield fenced([shortened(each, 200) for each in report.problems[:MOST_LISTED]])
    versions = ", ".join(
        f"{code(name)} {code(version)}" for name, version in list(report.versions.items())[:MOST_LISTED]
    )
    yield f"<sub>{versions}; {code(report.created)}</sub>"


def listed(names: Sequence[str]) -> str:
    """The first few, and how many more there are."""
    more = f" and {len(names) - 5:,} more" if len(names) > 5 else ""
    return ", ".join(names[:5]) + more


def table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table; cells are Markdown already."""
    return "\n".join(f"| {' | '.join(each)} |" for each in (titles, ["---"] * len(titles), *rows))


def code(text: str, width: int = 160) -> str:
    """A text as code in which every character stands for itself, in the cell of a table, too."""
    line = shortened(text, width)
    if not line or HARD.search(line):
        return f"<code>{MARKED.sub(lambda found: f'&#{ord(found[0])};', line)}</code>"
    return f"`{line}`"


def fenced(lines: Iterator[str] | Sequence[str], language: str = "") -> str:
    """A fenced block that its content cannot close."""
    kept = [safe(each) for each in lines]
    if len(kept) > MOST_LINES:
        kept = [*kept[:MOST_LINES], f"… {len(kept) - MOST_LINES} more lines"]
    fence = "`" * max(3, 1 + max((len(run) for each in kept for run in re.findall("`+", each)), default=0))
    return "\n".join([f"{fence}{language}", *kept, fence])
