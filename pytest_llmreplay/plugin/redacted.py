"""What of an item is printed, without its secrets: the one place through which its reports go. PYTEST_DONT_REWRITE"""

import re
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from pytest_llmreplay.errors import LLMReplayError, UsageProblem
from pytest_llmreplay.redaction.protocol import Found
from pytest_llmreplay.redaction.redactor import Redactor

KIND = re.compile(r"[^a-z0-9-]+")
OURS = "_pytest._code.code"
"""Where pytest's own classes of failures lie."""
LITERAL = r"b?(?:'(?:[^'\\\n]|\\.){0,20000}'|\"(?:[^\"\\\n]|\\.){0,20000}\")"
BROKEN = re.compile(rf"{LITERAL}(?:\n(?:E  )?[ ]*{LITERAL})+")
"""A text that was printed over several lines, each in quotes: a secret may stand in one and its name in another."""
PIECE = re.compile(rf"(?:^|\n)(?:E  )?[ ]*({LITERAL})")


class Hooked:
    """A finder that asks the hook ``pytest_llm_redact``."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config

    def find(self, text: str, lowered: str) -> Iterator[Found]:
        """What all implementations find. Raises UsageProblem for an answer that is no place in the text."""
        for answer in self._config.hook.pytest_llm_redact(text=text):
            for each in answer or ():
                yield found(each, len(text))


def found(given: Any, length: int) -> Found:
    """A place that a hook gave. Raises UsageProblem."""
    match given:
        case (int(start), int(end), str(kind)) if 0 <= start < end <= length:
            return Found(start, end, KIND.sub("-", kind.lower())[:80].strip("-") or "custom")
    raise UsageProblem(
        f"pytest_llm_redact: {type(given).__name__} is no (start, end, kind) within a text of {length} characters"
    )


def redact(report: pytest.TestReport, redactor: Redactor) -> None:
    """Take the secrets out of a report; where that cannot be done, all that it tells, and say why."""
    try:
        without_secrets(report, redactor)
    except LLMReplayError as error:
        report.outcome, report.longrepr = "failed", str(error)
        report.sections, report.user_properties = [], []
        report.__dict__.pop("llm_case", None)


def without_secrets(report: pytest.TestReport, redactor: Redactor) -> None:
    """Take the secrets out of a report: its failure, what the test printed, its properties and its figures."""
    report.longrepr = cleaned(report.longrepr, redactor)
    report.sections = [(title, printed(words, redactor)) for title, words in report.sections]
    report.user_properties = [(name, redactor.value(value)) for name, value in report.user_properties]
    if "wasxfail" in report.__dict__:
        report.__dict__["wasxfail"] = redactor.text(str(report.__dict__["wasxfail"]))
    if "llm_case" in report.__dict__:
        report.__dict__["llm_case"] = redactor.value(report.__dict__["llm_case"])


def cleaned(part: Any, redactor: Redactor) -> Any:
    """A part of a failure without secrets. pytest's own objects are changed in place."""
    if isinstance(part, str):
        return printed(part, redactor)
    if isinstance(part, list) and part and all(isinstance(each, str) for each in part):
        return lines(part, redactor)
    if isinstance(part, list):
        return [cleaned(each, redactor) for each in part]
    if isinstance(part, tuple):
        return tuple(cleaned(each, redactor) for each in part)
    if type(part).__module__ == OURS:
        for name, value in vars(part).items():
            setattr(part, name, cleaned(value, redactor))
    return part


def lines(part: list[str], redactor: Redactor) -> list[str]:
    """Lines without secrets, those that go over several lines included."""
    ended = all(each.endswith("\n") for each in part)
    whole = printed("".join(part) if ended else "\n".join(part), redactor)
    return whole.splitlines(keepends=True) if ended else whole.split("\n")


def printed(text: str, redactor: Redactor) -> str:
    """A text without secrets, those included that pretty-printing broke over lines."""

    def joined(found: re.Match[str]) -> str:
        whole = "".join(each[1].removeprefix("b")[1:-1] for each in PIECE.finditer(found[0]))
        clean = redactor.text(whole)
        return found[0] if clean == whole else f"'{clean}'"

    return redactor.text(BROKEN.sub(joined, text))


def redact_warnings(warnings: Sequence[Any], redactor: Redactor) -> None:
    """Take the secrets out of the warnings that are listed at the end of a run."""
    for each in warnings:
        each.message = printed(each.message, redactor)
