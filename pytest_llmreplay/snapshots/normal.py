"""What of a value is compared: without what is ignored, and with what varies made the same. PYTEST_DONT_REWRITE"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from pytest_llmreplay.compare.paths import covers
from pytest_llmreplay.compare.values import EXACTLY, Tolerance
from pytest_llmreplay.errors import UsageProblem, nearest
from pytest_llmreplay.model.jsonvalue import JSON

Function: TypeAlias = Callable[[Any], Any]
Way: TypeAlias = str | Function
"""``uuid``, ``date``, ``number=0.01``, ``number=1%``, or a function from JSON value to JSON value."""
WORDS: Mapping[str, tuple[re.Pattern[str], str]] = {
    "uuid": (re.compile(r"(?i)\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"), "<uuid>"),
    "date": (
        re.compile(
            r"\b\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?: ?(?:Z|[+-]\d{2}:?\d{2}))?)?(?!\d)"
        ),
        "<date>",
    ),
}
NUMBER = re.compile(r"number=([0-9.]+(?:e[+-]?[0-9]+)?)(%?)\Z")


@dataclass(frozen=True, slots=True)
class Rules:
    """How two values are compared."""

    ignore: tuple[str, ...] = ()
    """JSON paths, or patterns of them."""
    words: tuple[str, ...] = ()
    functions: tuple[Function, ...] = ()
    tolerance: Tolerance = EXACTLY

    def with_more(self, ignore: Sequence[str] = (), normalise: Sequence[Way] | Function = ()) -> "Rules":
        """These and more. Raises UsageProblem for a way that does not exist."""
        ignore = (ignore,) if isinstance(ignore, str) else tuple(ignore)
        ways = (normalise,) if isinstance(normalise, str) or callable(normalise) else tuple(normalise)
        rules = replace(self, ignore=(*self.ignore, *(each.removeprefix("$.") for each in ignore)))
        for way in ways:
            rules = rules.with_way(way)
        return rules

    def with_way(self, way: Way) -> "Rules":
        """These and one more way to make values the same."""
        if not isinstance(way, str):
            return replace(self, functions=(*self.functions, way))
        if way in WORDS:
            return replace(self, words=(*self.words, way))
        found = NUMBER.match(way)
        try:
            number = float(found[1]) if found else None
        except ValueError:
            number = None
        if found is None or number is None:
            known = [*WORDS, "number=0.01", "number=1%"]
            raise UsageProblem(f"normalise: {way!r} is none of {', '.join(known)}{nearest(way, known)}")
        near = Tolerance(relative=number / 100) if found[2] else Tolerance(absolute=number)
        return replace(self, tolerance=near)

    def applied(self, value: JSON) -> Any:
        """A JSON value of this run in the form in which it is kept and compared."""
        value = self.of_approved(value)
        for function in self.functions:
            value = function(value)
        return value

    def of_approved(self, value: JSON) -> Any:
        """An approved value by today's rules; the user's functions have seen it when it was kept."""
        if self.ignore:
            value = kept(value, "", self.ignore)
        if self.words:
            value = reworded(value, [WORDS[word] for word in self.words])
        return value


def kept(value: Any, path: str, ignore: Sequence[str]) -> Any:
    """A value without members that are ignored; an item of a list becomes null, so that the others keep their place."""
    if isinstance(value, dict):
        paths = {name: f"{path}.{name}".lstrip(".") for name in value}
        return {
            name: kept(each, paths[name], ignore) for name, each in value.items() if not any_covers(ignore, paths[name])
        }
    if isinstance(value, list):
        places = [f"{path}[{index}]" for index in range(len(value))]
        return [
            None if any_covers(ignore, where) else kept(each, where, ignore)
            for where, each in zip(places, value, strict=True)
        ]
    return value


def any_covers(ignore: Sequence[str], path: str) -> bool:
    """Whether a path is ignored."""
    return any(covers(pattern, path) for pattern in ignore)


def reworded(value: Any, words: Sequence[tuple[re.Pattern[str], str]]) -> Any:
    """A value with parts of its texts replaced."""
    if isinstance(value, str):
        for pattern, instead in words:
            value = pattern.sub(instead, value)
        return value
    if isinstance(value, dict):
        return {name: reworded(each, words) for name, each in value.items()}
    return [reworded(each, words) for each in value] if isinstance(value, list) else value
