"""The text of a diverged case."""

from dataclasses import replace

import pytest

from pytest_llmreplay.model.recording import Difference, Divergence, Match, Recording
from pytest_llmreplay.report.divergence import Detail, difference_lines, failure_lines
from tests.builders import chat, contents, span, step, trace, user


@pytest.mark.parametrize(
    ("difference", "lines"),
    [
        (Difference("model", "gpt-4o", "gpt-5"), ["  model   recorded gpt-4o, now gpt-5"]),
        (Difference("temperature", 0, 0.5), ["  temperature   recorded 0, now 0.5"]),
        (Difference("seed", None, 3), ["  seed", "    + 3"]),
        (Difference("seed", 3, None), ["  seed", "    - 3"]),
        (Difference("tools", ["a"], ["b"]), ['  tools   recorded ["a"], now ["b"]']),
        (
            Difference("messages[0].content", "Be brief.\n" + "x" * 40, "Be kind.\n" + "x" * 40),
            ["  messages[0].content", "    - Be brief.", "    + Be kind.", "      " + "x" * 40],
        ),
    ],
)
def test_a_difference_takes_one_line_where_it_is_short(difference: Difference, lines: list[str]) -> None:
    assert list(difference_lines(difference)) == lines


def text(count: int, at: int, level: int = 0) -> list[str]:
    """The text of a trace of some model calls of which one diverged."""
    steps = [step(chat(user(str(index))), index=index) for index in range(1, count + 1)]
    whole = contents(*steps)
    found = trace(*steps)
    found._contents = replace(whole, spans=(span(),))
    recording = Recording()
    for each in steps[: at - 1]:
        recording.places[recording.reserve()] = Match(each.call, each)
    differences = tuple(Difference(f"messages[{index}].content", "a", "b") for index in range(200))
    recording.places[recording.reserve()] = Match(chat(), steps[at - 1], differences, "diverged")
    divergence = Divergence(
        reason="changed",
        step=steps[at - 1],
        total=count,
        differences=differences,
        call=chat(),
        detail="gpt-4o: changed",
    )
    return failure_lines(found, recording, divergence, "pytest x", Detail(level))


def test_the_table_is_a_window_around_the_divergence() -> None:
    assert text(30, 15)[2:13] == [
        "  … 10 steps before",
        " 11 model      gpt-4o                   same",
        " 12 model      gpt-4o                   same",
        " 13 model      gpt-4o                   same",
        " 14 model      gpt-4o                   same",
        " 15 model      gpt-4o                   DIVERGED   <- first",
        " 16 model      gpt-4o                   not reached",
        " 17 model      gpt-4o                   not reached",
        " 18 model      gpt-4o                   not reached",
        " 19 model      gpt-4o                   not reached",
        "  … 11 steps after",
    ]


@pytest.mark.parametrize("at", [1, 5, 30])
def test_the_text_is_no_longer_than_25_lines_with_its_title(at: int) -> None:
    assert len(text(30, at)) < 25


def test_under_vv_nothing_is_left_out() -> None:
    lines = text(30, 15, 2)
    assert sum("messages[" in line for line in lines) == 200
    assert sum(" model  " in line for line in lines) == 30
    assert "more lines" not in lines[-1]
