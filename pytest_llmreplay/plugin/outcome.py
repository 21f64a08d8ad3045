"""What becomes of an item: the ledger decides, whatever the application swallowed. PYTEST_DONT_REWRITE"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

import pytest

from pytest_llmreplay.model.recording import Divergence
from pytest_llmreplay.model.result import CaseResult
from pytest_llmreplay.plugin.case import ActiveCase, Diverged
from pytest_llmreplay.plugin.command import command
from pytest_llmreplay.plugin.figures import properties, result
from pytest_llmreplay.plugin.judging import Unsatisfied, judge_rest
from pytest_llmreplay.plugin.options import CASE
from pytest_llmreplay.plugin.run import Run
from pytest_llmreplay.report.divergence import Detail, failure_lines
from pytest_llmreplay.report.doubts import doubts
from pytest_llmreplay.report.text import encodable, safe
from pytest_llmreplay.report.verdict import verdict_lines

RAISED: pytest.StashKey[str] = pytest.StashKey()
PASS_BY = (pytest.exit.Exception, KeyboardInterrupt, SystemExit)


@contextmanager
def judged(item: pytest.Item) -> Iterator[None]:
    """Run a test's body and let its ledger decide: a divergence is its one failure, even if it was swallowed."""
    __tracebackhide__ = True
    case = item.stash[CASE]
    try:
        yield
    except PASS_BY:
        raise
    except BaseException as error:
        case.judged = case.divergence(finished=ended_otherwise(case) and not from_us(error))
        if case.judged is None and case.session.stopped and from_us(error):
            return
        if case.judged is None:
            add_notes(case, error)
            raise
        if not from_us(error):
            item.stash[RAISED] = f"{type(error).__name__}: {error}"
    else:
        case.judged = case.divergence(finished=True)
        if case.judged is None:
            judge_rest(case)
    if case.judged is not None:
        raise Diverged(case.judged.headline) from None


def ended_otherwise(case: ActiveCase) -> bool:
    """Whether the application came to its end with another output than in production: steps it left out tell why."""
    if not case.judgements.output_given or case.trace.output is None:
        return False
    from pytest_llmreplay.replay.plainvalue import as_json

    return bool(as_json(case.recording.output) != case.trace.output)


def from_us(error: BaseException) -> bool:
    """Whether an exception is our signal, alone or in a group with others."""
    if isinstance(error, BaseExceptionGroup):
        return all(map(from_us, error.exceptions))
    return isinstance(error, Diverged)


def add_notes(case: ActiveCase, error: BaseException) -> None:
    """Say under the user's own failure what the replay saw: answers that drifted, or are not all recorded."""
    drifted = [match for match in case.recording.matches if match.verdict == "drift"]
    if drifted:
        steps = ", ".join(str(match.step.index) for match in drifted if match.step)
        error.add_note(f"llm: the calls of step {steps} differ from the trace and got its answers (--llm-drift=serve)")
    for doubt in doubts(case.recording):
        error.add_note(f"llm: {doubt}")


def annotate(item: pytest.Item, call: pytest.CallInfo[None], report: pytest.TestReport) -> None:
    """Give a diverged report its text, and each report of a test's body its figures."""
    case = item.stash[CASE]
    error = call.excinfo.value if call.excinfo else None
    if error is not None and from_us(error):
        case.judged = case.judged or case.divergence(finished=False)
        if case.judged is not None:
            report.__dict__["llm_diverged"] = True
            report.longrepr = representation(item, case, case.judged)
            add_properties(item, report, [("llm.first_divergence", case.judged.headline)])
    elif isinstance(error, Unsatisfied):
        report.longrepr = unsatisfied(item, case, error)
    touched = case.engaged or bool(case.recording.places) or case.judged is not None
    if touched and (call.when == "call" or report.failed):
        found = result(item, case, report)
        report.__dict__["llm_case"] = encodable(asdict(found))
        if call.when == "call":
            add_properties(item, report, properties(found))
        item.ihook.pytest_llm_case(item=item, result=found)
        leave_to_gates(item, case, found, report)


def add_properties(item: pytest.Item, report: pytest.TestReport, found: Sequence[tuple[str, object]]) -> None:
    """Add properties, without secrets. JUnit takes what the report of the tear-down bears, others this one's."""
    if any(isinstance(value, str) for _, value in found):
        redactor = Run.of(item.config).redactor
        found = [(name, redactor.text(value) if isinstance(value, str) else value) for name, value in found]
    found = [(encodable(name), encodable(value)) for name, value in found]
    item.user_properties += found
    report.user_properties += found


def leave_to_gates(item: pytest.Item, case: ActiveCase, found: CaseResult, report: pytest.TestReport) -> None:
    """Let a case that did not pass be counted and not fail the run, where that is left to the gates."""
    left = {"none": (), "failed": ("failed",), "all": ("failed", "diverged")}[case.settings.tolerate]
    if report.when == "call" and found.outcome in left:
        report.__dict__["llm_case"]["outcome"] = "tolerated"
        report.__dict__["llm_tolerated"] = True
        add_properties(item, report, [("llm.tolerated", found.outcome)])
        report.outcome = "passed"


def unsatisfied(item: pytest.Item, case: ActiveCase, error: Unsatisfied) -> Any:
    """The text of an item that evaluators failed."""
    from pytest_llmreplay.evaluate.values import simple

    lines = verdict_lines(
        case.trace,
        case.judgements.evaluations,
        simple(case.recording.output),
        command(item, case.trace.trace_id),
        Detail(max(0, item.config.get_verbosity())),
        given=case.judgements.output_given,
        raised=case.judgements.raised,
        doubts=tuple(doubts(case.recording)),
    )
    return native(item, lines, safe(str(error.msg)))


def representation(item: pytest.Item, case: ActiveCase, divergence: Divergence) -> Any:
    """The text of a diverged item."""
    verbose = item.config.get_verbosity()
    again = command(item, case.trace.trace_id)
    raised = item.stash.get(RAISED, "")
    divergence = Run.of(item.config).redactor.value(divergence)
    detail = Detail(max(0, verbose))
    lines = failure_lines(case.trace, case.recording, divergence, again, detail, raised, case.inside, case.functions)
    return native(item, lines, divergence.headline)


def native(item: pytest.Item, lines: Sequence[str], headline: str) -> Any:
    """Lines as pytest's own representation, so that the short summary and xdist know them."""
    from _pytest._code.code import ExceptionChainRepr, ReprEntryNative, ReprFileLocation, ReprTraceback

    path, line, _ = item.location
    entry = ReprEntryNative([f"{each}\n" for each in lines])
    where = ReprFileLocation(path, (line or 0) + 1, headline)
    return ExceptionChainRepr([(ReprTraceback([entry], None, "native"), where, None)])
