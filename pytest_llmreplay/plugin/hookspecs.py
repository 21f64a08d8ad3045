"""Hooks that a conftest or another plugin may implement. PYTEST_DONT_REWRITE"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pytest_llmreplay.model.result import CaseResult, RunReport
    from pytest_llmreplay.model.trace import Trace


@pytest.hookspec
def pytest_llm_evaluators(item: pytest.Item, trace: "Trace") -> Sequence[Any] | None:
    """Evaluators that judge this item besides those of its marker and its case file.

    What the marker takes: registered names, ``{name: arguments}``, evaluators, functions. The answers of all
    implementations are asked in the order of their registration; None adds nothing.
    """


@pytest.hookspec
def pytest_llm_redact(text: str) -> Sequence[tuple[int, int, str]] | None:
    """What is to be taken out of a text that is printed or written, besides what the rules find.

    Start and end in characters, and a word for what it is. The answers of all implementations are taken; the same text
    must always have the same answer, for live calls are held against recorded ones without it.
    """


@pytest.hookspec
def pytest_llm_case(item: pytest.Item, result: "CaseResult") -> None:
    """The figures of a case are known: its outcome, divergence, scores, tokens and cost. Called where the case ran."""


@pytest.hookspec
def pytest_llm_report(config: pytest.Config, report: "RunReport") -> None:
    """The whole run is known, before any report is written. Called once, under xdist on the controller."""
