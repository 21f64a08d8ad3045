"""A production trace goes in, a deterministic test comes out. PYTEST_DONT_REWRITE"""

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pytest_llmreplay.replay.boundaries import answer, observe

llm_replay = pytest.mark.llm_replay
"""The marker of tests that replay traces: one item per trace."""

__all__ = ["answer", "llm_replay", "observe"]


def __getattr__(name: str) -> Any:
    """Names for ``patch``, imported when they are asked for."""
    if name in ("answer", "observe"):
        from pytest_llmreplay.replay import boundaries

        return getattr(boundaries, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
