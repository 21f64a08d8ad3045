from typing import Any

import pytest

from pytest_llmreplay.compare.paths import at, covers, steps, written


@pytest.mark.parametrize(
    ("pattern", "path", "covered"),
    [
        ("model", "model", True),
        ("model", "model_name", False),
        ("messages[1]", "messages[1].content", True),
        ("messages[1]", "messages[10].content", False),
        ("messages[*].content", "messages[10].content", True),
        ("messages", "messages[0]", True),
        ("tools.lookup", "tools.lookup.parameters.id", True),
        ("tools.lookup", "tools.lookups", False),
        ("*.content", "messages[0].content", True),
    ],
)
def test_a_pattern_covers_a_path_and_what_lies_in_it(pattern: str, path: str, covered: bool) -> None:
    assert covers(pattern, path) is covered


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("", []),
        ("$", []),
        ("a", ["a"]),
        ("a.b[0].c d[-1]", ["a", "b", 0, "c d", -1]),
        ("$.a", ["a"]),
        ("[2][3]", [2, 3]),
    ],
)
def test_a_path_goes_through_members_and_indices(path: str, expected: list[Any]) -> None:
    assert steps(path) == expected
    assert written(expected) == path.removeprefix("$").removeprefix(".")


@pytest.mark.parametrize(("path", "place"), [("a[", 2), ("a..b", 2), ("a[x]", 2), ("]", 1), ("a.", 2)])
def test_what_is_no_path_is_refused(path: str, place: int) -> None:
    with pytest.raises(ValueError, match=f"is no path .*: it breaks off at character {place}$"):
        steps(path)


def test_a_value_is_found_at_its_path() -> None:
    value = {"items": [{"price": 3}, {"price": 4}]}
    assert at(value, "items[1].price") == 4
    assert at(value, "items[-1].price") == 4
    assert at(value, "") == value


@pytest.mark.parametrize(
    ("path", "gone"),
    [("items[2].price", "items[2]"), ("item", "item"), ("items.price", "items.price"), ("a[0]", "a[0]")],
)
def test_a_path_that_leads_nowhere_is_named_up_to_there(path: str, gone: str) -> None:
    with pytest.raises(LookupError) as caught:
        at({"items": [{"price": 3}, "x"], "a": "text"}, path)
    assert caught.value.args == (f"there is no {gone}",)
