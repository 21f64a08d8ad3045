"""What the page reads: the run as JSON, and each case packed, for it is opened one by one. PYTEST_DONT_REWRITE"""

import zlib
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from pytest_llmreplay.model.result import CaseResult, RunReport, StepResult
from pytest_llmreplay.report.headline import counted, headline, newly_failing, succeeded
from pytest_llmreplay.report.json import encoded, plain
from pytest_llmreplay.report.kpis import kpis

MOST_CHANGES = 200
MOST_PROBLEMS = 200
MOST_SEARCHED = 500
"""Characters of one id, name or reason that the list knows; the case itself has all."""
ANSWERED = frozenset({"same", "drifted", "follows", "live", "synthetic"})
LEVEL = 6
"""Of zlib: the best takes three times as long and saves nothing."""


@dataclass(slots=True)
class StepCost:
    """What the steps of one name cost in all cases."""

    kind: str
    name: str
    calls: int = 0
    cost_usd: float | None = None
    tokens_in: int = 0
    tokens_out: int = 0


def run_island(report: RunReport) -> str:
    """All but the cases' contents as JSON that no HTML parser takes for an end of its element."""
    against = report.comparison
    cut = replace(
        report,
        cases=(),
        problems=report.problems[:MOST_PROBLEMS],
        comparison=against and replace(against, changes=against.changes[:MOST_CHANGES]),
    )
    newly = newly_failing(report)
    more = {
        "headline": headline(report),
        "counted": counted(report),
        "succeeded": succeeded(report),
        "kpis": [
            {**plain(each), "shown": each.shown, "baseline": each.baseline, "change": each.change}
            for each in kpis(report)
        ],
        "costs": plain(costs(report)),
        "rows": [row(each, each.case in newly) for each in report.cases],
        "unlisted": {
            "changes": len(against.changes) - MOST_CHANGES if against else 0,
            "problems": len(report.problems) - MOST_PROBLEMS,
        },
    }
    return encoded({**plain(cut), **more}).replace("<", "\\u003c")


def row(case: CaseResult, newly: bool) -> dict[str, Any]:
    """What the list of cases shows, filters and searches."""
    words = [case.trace_id, case.request_id, case.session_id, case.source, case.diverged, case.stage, case.cause]
    words += [f"{each.kind} {each.name}" for each in case.details]
    words += [f"{each.name} {each.reason}" for each in case.evaluations]
    return {
        "case": case.case or case.trace_id,
        "run": case.run,
        "outcome": case.outcome,
        "message": (case.message or case.diverged or "")[:MOST_SEARCHED],
        "stage": case.stage,
        "newly": newly,
        "evaluators": {each.name: each.judgement for each in case.evaluations},
        "words": " ".join(dict.fromkeys(each[:MOST_SEARCHED] for each in words if each)),
    }


def packed_cases(report: RunReport) -> Iterator[str]:
    """Each case as JSON, deflated, in base64."""
    for each in report.cases:
        yield b64encode(zlib.compress(encoded(plain(each)).encode("utf-8"), LEVEL)).decode("ascii")


def was_answered(step: StepResult) -> bool:
    """Whether the application got an answer of this step, from the recording or from a provider."""
    return step.state in ANSWERED or step.live_answer is not None


def costs(report: RunReport) -> list[StepCost]:
    """Costs and tokens of the answers of this run by step, the dearest first; they add up to the run's own figures."""
    found: dict[tuple[str, str], StepCost] = {}
    answered = (step for case in report.cases for step in case.details if was_answered(step))
    for each in answered:
        total = found.setdefault((each.kind, each.name), StepCost(each.kind, each.name))
        total.calls += 1
        total.tokens_in += each.tokens_in or 0
        total.tokens_out += each.tokens_out or 0
        if each.cost_usd is not None:
            total.cost_usd = (total.cost_usd or 0.0) + each.cost_usd
    used = (each for each in found.values() if each.cost_usd is not None or each.tokens_in or each.tokens_out)
    return sorted(used, key=lambda each: (each.cost_usd or 0.0, each.tokens_in), reverse=True)[:30]
