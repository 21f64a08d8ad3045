"""The figures of a run beside the baseline and the limits, as lines of a terminal. PYTEST_DONT_REWRITE"""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest

from pytest_llmreplay.model.result import GateResult, RunReport
from pytest_llmreplay.report.kpis import kpis, score_name
from pytest_llmreplay.report.summary import plural
from pytest_llmreplay.report.text import safe, shortened
from pytest_llmreplay.report.totals import base

HEAD = ("kpi", "baseline", "now", "change", "limit", "")
SIGN = re.compile("(?=[<>])")
"""Where a limit begins, behind the figure's name, which may hold spaces."""
WORDS = {"ok": "ok", "failed": "FAILED", "unclear": "unclear", "skipped": "skipped"}


def kpi_lines(report: RunReport) -> Iterator[str]:
    """A table where there is a baseline or a gate; nothing otherwise."""
    if report.comparison is None and not report.gates:
        return
    gates = list(report.gates)
    rows: list[Sequence[str]] = []
    for each in kpis(report):
        mine = [gate for gate in gates if title(gate) == each.name]
        gates = [gate for gate in gates if gate not in mine]
        first = [each.name, each.baseline, each.shown, each.change]
        rows += [[*(first if number == 0 else [""] * 4), *limit(gate)] for number, gate in enumerate(mine)] or [
            [*first, "", ""]
        ]
    rows += [[title(gate), gate.baseline, gate.now, gate.change, *limit(gate)] for gate in gates]
    yield from aligned([HEAD, *rows])
    if report.comparison is not None:
        if stopped := report.totals.diverged:
            cases = plural(stopped, "case")
            yield f"{cases} diverged: cost and tokens are of what was asked until then"
        named = " ".join(filter(None, (report.comparison.commit, report.comparison.created[:10])))
        yield safe(f"baseline {report.comparison.path} ({named})")
        yield from (f"  {safe(note)}" for note in report.comparison.notes)
        yield from (f"  {safe(line)}" for line in test_lines(report.comparison.tests))


def test_lines(tests: Mapping[str, float]) -> Iterator[str]:
    """How likely chance alone moves so many cases one way: ``change of verdicts: p = 0.031 (McNemar, exact)``."""
    for name, value in tests.items():
        figure = "verdicts" if name == "mcnemar" else name.removeprefix("sign ")
        how = "McNemar, exact" if name == "mcnemar" else "sign test"
        yield f"change of {figure}: {f'p = {value:.3f}' if value >= 0.001 else 'p < 0.001'} ({how})"


def title(gate: GateResult) -> str:
    """The name that the table has for a gate's figure."""
    name = SIGN.split(gate.gate, maxsplit=1)[0].strip()
    return (
        score_name(name.removeprefix("score."))
        if name.startswith("score.")
        else name.replace("_", " ").replace(".", " ")
    )


def limit(gate: GateResult) -> tuple[str, str]:
    """What a gate allows, and what became of it."""
    allowed = gate.gate[len(SIGN.split(gate.gate, maxsplit=1)[0]) :]
    return allowed, WORDS[gate.state] + (f"   {shortened(gate.reason, 60)}" if gate.reason else "")


def aligned(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Rows with columns of equal width."""
    widths = [max(map(len, column)) for column in zip_longest(*rows, fillvalue="")]
    for row in rows:
        yield "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()


def change_lines(report: RunReport, limit: int | None) -> Iterator[str]:
    """What is otherwise than in the baseline, worst first."""
    changes = report.comparison.changes if report.comparison else ()
    why = {base(case): case.message for case in report.cases if case.outcome == "failed"}
    for each in changes[:limit]:
        reason = f": {why[each.case]}" if each.now == "failed" and each.case in why else ""
        moved = " -> ".join(filter(None, (each.before, each.now))) + reason
        yield safe(f"{each.change}: {each.case}  {shortened(moved)}")
    if limit is not None and len(changes) > limit:
        yield f"… and {len(changes) - limit} more (-v)"
