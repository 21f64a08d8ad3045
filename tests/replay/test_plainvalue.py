"""Values of the application as JSON, and recorded JSON as values of the application."""

import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any, Literal, NamedTuple, NotRequired, TypedDict

import openai
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from pytest_llmreplay.model.call import Failure
from pytest_llmreplay.replay.plainvalue import UNSEEN, Restorer, as_json, exception


@dataclass
class Order:
    """A plain class of an application."""

    id: str
    state: str = "new"
    lines: list[int] = field(default_factory=list)


class Document(TypedDict):
    """A dictionary with known keys."""

    id: str
    score: float
    note: NotRequired[str]


class Customer(BaseModel):
    """A pydantic model."""

    name: str
    orders: list[str] = []


class Pair(NamedTuple):
    """A tuple with names."""

    left: int
    right: int


class Color(Enum):
    """An enumeration."""

    RED = "red"


class Opaque:
    """Nothing knows how to write it."""


class Broken:
    """Its own method for that raises."""

    def to_dict(self) -> dict[str, object]:
        raise KeyError("detached")


class Gone(Exception):
    """An exception of the application."""


class Coded(Exception):
    """An exception whose constructor takes more than a message."""

    def __init__(self, message: str, *, code: int) -> None:
        super().__init__(message)
        self.code = code


# --- to JSON ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (None, None),
        ((1, "a"), [1, "a"]),
        (Order("A-1"), {"id": "A-1", "state": "new", "lines": []}),
        ([Customer(name="Ann")], [{"name": "Ann", "orders": []}]),
        ({"order": Order("A-1", "sent", [1])}, {"order": {"id": "A-1", "state": "sent", "lines": [1]}}),
        (Pair(1, 2), [1, 2]),
        (Color.RED, "red"),
        (date(2026, 5, 1), "2026-05-01"),
        (Decimal("1.5"), "1.5"),
        ({1: "a"}, {"1": "a"}),
    ],
)
def test_a_value_becomes_plain_json(value: object, plain: object) -> None:
    assert as_json(value) == plain


@pytest.mark.parametrize("value", [Opaque(), [Opaque()], {"a": Opaque()}, Broken(), lambda: 1, Order, print])
def test_a_value_without_a_json_form_is_not_seen(value: object) -> None:
    assert as_json(value) is UNSEEN


def test_a_value_that_holds_itself_is_not_seen() -> None:
    ring: list[Any] = []
    ring.append(ring)
    assert as_json(ring) is UNSEEN


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(JSON)
def test_json_stays_what_it_is_both_ways(value: Any) -> None:
    assert as_json(value) == value
    assert Restorer(None, None).restored(value) is value


# --- from JSON -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("annotation", "value", "restored"),
    [
        (Order, {"id": "A-1", "lines": [1]}, Order("A-1", "new", [1])),
        (list[Order], [{"id": "A-1"}], [Order("A-1")]),
        (dict[str, Order], {"a": {"id": "A-1"}}, {"a": Order("A-1")}),
        (Order | None, None, None),
        (Order | None, {"id": "A-1"}, Order("A-1")),
        (Document, {"id": "d", "score": 1}, {"id": "d", "score": 1.0}),
        (list[Document], [{"id": "d", "score": 0.5}], [{"id": "d", "score": 0.5}]),
        (Sequence[Order], [{"id": "A-1"}], [Order("A-1")]),
        (tuple[Order, ...], [{"id": "A-1"}], (Order("A-1"),)),
        (tuple[str, int], ["a", 1], ("a", 1)),
        (set[str], ["a"], {"a"}),
        (Pair, [1, 2], Pair(1, 2)),
        (Customer, {"name": "Ann", "orders": ["A-1"]}, Customer(name="Ann", orders=["A-1"])),
        (list[Customer], [{"name": "Ann"}], [Customer(name="Ann")]),
        (Customer | None, {"name": "Ann"}, Customer(name="Ann")),
        (Color, "red", Color.RED),
        (date, "2026-05-01", date(2026, 5, 1)),
        (Literal["a", "b"], "a", "a"),
        (str, "a", "a"),
        (bytes, "YQ==", b"a"),
        (Any, {"a": 1}, {"a": 1}),
        (None, {"a": 1}, {"a": 1}),
        (object, {"a": 1}, {"a": 1}),
        ("Order", {"id": "A-1"}, {"id": "A-1"}),
    ],
    ids=str,
)
def test_a_recorded_value_becomes_the_type_that_is_annotated(annotation: Any, value: Any, restored: Any) -> None:
    found = Restorer(annotation, None).restored(value)
    assert found == restored
    assert type(found) is type(restored)


@pytest.mark.parametrize(
    ("annotation", "value", "name"),
    [
        (Order, {"state": "new"}, "Order"),
        (Order, "a text", "Order"),
        (Document, {"score": 1}, "Document"),
        (Customer, {"orders": 1}, "Customer"),
        (Opaque, {"a": 1}, "Opaque"),
        (list[Opaque], [{"a": 1}], "list"),
        (Callable[[], int], "f", "Callable"),
        (Path, "a", "Path"),
    ],
)
def test_one_that_does_not_names_the_type(annotation: Any, value: Any, name: str) -> None:
    with pytest.raises(ValueError, match=f"^the recorded output does not make a .*{name}"):
        Restorer(annotation, None).restored(value)


@pytest.mark.parametrize(
    ("annotation", "restored"),
    [(type(None), None), (int | None, None), (str | None, "None"), (str, "None"), (None, "None")],
)
def test_none_that_was_written_as_text_is_none_where_a_text_is_not_meant(annotation: Any, restored: Any) -> None:
    assert Restorer(annotation, None).restored("None") == restored


def test_an_iterable_may_be_any() -> None:
    assert list(Restorer(Iterable[str], None).restored(["a", "b"])) == ["a", "b"]


def test_a_codec_goes_before_the_annotation() -> None:
    assert Restorer(Order, lambda value: Path(value["id"])).restored({"id": "A-1"}) == Path("A-1")


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.builds(Order, st.text(), st.text(), st.lists(st.integers(-(2**53), 2**53)))))
def test_there_and_back(orders: list[Order]) -> None:
    assert Restorer(list[Order], None).restored(as_json(orders)) == orders


# --- exceptions ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "made"),
    [
        ("ValueError", ValueError),
        ("builtins.TimeoutError", TimeoutError),
        (f"{__name__}.Gone", Gone),
        (f"{__name__}.Coded", Coded),
        ("openai.RateLimitError", openai.RateLimitError),
    ],
)
def test_a_recorded_exception_is_raised_as_its_own_type(kind: str, made: type[Exception]) -> None:
    found = exception(Failure(kind, "no such order"))
    assert type(found) is made
    assert str(found) == "no such order"


@pytest.mark.parametrize(
    ("kind", "name", "module"),
    [
        ("shop.errors.Gone", "Gone", "shop.errors"),
        ("Gone", "Gone", "recorded"),
        ("", "RecordedError", "recorded"),
        ("builtins.SystemExit", "SystemExit", "builtins"),
        ("KeyboardInterrupt", "KeyboardInterrupt", "recorded"),
        ("builtins.print", "print", "builtins"),
        (f"{__name__}.Order", "Order", __name__),
    ],
)
def test_one_that_is_no_loaded_exception_gets_a_stand_in_of_its_name(kind: str, name: str, module: str) -> None:
    found = exception(Failure(kind, "no such order"))
    assert (type(found).__name__, type(found).__module__) == (name, module)
    assert type(found).__mro__[1] is Exception
    assert str(found) == "no such order"


def test_nothing_is_imported_for_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "shop_errors_unloaded.py").write_text("class Gone(Exception): ...\n")
    monkeypatch.syspath_prepend(tmp_path)
    found = exception(Failure("shop_errors_unloaded.Gone", "no"))
    assert type(found).__module__ == "shop_errors_unloaded"
    assert "shop_errors_unloaded" not in sys.modules
