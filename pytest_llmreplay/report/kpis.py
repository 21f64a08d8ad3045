"""The figures of a run beside those of its baseline, as every report shows them. PYTEST_DONT_REWRITE"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from pytest_llmreplay.model.result import RunReport, ScoreTotal, Totals

Unit: TypeAlias = Literal["rate", "usd", "seconds", "tokens", "count", "score"]
UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Kpi:
    """One figure; what is not known is None."""

    name: str
    unit: Unit
    now: float | None
    before: float | None = None

    @property
    def shown(self) -> str:
        """The figure of this run."""
        return shown(self.now, self.unit)

    @property
    def baseline(self) -> str:
        """That of the baseline; empty where there is none."""
        return "" if self.before is None else shown(self.before, self.unit)

    @property
    def change(self) -> str:
        """From the baseline to this run: points of a rate, the difference of a score, else per cent."""
        if self.before is None or self.now is None:
            return ""
        if self.unit == "rate":
            return signed((self.now - self.before) * 100, 1, " pt")
        if self.unit == "score":
            return signed(self.now - self.before, 3)
        return signed((self.now / self.before - 1) * 100, 1, "%") if self.before else ""


def signed(value: float, digits: int, unit: str = "") -> str:
    """A number with its sign; nothing that rounds to nothing has one."""
    text = f"{value:+.{digits}f}"
    return ("0" if float(text) == 0 else text) + unit


def shown(value: float | None, unit: Unit) -> str:
    """A figure with its unit."""
    if value is None:
        return UNKNOWN
    if unit == "rate":
        return f"{value * 100:.1f}%"
    if unit == "usd":
        return dollars(value)
    if unit == "seconds":
        return f"{value:.2f} s"
    if unit in ("tokens", "count"):
        return f"{value:,.0f}"
    return f"{value:.3f}" if abs(value) < 100 else f"{value:,.1f}"


def dollars(value: float) -> str:
    """A cost: to three significant digits, for a call may cost a thousandth of a cent."""
    digits = 2
    while digits < 7 and value and abs(value) < 10 ** (2 - digits):
        digits += 1
    return f"${value:,.{digits}f}"


FIGURES: Sequence[tuple[str, Unit, Callable[[Totals], float | None]]] = (
    ("pass rate", "rate", lambda totals: totals.pass_rate),
    ("cost", "usd", lambda totals: totals.cost_usd),
    ("judge cost", "usd", lambda totals: totals.judge_usd),
    ("latency p50", "seconds", lambda totals: totals.latency_p50),
    ("latency p95", "seconds", lambda totals: totals.latency_p95),
    ("tokens", "tokens", lambda totals: totals.tokens_in + totals.tokens_out),
    ("score", "score", lambda totals: totals.score),
)
"""Those that every run has."""


UNITS: Mapping[str, Unit] = {"USD": "usd", "s": "seconds"}
"""How the mean of an evaluator is shown that counts something; all else is shown as a score is."""


def unit_of(score: ScoreTotal | None) -> Unit:
    """The unit of an evaluator's mean."""
    return UNITS.get(score.unit, "score") if score else "score"


def score_name(evaluator: str) -> str:
    """What tables call an evaluator's mean: its name, and ``score NAME`` where a figure of the run has that name."""
    return f"score {evaluator}" if any(evaluator == name for name, _, _ in FIGURES) else evaluator


def kpis(report: RunReport) -> Sequence[Kpi]:
    """All figures that the run or its baseline knows."""
    now = report.totals
    before = report.comparison.totals if report.comparison else None
    found = [Kpi(name, unit, read(now), read(before) if before else None) for name, unit, read in FIGURES]
    then = before.scores if before else {}
    for name in dict.fromkeys([*now.scores, *then]):
        mean = now.scores[name].mean if name in now.scores else None
        unit = unit_of(now.scores.get(name) or then.get(name))
        found.append(Kpi(score_name(name), unit, mean, then[name].mean if name in then else None))
    return [each for each in found if each.now is not None or each.before is not None]
