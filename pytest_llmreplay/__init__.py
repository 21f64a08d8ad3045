"""A production trace goes in, a deterministic test comes out. PYTEST_DONT_REWRITE"""

import pytest

llm_replay = pytest.mark.llm_replay
"""The marker of tests that replay traces: one item per trace."""

__all__ = ["llm_replay"]
