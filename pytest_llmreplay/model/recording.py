"""What one run asked, in order, and where it left the trace. PYTEST_DONT_REWRITE"""

from dataclasses import dataclass, field
from time import perf_counter
from typing import Literal, NamedTuple, TypeAlias

from pytest_llmreplay.model.call import Answer, Call
from pytest_llmreplay.model.jsonvalue import JSON
from pytest_llmreplay.model.trace import Step
from pytest_llmreplay.model.wire import RawExchange

Verdict: TypeAlias = Literal["same", "drift", "diverged", "forked", "live", "synthetic"]
"""``same`` and ``drift`` were answered from the trace, ``forked`` is the first call behind which the provider answers,
``live`` the ones after it, ``synthetic`` got a made-up answer."""
Reason: TypeAlias = Literal["changed", "missing", "unexpected", "reordered", "refused"]
Stage: TypeAlias = Literal["retriever", "prompt", "generator", "tool"]


@dataclass(frozen=True, slots=True)
class Difference:
    """One place where two calls differ. ``path`` reads like ``messages[1].content`` (JSON path without the root)."""

    path: str
    recorded: JSON
    live: JSON


class Match(NamedTuple):
    """One live call held against a step, or against none."""

    call: Call
    step: Step | None
    """The step that answered it, or the nearest one where none did."""
    differences: tuple[Difference, ...] = ()
    verdict: Verdict = "same"
    reason: str = ""
    """For a divergence without a step: why there is none."""
    lane: str = ""
    """Name of the thread and task that called."""
    moment: int = 0
    """When it was known, as a count within the run: at the call, or where only the output differs at its end."""
    answer: Answer | None = None
    """What came back, where that is not what the step recorded."""
    seconds: float | None = None
    """How long a provider or a real function took; None for what was answered from the trace."""
    raw: RawExchange | None = None
    """The HTTP exchange of a live call, with headers that hold no secrets."""

    @property
    def answered(self) -> Answer | None:
        """What came back: of a provider, of a real function, or from the step. None where nothing did."""
        if self.answer is not None or self.step is None or self.verdict in ("diverged", "forked", "live"):
            return self.answer
        return self.step.answer


@dataclass(frozen=True, slots=True)
class Refusal:
    """Something that tried to leave the process and was not let through."""

    what: str
    """``POST https://api.example.com/v1/x`` or ``connection to 10.0.0.1:443``; or the step that has no answer."""
    why: str
    outward: bool = True
    """Whether something wanted to leave the process. If not, the trace has no answer that can be given."""

    @property
    def sentence(self) -> str:
        """What became of it."""
        return f"{self.what} was refused: {self.why}" if self.outward else f"{self.what}: {self.why}"


@dataclass(slots=True)
class Recording:
    """Everything that this run asked, in order. Filled while the run lasts, read afterwards."""

    places: list[Match | None] = field(default_factory=list)
    """A place for each call in order of its beginning; None while it lasts, or where it was broken off."""
    times: list[float] = field(default_factory=list)
    """When each call began, in seconds of ``time.perf_counter``."""
    start: float = field(default_factory=perf_counter)
    """When the run began, by the same clock."""
    moments: int = 0
    """How many calls have begun or ended so far."""
    refusals: list[Refusal] = field(default_factory=list)
    output: JSON = None
    turns: list[int] = field(default_factory=list)
    """Of each turn of a session that was begun, how many calls had begun before it."""
    kept: list[tuple[Call, Answer]] = field(default_factory=list)
    """What a provider answered to live calls."""
    ambiguities: list[str] = field(default_factory=list)
    """Equal calls of which nothing says which recorded answer is whose."""
    unpinned: set[str] = field(default_factory=set)
    """What a provider did not let us pin in a live run."""

    @property
    def matches(self) -> list[Match]:
        """The calls that came to an end, in order of their beginning."""
        return [match for match in self.places if match is not None]

    def reserve(self) -> int:
        """A place for a call that begins now."""
        self.places.append(None)
        self.times.append(perf_counter())
        return len(self.places) - 1

    def now(self) -> int:
        """The count of this moment."""
        self.moments += 1
        return self.moments


@dataclass(frozen=True, slots=True, kw_only=True)
class Divergence:
    """The first place where a run left the trace."""

    reason: Reason
    step: Step | None
    total: int
    """How many steps the trace has."""
    stage: Stage | None = None
    differences: tuple[Difference, ...] = ()
    call: Call | None = None
    detail: str = ""
    cause: str | None = None
    """A likely cause, only where a fixed rule gives one."""

    @property
    def headline(self) -> str:
        """One line: which step, and what."""
        where = f"step {self.step.index} of {self.total}, " if self.step else ""
        return where + self.detail
