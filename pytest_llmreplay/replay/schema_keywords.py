"""JSON schemas: what they say, made plain, and several joined to one. PYTEST_DONT_REWRITE"""

import json
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import zip_longest
from typing import Any, Final, TypeAlias

from pytest_llmreplay.compare.canonical import frozen
from pytest_llmreplay.model.jsonvalue import JSON, Object, text

SCHEMA_MAPS: Final = frozenset({"properties", "patternProperties", "$defs", "definitions", "dependentSchemas"})
"""Keywords whose members are named by the schema's author."""
VALUES: Final = frozenset({"enum", "const", "default", "examples", "example"})
"""Keywords that hold values, not schemas."""
BOUNDS: Final = frozenset(
    {f"{side}{what}" for side in ("min", "max") for what in ("imum", "Length", "Items")}
    | {"exclusiveMinimum", "exclusiveMaximum", "multipleOf"}
)
"""Keywords that bound a value by a number."""

Schema: TypeAlias = Any
"""An object or a truth value, as JSON schema has it."""


def validator(schema: Schema) -> Any:
    """The judge of a schema's values. Raises ValueError for a schema that is none."""
    import jsonschema  # type: ignore[import-untyped]

    declared = jsonschema.validators.validator_for(schema, default=jsonschema.Draft202012Validator)
    problem: Exception | None = None
    for dialect in (declared, jsonschema.Draft7Validator):
        try:
            dialect.check_schema(schema, format_checker=jsonschema.FormatChecker(()))
        except jsonschema.SchemaError as error:
            problem = problem or error
        else:
            return dialect(schema)
    raise ValueError(f"the schema is not valid: {getattr(problem, 'message', problem)}")


def explicit(schema: Schema, named: bool = False) -> Schema:
    """A schema that says in keywords what others say otherwise: ``nullable`` and bounds in a description.

    ``named``: the members' names are the author's own.
    """
    if isinstance(schema, list):
        return [explicit(each) for each in schema]
    if not isinstance(schema, Mapping):
        return schema
    if named:
        return {name: explicit(each) for name, each in schema.items()}
    out = {
        word: value if word in VALUES else explicit(value, word in SCHEMA_MAPS)
        for word, value in schema.items()
        if word != "nullable"
    }
    out = {**bounds_told(text(out.get("description")) or ""), **out}
    return or_null(out) if schema.get("nullable") is True else out


def bounds_told(description: str) -> Object:
    """The bounds at the end of a description, as in ``{minimum: 1, maximum: 9}``.

    Anthropic's SDK writes them there, because its API knows no such keywords, and holds the answer against them.
    """
    last = re.search(r"\{([^{}]*)\}\s*$", description)
    pairs = re.findall(r"(\w+): (-?\d+(?:\.\d+)?(?:e-?\d+)?)(?:, |$)", last[1]) if last else []
    return {word: json.loads(value) for word, value in pairs if word in BOUNDS}


def or_null(schema: dict[str, Any]) -> Schema:
    """A schema that allows null as well. Its definitions stay where references look for them."""
    outer = {word: schema.pop(word) for word in ("$schema", "$defs", "definitions") if word in schema}
    return {**outer, "anyOf": [schema, {"type": "null"}]}


def references(schema: Schema, named: bool = False) -> Iterator[str]:
    """All references inside a schema. ``named``: the members' names are the author's own."""
    if isinstance(schema, list):
        for each in schema:
            yield from references(each)
    elif isinstance(schema, Mapping):
        for word, value in schema.items():
            if word in ("$ref", "$dynamicRef", "$recursiveRef") and isinstance(value, str):
                yield value
            elif named or word not in VALUES:
                yield from references(value, not named and word in SCHEMA_MAPS)


def merged(one: Object, other: Object) -> Object:
    """Keywords of which all have to hold. Where two cannot be joined the first stays, and the check decides."""
    out = dict(one)
    for word, value in other.items():
        out[word] = MERGE.get(word, kept)(out[word], value) if word in out else value
    return out


def kept(one: Any, other: Any) -> Any:  # noqa: ARG001  # one of the ways to join two
    """The first of two."""
    return one


def both(one: Schema, other: Schema) -> Schema:
    """A schema for what two schemas allow."""
    return one if one == other else {"allOf": [one, other]}


def both_named(one: Object, other: Object) -> Object:
    """Schemas by name, each for what both sides allow."""
    return {**one, **{name: both(one[name], each) if name in one else each for name, each in other.items()}}


def both_placed(one: Sequence[Schema], other: Sequence[Schema]) -> Sequence[Schema]:
    """Schemas by place, each for what both sides allow."""
    return [both(left, right) for left, right in zip_longest(one, other, fillvalue=True)]


def common(one: Sequence[JSON], other: Sequence[JSON]) -> Sequence[JSON]:
    """The values that both sides list."""
    known = [frozen(each) for each in other]
    return [each for each in one if frozen(each) in known]


def common_types(one: str | Sequence[str], other: str | Sequence[str]) -> Sequence[str]:
    """The types that both sides allow; an integer is a number, too."""
    left, right = ([each] if isinstance(each, str) else list(each) for each in (one, other))
    shared = [each for each in left if each in right or (each == "integer" and "number" in right)]
    return shared + [each for each in right if each == "integer" and "number" in left and each not in shared]


def least_multiple(one: float, other: float) -> float:
    """The smallest number that is a multiple of both."""
    left, right = exact(one), exact(other)
    top = math.lcm(left.numerator * right.denominator, right.numerator * left.denominator)
    found = Fraction(top, left.denominator * right.denominator)
    return int(found) if found.denominator == 1 else float(found)


MERGE: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "type": common_types,
    "enum": common,
    "required": lambda one, other: [*one, *other],
    "properties": both_named,
    "patternProperties": both_named,
    "items": both,
    "additionalItems": both,
    "additionalProperties": both,
    "prefixItems": both_placed,
    "uniqueItems": lambda one, other: one or other,
    "multipleOf": least_multiple,
    **dict.fromkeys(("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"), max),
    **dict.fromkeys(("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"), min),
}
"""How two values of a keyword become one."""


def front_and_rest(keywords: Object) -> tuple[Sequence[Schema], Schema]:
    """The schemas of an array's first items, and that of all others, as new and old drafts write them."""
    rest = keywords.get("items", True)
    if isinstance(rest, list):
        return rest, keywords.get("additionalItems", True)
    return keywords.get("prefixItems", ()), rest


def item(index: int, front: Sequence[Schema], rest: Schema) -> Schema:
    """The schema of one item."""
    return front[index] if index < len(front) else rest


def matches(pattern: str, name: str) -> bool:
    """Whether a name fits a pattern; one that Python cannot read fits nothing here."""
    try:
        return re.search(pattern, name) is not None
    except re.error:
        return False


def exact(number: float) -> Fraction:
    """The number as it is written."""
    return Fraction(str(number)) if isinstance(number, float) else Fraction(number)


def plain_number(value: Fraction, whole: bool) -> int | float:
    """A number as JSON writes it; one beyond what decoders read as an integer is a float, unless it must be whole."""
    return int(value) if whole or (value.denominator == 1 and abs(value) < 2**63) else float(value)


def multiple(factor: float | None, whole: bool) -> Fraction | None:
    """What a number has to be a multiple of."""
    if factor is None:
        return Fraction(1) if whole else None
    return exact(least_multiple(factor, 1) if whole else factor)


def bounds(keywords: Object, width: Fraction) -> tuple[Fraction, Fraction]:
    """The lowest and the highest number; a bound that is missing lies ``width`` or a hundred from the other."""
    span = max(Fraction(100), width)
    low = [exact(keywords[word]) for word in ("minimum", "exclusiveMinimum") if is_number(keywords.get(word))]
    high = [exact(keywords[word]) for word in ("maximum", "exclusiveMaximum") if is_number(keywords.get(word))]
    lowest = max(low) if low else min(Fraction(0), min(high) - span) if high else Fraction(0)
    return lowest, min(high) if high else lowest + span


def is_number(value: object) -> bool:
    """Whether a bound is a number; draft 4 has truth values there."""
    return isinstance(value, int | float) and not isinstance(value, bool)
