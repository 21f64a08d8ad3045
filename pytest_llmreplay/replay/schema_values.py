"""JSON values that a schema allows, and that follow from a seed alone. PYTEST_DONT_REWRITE

A value is made from the branches of its schema, tried in an order that the seed gives, and held against the schema
before it is given. What cannot be made is an error that names the keyword, never a value that disobeys.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from itertools import chain, count, islice
from typing import Any, Final
from urllib.parse import unquote

from pytest_llmreplay.compare.canonical import frozen
from pytest_llmreplay.model.jsonvalue import JSON, Object
from pytest_llmreplay.replay.schema_keywords import (
    Schema,
    bounds,
    explicit,
    front_and_rest,
    item,
    matches,
    merged,
    multiple,
    plain_number,
    references,
    validator,
)
from pytest_llmreplay.replay.stable import FORMATS, STEMS, WORDS, letters, stable_number

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
MOST_VALUES: Final = 20_000
"""So many values are tried for one answer, then its schema is given up."""
LONGEST: Final = 1_000_000
"""No text is made longer than this many characters."""
MOST_ROUNDS: Final = 3
"""So often a reference that leads back to itself is followed anew, at most."""
DEEP: Final = 3
"""From this depth on the branch with the fewest references comes first, so that mutual recursion stays small."""


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
