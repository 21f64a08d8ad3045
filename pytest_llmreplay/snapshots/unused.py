"""Approved values that no test asked for. PYTEST_DONT_REWRITE"""

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Ran:
    """What became of one module's items."""

    passed: frozenset[str] = frozenset()
    """Names of items that ran to their end and passed."""
    others: frozenset[str] = frozenset()
    """Names of items that failed, were skipped, or did not run."""
    used: frozenset[str] = frozenset()
    """Entries that were asked for."""
    whole: bool = False
    """Whether all items that the module has were to run: nothing was deselected, and no single one was asked for."""


@dataclass(slots=True)
class Tally:
    """What is counted of one module while its reports come in."""

    collected: set[str] = field(default_factory=set)
    passed: set[str] = field(default_factory=set)
    bad: set[str] = field(default_factory=set)
    used: set[str] = field(default_factory=set)

    def ran(self, *, whole: bool) -> Ran:
        """The final count."""
        passed = frozenset(self.passed - self.bad)
        return Ran(passed, frozenset((self.collected | self.bad) - passed), frozenset(self.used), whole)


def unused(entries: Iterable[str], ran: Ran) -> list[str]:
    """The entries that no test asked for.

    Of an item that did not pass nothing is said: it may have ended before it asked. Of an item that does not exist
    something is said only if the whole module was to run.
    """
    return [name for name in entries if name not in ran.used and is_unused(name, ran)]


def is_unused(name: str, ran: Ran) -> bool:
    """Whether an entry that was not asked for would have been."""
    if owner(name, ran.others) is not None:
        return False
    return owner(name, ran.passed) is not None or ran.whole


def owner(entry: str, items: Set[str]) -> str | None:
    """The item that an entry belongs to: the entry is named after it, and may have a number or a word behind."""
    while entry not in items:
        entry, space, _ = entry.rpartition(" ")
        if not space:
            return None
    return entry


def by_file(found: Mapping[Path, list[str]]) -> str:
    """How many there are, in words."""
    count, files = sum(map(len, found.values())), len(found)
    return f"{count} unused snapshot{'s' * (count != 1)} in {files} file{'s' * (files != 1)}"
