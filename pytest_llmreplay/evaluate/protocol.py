"""What an evaluator is, and how what it says becomes a judgement. PYTEST_DONT_REWRITE

An evaluator is a callable of an :class:`~pytest_llmreplay.evaluate.context.EvaluationContext`. One that is built in is
a frozen dataclass below :class:`Evaluator`: its own arguments, and by keyword those that all of them take. A registered
name is its class's name in snake_case.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, TypeAlias

from pytest_llmreplay.evaluate.context import EvaluationContext, StepFilter
from pytest_llmreplay.model.evaluation import Score, Skip

Said: TypeAlias = Score | Skip | bool | float | int | str | Mapping[str, Any] | None
"""What an evaluator may return: a score, a bare value, or several by name. None is a skip."""
Model: TypeAlias = Callable[[str], str | Awaitable[str]]
"""A model of the user's: a prompt in, its answer out."""


@dataclass(frozen=True, kw_only=True)
class Evaluator:
    """What all evaluators take by keyword."""

    registered: ClassVar[str] = ""
    """The name in case files and in ``evaluators=[...]``."""
    own: ClassVar[bool] = False
    """Whether it is made of code of this package alone, which ends by itself; other code is held to ``limit``."""
    less_is_better: ClassVar[bool] = False
    """Whether a lower number is the better one, as of a budget."""

    name: str | None = None
    """What reports call it, if not its registered name."""
    threshold: float | None = None
    """The least number that passes."""
    weight: float = 1.0
    """Its part in the case's score."""
    negate: bool = False
    """Whether it passes where it would have failed."""
    steps: StepFilter | None = None
    """Judge each answer of these steps in place of the output; the worst one counts."""
    not_worse: float | None = None
    """Compare with the same judgement of production's run: the score may be worse by this much. 0 allows no loss."""
    limit: float = 60.0
    """Seconds after which it is given up as an error."""

    @property
    def title(self) -> str:
        """What reports call it."""
        return self.name or self.registered or type(self).__name__

    def __call__(self, ctx: EvaluationContext) -> Said:
        """Judge a run. Raising is allowed: the judgement is then ``error``, with the cause."""
        raise TypeError(f"{type(self).__name__} does not say how it judges: it needs a method __call__")
