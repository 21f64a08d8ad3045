"""The judges of a run: their calls answered from recordings, and new ones written at its end. PYTEST_DONT_REWRITE

What an item recorded travels on its report, as JSON text; so nothing is lost with a worker, and no two processes of a
run write the same file.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from _pytest.outcomes import Failed

from pytest_llmreplay.errors import DamagedFile, LLMReplayError
from pytest_llmreplay.evaluate.context import EvaluationContext, Exchange
from pytest_llmreplay.evaluate.protocol import Evaluator
from pytest_llmreplay.evaluate.run import evaluate
from pytest_llmreplay.model.evaluation import Evaluation, Judgement
from pytest_llmreplay.plugin.figures import costs_of
from pytest_llmreplay.plugin.run import Run
from pytest_llmreplay.replay.judges import JudgeCalls, JudgeSession
from pytest_llmreplay.report.kpis import dollars
from pytest_llmreplay.settings import Settings
from pytest_llmreplay.snapshots.judgefile import entry_of, file_of, name_of, read
from pytest_llmreplay.snapshots.store import change
from pytest_llmreplay.writing import Guard


class Unanswered(BaseException):
    """A model call of an evaluator that nothing answers. ``except Exception`` does not catch it."""


class Judges:
    """The recorded judge calls of one process; on the controller, of all."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self._calls: dict[Path, JudgeCalls] = {}

    def calls(self, file: Path) -> JudgeCalls:
        """The calls of a file; read once. Raises DamagedFile."""
        if file not in self._calls:
            self._calls[file] = JudgeCalls(read(file)) if file.exists() else JudgeCalls()
        return self._calls[file]

    def session(self, path: Path, settings: Settings, passes: Any) -> JudgeSession:
        """A session for the evaluators of one verdict. Fails for a file that is damaged."""
        __tracebackhide__ = True
        file = file_of(path)
        try:
            calls = self.calls(file)
        except DamagedFile as error:
            raise Failed(str(error), pytrace=False) from None
        return JudgeSession(
            calls,
            asks=settings.mode in ("live", "record"),
            signal=Unanswered,
            passes=passes,
            view=self.run.redactor.salted(file.stem).value,
        )

    def write(self, told: Sequence[str]) -> list[str]:
        """Write what the reports of a run tell; returns what to say of it."""
        new: dict[Path, dict[str, Any]] = {}
        missing, spent = 0, list[float | None]()
        for file, entries, unanswered, usd in map(json.loads, told):
            new.setdefault(self.run.config.rootpath / file, {}).update(entries)
            missing += unanswered
            spent += [usd] if entries else []
        lines = [self._write(file, entries) for file, entries in sorted(new.items()) if entries]
        known = [each for each in spent if each is not None]
        if known and len(known) == len(spent):
            lines.append(f"{dollars(sum(known))} spent on judge calls")
        if missing:
            lines.append(f"{counted(missing, 'judge call')} without a recording; --llm-mode=record makes them")
        return lines

    def _write(self, file: Path, entries: dict[str, Any]) -> str:
        run = self.run
        try:
            change(file, entries, Guard(run.redactor, run.settings.allow_secrets))
        except LLMReplayError as error:
            run.verdict.problems_of_files.append(str(error))
            return f"judge recordings not written: {error}"
        return f"{counted(len(entries), 'judge call')} recorded: {relative(file, run.config.rootpath)}"


def judged(evaluator: Evaluator, ctx: EvaluationContext, session: JudgeSession) -> Sequence[Evaluation]:
    """The judgements of one evaluator. One that lacks a recording is skipped, under CI an error.

    The session's ledger decides: whatever a library made of the signal, the call was not answered.
    """
    before = len(session.missing)
    found = evaluate([evaluator], ctx).evaluations
    if len(session.missing) == before:
        return found
    call = session.missing[before]
    reason = f"no judge recording of this call of {call.model or call.kind}; --llm-mode=record makes one"
    judgement: Judgement = "error" if ctx.in_ci else "skipped"
    return (Evaluation(name=evaluator.title, judgement=judgement, reason=reason, weight=evaluator.weight),)


def annotate(report: pytest.TestReport, sessions: Sequence[JudgeSession], path: Path, root: Path) -> None:
    """Put what an item's judges were newly answered, and how often they were not, on its report."""
    missing = sum(len(session.missing) for session in sessions)
    kept = [each for session in sessions for each in session.kept]
    if kept or missing:
        entries = {name_of(call, number): entry_of(call, answer) for call, answer, number in kept}
        spent = costs_of([Exchange(call, answer, recorded=False) for call, answer, _ in kept]).usd
        report.__dict__["llm_judges"] = json.dumps((relative(file_of(path), root), entries, missing, spent))


def counted(number: int, noun: str) -> str:
    """A number of things."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def relative(file: Path, root: Path) -> str:
    """A path below the rootdir; as it is where it lies elsewhere."""
    return file.relative_to(root).as_posix() if file.is_relative_to(root) else str(file)
