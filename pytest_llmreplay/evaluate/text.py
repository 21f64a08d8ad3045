"""Evaluators of text. PYTEST_DONT_REWRITE"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, get_args

from pytest_llmreplay.errors import nearest
from pytest_llmreplay.evaluate.context import EvaluationContext
from pytest_llmreplay.evaluate.normal import Ways, checked, normal
from pytest_llmreplay.evaluate.pattern import LONGEST_TEXT, compiled, search
from pytest_llmreplay.evaluate.protocol import Evaluator
from pytest_llmreplay.evaluate.values import as_text
from pytest_llmreplay.model.evaluation import Evidence, Score, Skip

How = Literal["all", "any"]
QUOTE = 30
"""Characters of a text in a reason."""
NOTHING_EXPECTED = Skip("nothing is expected: no argument, no expectation, and the trace has no output")


@dataclass(frozen=True)
class OfText(Evaluator):
    """What evaluators of text have in common. An output that is no text is looked at as JSON with sorted keys."""

    own: ClassVar[bool] = True

    normalise: Ways = field(default=False, kw_only=True)
    """Look at both texts in a normal form: ``True``, or some of ``unicode``, ``case``, ``punctuation``, ``space``."""

    def __post_init__(self) -> None:
        checked(self.normalise)

    def normal(self, value: Any) -> str:
        """A value as text, in its normal form where that is asked for."""
        return normal(as_text(value), checked(self.normalise))


@dataclass(frozen=True)
class Exact(OfText):
    """The output is exactly what is expected: of the argument, the test, or production."""

    registered: ClassVar[str] = "exact"

    expected: Any = None
    """The text or JSON value; without it what the test expects, else what production gave."""

    def __call__(self, ctx: EvaluationContext) -> Score | Skip:
        """Compare."""
        wanted = ctx.reference if self.expected is None else self.expected
        if wanted is None:
            return NOTHING_EXPECTED
        if ctx.output == wanted:
            return Score(True, f"is {quoted(ctx.text)}")
        expected, got = self.normal(wanted), self.normal(ctx.output)
        if self.normalise and expected == got:
            return Score(True, f"is {quoted(ctx.text)}")
        return Score(False, first_difference(expected, got), (Evidence("output", ctx.output),))


@dataclass(frozen=True)
class Contains(OfText):
    """The output contains a text, or all or any of several. The score is the share that it contains."""

    registered: ClassVar[str] = "contains"

    texts: str | Sequence[str]
    how: How = "all"

    def __post_init__(self) -> None:
        super().__post_init__()
        wanted(self.texts, self.normal)
        if self.how not in get_args(How):
            raise ValueError(f"how is all or any, not {self.how!r}{nearest(str(self.how), list(get_args(How)))}")

    def __call__(self, ctx: EvaluationContext) -> Score:
        """Look for each text."""
        output, texts = self.normal(ctx.output), wanted(self.texts, self.normal)
        there = [each for each in texts if each in output]
        missing = [each for each in texts if each not in output]
        passed = not missing if self.how == "all" else bool(there)
        if not passed:
            reason = f"missing {listed(missing)}" if self.how == "all" else f"none of {listed(texts)}"
            return Score(len(there) / len(texts), reason, (Evidence("output", ctx.output),), passed=False)
        share = len(there) / len(texts) if self.how == "all" else 1.0
        place = "" if self.normalise else f" at character {output.index(there[0]) + 1}"
        return Score(share, f"has {listed(there)}{place if len(there) == 1 else ''}", passed=True)


@dataclass(frozen=True)
class AtAnEnd(OfText):
    """What looking at the beginning and at the end of an output have in common."""

    verb: ClassVar[str] = ""

    texts: str | Sequence[str]

    def __post_init__(self) -> None:
        super().__post_init__()
        wanted(self.texts, self.normal)

    def there(self, output: str, text: str) -> bool:
        """Whether a text stands there."""
        raise TypeError(f"{type(self).__name__} does not say where it looks")

    def shown(self, output: str) -> str:
        """What stands there, quoted."""
        raise TypeError(f"{type(self).__name__} does not say where it looks")

    def __call__(self, ctx: EvaluationContext) -> Score:
        """Compare."""
        output, texts = self.normal(ctx.output), wanted(self.texts, self.normal)
        found = next((each for each in texts if self.there(output, each)), None)
        if found is not None:
            return Score(True, f"{self.verb} with {quoted(found)}")
        got = f"{self.verb} with {self.shown(output)}" if output else "is empty"
        return Score(False, f"{got}, not with {listed(texts, ' or ')}", (Evidence("output", ctx.output),))


@dataclass(frozen=True)
class StartsWith(AtAnEnd):
    """The output begins with a text, or with one of several."""

    registered: ClassVar[str] = "starts_with"
    verb: ClassVar[str] = "begins"

    def there(self, output: str, text: str) -> bool:
        """Whether it begins with a text."""
        return output.startswith(text)

    def shown(self, output: str) -> str:
        """Its beginning."""
        return quoted(output)


@dataclass(frozen=True)
class EndsWith(AtAnEnd):
    """The output ends with a text, or with one of several."""

    registered: ClassVar[str] = "ends_with"
    verb: ClassVar[str] = "ends"

    def there(self, output: str, text: str) -> bool:
        """Whether it ends with a text."""
        return output.endswith(text)

    def shown(self, output: str) -> str:
        """Its end."""
        return quoted_end(output)


@dataclass(frozen=True)
class Regex(OfText):
    """A regular expression (of Python's ``re``) is found in the output's first 100,000 characters.

    It may have 1,000 characters and take ``seconds``; what is slower is an error. ``normalise`` changes the output, not
    the pattern.
    """

    registered: ClassVar[str] = "regex"

    pattern: str
    whole: bool = False
    """Whether all of the output must match."""
    ignore_case: bool = False
    seconds: float = 2.0

    def __post_init__(self) -> None:
        super().__post_init__()
        self.compiled()
        if not 0 < self.seconds <= self.limit:
            raise ValueError(f"seconds lies between 0 and the limit of {self.limit:g}, not at {self.seconds!r}")

    def compiled(self) -> re.Pattern[str]:
        """The pattern. Raises ValueError for one that is too long or none."""
        return compiled(self.pattern, re.IGNORECASE if self.ignore_case else 0)

    def __call__(self, ctx: EvaluationContext) -> Score:
        """Search. Raises TooSlow."""
        output = self.normal(ctx.output)
        found = search(self.compiled(), output, whole=self.whole, seconds=self.seconds)
        if found is not None:
            start, end = found
            place = f"output[{start}:{end}]"
            reason = f"found {quoted(output[start:end])} at character {start + 1}"
            return Score(True, reason, (Evidence(place, output[start:end]),))
        cut = f" in the first {LONGEST_TEXT:,} of {len(output):,} characters" if len(output) > LONGEST_TEXT else ""
        words = "does not match" if self.whole else "nothing matches"
        return Score(False, f"{words} {one_line(self.pattern)}{cut}", (Evidence("output", ctx.output),))


def wanted(texts: object, prepare: Any = as_text) -> list[str]:
    """One text or several as a list, prepared. Raises TypeError for what is none, ValueError for an empty one."""
    several = [texts] if isinstance(texts, str) else texts
    if not isinstance(several, Sequence) or not all(isinstance(each, str) for each in several):
        raise TypeError(f"texts is a text or a list of texts, not {texts!r}")
    prepared = [prepare(each) for each in several]
    if not prepared or not all(prepared):
        raise ValueError("texts holds nothing to look for: an empty text is in every output")
    return prepared


def first_difference(wanted: str, got: str) -> str:
    """Where two texts part, in a few words."""
    at = next((n for n, (a, b) in enumerate(zip(wanted, got, strict=False)) if a != b), min(len(wanted), len(got)))
    return f"from character {at + 1} on: {excerpt(wanted, at)} was expected, got {excerpt(got, at)}"


def excerpt(text: str, at: int) -> str:
    """Some characters from a place on, quoted; ``nothing`` at the end."""
    return quoted(text[at:]) if text[at:] else "nothing"


def quoted(text: str) -> str:
    """The beginning of a text in quotes, on one line."""
    return json.dumps(text[:QUOTE] + "…" * (len(text) > QUOTE), ensure_ascii=False)


def one_line(pattern: str) -> str:
    """The beginning of a pattern as it was written, on one line."""
    line = " ".join(pattern.split())
    return line[:QUOTE] + "…" * (len(line) > QUOTE)


def quoted_end(text: str) -> str:
    """The end of a text in quotes, on one line."""
    return json.dumps("…" * (len(text) > QUOTE) + text[-QUOTE:], ensure_ascii=False)


def listed(texts: Sequence[str], between: str = ", ") -> str:
    """Texts in quotes; of many the first five."""
    more = f" and {len(texts) - 5} more" if len(texts) > 5 else ""
    return between.join(map(quoted, texts[:5])) + more
