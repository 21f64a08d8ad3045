"""Paths of JSON values, such as ``items[2].price``. PYTEST_DONT_REWRITE"""

import re
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

STEP = re.compile(r"\[(-?\d+)\]|\.?([^.\[\]]+)")


def covers(pattern: str, path: str) -> bool:
    """Whether a pattern means a path, or something that the path lies in. Brackets are literal."""
    literal = pattern.replace("[*]", "\0").replace("[", "[[]").replace("\0", "[[]*]")
    return fnmatchcase(path, literal) or fnmatchcase(path, literal + ".*") or fnmatchcase(path, literal + "[[]*")


def steps(path: str) -> list[str | int]:
    """The members and indices that a path goes through. Raises ValueError for what is no path."""
    path = path.removeprefix("$").removeprefix(".")
    found: list[str | int] = []
    at = 0
    for each in STEP.finditer(path):
        if each.start() != at:
            break
        found.append(int(each[1]) if each[1] else each[2])
        at = each.end()
    if at != len(path):
        raise ValueError(f"{path!r} is no path such as items[2].price: it breaks off at character {at + 1}")
    return found


def written(steps: Sequence[str | int]) -> str:
    """A path as text."""
    return "".join(f"[{each}]" if isinstance(each, int) else f".{each}" for each in steps).removeprefix(".")


def at(value: Any, path: str) -> Any:
    """The value at a path. Raises LookupError that names the part which is not there, ValueError for no path."""
    gone: list[str | int] = []
    for each in steps(path):
        gone.append(each)
        fits = Mapping if isinstance(each, str) else list | tuple
        holder: Any = value if isinstance(value, fits) else {}
        try:
            value = holder[each]
        except LookupError:
            raise LookupError(f"there is no {written(gone)}") from None
    return value
