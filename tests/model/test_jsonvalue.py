"""JSON as it comes from outside, typed."""

import pytest

from pytest_llmreplay.model.jsonvalue import integer, items, members, text


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (5, 5),
        (0, 0),
        (-3, -3),
        (5.0, 5),
        ("5", 5),
        ("-5", -5),
        (5.5, None),
        (True, None),
        (False, None),
        (None, None),
        ("", None),
        ("-", None),
        ("5.0", None),
        ("five", None),
        ("--5", None),
        ("²", None),
        ("5-", None),
        ([], None),
        (float("inf"), None),
        (float("nan"), None),
        ("9" * 5_000, None),
        ("٣", 3),
    ],
    ids=lambda value: str(value)[:20],
)
def test_a_whole_number_is_an_integer_however_it_is_written(value: object, number: int | None) -> None:
    assert integer(value) == number
    assert not isinstance(integer(value), bool)


@pytest.mark.parametrize(
    ("value", "found"), [("a", "a"), ("", ""), (5, None), (None, None), (["a"], None), (b"a", None)]
)
def test_text_is_a_string_or_nothing(value: object, found: str | None) -> None:
    assert text(value) == found


@pytest.mark.parametrize(("value", "found"), [({"a": 1}, {"a": 1}), ([], {}), ("a", {}), (None, {})])
def test_members_are_those_of_an_object_or_none(value: object, found: object) -> None:
    assert members(value) == found


@pytest.mark.parametrize(("value", "found"), [([1], [1]), ((1,), (1,)), ("ab", ()), ({"a": 1}, ()), (None, ())])
def test_items_are_those_of_a_list_or_none(value: object, found: object) -> None:
    assert items(value) == found
