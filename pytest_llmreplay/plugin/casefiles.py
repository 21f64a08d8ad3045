"""``*.llmcase.yaml`` as test files: one item for each, once an application is named. PYTEST_DONT_REWRITE"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from glob import escape
from pathlib import Path
from typing import Any

import pytest
from _pytest.fixtures import TopRequest

from pytest_llmreplay.errors import LLMReplayError, UsageProblem
from pytest_llmreplay.plugin.app import AppItem, application
from pytest_llmreplay.plugin.case import ActiveCase
from pytest_llmreplay.plugin.collect import CaseHandle, cases_of, key_of
from pytest_llmreplay.plugin.run import Plan, Run
from pytest_llmreplay.traces.catalog import CASE_SUFFIX, Catalog, Handle, shown

FIXTURE = "llm_app"
NO_APP = (
    "no application to replay it against: use --llm-app=MODULE:CALLABLE, the ini key llm_app, "
    "or define llm_app in conftest.py (a fixture that gives the callable, or the callable)"
)
Application = Callable[..., Any]


class CaseFile(pytest.File):
    """One case file."""

    def collect(self) -> Iterator[pytest.Item]:
        """The item of its trace; none where no application is named, unless the user named the file."""
        app = self.application()
        if app is None:
            if self.session.isinitpath(self.path):
                raise self.CollectError(f"{self.nodeid}: {NO_APP}")
            return
        run = Run.of(self.config)
        run.has_case_files = True
        settings = replace(run.settings, traces=(pattern(self.path, self.config.rootpath),), base=self.config.rootpath)
        catalog = run.sources.case_files(settings)
        if self.replayed_anyway(run):
            return
        if wrong := self.problems(catalog):
            yield BrokenCase.from_parent(self, name=self.path.name, reason="\n".join(wrong))
        chosen = [handle for handle in catalog.selected(settings.select) if self.holds(handle)]
        for name, handle in zip(*cases_of(chosen, settings), strict=True):
            item = CaseItem.from_parent(self, name=name, function=app, handle=handle)
            run.plans[key_of(item)] = Plan(settings, engaged=True)
            yield item

    def application(self) -> "Callable[[CaseItem], Application] | None":
        """What finds the application when the item is set up: the command line first, then conftest, then the ini file.

        Raises CollectError for one that cannot be found.
        """
        folder = self.config.invocation_params.dir
        fixtures = self.session._fixturemanager.getfixturedefs(FIXTURE, self)
        plain = next((found for found in self.conftests() if found is not None), None)
        target = self.config.getoption("llm_app", None)
        if not target and fixtures:
            return lambda item: callable_of(item.fixture(FIXTURE), folder)
        target = target or plain or self.config.getini("llm_app")
        if not target:
            return None
        Run.of(self.config)  # gives dummy keys before the application is imported
        try:
            function = callable_of(target, folder)
        except LLMReplayError as error:
            raise self.CollectError(str(error)) from None
        return lambda item: function

    def conftests(self) -> Iterator[Any]:
        """What the conftest modules above the file, nearest first, call ``llm_app``."""
        for module in reversed(self.config.pluginmanager._getconftestmodules(self.path)):
            yield getattr(module, FIXTURE, None)

    def replayed_anyway(self, run: Run) -> bool:
        """Whether the file is among the traces that the options name, of which each has an item already."""
        if run.settings.app is None or not run.settings.traces:
            return False
        return any(self.holds(handle) for handle in run.sources.catalog(run.settings).handles)

    def holds(self, handle: Handle) -> bool:
        """Whether a trace lies in this file."""
        return any(file.source.path == self.path for file, _ in handle.rows)

    def problems(self, catalog: Catalog) -> list[str]:
        """What is wrong with this file."""
        return [str(each) for each in catalog.problems if each.file == shown(self.path, self.config.rootpath)]


def pattern(path: Path, base: Path) -> str:
    """What stands for all case files beside a path."""
    return str(Path(escape(shown(path.parent, base))) / f"*{CASE_SUFFIX}")


def callable_of(value: Any, folder: Path) -> Application:
    """The application: a callable, or ``module:callable``. Raises UsageProblem."""
    if isinstance(value, str):
        return application(value, folder)
    if not callable(value):
        raise UsageProblem(f"llm_app is a {type(value).__name__}; give a callable, or a text such as 'shop.app:answer'")
    found: Application = value
    return found


class CaseItem(AppItem):
    """Calls the application with the input of a case file, and holds the output to what the file expects."""

    def __init__(self, *, function: "Callable[[CaseItem], Application]", handle: CaseHandle, **kwargs: Any) -> None:
        super().__init__(function=function, handle=handle, **kwargs)
        self.find = function
        self.obj = None
        self.funcargs: dict[str, object] = {}
        self._fixtureinfo = self.session._fixturemanager.getfixtureinfo(node=self, func=None, cls=None)
        self.fixturenames = self._fixtureinfo.names_closure
        self._request = TopRequest(self, _ispytest=True)  # type: ignore[arg-type]

    def setup(self) -> None:
        """Set up the fixtures that conftest wants for every test, and find the application."""
        self._request._fillfixtures()
        try:
            self.function = self.find(self)
        except LLMReplayError as error:
            pytest.fail(str(error), pytrace=False)

    def fixture(self, name: str) -> Any:
        """What a fixture gives."""
        return self._request.getfixturevalue(name)

    def judge(self, case: ActiveCase) -> None:
        """Where the file names no evaluators, the output is to be the text or the JSON that it expects."""
        from pytest_llmreplay.plugin.judging import evaluate

        said = case.trace.expectations
        settings = case.settings
        if said.output is not None and not (said.evaluators or settings.evaluators or settings.refresh):
            name = "exact" if isinstance(said.output, str) else "json_equal"
            case.judgements.binding.append(evaluate(case, case.recording.output, [name]))

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Where the item stands in reports."""
        return self.path, 0, self.name


class BrokenCase(pytest.Item):
    """Stands for a case file that cannot be read: an error that names line and path, while other cases run."""

    def __init__(self, *, reason: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.reason = reason

    def setup(self) -> None:
        """Fail, saying why."""
        __tracebackhide__ = True
        pytest.fail(self.reason, pytrace=False)

    def runtest(self) -> None:
        """Never reached."""

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Where the item stands in reports."""
        return self.path, 0, self.name
