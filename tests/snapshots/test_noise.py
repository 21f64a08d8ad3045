"""What differs between two runs, and the rules that take it out."""

import json
from pathlib import Path
from typing import Any

import pytest

from pytest_llmreplay.compare.values import EXACTLY, Tolerance
from pytest_llmreplay.redaction.redactor import Redactor
from pytest_llmreplay.snapshots.difference import same
from pytest_llmreplay.snapshots.noise import Kept, configuration, keep, kept, noise
from pytest_llmreplay.snapshots.normal import Rules
from pytest_llmreplay.writing import Guard

IDS = ("6ba7b810-9dad-11d1-80b4-00c04fd430c8", "7ba7b810-9dad-11d1-80b4-00c04fd430c8")
PLACE = ("__llm__/test_a.yaml", "test_a")


def differing(one: Any, other: Any, tolerance: Tolerance = EXACTLY) -> list[tuple[str, tuple[str, ...]]]:
    found = noise({PLACE: Kept(one, tolerance)}, {PLACE: Kept(other, tolerance)})
    return [(each.path, each.normalise) for each in found]


@pytest.mark.parametrize(
    ("one", "other", "ways"),
    [
        (f"order {IDS[0]}", f"order {IDS[1]}", ("uuid",)),
        ("on 2026-11-22", "on 2026-11-23", ("date",)),
        (f"{IDS[0]} on 2026-11-22", f"{IDS[1]} on 2026-11-23", ("uuid", "date")),
        (f"{IDS[0]} yes", f"{IDS[1]} no", ()),
        (0.1 + 0.2, 0.3, ("number=1e-06",)),
        (812, 790, ()),
        (1, True, ()),
        ([1, 2], [1], ()),
        (None, "text", ()),
    ],
)
def test_each_difference_has_the_fewest_words_that_make_it_none(one: Any, other: Any, ways: tuple[str, ...]) -> None:
    assert differing({"a": one}, {"a": other}) == [("a", ways)]
    found = noise({PLACE: Kept({"a": one})}, {PLACE: Kept({"a": other})})
    lines = [json.loads(line.partition(" = ")[2]) for line in configuration(found)]
    rules = Rules().with_more(*(lines if not ways else ((), lines[0])))
    assert same(rules.applied({"a": one}), rules.applied({"a": other}), rules.tolerance)


def test_items_of_a_list_are_told_once_and_a_member_of_one_run_alone_is_told() -> None:
    one = {"items": [{"at": 1}, {"at": 2}], "b": 1}
    assert differing(one, {"items": [{"at": 3}, {"at": 4}]}) == [("items[*].at", ()), ("b", ())]


def test_a_value_that_differs_as_a_whole_is_left_to_its_author() -> None:
    assert differing("yes", "no") == [("", ("function",))]
    assert list(configuration(noise({PLACE: Kept("yes")}, {PLACE: Kept("no")}))) == []


def test_numbers_that_are_near_enough_by_todays_rules_are_no_noise() -> None:
    assert differing(100, 101, Tolerance(relative=0.02)) == []
    assert differing({"n": 100}, {"n": 103}, Tolerance(relative=0.02)) == [("n", ())]


def test_what_stands_in_one_run_alone_is_left_aside() -> None:
    assert noise({PLACE: Kept(1)}, {}) == []


def test_values_come_back_from_their_file(tmp_path: Path) -> None:
    values = {PLACE: Kept({"a": ["ü", None]}, Tolerance(0.5)), ("x", "y"): Kept(1)}
    keep(tmp_path / "v.json", values, Guard(Redactor(environment={})))
    assert kept(tmp_path / "v.json") == values
    assert kept(tmp_path / "none.json") == {}
