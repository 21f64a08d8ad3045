"""The figures of one case, as reports read them. PYTEST_DONT_REWRITE"""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from pytest_llmreplay.compare.divergence import changed
from pytest_llmreplay.evaluate import cost
from pytest_llmreplay.evaluate.context import Exchange, duration, exchange
from pytest_llmreplay.evaluate.values import as_text, simple
from pytest_llmreplay.model.evaluation import Verdict
from pytest_llmreplay.model.result import CaseResult, Outcome, StepResult
from pytest_llmreplay.model.trace import HTTP_KINDS, MODEL_KINDS
from pytest_llmreplay.plugin.case import ActiveCase
from pytest_llmreplay.plugin.command import command
from pytest_llmreplay.report.divergence import KINDS
from pytest_llmreplay.report.steps import step_results
from pytest_llmreplay.report.text import safe

MOST_OUTPUT = 20_000
"""Characters of an output that a report keeps."""


def result(item: pytest.Item, case: ActiveCase, report: pytest.TestReport) -> CaseResult:
    """The figures of a case. What only a written report needs is told where one is wanted."""
    touched = case.engaged or bool(case.recording.matches)
    steps = case.trace.steps if touched else ()
    matches = case.recording.matches
    answered = [match for match in matches if match.verdict in ("same", "drift")]
    exchanges = [each for match in matches if (each := exchange(match)) is not None]
    detailed = bool(case.settings.reports)
    costs = costs_of(exchanges)
    judged, judging = case.judged, judge_calls(case)
    return CaseResult(
        trace_id=case.trace.trace_id,
        steps=len(steps),
        asked=sum(match.call.kind in MODEL_KINDS for match in answered),
        live=sum(match.verdict in ("live", "forked") and match.call.kind in MODEL_KINDS for match in matches),
        synthetic=sum(match.verdict == "synthetic" for match in matches),
        unpinned=sorted(case.recording.unpinned),
        ambiguities=list(case.recording.ambiguities),
        requests=sum(match.call.kind == "http" for match in answered),
        functions=sum(match.call.kind not in HTTP_KINDS for match in answered),
        diverged=judged.headline if judged else None,
        failed=report.failed and judged is None,
        drifts=[changed(match, steps).headline for match in matches if match.verdict in ("drift", "forked")],
        kinds=dict(Counter(KINDS.get(step.call.kind, step.call.kind) for step in steps)),
        case=item.nodeid,
        outcome=outcome(case, report),
        message=message(case, report),
        stage=judged.stage if judged else None,
        step=judged.step.index if judged and judged.step else None,
        cause=judged.cause if judged else None,
        again=again(item, case),
        request_id=case.trace.request_id if touched else None,
        session_id=case.trace.session_id if touched else None,
        source=case.trace.source,
        recorded_at=recorded_at(case) if touched else None,
        recorded_status=case.trace.status if touched else "unset",
        mode=case.settings.mode,
        seed=case.handle.seed if case.handle else 0,
        run=case.handle.run if case.handle else 0,
        evaluations=case.judgements.evaluations,
        score=Verdict(evaluations=case.judgements.evaluations).score,
        tokens_in=tokens(exchanges, "input"),
        tokens_out=tokens(exchanges, "output"),
        cost_usd=costs.usd if costs.calls else None,
        spent_usd=cost_of_live(exchanges),
        judge_calls=len(judging),
        judge_usd=costs_of(judging).usd if judging else None,
        recorded_seconds=duration(case.trace) if touched else None,
        seconds=report.duration,
        output=as_text(simple(case.recording.output))[:MOST_OUTPUT] if detailed else "",
        recorded_output=as_text(case.trace.output)[:MOST_OUTPUT] if detailed else "",
        details=priced(step_results(case.trace, case.recording, judged, case.inside, case.functions), exchanges)
        if detailed
        else (),
        losses=[str(each) for each in case.trace.fidelity] if detailed else (),
    )


def costs_of(exchanges: list[Exchange]) -> cost.Total:
    """What all model calls cost together; nothing is known without a price table."""
    return cost.total(exchanges) if cost.installed() else cost.Total(None)


def judge_calls(case: ActiveCase) -> list[Exchange]:
    """The model calls of its evaluators that were answered: recorded ones, and new ones."""
    recorded = [each for session in case.judgements.sessions for each in session.replayed]
    new = [(call, answer) for session in case.judgements.sessions for call, answer, _ in session.kept]
    return [Exchange(call, answer, recorded=False) for call, answer in (*recorded, *new)]


def cost_of_live(exchanges: list[Exchange]) -> float | None:
    """What this run itself cost; None where it asked no provider, or a price is not known."""
    live = [each for each in exchanges if each.asks_a_model and not each.recorded and each.seconds is not None]
    return costs_of(live).usd if live else None


def priced(details: tuple[StepResult, ...], exchanges: list[Exchange]) -> tuple[StepResult, ...]:
    """The steps with what each cost."""
    if not cost.installed():
        return details
    of_step = {each.step.index: cost.price(each) for each in exchanges if each.step is not None}
    beside = iter([cost.price(each) for each in exchanges if each.step is None])
    found = [of_step.get(each.index) if each.index else next(beside, None) for each in details]
    return tuple(replace(each, cost_usd=paid.usd if paid else None) for each, paid in zip(details, found, strict=True))


def again(item: pytest.Item, case: ActiveCase) -> str:
    """The command that runs the case alone, up to the step that diverged."""
    step = case.judged.step if case.judged else None
    return command(item, case.trace.trace_id) + (f" --llm-until={step.index}" if step else "")


def outcome(case: ActiveCase, report: pytest.TestReport) -> Outcome:
    """What became of a case."""
    if case.judged is not None:
        return "diverged"
    if report.failed:
        return "failed" if report.when == "call" else "error"
    return "skipped" if report.skipped else "passed"


def message(case: ActiveCase, report: pytest.TestReport) -> str:
    """Why a case did not pass, in a line."""
    if case.judged is not None:
        return safe(case.judged.headline)
    if not report.failed:
        return ""
    crash = getattr(report.longrepr, "reprcrash", None)
    told = str(crash.message if crash is not None else report.longreprtext)
    return safe(next((line for line in told.splitlines() if line.strip()), ""))


def recorded_at(case: ActiveCase) -> str | None:
    """When production began, as ISO 8601 in UTC."""
    begin = case.trace.spans[0].start_ns if case.trace.spans else 0
    return datetime.fromtimestamp(begin / 1e9, UTC).isoformat(timespec="seconds") if begin else None


def tokens(exchanges: list[Exchange], side: str) -> int | None:
    """The tokens of all model calls; None where no call has a count."""
    counts = [getattr(each.answer.usage, side, None) for each in exchanges if each.asks_a_model]
    known = [count for count in counts if count is not None]
    return sum(known) if known else None


def properties(found: CaseResult) -> list[tuple[str, object]]:
    """What JUnit and other reports of pytest get of a case."""
    out: list[tuple[str, object]] = []
    figures = {"tokens_in": found.tokens_in, "tokens_out": found.tokens_out, "cost_usd": found.cost_usd}
    out += [(f"llm.{name}", value) for name, value in figures.items() if value is not None]
    for each in found.evaluations:
        value = each.label if each.score is None else each.score
        out.append((f"llm.score.{each.name}", value if value is not None else each.judgement))
    return out
