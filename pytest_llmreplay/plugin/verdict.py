"""What came of a run: its report, and the exit status with its reasons. PYTEST_DONT_REWRITE"""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from pytest_llmreplay.plugin.reports import Reports

if TYPE_CHECKING:
    from pytest_llmreplay.model.result import RunReport
    from pytest_llmreplay.plugin.run import Run


class Verdict:
    """The verdict on a run; the work of the controller."""

    def __init__(self, run: "Run") -> None:
        self.run = run
        self.raised: str | None = None
        """Why the exit status was raised."""
        self.report: RunReport | None = None
        """What the run gave, when it has ended."""
        self.unwritten: list[str] = []
        """Reports and baselines that were to be written and could not be."""
        self.problems_of_files: list[str] = []
        """Snapshots, pending values and judge recordings that could not be written."""
        self.judge_lines: list[str] = []
        """What is said of judge calls that were recorded."""

    def reach(self, session: pytest.Session) -> None:
        """Write what is asked for; raise the exit status where records were dropped or something is not written."""
        self._redact_warnings()
        self._judge_records(session)
        reports = Reports.of(self.run.config)
        if told := reports.told("llm_judges"):
            self.judge_lines = self.run.judges.write(told)
        unkept = {path for path, state in reports.kept if state == "failed"}
        if count := len(self.problems_of_files) + len(unkept):
            self.raise_exit(session, f"{count} file{'' if count == 1 else 's'} not written")
        if not self.run.config.getoption("collectonly", False):
            self._conclude(session)

    def _redact_warnings(self) -> None:
        reporter: Any = self.run.config.pluginmanager.get_plugin("terminalreporter")
        if warnings := reporter.stats.get("warnings") if reporter is not None else None:
            from pytest_llmreplay.plugin.redacted import redact_warnings

            redact_warnings(warnings, self.run.redactor)

    def _judge_records(self, session: pytest.Session) -> None:
        """Raise the exit status where records were dropped, or repaired and that is an error, too."""
        settings, problems = self.run.settings, self.run.problems
        counted = problems.dropped + (problems.repaired if settings.strict_repairs else 0)
        if counted and settings.strict_load and session.exitstatus == pytest.ExitCode.OK:
            words = "record could not be read as it is" if counted == 1 else "records could not be read as they are"
            self.raise_exit(session, f"{counted:,} {words} (llm_strict_load = false to accept that)")

    def _conclude(self, session: pytest.Session) -> None:
        """Sum up, hold the gates, write reports; raise the exit status where a gate failed or a file is missing."""
        from pytest_llmreplay.plugin import results

        whole = results.is_whole(session)
        report = results.report_of(self.run, session)
        if failed := results.reasons(self.run, report):
            self.raise_exit(session, ", ".join(failed))
        self.report = replace(report, exit_reason=self.raised or results.unfinished(session))
        self.run.config.hook.pytest_llm_report(config=self.run.config, report=self.report)
        self.unwritten = results.write(self.run, self.report, whole=whole)
        if self.unwritten:
            self.raise_exit(session, "; ".join(self.unwritten))

    def raise_exit(self, session: pytest.Session, why: str) -> None:
        """Raise the exit status, never lower it, and remember why."""
        if session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
        before = f"{self.raised}; " if self.raised else f"exit status {int(session.exitstatus)}: "
        self.raised = before + why
