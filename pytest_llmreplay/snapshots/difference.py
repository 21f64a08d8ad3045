"""Where a value is not the approved one. PYTEST_DONT_REWRITE

Equality comes first. What differs is walked down to the smallest parts that do; deepdiff sees only those, and no long
list: it takes seconds for what the walk does in milliseconds.
"""

from collections.abc import Iterator
from typing import Any

from pytest_llmreplay.compare.values import Tolerance, Unequal, unequal
from pytest_llmreplay.model.recording import Difference

MOST = 100
"""Differences that are told one by one."""
LONGEST_LIST = 50
"""Items of a list that deepdiff may align."""


def same(old: Any, new: Any, tolerance: Tolerance) -> bool:
    """Whether two JSON values are equal, numbers within a tolerance. 1 and 1.0 are, 1 and true are not."""
    return next(parts(old, new, "", tolerance), None) is None


def differences(old: Any, new: Any, tolerance: Tolerance) -> list[Difference]:
    """The first hundred places where a value is not the approved one, in its order."""
    found: list[Difference] = []
    for path, before, after in parts(old, new, "", tolerance):
        found += told(path, before, after, tolerance)
        if len(found) >= MOST:
            break
    return found[:MOST]


ABSENT = object()
"""Stands for a member or an item that is not there."""


def parts(old: Any, new: Any, path: str, tolerance: Tolerance) -> Iterator[tuple[str, Any, Any]]:
    """The smallest parts that differ: members, and items of lists of one length."""
    if isinstance(old, dict) and isinstance(new, dict):
        for name in (*old, *(each for each in new if each not in old)):
            yield from parts(old.get(name, ABSENT), new.get(name, ABSENT), f"{path}.{name}".lstrip("."), tolerance)
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for index, (before, after) in enumerate(zip(old, new, strict=True)):
            yield from parts(before, after, f"{path}[{index}]", tolerance)
    elif not alike(old, new, tolerance):
        yield path, old, new


def alike(old: Any, new: Any, tolerance: Tolerance) -> bool:
    """Whether two values are the same as they stand."""
    if isinstance(old, bool) or isinstance(new, bool):
        return old is new
    if isinstance(old, int | float) and isinstance(new, int | float):
        return tolerance.near(old, new)
    return type(old) is type(new) and bool(old == new)


def told(path: str, old: Any, new: Any, tolerance: Tolerance) -> Iterator[Difference]:
    """One part that differs, as one or more differences."""
    if isinstance(old, list) and isinstance(new, list):
        yield from of_lists(path, old, new, tolerance)
    else:
        yield Difference(path, None if old is ABSENT else old, None if new is ABSENT else new)


def of_lists(path: str, old: list[Any], new: list[Any], tolerance: Tolerance) -> Iterator[Difference]:
    """Differences of two lists of different lengths; what both begin and end with is left out."""
    shared = min(len(old), len(new))
    head = next((n for n in range(shared) if not same(old[n], new[n], tolerance)), shared)
    rest = shared - head
    tail = next((n for n in range(rest) if not same(old[-1 - n], new[-1 - n], tolerance)), rest)
    before, after = old[head : len(old) - tail], new[head : len(new) - tail]
    if len(before) + len(after) > LONGEST_LIST:
        for index in range(max(len(before), len(after))):
            a = before[index] if index < len(before) else None
            b = after[index] if index < len(after) else None
            yield Difference(f"{path}[{head + index}]", a, b)
        return
    for each in unequal(before, after, tolerance=tolerance):
        yield difference(each, path, head)


def difference(found: Unequal, path: str, offset: int) -> Difference:
    """A difference inside a part of a list, with its place in the whole."""
    index, _, rest = found.path.removeprefix("[").partition("]")
    place = f"{path}[{int(index) + offset}]{rest}" if index.isdecimal() else path
    return Difference(place, found.expected, found.got)
