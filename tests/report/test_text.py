"""Text from outside, made fit for a terminal."""

import pytest

from pytest_llmreplay.report.text import line_diff, safe, shortened, shown


@pytest.mark.parametrize(
    ("text", "out"),
    [
        ("plain, Grüße, 注文", "plain, Grüße, 注文"),
        ("\x1b[31mred\x07", "\\x1b[31mred\\x07"),
        ("a\tb", "a    b"),
        ("\u202eright", "\\x202eright"),
        ("\ud800", "\\xd800"),
        ("\x85\x9b", "\\x85\\x9b"),
        ("::error::x", ":\u200b:error:\u200b:x"),
        ("  ::error::x", "  :\u200b:error:\u200b:x"),
        ("a::b", "a::b"),
        ("a ##[error]b", "a #\u200b#[error]b"),
        ("##vso[task.complete]", "#\u200b#vso[task.complete]"),
        ("## title", "## title"),
    ],
)
def test_what_a_terminal_or_a_ci_would_obey_is_shown_instead(text: str, out: str) -> None:
    assert safe(text) == out


def test_a_text_is_shortened_to_one_line() -> None:
    assert shortened("one\ntwo") == "one\\ntwo"
    assert shortened("x" * 200) == "x" * 99 + "…"
    assert shortened("x" * 200, 10) == "x" * 9 + "…"
    assert shortened("x" * 100) == "x" * 100


def test_values_are_shown_as_json_and_texts_as_they_are() -> None:
    assert shown("a") == "a"
    assert shown({"ü": [1, None]}) == '{"ü": [1, null]}'
    assert shown(True) == "true"


@pytest.mark.parametrize(
    ("old", "new", "out"),
    [
        ("a\nb\nc", "a\nB\nc", ["  a", "- b", "+ B", "  c"]),
        ("a\nb\nc\nd\ne", "a\nb\nc\nd\nE", ["  a", "  …", "  d", "- e", "+ E"]),
        ("a\nb", "a\nb\nc", ["  a", "  b", "+ c"]),
        ("a\nb\nc", "a", ["  a", "- b", "- c"]),
        ("a", "b", ["- a", "+ b"]),
        ("a" * 300 + "x" + "b" * 50, "a" * 300 + "y" + "b" * 50, [
            "- …" + "a" * 30 + "x" + "b" * 50,
            "+ …" + "a" * 30 + "y" + "b" * 50,
        ]),
    ],
)  # fmt: skip
def test_a_diff_of_lines_shows_each_change_and_a_line_around_it(old: str, new: str, out: list[str]) -> None:
    found = list(line_diff(old, new))
    assert [each for each in found if not each.startswith("  ")] == [each for each in out if not each.startswith("  ")]
    assert set(found) <= {*out, "  …", "  a", "  b", "  c", "  d"}
