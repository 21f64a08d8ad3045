from typing import Any

import pytest

from pytest_llmreplay.compare import values
from pytest_llmreplay.compare.values import EXACTLY, Tolerance
from pytest_llmreplay.snapshots import difference
from pytest_llmreplay.snapshots.difference import differences, same


def told(old: Any, new: Any) -> list[tuple[str, Any, Any]]:
    return [(each.path, each.recorded, each.live) for each in differences(old, new, EXACTLY)]


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ({"a": 1, "b": [1, 2]}, {"b": [1, 2], "a": 1.0}, []),
        (1, True, [("", 1, True)]),
        ({"a": {"b": "x"}}, {"a": {"b": "y"}}, [("a.b", "x", "y")]),
        ({"a": 1}, {"b": 2}, [("a", 1, None), ("b", None, 2)]),
        ([1, 2, 3], [1, 5, 3], [("[1]", 2, 5)]),
        ([1, 2, 3], [1, 3], [("[1]", 2, None)]),
        ([{"n": 1}, {"n": 2}], [{"n": 1}, {"n": 9}, {"n": 2}], [("[1]", None, {"n": 9})]),
        ([], ["x"], [("[0]", None, "x")]),
        ("x", None, [("", "x", None)]),
    ],
)
def test_the_smallest_parts_that_differ_are_told(old: Any, new: Any, found: object) -> None:
    assert told(old, new) == found
    assert same(old, new, EXACTLY) is (not found)


def test_numbers_within_the_tolerance_are_equal() -> None:
    assert same({"a": [1.0]}, {"a": [1.005]}, Tolerance(absolute=0.01))
    assert not same({"a": [1.0]}, {"a": [1.05]}, Tolerance(absolute=0.01))


def test_a_list_of_thousands_never_reaches_deepdiff(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(difference, "unequal", lambda *_, **__: pytest.fail("deepdiff"))
    old = [{"n": n, "text": f"row {n}"} for n in range(5_000)]
    new = [{"n": n, "text": f"row {n}!"} for n in range(5_100)]
    assert len(differences(old, new, EXACTLY)) == difference.MOST


def test_deepdiff_sees_the_parts_that_differ_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []
    real = values.unequal

    def unequal(old: list[Any], new: list[Any], **more: Any) -> Any:
        seen.append(len(old) + len(new))
        return real(old, new, **more)

    monkeypatch.setattr(difference, "unequal", unequal)
    old: list[Any] = [*range(5_000)]
    new: list[Any] = [*range(2_000), "new", *range(2_000, 5_000)]
    assert [(each.path, each.live) for each in differences(old, new, EXACTLY)] == [("[2000]", "new")]
    assert seen == [1]
