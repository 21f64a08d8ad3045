"""Where two JSON values differ by more than is allowed. PYTEST_DONT_REWRITE"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pytest_llmreplay.compare.paths import covers, written

TRUTH = {True: "\0true", False: "\0false"}
"""What stands for JSON's truth values while they are compared: Python's equal 1 and 0."""
NULL = "\0null"
"""What stands for JSON's null."""


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far a number may be from the expected one: by the larger of the two."""

    absolute: float = 0.0
    relative: float = 0.0
    """A share of the expected number."""

    def __post_init__(self) -> None:
        for name in ("absolute", "relative"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < float("inf"):
                raise ValueError(f"a tolerance is a number from 0 on, not {value!r}")

    def near(self, expected: float, got: float) -> bool:
        """Whether a number is near enough."""
        try:
            return expected == got or abs(expected - got) <= max(self.absolute, self.relative * abs(expected))
        except OverflowError:
            return False


EXACTLY = Tolerance()


@dataclass(frozen=True, slots=True)
class Unequal:
    """One place where a value is not the expected one."""

    path: str
    """Without the root: ``items[2].price``; empty for the whole value."""
    what: Literal["value", "missing", "extra"]
    expected: Any
    got: Any

    def __str__(self) -> str:
        if self.what == "missing":
            return f"is missing, {short(self.expected)} was expected"
        if self.what == "extra":
            return f"is there and was not expected: {short(self.got)}"
        return f"{short(self.expected)} was expected, got {short(self.got)}"


def unequal(
    expected: Any, got: Any, *, tolerance: Tolerance = EXACTLY, ignore: Sequence[str] = (), any_order: bool = False
) -> list[Unequal]:
    """All places where a JSON value is not the expected one, in the order of the expected one.

    1 and 1.0 are equal, 1 and true are not. ``ignore`` holds paths, ``any_order`` leaves the order of lists aside:
    indices are then those of the expected list.
    """
    expected, got = prepared(expected, "", ignore), prepared(got, "", ignore)
    if any_order:
        got = aligned(expected, got, tolerance)
    if alike(expected, got, tolerance):
        return []
    from deepdiff import DeepDiff

    operators = [near(tolerance)]
    delta = DeepDiff(expected, got, view="tree", ignore_numeric_type_changes=True, custom_operators=operators)
    leaves = [leaf for group in delta.values() for leaf in group if not alike(leaf.t1, leaf.t2, tolerance)]
    leaves.sort(key=lambda leaf: place(leaf.path(output_format="list"), expected, got))
    return [at_leaf(leaf) for leaf in leaves] or [Unequal("", "value", thawed(expected), thawed(got))]


def alike(expected: Any, got: Any, tolerance: Tolerance) -> bool:
    """Whether two prepared values are equal within a tolerance."""
    if isinstance(expected, dict) and isinstance(got, dict):
        return expected.keys() == got.keys() and all(alike(expected[name], got[name], tolerance) for name in expected)
    if isinstance(expected, list) and isinstance(got, list):
        pairs = zip(expected, got, strict=False)
        return len(expected) == len(got) and all(alike(old, new, tolerance) for old, new in pairs)
    if isinstance(expected, int | float) and isinstance(got, int | float):
        return tolerance.near(expected, got)
    return type(expected) is type(got) and bool(expected == got)


def aligned(expected: Any, got: Any, tolerance: Tolerance) -> Any:
    """The second value with its lists in the order of the first one's; what is left over takes the free places."""
    if isinstance(expected, dict) and isinstance(got, dict):
        return {name: aligned(expected[name], got[name], tolerance) if name in expected else got[name] for name in got}
    if not isinstance(expected, list) or not isinstance(got, list):
        return got
    placed = paired(expected, got, tolerance)
    rest = [other for n, other in enumerate(got) if n not in placed.values()]
    places = [got[placed[n]] if n in placed else rest.pop(0) for n in range(len(expected)) if n in placed or rest]
    return [aligned(old, new, tolerance) for old, new in zip(expected, places, strict=False)] + rest


def paired(expected: list[Any], got: list[Any], tolerance: Tolerance) -> dict[int, int]:
    """Which item of the second list is which of the first: equal ones first, then those within the tolerance."""
    free: dict[str, list[int]] = {}
    for n, other in enumerate(got):
        free.setdefault(unordered(other), []).append(n)
    found = {n: free[key].pop(0) for n, each in enumerate(expected) if free.get(key := unordered(each))}
    rest = sorted(n for several in free.values() for n in several)
    for n, each in enumerate(expected):
        if n not in found:
            same = next((m for m in rest if alike(each, aligned(each, got[m], tolerance), tolerance)), None)
            if same is not None:
                found[n] = same
                rest.remove(same)
    return found


def unordered(value: Any) -> str:
    """A text that is the same for values that differ in the order of lists alone."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(name)}:{unordered(value[name])}" for name in sorted(value)) + "}"
    return "[" + ",".join(sorted(map(unordered, value))) + "]" if isinstance(value, list) else json.dumps(value)


def prepared(value: Any, path: str, ignore: Sequence[str]) -> Any:
    """A JSON value with marks for truth values and null, and without what is ignored."""
    if value is None:
        return NULL
    if isinstance(value, bool):
        return TRUTH[value]
    if isinstance(value, Mapping):
        inside = {str(name): f"{path}.{name}".removeprefix(".") for name in value}
        kept = {str(name): each for name, each in value.items() if not ignored(inside[str(name)], ignore)}
        return {name: prepared(each, inside[name], ignore) for name, each in kept.items()}
    if isinstance(value, list | tuple):
        places = [f"{path}[{index}]" for index in range(len(value))]
        return [
            NULL if ignored(where, ignore) else prepared(each, where, ignore)
            for where, each in zip(places, value, strict=True)
        ]
    return value


def ignored(path: str, ignore: Sequence[str]) -> bool:
    """Whether a path is left out."""
    return any(covers(each.removeprefix("$").removeprefix("."), path) for each in ignore)


def near(tolerance: Tolerance) -> Any:
    """The operator of deepdiff by which numbers are compared."""
    from deepdiff.operator import BaseOperatorPlus

    class Near(BaseOperatorPlus):
        """Numbers are equal within a tolerance."""

        def match(self, level: Any) -> bool:
            return isinstance(level.t1, int | float) and isinstance(level.t2, int | float)

        def give_up_diffing(self, level: Any, diff_instance: Any) -> bool:
            return tolerance.near(level.t1, level.t2)

        def normalize_value_for_hashing(self, parent: Any, obj: Any) -> Any:
            return obj

    return Near()


def place(path: Sequence[str | int], expected: Any, got: Any) -> list[int]:
    """Where a path stands in a value: the number of each member; what is new stands behind the rest."""
    numbers = []
    for each in path:
        if isinstance(each, int):
            numbers.append(each)
        else:
            names = [*members(expected), *(name for name in members(got) if name not in members(expected))]
            numbers.append(names.index(each))
        expected, got = inside(expected, each), inside(got, each)
    return numbers


def members(value: Any) -> Mapping[str, Any]:
    """The members of an object; of anything else none."""
    return value if isinstance(value, dict) else {}


def inside(value: Any, step: str | int) -> Any:
    """The value behind a step, or None."""
    try:
        return value[step]
    except (LookupError, TypeError):
        return None


def at_leaf(leaf: Any) -> Unequal:
    """A leaf of deepdiff."""
    path = written(leaf.path(output_format="list"))
    absent = [type(each).__name__ == "NotPresent" for each in (leaf.t1, leaf.t2)]
    old, new = (None if gone else thawed(each) for gone, each in zip(absent, (leaf.t1, leaf.t2), strict=True))
    return Unequal(path, "extra" if absent[0] else "missing" if absent[1] else "value", old, new)


def thawed(value: Any) -> Any:
    """A prepared value as JSON again."""
    if isinstance(value, dict):
        return {name: thawed(each) for name, each in value.items()}
    if isinstance(value, list):
        return [thawed(each) for each in value]
    return {TRUTH[True]: True, TRUTH[False]: False, NULL: None}.get(value, value) if isinstance(value, str) else value


def short(value: Any, limit: int = 60) -> str:
    """A value as JSON on one line, cut."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= limit else text[: limit - 1] + "…"
