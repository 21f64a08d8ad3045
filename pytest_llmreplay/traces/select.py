"""Which traces the user means: ``--llm-select``. PYTEST_DONT_REWRITE"""

from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from pytest_llmreplay.errors import UsageProblem, nearest

if TYPE_CHECKING:
    from pytest_llmreplay.traces.catalog import Handle

KEYS = ("trace", "request", "name", "status")


@dataclass(frozen=True, slots=True)
class Selection:
    """One condition, as the user wrote it."""

    key: str
    pattern: str

    def __str__(self) -> str:
        return f"{self.key}={self.pattern}"

    def matches(self, handle: "Handle") -> bool:
        """Whether a trace meets the condition."""
        return TESTS[self.key](handle, self.pattern)


def parse(expression: str, where: str = "--llm-select") -> Selection:
    """A condition from ``key=pattern``. Raises UsageProblem, naming the nearest key."""
    key, sign, pattern = expression.partition("=")
    key, pattern = key.strip(), pattern.strip()
    if not sign or not pattern:
        raise UsageProblem(f"{where} {expression!r}: write KEY=PATTERN, where KEY is one of {', '.join(KEYS)}")
    if key not in TESTS:
        raise UsageProblem(f"{where} {expression!r}: no key {key!r} among {', '.join(KEYS)}{nearest(key, KEYS)}")
    if key == "status" and pattern not in ("ok", "error"):
        raise UsageProblem(f"{where} {expression!r}: a status is ok or error{nearest(pattern, ('ok', 'error'))}")
    return Selection(key, pattern)


def by_trace(handle: "Handle", pattern: str) -> bool:
    """Whole trace id, its beginning, or a pattern."""
    wanted = pattern.lower()
    return handle.trace_id.startswith(wanted) or fnmatchcase(handle.trace_id, wanted)


def by_request(handle: "Handle", pattern: str) -> bool:
    """The application's request id."""
    return fnmatchcase(handle.request_id() or "", pattern)


def by_name(handle: "Handle", pattern: str) -> bool:
    """The root span's name."""
    return fnmatchcase(handle.name, pattern)


def by_status(handle: "Handle", pattern: str) -> bool:
    """Whether the request failed."""
    return handle.status == pattern


TESTS: dict[str, Callable[["Handle", str], bool]] = {
    "trace": by_trace,
    "request": by_request,
    "name": by_name,
    "status": by_status,
}
