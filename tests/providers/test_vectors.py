"""Vectors: as lists, as base64, and made up."""

import pytest

from pytest_llmreplay.providers._vectors import as_base64, unit_vector, vector_of

VECTOR = [0.497346, -0.671321, 0.549523]
"""Of the text ``seed``, in every version."""


def test_a_made_up_vector_is_fixed_by_its_text() -> None:
    assert [round(each, 6) for each in unit_vector("seed", 3)] == VECTOR


@pytest.mark.parametrize(("value", "vector"), [([1, 2.5], (1.0, 2.5)), ("AACAPwAAAMA=", (1.0, -2.0)), (None, ())])
def test_a_vector_is_read_from_either_form(value: object, vector: tuple[float, ...]) -> None:
    assert vector_of(value) == vector


def test_base64_holds_32_bit_floats() -> None:
    assert as_base64((1.0, -2.0)) == "AACAPwAAAMA="


@pytest.mark.parametrize("value", ["AAA", [None], [[1]], ["x"], [10**400]])
def test_what_is_no_vector_is_a_value_error(value: object) -> None:
    with pytest.raises(ValueError, match=r"."):
        vector_of(value)
