"""``pytest --llm-review``: the values of the last run decided on, without a run. PYTEST_DONT_REWRITE"""

import sys
from typing import Any

import pytest

from pytest_llmreplay.errors import LLMReplayError
from pytest_llmreplay.plugin.configured import settings_of
from pytest_llmreplay.redaction.redactor import Redactor
from pytest_llmreplay.report.text import safe
from pytest_llmreplay.snapshots.pending import waiting
from pytest_llmreplay.snapshots.review import review as decide
from pytest_llmreplay.writing import Guard


def review(config: pytest.Config) -> int:
    """Ask at the terminal. Returns the exit status: 0, or 1 where something could not be written."""
    try:
        settings = settings_of(config)
    except LLMReplayError as error:
        raise pytest.UsageError(str(error)) from None
    found = waiting(config.rootpath)
    capture: Any = config.pluginmanager.getplugin("capturemanager")
    if capture is not None:
        capture.suspend_global_capture(in_=True)
    if not found:
        tell("no pending values; a run whose snapshots differ leaves some")
        return 0
    guard = Guard(Redactor(patterns=settings.redact), settings.allow_secrets)
    return 1 if decide(config.rootpath, found, ask, tell, guard) else 0


def ask(question: str) -> str:
    """Put a question at the terminal; raises EOFError at the end of the input."""
    tell(question, end="")
    line = sys.stdin.readline()
    if not line:
        tell("")
        raise EOFError
    return line


def tell(words: str, end: str = "\n") -> None:
    """Say something at the terminal."""
    sys.stdout.write(safe(words) + end)
    sys.stdout.flush()
