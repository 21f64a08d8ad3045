"""The section at the end of a run, from the reports alone: workers and controller say the same. PYTEST_DONT_REWRITE"""

from collections.abc import Iterator

import pytest

from pytest_llmreplay.model.result import RunReport
from pytest_llmreplay.plugin.reports import Reports
from pytest_llmreplay.plugin.run import Run
from pytest_llmreplay.report.kpi_table import change_lines, kpi_lines
from pytest_llmreplay.report.repeats import repeat_lines
from pytest_llmreplay.report.summary import MOST_LISTED, summary_lines


def write(reporter: pytest.TerminalReporter) -> None:
    """Write the section; nothing under ``--collect-only``, and nothing under ``-q`` where all is well."""
    config = reporter.config
    if config.getoption("collectonly", False):
        return
    run = Run.of(config)
    verdict, report = run.verdict, run.verdict.report
    if report is None:
        return
    results = [each for each in report.cases if each.steps or each.outcome != "error"]
    unusable = len(report.cases) - len(results)
    problems = run.problems.lines
    loud = any(result.outcome != "passed" or result.drifts or result.synthetic for result in results)
    loud = loud or any(each.state != "ok" for each in report.gates)
    well = not problems and not run.unseen and not loud and not verdict.raised
    interrupted = Reports.of(config).interrupted
    quiet = config.get_verbosity() < 0 and well
    if not interrupted and (quiet or not (results or problems or unusable or verdict.raised)):
        return
    lines = list(summary_lines(results, problems, run.problems.repaired, config.get_verbosity() > 0, unusable))
    reporter.write_sep("=", "llm summary")
    verbose = config.get_verbosity() > 0
    more = [
        *idle_runs(run.settings.runs, report),
        *repeat_lines(report, verbose),
        *change_lines(report, None if verbose else MOST_LISTED),
        *kpi_lines(report),
    ]
    settings = run.settings
    told = [f"written: {run.shown(target.path)}" for target in settings.reports if not verdict.unwritten]
    if settings.baseline_save and not verdict.unwritten:
        told += saved(run.shown(settings.baseline_save), report)
    if settings.keep_failed is not None or settings.mode == "record":
        from pytest_llmreplay.plugin.keeping import summary

        told += summary(config)
    told += [*verdict.judge_lines, verdict.raised] if verdict.raised else verdict.judge_lines
    for line in (*lines, *(f"not seen: {each}" for each in run.unseen), *more, *told):
        reporter.write_line(line)


def saved(path: str, report: RunReport) -> Iterator[str]:
    """That the baseline was written, and which failures it makes the standard."""
    from pytest_llmreplay.report.baseline import accepted, baseline

    yield f"written: {path}"
    if failing := accepted(baseline(report)):
        yield f"  it accepts cases that did not pass: {failing}; compared with it they are not newly failing"


def idle_runs(asked: int, report: RunReport) -> Iterator[str]:
    """That repeats were asked for, and no case was one that another run could change."""
    if asked > 1 and all(case.run == 0 for case in report.cases):
        yield f"--llm-runs={asked} ran each case once: a replay is the same each time (--llm-mode=seeded or live)"
