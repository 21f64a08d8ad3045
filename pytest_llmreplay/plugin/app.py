"""``--llm-app``: one item per trace without a test file. PYTEST_DONT_REWRITE"""

import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from pytest_llmreplay.errors import LLMReplayError, UsageProblem, nearest
from pytest_llmreplay.plugin.case import ActiveCase
from pytest_llmreplay.plugin.collect import NO_TRACES, CaseHandle, cases_of
from pytest_llmreplay.plugin.options import CASE
from pytest_llmreplay.plugin.run import Run


def app_items(session: pytest.Session) -> Iterator[pytest.Item]:
    """An item for each trace. Raises UsageError for an application that cannot be found, and where nothing is given."""
    run = Run.of(session.config)
    target = run.settings.app
    if target is None:
        return
    try:
        function = application(target, session.config.invocation_params.dir)
        if not run.settings.traces and run.has_case_files:
            return
        if not run.settings.traces:
            raise UsageProblem(f"--llm-app: {NO_TRACES}")
        handles = run.sources.handles(run.settings)
        run.sources.targets(run.settings)
        ids, cases = cases_of(handles, run.settings)
    except LLMReplayError as error:
        raise pytest.UsageError(str(error)) from None
    for name, handle in zip(ids, cases, strict=True):
        yield AppItem.from_parent(
            session, name=f"{target}[{name}]", nodeid=f"{target}[{name}]", function=function, handle=handle
        )


def application(target: str, folder: Path) -> Callable[..., Any]:
    """The callable that ``module:callable`` names. Raises UsageProblem."""
    module_name, sign, attribute = target.partition(":")
    if not sign or not attribute:
        raise UsageProblem(f"--llm-app {target!r}: write MODULE:CALLABLE, such as shop.app:answer")
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))
    try:
        found: Any = import_module(module_name)
    except ModuleNotFoundError as error:
        raise UsageProblem(f"--llm-app {target!r}: {error} (looked in {folder} and sys.path)") from None
    for name in attribute.split("."):
        if not hasattr(found, name):
            raise UsageProblem(f"--llm-app {target!r}: {module_name} has no {name!r}{nearest(name, dir(found))}")
        found = getattr(found, name)
    if not callable(found):
        raise UsageProblem(f"--llm-app {target!r} is not callable")
    return found  # type: ignore[no-any-return]


class AppItem(pytest.Item):
    """Calls the application with a trace's input, as ``llm_replay.run`` does."""

    def __init__(self, *, function: Callable[..., Any], handle: CaseHandle, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.function = function
        self.llm_handle = handle
        self.add_marker(pytest.mark.llm_replay)

    def runtest(self) -> None:
        """Replay, and let the ledger decide."""
        __tracebackhide__ = True
        from pytest_llmreplay.plugin.outcome import judged
        from pytest_llmreplay.plugin.replay import Replay

        case = self.stash[CASE]
        with judged(self):
            try:
                Replay(case).run(self.function)
            except Exception as error:
                if case.trace.status != "error" or case.divergence(finished=False):
                    raise
                case.recording.output = f"{type(error).__name__}: {error}"
                case.judgements.output_given = True
            self.judge(case)

    def judge(self, case: ActiveCase) -> None:
        """Judge the output by what this kind of item expects."""

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Where the item stands in reports."""
        return self.config.invocation_params.dir, None, self.name
