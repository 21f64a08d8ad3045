"""Answers that nobody recorded: they obey the request, and follow from a seed alone. PYTEST_DONT_REWRITE

JSON is made from the branches of its schema, tried in an order that the seed gives, and held against the schema before
it is given. What cannot be made is an error that names the keyword, never a value that disobeys.
"""

import hashlib
import json
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from itertools import chain, count, islice, zip_longest
from typing import Any, Final, TypeAlias
from urllib.parse import unquote
from uuid import UUID

from pytest_llmreplay.compare.canonical import frozen
from pytest_llmreplay.model.call import Answer, Call, Choice, Part, Text, Tool, ToolCall, Usage
from pytest_llmreplay.model.jsonvalue import JSON, Object, integer, items, members, text

PREFIX: Final = "[synthetic]"
"""What every plain text begins with."""
WORDS: Final = ("amber", "basin", "cedar", "delta", "fable", "grove", "inlet", "meadow", "orchard", "pebble")
"""What made-up text consists of."""
SCHEMA_MAPS: Final = frozenset({"properties", "patternProperties", "$defs", "definitions", "dependentSchemas"})
"""Keywords whose members are named by the schema's author."""
VALUES: Final = frozenset({"enum", "const", "default", "examples", "example"})
"""Keywords that hold values, not schemas."""
BOUNDS: Final = frozenset(
    {f"{side}{what}" for side in ("min", "max") for what in ("imum", "Length", "Items")}
    | {"exclusiveMinimum", "exclusiveMaximum", "multipleOf"}
)
"""Keywords that bound a value by a number."""
COMBINERS: Final = frozenset({"$ref", "allOf", "anyOf", "oneOf"})
UNOBEYED: Final[Mapping[str, tuple[str, ...]]] = {
    "": ("not", "if", "$dynamicRef", "$recursiveRef"),
    "string": ("pattern",),
    "array": ("contains",),
}
"""Keywords that are checked but not followed, by the type that they speak of."""
HINTS: Final[Mapping[str, tuple[str, ...]]] = {
    "object": ("properties", "required", "additionalProperties", "minProperties", "maxProperties", "patternProperties"),
    "array": ("items", "prefixItems", "minItems", "maxItems", "uniqueItems", "contains"),
    "string": ("minLength", "maxLength", "pattern", "format"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
}
"""Keywords by which a schema without a type says which one it means."""
STEMS: Final[Mapping[str, tuple[str, str]]] = {
    "email": ("", "@example.com"),
    "idn-email": ("", "@example.com"),
    "hostname": ("", ".example.com"),
    "uri": ("https://example.com/", ""),
    "url": ("https://example.com/", ""),
    "iri": ("https://example.com/", ""),
}
"""What stands before and behind the letters of a format."""
MOST_VALUES: Final = 20_000
"""So many values are tried for one answer, then its schema is given up."""
LONGEST: Final = 1_000_000
"""No text is made longer than this many characters."""
MOST_ROUNDS: Final = 3
"""So often a reference that leads back to itself is followed anew, at most."""
DEEP: Final = 3
"""From this depth on the branch with the fewest references comes first, so that mutual recursion stays small."""

Schema: TypeAlias = Any
"""An object or a truth value, as JSON schema has it."""


def synthetic(call: Call, seed: str) -> Answer:
    """An answer that obeys a call. Raises ValueError for a demand that cannot be met, naming it."""
    if call.kind not in ("chat", "completion"):
        raise ValueError(f"no answer to a call of kind {call.kind!r} can be made up")
    alternatives = max(1, integer(call.parameters.get("choice.count")) or 1)
    choices = tuple(choice(call, f"{seed}:{index}") for index in range(alternatives))
    asked = sum(size(part) for message in call.messages for part in message.parts)
    told = sum(size(part) for each in choices for part in each.parts)
    return Answer(
        choices=choices,
        provider=call.provider,
        model=call.model,
        id=f"synthetic-{stable_number(seed, 'id'):016x}",
        usage=Usage(input=max(1, asked), output=told),
        seed=seed,
    )


def stable_number(*words: object) -> int:
    """A number of 64 bits that follows from words alone, on any machine and under any version of Python."""
    joined = "\0".join(map(str, words)).encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.sha256(joined).digest()[:8], "big")


def choice(call: Call, seed: str) -> Choice:
    """One of the alternatives: a call of the demanded tool, JSON of the demanded schema, or text."""
    tool = demanded_tool(call, seed)
    if tool is not None:
        part = ToolCall(tool.name, arguments(tool, seed), legacy="function_call" in call.parameters)
        return Choice(parts=(part,), finish_reason="tool_call")
    schema = demanded_schema(call.parameters)
    words = plain_text(call, seed) if schema is None else json.dumps(satisfying(schema, seed))
    return Choice(parts=(Text(words),), finish_reason="stop")


def size(part: Part) -> int:
    """How many tokens a part has, where each word is one."""
    if isinstance(part, ToolCall):
        return max(1, len(json.dumps(part.arguments).split()))
    return len(getattr(part, "content", "").split())


def demanded_tool(call: Call, seed: str) -> Tool | None:
    """The tool that the answer has to call, or None where the model is free."""
    demand = call.parameters.get("tool_choice", call.parameters.get("function_call"))
    allowed = members(members(demand).get("allowed_tools"))
    name = tool_name(demand)
    any_of_them = demand == "required" or members(demand).get("type") == "any" or allowed.get("mode") == "required"
    if name is None and not any_of_them:
        return None
    names = {name} if name else {tool_name(each) for each in items(allowed.get("tools"))}
    functions = [tool for tool in call.tools if "type" not in members(tool.options)]
    fitting = [tool for tool in functions if not names or tool.name in names]
    if not fitting:
        raise ValueError(f"tool_choice demands {name or 'a tool'}, and the call offers no such function")
    return fitting[stable_number(seed, "tool") % len(fitting)]


def tool_name(demand: JSON) -> str | None:
    """The one tool that a choice names."""
    outer = members(demand)
    inner = members(outer.get("function")) or members(outer.get("custom")) or outer
    return text(inner.get("name"))


def arguments(tool: Tool, seed: str) -> JSON:
    """Arguments that a tool's schema allows; they are an object always."""
    schema = {} if tool.parameters is None else tool.parameters
    try:
        return satisfying(schema, seed, {"type": "object"})
    except ValueError as error:
        raise ValueError(f"tool {tool.name!r}: {error}") from None


def demanded_schema(parameters: Object) -> Schema | None:
    """The schema that the answer's text has to satisfy, or None where the text is free."""
    config = members(parameters.get("output_config"))
    for each in (parameters.get("response_format"), parameters.get("output_format"), config.get("format"), config):
        demand = members(each)
        if demand.get("type") == "json_object":
            return {"required": ["synthetic"], "properties": {"synthetic": {"const": True}}}
        if demand.get("type") == "json_schema":
            inner = members(demand.get("json_schema"))
            return inner.get("schema") or demand.get("schema") or {"type": "object"}
    return None


def plain_text(call: Call, seed: str) -> str:
    """A text that is no longer than the call allows, and ends before anything that it is to stop at."""
    wanted = 6 + stable_number(seed, "length") % 10
    limit = integer(call.parameters.get("max_tokens")) or wanted
    told = [WORDS[stable_number(seed, index) % len(WORDS)] for index in range(min(limit, wanted) - 1)]
    whole = " ".join([PREFIX, *told])
    stops = call.parameters.get("stop_sequences")
    for stop in [stops] if isinstance(stops, str) else items(stops):
        found = whole.find(stop, len(PREFIX)) if stop else -1
        whole = whole if found < 0 else whole[:found]
    return whole


def satisfying(schema: Schema, seed: str, besides: Object | None = None) -> JSON:
    """A JSON value that a schema allows (and ``besides`` too). Raises ValueError that names the keyword and path."""
    problem: ValueError | None = None
    for rounds in range(MOST_ROUNDS):
        maker = Maker(schema, seed, rounds)
        try:
            return maker.value({"allOf": [maker.root, besides]} if besides else maker.root, Place())
        except ValueError as error:
            problem = problem or error
        except (Exhausted, RecursionError):
            raise ValueError(f"the schema demands more than {MOST_VALUES} values") from None
    raise problem or disobeyed("$ref", "$")


class Exhausted(Exception):
    """More values were tried than one answer is worth; no other branch of the schema is tried after it."""


def disobeyed(keyword: str, path: str) -> ValueError:
    """The error for a keyword that cannot be obeyed."""
    return ValueError(f"the schema's keyword {keyword!r} at {path} cannot be obeyed")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value stands in the whole."""

    path: str = "$"
    refs: tuple[str, ...] = ()
    """References that are being followed here and lead back to themselves."""
    turn: int = 0
    """How many values were made for the same place before."""
    depth: int = 0

    def below(self, step: str, turn: int | None = None) -> "Place":
        """A place inside this one."""
        return replace(self, path=self.path + step, turn=self.turn if turn is None else turn, depth=self.depth + 1)


@dataclass(frozen=True, slots=True)
class Way:
    """One way to satisfy a schema, with no combining keyword left."""

    keywords: Object
    refs: tuple[str, ...] = ()
    """References that led to it."""


@dataclass(frozen=True, slots=True)
class Group:
    """Schemas of which one has to hold."""

    branches: Sequence[Schema]
    ref: str | None = None
    """The reference that stands for the one branch."""


class Maker:
    """Makes a value of one schema."""

    def __init__(self, schema: Schema, seed: str, rounds: int = 0) -> None:
        self.root = explicit(schema)
        self._seed = seed
        self._rounds = rounds
        self._left = MOST_VALUES
        self._validator = validator(self.root)
        self._loops = {ref for ref in set(references(self.root)) if ref in self.reach(self.target(ref))}
        self._by_type: Mapping[str, Callable[[Object, Place], JSON]] = {
            "object": self.an_object,
            "array": self.an_array,
            "string": self.a_string,
            "integer": partial(self.a_number, whole=True),
            "number": self.a_number,
        }

    def value(self, schema: Schema, place: Place) -> JSON:
        """A value that a schema allows. Raises ValueError where no way leads to one: that of the first way."""
        problem: ValueError | None = None
        for make in self.attempts(schema, place):
            self._left -= 1
            if self._left < 0:
                raise Exhausted
            try:
                return self.checked(make(), schema, place)
            except ValueError as error:
                problem = problem or error
        raise problem or disobeyed("allOf", place.path)

    def checked(self, value: JSON, schema: Schema, place: Place) -> JSON:
        """The value, held against its whole schema."""
        try:
            error = next(self._validator.evolve(schema=schema).iter_errors(value), None)
        except Exception as problem:  # a pattern that Python cannot read, a reference that leads nowhere
            raise ValueError(f"the schema at {place.path} cannot be checked: {problem}") from None
        if error is not None:
            raise disobeyed(str(error.validator or "false"), place.path + error.json_path.removeprefix("$"))
        return value

    def attempts(self, schema: Schema, place: Place) -> Iterator[Callable[[], JSON]]:
        """What may make a value, the best first."""
        for way in self.ways(schema, place, place.refs):
            if isinstance(way, ValueError):
                yield partial(raised, way)
                continue
            there = replace(place, refs=(*place.refs, *way.refs))
            if "enum" in way.keywords:
                yield from (partial(given, each) for each in self.ordered(way.keywords["enum"], place))
            else:
                yield from (partial(self.typed, kind, way.keywords, there) for kind in self.types(way.keywords, place))

    def ways(self, schema: Schema, place: Place, refs: tuple[str, ...]) -> Iterator[Way | ValueError]:
        """All ways to satisfy a schema; a way that is closed is the error that says why."""
        if schema is True:
            yield Way({})
        elif schema is False:
            yield disobeyed("false", place.path)
        else:
            own = {word: value for word, value in schema.items() if word not in COMBINERS}
            if "const" in own:
                own["enum"] = [own.pop("const")]
            yield from self.combined(Way(own), list(self.groups(schema, place)), place, refs)

    def groups(self, schema: Object, place: Place) -> Iterator[Group]:
        """What a schema demands besides its own keywords."""
        if "$ref" in schema:
            yield Group((self.target(schema["$ref"]),), schema["$ref"])
        yield from (Group((each,)) for each in schema.get("allOf", ()))
        yield from (Group(self.ordered_schemas(schema[word], place)) for word in ("anyOf", "oneOf") if word in schema)

    def combined(
        self, way: Way, groups: Sequence[Group], place: Place, refs: tuple[str, ...]
    ) -> Iterator[Way | ValueError]:
        """A way through one branch of each group."""
        if not groups:
            yield way
            return
        group, *rest = groups
        opened = (group.ref,) if group.ref in self._loops else ()
        if opened and refs.count(opened[0]) > self._rounds:
            yield disobeyed("$ref", place.path)
            return
        for inner in chain.from_iterable(self.ways(branch, place, (*refs, *opened)) for branch in group.branches):
            if isinstance(inner, ValueError):
                yield inner
            else:
                joined = Way(merged(way.keywords, inner.keywords), (*way.refs, *inner.refs, *opened))
                yield from self.combined(joined, rest, place, refs)

    def target(self, ref: str) -> Schema:
        """What a reference into the schema itself means. Raises ValueError for any other."""
        found: Any = self.root
        start, *steps = ref.split("/")
        try:
            if start != "#":
                raise LookupError(start)
            for step in steps:
                name = unquote(step).replace("~1", "/").replace("~0", "~")
                found = found[int(name)] if isinstance(found, list) else found[name]
        except (LookupError, TypeError, ValueError):
            raise ValueError(f"the schema's keyword '$ref' leads to {ref!r}, which is not in the schema") from None
        return found

    def reach(self, schema: Schema) -> set[str]:
        """The references that may have to be followed from here."""
        seen: set[str] = set()
        waiting = [schema]
        while waiting:
            for ref in references(waiting.pop()):
                if ref not in seen:
                    seen.add(ref)
                    waiting.append(self.target(ref))
        return seen

    def pick(self, choices: int, place: Place, purpose: str = "") -> int:
        """A number below ``choices``. Turns go through all of them and, in between, jump."""
        half, odd = divmod(place.turn, 2)
        if odd:
            return stable_number(self._seed, place.path, purpose, place.turn) % choices
        return (stable_number(self._seed, place.path, purpose) + half) % choices

    def ordered(self, branches: Sequence[Any], place: Place) -> Sequence[Any]:
        """Branches from a place that the seed gives; null behind all others, so that values are seldom absent."""
        start = self.pick(len(branches), place) if branches else 0
        turned = [*branches[start:], *branches[:start]]
        return sorted(turned, key=lambda each: each is None or each in ("null", {"type": "null"}))

    def ordered_schemas(self, branches: Sequence[Schema], place: Place) -> Sequence[Schema]:
        """Branches in order; deep inside the simplest first."""
        turned = self.ordered(branches, place)
        return sorted(turned, key=lambda each: len(self.reach(each))) if place.depth >= DEEP else turned

    def types(self, keywords: Object, place: Place) -> Sequence[str]:
        """The types that a value may have."""
        named = keywords.get("type")
        if named is None:
            return [kind for kind, words in HINTS.items() if not keywords.keys().isdisjoint(words)] or ["string"]
        return [named] if isinstance(named, str) else self.ordered(named, place)

    def typed(self, kind: str, keywords: Object, place: Place) -> JSON:
        """A value of one type."""
        for keyword in (*UNOBEYED[""], *UNOBEYED.get(kind, ())):
            if keyword in keywords:
                raise disobeyed(keyword, place.path)
        if kind in ("boolean", "null"):
            return bool(self.pick(2, place)) if kind == "boolean" else None
        return self._by_type[kind](keywords, place)

    def an_object(self, keywords: Object, place: Place) -> JSON:
        """An object of its required members, and as many others as it must have."""
        required = dict.fromkeys(keywords.get("required", ()))
        out = {name: self.member(name, keywords, place) for name in required}
        wanted = int(keywords.get("minProperties", 0))
        own = keywords.get("properties", {})
        optional = (name for name in own if name not in required)
        extra = (name for name in map("extra_{}".format, count(1)) if name not in own and name not in required)
        for name in chain(optional, islice(extra, max(0, wanted - len(out)))):
            if len(out) >= wanted:
                break
            try:
                out[name] = self.member(name, keywords, place)
            except ValueError:
                continue
        return out

    def member(self, name: str, keywords: Object, place: Place) -> JSON:
        """The value of one member, by all that the schema says of its name."""
        own = keywords.get("properties", {})
        schemas = [own[name]] if name in own else []
        schemas += [each for pattern, each in keywords.get("patternProperties", {}).items() if matches(pattern, name)]
        schemas = schemas or [keywords.get("additionalProperties", True)]
        if schemas == [False]:
            raise disobeyed("properties" if name in own else "additionalProperties", place.path)
        return self.value(schemas[0] if len(schemas) == 1 else {"allOf": schemas}, place.below(f".{name}"))

    def an_array(self, keywords: Object, place: Place) -> JSON:
        """A short array; a shorter one where its items cannot be made."""
        front, rest = front_and_rest(keywords)
        least, most = int(keywords.get("minItems", 0)), keywords.get("maxItems", math.inf)
        usual = len(front) or 1 + self.pick(2, place)
        wanted = max(least, int(min(most, usual)))
        for length in range(wanted, least, -1):
            try:
                return self.elements(length, front, rest, bool(keywords.get("uniqueItems")), place)
            except ValueError:
                continue
        return self.elements(least, front, rest, bool(keywords.get("uniqueItems")), place)

    def elements(self, length: int, front: Sequence[Schema], rest: Schema, unique: bool, place: Place) -> list[JSON]:
        """The items of an array."""
        if not unique:
            return [self.value(item(index, front, rest), place.below(f"[{index}]")) for index in range(length)]
        out: list[JSON] = []
        taken = set()
        for turn in range(place.turn, place.turn + 64 + 16 * length):
            if len(out) == length:
                return out
            value = self.value(item(len(out), front, rest), place.below("[]", turn))
            if frozen(value) not in taken:
                taken.add(frozen(value))
                out.append(value)
        raise disobeyed("uniqueItems", place.path)

    def a_string(self, keywords: Object, place: Place) -> JSON:
        """A text of the demanded format and length; a format that is not known here is free text."""
        least, most = int(keywords.get("minLength", 0)), keywords.get("maxLength", math.inf)
        if least > LONGEST:
            raise disobeyed("minLength", place.path)
        number = self.pick(2**64, place)
        form: Any = keywords.get("format")
        if form in STEMS:
            before, behind = STEMS[form]
            fixed = len(before) + len(behind)
            return before + letters(number, int(max(1, least - fixed, min(8, most - fixed)))) + behind
        if form in FORMATS:
            return FORMATS[form](number)
        words = f"{WORDS[number % len(WORDS)]} {WORDS[stable_number(number) % len(WORDS)]}"
        if len(words) > most:
            return letters(number, int(most))
        return f"{words} {letters(number, least - len(words) - 1)}" if len(words) < least else words

    def a_number(self, keywords: Object, place: Place, whole: bool = False) -> JSON:
        """A number within its bounds: one of the demanded multiples, or of a thousand steps from bound to bound."""
        factor = multiple(keywords.get("multipleOf"), whole)
        low, high = bounds(keywords, 10 * factor if factor else Fraction(0))
        start, step = (Fraction(0), factor) if factor else (low, (high - low) / 1000)
        lowest, highest = (math.ceil((low - start) / step), math.floor((high - start) / step)) if step else (0, 0)
        own = {word: keywords[word] for word in HINTS["number"] if word in keywords}
        check = self._validator.evolve(schema=own)
        many = max(0, highest - lowest + 1 if low <= high else 0)
        picked = self.pick(many, place) if many else 0
        for attempt in range(min(many, 64)):
            value = plain_number(start + step * (lowest + (picked + attempt) % many), whole)
            if check.is_valid(value):
                return value
        raise disobeyed(list(own)[-1], place.path)


def raised(error: ValueError) -> JSON:
    """No value, but the reason for there being none."""
    raise error


def given(value: JSON) -> JSON:
    """A value that a schema holds."""
    return value


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


def letters(number: int, length: int) -> str:
    """So many lower-case letters."""
    digits = chain.from_iterable(f"{stable_number(number, block):016x}" for block in count())
    return "".join(chr(ord("a") + int(digit, 16)) for digit in islice(digits, max(0, length)))


def calendar_date(number: int) -> str:
    """A day of this century that every month has."""
    return f"20{number % 30:02d}-{number // 30 % 12 + 1:02d}-{number // 360 % 28 + 1:02d}"


def time_of_day(number: int) -> str:
    """A second of the day, UTC."""
    return f"{number % 24:02d}:{number // 24 % 60:02d}:{number // 1440 % 60:02d}Z"


FORMATS: Final[Mapping[str, Callable[[int], str]]] = {
    "date": calendar_date,
    "time": time_of_day,
    "date-time": lambda number: f"{calendar_date(number)}T{time_of_day(number // 10080)}",
    "duration": lambda number: f"PT{number % 600 + 1}S",
    "uuid": lambda number: str(UUID(int=number << 64 | stable_number(number), version=4)),
    "ipv4": lambda number: f"192.0.2.{number % 256}",
    "ipv6": lambda number: f"2001:db8::{number % 65536:x}",
}
"""Texts of a format that has no room for more."""
