"""JSON schemas, made plain and joined."""

from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_llmreplay.replay.schema_keywords import explicit, least_multiple, merged, references, validator


def test_nullable_is_told_as_null_where_references_still_find_their_definitions() -> None:
    schema = {"$defs": {"name": {"type": "string", "nullable": True}}, "type": "object", "nullable": True}
    assert explicit(schema) == {
        "$defs": {"name": {"anyOf": [{"type": "string"}, {"type": "null"}]}},
        "anyOf": [{"type": "object"}, {"type": "null"}],
    }


def test_a_member_called_nullable_and_values_that_look_like_schemas_stay() -> None:
    schema = {"properties": {"nullable": {"type": "boolean"}}, "enum": [{"nullable": True}]}
    assert explicit(schema) == schema


def test_bounds_at_the_end_of_a_description_count_where_no_keyword_says_otherwise() -> None:
    assert explicit({"type": "integer", "description": "Stars.\n\n{minimum: 1, maximum: 5, title: 3}"}) == {
        "type": "integer",
        "description": "Stars.\n\n{minimum: 1, maximum: 5, title: 3}",
        "minimum": 1,
        "maximum": 5,
    }
    assert explicit({"description": "{minimum: 1}", "minimum": 2})["minimum"] == 2


def test_references_are_found_in_schemas_and_not_in_values() -> None:
    schema = {
        "properties": {"$ref": {"$ref": "#/$defs/a"}, "b": {"items": [{"$ref": "#/$defs/b"}]}},
        "const": {"$ref": "#/none"},
    }
    assert list(references(schema)) == ["#/$defs/a", "#/$defs/b"]


@pytest.mark.parametrize(
    ("one", "other", "joined"),
    [
        ({"type": ["integer", "string"]}, {"type": "number"}, {"type": ["integer"]}),
        ({"minimum": 1, "maxLength": 9}, {"minimum": 3, "maxLength": 4}, {"minimum": 3, "maxLength": 4}),
        ({"enum": [1, 2, True]}, {"enum": [True, 2]}, {"enum": [2, True]}),
        ({"multipleOf": 4}, {"multipleOf": 6}, {"multipleOf": 12}),
        ({"required": ["a"]}, {"required": ["b"]}, {"required": ["a", "b"]}),
        ({"items": {"type": "null"}}, {"items": True}, {"items": {"allOf": [{"type": "null"}, True]}}),
        ({"pattern": "a"}, {"pattern": "b"}, {"pattern": "a"}),
    ],
)
def test_keywords_that_all_have_to_hold_are_joined(one: Any, other: Any, joined: Any) -> None:
    assert merged(one, other) == joined


@given(st.fractions(min_value="0.01", max_value=50, max_denominator=100), st.integers(1, 50))
def test_a_least_multiple_is_one_of_both(fraction: Any, whole: int) -> None:
    one = round(float(fraction), 2) or 0.01
    found = least_multiple(one, whole)
    assert found >= max(one, whole)
    assert found / whole == pytest.approx(round(found / whole))
    assert found / one == pytest.approx(round(found / one))


def test_a_schema_of_an_older_draft_is_read_and_one_that_is_none_is_refused() -> None:
    assert isinstance(validator({"items": [{"type": "string"}]}), jsonschema.Draft7Validator)
    assert isinstance(validator(True), jsonschema.Draft202012Validator)
    with pytest.raises(ValueError, match=r"^the schema is not valid: "):
        validator({"type": "strnig"})
