"""YAML of others: plain values, nothing run, nothing blown up."""

import time
from typing import Any

import pytest

from pytest_llmreplay.traces.formats._yaml import YAMLError, from_yaml, place_and_reason


def value(text: str) -> Any:
    return from_yaml(text.encode(), ())[0]


def test_plain_values() -> None:
    assert value("a: [1, 2.5, true, null, 'x']\nb: !!binary AAE=\n") == {
        "a": [1, 2.5, True, None, "x"],
        "b": b"\x00\x01",
    }


def test_times_stay_text() -> None:
    assert value("a: 2026-03-05 14:16:59\nb: 2026-03-05\n") == {"a": "2026-03-05 14:16:59", "b": "2026-03-05"}


def test_the_words_of_python_2_tuples_and_buffers() -> None:
    text = """\
a: !!python/unicode one
b: !!python/tuple [x, y]
c: !!python/object/new:_io.BytesIO {state: !!python/tuple [!!binary aGk=, 0, null]}
"""
    assert value(text) == {"a": "one", "b": ["x", "y"], "c": b"hi"}


def test_an_alias_is_followed() -> None:
    assert value("a: &one [x]\nb: *one\n") == {"a": ["x"], "b": ["x"]}


def test_the_lines_of_a_list() -> None:
    assert from_yaml(b"version: 1\nfound:\n- a: 1\n  b: 2\n- a: 3\n", ("found",))[1] == [3, 5]


BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("a: 1\nb: !!python/object/apply:os.system [echo]\n", 2, "tag 'python/object/apply:os.system' is not let in"),
        ("a: 1\nb: !!python/name:os.system ''\n", 2, "could not determine a constructor"),
        ("a: &a\n  b: *a\n", 1, "an alias of what it stands in"),
        ("a: 1\na: 2\n", 2, "a key that is there already"),
        ("a: &a {x: 1}\nb:\n  <<: *a\n", 3, "a key that is no text"),
        (BOMB, 0, "aliases that multiply"),
        ("a:\n- 'cut off\n", 3, "found unexpected end of stream"),
        ("a: 1\n---\nb: 2\n", 2, "but found another document"),
        ("a: \x00\n", 1, "not YAML"),
    ],
    ids=["object", "name", "circle", "twice", "merge", "bomb", "cut", "documents", "nul"],
)
def test_what_is_refused_is_named_by_line(text: str, line: int, reason: str) -> None:
    begin = time.process_time()
    with pytest.raises(YAMLError) as caught:
        value(text)
    where, words = place_and_reason(caught.value, text.encode())
    assert reason in words
    assert where == line or not line
    assert time.process_time() - begin < 5
