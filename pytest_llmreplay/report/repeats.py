"""How often each case passed that was run several times, with the interval of its rate. PYTEST_DONT_REWRITE"""

from collections.abc import Iterator, Sequence

from pytest_llmreplay.model.result import CaseResult, RunReport
from pytest_llmreplay.report.statistics import Interval, wilson
from pytest_llmreplay.report.summary import listed, plural
from pytest_llmreplay.report.text import safe
from pytest_llmreplay.report.totals import base, by_trace


def repeat_lines(report: RunReport, verbose: bool) -> Iterator[str]:
    """A line for each repeated case, the least certain to pass first, and one for all; none where a run is certain."""
    judged = [case for case in report.cases if case.outcome != "skipped"]
    groups = [runs for runs in by_trace(judged) if len(runs) > 1]
    if groups:
        yield "passed, of the runs of a case:"
        width = min(60, max(len(base(runs[0])) for runs in groups))
        ordered = sorted(groups, key=lambda runs: sum(map(passed, runs)) / len(runs))
        yield from listed([of_case(runs, width) for runs in ordered], verbose)
    rate, interval = report.totals.pass_rate, report.totals.pass_interval
    if rate is not None and interval is not None:
        cases = len(by_trace(judged))
        yield f"pass rate {rate:.1%}  ({percent(interval)}), {plural(len(judged), 'run')} of {plural(cases, 'case')}"


def passed(case: CaseResult) -> bool:
    """Whether it did; what is tolerated did not."""
    return case.outcome == "passed"


def of_case(runs: Sequence[CaseResult], width: int) -> str:
    """``test_shop.py::test_answer[refund-window-7f03]  4/5  (95% CI 38-96%)``."""
    count = sum(map(passed, runs))
    interval = percent(wilson(count, len(runs)))
    return f"{safe(base(runs[0])):<{width}}  {count}/{len(runs)}  ({interval})"


def percent(interval: Interval) -> str:
    """An interval of a rate in whole percents."""
    low, high = interval
    return f"95% CI {low * 100:.0f}-{high * 100:.0f}%"
