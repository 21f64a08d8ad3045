"""A production trace goes in, a deterministic test comes out. PYTEST_DONT_REWRITE

Names are imported when they are asked for: production imports ``pytest_llmreplay.capture``, and has no pytest.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pytest

    from pytest_llmreplay.replay.boundaries import answer, observe

    llm_replay: pytest.MarkDecorator
    """The marker of tests that replay traces: one item per trace."""

__all__ = ["answer", "llm_replay", "observe"]


def __getattr__(name: str) -> Any:
    """The marker, and the names for ``patch``."""
    if name == "llm_replay":
        import pytest

        return pytest.mark.llm_replay
    if name in ("answer", "observe"):
        from pytest_llmreplay.replay import boundaries

        return getattr(boundaries, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
