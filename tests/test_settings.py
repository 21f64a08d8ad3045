"""What the user may set: words, numbers and targets that are refused in a sentence."""

from pathlib import Path
from typing import Literal

import pytest

from pytest_llmreplay.errors import UsageProblem
from pytest_llmreplay.settings import ReportTarget, Settings, ci_variable, one_of, report_target, seed, whole_number


@pytest.mark.parametrize(
    ("environment", "name"),
    [({}, None), ({"CI": ""}, None), ({"CI": "true"}, "CI"), ({"BUILD_NUMBER": "7"}, "BUILD_NUMBER")],
)
def test_continuous_integration_is_told_by_the_variables_of_pytest(environment: dict[str, str], name: str) -> None:
    assert ci_variable(environment) == name


def test_a_report_is_a_format_and_a_path_below_the_folder(tmp_path: Path) -> None:
    assert report_target("md:out/run.md", tmp_path) == ReportTarget("md", tmp_path / "out" / "run.md")


@pytest.mark.parametrize("given", ["md", "md:", "pdf:run.pdf", "run.md"])
def test_what_is_no_report_says_what_is(tmp_path: Path, given: str) -> None:
    with pytest.raises(UsageProblem) as raised:
        report_target(given, tmp_path)
    assert str(raised.value) == f"--llm-report {given!r}: write FORMAT:PATH, FORMAT one of json, md, html"


def test_a_word_that_is_none_of_several_names_the_nearest() -> None:
    assert one_of("warn", Literal["warn", "error"], "llm_unused") == "warn"
    with pytest.raises(UsageProblem) as raised:
        one_of("wran", Literal["warn", "error"], "llm_unused")
    assert str(raised.value) == "llm_unused: 'wran' is none of warn, error; did you mean 'warn'?"


@pytest.mark.parametrize(("given", "number"), [("7", 7), ("-1", -1), (0, 0)])
def test_a_seed_is_a_whole_number(given: object, number: int) -> None:
    assert seed(given) == number


@pytest.mark.parametrize("given", ["", "1.5", "--1", "seven", None])
def test_what_is_no_seed_is_refused(given: object) -> None:
    with pytest.raises(UsageProblem, match=r"^--llm-seed: '.*' is no whole number$"):
        seed(given)


def test_a_count_begins_with_one_and_may_be_left_out() -> None:
    assert whole_number("", "--llm-runs") is None
    assert whole_number("12", "--llm-runs") == 12
    for given in ("0", "-1", "1.5", "many"):
        with pytest.raises(UsageProblem, match=rf"^--llm-runs: '{given}' is no whole number from 1$"):
            whole_number(given, "--llm-runs")


@pytest.mark.parametrize(
    ("settings", "watches"),
    [
        (Settings(), False),
        (Settings(update="new"), True),
        (Settings(prune=True), True),
        (Settings(unused_fails=True), True),
    ],
)
def test_snapshots_are_watched_where_they_may_change_or_count(settings: Settings, watches: bool) -> None:
    assert settings.watches_snapshots is watches
