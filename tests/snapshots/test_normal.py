"""What of a value is compared."""

from typing import Any

import pytest

from pytest_llmreplay.errors import UsageProblem
from pytest_llmreplay.model.jsonvalue import JSON
from pytest_llmreplay.snapshots.normal import Rules

ID = "7b0d6a3e-2f51-4c8a-9d0e-1f2a3b4c5d6e"


@pytest.mark.parametrize(
    ("ways", "value", "kept"),
    [
        (["uuid"], {"id": ID, "text": f"order {ID.upper()}!"}, {"id": "<uuid>", "text": "order <uuid>!"}),
        (["date"], ["2026-11-23", "at 2026-11-23T10:00:00.5Z"], ["<date>", "at <date>"]),
        (["date"], "2026-11-23 10:00 +01:00", "<date>"),
        (["date"], ["1.2026", "2026-11-234", 20261123], ["1.2026", "2026-11-234", 20261123]),
        (["uuid", "date"], f"{ID} of 2026-11-23", "<uuid> of <date>"),
        ([sorted], ["b", "a"], ["a", "b"]),
        ([], {"id": ID}, {"id": ID}),
    ],
)
def test_what_varies_is_made_the_same(ways: list[Any], value: Any, kept: Any) -> None:
    assert Rules().with_more(normalise=ways).applied(value) == kept


@pytest.mark.parametrize(
    ("ignore", "kept"),
    [
        ("a", {"b": [{"c": 1, "d": 2}, {"c": 3, "d": 4}]}),
        ("$.b[0]", {"a": 0, "b": [None, {"c": 3, "d": 4}]}),
        ("b[*].c", {"a": 0, "b": [{"d": 2}, {"d": 4}]}),
        (["a", "b"], {}),
    ],
)
def test_members_that_are_left_out_are_gone_and_items_keep_their_place(ignore: Any, kept: Any) -> None:
    value: JSON = {"a": 0, "b": [{"c": 1, "d": 2}, {"c": 3, "d": 4}]}
    assert Rules().with_more(ignore=ignore).applied(value) == kept


def test_the_functions_of_the_user_see_a_value_once() -> None:
    rules = Rules().with_more(normalise=lambda value: value + 1)
    assert rules.of_approved(rules.applied(1)) == 2


@pytest.mark.parametrize(
    ("way", "near", "far"),
    [("number=0.01", 1.009, 1.02), ("number=1%", 1.0099, 1.02), ("number=1e-3", 1.0009, 1.002)],
)
def test_numbers_may_be_near(way: str, near: float, far: float) -> None:
    tolerance = Rules().with_more(normalise=way).tolerance
    assert tolerance.near(1.0, near)
    assert not tolerance.near(1.0, far)


@pytest.mark.parametrize("way", ["uid", "number", "number=", "number=1.2.3", "number=-1"])
def test_a_way_that_is_none_names_those_that_are(way: str) -> None:
    with pytest.raises(UsageProblem, match=rf"^normalise: '{way}' is none of uuid, date, number=0.01, number=1%"):
        Rules().with_more(normalise=[way])
