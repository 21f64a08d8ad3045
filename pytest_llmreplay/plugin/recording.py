"""``--llm-mode record``: what a run asked live is kept in case files. PYTEST_DONT_REWRITE"""

import time
from dataclasses import replace
from pathlib import Path

import pytest

from pytest_llmreplay.errors import LLMReplayError
from pytest_llmreplay.model.trace import Contents, Expectations
from pytest_llmreplay.plugin.case import ActiveCase
from pytest_llmreplay.plugin.keeping import words_of
from pytest_llmreplay.plugin.options import CASE, CASE_FILE
from pytest_llmreplay.plugin.run import Run
from pytest_llmreplay.plugin.scratch import FOLDER
from pytest_llmreplay.replay.plainvalue import UNSEEN, as_json
from pytest_llmreplay.snapshots.casestore import Store
from pytest_llmreplay.snapshots.recorded import is_live, recorded
from pytest_llmreplay.traces.groups import ungrouped
from pytest_llmreplay.writing import Guard

BECAUSE = "recorded by a test; nobody has looked at the output"


def record(item: pytest.Item, report: pytest.TestReport) -> None:
    """Write the case file of an item that asked live; the report bears what became of it."""
    run, case = Run.of(item.config), item.stash[CASE]
    if case.by_session or not any(map(is_live, case.recording.matches)):
        return
    try:
        path, state = saved(item, case, run)
    except LLMReplayError as error:
        path, state = str(error), "failed"
    report.__dict__["llm_kept"] = [(path, state)]


def saved(item: pytest.Item, case: ActiveCase, run: Run) -> tuple[str, str]:
    """Path and state of the case file. Raises LLMReplayError where it cannot be written."""
    trace = case.trace
    before = trace.contents
    output = as_json(case.recording.output)
    case.recording.output = None if output is UNSEEN else output
    after = ungrouped(recorded(trace.trace_id, before, case.recording, int(time.time() * 1e9)))
    if before.origin is None:
        after = replace(after, expectations=Expectations(because=BECAUSE))
    store = Store(folder_of(item, trace.source), Guard(run.redactor, run.settings.allow_secrets))
    done = store.save(trace.trace_id, after, trace.source, named(after, item), overwrite=True)
    return str(done.path), done.state


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
