"""What the fixture ``llm_snapshot`` gives: a value that equals what was approved. PYTEST_DONT_REWRITE"""

from collections.abc import Sequence
from typing import Any

import pytest

from pytest_llmreplay.errors import LLMReplayError
from pytest_llmreplay.model.recording import Recording
from pytest_llmreplay.plugin.approval import Approvals
from pytest_llmreplay.plugin.options import SNAPSHOTS
from pytest_llmreplay.snapshots.check import Check, check
from pytest_llmreplay.snapshots.normal import Rules, Way
from pytest_llmreplay.snapshots.projection import Part, projection
from pytest_llmreplay.snapshots.store import file_of


class ItemSnapshots:
    """The snapshots of one item: their names, and what came of each."""

    def __init__(self, item: pytest.Item) -> None:
        self.approvals = Approvals.of(item.config)
        self.file = file_of(item.path)
        self.base = item.nodeid.partition("::")[2] or item.name
        self.checks: list[Check] = []
        self.failed: Check | None = None
        """The check that an assertion failed for."""
        self._unnamed = 0

    @classmethod
    def of(cls, item: pytest.Item) -> "ItemSnapshots":
        """The snapshots of an item; made when they are first asked for."""
        if SNAPSHOTS not in item.stash:
            item.stash[SNAPSHOTS] = cls(item)
        return item.stash[SNAPSHOTS]

    def name(self, word: str | None) -> str:
        """The name of the next entry: the item's, with a word or a number behind."""
        found = self.next(word)
        self._unnamed += word is None
        return found

    def next(self, word: str | None) -> str:
        """The same, without taking it."""
        if word is not None:
            return f"{self.base} {word}"
        return self.base if self._unnamed == 0 else f"{self.base} {self._unnamed + 1}"

    def wanted(self, word: str | None) -> bool:
        """Whether the next entry was approved, or is to be written in this run."""
        settings = self.approvals.settings
        return settings.update != "none" or self.next(word) in self.approvals.entries(self.file).values

    def check(self, value: Any, word: str | None, rules: Rules) -> Check:
        """Hold a value against its entry. Fails the test where the file or the value cannot be used."""
        __tracebackhide__ = True
        approvals, problem = self.approvals, ""
        try:
            entries = approvals.entries(self.file)
            found = check(
                value, self.name(word), self.file, entries,
                redactor=approvals.redactor, rules=rules, update=approvals.settings.update,
            )  # fmt: skip
        except LLMReplayError as error:
            problem = str(error)
        if problem:
            pytest.fail(problem, pytrace=False)
        self.checks.append(found)
        return found


class Snapshot:
    """An approved value: ``assert value == llm_snapshot``. Called, it gives one with a name or with rules."""

    __hash__ = None  # type: ignore[assignment]
    __slots__ = ("_item", "_rules", "_word", "last")

    def __init__(self, item: ItemSnapshots, rules: Rules, word: str | None = None) -> None:
        self._item = item
        self._rules = rules
        self._word = word
        self.last: Check | None = None
        """What came of the last comparison."""

    def __call__(
        self, name: str | None = None, *, ignore: str | Sequence[str] = (), normalise: Way | Sequence[Way] = ()
    ) -> "Snapshot":
        """A snapshot with a name of its own, with paths left out, or with values made the same.

        ``normalise``: ``uuid``, ``date``, ``number=0.01``, ``number=1%``, or a function of the JSON value. Raises
        UsageProblem.
        """
        ignored = (ignore,) if isinstance(ignore, str) else ignore
        ways = (normalise,) if isinstance(normalise, str) or callable(normalise) else normalise
        return Snapshot(self._item, self._rules.with_more(ignored, ways), name)

    def __eq__(self, value: object) -> bool:
        __tracebackhide__ = True
        self.last = self._item.check(value, self._word, self._rules)
        return self.last.passed

    def __repr__(self) -> str:
        return f"<snapshot {self.last.name if self.last else self._item.base}>"

    def failed(self) -> list[str]:
        """The lines by which pytest explains a failed comparison; the whole text is made for the report."""
        self._item.failed = self.last
        return [headline(self.last)] if self.last else []


def headline(found: Check) -> str:
    """What came of a check, in a line."""
    if found.state == "missing":
        return f"no snapshot {found.name!r} in {found.file.parent.name}/{found.file.name}"
    paths = ", ".join(dict.fromkeys(each.path or "the value" for each in found.differences[:3]))
    more = f" and {len(found.differences) - 3} more" if len(found.differences) > 3 else ""
    return f"differs from the snapshot: {paths}{more}"


def check_run(item: pytest.Item, recording: Recording, output: Any, parts: Sequence[Part] = ("output",)) -> Check:
    """Hold a run against its snapshot: its output and, if wanted, what it asked on the way.

    The entry is named after the item, with the parts behind it. ``mismatch.lines`` is the text of a check that failed;
    what is new or changed waits, or is written, as with ``llm_snapshot``.
    """
    __tracebackhide__ = True
    found = ItemSnapshots.of(item)
    value = projection(recording, output, parts)
    result = found.check(value, word_of(parts), found.approvals.rules)
    found.failed = None if result.passed else result
    return result


def word_of(parts: Sequence[Part]) -> str | None:
    """What stands behind an entry's name for the parts of a run."""
    return None if tuple(parts) == ("output",) else " ".join(parts)


def snapshot(item: pytest.Item) -> Snapshot:
    """The snapshot of an item."""
    found = ItemSnapshots.of(item)
    return Snapshot(found, found.approvals.rules)
