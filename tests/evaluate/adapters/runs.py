"""A run that retrieved a document, for evaluators of other libraries."""

import os
from importlib import import_module
from typing import Any

import pytest

from pytest_llmreplay.evaluate.protocol import Evaluator
from pytest_llmreplay.model.call import Answer, Arguments, Call, Returned
from pytest_llmreplay.model.evaluation import Evaluation
from tests.builders import step
from tests.evaluate.judging import judge

REQUIRED = os.environ.get("REQUIRED_ADAPTERS", "").split()
"""Libraries that must be there, so that a missing one fails where it would be skipped: what CI has installed."""

RETRIEVED = step(
    Call(kind="retrieval", model="search"), Answer(returned=Returned([{"id": "refund", "text": "You have 14 days."}]))
)


def library(module: str) -> Any:
    """A module of a library of evaluators; its tests are skipped where that is not installed, and not required."""
    if module.partition(".")[0] in REQUIRED:
        return import_module(module)
    return pytest.importorskip(module, exc_type=ImportError)


def asked(evaluator: Evaluator, **more: Any) -> Evaluation:
    """The judgement of an answer to a question, out of one document."""
    values = {"output": "14 days.", "recorded": "You have 14 days.", **more}
    return judge(evaluator, RETRIEVED, arguments=Arguments(named={"question": "How long?"}), **values)
