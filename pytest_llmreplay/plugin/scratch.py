"""A test without traces: in record mode it makes one, and from then on it replays it. PYTEST_DONT_REWRITE"""

import hashlib
from pathlib import Path

import pytest

from pytest_llmreplay.model.trace import Contents, Trace
from pytest_llmreplay.plugin.options import CASE_FILE
from pytest_llmreplay.snapshots.recorded import new_contents

FOLDER = "__llm__"


class NewCase:
    """A trace that is yet to be recorded, named after its test."""

    __slots__ = ("name", "trace_id")

    def __init__(self, node: pytest.Item) -> None:
        self.name = node.name
        self.trace_id = id_of(node)

    def __repr__(self) -> str:
        return f"<new trace {self.trace_id[:12]}>"

    @property
    def slug(self) -> str:
        """The readable part of a test id."""
        return self.name

    def turns(self) -> tuple[Trace, ...]:
        """The trace alone."""
        return (self.open(),)

    def open(self) -> Trace:
        """A trace without steps."""
        return Trace(self.trace_id, f"{self.name}:0", self.contents)

    def contents(self) -> Contents:
        """Nothing but a name."""
        return new_contents(self.trace_id, self.name)


def id_of(node: pytest.Item) -> str:
    """The trace id of a test's own case: the same in every run."""
    return hashlib.sha256(node.nodeid.encode("utf-8", "replace")).hexdigest()[:32]


def own_case(node: pytest.Item) -> Path | None:
    """The case file that a test recorded earlier, or None."""
    folder = node.path.parent / FOLDER
    if not folder.is_dir():
        return None
    words = f"  id: {id_of(node)}".encode()
    quoted = f"  id: '{id_of(node)}'".encode()
    paths = sorted(folder.glob(f"*{CASE_FILE}"))
    return next((path for path in paths if words in (data := path.read_bytes()) or quoted in data), None)
