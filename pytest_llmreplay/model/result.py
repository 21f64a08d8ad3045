"""All that a report may read: cases, totals, gates and the baseline, as JSON-simple values. PYTEST_DONT_REWRITE

Workers send cases to the controller, which alone counts and writes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from pytest_llmreplay.model.evaluation import Evaluation

Outcome: TypeAlias = Literal["passed", "diverged", "failed", "error", "skipped", "tolerated"]
"""``failed``: an assertion or an evaluator; ``error``: the trace cannot be replayed; ``tolerated``: failed within what
a gate allows."""
State: TypeAlias = Literal[
    "same", "drifted", "diverged", "follows", "missing", "unexpected", "inside", "not replayed", "not reached", "live",
    "synthetic",
]  # fmt: skip
"""What became of a step: ``follows`` differs as a consequence of the first divergence, ``inside`` belongs to an
answered function."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DifferenceResult:
    """One place where a live call differs from the recorded one, as text."""

    path: str
    recorded: str | None
    live: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StepResult:
    """One row of a case: a recorded step, or a live call that none stands for."""

    index: int
    """Number of the recorded step; 0 for a live call that none stands for."""
    kind: str
    """``model``, ``retriever``, ``tool``, ``embedding`` …"""
    name: str
    state: State
    span_id: str = ""
    start: float = 0.0
    """Seconds behind the beginning of the recorded request."""
    seconds: float | None = None
    """Recorded duration."""
    depth: int = 0
    """How many recorded steps it lies within."""
    live_start: float | None = None
    """Seconds behind the beginning of this run."""
    live_seconds: float | None = None
    request: str = ""
    """The recorded question, as readable text."""
    live_request: str | None = None
    """The live one, where it differs."""
    answer: str = ""
    live_answer: str | None = None
    """What came back in this run, where it is not the recorded answer."""
    differences: Sequence[DifferenceResult] = ()
    tokens_in: int | None = None
    tokens_out: int | None = None
    cost_usd: float | None = None
    error: str | None = None
    """The error that production got."""
    losses: Sequence[str] = ()
    """What the trace lacks of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseResult:
    """One case: a trace under a test."""

    trace_id: str
    steps: int
    asked: int
    """Model calls that were answered."""
    functions: int
    """Calls of functions that were answered or observed."""
    requests: int = 0
    """Plain HTTP requests that were answered."""
    diverged: str | None
    """The first divergence in a line."""
    failed: bool = False
    """Whether the test failed though nothing diverged."""
    live: int = 0
    """Model calls that went to a provider."""
    synthetic: int = 0
    """Model calls that got a made-up answer."""
    unpinned: Sequence[str] = ()
    ambiguities: Sequence[str] = ()
    drifts: Sequence[str] = ()
    """What each served drift was, in a line."""
    kinds: Mapping[str, int] = field(default_factory=dict)
    case: str = ""
    """pytest's node id."""
    outcome: Outcome = "passed"
    message: str = ""
    """Why it did not pass, in a line."""
    stage: str | None = None
    """Of the first divergence: retriever, prompt, generator or tool."""
    step: int | None = None
    """Number of the step that diverged first."""
    cause: str | None = None
    """The likely cause of the first divergence, where a rule tells it."""
    again: str = ""
    """The command that runs this case alone."""
    request_id: str | None = None
    session_id: str | None = None
    source: str = ""
    recorded_at: str | None = None
    """When production began, as ISO 8601 in UTC."""
    recorded_status: str = "unset"
    mode: str = "replay"
    seed: int = 0
    run: int = 0
    """Which of several runs of the same case this is, from 1; 0 where there is one."""
    evaluations: Sequence[Evaluation] = ()
    score: float | None = None
    """Weighted mean of the scores that have a need."""
    tokens_in: int | None = None
    tokens_out: int | None = None
    cost_usd: float | None = None
    """Of all model calls of this run; None where the price of one of them is not known."""
    spent_usd: float | None = None
    """The part that live calls cost."""
    judge_calls: int = 0
    """Model calls of evaluators that were answered, from recordings or by a provider; no part of the figures above."""
    judge_usd: float | None = None
    """What these cost; None where there are none, or the price of one is not known."""
    recorded_seconds: float | None = None
    """How long production took."""
    seconds: float = 0.0
    """How long the test took."""
    output: str = ""
    """What the application gave, as text."""
    recorded_output: str = ""
    details: Sequence[StepResult] = ()
    """Step by step; empty where no report asks for it."""
    losses: Sequence[str] = ()
    """What the trace lacks, and what the replay did about it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreTotal:
    """One evaluator over all cases."""

    mean: float | None
    judged: int
    passed: int
    failed: int
    skipped: int
    errors: int
    unit: str = ""
    """What the mean counts: ``s``, ``tokens``, ``USD``, ``calls``; empty for a share between 0 and 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """The figures of a run."""

    cases: int = 0
    passed: int = 0
    diverged: int = 0
    failed: int = 0
    errors: int = 0
    skipped: int = 0
    tolerated: int = 0
    pass_rate: float | None = None
    """Of the cases that were judged, between 0 and 1; None where there is none."""
    pass_interval: tuple[float, float] | None = None
    """Wilson's 95 % interval of it, where several live or seeded runs were made."""
    stages: Mapping[str, int] = field(default_factory=dict)
    """First divergences by stage."""
    tokens_in: int = 0
    tokens_out: int = 0
    cost_usd: float | None = None
    unpriced: int = 0
    """Cases of which the cost is not known."""
    spent_usd: float | None = None
    judge_usd: float | None = None
    """Of the model calls of evaluators."""
    judge_unpriced: int = 0
    """Cases of which that cost is not known."""
    latency_p50: float | None = None
    latency_p95: float | None = None
    """Seconds: recorded ones of replayed cases, else measured."""
    scores: Mapping[str, ScoreTotal] = field(default_factory=dict)
    score: float | None = None
    """Mean of the cases' scores."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GateResult:
    """One limit on a figure of the run."""

    gate: str
    """As it was written: ``cost <= +5%``."""
    state: Literal["ok", "failed", "unclear", "skipped"]
    now: str
    baseline: str = ""
    change: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """A case that is not as it was in the baseline."""

    case: str
    change: Literal["newly failing", "newly passing", "score", "new", "vanished", "divergence"]
    before: str = ""
    now: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A run against its baseline."""

    path: str
    created: str
    commit: str
    totals: Totals
    changes: Sequence[Changed] = ()
    tests: Mapping[str, float] = field(default_factory=dict)
    """p-values of paired tests by name: ``mcnemar`` over verdicts, ``sign <evaluator>`` over scores."""
    notes: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RunReport:
    """A whole run."""

    created: str
    """ISO 8601 in UTC."""
    versions: Mapping[str, str]
    """Of pytest-llmreplay, Python, pytest, and of the price table where it was used."""
    mode: str
    commit: str = ""
    totals: Totals = Totals()
    gates: Sequence[GateResult] = ()
    comparison: Comparison | None = None
    cases: Sequence[CaseResult] = ()
    problems: Sequence[str] = ()
    """Records that could not be read as they are."""
    exit_reason: str = ""
    """Why the exit status was raised, if it was."""
    format: int = 1
