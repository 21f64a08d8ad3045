"""Options and ini keys, as one table, and what tells that the plugin is in use. PYTEST_DONT_REWRITE"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import pytest

if TYPE_CHECKING:
    from pytest_llmreplay.plugin.approval import Approvals
    from pytest_llmreplay.plugin.case import ActiveCase
    from pytest_llmreplay.plugin.run import Run
    from pytest_llmreplay.plugin.snapshot import ItemSnapshots

RUN: "pytest.StashKey[Run]" = pytest.StashKey()
CASE: "pytest.StashKey[ActiveCase]" = pytest.StashKey()
SNAPSHOTS: "pytest.StashKey[ItemSnapshots]" = pytest.StashKey()
APPROVALS: "pytest.StashKey[Approvals]" = pytest.StashKey()
DESELECTED: "pytest.StashKey[set[Path]]" = pytest.StashKey()
"""Modules of which items were deselected."""
UNUSABLE: "pytest.StashKey[str]" = pytest.StashKey()
"""The id of an item's trace, while it is looked at, and left where it cannot be replayed."""
FIXTURES = ("llm_trace", "llm_replay")
SNAPSHOT = "llm_snapshot"
PARAMETERS = (*FIXTURES, "_llm_case")
"""Names of the parameter that carries a trace's handle: a fixture of ours that the test uses (each further one costs
as much as a small test); the last where it uses none."""
CASE_FILE = ".llmcase.yaml"
"""What the names of case files end in."""
MARKER = (
    "llm_replay(traces=None, select=None, mode=None, seed=None, drift=None, by='trace', ignore=(), patch={}, "
    "evaluators=(), runs=None): "
    "replay each recorded trace as an item of its own; "
    "model calls get their recorded answers, and a call that differs fails the item"
)


class Option(NamedTuple):
    """One option with its ini key."""

    name: str
    """Stem: ``traces`` is ``--llm-traces`` and ``llm_traces``."""
    help: str
    kind: Literal["list", "word", "flag", "ini", "ini list"] = "word"
    metavar: str | None = None

    @property
    def flag(self) -> str:
        """The option on the command line."""
        return "--llm-" + self.name.replace("_", "-")

    @property
    def ini_only(self) -> bool:
        """Whether it is no option of the command line."""
        return self.kind in ("ini", "ini list")

    @property
    def dest(self) -> str:
        """The name under which pytest keeps it, which is the ini key."""
        return "llm_" + self.name


OPTIONS: Sequence[Option] = (
    Option("traces", "Trace file, folder or glob (repeatable). The format is told by content.", "list", "PATH"),
    Option(
        "select",
        "Only traces that meet a condition such as status=error, name=PATTERN, model=PATTERN, latency>5s or sample=50 "
        "(repeatable, all must hold).",
        "list",
        "EXPR",
    ),
    Option(
        "mode",
        "replay: recorded answers only; seeded: answers pinned by a seed; live: real calls; "
        "record: real calls for what the trace does not hold.",
        metavar="MODE",
    ),
    Option("seed", "Seed for seeded and live runs and for pins (repeatable: an item for each).", "list", "N"),
    Option(
        "drift",
        "A model call that differs from its step: fail, serve the recorded answer, "
        "or fork: go live (or seeded) from there.",
        metavar="POLICY",
    ),
    Option("app", "Replay every trace against this callable; no test file is needed.", metavar="MODULE:CALLABLE"),
    Option("network", "Whether anything may leave the process in a replay: block, or allow.", metavar="POLICY"),
    Option("strict_load", "Let repaired records raise the exit status, too (default under CI).", "flag"),
    Option("report", "Write a report of the run: json:PATH, md:PATH or html:PATH (repeatable).", "list", "FORMAT:PATH"),
    Option("baseline", "Compare with the run that was stored here.", metavar="PATH"),
    Option("baseline_save", "Store this run as a baseline.", metavar="PATH"),
    Option("runs", "How often a live or seeded case is run; each is an item of its own.", metavar="N"),
    Option("gate", "Limits on the run's figures: 'pass_rate >= 90%', 'cost <= +5%'.", "ini list"),
    Option("unclear", "What a gate is whose limit lies within the interval: warn, or error.", "ini"),
    Option("tolerate", "Cases that are left to the gates: none, failed, or all (diverged ones, too).", "ini"),
    Option("network_allow", "host:port patterns that a replay may reach.", "ini list"),
    Option("until", "Stop behind step N of each trace: the command that a divergence prints.", metavar="N"),
    Option("pin", "What of the process is pinned: random, numpy, uuid, secrets, clock.", "ini list"),
    Option("patch", "Functions that are answered or observed: 'shop.rag.search = span name'.", "ini list"),
    Option("update", "Write snapshots that differ or are missing.", "flag"),
    Option("update_new", "Write snapshots that are missing.", "flag"),
    Option("review", "Decide value by value what the last run found, without running anything.", "flag"),
    Option("prune", "Delete snapshots that no test asked for.", "flag"),
    Option(
        "values",
        "Hold no snapshot against a value; write the values to this file, for llmreplay noise.",
        metavar="PATH",
    ),
    Option(
        "refresh",
        "With --llm-mode=record: ask anew also what the case holds, and judge nothing; for llmreplay refresh.",
        "flag",
    ),
    Option("unused", "What a snapshot is that no test asked for: warn, or error.", "ini"),
    Option("snapshot_ignore", "JSON paths that are left out of snapshots.", "ini list"),
    Option("snapshot_normalise", "What is made the same in snapshots: uuid, date, number=0.01, number=1%.", "ini list"),
    Option("redact", "Regular expressions of secrets, besides those that are known.", "ini list"),
    Option("pii", "Take personal data out, too, by presidio: a spaCy model, or a language.", "ini"),
    Option("allow_secrets", "Write files although the final scan found what looks like secrets.", "flag"),
    Option("keep_failed", "Write a case file for every trace that failed.", metavar="DIR"),
    Option("ignore", "JSON paths that are left out when calls are compared.", "ini list"),
)


def declare(parser: pytest.Parser) -> None:
    """Declare options and ini keys to pytest."""
    group = parser.getgroup("llm replay")
    for option in OPTIONS:
        ini: Any = "linelist" if "list" in option.kind else "string"
        if option.ini_only:
            parser.addini(option.dest, option.help, type=ini, default=[] if ini == "linelist" else "")
            continue
        if option.kind == "flag":
            group.addoption(option.flag, dest=option.dest, action="store_true", default=None, help=option.help)
        else:
            action = "append" if option.kind == "list" else "store"
            group.addoption(
                option.flag, dest=option.dest, action=action, metavar=option.metavar, default=None, help=option.help
            )
        parser.addini(option.dest, option.help, type=ini, default=[] if ini == "linelist" else "")


def check_names(args: Sequence[str]) -> None:
    """Raise UsageError, naming the nearest, for an option that looks like ours and is not."""
    known = [option.flag for option in OPTIONS if not option.ini_only]
    for arg in args:
        name = arg.partition("=")[0]
        if name.startswith("--llm-") and name not in known:
            from pytest_llmreplay.errors import nearest

            raise pytest.UsageError(f"no option {name}{nearest(name, known)}")


def in_use(config: pytest.Config) -> bool:
    """Whether any option or ini key of ours is set."""
    if any(config.getoption(option.dest, None) for option in OPTIONS if not option.ini_only):
        return True
    return any(config.getini(option.dest) for option in OPTIONS)


def is_replay(node: pytest.Item, fixture_names: Sequence[str]) -> bool:
    """Whether a test function is to become one item per trace."""
    return any(name in fixture_names for name in FIXTURES) or node.get_closest_marker("llm_replay") is not None


def is_ours(item: pytest.Item) -> bool:
    """Whether an item replays a trace or asks for approved values: what it prints is printed without secrets."""
    names = getattr(item, "fixturenames", ())
    return SNAPSHOT in names or is_replay(item, names)


def prepare_import(path: Path, config: pytest.Config) -> None:
    """Provide dummy keys if a module that is about to be imported speaks of replays."""
    try:
        speaks = b"llm_replay" in (source := path.read_bytes()) or b"llm_trace" in source
    except OSError:
        return
    if speaks:
        from pytest_llmreplay.plugin.run import Run

        Run.of(config)
