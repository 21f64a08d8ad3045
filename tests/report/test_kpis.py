"""Figures beside those of the baseline."""

from dataclasses import replace

import pytest

from pytest_llmreplay.model.result import ScoreTotal, Totals
from pytest_llmreplay.report.gates import held, parse
from pytest_llmreplay.report.kpis import Kpi, Unit, kpis, shown
from tests.report import reports


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (None, "usd", "unknown"),
        (0.5, "rate", "50.0%"),
        (0.0, "usd", "$0.00"),
        (12.0, "usd", "$12.00"),
        (1234.5, "usd", "$1,234.50"),
        (0.0123, "usd", "$0.0123"),
        (0.00004621, "usd", "$0.0000462"),
        (0.000000001, "usd", "$0.0000000"),
        (2.305, "seconds", "2.31 s"),
        (48715.0, "tokens", "48,715"),
        (0.8351, "score", "0.835"),
    ],
)
def test_a_figure_is_shown_with_its_unit(value: float | None, unit: Unit, text: str) -> None:
    assert shown(value, unit) == text


@pytest.mark.parametrize(
    ("unit", "before", "now", "change"),
    [
        ("rate", 0.9, 0.6, "-30.0 pt"),
        ("usd", 2.0, 2.1, "+5.0%"),
        ("usd", 0.0, 2.1, ""),
        ("usd", None, 2.1, ""),
        ("usd", 2.1, None, ""),
        ("score", 0.92, 0.835, "-0.085"),
        ("seconds", 2.0, 2.0000001, "0%"),
    ],
)
def test_a_change_is_in_points_in_per_cent_or_a_difference(
    unit: Unit, before: float | None, now: float | None, change: str
) -> None:
    assert Kpi("x", unit, now, before).change == change


def test_what_an_evaluator_counts_is_shown_as_what_it_is() -> None:
    def total(mean: float, unit: str) -> ScoreTotal:
        return ScoreTotal(mean=mean, judged=1, passed=1, failed=0, skipped=0, errors=0, unit=unit)

    scores = {"cost": total(0.000022, "USD"), "latency": total(1.5, "s"), "tokens": total(174.75, "tokens")}
    found = kpis(replace(reports.report(), totals=Totals(scores=scores)))
    assert {each.name: each.shown for each in found if each.name.startswith(("score c", "lat", "score t"))} == {
        "score cost": "$0.0000220",
        "latency": "1.50 s",
        "score tokens": "174.8",
    }
    (gate,) = held([parse("score.cost <= +5%")], Totals(scores=scores), Totals(scores=scores), {})
    assert (gate.state, gate.now, gate.change) == ("ok", "$0.0000220", "0%")


def test_all_figures_that_the_run_or_its_baseline_knows_are_told() -> None:
    names = [each.name for each in kpis(reports.run())]
    assert names == [
        "pass rate", "cost", "latency p50", "latency p95", "tokens", "score", "faithfulness", "contains_any",
    ]  # fmt: skip
    assert [each.name for each in kpis(reports.report())] == ["tokens"]
