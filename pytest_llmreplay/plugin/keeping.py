"""``--llm-keep-failed``: a case file for every trace that failed. PYTEST_DONT_REWRITE"""

from dataclasses import replace
from pathlib import Path

import pytest

from pytest_llmreplay.errors import LLMReplayError
from pytest_llmreplay.model.trace import Contents, Expectations, Trace
from pytest_llmreplay.plugin.options import CASE
from pytest_llmreplay.plugin.reports import Reports
from pytest_llmreplay.plugin.run import Run
from pytest_llmreplay.snapshots.casefile import reason
from pytest_llmreplay.snapshots.casestore import Store
from pytest_llmreplay.traces import roots
from pytest_llmreplay.traces.groups import ungrouped
from pytest_llmreplay.writing import Guard

BECAUSE = "its test failed when it was kept"


def keep(item: pytest.Item, report: pytest.TestReport) -> None:
    """Write the traces of a failed item as case files; the report bears what became of each."""
    run, case = Run.of(item.config), item.stash[CASE]
    folder = run.settings.keep_failed
    if folder is not None:
        store = Store(folder, Guard(run.redactor, run.settings.allow_secrets))
        report.__dict__.setdefault("llm_kept", []).extend(kept(store, turn) for turn in case.turns)


def kept(store: Store, trace: Trace) -> tuple[str, str]:
    """Path and state of a trace's case file; for one that could not be written, ``failed`` and why."""
    try:
        inside = ungrouped(trace.contents)
        saved = store.save(trace.trace_id, unapproved(inside), trace.source, words_of(inside))
    except LLMReplayError as error:
        return str(error), "failed"
    return str(saved.path), saved.state


def unapproved(inside: Contents) -> Contents:
    """Contents whose output nobody takes for the expected one, for the test of it failed."""
    if inside.origin is not None:
        return inside
    return replace(inside, expectations=Expectations(because=reason(inside) or BECAUSE))


def words_of(inside: Contents) -> str:
    """What a case file is named after."""
    words = "" if inside.arguments is None else roots.first_text(inside.arguments)
    return inside.expectations.title or roots.slugged(words) or roots.slugged(inside.name) or "trace"


def summary(config: pytest.Config) -> list[str]:
    """What became of the case files of a run."""
    base = config.invocation_params.dir
    found = dict(Reports.of(config).kept)
    written = [(path, state) for path, state in found.items() if state.startswith(("new", "changed"))]
    lines = [f"case file {state}: {shown(path, base)}" for path, state in written]
    left = [(path, state) for path, state in found.items() if state in ("edited", "damaged")]
    lines += [f"case file left as it is, for it is {state}: {shown(path, base)}" for path, state in left]
    lines += [f"case file not written: {why}" for why, state in found.items() if state == "failed"]
    same = len(found) - len(written) - len(left) - sum(state == "failed" for state in found.values())
    return [*lines, *([f"{same} case file{'' if same == 1 else 's'} as before"] if same else [])]


def shown(path: str, base: Path) -> str:
    """A path as the user would write it."""
    try:
        return str(Path(path).relative_to(base))
    except ValueError:
        return path
