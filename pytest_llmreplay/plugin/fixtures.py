"""What the fixtures give. PYTEST_DONT_REWRITE"""

import pytest

from pytest_llmreplay.model.trace import Trace
from pytest_llmreplay.plugin.case import ActiveCase, Replay
from pytest_llmreplay.plugin.collect import NO_TRACES
from pytest_llmreplay.plugin.options import CASE


def case_of(request: pytest.FixtureRequest) -> ActiveCase:
    """The replay of the requesting item; without one the test is skipped."""
    if CASE not in request.node.stash:
        pytest.skip(NO_TRACES)
    case: ActiveCase = request.node.stash[CASE]
    return case


def trace(request: pytest.FixtureRequest) -> Trace:
    """The trace of the requesting item."""
    return case_of(request).trace


def replay(request: pytest.FixtureRequest) -> Replay:
    """The running replay of the requesting item."""
    return Replay(case_of(request))
