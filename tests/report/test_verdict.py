import pytest

from pytest_llmreplay.report.verdict import number


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
