"""One pytest session that replays: what its hooks share. PYTEST_DONT_REWRITE"""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_llmreplay.errors import LLMReplayError
from pytest_llmreplay.plugin import hooks
from pytest_llmreplay.plugin.configured import settings_of
from pytest_llmreplay.plugin.options import RUN
from pytest_llmreplay.plugin.problems import Problems
from pytest_llmreplay.plugin.reports import Reports
from pytest_llmreplay.plugin.sources import Sources
from pytest_llmreplay.plugin.verdict import Verdict
from pytest_llmreplay.replay.arrival import arrival
from pytest_llmreplay.replay.environment import environment
from pytest_llmreplay.settings import Settings

if TYPE_CHECKING:
    from pytest_llmreplay.plugin.case import ActiveCase
    from pytest_llmreplay.plugin.judges import Judges
    from pytest_llmreplay.redaction.redactor import Redactor
    from pytest_llmreplay.report.baseline import Baseline


@dataclass(frozen=True, slots=True)
class Plan:
    """How the items of one test function are replayed."""

    settings: Settings
    engaged: bool
    """Whether the test means to replay, so that steps that it never asks for count."""


class Run:
    """What the hooks share. Made when the plugin is first in use; one for each process."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        try:
            self.settings = settings_of(config)
        except LLMReplayError as error:
            raise pytest.UsageError(str(error)) from None
        self.problems = Problems()
        self.sources = Sources(self.problems)
        self.verdict = Verdict(self)
        self.baseline: Baseline | None = None
        """The earlier run to compare with."""
        self.plans: dict[tuple[str, str], Plan] = {}
        self.usage_problems: list[str] = []
        """What a marker got wrong; raised when all tests are collected."""
        self.has_case_files = False
        """Whether case files were collected as tests."""
        self.broken_off: list[ActiveCase] = []
        """The replay of the item that the run was broken off in."""
        self._judges: Judges | None = None
        self._redactor: Redactor | None = None
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
            if settings.traces:
                self.sources.handles(settings)
        except LLMReplayError as error:
            raise pytest.UsageError(str(error)) from None

    def shown(self, path: Path) -> str:
        """A path as the user would give it: relative to where pytest was called, if it lies below."""
        folder = self.config.invocation_params.dir
        return (path.relative_to(folder) if path.is_relative_to(folder) else path).as_posix()

    def take_over(self, output: Mapping[str, Any]) -> None:
        """Take over what a worker found."""
        self.problems.take_over(output.get("llm_problems", {}))
        self._unseen_elsewhere.update(output.get("llm_unseen", ()))

    def finish(self, session: pytest.Session) -> None:
        """Hand on what a worker found; elsewhere come to the verdict."""
        output = getattr(self.config, "workeroutput", None)
        if output is None:
            self.verdict.reach(session)
        else:
            output["llm_problems"] = dict(self.problems.found)
            output["llm_unseen"] = self.unseen
            output["llm_interrupted"] = Reports.of(self.config).rescued

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
