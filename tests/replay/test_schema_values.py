"""Values of a schema: they are valid, follow from a seed alone, or are refused by name."""

import json
import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from uuid import UUID

import jsonschema  # type: ignore[import-untyped]
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_llmreplay.replay.schema_values import satisfying

FORMATS = jsonschema.FormatChecker(("date", "email", "ipv4", "ipv6", "uuid"))


def allowed(schema: Any, value: Any) -> bool:
    return bool(jsonschema.Draft202012Validator(schema, format_checker=FORMATS).is_valid(value))


# --- schemas ---------------------------------------------------------------------------------------------------------


def bounded(low: str, high: str, most: int) -> st.SearchStrategy[dict[str, int]]:
    """Two bounds of which none, one or both are given, and which leave room."""
    both = st.tuples(st.integers(0, most), st.integers(0, most)).map(sorted)
    return both.flatmap(
        lambda pair: st.fixed_dictionaries({}, optional={low: st.just(pair[0]), high: st.just(pair[1])})
    )


def with_type(name: str | list[str], keywords: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    return keywords.map(lambda found: {"type": name, **found})


def arrays(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    plain = st.tuples(inner, bounded("minItems", "maxItems", 4)).map(lambda it: {"items": it[0], **it[1]})
    placed = st.lists(inner, min_size=1, max_size=3).map(
        lambda it: {"prefixItems": it, "minItems": len(it), "items": False}
    )
    return with_type("array", st.one_of(plain, placed))


def objects(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    names = st.text("abc~/ $", min_size=1, max_size=3)
    members = st.dictionaries(names, inner, max_size=4)
    more = st.one_of(st.just({}), inner.map(lambda it: {"additionalProperties": it}))
    most = st.integers(0, 2).map(lambda it: {"minProperties": it})

    def put(found: tuple[dict[str, Any], dict[str, Any], dict[str, Any], int]) -> dict[str, Any]:
        own, other, least, some = found
        return {"properties": own, "required": list(own)[:some], **other, **least}

    return with_type("object", st.tuples(members, more, most, st.integers(0, 4)).map(put))


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.floats(-9, 9) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=2), inner, max_size=2),
    max_leaves=4,
)
LEAVES = st.one_of(
    st.sampled_from([True, {}, {"type": "null"}, {"type": "boolean"}, {"type": ["string", "null"]}, {"minLength": 3}]),
    with_type("string", bounded("minLength", "maxLength", 60)),
    with_type("integer", bounded("minimum", "maximum", 50)),
    with_type("number", bounded("minimum", "maximum", 50)),
    with_type(["integer", "null"], bounded("minimum", "exclusiveMaximum", 50).filter(lambda it: len(it) < 2)),
    with_type(
        "number",
        bounded("exclusiveMinimum", "maximum", 50).filter(lambda it: len(set(it.values())) != 1 or len(it) < 2),
    ),
    with_type("number", st.sampled_from([0.1, 0.25, 3, 7.5]).map(lambda it: {"multipleOf": it})),
    with_type(
        "integer", st.sampled_from([0.5, 2, 1.5]).map(lambda it: {"multipleOf": it, "minimum": -20, "maximum": -1})
    ),
    with_type("string", st.sampled_from(["date", "email", "ipv4", "ipv6", "uuid"]).map(lambda it: {"format": it})),
    st.lists(JSON_VALUES, min_size=1, max_size=4).map(lambda it: {"enum": it}),
    JSON_VALUES.map(lambda it: {"const": it}),
)
SCHEMAS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        arrays(inner),
        objects(inner),
        st.lists(inner, min_size=1, max_size=3).map(lambda it: {"anyOf": it}),
        inner.map(lambda it: {"allOf": [it, True]}),
        inner.map(lambda it: {"$defs": {"a": it}, "description": "not looked up from here"}),
    ),
    max_leaves=6,
)
"""Schemas that some value satisfies."""


@settings(derandomize=True, deadline=None, max_examples=400, database=None)
@given(schema=SCHEMAS, seed=st.integers(0, 99))
def test_a_value_satisfies_its_schema(schema: Any, seed: int) -> None:
    value = satisfying(schema, str(seed))
    assert allowed(schema, value)
    assert json.dumps(value) == json.dumps(satisfying(schema, str(seed)))


WILD = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).flatmap(
            lambda it: st.sampled_from(["anyOf", "oneOf", "allOf"]).map(lambda word: {word: it})
        ),
        st.tuples(inner, st.sampled_from(["not", "if", "contains"])).map(lambda it: {it[1]: it[0]}),
        arrays(inner).map(lambda it: {**it, "uniqueItems": True}),
        objects(inner).map(lambda it: {**it, "maxProperties": 1, "additionalProperties": False}),
        st.tuples(objects(inner), objects(inner)).map(lambda it: {"allOf": list(it)}),
        st.tuples(objects(inner), objects(inner)).map(lambda it: {**it[0], "oneOf": [it[1], {"required": ["a"]}]}),
    ),
    max_leaves=6,
)
"""Schemas that may demand what cannot be."""


@settings(derandomize=True, deadline=None, max_examples=400, database=None)
@given(schema=WILD, seed=st.integers(0, 99))
def test_a_value_satisfies_its_schema_or_is_refused(schema: Any, seed: int) -> None:
    try:
        value = satisfying(schema, str(seed))
    except ValueError:
        return
    assert allowed(schema, value)


SATISFIABLE: dict[str, Any] = {
    "oneOf that overlaps": {"oneOf": [{"type": "integer"}, {"type": "number", "minimum": 0.5, "maximum": 1}]},
    "allOf of objects": {
        "allOf": [
            {"type": "object", "properties": {"a": {"type": "integer", "minimum": 3}}, "required": ["a"]},
            {"properties": {"a": {"maximum": 3}, "b": {"type": "string"}}, "required": ["b"]},
        ]
    },
    "allOf of numbers": {
        "allOf": [{"type": "number", "multipleOf": 4}, {"type": "integer", "multipleOf": 6, "minimum": 1}]
    },
    "enum within bounds": {"enum": [1, 2, 3, "x", 40], "type": "integer", "minimum": 3, "maximum": 39},
    "const and type": {"const": 5, "type": ["string", "integer"]},
    "enum and pattern": {"enum": ["a1", "b2"], "pattern": "^b"},
    "pattern in another branch": {"anyOf": [{"type": "string", "pattern": "^a"}, {"type": "number"}]},
    "properties beside anyOf": {
        "type": "object",
        "properties": {"a": {"type": "string"}, "b": {"type": "integer"}},
        "anyOf": [{"required": ["a"]}, {"required": ["b"]}],
    },
    "unique booleans": {"type": "array", "items": {"type": "boolean"}, "minItems": 2, "uniqueItems": True},
    "unique enum": {"type": "array", "items": {"enum": list(range(40))}, "minItems": 40, "uniqueItems": True},
    "unique objects": {
        "type": "array",
        "items": {
            "type": "object",
            "properties": {"a": {"type": "boolean"}, "b": {"type": "boolean"}},
            "required": ["a", "b"],
        },
        "minItems": 4,
        "uniqueItems": True,
    },
    "unique short texts": {
        "type": "array",
        "items": {"type": "string", "maxLength": 3},
        "minItems": 50,
        "uniqueItems": True,
    },
    "more properties than named": {"type": "object", "properties": {"extra_1": {"type": "null"}}, "minProperties": 3},
    "required but not described": {"type": "object", "required": ["x"], "additionalProperties": {"type": "integer"}},
    "pattern properties": {
        "type": "object",
        "required": ["s_1", "s_2"],
        "patternProperties": {"^s_": {"type": "string"}},
        "additionalProperties": False,
    },
    "long text": {"type": "string", "minLength": 400},
    "short e-mail": {"type": "string", "format": "email", "maxLength": 14},
    "long uri": {"type": "string", "format": "uri", "minLength": 80},
    "tight numbers": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 0.001},
    "one number": {"type": "number", "minimum": 0.7, "maximum": 0.7},
    "large numbers": {"type": "integer", "minimum": 2**70},
    "an empty array only": {"type": "array", "items": False},
    "references": {
        "$defs": {"a/b": {"type": "integer"}, "c": {"$ref": "#/$defs/a~1b"}},
        "type": "array",
        "items": {"$ref": "#/$defs/c", "minimum": 7},
        "minItems": 1,
    },
    "definitions": {"definitions": {"a": {"const": 1}}, "allOf": [{"$ref": "#/definitions/a"}]},
    "inherited twice": {
        "$defs": {
            "base": {"type": "object", "properties": {"id": {"type": "integer"}}, "required": ["id"]},
            "part": {"allOf": [{"$ref": "#/$defs/base"}]},
        },
        "allOf": [{"$ref": "#/$defs/base"}],
        "properties": {"part": {"$ref": "#/$defs/part"}},
        "required": ["part"],
    },
    "names that are keywords": {
        "type": "object",
        "properties": {
            "enum": {"type": "integer"},
            "nullable": True,
            "$ref": {"type": "string"},
            "properties": {"type": "null"},
        },
        "required": ["enum", "nullable", "$ref", "properties"],
    },
    "draft 7 tuples": {"type": "array", "items": [{"type": "integer"}, {"type": "string"}], "minItems": 2},
}


@pytest.mark.parametrize("seed", ["1", "2", "3"])
@pytest.mark.parametrize("schema", SATISFIABLE.values(), ids=SATISFIABLE)
def test_keywords_together(schema: Any, seed: str) -> None:
    dialect = jsonschema.Draft7Validator if isinstance(schema.get("items"), list) else jsonschema.Draft202012Validator
    dialect(schema).validate(satisfying(schema, seed))


REFUSED: dict[str, tuple[Any, str]] = {
    "pattern": (
        {"properties": {"a": {"type": "string", "pattern": "^a"}}, "required": ["a"]},
        "'pattern' at $.a cannot",
    ),
    "not": ({"type": "array", "minItems": 1, "items": {"not": {"type": "null"}}}, "'not' at $[0] cannot"),
    "if": ({"if": {"type": "string"}, "then": {"minLength": 1}}, "'if' at $ cannot"),
    "contains": ({"contains": {"type": "string"}}, "'contains' at $ cannot"),
    "nothing": ({"anyOf": [False, False]}, "'false' at $ cannot"),
    "two types": ({"allOf": [{"type": "string"}, {"type": "integer"}]}, "'allOf' at $ cannot"),
    "no room": ({"type": "integer", "minimum": 2, "maximum": 1}, "'maximum' at $ cannot"),
    "no multiple": ({"type": "integer", "minimum": 1, "maximum": 2, "multipleOf": 3}, "'multipleOf' at $ cannot"),
    "too few values": (
        {"type": "array", "items": {"type": "boolean"}, "minItems": 3, "uniqueItems": True},
        "'uniqueItems' at $ cannot",
    ),
    "not allowed": (
        {"type": "object", "required": ["a"], "additionalProperties": False},
        "'additionalProperties' at $ cannot",
    ),
    "too many": ({"type": "object", "required": ["a", "b"], "maxProperties": 1}, "'maxProperties' at $ cannot"),
    "too short a format": ({"type": "string", "format": "uuid", "maxLength": 5}, "'maxLength' at $ cannot"),
    "too long": ({"type": "string", "minLength": 10**9}, "'minLength' at $ cannot"),
    "too large": ({"type": "array", "minItems": 10**9}, "demands more than"),
    "dependent": (
        {"type": "object", "required": ["a"], "dependentRequired": {"a": ["b"]}},
        "'dependentRequired' at $ cannot",
    ),
    "elsewhere": ({"$ref": "https://example.com/schema.json"}, "'$ref' leads to 'https://example.com/schema.json'"),
    "nowhere": ({"properties": {"a": {"$ref": "#/$defs/a"}}}, "'$ref' leads to '#/$defs/a'"),
    "an anchor": ({"$ref": "#a", "$defs": {"a": {"$anchor": "a"}}}, "'$ref' leads to '#a'"),
    "itself": ({"$ref": "#"}, "'$ref' at $ cannot"),
    "without end": ({"type": "object", "properties": {"a": {"$ref": "#"}}, "required": ["a"]}, "'$ref' at $.a"),
    "no schema": ({"type": "strnig"}, "the schema is not valid: 'strnig'"),
}


@pytest.mark.parametrize(("schema", "words"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_obeyed_is_named(schema: Any, words: str) -> None:
    with pytest.raises(ValueError, match=re.escape(words)):
        satisfying(schema, "1")


NODE = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name", "next"]}
RECURSIVE: dict[str, Any] = {
    "in an array": {"type": "array", "items": {"$ref": "#/$defs/node"}},
    "or null": {"anyOf": [{"$ref": "#/$defs/node"}, {"type": "null"}]},
    "or nothing": {"oneOf": [{"type": "null"}, {"$ref": "#/$defs/node"}]},
    "nullable": {"$ref": "#/$defs/node", "nullable": True},
}


@pytest.mark.parametrize("seed", ["1", "2", "3"])
@pytest.mark.parametrize("following", RECURSIVE.values(), ids=RECURSIVE)
def test_recursion_ends_at_the_first_chance(following: Any, seed: str) -> None:
    node = {**NODE, "properties": {**NODE["properties"], "next": following}}  # type: ignore[dict-item]
    value: Any = satisfying({"$defs": {"node": node}, "$ref": "#/$defs/node"}, seed)
    assert isinstance(value["name"], str)
    assert value["next"] in (None, [])


def test_bounds_in_a_description_are_obeyed() -> None:
    words = "How many.\n\n{exclusiveMinimum: 4, maximum: 5.5, title: x}"
    assert satisfying({"type": "integer", "description": words}, "1") == 5
    assert satisfying({"type": "string", "description": "{maxLength: 0}"}, "1") == ""
    assert satisfying({"type": "integer", "minimum": 7, "maximum": 7, "description": "{minimum: 1}"}, "1") == 7


def test_a_value_that_may_be_null_is_there() -> None:
    value = satisfying({"properties": {"a": {"type": "string", "nullable": True}}, "required": ["a"]}, "1")
    assert isinstance(value, dict)
    assert isinstance(value["a"], str)


@pytest.mark.parametrize("seed", ["1", "2", "3", "4", "5"])
def test_recursion_through_many_kinds_stays_small(seed: str) -> None:
    kinds = [f"pair_{index}" for index in range(10)]
    either = {"anyOf": [*({"$ref": f"#/$defs/{kind}"} for kind in kinds), {"type": "integer"}]}
    pair = {"type": "object", "properties": {"left": either, "right": either}, "required": ["left", "right"]}
    assert len(json.dumps(satisfying({"$defs": dict.fromkeys(kinds, pair), **either}, seed))) < 1000


FORMAT_CHECKS: dict[str, Callable[[str], object]] = {
    "date": date.fromisoformat,
    "date-time": datetime.fromisoformat,
    "uuid": UUID,
    "email": re.compile(r"[a-z]+@example\.com").fullmatch,
    "uri": re.compile(r"https://example\.com/[a-z]+").fullmatch,
    "time": re.compile(r"\d\d:\d\d:\d\dZ").fullmatch,
    "hostname": re.compile(r"[a-z]+\.example\.com").fullmatch,
}


@pytest.mark.parametrize("form", FORMAT_CHECKS)
def test_formats(form: str) -> None:
    values = {str(satisfying({"type": "string", "format": form}, str(seed))) for seed in range(50)}
    assert len(values) > 40
    assert all(FORMAT_CHECKS[form](value) for value in values)


# --- answers ---------------------------------------------------------------------------------------------------------
