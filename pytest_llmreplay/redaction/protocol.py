"""What a rule is, and what it finds. PYTEST_DONT_REWRITE"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Found:
    """A secret in a text, from ``start`` to ``end`` in characters."""

    start: int
    end: int
    kind: str


class Finder(Protocol):
    """Finds secrets in a text. Adapters of other tools are finders, too."""

    def find(self, text: str, lowered: str) -> Iterator[Found]:
        """All that it takes for secrets; ``lowered`` is the text in lower case."""


def anything(_: str) -> bool:
    """The check of a rule that needs none."""
    return True


@dataclass(frozen=True, slots=True)
class Rule:
    """A pattern for one kind of secret. Its first group is the secret, or all of it where it has no group."""

    kind: str
    words: tuple[str, ...]
    """Lower-case words of which one stands in each text that the pattern can match; none: it may match any."""
    pattern: re.Pattern[str]
    check: Callable[[str], bool] = anything
    """Whether what was matched is a secret."""
    apart: bool = False
    """Whether it begins where a word does."""

    def find(self, text: str, lowered: str) -> Iterator[Found]:
        """All that the pattern matches and the check confirms."""
        if self.words and not any(word in lowered for word in self.words):
            return
        group = 1 if self.pattern.groups else 0
        found = self.pattern.search(text)
        while found:
            start, end = found.span(group)
            apart = not self.apart or begins(text, start)
            if apart and start < end and self.check(found[group]):
                yield Found(start, end, self.kind)
            found = self.pattern.search(text, found.end() if apart else found.start() + 1)


def begins(text: str, start: int) -> bool:
    """Whether a token may begin here: behind no letter or digit, or behind an escape in JSON or in a URL."""
    before = text[max(0, start - 3) : start]
    return not before[-1:].isalnum() or ESCAPE.search(before) is not None


ESCAPE = re.compile(r"(?:\\[nrtbf]|%[0-9A-Fa-f]{2})\Z")
