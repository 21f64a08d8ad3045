from dataclasses import replace

from pytest_llmreplay.model.result import CaseResult, Changed, Comparison, RunReport, ScoreTotal, Totals
from pytest_llmreplay.report.gates import held, parse
from pytest_llmreplay.report.kpi_table import change_lines, kpi_lines

THEN = Totals(cases=12, passed=12, pass_rate=1.0, cost_usd=0.4127, tokens_in=48715, latency_p95=2.31)
NOW = Totals(cases=12, passed=10, pass_rate=10 / 12, cost_usd=0.3989, tokens_in=47007, latency_p95=2.3)
RUN = RunReport(created="", versions={}, mode="replay", totals=NOW)
COMPARED = Comparison(path="base.json", created="2026-11-20T01:02:03", commit="main@3f2a9c1", totals=THEN, notes=["x"])


def test_without_baseline_and_gate_there_is_no_table() -> None:
    assert list(kpi_lines(RUN)) == []


def test_figures_stand_beside_the_baseline_and_the_limit() -> None:
    gates = [parse("pass_rate >= 90%"), parse("cost <= +5%"), parse("diverged <= 0"), parse("cost <= $1")]
    report = replace(RUN, comparison=COMPARED, gates=held(gates, NOW, THEN, {}))
    assert (
        "\n".join(kpi_lines(report))
        == """\
kpi          baseline  now     change    limit
pass rate    100.0%    83.3%   -16.7 pt  >= 90%  FAILED
cost         $0.413    $0.399  -3.3%     <= +5%  ok
                                         <= $1   ok
latency p95  2.31 s    2.30 s  -0.4%
tokens       48,715    47,007  -3.5%
diverged     0         0                 <= 0    ok
baseline base.json (main@3f2a9c1 2026-11-20)
  x"""
    )


def test_an_evaluator_may_have_the_name_of_a_figure_or_a_space_in_it() -> None:
    scores = {
        name: ScoreTotal(mean=mean, judged=4, passed=4, failed=0, skipped=0, errors=0)
        for name, mean in (("tokens", 174.75), ("contains 2", 0.5))
    }
    now = replace(NOW, scores=scores)
    gates = [parse("tokens <= 50000"), parse("score.tokens <= 200"), parse("score.contains 2 >= 0.4")]
    lines = "\n".join(kpi_lines(replace(RUN, totals=now, gates=held(gates, now, None, {}))))
    assert (
        lines
        == """\
kpi           baseline  now     change  limit
pass rate               83.3%
cost                    $0.399
latency p95             2.30 s
tokens                  47,007          <= 50000  ok
score tokens            174.8           <= 200    ok
contains 2              0.500           >= 0.4    ok"""
    )


def test_a_newly_failing_case_says_why() -> None:
    case = CaseResult(
        trace_id="a", steps=1, asked=1, functions=0, diverged=None, case="t[a-run2]", outcome="failed", message="no x"
    )
    changes = [Changed(case="t[a]", change="newly failing", before="passed", now="failed")]
    report = replace(RUN, cases=[case], comparison=replace(COMPARED, changes=changes))
    assert list(change_lines(report, 2)) == ["newly failing: t[a]  passed -> failed: no x"]


def test_of_cases_that_diverged_cost_and_tokens_are_not_whole() -> None:
    report = replace(RUN, totals=replace(NOW, diverged=2), comparison=COMPARED)
    assert "2 cases diverged: cost and tokens are of what was asked until then" in list(kpi_lines(report))


def test_changes_are_told_one_by_one_up_to_a_number() -> None:
    changes = [Changed(case=f"t[{number}]", change="new", now="passed") for number in range(3)]
    report = replace(RUN, comparison=replace(COMPARED, changes=changes))
    assert list(change_lines(report, 2)) == ["new: t[0]  passed", "new: t[1]  passed", "… and 1 more (-v)"]
    assert len(list(change_lines(report, None))) == 3
