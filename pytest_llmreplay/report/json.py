r"""The report for programs: all values of a run as JSON, and back. PYTEST_DONT_REWRITE

Source: ``docs/reference/report.schema.json``, which lies beside this file, too. Members stand in the order of the types
in ``model/result.py``; characters that UTF-8 cannot hold are ``\u`` escapes.
"""

import json
import re
from collections.abc import Mapping
from typing import Any, NoReturn

from pytest_llmreplay.errors import UsageProblem
from pytest_llmreplay.model.result import CaseResult, RunReport

FORMAT = 1
"""Raised when a reader of the last one would misread a report; members may be added without."""
LONE = re.compile("[\ud800-\udfff]")
AGAIN = "write it again with --llm-report json:PATH"


class JsonReport:
    """``json:PATH``."""

    name = "json"

    def render(self, report: RunReport) -> str:
        """The report as indented JSON. Raises ValueError for a number that is not finite; none of a run is."""
        return encoded(plain(report), indent=1) + "\n"


def plain(value: object) -> Any:
    """A value of the report's types as dicts, lists and scalars."""
    import msgspec

    return msgspec.to_builtins(value)


def as_case(value: Mapping[str, Any]) -> CaseResult:
    """A case that was sent as dicts, lists and scalars."""
    import msgspec

    return msgspec.convert(value, CaseResult)


def encoded(value: Any, indent: int | None = None) -> str:
    """A JSON text that UTF-8 can hold."""
    separators = (",", ": ") if indent else (",", ":")
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, indent=indent, separators=separators)
    return LONE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def read(text: str, name: str) -> RunReport:
    """A report that was written before; ``name`` is what errors call it.

    Raises UsageProblem for a text that is no report, or one of another format.
    """
    import msgspec

    value = decoded(text, name)
    check_format(value, name)
    try:
        return msgspec.convert(value, RunReport)
    except msgspec.ValidationError as problem:
        raise UsageProblem(f"{name} is not a report of pytest-llmreplay: {problem}; {AGAIN}") from None


def decoded(text: str, name: str) -> Any:
    """The JSON value of a text."""
    try:
        return json.loads(text, parse_constant=not_finite)
    except json.JSONDecodeError as problem:
        where = f"line {problem.lineno} column {problem.colno}: {problem.msg}"
    except ValueError as problem:
        where = str(problem)
    except RecursionError:
        where = "nested too deeply"
    raise UsageProblem(f"{name} is not JSON: {where}; {AGAIN}")


def not_finite(word: str) -> NoReturn:
    """Refuse NaN and Infinity, which JSON does not know."""
    raise ValueError(f"{word} is no JSON number")


def check_format(value: Any, name: str) -> None:
    """Raise UsageProblem where the report is of another format than ours."""
    found = value.get("format") if isinstance(value, dict) else None
    if type(found) is not int:
        raise UsageProblem(f"{name} is not a report of pytest-llmreplay: it has no format number; {AGAIN}")
    if found != FORMAT:
        versions = value.get("versions")
        writer = versions.get("pytest-llmreplay") if isinstance(versions, dict) else None
        by = f", written by pytest-llmreplay {writer}" if isinstance(writer, str) else ""
        instead = f"update pytest-llmreplay, or {AGAIN}" if found > FORMAT else AGAIN
        raise UsageProblem(f"{name} has format {found}{by}; this version reads format {FORMAT}: {instead}")
