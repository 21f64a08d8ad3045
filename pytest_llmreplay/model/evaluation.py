"""One judgement of a run, and what it rests on. PYTEST_DONT_REWRITE"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

Judgement: TypeAlias = Literal["passed", "failed", "skipped", "error"]
"""``skipped`` could not be judged and says why; ``error`` is a crash of the evaluator, which is never a score."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a judgement points at."""

    path: str
    """Where it stands, such as ``output.items[2]``, ``tools[3].arguments.sku`` or ``step 4``."""
    found: Any = None
    """What stands there, as a JSON value."""


@dataclass(frozen=True, slots=True)
class Score:
    """What an evaluator says: a bool, a number or a label, and why.

    A number is held against the evaluator's threshold, if it has one; ``passed`` decides where it is given. A number
    without either is a measurement, which baselines and gates may look at.
    """

    value: bool | float | str
    reason: str = ""
    """One line."""
    evidence: tuple[Evidence, ...] = ()
    passed: bool | None = None
    need: str = ""
    """What would have passed, such as ``<= $0.02``; made from the threshold where it is empty."""
    unit: str = ""
    """What the number counts: ``s``, ``tokens``, ``USD``, ``calls``; empty for a share between 0 and 1."""


@dataclass(frozen=True, slots=True)
class Skip:
    """What an evaluator says that cannot judge this run."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """One judgement of one run. JSON-simple, because workers send it to the controller."""

    name: str
    judgement: Judgement
    score: float | None = None
    """The number, or 1 and 0 for a bool; None for a label and where there is no judgement. Never NaN."""
    label: str | None = None
    reason: str = ""
    need: str = ""
    """What would have passed: ``= 1``, ``>= 0.8``; empty for a measurement."""
    unit: str = ""
    """What the number counts: ``s``, ``tokens``, ``USD``, ``calls``; empty for a share between 0 and 1."""
    evidence: Sequence[Evidence] = ()
    recorded: float | None = None
    """The same judgement of production's run, where the evaluator is compared with it."""
    weight: float = 1.0
    step: int | None = None
    """Number of the recorded step that was judged, for an evaluator that is limited to steps."""
    seconds: float = 0.0
    """How long the judging took."""

    @property
    def fails(self) -> bool:
        """Whether it fails the test."""
        return self.judgement in ("failed", "error")

    @property
    def share(self) -> float | None:
        """Its part in the case's score, from 0 to 1; None where it has none.

        The score itself; 1 or 0 by the judgement for what counts something, is negated, or lies beyond.
        """
        if self.judgement not in ("passed", "failed") or self.score is None or not self.need:
            return None
        if self.unit or self.need.startswith("not ") or not 0 <= self.score <= 1:
            return 1.0 if self.judgement == "passed" else 0.0
        return self.score


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """All judgements of one run."""

    evaluations: Sequence[Evaluation] = field(default=())

    @property
    def failures(self) -> list[Evaluation]:
        """Those that fail the test: failed ones first, then crashes."""
        order = {"failed": 0, "error": 1}
        return sorted((each for each in self.evaluations if each.fails), key=lambda each: order[each.judgement])

    @property
    def score(self) -> float | None:
        """The weighted mean of the shares of all evaluations; None where there is none."""
        told = [(each.weight, share) for each in self.evaluations if (share := each.share) is not None]
        weight = sum(each for each, _ in told)
        return sum(each * share for each, share in told) / weight if weight else None
