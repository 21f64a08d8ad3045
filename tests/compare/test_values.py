import json
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_llmreplay.compare.values import Tolerance, unequal

ODD = [0, 1, 1.0, True, False, None, "", "true", [], {}, [1], [True], {"a": None}, {"a": 0}]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.floats(-3, 3) | st.text("ab.[]", max_size=3),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("ab.", max_size=2), inner, max_size=4),
    max_leaves=12,
)


def said(expected: Any, got: Any, **more: Any) -> list[str]:
    return [f"{each.path}: {each}" for each in unequal(expected, got, **more)]


@pytest.mark.parametrize(
    ("expected", "got", "differences"),
    [
        ({"b": 1, "a": 2}, {"a": 3, "b": 4, "c": None}, ["b: 1 was expected, got 4", "a: 2 was expected, got 3", "c: is there and was not expected: null"]),  # noqa: E501
        ({"a": None}, {}, ["a: is missing, null was expected"]),
        ({"a": 1}, {"a": "1"}, ['a: 1 was expected, got "1"']),
        ({"a": 1}, {"a": True}, ["a: 1 was expected, got true"]),
        ([1, 2, 3], [1, 3], ["[1]: is missing, 2 was expected"]),
        ([{"p": [1, {"q": 2}]}], [{"p": [1, {"q": 3}]}], ["[0].p[1].q: 2 was expected, got 3"]),
        ("a", {"a": 1}, [': "a" was expected, got {"a": 1}']),
        (1, 1.0, []),
        (2**80, 1e300, [f": {2**80} was expected, got 1e+300"]),
    ],
)  # fmt: skip
def test_each_place_is_named_in_the_order_of_the_expected_value(
    expected: Any, got: Any, differences: list[str]
) -> None:
    assert said(expected, got) == differences


@pytest.mark.parametrize("a", range(len(ODD)))
@pytest.mark.parametrize("b", range(len(ODD)))
def test_values_are_equal_as_json_is(a: int, b: int) -> None:
    same = a == b or {a, b} == {1, 2}
    assert (unequal(ODD[a], ODD[b]) == []) is same
    assert (unequal([ODD[a]], [ODD[b]], any_order=True) == []) is same


@given(JSON)
def test_a_value_equals_itself(value: Any) -> None:
    assert unequal(value, json.loads(json.dumps(value))) == []


@given(JSON, JSON)
def test_what_differs_does_so_at_some_place(a: Any, b: Any) -> None:
    assert bool(unequal(a, b)) == bool(unequal(b, a))
    if json.dumps(a, sort_keys=True) != json.dumps(b, sort_keys=True) and not unequal(a, b):
        assert a == b  # 1 and 1.0


@given(st.lists(JSON, max_size=6), st.randoms(use_true_random=False))
def test_a_list_in_another_order_is_the_same_where_order_does_not_count(
    value: list[Any], chance: random.Random
) -> None:
    got = list(value)
    chance.shuffle(got)
    assert unequal(value, got, any_order=True) == []


def test_numbers_may_differ_by_the_larger_tolerance() -> None:
    assert said([100.0, 1], [101.0, 1.4], tolerance=Tolerance(0.5, 0.01)) == []
    assert said([100.0], [101.1], tolerance=Tolerance(0.5, 0.01)) == ["[0]: 100.0 was expected, got 101.1"]
    assert said({"a": [1.0]}, {"a": [1.04]}, tolerance=Tolerance(0.05)) == []


@pytest.mark.parametrize("value", [-1, float("inf"), float("nan"), True, "1"])
def test_a_tolerance_is_a_number_from_0_on(value: Any) -> None:
    with pytest.raises(ValueError, match="a tolerance is a number from 0 on, not"):
        Tolerance(value)
    with pytest.raises(ValueError, match="a tolerance is a number from 0 on, not"):
        Tolerance(0, value)


def test_ignored_paths_are_left_out_on_both_sides() -> None:
    expected = {"items": [{"id": "a", "v": 1}], "at": 3}
    got = {"items": [{"id": "b", "v": 1}], "at": 4, "trace": {"x": 1}}
    assert said(expected, got, ignore=["items[*].id", "$.at", "trace.x", "trace"]) == []
    assert said(expected, got, ignore=["items[0]", "at"]) == ['trace: is there and was not expected: {"x": 1}']


def test_order_may_be_left_aside_with_tolerances_and_ignored_paths() -> None:
    expected = [{"id": 1, "v": [1.0, 2.0]}, {"id": 2, "v": [3.0]}]
    got = [{"id": 8, "v": [3.02]}, {"id": 9, "v": [2.01, 1.01]}]
    assert said(expected, got, any_order=True, ignore=["[*].id"], tolerance=Tolerance(0.05)) == []
    found = said(expected, got, any_order=True, ignore=["[*].id"], tolerance=Tolerance(0.015))
    assert found == ["[1].v[0]: 3.0 was expected, got 3.02"]


def test_without_order_each_item_still_counts_once() -> None:
    assert said([1, 1, 2], [2, 1], any_order=True) == ["[0]: is missing, 1 was expected"]
    assert said([2, 1], [1, 1, 2], any_order=True) == ["[2]: is there and was not expected: 1"]
    assert said([1, 2, 3], [3, 5, 1], any_order=True) == ["[1]: 2 was expected, got 5"]


def test_a_long_value_is_cut() -> None:
    (found,) = unequal("a" * 100, 1)
    assert str(found) == '"' + "a" * 58 + "… was expected, got 1"
