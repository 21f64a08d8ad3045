"""Newline-delimited JSON: one JSON value a line. PYTEST_DONT_REWRITE

Source: the NDJSON specification.
"""

from collections.abc import Iterator
from typing import Any

from pytest_llmreplay.providers import _sse


def line(value: Any) -> bytes:
    """One line."""
    return _sse.encode(value) + b"\n"


def lines(body: bytes) -> Iterator[Any]:
    """The values of a body; empty lines are passed over. Raises ValueError for a line that is not JSON."""
    return (_sse.decode(each) for each in body.splitlines() if each.strip())
