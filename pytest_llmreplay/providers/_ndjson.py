"""Newline-delimited JSON: one JSON value a line. PYTEST_DONT_REWRITE

Source: the NDJSON specification.
"""

from collections.abc import Iterator
from typing import Any

from pytest_llmreplay.providers import _body

BREAKS = {each.encode(): f"\\u{ord(each):04x}".encode() for each in "\x85\u2028\u2029"}
"""Characters at which httpx ends a line as well; within JSON they can only stand in a text."""


def line(value: Any) -> bytes:
    """One line, also for readers who end lines at every line break of Unicode."""
    data = _body.encode(value)
    for plain, escaped in BREAKS.items():
        data = data.replace(plain, escaped)
    return data + b"\n"


def lines(body: bytes) -> Iterator[Any]:
    """The values of a body; empty lines are passed over. Raises ValueError for a line that is not JSON."""
    return (_body.decode(each) for each in body.splitlines() if each.strip())
