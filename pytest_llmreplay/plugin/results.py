"""What a whole run gave: its report, its gates, and what is written of it. PYTEST_DONT_REWRITE

The work of the controller; workers send their cases.
"""

import platform
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_llmreplay import registry
from pytest_llmreplay.errors import SecretsLeft, WriteProblem
from pytest_llmreplay.evaluate.cost import table_version
from pytest_llmreplay.model.result import CaseResult, RunReport
from pytest_llmreplay.plugin.commit import commit
from pytest_llmreplay.plugin.reports import Reports
from pytest_llmreplay.report.baseline import baseline, compared, written
from pytest_llmreplay.report.gates import held
from pytest_llmreplay.report.headline import ORDER
from pytest_llmreplay.report.json import as_case
from pytest_llmreplay.report.text import safe
from pytest_llmreplay.report.totals import intervals, totals
from pytest_llmreplay.writing import Guard, update

if TYPE_CHECKING:
    from pytest_llmreplay.plugin.run import Run


UNFINISHED: dict[int, str] = {
    pytest.ExitCode.INTERRUPTED: "interrupted",
    pytest.ExitCode.INTERNAL_ERROR: "internal error of pytest or a plugin",
    pytest.ExitCode.NO_TESTS_COLLECTED: "no tests collected",
}


def cases_of(config: pytest.Config) -> list[CaseResult]:
    """The cases of the run by node id; of several reports of one case the worst one counts."""
    found: dict[str, Mapping[str, Any]] = {}
    for report in Reports.of(config).tests:
        told = getattr(report, "llm_case", None) or unusable(report)
        if told is not None:
            before = found.get(report.nodeid)
            if before is None or ORDER.index(told["outcome"]) <= ORDER.index(before["outcome"]):
                found[report.nodeid] = told
    return [as_case(found[name]) for name in sorted(found)]


def unusable(report: pytest.TestReport) -> Mapping[str, Any] | None:
    """A case whose trace could not be replayed."""
    trace_id = getattr(report, "llm_unusable", None)
    if trace_id is None:
        return None
    message = next((line for line in report.longreprtext.splitlines() if line.strip()), "")
    none = {"steps": 0, "asked": 0, "functions": 0, "diverged": None}
    return {**none, "trace_id": trace_id, "case": report.nodeid, "outcome": "error", "message": safe(message)}


def is_whole(session: pytest.Session) -> bool:
    """Whether all cases were run: all collected, none deselected, and not stopped before the end."""
    reporter: Any = session.config.pluginmanager.get_plugin("terminalreporter")
    deselected = reporter is not None and reporter.stats.get("deselected")
    stopped = session.shouldstop or session.shouldfail
    lost = Reports.of(session.config).not_collected
    return not deselected and not stopped and not lost and int(session.exitstatus) in (0, 1)


def unfinished(session: pytest.Session) -> str:
    """Why the run is not the whole truth, where no case could say so; empty where it is."""
    status = int(session.exitstatus)
    if count := Reports.of(session.config).not_collected:
        return f"exit status {status}: {count} error{'' if count == 1 else 's'} while collecting"
    return f"exit status {status}: {UNFINISHED[status]}" if status in UNFINISHED else ""


def report_of(run: "Run", session: pytest.Session) -> RunReport:
    """The report of the run."""
    settings = run.settings
    cases = cases_of(run.config)
    report = RunReport(
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        versions=versions(),
        mode=settings.mode,
        commit=commit(run.config.rootpath),
        totals=totals(cases),
        cases=tuple(cases),
        problems=tuple(map(safe, run.problems.lines)),
    )
    then = run.baseline
    comparison = None
    if then is not None and settings.baseline is not None:
        comparison = compared(then, run.shown(settings.baseline), report, whole=is_whole(session))
    gates = held(settings.gates, report.totals, then.totals if then else None, intervals(cases))
    return replace(report, comparison=comparison, gates=gates)


def versions() -> dict[str, str]:
    """Of what the figures depend on."""
    from importlib.metadata import version

    return {
        "pytest-llmreplay": version("pytest-llmreplay"),
        "Python": platform.python_version(),
        "pytest": pytest.__version__,
        **({"prices": table} if (table := table_version()) else {}),
    }


def reasons(run: "Run", report: RunReport) -> list[str]:
    """Why the gates raise the exit status."""
    raising = {"failed", "unclear"} if run.settings.unclear_fails else {"failed"}
    return [
        f"{each.gate}: {each.now}"
        + (f" (was {each.baseline})" if each.baseline else "")
        + (f" ({'unclear: ' * (each.state == 'unclear')}{each.reason})" if each.reason else "")
        for each in report.gates
        if each.state in raising
    ]


def write(run: "Run", report: RunReport, *, whole: bool) -> list[str]:
    """Write what is asked for, without secrets. Returns what could not be written."""
    settings = run.settings
    if settings.reports or settings.baseline_save or settings.step_summary:
        report = run.redactor.value(report)
    guard = Guard(run.redactor, allow_secrets=settings.allow_secrets)
    problems: list[str] = []

    def put(what: str, path: Path, text: str, *, add: bool = False) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            data = text.encode()
            update(path, lambda old: (old or b"") + data if add else data, guard)
        except (WriteProblem, SecretsLeft) as error:
            problems.append(f"{what}: {error}")
        except OSError as error:
            problems.append(f"{what}: {path} cannot be written: {error.strerror}")

    for target in settings.reports:
        text = registry.load("reporters", target.format).render(report)
        put(f"--llm-report {target.format}", target.path, text)
    if settings.step_summary is not None:
        put("GITHUB_STEP_SUMMARY", settings.step_summary, registry.load("reporters", "md").render(report), add=True)
    if (save := settings.baseline_save) and whole:
        put("--llm-baseline-save", save, written(baseline(report)))
    elif save:
        problems.append(f"--llm-baseline-save: {save} was left as it is: not all cases were run")
    return problems
