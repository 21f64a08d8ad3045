"""What the fixtures give. PYTEST_DONT_REWRITE"""

import pytest

from pytest_llmreplay.model.trace import Trace
from pytest_llmreplay.plugin.case import ActiveCase, current
from pytest_llmreplay.plugin.collect import NO_TRACES
from pytest_llmreplay.plugin.replay import Replay


def case() -> ActiveCase:
    """The replay of the item that is set up now; without one the test is skipped."""
    found = current()
    if found is None:
        pytest.skip(NO_TRACES)
    return found


def trace() -> Trace:
    """The trace of the item that is set up now."""
    return case().trace


def replay() -> Replay:
    """The running replay of the item that is set up now."""
    return Replay(case())
