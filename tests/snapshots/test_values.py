import datetime
import uuid
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from pathlib import PurePosixPath
from typing import Any

import pytest

from pytest_llmreplay.errors import UsageProblem
from pytest_llmreplay.snapshots.values import as_json


class Colour(Enum):
    RED = "red"


@dataclass
class Answer:
    text: str
    colour: Colour


class Model:
    """As Pydantic's."""

    def model_dump(self, mode: str) -> dict[str, str]:
        return {"mode": mode}


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ((1, 2.5, None, True, "x"), [1, 2.5, None, True, "x"]),
        ({1: {"b", "a"}}, {"1": ["a", "b"]}),
        (Answer("x", Colour.RED), {"text": "x", "colour": "red"}),
        (Model(), {"mode": "json"}),
        (datetime.datetime(2026, 11, 18, tzinfo=datetime.UTC), "2026-11-18T00:00:00+00:00"),
        ([uuid.UUID(int=1), Decimal("1.5"), PurePosixPath("a/b")], [str(uuid.UUID(int=1)), "1.5", "a/b"]),
        (
            b"abc",
            "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad (3 bytes)",
        ),
        (ValueError("no"), "ValueError: no"),
        (float("nan"), None),
        ("\ud800", "\ufffd"),
    ],
)
def test_a_value_as_json(value: Any, found: object) -> None:
    assert as_json(value) == found


def test_what_has_no_form_is_named_with_its_place() -> None:
    with pytest.raises(UsageProblem, match=r"a object at a\[0\]\.b is no JSON value"):
        as_json({"a": [{"b": object()}]})
    endless: list[Any] = []
    endless.append(endless)
    with pytest.raises(UsageProblem, match="nested more than 200 levels deep"):
        as_json(endless)
