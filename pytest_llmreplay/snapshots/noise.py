"""What of a test's values differs from run to run, and which rules would take it out. PYTEST_DONT_REWRITE"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from pytest_llmreplay.compare.values import EXACTLY, Tolerance
from pytest_llmreplay.model.jsonvalue import JSON
from pytest_llmreplay.snapshots.difference import ABSENT, parts, same
from pytest_llmreplay.snapshots.normal import WORDS, reworded
from pytest_llmreplay.writing import Guard, write


@dataclass(frozen=True, slots=True)
class Kept:
    """A value of a run, in its normal form."""

    value: JSON
    tolerance: Tolerance = EXACTLY
    """How near its numbers have to be."""


Values: TypeAlias = Mapping[tuple[str, str], Kept]
"""By snapshot file, relative to the root folder, and name of the entry."""
ROUNDING = 1e-6
"""Share of a number that sums in another order may differ by. A larger difference is no rounding."""
FUNCTION = "function"
"""Stands for a way that only the test's author can write: the whole value differs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Noise:
    """One place of a value that differs between two runs of the same test."""

    file: str
    name: str
    path: str
    """Items of lists as ``[*]``; empty for the value itself."""
    first: JSON
    second: JSON
    normalise: tuple[str, ...]
    """Words for ``llm_snapshot_normalise`` that make both the same; empty where the path is to be ignored."""


def keep(path: Path, values: Values, guard: Guard) -> None:
    """Write the values of a run. Raises SecretsLeft and WriteProblem."""
    rows = [[*place, each.value, each.tolerance.absolute, each.tolerance.relative] for place, each in values.items()]
    write(path, json.dumps(rows, indent=1).encode() + b"\n", guard)


def kept(path: Path) -> Values:
    """The values of a run; none where it wrote no file. Raises ValueError for a file of another kind."""
    if not path.exists():
        return {}
    rows: list[tuple[str, str, JSON, float, float]] = json.loads(path.read_bytes())
    return {(file, name): Kept(value, Tolerance(*tolerance)) for file, name, value, *tolerance in rows}


def noise(first: Values, second: Values) -> list[Noise]:
    """Every place that differs, items of one list once. Values of one run alone are left aside."""
    found: dict[tuple[str, str, str, tuple[str, ...]], Noise] = {}
    for file, name in sorted(first.keys() & second.keys()):
        before, after = first[file, name], second[file, name]
        for path, one, other in parts(before.value, after.value, "", after.tolerance):
            place = re.sub(r"\[\d+\]", "[*]", path)
            ways = ways_of(one, other) or (() if place else (FUNCTION,))
            told = Noise(file=file, name=name, path=place, first=plain(one), second=plain(other), normalise=ways)
            found.setdefault((file, name, place, ways), told)
    return list(found.values())


def plain(value: Any) -> JSON:
    """A value; None for one that is not there."""
    return None if value is ABSENT else value


def ways_of(one: Any, other: Any) -> tuple[str, ...]:
    """The fewest words that make two values the same; none where no words do."""
    if type(one) in (int, float) and type(other) in (int, float):
        return (f"number={ROUNDING:g}",) if Tolerance(ROUNDING).near(one, other) else ()
    names = list(WORDS)
    for words in (*((each,) for each in names), tuple(names)):
        rules = [WORDS[word] for word in words]
        if same(reworded(one, rules), reworded(other, rules), EXACTLY):
            return words
    return ()


def rules(found: Sequence[Noise]) -> str:
    """The arguments of ``llm_snapshot`` that take the noise of one entry out; empty where none do."""
    ignore = sorted({each.path for each in found if not each.normalise})
    ways = sorted({way for each in found for way in each.normalise if way != FUNCTION})
    given = (("ignore", ignore), ("normalise", ways))
    return ", ".join(f"{key}={json.dumps(words, ensure_ascii=False)}" for key, words in given if words)


def configuration(found: Sequence[Noise]) -> Iterator[str]:
    """The lines of ``pyproject.toml`` that take it out of every snapshot."""
    ignore = sorted({each.path for each in found if not each.normalise})
    ways = sorted({way for each in found for way in each.normalise if way != FUNCTION})
    for key, words in (("llm_snapshot_ignore", ignore), ("llm_snapshot_normalise", ways)):
        if words:
            yield f"{key} = {json.dumps(words, ensure_ascii=False)}"
