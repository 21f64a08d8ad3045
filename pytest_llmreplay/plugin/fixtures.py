"""What the fixtures give. PYTEST_DONT_REWRITE"""

import pytest

from pytest_llmreplay.model.trace import Trace
from pytest_llmreplay.plugin.case import ActiveCase, current
from pytest_llmreplay.plugin.replay import Replay

TOO_LATE = (
    "an item for each trace is made at collection: name llm_trace or llm_replay as an argument of the test, "
    "or of a fixture that it names"
)


def case() -> ActiveCase:
    """The replay of the item that is set up now. Fails for a test that only asks for it when it runs already."""
    found = current()
    if found is None:
        pytest.fail(TOO_LATE, pytrace=False)
    return found


def trace() -> Trace:
    """The trace of the item that is set up now."""
    return case().trace


def replay() -> Replay:
    """The running replay of the item that is set up now."""
    return Replay(case())
