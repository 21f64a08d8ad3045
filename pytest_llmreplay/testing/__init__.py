"""The suite that every provider file passes, for those who write one. PYTEST_DONT_REWRITE

It needs hypothesis: ``pip install 'pytest-llmreplay[testing]'``. How to use it: docs/how-to/add-a-provider.md.
"""

from pytest_llmreplay.testing import conversations
from pytest_llmreplay.testing.conformance import Conformance
from pytest_llmreplay.testing.driver import Driver, Question, Seen, SeenChoice, Wire

__all__ = ["Conformance", "Driver", "Question", "Seen", "SeenChoice", "Wire", "conversations"]
