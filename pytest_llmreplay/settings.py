"""All that the user may set, as one frozen value that knows no pytest. PYTEST_DONT_REWRITE"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

from pytest_llmreplay.errors import UsageProblem, nearest
from pytest_llmreplay.model.policy import Drift, Mode, Update

if TYPE_CHECKING:
    from pytest_llmreplay.evaluate.protocol import Evaluator
    from pytest_llmreplay.redaction.protocol import Finder
    from pytest_llmreplay.replay.boundaries import Boundary
    from pytest_llmreplay.report.gates import Gate
    from pytest_llmreplay.snapshots.normal import Rules
    from pytest_llmreplay.traces.select import Selection

Tolerate: TypeAlias = Literal["none", "failed", "all"]
By: TypeAlias = Literal["trace", "session"]
Network: TypeAlias = Literal["block", "allow"]


@dataclass(frozen=True, slots=True)
class ReportTarget:
    """A report that is written when the run ends."""

    format: str
    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a run, or one test, was told."""

    traces: tuple[str, ...] = ()
    """Paths, folders and globs."""
    base: Path = Path()
    """What relative paths are relative to."""
    select: "tuple[Selection, ...]" = ()
    mode: Mode = "replay"
    seeds: tuple[int, ...] = ()
    """Each makes an item of its own; none given means 0."""
    by: By = "trace"
    """What an item is: a trace, or all traces of a session in order."""
    pin: tuple[str, ...] = ()
    """What of the process is pinned: ``random``, ``numpy``, ``uuid``, ``secrets``, ``clock``."""
    drift: Drift = "fail"
    network: Network = "block"
    network_allow: tuple[str, ...] = ()
    """``host:port`` patterns that are let through."""
    app: str | None = None
    """``module:callable``."""
    ignore: tuple[str, ...] = ()
    """JSON paths, or patterns of them, that are left out of comparison."""
    patch: "tuple[Boundary, ...]" = ()
    """Functions of the application that are answered or observed."""
    until: int | None = None
    """Number of the step behind which the run stops."""
    ci: str | None = None
    """The variable of the environment that says that nobody looks on; None where none does."""
    strict_load: bool = True
    """Whether a dropped record raises the exit status."""
    strict_repairs: bool = False
    """Whether a repaired one does, too."""
    cache: Path = Path(".llm/cache")
    redact: tuple[re.Pattern[str], ...] = ()
    """The user's own patterns of secrets."""
    finders: "tuple[Finder, ...]" = ()
    """Other tools that find what is to be taken out."""
    keep_failed: Path | None = None
    """Folder for case files of what failed."""
    update: Update = "none"
    refresh: bool = False
    """Whether a recording run asks anew what the case holds already."""
    values: Path | None = None
    """Where the values of such a run are written."""
    review: bool = False
    """Whether to decide what the last run found, without running anything."""
    prune: bool = False
    """Whether snapshots that no test asked for are deleted."""
    unused_fails: bool = False
    """Whether one that no test asked for raises the exit status."""
    snapshot_rules: "Rules | None" = None
    """How snapshots are compared; None: as they are."""
    allow_secrets: bool = False
    """Whether files are written although the final scan found secrets."""
    evaluators: "tuple[Evaluator, ...]" = ()
    """What judges each run of a test."""
    runs: int = 1
    """How often a live or seeded case is run; each is an item of its own."""
    reports: tuple[ReportTarget, ...] = ()
    step_summary: Path | None = None
    """File of GitHub's that the Markdown report is added to (``GITHUB_STEP_SUMMARY``)."""
    baseline: Path | None = None
    """The earlier run to compare with."""
    baseline_save: Path | None = None
    """Where this run is stored as a baseline."""
    gates: "tuple[Gate, ...]" = ()
    """Limits on the figures of the run."""
    unclear_fails: bool = False
    """Whether a limit that lies within a figure's interval raises the exit status."""
    tolerate: Tolerate = "none"
    """Which cases that do not pass are left to the gates: none, failed ones, or diverged ones, too."""

    @property
    def watches_snapshots(self) -> bool:
        """Whether snapshots are looked at even where no test asks for one."""
        return self.update != "none" or self.prune or self.unused_fails


def ci_variable(environment: Mapping[str, str]) -> str | None:
    """The variable that says that this is continuous integration; None where none does."""
    return next((name for name in ("CI", "BUILD_NUMBER") if environment.get(name)), None)


def report_target(given: str, folder: Path) -> ReportTarget:
    """``FORMAT:PATH``. Raises UsageProblem for a format that nobody registered."""
    from pytest_llmreplay import registry

    name, _, path = given.partition(":")
    known = list(registry.targets("reporters"))
    if name not in known or not path:
        raise UsageProblem(f"--llm-report {given!r}: write FORMAT:PATH, FORMAT one of {', '.join(known)}")
    return ReportTarget(name, folder / path)


def one_of(value: str, kind: object, name: str) -> Any:
    """The value if it is one of a Literal's. Raises UsageProblem that names the nearest."""
    allowed: tuple[str, ...] = get_args(kind)
    if value not in allowed:
        raise UsageProblem(f"{name}: {value!r} is none of {', '.join(allowed)}{nearest(value, allowed)}")
    return value


def seed(value: object) -> int:
    """A seed. Raises UsageProblem for what is no whole number."""
    text = str(value)
    if not text.removeprefix("-").isdecimal():
        raise UsageProblem(f"--llm-seed: {text!r} is no whole number")
    return int(text)


def whole_number(value: str, name: str) -> int | None:
    """The value as a number from 1, or None where nothing was given. Raises UsageProblem."""
    if not value:
        return None
    if not value.isdecimal() or int(value) < 1:
        raise UsageProblem(f"{name}: {value!r} is no whole number from 1")
    return int(value)
