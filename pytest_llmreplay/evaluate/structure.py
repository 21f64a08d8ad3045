"""Evaluators of JSON and of numbers. PYTEST_DONT_REWRITE"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from pytest_llmreplay.compare.paths import at, steps
from pytest_llmreplay.compare.values import Tolerance, Unequal, unequal
from pytest_llmreplay.evaluate.context import EvaluationContext
from pytest_llmreplay.evaluate.protocol import Evaluator
from pytest_llmreplay.evaluate.text import NOTHING_EXPECTED, quoted
from pytest_llmreplay.model.evaluation import Evidence, Score, Skip

MOST_EVIDENCE = 10
WRITTEN = (
    r"(?<![\w{mark}])[-+\u2212]?(?:\d{{1,3}}(?:[{groups}]\d{{3}})+|\d+)(?:[{mark}]\d+)?(?:[eE][-+]?\d{{1,3}})?(?!\w)"
)
GROUPS = {".": ",\u00a0\u202f' _", ",": ".\u00a0\u202f' _"}
"""What may stand between groups of three digits, by the decimal mark."""
NUMBER = {mark: re.compile(WRITTEN.format(mark=mark, groups=groups)) for mark, groups in GROUPS.items()}


class NoJSON(ValueError):
    """A text is no JSON, or lacks the path that was asked for. The message says where."""


@dataclass(frozen=True)
class OfJSON(Evaluator):
    """What evaluators of JSON have in common. An output that is a text is read as JSON."""

    own: ClassVar[bool] = True

    path: str = field(default="", kw_only=True)
    """Which part of the output is meant, such as ``items[2].price``; all of it where it is empty."""

    def __post_init__(self) -> None:
        steps(self.path)

    def part(self, value: Any) -> Any:
        """The part of a value that is meant. Raises NoJSON."""
        try:
            return at(parsed(value), self.path)
        except LookupError as error:
            raise NoJSON(str(error.args[0])) from None

    def place(self, path: str) -> str:
        """A path below the part that is meant, with the output as its root."""
        whole = ".".join(filter(None, ("output", self.path.removeprefix("$").removeprefix("."))))
        return f"{whole}{path}" if path.startswith("[") or not path else f"{whole}.{path}"


@dataclass(frozen=True)
class JsonEqual(OfJSON):
    """The output is the JSON that is expected, but for tolerances and ignored paths."""

    registered: ClassVar[str] = "json_equal"

    expected: Any = None
    """A JSON value, or a text of it; without it what the test expects, else what production gave."""
    tolerance: float = field(default=0.0, kw_only=True)
    """By how much a number may differ."""
    relative: float = field(default=0.0, kw_only=True)
    """The same as a share of the expected number; the larger of the two counts."""
    ignore: Sequence[str] = field(default=(), kw_only=True)
    """Paths that are left out, such as ``items[*].id``."""
    any_order: bool = field(default=False, kw_only=True)
    """Whether lists may be in any order."""

    def __post_init__(self) -> None:
        super().__post_init__()
        Tolerance(self.tolerance, self.relative)
        if isinstance(self.ignore, str) or not all(isinstance(each, str) for each in self.ignore):
            raise TypeError(f"ignore is a list of paths, not {self.ignore!r}")

    def __call__(self, ctx: EvaluationContext) -> Score | Skip:
        """Compare."""
        reference = self.part(ctx.reference) if self.expected is None else parsed(self.expected)
        if reference is None and self.expected is None:
            return NOTHING_EXPECTED
        try:
            got = self.part(ctx.output)
        except NoJSON as error:
            return Score(False, str(error), (Evidence("output", ctx.output),))
        tolerance = Tolerance(self.tolerance, self.relative)
        found = unequal(reference, got, tolerance=tolerance, ignore=self.ignore, any_order=self.any_order)
        if not found:
            return Score(True, "equal")
        more = f" and {len(found) - 1} more" if len(found) > 1 else ""
        reason = f"{self.place(found[0].path)}{between(found[0])} {found[0]}{more}"
        evidence = tuple(Evidence(self.place(each.path), each.got) for each in found[:MOST_EVIDENCE])
        return Score(False, reason, evidence)


@dataclass(frozen=True)
class Number(OfJSON):
    """A number is near the expected one: at a path of the output, else among the numbers in its text.

    Of an expected text each of its numbers must be there.
    """

    registered: ClassVar[str] = "number"

    expected: Any = None
    """The number; without it what the test expects, else what production gave."""
    tolerance: float = field(default=0.0, kw_only=True)
    """By how much it may differ."""
    relative: float = field(default=0.0, kw_only=True)
    """The same as a share of the expected number; the larger of the two counts."""
    decimal: str = field(default=".", kw_only=True)
    """The decimal mark in texts, ``.`` or ``,``."""

    def __post_init__(self) -> None:
        super().__post_init__()
        Tolerance(self.tolerance, self.relative)
        if self.decimal not in NUMBER:
            raise ValueError(f"decimal is '.' or ',', not {self.decimal!r}")
        if self.expected is not None and not numbers(self.expected, self.decimal):
            raise ValueError(f"expected holds no number: {self.expected!r}")

    def __call__(self, ctx: EvaluationContext) -> Score | Skip:
        """Look for each expected number."""
        try:
            reference = self.expected if self.expected is not None else self.found(ctx.reference)
            there = numbers(self.found(ctx.output), self.decimal)
        except NoJSON as error:
            return Score(False, str(error), (Evidence("output", ctx.output),))
        wanted, tolerance = numbers(reference, self.decimal), Tolerance(self.tolerance, self.relative)
        if not wanted:
            return NOTHING_EXPECTED if reference is None else Skip("what is expected holds no number")
        missing = [each for each in wanted if not any(tolerance.near(each, other) for other in there)]
        words = " ".join(map(plain, there[:MOST_EVIDENCE])) or "no number"
        evidence = (Evidence(self.place(""), there[:MOST_EVIDENCE]),)
        if not missing:
            return Score(True, f"found {words}", evidence)
        return Score(False, f"no {' and no '.join(map(plain, missing))}{self.near()}: found {words}", evidence)

    def found(self, value: Any) -> Any:
        """The value in which numbers are looked for. Raises NoJSON where it lacks the path."""
        return self.part(value) if self.path else value

    def near(self) -> str:
        """What is near enough, in words."""
        given = [plain(self.tolerance)] * bool(self.tolerance) + [f"{self.relative * 100:g} %"] * bool(self.relative)
        return f" within {' or '.join(given)}" if given else ""


def parsed(value: Any) -> Any:
    """A JSON value: a text is read as one. Raises NoJSON."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value, parse_constant=refused)
    except (ValueError, RecursionError) as error:
        where = f" at line {error.lineno} column {error.colno}" if isinstance(error, json.JSONDecodeError) else ""
        why = error.msg if isinstance(error, json.JSONDecodeError) else str(error)
        raise NoJSON(f"the text is no JSON{where}: {why}: {quoted(value) if value else 'nothing'}") from None


def refused(word: str) -> Any:
    """Python reads words that JSON does not know. Raises ValueError."""
    raise ValueError(f"{word} is no value of JSON")


def between(difference: Unequal) -> str:
    """What stands between a path and what is said of it."""
    return ":" if difference.what == "value" else ""


def numbers(value: Any, decimal: str = ".") -> list[float]:
    """The number that a value is, or those that stand in a text, in order."""
    if isinstance(value, bool) or value is None:
        return []
    if isinstance(value, int | float):
        return [value]
    if not isinstance(value, str):
        value = json.dumps(value, ensure_ascii=False, default=str)
        decimal = "."
    return [read(found[0], decimal) for found in NUMBER[decimal].finditer(value)]


def read(text: str, decimal: str) -> float:
    """A number from its text."""
    digits = "".join(each for each in text if each not in GROUPS[decimal])
    return float(digits.replace("\u2212", "-").replace(",", "."))


def plain(number: float) -> str:
    """A number as people write it."""
    return f"{number:.15g}"
