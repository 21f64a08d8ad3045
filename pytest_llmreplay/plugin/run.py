"""One pytest session that replays: its settings, its traces, and what it found. PYTEST_DONT_REWRITE"""

import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_llmreplay.errors import LLMReplayError
from pytest_llmreplay.model.trace import Trace
from pytest_llmreplay.plugin import hooks
from pytest_llmreplay.plugin.configured import settings_of
from pytest_llmreplay.plugin.options import RUN
from pytest_llmreplay.plugin.reports import Reports
from pytest_llmreplay.replay.arrival import arrival
from pytest_llmreplay.replay.environment import environment
from pytest_llmreplay.settings import Settings
from pytest_llmreplay.traces.catalog import Catalog, load_catalog
from pytest_llmreplay.traces.formats.protocol import Problem

if TYPE_CHECKING:
    from pytest_llmreplay.model.result import RunReport
    from pytest_llmreplay.plugin.judges import Judges
    from pytest_llmreplay.redaction.redactor import Redactor
    from pytest_llmreplay.replay.boundaries import Boundary
    from pytest_llmreplay.replay.functions import Target
    from pytest_llmreplay.replay.seeded import AnswerPool, SeededAnswers
    from pytest_llmreplay.report.baseline import Baseline


@dataclass(frozen=True, slots=True)
class Plan:
    """How the items of one test function are replayed."""

    settings: Settings
    engaged: bool
    """Whether the test means to replay, so that steps that it never asks for count."""


@dataclass(frozen=True, slots=True)
class Functions:
    """The functions of all traces, by name."""

    calls: frozenset[str]
    groups: frozenset[str]
    """Those that hold other calls."""
    words: frozenset[str]
    """All that either may be called by."""


class Run:
    """What the hooks share. Made when the plugin is first in use; one for each process."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        try:
            self.settings = settings_of(config)
        except LLMReplayError as error:
            raise pytest.UsageError(str(error)) from None
        self.raised: str | None = None
        """Why the exit status was raised."""
        self.baseline: Baseline | None = None
        """The earlier run to compare with."""
        self.report: RunReport | None = None
        """What the run gave, when it has ended."""
        self.unwritten: list[str] = []
        """What was to be written and could not be."""
        self._catalogs: dict[tuple[tuple[str, ...], Path], Catalog] = {}
        self._problems: dict[str, bool] = {}
        self._targets: dict[Boundary, Target] = {}
        self._functions: dict[tuple[tuple[str, ...], Path], Functions] = {}
        self._pools: dict[tuple[tuple[str, ...], Path], AnswerPool] = {}
        self._traced: dict[tuple[tuple[str, ...], Path, int], tuple[Boundary, ...]] = {}
        self.plans: dict[tuple[str, str], Plan] = {}
        self.usage_problems: list[str] = []
        """What a marker got wrong; raised when all tests are collected."""
        self.problems_of_files: list[str] = []
        """Snapshots and pending values that could not be written."""
        self.judge_lines: list[str] = []
        """What is said of judge calls that were recorded."""
        self._judges: Judges | None = None
        self._redactor: Redactor | None = None
        self.has_case_files = False
        """Whether case files were collected as tests."""
        self._unseen: list[str] | None = None
        self._unseen_elsewhere: set[str] = set()
        environment.enter(calls_go_out=self.settings.mode in ("live", "record"))

    @classmethod
    def of(cls, config: pytest.Config) -> "Run":
        """The run of a session; made if there is none yet."""
        if RUN not in config.stash:
            config.stash[RUN] = cls(config)
            hooks.join(config)
        return config.stash[RUN]

    def start(self) -> None:
        """Read what the options name. Raises UsageError where there is no trace."""
        from pytest_llmreplay.plugin.progress import watch

        watch(self.config, self.settings.ci)
        settings = self.settings
        try:
            if settings.baseline and (settings.baseline.exists() or settings.baseline != settings.baseline_save):
                from pytest_llmreplay.report.baseline import read

                self.baseline = read(settings.baseline)
            if not settings.traces:
                return
            self.handles(self.settings)
        except LLMReplayError as error:
            raise pytest.UsageError(str(error)) from None

    def catalog(self, settings: Settings) -> Catalog:
        """The traces that the settings name; each set of paths is read once. Raises SourceError."""
        key = (settings.traces, settings.base)
        if key not in self._catalogs:
            catalog = load_catalog(settings.traces, settings.base, settings.cache)
            self.note(catalog.problems)
            ignore_cache(settings.cache)
            self._catalogs[key] = catalog
        return self._catalogs[key]

    def case_files(self, settings: Settings) -> Catalog:
        """The case files of a folder; what is wrong with one is said by its own item. Raises SourceError."""
        key = (settings.traces, settings.base)
        if key not in self._catalogs:
            self._catalogs[key] = load_catalog(settings.traces, settings.base, settings.cache)
            ignore_cache(settings.cache)
        return self._catalogs[key]

    def handles(self, settings: Settings) -> list[Any]:
        """The selected traces. Raises LLMReplayError where there is none: an empty suite must not be green."""
        catalog = self.catalog(settings)
        where = ", ".join(settings.traces)
        if not catalog.handles:
            details = "".join(f"\n  {each}" for each in catalog.problems[:5])
            raise LLMReplayError(f"no trace found in {where}{details}")
        found = catalog.selected(settings.select)
        if not found:
            wanted = ", ".join(map(str, settings.select))
            raise LLMReplayError(f"none of {len(catalog.handles)} traces in {where} is selected by {wanted}")
        return found

    def note(self, problems: Sequence[Problem]) -> None:
        """Remember records that could not be read, each once."""
        self._problems.update({str(each): each.repaired for each in problems})

    def note_inside(self, trace: Trace) -> None:
        """Remember what was found wrong when a trace was opened."""
        for note in trace.contents.notes:
            if self._named_already(note):
                continue
            self._problems.setdefault(f"trace {trace.trace_id[:12]}: {note}", "malformed" not in note)

    def _named_already(self, note: str) -> bool:
        """Whether the scan of the files named the record in which a span is malformed."""
        place, malformed, _ = note.partition(": a span is malformed")
        return bool(malformed) and any(each.startswith(f"{place}: ") for each in self._problems)

    @property
    def problems(self) -> list[str]:
        """Records that were dropped or repaired, dropped ones first."""
        return sorted(self._problems, key=lambda each: self._problems[each])

    @property
    def repaired(self) -> int:
        """How many records were repaired."""
        return sum(self._problems.values())

    def targets(self, settings: Settings) -> "tuple[Target, ...]":
        """The functions that the settings name as boundaries; each is looked up once. Raises UsageProblem."""
        if not settings.patch:
            return ()
        from pytest_llmreplay.replay.boundaries import AUTO
        from pytest_llmreplay.replay.functions import target

        named = tuple(boundary for boundary in settings.patch if boundary.path != AUTO)
        if len(named) < len(settings.patch):
            from pytest_llmreplay.replay.auto import traced

            paths = {boundary.path for boundary in named}
            key = (settings.traces, settings.base, len(sys.modules))
            if key not in self._traced:
                self._traced = {key: traced(self.functions(settings).calls)}  # modules come as the run goes on
            named += tuple(each for each in self._traced[key] if each.path not in paths)
        for boundary in named:
            if boundary not in self._targets:
                self._targets[boundary] = target(boundary)
        return tuple(self._targets[boundary] for boundary in named)

    def seeded(self, settings: Settings, seed: int) -> "SeededAnswers":
        """A fresh choice of recorded answers for one item; the pool of all loaded traces is made once."""
        from pytest_llmreplay.replay.seeded import AnswerPool, SeededAnswers

        key = (settings.traces, settings.base)
        if key not in self._pools:
            steps = (step for handle in self.catalog(settings).handles for step in handle.open().steps)
            self._pools[key] = AnswerPool(step for step in steps if step.asked_by_http and not step.incomplete)
        return SeededAnswers(self._pools[key], seed)

    def functions(self, settings: Settings) -> Functions:
        """What the functions in the traces that the settings name are called; opens up to 1,000 of them, once."""
        key = (settings.traces, settings.base)
        if key not in self._functions:
            traces = [handle.open().contents for handle in self.catalog(settings).handles[:1000]]
            calls = [step for trace in traces for step in trace.steps if not step.asked_by_http]
            groups = [group for trace in traces for group in trace.groups]
            self._functions[key] = Functions(
                calls=frozenset(step.name for step in calls),
                groups=frozenset(group.name for group in groups),
                words=frozenset(word for step in (*calls, *groups) for word in step.names),
            )
        return self._functions[key]

    def header(self) -> list[str]:
        """What is replayed, from where, and under which policy."""
        settings = self.settings
        network = "blocked" if settings.network == "block" else "allowed"
        line = f"llm: {settings.mode} (drift {settings.drift}), network {network}"
        words = []
        if settings.traces:
            catalog = self.catalog(settings)
            formats = Counter(handle.file.container for handle in catalog.handles)
            told = ", ".join(f"{name} {count:,}" for name, count in formats.items())
            chosen = len(catalog.selected(settings.select)) if settings.select else len(catalog.handles)
            of = f" of {len(catalog.handles):,}" if settings.select else ""
            noun = "trace" if len(catalog.handles) == 1 else "traces"
            line += f"; {chosen:,}{of} {noun} from {', '.join(settings.traces)} ({told})"
            dropped = len(self._problems) - self.repaired
            words += [f"{dropped:,} {'record' if dropped == 1 else 'records'} not read"] * bool(dropped)
            words += [f"passed over: {', '.join(catalog.skipped)}"] * bool(catalog.skipped)
        if self.baseline is not None and settings.baseline is not None:
            then = self.baseline
            traces = len({case.trace_id for case in then.cases.values()})
            about = (then.commit, then.created[:10], f"{traces:,} {'trace' if traces == 1 else 'traces'}")
            stored = ", ".join(filter(None, (self.shown(settings.baseline), *about)))
            return [line, "; ".join([f"llm baseline: {stored}", *words])]
        return [line, *[f"llm: {'; '.join(words)}"] * bool(words)]

    def shown(self, path: Path) -> str:
        """A path as the user would give it: relative to where pytest was called, if it lies below."""
        folder = self.config.invocation_params.dir
        return (path.relative_to(folder) if path.is_relative_to(folder) else path).as_posix()

    def take_over(self, output: Mapping[str, Any]) -> None:
        """Take over what a worker found."""
        self._problems.update(output.get("llm_problems", {}))
        self._unseen_elsewhere.update(output.get("llm_unseen", ()))

    def finish(self, session: pytest.Session) -> None:
        """Raise the exit status where records were dropped; hand on what a worker found."""
        output = getattr(self.config, "workeroutput", None)
        if output is not None:
            output["llm_problems"] = dict(self._problems)
            output["llm_unseen"] = self.unseen
            output["llm_interrupted"] = Reports.of(self.config).rescued
            return
        reporter: Any = self.config.pluginmanager.get_plugin("terminalreporter")
        if warnings := reporter.stats.get("warnings") if reporter is not None else None:
            from pytest_llmreplay.plugin.redacted import redact_warnings

            redact_warnings(warnings, self.redactor)
        counted = len(self._problems) - (0 if self.settings.strict_repairs else self.repaired)
        if counted and self.settings.strict_load and session.exitstatus == pytest.ExitCode.OK:
            words = "record could not be read as it is" if counted == 1 else "records could not be read as they are"
            self.raise_exit(session, f"{counted:,} {words} (llm_strict_load = false to accept that)")
        reports = Reports.of(self.config)
        if told := reports.told("llm_judges"):
            self.judge_lines = self.judges.write(told)
        unkept = {path for path, state in reports.kept if state == "failed"}
        if self.problems_of_files or unkept:
            count = len(self.problems_of_files) + len(unkept)
            self.raise_exit(session, f"{count} file{'' if count == 1 else 's'} not written")
        self.conclude(session)

    def conclude(self, session: pytest.Session) -> None:
        """Sum up, hold the gates, write reports; raise the exit status where a gate failed or a file is missing."""
        if self.config.getoption("collectonly", False):
            return
        from pytest_llmreplay.plugin import results

        whole = results.is_whole(session)
        report = results.report_of(self, session)
        failed = results.reasons(self, report)
        if failed:
            self.raise_exit(session, ", ".join(failed))
        self.report = replace(report, exit_reason=self.raised or results.unfinished(session))
        self.config.hook.pytest_llm_report(config=self.config, report=self.report)
        self.unwritten = results.write(self, self.report, whole=whole)
        if self.unwritten:
            self.raise_exit(session, "; ".join(self.unwritten))

    def raise_exit(self, session: pytest.Session, why: str) -> None:
        """Raise the exit status, never lower it, and remember why."""
        if session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
        before = f"{self.raised}; " if self.raised else f"exit status {int(session.exitstatus)}: "
        self.raised = before + why

    @property
    def judges(self) -> "Judges":
        """The recorded calls of evaluators."""
        if self._judges is None:
            from pytest_llmreplay.plugin.judges import Judges

            self._judges = Judges(self)
        return self._judges

    @property
    def redactor(self) -> "Redactor":
        """The rules by which secrets are taken out of what is printed and written."""
        if self._redactor is None:
            from pytest_llmreplay.plugin.redacted import Hooked
            from pytest_llmreplay.redaction.redactor import Redactor

            finders = (Hooked(self.config), *self.settings.finders)
            self._redactor = Redactor(patterns=self.settings.redact, finders=finders)
        return self._redactor

    def patch(self, *, engaged: bool) -> None:
        """Put the patches in; for a test that only looks at its trace, when there is an HTTP library to be patched."""
        if engaged:
            self._patch()
        else:
            arrival.await_library(self._patch)

    def _patch(self) -> None:
        """Put the patches in, and see once whether they reach every SDK that is installed."""
        from pytest_llmreplay.replay.cassette import patches

        patches.install()
        if self._unseen is None:
            from pytest_llmreplay.replay.transports import unseen

            self._unseen = list(unseen())

    @property
    def unseen(self) -> list[str]:
        """Installed SDKs whose calls a replay would not see."""
        return sorted({*(self._unseen or ()), *self._unseen_elsewhere})

    def close(self) -> None:
        """Leave the process as it was."""
        environment.leave()
        arrival.forget()
        if "pytest_llmreplay.replay.guard" in sys.modules:
            from pytest_llmreplay.replay.guard import guard

            guard.remove()
        if "pytest_llmreplay.replay.cassette" in sys.modules:
            from pytest_llmreplay.replay.cassette import patches

            patches.remove()


def ignore_cache(cache: Path) -> None:
    """Keep the cache folder out of version control, if it was made."""
    note = cache.parent / ".gitignore"
    if cache.is_dir() and not note.exists():
        note.write_text("# made by pytest-llmreplay\n*\n", encoding="utf-8")
