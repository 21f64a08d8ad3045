"""Evaluators of what a run took: time, tokens, money, calls. PYTEST_DONT_REWRITE"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import ClassVar, Literal, get_args

from pytest_llmreplay.errors import MissingExtra, nearest
from pytest_llmreplay.evaluate.context import EvaluationContext, Exchange
from pytest_llmreplay.evaluate.cost import installed, price, total
from pytest_llmreplay.evaluate.protocol import Evaluator
from pytest_llmreplay.model.evaluation import Evidence, Score, Skip

Of = Literal["total", "input", "output", "cache_read", "cache_write", "reasoning"]
MOST_EVIDENCE = 3
"""How many of the steps that took the most are named."""


@dataclass(frozen=True)
class Budget(Evaluator):
    """What budgets have in common: an absolute limit, one beside production's run, or both. Without any it measures."""

    own: ClassVar[bool] = True
    less_is_better: ClassVar[bool] = True
    unit: ClassVar[str] = ""
    counts: ClassVar[bool] = False
    """Whether it counts whole things."""

    at_most: float | None = None
    """The most that passes."""
    at_most_ratio: float | None = field(default=None, kw_only=True)
    """The most that passes as a multiple of what production took: 1.1 allows a tenth more."""

    def __post_init__(self) -> None:
        for name in ("at_most", "at_most_ratio"):
            value = getattr(self, name)
            if value is not None and (isinstance(value, bool) or not isinstance(value, int | float) or not value >= 0):
                raise ValueError(f"{name} is a number from 0 on, not {value!r}")
        if self.threshold is not None:
            raise ValueError("a budget has no threshold, which is the least that passes: give at_most")

    def measure(self, ctx: EvaluationContext) -> float | Skip:
        """What the run took."""
        raise TypeError(f"{type(self).__name__} does not say what it measures")

    def part(self, exchange: Exchange) -> float | None:
        """What one call took, where that is known."""
        return None

    def written(self, value: float) -> str:
        """A value with its unit, as people read it."""
        unit = self.unit[:-1] if value == 1 and len(self.unit) > 1 else self.unit
        return f"{value:,.4g} {unit}" if value < 1e4 else f"{value:,.0f} {unit}"

    def __call__(self, ctx: EvaluationContext) -> Score | Skip:
        """Measure, and compare with the limits."""
        now = self.measure(ctx)
        if isinstance(now, Skip):
            return now
        limits, reason = [self.at_most] if self.at_most is not None else [], self.written(now)
        if self.at_most_ratio is not None:
            production = ctx.of_production()
            before = self.measure(production) if production else Skip("the answer stands for no recorded step")
            if isinstance(before, Skip):
                return Skip(f"there is nothing to compare with in production's run: {before.reason}")
            share = self.at_most_ratio * before
            limits.append(math.floor(share + 1e-9) if self.counts else share)
            reason += f", production {self.written(before)}"
        if not limits:
            return Score(now, reason, unit=self.unit)
        most = min(limits)
        evidence = tuple(self.largest(ctx.exchanges))
        return Score(
            now,
            reason,
            evidence,
            passed=now <= most,
            need=f"<= {most:,.0f}" if self.counts else f"<= {self.written(most)}",
            unit=self.unit,
        )

    def largest(self, exchanges: Iterable[Exchange]) -> Iterable[Evidence]:
        """The calls that took the most, by the number of their step."""
        parts = [(value, each.step) for each in exchanges if (value := self.part(each)) is not None]
        for value, step in sorted(parts, key=lambda each: -each[0])[:MOST_EVIDENCE]:
            yield Evidence(f"step {step.index}" if step else "a call without a recorded step", value)


@dataclass(frozen=True)
class Latency(Budget):
    """Seconds that the request took. Of a replayed run it is the recorded time, of a live one the measured time."""

    registered: ClassVar[str] = "latency"
    unit: ClassVar[str] = "s"

    def measure(self, ctx: EvaluationContext) -> float | Skip:
        """The duration of the request, or of the step."""
        return Skip("how long it took is not recorded") if ctx.seconds is None else ctx.seconds

    def part(self, exchange: Exchange) -> float | None:
        """The duration of a call."""
        return exchange.seconds


@dataclass(frozen=True)
class Tokens(Budget):
    """Tokens of all model calls, by the recorded counts; those of a cache are part of the input."""

    registered: ClassVar[str] = "tokens"
    unit: ClassVar[str] = "tokens"
    counts: ClassVar[bool] = True

    of: Of = field(default="total", kw_only=True)
    """``total`` is input and output."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.of not in get_args(Of):
            known = list(get_args(Of))
            raise ValueError(f"of is one of {', '.join(known)}, not {self.of!r}{nearest(str(self.of), known)}")

    def measure(self, ctx: EvaluationContext) -> float | Skip:
        """The sum over all calls."""
        counts = [self.part(each) for each in ctx.model_calls]
        known = [each for each in counts if each is not None]
        if len(known) < len(counts):
            return Skip(f"of {len(counts) - len(known)} of {len(counts)} model calls the tokens are not recorded")
        return float(sum(known))

    def part(self, exchange: Exchange) -> float | None:
        """The tokens of a call. A count of a cache or of reasoning that is absent is none at all."""
        if not exchange.asks_a_model:
            return None
        if exchange.answer.error is not None and exchange.answer.usage is None:
            return 0
        usage = exchange.answer.usage
        if usage is None:
            return None
        if self.of == "total":
            out = 0 if exchange.call.kind in ("embedding", "rerank") else usage.output
            return None if usage.input is None or out is None else usage.input + out
        count: int | None = getattr(usage, self.of)
        return 0 if count is None and self.of not in ("input", "output") else count


@dataclass(frozen=True)
class Cost(Budget):
    """US dollars of all model calls, by their recorded tokens and the prices of the day of recording.

    A call of which the price is not known makes it a skip that says why.
    """

    registered: ClassVar[str] = "cost"
    unit: ClassVar[str] = "USD"

    def __post_init__(self) -> None:
        super().__post_init__()
        if not installed():
            raise MissingExtra("cost", "genai-prices", "prices")

    def measure(self, ctx: EvaluationContext) -> float | Skip:
        """The sum over all calls."""
        found = total(ctx.exchanges)
        if found.usd is None:
            return Skip(f"of {found.unpriced} of {found.calls} model calls the cost is not known: {found.why}")
        return found.usd

    def part(self, exchange: Exchange) -> float | None:
        """What a call cost."""
        found = price(exchange)
        return found.usd if found else None

    def written(self, value: float) -> str:
        """Dollars."""
        return f"${value:.4f}" if value >= 0.001 or not value else f"${value:.6f}"


@dataclass(frozen=True)
class ModelCalls(Budget):
    """How often a model was asked for text; embeddings and rerankings are not counted."""

    registered: ClassVar[str] = "model_calls"
    unit: ClassVar[str] = "calls"
    counts: ClassVar[bool] = True

    def measure(self, ctx: EvaluationContext) -> float | Skip:
        """Count."""
        return float(sum(each.kind == "model" for each in ctx.exchanges))


@dataclass(frozen=True)
class ToolCalls(Budget):
    """How often tools were called: functions that ran, or where none was seen, what the models asked for."""

    registered: ClassVar[str] = "tool_calls"
    unit: ClassVar[str] = "calls"
    counts: ClassVar[bool] = True

    tool: str | None = field(default=None, kw_only=True)
    """Only this one."""

    def measure(self, ctx: EvaluationContext) -> float | Skip:
        """Count."""
        return float(sum(self.tool in (None, each.name) for each in ctx.tools))
