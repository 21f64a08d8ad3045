"""Intervals and tests, held against scipy, statsmodels and numpy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest
from scipy.stats import bootstrap as scipy_bootstrap
from statsmodels.stats.contingency_tables import mcnemar as statsmodels_mcnemar
from statsmodels.stats.proportion import proportion_confint

from pytest_llmreplay.report.statistics import bootstrap, mcnemar, mean, percentile, sign, wilson


@given(st.integers(1, 400), st.data())
def test_the_interval_of_a_rate_is_wilsons(total: int, data: st.DataObject) -> None:
    successes = data.draw(st.integers(0, total))
    low, high = proportion_confint(successes, total, alpha=0.05, method="wilson")
    assert wilson(successes, total) == pytest.approx((low, high), abs=1e-9)


@given(st.integers(0, 60), st.integers(0, 60))
def test_changed_verdicts_are_tested_by_the_exact_form_of_mcnemar(failing: int, passing: int) -> None:
    expected = statsmodels_mcnemar([[5, failing], [passing, 7]], exact=True).pvalue
    assert mcnemar(failing, passing) == pytest.approx(expected if failing + passing else 1.0)


@given(st.lists(st.sampled_from([-1.0, -0.25, 0.0, 0.5]), max_size=40))
def test_changed_scores_are_tested_by_their_signs(differences: list[float]) -> None:
    up, down = sum(each > 0 for each in differences), sum(each < 0 for each in differences)
    expected = binomtest(up, up + down).pvalue if up + down else 1.0
    assert sign(differences) == pytest.approx(expected)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=50), st.floats(0, 100))
def test_percentiles_are_those_of_numpy(values: list[float], percent: float) -> None:
    assert percentile(values, percent) == pytest.approx(float(np.percentile(values, percent)), abs=1e-6)


def test_the_bootstrap_resamples_whole_groups_and_agrees_with_scipy_where_each_holds_one_value() -> None:
    values = [float(each) for each in np.random.default_rng(7).normal(10, 3, size=60)]
    low, high = bootstrap([[each] for each in values], mean)
    expected = scipy_bootstrap((values,), np.mean, method="percentile", rng=np.random.default_rng(1))
    assert low == pytest.approx(expected.confidence_interval.low, abs=0.15)
    assert high == pytest.approx(expected.confidence_interval.high, abs=0.15)


def test_runs_of_one_trace_do_not_make_the_interval_narrower() -> None:
    groups = [[0.0], [1.0], [1.0], [0.0], [1.0]]
    assert bootstrap([group * 50 for group in groups], mean) == bootstrap(groups, mean)


def test_equal_seeds_give_equal_intervals() -> None:
    groups = [[float(each)] for each in range(20)]
    assert bootstrap(groups, mean, 3) == bootstrap(groups, mean, 3) != bootstrap(groups, mean, 4)


@pytest.mark.parametrize("use", [lambda: wilson(0, 0), lambda: wilson(3, 2), lambda: bootstrap([], mean)])
def test_nothing_has_no_interval(use: object) -> None:
    with pytest.raises(ValueError, match="no"):
        use()  # type: ignore[operator]
