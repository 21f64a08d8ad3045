"""What of an item is printed, without its secrets: the one place through which its reports go. PYTEST_DONT_REWRITE"""

from typing import Any

import pytest

from pytest_llmreplay.redaction.redactor import Redactor

OURS = "_pytest._code.code"
"""Where pytest's own classes of failures lie."""


def redact(report: pytest.TestReport, redactor: Redactor) -> None:
    """Take the secrets out of a report: its failure, what the test printed, its properties and its figures."""
    report.longrepr = cleaned(report.longrepr, redactor)
    report.sections = [(title, redactor.text(words)) for title, words in report.sections]
    report.user_properties = [(name, redactor.value(value)) for name, value in report.user_properties]
    if "llm_case" in report.__dict__:
        report.__dict__["llm_case"] = redactor.value(report.__dict__["llm_case"])


def cleaned(part: Any, redactor: Redactor) -> Any:
    """A part of a failure without secrets. pytest's own objects are changed in place."""
    if isinstance(part, str):
        return redactor.text(part)
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
    whole = redactor.text("".join(part) if ended else "\n".join(part))
    return whole.splitlines(keepends=True) if ended else whole.split("\n")
