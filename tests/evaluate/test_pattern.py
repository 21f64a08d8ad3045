import re
from collections.abc import Iterator

import pytest

from pytest_llmreplay.evaluate import pattern
from pytest_llmreplay.evaluate.pattern import TooSlow, compiled, search


@pytest.fixture(autouse=True)
def no_child_is_left() -> Iterator[None]:
    yield
    pattern.child.end()


@pytest.mark.parametrize(
    ("source", "text", "whole", "expected"),
    [
        ("b", "abc", False, (1, 2)),
        ("b", "abc", True, None),
        ("[ab]c", "xbc", False, (1, 3)),
        (r"\d+", "in 30 days", False, (3, 5)),
        (r"\d+", "in 30 days", True, None),
        (r"(?s).*", "a\nb", True, (0, 3)),
        (r"ä+\ud800", "xää\ud800\n", False, (1, 4)),
    ],
)
def test_a_pattern_is_found_where_re_finds_it(
    source: str, text: str, whole: bool, expected: tuple[int, int] | None
) -> None:
    assert search(re.compile(source), text, whole=whole) == expected
    found = (re.fullmatch if whole else re.search)(source, text)
    assert (found and found.span()) == expected


def test_only_what_repeats_is_asked_of_the_child() -> None:
    search(re.compile("[ab]c$"), "abc")
    assert pattern.child.process is None
    search(re.compile("b*c"), "abc")
    process = pattern.child.process
    assert process is not None
    search(re.compile("(?i)B+"), "abc")
    assert pattern.child.process is process


@pytest.mark.parametrize("source", ["(a+)+$", "(a|a)*$", "(.*)(.*)(.*)(.*)(.*)(.*)(.*)(.*)c", "a?" * 40 + "a" * 40])
def test_a_slow_pattern_is_given_up_and_the_next_one_is_answered(source: str) -> None:
    with pytest.raises(TooSlow, match=r"took more than 0\.2 s on \d+ characters .* possessive \(a\+\+\)"):
        search(re.compile(source), "a" * 40 + "b" * ("$" in source), seconds=0.2)
    assert search(re.compile("a+"), "baa") == (1, 3)


def test_a_child_that_was_ended_is_started_again() -> None:
    search(re.compile("a+"), "a")
    assert pattern.child.process is not None
    pattern.child.process.kill()
    pattern.child.process.wait()
    assert search(re.compile("a+"), "a") == (0, 1)


def test_only_the_beginning_of_a_long_text_is_looked_at() -> None:
    assert search(re.compile("b"), "a" * 100_000 + "b") is None
    assert search(re.compile("b"), "a" * 99_999 + "b") == (99_999, 100_000)


@pytest.mark.parametrize(
    ("source", "kind", "message"),
    [
        ("a" * 1001, ValueError, "the pattern has 1,001 characters; it may have 1,000"),
        ("(a", ValueError, r"the pattern '\(a' cannot be read: missing \), unterminated subpattern at position 0"),
        ("a{99999999999}", ValueError, "cannot be read"),
        (3, TypeError, "a pattern is a text, not 3"),
    ],
)
def test_a_pattern_that_is_none_is_refused(source: object, kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=message):
        compiled(source)
