import pytest

from pytest_llmreplay.errors import UsageProblem
from pytest_llmreplay.model.result import ScoreTotal, Totals
from pytest_llmreplay.report.gates import held, parse

NOW = Totals(
    cases=12,
    passed=10,
    pass_rate=10 / 12,
    cost_usd=0.3989,
    tokens_in=40117,
    tokens_out=6890,
    latency_p95=2.30,
    scores={"faithfulness": ScoreTotal(mean=0.91, judged=10, passed=10, failed=0, skipped=2, errors=0)},
)
THEN = Totals(
    cases=12,
    passed=12,
    pass_rate=1.0,
    cost_usd=0.4127,
    tokens_in=41000,
    tokens_out=7715,
    latency_p95=2.31,
    scores={"faithfulness": ScoreTotal(mean=0.95, judged=12, passed=12, failed=0, skipped=0, errors=0)},
)


@pytest.mark.parametrize(
    ("text", "state", "now", "change"),
    [
        ("pass_rate >= 90%", "failed", "83.3%", "-16.7 pt"),
        ("pass_rate >= 83.3%", "ok", "83.3%", "-16.7 pt"),
        ("pass_rate >= -20%", "ok", "83.3%", "-16.7 pt"),
        ("pass_rate >= -10pt", "failed", "83.3%", "-16.7 pt"),
        ("cost <= +5%", "ok", "$0.399", "-3.3%"),
        ("cost <= -5%", "failed", "$0.399", "-3.3%"),
        ("cost <= $0.40", "ok", "$0.399", "-3.3%"),
        ("cost < 0.3", "failed", "$0.399", "-3.3%"),
        ("tokens <= +0%", "ok", "47,007", "-3.5%"),
        ("tokens.out <= 6890", "ok", "6,890", "-10.7%"),
        ("tokens.out < 6890", "failed", "6,890", "-10.7%"),
        ("latency.p95 <= 2300 ms", "ok", "2.30 s", "-0.4%"),
        ("latency.p95 <= +20%", "ok", "2.30 s", "-0.4%"),
        ("score.faithfulness >= -0.05", "ok", "0.910", "-0.040"),
        ("score.faithfulness >= -0.03", "failed", "0.910", "-0.040"),
        ("score.faithfulness >= 0.9", "ok", "0.910", "-0.040"),
    ],
)
def test_a_limit_holds_or_fails(text: str, state: str, now: str, change: str) -> None:
    (found,) = held([parse(text)], NOW, THEN, {})
    assert (found.gate, found.state, found.now, found.change) == (text, state, now, change)


def test_a_change_without_a_baseline_is_skipped_and_says_so() -> None:
    (found,) = held([parse("cost <= +5%")], NOW, None, {})
    assert (found.state, found.reason) == ("skipped", "no baseline: give --llm-baseline=PATH")


def test_a_score_that_the_run_does_not_have_is_never_green() -> None:
    (found,) = held([parse("score.tone >= 0.5")], NOW, THEN, {})
    assert (found.state, found.now) == ("failed", "unknown")


def test_what_judges_cost_may_be_limited_and_is_unclear_where_a_price_is_missing() -> None:
    now, then = Totals(cases=3, judge_usd=0.03), Totals(cases=3, judge_usd=0.02)
    (found,) = held([parse("judge_cost <= +20%")], now, then, {})
    assert (found.state, found.now, found.baseline, found.change) == ("failed", "$0.0300", "$0.0200", "+50.0%")
    (found,) = held([parse("judge_cost <= $0.05")], Totals(cases=3), None, {})
    assert (found.state, found.now) == ("ok", "$0.00")
    (found,) = held([parse("judge_cost <= $0.05")], Totals(cases=3, judge_usd=0.01, judge_unpriced=2), None, {})
    assert (found.state, found.reason) == ("unclear", "2 of 3 cases have no known price")


def test_a_limit_within_the_interval_is_unclear() -> None:
    gate = parse("pass_rate >= 80%")
    assert held([gate], NOW, None, {"pass_rate": (0.55, 0.95)})[0].state == "unclear"
    assert held([gate], NOW, None, {"pass_rate": (0.81, 0.95)})[0].state == "ok"
    assert held([gate], Totals(pass_rate=0.3), None, {"pass_rate": (0.1, 0.5)})[0].state == "failed"
    assert held([gate], NOW, None, {"pass_rate": (0.55, 0.95)})[0].reason == "95% interval 55.0% to 95.0%"


def test_what_grows_from_nothing_grows_beyond_every_share() -> None:
    none = Totals(cost_usd=0.0)
    assert held([parse("cost <= +500%")], NOW, none, {})[0].state == "failed"
    assert held([parse("cost <= +5%")], none, none, {})[0].state == "ok"


@pytest.mark.parametrize("text", ["", "cost", "cost <=", "cost <= five", "cost == 5", "cost <= 5 % more"])
def test_what_is_no_limit_is_named_with_an_example(text: str) -> None:
    with pytest.raises(UsageProblem, match="is no limit; write it like 'pass_rate >= 90%'"):
        parse(text)


def test_a_figure_that_does_not_exist_is_named_with_the_nearest() -> None:
    with pytest.raises(UsageProblem, match=r"no figure is named 'latency.p59'; did you mean 'latency.p95'\?"):
        parse("latency.p59 <= 2s")
