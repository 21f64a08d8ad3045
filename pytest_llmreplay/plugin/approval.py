"""All snapshots of a session: read where the tests run, written by the controller alone. PYTEST_DONT_REWRITE

What an item found travels on its report, as JSON text; so nothing is lost with a worker, and no two processes of a run
write the same file.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from pytest_llmreplay.compare.values import Tolerance
from pytest_llmreplay.errors import DamagedFile, LLMReplayError
from pytest_llmreplay.plugin.options import APPROVALS, DESELECTED
from pytest_llmreplay.plugin.reports import Reports
from pytest_llmreplay.plugin.run import Run
from pytest_llmreplay.redaction.redactor import Redactor
from pytest_llmreplay.report.text import safe
from pytest_llmreplay.snapshots import noise, pending
from pytest_llmreplay.snapshots.check import Check
from pytest_llmreplay.snapshots.normal import Rules
from pytest_llmreplay.snapshots.store import FOLDER, REMOVED, Entries, change, file_of, is_whole, load
from pytest_llmreplay.snapshots.unused import Tally, by_file, unused
from pytest_llmreplay.writing import Guard

SELECTING = ("select", "traces", "until", "seed", "runs", "app")
"""Options of the command line that leave items out, or make others."""


class Approvals:
    """The snapshots of one process; on the controller, of all."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.root = config.rootpath
        self.settings = Run.of(config).settings
        self.rules: Rules = self.settings.snapshot_rules or Rules()
        self._entries: dict[Path, Entries | DamagedFile] = {}
        self._values: dict[tuple[str, str], noise.Kept] = {}
        self._changes: dict[Path, dict[str, Any]] = {}
        self._tallies: dict[Path, Tally] = {}
        self._partial: set[Path] = set()
        self.pending = 0
        self.lines: list[str] = []
        """What is said at the end."""

    @classmethod
    def of(cls, config: pytest.Config) -> "Approvals":
        """Those of a session; made when they are first needed."""
        if APPROVALS not in config.stash:
            config.stash[APPROVALS] = cls(config)
        return config.stash[APPROVALS]

    @property
    def redactor(self) -> Redactor:
        """The rules by which values are redacted."""
        return Run.of(self.config).redactor

    @property
    def guard(self) -> Guard:
        """What each file is scanned by."""
        return Guard(self.redactor, self.settings.allow_secrets)

    def entries(self, file: Path) -> Entries:
        """The entries of a file; read once. Raises DamagedFile."""
        if file not in self._entries:
            try:
                self._entries[file] = load(file, lenient=self.settings.update == "all")
            except DamagedFile as error:
                self._entries[file] = error
        found = self._entries[file]
        if isinstance(found, DamagedFile):
            raise DamagedFile(found.path, found.line, found.reason)
        return found

    def take(self, report: pytest.TestReport) -> None:
        """Take what a report tells of an item."""
        module = Path(self.root, report.nodeid.partition("::")[0])
        item = report.nodeid.partition("::")[2]
        tally = self._tallies.setdefault(module, Tally())
        if report.when == "call" and report.passed:
            tally.passed.add(item)
        elif not report.passed:
            tally.bad.add(item)
        for name, state, old, new in json.loads(getattr(report, "llm_snapshots", "[]")):
            self._take(file_of(module), name, state, old, new)
            tally.used.add(name)

    def _take(self, file: Path, name: str, state: str, old: Any, new: Any) -> None:
        relative = file.relative_to(self.root).as_posix()
        if state == "kept":
            self._values[relative, name] = noise.Kept(new, Tolerance(*old))
            return
        try:
            if state in ("changed", "missing"):
                kind: pending.Kind = "new" if state == "missing" else "changed"
                waiting = pending.Pending(file=relative, name=name, kind=kind, old=old, new=new)
                pending.keep(self.root, waiting, self.guard)
                self.pending += 1
                return
            if state in ("updated", "added"):
                self._changes.setdefault(file, {})[name] = new
            pending.forget(self.root, relative, name)
        except (LLMReplayError, OSError) as error:
            self.problem(str(error))

    def problem(self, words: str) -> None:
        """Remember what could not be written; the exit status is raised for it."""
        if words not in self.lines:
            self.lines.append(words)
            Run.of(self.config).verdict.problems_of_files.append(words)

    def collected(self, session: pytest.Session) -> dict[str, Any]:
        """What this process collected: the items of each module, and modules that were not collected whole."""
        items: dict[str, list[str]] = {}
        for item in session.items:
            module, _, name = item.nodeid.partition("::")
            items.setdefault(module, []).append(name)
        partial = {str(each) for each in self.config.stash.get(DESELECTED, set())}
        partial |= {arg.partition("::")[0] for arg in self.config.args if "::" in arg}
        return {"items": items, "partial": sorted(partial)}

    def take_collected(self, found: Mapping[str, Any]) -> None:
        """Take what a process collected."""
        for module, names in found.get("items", {}).items():
            self._tallies.setdefault(self.root / module, Tally()).collected.update(names)
        self._partial |= {self.root / each for each in found.get("partial", ())}

    def finish(self, session: pytest.Session) -> None:
        """Write what was approved, and find what nobody asked for."""
        self.take_collected(self.collected(session))
        for report in Reports.of(self.config).tests:
            self.take(report)
        if self.settings.values is not None:
            self._keep_values(self.settings.values)
            return
        for file, changes in sorted(self._changes.items()):
            self._write(file, changes, f"{len(changes)} written")
        if self.settings.update == "all":
            self._seal_edited()
        found = self.unused(session)
        if found and self.settings.prune:
            for file, names in found.items():
                self._write(file, dict.fromkeys(names, REMOVED), f"{len(names)} deleted")
        elif found:
            self.tell_unused(session, found)
        if self.pending:
            self.lines.append(
                f"{self.pending} not approved: pytest --llm-review decides one by one, --llm-update takes all"
            )

    def write(self, reporter: pytest.TerminalReporter) -> None:
        """The section of the terminal, if there is something to say."""
        if self.lines:
            reporter.write_sep("=", "llm snapshots")
            for line in self.lines:
                reporter.write_line(safe(line))

    def _write(self, file: Path, changes: Mapping[str, Any], words: str) -> None:
        try:
            if change(file, changes, self.guard):
                self.lines.append(f"{file.relative_to(self.root).as_posix()}: {words}")
        except LLMReplayError as error:
            self.problem(str(error))

    def _keep_values(self, path: Path) -> None:
        """Write what this run's tests held, for a comparison with another run."""
        try:
            noise.keep(path, self._values, self.guard)
        except LLMReplayError as error:
            self.problem(str(error))

    def _seal_edited(self) -> None:
        """Write anew what was edited by hand and found to be right."""
        for file, module in self.files():
            if file not in self._changes and self._tallies.get(module, Tally()).used and not is_whole(file):
                self._write(file, {}, "taken over as it was edited")

    def tell_unused(self, session: pytest.Session, found: Mapping[Path, list[str]]) -> None:
        """Say what is unused; raise the exit status where that is an error."""
        self.lines.append(f"{by_file(found)} (--llm-prune deletes them):")
        listed = [
            f"  {file.relative_to(self.root).as_posix()}: {name}" for file, names in found.items() for name in names
        ]
        limit = len(listed) if self.config.get_verbosity() > 0 else 10
        self.lines += listed[:limit]
        self.lines += [f"  … and {len(listed) - limit} more (-v)"] * (len(listed) > limit)
        if self.settings.unused_fails:
            Run.of(self.config).verdict.raise_exit(session, f"{by_file(found)} (llm_unused = error)")

    def unused(self, session: pytest.Session) -> dict[Path, list[str]]:
        """Unused entries by file; none where the run was broken off."""
        if session.shouldstop or session.shouldfail or self.config.getoption("collectonly", False):
            return {}
        found: dict[Path, list[str]] = {}
        for file, module in self.files():
            tally = self._tallies.get(module, Tally())
            try:
                names = sorted(load(file, lenient=True).values)
            except DamagedFile:
                continue  # whoever asks for it is told
            if unasked := unused(names, tally.ran(whole=self.whole(module))):
                found[file] = unasked
        return found

    def files(self) -> Iterator[tuple[Path, Path]]:
        """Snapshot files of the folders whose tests ran, with their modules."""
        for folder in sorted({module.parent for module in self._tallies}):
            for file in sorted((folder / FOLDER).glob("*.yaml")):
                module = folder / f"{file.stem}.py"
                if not file.name.endswith(".llmcase.yaml") and (module in self._tallies or not module.exists()):
                    yield file, module

    def whole(self, module: Path) -> bool:
        """Whether all items of a module were to run; of a module that is gone, whether its folder was."""
        said = any(self.config.getoption(f"llm_{name}", None) for name in SELECTING)
        if said or module in self._partial:
            return False
        return module in self._tallies or any(
            Path(self.config.invocation_params.dir, arg).resolve() in module.resolve().parents
            for arg in self.config.args
        )


def finish(session: pytest.Session) -> None:
    """Write what was approved; a worker only says what it collected."""
    approvals = Approvals.of(session.config)
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["llm_collected"] = approvals.collected(session)
    else:
        approvals.finish(session)


def told(checks: list[Check]) -> str:
    """What an item found, as text that every report can carry."""
    return json.dumps([(each.name, each.state, each.old, each.new) for each in checks])
