"""The evaluator of SQL. PYTEST_DONT_REWRITE"""

import re
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any, ClassVar

from pytest_llmreplay.errors import MissingExtra, nearest
from pytest_llmreplay.evaluate.context import EvaluationContext
from pytest_llmreplay.evaluate.protocol import Evaluator
from pytest_llmreplay.evaluate.text import NOTHING_EXPECTED, quoted, quoted_end
from pytest_llmreplay.model.evaluation import Evidence, Score, Skip

FENCED = re.compile(r"\A\s*```\w*\n(.*?)\n?```\s*\Z", re.DOTALL)


@dataclass(frozen=True)
class SqlEqual(Evaluator):
    """The output is the SQL that is expected: the same after both are parsed and put in one form.

    Blanks, comments, the case of keywords and of unquoted names, needless parentheses and quotes, and the order of what
    ``AND`` and ``OR`` join do not count. What two queries mean is not compared. A fenced block is read as its inside.
    """

    registered: ClassVar[str] = "sql_equal"
    own: ClassVar[bool] = True

    expected: str | None = None
    """The SQL; without it what the test expects, else what production gave."""
    dialect: str | None = field(default=None, kw_only=True)
    """A dialect that sqlglot knows, such as ``postgres``; without it what all have in common."""

    def __post_init__(self) -> None:
        if find_spec("sqlglot") is None:
            raise MissingExtra("sql_equal", "sqlglot", "sql")
        from sqlglot.dialects.dialect import Dialect

        known = sorted(each for each in Dialect.classes if each)
        if self.dialect is not None and self.dialect not in known:
            raise ValueError(f"no dialect is named {self.dialect!r}{nearest(str(self.dialect), known)}")
        if self.expected is not None:
            canonical(self.expected, self.dialect)

    def __call__(self, ctx: EvaluationContext) -> Score | Skip:
        """Compare."""
        reference = ctx.reference if self.expected is None else self.expected
        if reference is None:
            return NOTHING_EXPECTED
        expected = canonical(reference, self.dialect)
        try:
            got = canonical(ctx.output, self.dialect)
        except ValueError as error:
            return Score(False, str(error), (Evidence("output", ctx.output),))
        if expected == got:
            return Score(True, "the same statement")
        return Score(False, parting(expected, got), (Evidence("output", ctx.output),))


def parting(expected: str, got: str) -> str:
    """Where two statements part, word by word."""
    old, new = (each.replace('"', "").split(" ") for each in (expected, got))
    same = next((n for n, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
    before = f"after {quoted_end(' '.join(old[:same]))}: " if same else ""
    words, other = (quoted(" ".join(each[same:])) if each[same:] else "nothing" for each in (old, new))
    return f"{before}{words} was expected, got {other}"


def canonical(text: Any, dialect: str | None) -> str:
    """SQL in one form. Raises TypeError for no text, ValueError for what cannot be parsed."""
    import sqlglot
    from sqlglot.optimizer.normalize_identifiers import normalize_identifiers
    from sqlglot.optimizer.simplify import simplify

    if not isinstance(text, str):
        raise TypeError(f"SQL is a text, not {text!r}")
    inside = FENCED.match(text)
    try:
        found = [each for each in sqlglot.parse(inside[1] if inside else text, dialect=dialect) if each is not None]
    except sqlglot.errors.ParseError as error:
        first = error.errors[0] if error.errors else {"description": str(error), "line": 1, "col": 1}
        raise ValueError(
            f"it is no SQL at line {first['line']} column {first['col']}: {first['description']}"
        ) from None
    except sqlglot.errors.TokenError as error:
        raise ValueError(f"it is no SQL: {str(error)[:80]}") from None
    if not found or any(isinstance(each, sqlglot.exp.Condition | sqlglot.exp.Alias) for each in found):
        raise ValueError("it is no SQL: there is no statement")
    ready = [simplify(normalize_identifiers(each, dialect=dialect), dialect=dialect) for each in found]
    return "; ".join(each.sql(dialect=dialect, comments=False, normalize=True, identify=True) for each in ready)
