"""The section at the end of a run, from the reports alone: workers and controller say the same. PYTEST_DONT_REWRITE"""

import pytest

from pytest_llmreplay.model.result import CaseResult
from pytest_llmreplay.plugin.run import Run
from pytest_llmreplay.report.summary import summary_lines


def write(reporter: pytest.TerminalReporter) -> None:
    """Write the section; nothing under ``--collect-only``, and nothing under ``-q`` where all is well."""
    config = reporter.config
    if config.getoption("collectonly", False):
        return
    run = Run.of(config)
    last = {
        report.nodeid: CaseResult(**report.llm_case)
        for reports in reporter.stats.values()
        for report in reports
        if hasattr(report, "llm_case")
    }
    results = list(last.values())
    unusable = sum(hasattr(report, "llm_unusable") for report in reporter.stats.get("error", ()))
    problems = run.problems
    loud = any(result.diverged or result.drifts or result.synthetic for result in results)
    well = not problems and not run.unseen and not loud
    if (config.get_verbosity() < 0 and well) or not (results or problems or unusable or run.raised):
        return
    lines = list(summary_lines(results, problems, run.repaired, run.raised, config.get_verbosity() > 0, unusable))
    reporter.write_sep("=", "llm summary")
    for line in (*lines, *(f"not seen: {each}" for each in run.unseen)):
        reporter.write_line(line)
