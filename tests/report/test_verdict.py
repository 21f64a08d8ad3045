import textwrap

import pytest

from pytest_llmreplay.model.evaluation import Evaluation
from pytest_llmreplay.report.divergence import Detail
from pytest_llmreplay.report.verdict import number, verdict_lines
from tests import builders


@pytest.mark.parametrize(
    ("score", "unit", "shown"),
    [
        (0.625, "", "0.62"),
        (0.013, "USD", "$0.0130"),
        (0.000034, "USD", "$3.4e-05"),
        (0.0, "USD", "$0.0000"),
        (4300.0, "tokens", "4,300"),
        (0.4074, "s", "0.41"),
        (1.0, "", "1.00"),
    ],
)
def test_a_number_is_shown_as_what_it_counts(score: float, unit: str, shown: str) -> None:
    assert number(score, unit) == shown


@pytest.mark.parametrize("failures", [1, 5, 40])
def test_a_failure_has_25_lines_on_a_terminal_of_80_columns_and_the_reasons_go_first(failures: int) -> None:
    why = "it says nothing of the 30 days that were promised, nor of the goods that cannot be returned"
    evaluations = [Evaluation(name=f"e{n}", judgement="failed", score=0.0, reason=why) for n in range(failures)]
    output = "\n".join(f"Paragraph {n}: " + "and so on, " * 40 for n in range(60))
    lines = verdict_lines(
        builders.trace(output="Short.", spans=(builders.span(),)),
        evaluations,
        output,
        "pytest x",
        Detail(0),
        given=True,
    )
    rows = [row for line in lines for row in textwrap.wrap(line, 80, break_long_words=True) or [""]]
    assert 20 <= len(rows) <= 25, rows
    assert lines[3].startswith("  e0 ")
    assert why[:80] in lines[3]
    assert any(line.startswith("  + Paragraph 0: ") for line in lines)
    assert lines[-1] == "only this case:  pytest x"
    whole = verdict_lines(
        builders.trace(output="Short.", spans=(builders.span(),)),
        evaluations,
        output,
        "pytest x",
        Detail(1),
        given=True,
    )
    assert sum(line.startswith("  e") for line in whole) == failures + 1
