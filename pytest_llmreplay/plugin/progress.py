"""A line now and then on a terminal, for runs that take long. PYTEST_DONT_REWRITE"""

import time
from collections.abc import Callable

import pytest

EVERY = 5.0
"""Seconds between two lines."""
MANY = 50
"""Cases above which a run is long; one with live calls always is."""


class Progress:
    """Tells rate, cost so far and time left beside pytest's own progress."""

    def __init__(self, reporter: pytest.TerminalReporter, now: Callable[[], float] = time.monotonic) -> None:
        self.reporter = reporter
        self.now = now
        self.began = self.told = now()
        self.done = 0
        self.live = 0
        self.spent = 0.0

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count a case that has ended."""
        if report.when != "teardown":
            figures = getattr(report, "llm_case", {})
            self.live += figures.get("live", 0)
            self.spent += figures.get("spent_usd") or 0.0
            return
        self.done += 1
        total = self.total
        if self.now() - self.told >= EVERY and (total > MANY or self.live) and self.done < total:
            self.told = self.now()
            self.reporter.ensure_newline()
            self.reporter.write_line(self.line(total))

    @property
    def total(self) -> int:
        """How many items there are."""
        session = self.reporter._session
        return session.testscollected if session else 0

    def line(self, total: int) -> str:
        """``llm: 120 of 400, 12.3/s, $0.43 so far, 23 s left``."""
        from pytest_llmreplay.report.kpis import dollars

        rate = self.done / max(self.now() - self.began, 1e-9)
        cost = f", {dollars(self.spent)} so far" if self.live else ""
        left = (total - self.done) / rate
        remaining = f"{left:.0f} s" if left < 120 else f"{left / 60:.0f} min"
        return f"llm: {self.done:,} of {total:,}, {rate:.1f}/s{cost}, {remaining} left"


def watch(config: pytest.Config, ci: str | None) -> None:
    """Begin to tell, where somebody looks on: at a terminal, not in CI, not under ``-q``."""
    reporter: pytest.TerminalReporter | None = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or hasattr(config, "workerinput") or config.get_verbosity() < 0:
        return
    if reporter.isatty and ci is None:
        config.pluginmanager.register(Progress(reporter), "llmreplay-progress")
