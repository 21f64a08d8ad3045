"""Values of the application, whatever their methods do."""

import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import numpy
import pytest

from pytest_llmreplay.evaluate.values import as_text, plain, simple


class Silent:
    def __repr__(self) -> str:
        raise ValueError("no words")


class Broken:
    def model_dump(self, mode: str) -> Any:
        raise ValueError("cannot be told")

    def __repr__(self) -> str:
        return "<broken>"


def around() -> list[Any]:
    found: list[Any] = []
    found.append(found)
    return found


def deep() -> list[Any]:
    found: list[Any] = []
    for _ in range(100_000):
        found = [found]
    return found


def test_what_the_application_gives_is_seen_as_json() -> None:
    @dataclass
    class Reply:
        text: str
        sources: tuple[str, ...]

    assert plain(Reply("a", ("b",))) == {"text": "a", "sources": ["b"]}
    assert plain({1: numpy.array([1, 2])}) == {"1": [1, 2]}


def test_an_object_that_is_no_json_stays_what_it_is_for_evaluators() -> None:
    value = Broken()
    assert plain(value) is value


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        ("Hello.", "Hello."),
        ({"b": 1, "a": "é"}, '{"a": "é", "b": 1}'),
        ({1: "a", "b": 2}, "{1: 'a', 'b': 2}"),
        ([date(2026, 5, 1)], '["2026-05-01"]'),
        (Silent(), '"<Silent>"'),
        (around(), "[[...]]"),
        (deep(), "<list>"),
    ],
    ids=["none", "text", "json", "keys", "date", "silent", "around", "deep"],
)
def test_every_value_has_a_text(value: Any, text: str) -> None:
    assert as_text(value) == text


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (Silent(), "<Silent>"),
        (Broken(), "<broken>"),
        ([float("inf"), {2}, (3,), b"x"], ["inf", [2], [3], "b'x'"]),
        (Decimal("1.5"), "1.5"),
        (numpy.float32(0.5), 0.5),
        (around(), "<list that is nested too deeply>"),
        (deep(), "<list that is nested too deeply>"),
        ("x" * 30_000, "x" * 20_000 + "…"),
    ],
    ids=["silent", "broken", "several", "decimal", "numpy", "around", "deep", "long"],
)
def test_a_report_holds_plain_values_alone(value: Any, found: Any) -> None:
    assert simple(value) == found
    json.dumps(simple(value), allow_nan=False)
