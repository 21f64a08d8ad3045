"""What becomes of an item: the ledger decides, whatever the application swallowed. PYTEST_DONT_REWRITE"""

import shlex
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

import pytest

from pytest_llmreplay.compare.divergence import changed
from pytest_llmreplay.model.recording import Divergence
from pytest_llmreplay.model.result import CaseResult
from pytest_llmreplay.model.trace import HTTP_KINDS, MODEL_KINDS
from pytest_llmreplay.plugin.case import ActiveCase, Diverged
from pytest_llmreplay.plugin.options import CASE
from pytest_llmreplay.report.divergence import KINDS, Detail, failure_lines

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
        case.judged = case.divergence(finished=False)
        if case.judged is None and case.session.stopped and from_us(error):
            return
        if case.judged is None:
            add_notes(case, error)
            raise
        if not from_us(error):
            item.stash[RAISED] = f"{type(error).__name__}: {error}"
    else:
        case.judged = case.divergence(finished=True)
    if case.judged is not None:
        raise Diverged(case.judged.headline) from None


def from_us(error: BaseException) -> bool:
    """Whether an exception is our signal, alone or in a group with others."""
    if isinstance(error, BaseExceptionGroup):
        return all(map(from_us, error.exceptions))
    return isinstance(error, Diverged)


def add_notes(case: ActiveCase, error: BaseException) -> None:
    """Say under the user's own failure what the replay saw: steps that were not reached, answers that drifted."""
    drifted = [match for match in case.recording.matches if match.verdict == "drift"]
    if drifted and hasattr(error, "add_note"):
        steps = ", ".join(str(match.step.index) for match in drifted if match.step)
        error.add_note(f"llm: the calls of step {steps} differ from the trace and got its answers (--llm-drift=serve)")


def annotate(item: pytest.Item, call: pytest.CallInfo[None], report: pytest.TestReport) -> None:
    """Give a diverged report its text, and each report of a test's body its figures."""
    case = item.stash[CASE]
    error = call.excinfo.value if call.excinfo else None
    if error is not None and from_us(error):
        case.judged = case.judged or case.divergence(finished=False)
        if case.judged is not None:
            report.__dict__["llm_diverged"] = True
            report.longrepr = representation(item, case, case.judged)
            for owner in (report, item):  # JUnit takes what the report of the tear-down bears, others this one's
                owner.user_properties.append(("llm.first_divergence", case.judged.headline))
    touched = case.engaged or bool(case.recording.places) or case.judged is not None
    if touched and (call.when == "call" or report.failed):
        report.__dict__["llm_case"] = asdict(result(case, failed=report.failed))


def result(case: ActiveCase, *, failed: bool) -> CaseResult:
    """The figures of a case."""
    touched = case.engaged or bool(case.recording.matches)
    steps = case.trace.steps if touched else ()
    kinds = Counter(KINDS.get(step.call.kind, step.call.kind) for step in steps)
    answered = [match for match in case.recording.matches if match.verdict in ("same", "drift")]
    return CaseResult(
        trace_id=case.trace.trace_id,
        steps=len(steps),
        asked=sum(match.call.kind in MODEL_KINDS for match in answered),
        live=sum(m.verdict in ("live", "forked") and m.call.kind in MODEL_KINDS for m in case.recording.matches),
        synthetic=sum(match.verdict == "synthetic" for match in case.recording.matches),
        unpinned=sorted(case.recording.unpinned),
        ambiguities=list(case.recording.ambiguities),
        requests=sum(match.call.kind == "http" for match in answered),
        functions=sum(match.call.kind not in HTTP_KINDS for match in answered),
        diverged=case.judged.headline if case.judged else None,
        failed=failed and case.judged is None,
        drifts=[
            changed(match, steps).headline for match in case.recording.matches if match.verdict in ("drift", "forked")
        ],
        kinds=dict(kinds),
    )


def command(item: pytest.Item, trace_id: str) -> str:
    """What to type to run an item alone, with what was said of it on the command line."""
    said = item.config.getoption
    words = [f"--llm-{name}={value}" for name in ("mode", "drift", "app") if (value := said(f"llm_{name}"))]
    words += [f"--llm-{name}={value}" for name in ("traces", "seed") for value in said(f"llm_{name}") or ()]
    if hasattr(item, "callspec"):
        return " ".join(["pytest", f'"{item.nodeid}"', *map(shlex.quote, words)])
    return " ".join(["pytest", *map(shlex.quote, words), f"--llm-select=trace={trace_id[:12]}"])


def representation(item: pytest.Item, case: ActiveCase, divergence: Divergence) -> Any:
    """The text of a diverged item as pytest's own representation, so that the short summary and xdist know it."""
    from _pytest._code.code import ExceptionChainRepr, ReprEntryNative, ReprFileLocation, ReprTraceback

    verbose = item.config.get_verbosity()
    again = command(item, case.trace.trace_id)
    raised = item.stash.get(RAISED, "")
    lines = failure_lines(case.trace, case.recording, divergence, again, Detail(max(0, verbose)), raised)
    path, line, _ = item.location
    entry = ReprEntryNative([f"{each}\n" for each in lines])
    where = ReprFileLocation(path, (line or 0) + 1, divergence.headline)
    return ExceptionChainRepr([(ReprTraceback([entry], None, "native"), where, None)])
