"""The hooks of a run that replays, each forwarding to the file that knows. PYTEST_DONT_REWRITE"""

import sys
from collections.abc import Generator
from typing import Any

import pytest

from pytest_llmreplay.plugin import options
from pytest_llmreplay.plugin.reports import Reports

NAME = "llmreplay-run"
"""What pytest knows them by."""


def join(config: pytest.Config) -> None:
    """Have these hooks called from now on."""
    if not config.pluginmanager.has_plugin(NAME):
        config.pluginmanager.register(sys.modules[__name__], NAME)
        Reports.of(config)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave the process as it was; an item that the run was broken off in had no tear-down."""
    if options.RUN in config.stash:
        run = config.stash[options.RUN]
        for case in run.broken_off:
            case.close()
        run.close()


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Read the index of the traces, so that a wrong path is an error before anything runs."""
    if options.RUN in session.config.stash:
        session.config.stash[options.RUN].start()


def pytest_report_header(config: pytest.Config) -> list[str]:
    """At most two lines, only when in use."""
    if options.RUN not in config.stash:
        return []
    from pytest_llmreplay.plugin.header import header

    return header(config.stash[options.RUN])


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(session: pytest.Session, items: list[pytest.Item]) -> None:
    """One item per trace for ``--llm-app``; say what markers got wrong."""
    if options.RUN in session.config.stash:
        run = session.config.stash[options.RUN]
        if problems := run.usage_problems:
            raise pytest.UsageError("\n".join(dict.fromkeys(problems)))
        if run.settings.app is not None:
            from pytest_llmreplay.plugin.app import app_items

            items.extend(app_items(session))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Keep what an item asked live when the run is broken off: no report is made of it then, and no tear-down."""
    try:
        return (yield)
    except (KeyboardInterrupt, pytest.exit.Exception):
        if options.CASE in item.stash:
            case = item.stash[options.CASE]
            item.config.stash[options.RUN].broken_off.append(case)
            if case.settings.mode == "record":
                from pytest_llmreplay.plugin.recording import rescue

                rescue(item)
        raise


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Begin the replay before any fixture is set up."""
    if options.RUN in item.config.stash:
        from pytest_llmreplay.plugin.case import begin

        begin(item)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, object, object]:
    """Let the ledger decide when the test's body has ended."""
    if options.CASE not in pyfuncitem.stash:
        return (yield)
    from pytest_llmreplay.plugin.outcome import judged

    with judged(pyfuncitem):
        return (yield)


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, object, object]:
    """End the replay after all fixtures are torn down."""
    try:
        return (yield)
    finally:
        if options.CASE in item.stash:
            from pytest_llmreplay.plugin.case import end

            end(item)


def pytest_assertrepr_compare(op: str, left: object, right: object) -> list[str] | None:
    """One line for a value that is not the approved one; the report has the rest."""
    for side in (left, right):
        if op == "==" and type(side).__name__ == "Snapshot" and hasattr(side, "failed"):
            lines: list[str] = side.failed()
            return lines
    return None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Give a diverged item its text, and every replayed one its figures."""
    report = yield
    if options.CASE in item.stash:
        if call.excinfo is not None or call.when == "call":
            from pytest_llmreplay.plugin.outcome import annotate

            annotate(item, call, report)
        if call.when == "call" and (sessions := item.stash[options.CASE].judgements.sessions):
            from pytest_llmreplay.plugin.judges import annotate as annotate_judges

            annotate_judges(report, sessions, item.path, item.config.rootpath)
        if report.failed and item.config.stash[options.RUN].settings.keep_failed is not None:
            from pytest_llmreplay.plugin.keeping import keep

            keep(item, report)
        if ends_body(call) and item.stash[options.CASE].settings.mode == "record":
            from pytest_llmreplay.plugin.recording import record

            record(item, report, finished=call.excinfo is None)
        if call.when == "teardown":
            del item.stash[options.CASE]  # nothing is left to ask; a long run need not keep it
    elif options.UNUSABLE in item.stash and report.failed:
        report.__dict__["llm_unusable"] = item.stash[options.UNUSABLE]
    if options.SNAPSHOTS in item.stash:
        from pytest_llmreplay.plugin.mismatch import annotate as annotate_snapshots

        annotate_snapshots(item, call, report)
    if options.RUN in item.config.stash and says_something(report) and options.is_ours(item):
        from pytest_llmreplay.plugin.redacted import redact

        redact(report, item.config.stash[options.RUN].redactor)
    return report


def ends_body(call: pytest.CallInfo[None]) -> bool:
    """Whether a test's body has ended, or will not begin, for its set-up failed."""
    return call.when == "call" or (call.when == "setup" and call.excinfo is not None)


def says_something(report: pytest.TestReport) -> bool:
    """Whether a report holds words of the application or of the test."""
    told = getattr(report, "llm_case", {})
    return bool(report.longrepr or report.sections or told.get("drifts") or told.get("details"))


@pytest.hookimpl(tryfirst=True)
def pytest_report_teststatus(
    report: Any, config: pytest.Config
) -> tuple[str, str, str | tuple[str, dict[str, bool]]] | None:
    """The letter D and the word DIVERGED, which count as failed; with -v the number of steps of a case that passed."""
    if report.when != "call":
        return None
    if report.failed and getattr(report, "llm_diverged", False):
        return "failed", "D", ("DIVERGED", {"red": True})
    if getattr(report, "llm_tolerated", False):
        return "tolerated", "t", ("TOLERATED", {"yellow": True})
    if report.passed and config.get_verbosity() > 0 and (steps := getattr(report, "llm_case", {}).get("steps")):
        return "passed", ".", f"PASSED  {steps} step{'' if steps == 1 else 's'}"
    return None


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take over what a worker found."""
    output = getattr(node, "workeroutput", {})
    if "llm_collected" in output:
        from pytest_llmreplay.plugin.approval import Approvals

        Approvals.of(node.config).take_collected(output["llm_collected"])
    if "llm_problems" in output:
        from pytest_llmreplay.plugin.run import Run

        Run.of(node.config).take_over(output)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write snapshots and reports; raise the exit status where something could not be read or written."""
    if snapshots_matter(session.config):
        from pytest_llmreplay.plugin.approval import finish

        finish(session)
    if options.RUN in session.config.stash:
        session.config.stash[options.RUN].finish(session)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The section at the end."""
    if options.RUN in terminalreporter.config.stash and not terminalreporter.config.getoption("collectonly", False):
        from pytest_llmreplay.plugin.summary import write

        write(terminalreporter)
    if options.APPROVALS in terminalreporter.config.stash:
        terminalreporter.config.stash[options.APPROVALS].write(terminalreporter)


def snapshots_matter(config: pytest.Config) -> bool:
    """Whether any item, of whatever worker, used a snapshot, or unused ones are asked for."""
    if config.getoption("collectonly", False):
        return False
    asked = options.RUN in config.stash and config.stash[options.RUN].settings.watches_snapshots
    if asked or options.APPROVALS in config.stash:
        return True
    return bool(Reports.of(config).told("llm_snapshots"))
