"""``--llm-mode record``: what a run asked live is kept in case files. PYTEST_DONT_REWRITE"""

import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Literal, TypeAlias

import pytest

from pytest_llmreplay.errors import LLMReplayError, UsageProblem
from pytest_llmreplay.model.recording import Match, Recording
from pytest_llmreplay.model.trace import Contents, Expectations, Step, Trace
from pytest_llmreplay.plugin.case import ActiveCase
from pytest_llmreplay.plugin.keeping import words_of
from pytest_llmreplay.plugin.options import CASE, CASE_FILE
from pytest_llmreplay.plugin.reports import Reports
from pytest_llmreplay.plugin.run import Run
from pytest_llmreplay.plugin.scratch import FOLDER
from pytest_llmreplay.replay.plainvalue import UNSEEN, as_json
from pytest_llmreplay.snapshots.casestore import Saved, Store
from pytest_llmreplay.snapshots.recorded import is_worth_keeping, recorded
from pytest_llmreplay.traces.groups import ungrouped
from pytest_llmreplay.writing import Guard, keep_unversioned

End: TypeAlias = Literal["finished", "failed", "interrupted"]
"""How an item ended; of one that was ``interrupted`` there is no report."""
BECAUSE: dict[End, str] = {
    "finished": "recorded by a test; nobody has looked at the output",
    "failed": "its test failed when it was recorded",
    "interrupted": "its run was interrupted when it was recorded",
}
REMARKS: dict[End, str] = {"finished": "", "failed": " (its test failed)", "interrupted": " (interrupted)"}
APART = " (interrupted; what was recorded before is as it was)"
ASIDE = ".llm/interrupted"
"""Below the root folder: what an interrupted item asked, and what would make its case file inconsistent."""
BY_HAND = "the calls of a session can be told apart only where llm_replay.run() runs its turns; nothing was kept"


def record(item: pytest.Item, report: pytest.TestReport, *, finished: bool) -> None:
    """Write the case files of an item that asked live; the report bears what became of each."""
    if told := written(item, "finished" if finished else "failed"):
        report.__dict__.setdefault("llm_kept", []).extend(told)


def rescue(item: pytest.Item) -> None:
    """Write the case files of an item that the run was broken off in."""
    Reports.of(item.config).rescued += written(item, "interrupted")


def written(item: pytest.Item, end: End) -> list[tuple[str, str]]:
    """Write the case files of an item that asked live, once. Returns what became of each.

    What a failed test asked is kept, too: it was paid for. A refresh of a test that fails keeps nothing.
    """
    case = item.stash[CASE]
    live = [each for each in case.recording.matches if is_worth_keeping(each, finished=end == "finished")]
    if case.recorded or not live or (case.settings.refresh and end == "failed"):
        return []
    case.recorded = True
    if end == "interrupted" and not fits(case):
        alone = Trace(case.trace.trace_id, case.trace.source, lambda: replace(case.trace.contents, steps=()))
        return [kept(item, alone, case.recording, end, aside(item))]
    try:
        parts = list(parts_of(case))
    except LLMReplayError as error:
        return [(str(error), "failed")]
    return [kept(item, trace, run, end, folder_of(item, trace.source)) for trace, run in parts]


def fits(case: ActiveCase) -> bool:
    """Whether what an item asked until it was broken off goes with the steps of its case files.

    In a refresh it stands in place of them, as a whole; and of a session's calls it is known whose turn they were of
    where its turns are told apart.
    """
    return not case.settings.refresh and (not case.by_session or bool(case.recording.turns))


def parts_of(case: ActiveCase) -> Iterator[tuple[Trace, Recording]]:
    """Each trace of an item with what was asked for it. Raises UsageProblem where that is not known."""
    run = case.recording
    if not case.by_session:
        yield case.trace, run
        return
    if not run.turns:
        raise UsageProblem(f"{case.trace.trace_id[:12]}: {BY_HAND}")
    outputs = run.output if isinstance(run.output, list) else []
    before = 0
    for number, turn in enumerate(case.turns):
        own = {before + step.index: step for step in turn.steps}
        before += len(turn.steps)
        begin, end = (([*run.turns, None, None])[number : number + 2]) if number < len(run.turns) else (0, 0)
        asked = [None if each is None else with_own_step(each, own) for each in run.places[begin:end]]
        output = outputs[number] if number < len(outputs) else turn.output
        yield turn, Recording(places=asked, output=output)


def with_own_step(match: Match, own: Mapping[int, Step]) -> Match:
    """A match with the step of its own turn; one that another turn's step answered keeps that, without a number."""
    if match.step is None:
        return match
    return match._replace(step=own.get(match.step.index) or replace(match.step, index=0))


def kept(item: pytest.Item, trace: Trace, run: Recording, end: End, folder: Path) -> tuple[str, str]:
    """Path and state of a case file; for one that could not be written, why and ``failed``."""
    try:
        done = saved(item, trace, run, end, folder)
    except LLMReplayError as error:
        return str(error), "failed"
    remark = REMARKS[end] if folder == folder_of(item, trace.source) else APART
    return str(done.path), done.state + ("" if done.state == "same" else remark)


def saved(item: pytest.Item, trace: Trace, run: Recording, end: End, folder: Path) -> Saved:
    """Write the case file of a trace. Raises LLMReplayError where it cannot be written."""
    session, before, finished = Run.of(item.config), trace.contents, end == "finished"
    output = as_json(run.output) if item.stash[CASE].judgements.output_given or finished else before.output
    run.output = None if output is UNSEEN else output
    after = ungrouped(recorded(trace.trace_id, before, run, int(time.time() * 1e9), finished=finished))
    if before.origin is None:
        after = replace(after, expectations=Expectations(because=BECAUSE[end]))
    store = Store(folder, Guard(session.redactor, session.settings.allow_secrets))
    return store.save(trace.trace_id, after, trace.source, named(after, item), overwrite=True)


def aside(item: pytest.Item) -> Path:
    """The folder of what would not go with a case file; kept out of version control, as far as it can be."""
    folder = item.config.rootpath / ASIDE
    keep_unversioned(folder)
    return folder


def folder_of(item: pytest.Item, source: str) -> Path:
    """Where the case file lies, or is to lie: beside the one that was replayed, else ``__llm__`` beside the test."""
    path = Path(source.rpartition(":")[0])
    if path.name.endswith(CASE_FILE):
        for base in (item.config.rootpath, item.config.invocation_params.dir, item.path.parent):
            if (base / path).exists():
                return (base / path).parent
    return item.path.parent / FOLDER


def named(contents: Contents, item: pytest.Item) -> str:
    """What a new file is called after: the question, or the test."""
    return words_of(contents) if contents.arguments else getattr(item, "originalname", None) or item.name
