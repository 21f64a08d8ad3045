"""The figures of a run, from its cases alone. PYTEST_DONT_REWRITE

A case that was run several times counts once for each run in the rates, and with its mean in tokens, cost and latency,
so that these compare between runs of different length.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence

from pytest_llmreplay.model.evaluation import Evaluation
from pytest_llmreplay.model.result import CaseResult, ScoreTotal, Totals
from pytest_llmreplay.report.statistics import Interval, bootstrap, mean, percentile, wilson

REPEAT = re.compile(r"(-seed-?\d+)?(-run\d+)?\]$")
"""How the ids of repeats end."""


def totals(cases: Sequence[CaseResult]) -> Totals:
    """The figures over some cases."""
    outcomes = Counter(case.outcome for case in cases)
    judged = len(cases) - outcomes["skipped"]
    took = [each for runs in by_trace(cases) for each in known(map(latency, runs))]
    spent = list(known(case.spent_usd for case in cases))
    scores = list(known(case.score for case in cases))
    judged_at = [case for case in cases if case.judge_usd is not None]
    priced = [case for case in cases if case.cost_usd is not None]
    return Totals(
        cases=len(cases),
        passed=outcomes["passed"],
        diverged=outcomes["diverged"],
        failed=outcomes["failed"],
        errors=outcomes["error"],
        skipped=outcomes["skipped"],
        tolerated=outcomes["tolerated"],
        pass_rate=outcomes["passed"] / judged if judged else None,
        pass_interval=pass_interval(cases) if varies(cases) else None,
        stages=dict(Counter(case.stage for case in cases if case.stage)),
        tokens_in=round(per_run(cases, lambda case: case.tokens_in)),
        tokens_out=round(per_run(cases, lambda case: case.tokens_out)),
        cost_usd=per_run(priced, lambda case: case.cost_usd) if priced else None,
        unpriced=sum(case.cost_usd is None and bool(case.asked or case.live) for case in cases),
        spent_usd=sum(spent) if spent else None,
        judge_usd=per_run(judged_at, lambda case: case.judge_usd) if judged_at else None,
        judge_unpriced=sum(case.judge_usd is None and case.judge_calls > 0 for case in cases),
        latency_p50=percentile(took, 50) if took else None,
        latency_p95=percentile(took, 95) if took else None,
        scores={name: score_total(found) for name, found in sorted(evaluations(cases).items())},
        score=mean(scores) if scores else None,
    )


def latency(case: CaseResult) -> float | None:
    """Seconds of a case: of a live one as measured, else as recorded."""
    return case.seconds if case.mode in ("live", "record") else case.recorded_seconds


def by_trace(cases: Iterable[CaseResult]) -> list[list[CaseResult]]:
    """The runs of each case: equal but for the run and the seed."""
    groups: defaultdict[tuple[str, str], list[CaseResult]] = defaultdict(list)
    for case in cases:
        groups[base(case), case.trace_id].append(case)
    return list(groups.values())


def base(case: CaseResult) -> str:
    """A case's node id without its run and seed."""
    return REPEAT.sub("]", case.case)


def per_run(cases: Iterable[CaseResult], figure: Callable[[CaseResult], float | None]) -> float:
    """The sum of a figure over all cases, each with the mean of its runs."""
    return sum(mean(found) for runs in by_trace(cases) if (found := list(known(map(figure, runs)))))


def known(values: Iterable[float | None]) -> Iterable[float]:
    """Those that are known."""
    return (value for value in values if value is not None)


def evaluations(cases: Iterable[CaseResult]) -> dict[str, list[Evaluation]]:
    """All judgements by the evaluator's name."""
    found: defaultdict[str, list[Evaluation]] = defaultdict(list)
    for case in cases:
        for each in case.evaluations:
            found[each.name].append(each)
    return found


def score_total(found: Sequence[Evaluation]) -> ScoreTotal:
    """One evaluator's figures."""
    kinds = Counter(each.judgement for each in found)
    scores = list(known(each.score for each in found))
    return ScoreTotal(
        mean=mean(scores) if scores else None,
        judged=len(scores),
        passed=kinds["passed"],
        failed=kinds["failed"],
        skipped=kinds["skipped"],
        errors=kinds["error"],
        unit=next((each.unit for each in found if each.unit), ""),
    )


def varies(cases: Sequence[CaseResult]) -> bool:
    """Whether another run could give other figures: live calls, or several seeds. A replay cannot."""
    return any(case.mode in ("live", "record") and case.live for case in cases) or any(
        base(case) != case.case for case in cases
    )


def pass_interval(cases: Sequence[CaseResult]) -> Interval:
    """The 95 % interval of the pass rate: Wilson's over runs or the bootstrap over traces, whichever is wider.

    Runs of one trace are not independent, so that Wilson's alone would promise too much; the bootstrap alone would
    promise certainty where all passed.
    """
    judged = [case for case in cases if case.outcome != "skipped"]
    if not judged:
        return 0.0, 1.0
    passed = [[float(case.outcome == "passed") for case in runs] for runs in by_trace(judged)]
    low, high = wilson(sum(case.outcome == "passed" for case in judged), len(judged))
    least, most = bootstrap(passed, mean)
    return min(low, least), max(high, most)


def intervals(cases: Sequence[CaseResult]) -> Mapping[str, Interval]:
    """95 % intervals of the figures that a gate may limit, by its name; empty where another run gives the same."""
    if not varies(cases):
        return {}
    found: dict[str, Interval] = {"pass_rate": pass_interval(cases)}
    groups = by_trace(cases)
    sums: Mapping[str, Callable[[CaseResult], float | None]] = {
        "cost": lambda case: case.cost_usd,
        "judge_cost": lambda case: case.judge_usd,
        "tokens": lambda case: (case.tokens_in or 0) + (case.tokens_out or 0),
        "tokens.in": lambda case: case.tokens_in,
        "tokens.out": lambda case: case.tokens_out,
    }
    for name, figure in sums.items():
        means = [[mean(values)] for runs in groups if (values := list(known(map(figure, runs))))]
        if means:
            found[name] = bootstrap(means, sum)
    spread: dict[str, tuple[list[list[float]], Callable[[Sequence[float]], float]]] = {
        "score": ([list(known(case.score for case in runs)) for runs in groups], mean),
        "latency.p50": ([list(known(map(latency, runs))) for runs in groups], lambda values: percentile(values, 50)),
        "latency.p95": ([list(known(map(latency, runs))) for runs in groups], lambda values: percentile(values, 95)),
    }
    for name in evaluations(cases):
        scores = [list(known(e.score for case in runs for e in case.evaluations if e.name == name)) for runs in groups]
        spread[f"score.{name}"] = (scores, mean)
    for name, (lists, statistic) in spread.items():
        if full := [each for each in lists if each]:
            found[name] = bootstrap(full, statistic)
    return found
