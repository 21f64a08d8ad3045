"""Limits on the figures of a run: ``pass_rate >= 90%``, ``cost <= +5%``. PYTEST_DONT_REWRITE

A limit with a sign is a change against the baseline: in percent of it, or in the figure's own unit. A pass rate changes
in percentage points.
"""

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from pytest_llmreplay.errors import UsageProblem, nearest
from pytest_llmreplay.model.result import GateResult, Totals
from pytest_llmreplay.report.kpis import UNKNOWN, Kpi, Unit, shown, unit_of
from pytest_llmreplay.report.statistics import Interval

SHAPE = re.compile(
    r"\s*([a-z_]+(?:\.[\w .()-]*[\w)])?)\s*(>=|<=|>|<)\s*([+-]?)\s*(\$?)(\d+(?:\.\d+)?)\s*(%|ms|s|pt)?\s*"
)
SIGNS: Mapping[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}
NEXT_TO_NOTHING = 1e-9
"""A limit is not missed by what floating-point sums leave over."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of a run."""

    read: Callable[[Totals], float | None]
    unit: Unit

    @property
    def rate(self) -> bool:
        """Whether it changes in percentage points."""
        return self.unit == "rate"

    def show(self, value: float) -> str:
        """A value of it for a reader."""
        return shown(value, self.unit)


FIGURES: Mapping[str, Figure] = {
    "pass_rate": Figure(lambda totals: totals.pass_rate, "rate"),
    "cases": Figure(lambda totals: totals.cases, "count"),
    "diverged": Figure(lambda totals: totals.diverged, "count"),
    "failed": Figure(lambda totals: totals.failed, "count"),
    "errors": Figure(lambda totals: totals.errors, "count"),
    "skipped": Figure(lambda totals: totals.skipped, "count"),
    "cost": Figure(lambda totals: None if totals.unpriced else totals.cost_usd, "usd"),
    "judge_cost": Figure(lambda totals: None if totals.judge_unpriced else totals.judge_usd or 0.0, "usd"),
    "spent": Figure(lambda totals: totals.spent_usd or 0.0, "usd"),
    "tokens": Figure(lambda totals: totals.tokens_in + totals.tokens_out, "tokens"),
    "tokens.in": Figure(lambda totals: totals.tokens_in, "tokens"),
    "tokens.out": Figure(lambda totals: totals.tokens_out, "tokens"),
    "latency.p50": Figure(lambda totals: totals.latency_p50, "seconds"),
    "latency.p95": Figure(lambda totals: totals.latency_p95, "seconds"),
    "score": Figure(lambda totals: totals.score, "score"),
}


def figure(name: str) -> Figure:
    """The figure of a name; ``score.NAME`` is the mean of an evaluator. Raises UsageProblem."""
    if name in FIGURES:
        return FIGURES[name]
    if name.startswith("score."):
        title = name.removeprefix("score.")
        return Figure(lambda totals: totals.scores[title].mean if title in totals.scores else None, "score")
    known = [*FIGURES, "score.NAME"]
    raise UsageProblem(f"llm_gate: no figure is named {name!r}{nearest(name, known)} (there are {', '.join(known)})")


@dataclass(frozen=True, slots=True)
class Gate:
    """One limit."""

    text: str
    name: str
    sign: str
    amount: float
    """In the figure's unit; of a relative limit with ``%`` a share of the baseline."""
    relative: bool
    share: bool


def parse(text: str) -> Gate:
    """A limit from its text. Raises UsageProblem."""
    found = SHAPE.fullmatch(text)
    if found is None:
        raise UsageProblem(f"llm_gate: {text!r} is no limit; write it like 'pass_rate >= 90%' or 'cost <= +5%'")
    name, sign, direction, _, digits, unit = found.groups()
    kind = figure(name)
    amount = float(digits) * {"%": 0.01, "pt": 0.01, "ms": 0.001}.get(unit, 1.0)
    if unit == "%" and not direction and not kind.rate and not name.startswith("score"):
        raise UsageProblem(f"llm_gate: {text!r}: a share of what? For a change against the baseline write +{digits}%")
    if kind.rate and abs(amount) > 1:
        meant = "" if unit else f"; did you mean {direction}{digits}%?"
        raise UsageProblem(f"llm_gate: {text!r}: a rate is at most 100%{meant}")
    share = unit == "%" and bool(direction) and not kind.rate
    return Gate(" ".join(text.split()), name, sign, -amount if direction == "-" else amount, bool(direction), share)


def held(
    gates: Sequence[Gate], now: Totals, then: Totals | None, intervals: Mapping[str, Interval]
) -> tuple[GateResult, ...]:
    """What became of each limit."""
    return tuple(one(gate, now, then, intervals.get(gate.name)) for gate in gates)


def one(gate: Gate, now: Totals, then: Totals | None, interval: Interval | None) -> GateResult:
    """What became of one limit."""
    kind = figure(gate.name)
    if gate.name.startswith("score."):
        kind = replace(kind, unit=unit_of(now.scores.get(gate.name.removeprefix("score."))))
    value = kind.read(now)
    before = kind.read(then) if then else None
    was = "" if before is None else kind.show(before)
    if value is None:
        return unknown(gate, now, was)
    told = kind.show(value)
    if gate.relative and before is None:
        why = "the baseline has no such figure" if then else "no baseline: give --llm-baseline=PATH"
        return GateResult(gate=gate.text, state="skipped", now=told, reason=why)
    change = Kpi(gate.name, kind.unit, value, before).change

    def measure(at: float) -> float:
        return moved(gate, at, before) if gate.relative and before is not None else at

    def passes(at: float) -> bool:
        slack = NEXT_TO_NOTHING if gate.sign in (">=", "<=") else -NEXT_TO_NOTHING
        return SIGNS[gate.sign](measure(at), gate.amount + (slack if "<" in gate.sign else -slack))

    result = GateResult(gate=gate.text, state="ok", now=told, baseline=was, change=change)
    if interval and passes(interval[0]) != passes(interval[1]):
        reason = f"95% interval {kind.show(interval[0])} to {kind.show(interval[1])}"
        return replace(result, state="unclear", reason=reason)
    return result if passes(value) else replace(result, state="failed")


def unknown(gate: Gate, now: Totals, was: str) -> GateResult:
    """A limit on a figure that nobody knows: never green."""
    if gate.name in ("cost", "judge_cost"):
        unpriced = now.unpriced if gate.name == "cost" else now.judge_unpriced
        why = f"{unpriced} of {now.cases} cases have no known price" if unpriced else "no case has a price"
        return GateResult(gate=gate.text, state="unclear", now=UNKNOWN, baseline=was, reason=why)
    return GateResult(gate=gate.text, state="failed", now=UNKNOWN, baseline=was, reason="the run has no such figure")


def moved(gate: Gate, value: float, before: float) -> float:
    """How far a figure moved, in the unit of the limit."""
    if not gate.share:
        return value - before
    if before == 0:
        return 0.0 if value == 0 else float("inf")
    return (value - before) / before
