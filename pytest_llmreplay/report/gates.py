"""Limits on the figures of a run: ``pass_rate >= 90%``, ``cost <= +5%``. PYTEST_DONT_REWRITE

A limit with a sign is a change against the baseline: in percent of it, or in the figure's own unit. A pass rate changes
in percentage points.
"""

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from pytest_llmreplay.errors import UsageProblem, nearest
from pytest_llmreplay.model.result import GateResult, Totals
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


def percent(value: float) -> str:
    """A rate."""
    return f"{value * 100:.1f}%".replace(".0%", "%")


def dollars(value: float) -> str:
    """A sum of money."""
    return f"${value:,.4f}"


def seconds(value: float) -> str:
    """A duration."""
    return f"{value:.2f} s"


def count(value: float) -> str:
    """A count."""
    return f"{value:,.0f}"


def score(value: float) -> str:
    """A score."""
    return f"{value:.2f}"


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of a run."""

    read: Callable[[Totals], float | None]
    show: Callable[[float], str]
    rate: bool = False
    """Whether it changes in percentage points."""


FIGURES: Mapping[str, Figure] = {
    "pass_rate": Figure(lambda t: t.pass_rate, percent, rate=True),
    "cases": Figure(lambda t: t.cases, count),
    "diverged": Figure(lambda t: t.diverged, count),
    "failed": Figure(lambda t: t.failed, count),
    "errors": Figure(lambda t: t.errors, count),
    "skipped": Figure(lambda t: t.skipped, count),
    "cost": Figure(lambda t: None if t.unpriced else t.cost_usd, dollars),
    "spent": Figure(lambda t: t.spent_usd, dollars),
    "tokens": Figure(lambda t: t.tokens_in + t.tokens_out, count),
    "tokens.in": Figure(lambda t: t.tokens_in, count),
    "tokens.out": Figure(lambda t: t.tokens_out, count),
    "latency.p50": Figure(lambda t: t.latency_p50, seconds),
    "latency.p95": Figure(lambda t: t.latency_p95, seconds),
    "score": Figure(lambda t: t.score, score),
}


def figure(name: str) -> Figure:
    """The figure of a name; ``score.NAME`` is the mean of an evaluator. Raises UsageProblem."""
    if name in FIGURES:
        return FIGURES[name]
    if name.startswith("score."):
        title = name.removeprefix("score.")
        return Figure(lambda t: t.scores[title].mean if title in t.scores else None, score)
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
    value = kind.read(now)
    before = kind.read(then) if then else None
    shown = "unknown" if value is None else kind.show(value)
    told = "" if before is None else kind.show(before)
    if value is None:
        return unknown(gate, now, shown, told)
    if gate.relative and before is None:
        why = "the baseline has no such figure" if then else "no baseline: give --llm-baseline=PATH"
        return GateResult(gate=gate.text, state="skipped", now=shown, reason=why)
    change = "" if before is None else changed(kind, value, before)

    def measure(at: float) -> float:
        return moved(gate, at, before) if gate.relative and before is not None else at

    def passes(at: float) -> bool:
        slack = NEXT_TO_NOTHING if gate.sign in (">=", "<=") else -NEXT_TO_NOTHING
        return SIGNS[gate.sign](measure(at), gate.amount + (slack if "<" in gate.sign else -slack))

    state: str = "ok" if passes(value) else "failed"
    reason = ""
    if interval and passes(interval[0]) != passes(interval[1]):
        state, reason = "unclear", f"95% interval {kind.show(interval[0])} to {kind.show(interval[1])}"
    result = GateResult(gate=gate.text, state="ok", now=shown, baseline=told, change=change, reason=reason)
    return result if state == "ok" else with_state(result, state)


def with_state(result: GateResult, state: str) -> GateResult:
    """The same with another state."""
    from dataclasses import replace

    return replace(result, state=state)  # type: ignore[arg-type]


def unknown(gate: Gate, now: Totals, shown: str, told: str) -> GateResult:
    """A limit on a figure that nobody knows: never green."""
    if gate.name == "cost":
        why = f"{now.unpriced} of {now.cases} cases have no known price" if now.unpriced else "no case has a price"
        return GateResult(gate=gate.text, state="unclear", now=shown, baseline=told, reason=why)
    return GateResult(gate=gate.text, state="failed", now=shown, baseline=told, reason="the run has no such figure")


def moved(gate: Gate, value: float, before: float) -> float:
    """How far a figure moved, in the unit of the limit."""
    if not gate.share:
        return value - before
    if before == 0:
        return 0.0 if value == 0 else float("inf")
    return (value - before) / before


def changed(kind: Figure, value: float, before: float) -> str:
    """How far a figure moved, for a reader."""
    if kind.rate:
        return f"{(value - before) * 100:+.1f} pt"
    if kind.show is score:
        return f"{value - before:+.2f}"
    if before == 0:
        return "new" if value else "0%"
    return f"{(value - before) / before * 100:+.1f}%"
