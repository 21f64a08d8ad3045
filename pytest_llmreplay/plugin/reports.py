"""The reports of a run as they come, those of workers as well; with or without a terminal. PYTEST_DONT_REWRITE"""

from typing import Any

import pytest

KEY: "pytest.StashKey[Reports]" = pytest.StashKey()


class Reports:
    """What items and collectors reported. A plugin of its own, for pytest says nothing of the session to its hooks."""

    def __init__(self) -> None:
        self.tests: list[pytest.TestReport] = []
        self.nodes: list[Any] = []
        """The workers."""
        self.rescued: list[tuple[str, str]] = []
        """Path and state of each case file of an item of this process that was broken off and has no report."""
        self.not_collected = 0
        """How many modules or test functions could not be collected."""

    @classmethod
    def of(cls, config: pytest.Config) -> "Reports":
        """Those of a session; made and told of all that follows when first asked for."""
        if KEY not in config.stash:
            config.stash[KEY] = reports = cls()
            if not hasattr(config, "workerinput"):  # a worker sends them on
                config.pluginmanager.register(reports, "llmreplay-reports")
        return config.stash[KEY]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep a report. One of an item that is run again (pytest-rerunfailures) makes way for what comes of that."""
        if str(report.outcome) == "rerun":
            self.tests = [each for each in self.tests if each.nodeid != report.nodeid]
        else:
            self.tests.append(report)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Count what could not be collected."""
        self.not_collected += report.failed

    @property
    def interrupted(self) -> list[tuple[str, str]]:
        """What ``rescued`` holds, here and of all workers; theirs is known when they have ended."""
        theirs = [getattr(node, "workeroutput", {}).get("llm_interrupted", ()) for node in self.nodes]
        return self.rescued + [(path, state) for worker in theirs for path, state in worker]

    @property
    def kept(self) -> list[tuple[str, str]]:
        """Path and state of each case file that was to be written; of one that was not, why and ``failed``."""
        return [each for kept in self.told("llm_kept") for each in kept] + self.interrupted

    def told(self, name: str) -> list[Any]:
        """What the reports bear under a name."""
        return [report.__dict__[name] for report in self.tests if name in vars(report)]
