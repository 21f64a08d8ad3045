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
        self.began: float | None = None
        """When the first test began: what came before says nothing of those to come."""
        self.told = 0.0
        self.done = 0
        self.live = 0
        self.spent = 0.0

    def pytest_runtest_logstart(self) -> None:
        """Start the clock."""
        if self.began is None:
            self.began = self.told = self.now()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count a case that has ended."""
        if report.when != "teardown":
            figures = getattr(report, "llm_case", {})
            self.live += figures.get("live", 0)
            self.spent += figures.get("spent_usd") or 0.0
            return
        self.done += 1
        total = self.total
        if self.now() - self.told >= EVERY and (total > MANY or self.live) and self.left(total) > EVERY:
            self.told = self.now()
            self.write(self.line(total))

    def write(self, line: str) -> None:
        """Write on a line of its own, and leave the rest to what pytest writes next.

        That begins with the end of this line, and puts its percentage there, where pytest names files or tests.
        """
        reporter = self.reporter
        if reporter._tw.width_of_current_line:
            reporter.line("")
        if reporter.showfspath or reporter.showlongtestinfo:
            reporter.write(line, flush=True)
            reporter.currentfspath = -2
        else:
            reporter.write_line(line)

    @property
    def total(self) -> int:
        """How many items there are."""
        session = self.reporter._session
        return session.testscollected if session else 0

    @property
    def rate(self) -> float:
        """Cases in a second."""
        return self.done / max(self.now() - (self.began or 0.0), 1e-9)

    def left(self, total: int) -> float:
        """Seconds that the rest will take."""
        return (total - self.done) / self.rate

    def line(self, total: int) -> str:
        """``llm: 120 of 400, 12.3/s, $0.43 so far, 23 s left``."""
        from pytest_llmreplay.report.kpis import dollars

        cost = f", {dollars(self.spent)} so far" if self.live else ""
        left = self.left(total)
        remaining = f"{left:.0f} s" if left < 120 else f"{left / 60:.0f} min"
        return f"llm: {self.done:,} of {total:,}, {self.rate:.1f}/s{cost}, {remaining} left"


def watch(config: pytest.Config, ci: str | None) -> None:
    """Begin to tell, where somebody looks on: at a terminal, not in CI, not under ``-q``."""
    reporter: pytest.TerminalReporter | None = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or hasattr(config, "workerinput") or config.get_verbosity() < 0:
        return
    if reporter.isatty and ci is None:
        config.pluginmanager.register(Progress(reporter), "llmreplay-progress")
