"""What a reporter must be able to do. PYTEST_DONT_REWRITE"""

from typing import Protocol

from pytest_llmreplay.model.result import RunReport


class Reporter(Protocol):
    """One form of a report."""

    name: str
    """What stands before the colon of ``--llm-report FORMAT:PATH``."""

    def render(self, report: RunReport) -> str:
        """The whole file. Its text can be encoded as UTF-8: it holds no lone surrogate."""
