"""Texts that mean the same made the same, whatever the language. PYTEST_DONT_REWRITE"""

import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeAlias

from pytest_llmreplay.errors import nearest

Ways: TypeAlias = bool | str | Sequence[str]
"""``True`` for all ways, or the names of some."""


def unicode(text: str) -> str:
    """Compatibility form (NFKC): ligatures, full-width letters, no-break blanks; without marks that nobody sees."""
    return "".join(each for each in unicodedata.normalize("NFKC", text) if unicodedata.category(each) != "Cf")


def case(text: str) -> str:
    """Folded case (Unicode 15, 3.13): ``STRASSE`` and ``straße`` are the same."""
    return unicodedata.normalize("NFC", text.casefold())


def punctuation(text: str) -> str:
    """Marks taken out, but for those within a number and the sign before one."""
    padded = f" {text} "
    kept = (
        here if not unicodedata.category(here).startswith("P") or part_of_number(before, here, after) else " "
        for before, here, after in zip(padded, padded[1:], padded[2:], strict=False)
    )
    return space("".join(kept))


def part_of_number(before: str, here: str, after: str) -> bool:
    """Whether a mark belongs to a number: ``1,000.50``, ``12:30``, ``-5``."""
    return after.isdigit() and (before.isdigit() or (here == "-" and before.isspace()))


def space(text: str) -> str:
    """Blanks of all kinds as one, and none at the ends."""
    return " ".join(text.split())


WAYS: Mapping[str, Callable[[str], str]] = {
    "unicode": unicode,
    "case": case,
    "punctuation": punctuation,
    "space": space,
}
"""In the order in which they are done."""


def checked(ways: Ways) -> tuple[str, ...]:
    """The names of the ways that are meant. Raises ValueError for one that does not exist."""
    if isinstance(ways, bool):
        return tuple(WAYS) if ways else ()
    names = (ways,) if isinstance(ways, str) else tuple(ways)
    for name in names:
        if name not in WAYS:
            raise ValueError(f"normalise has no {name!r}{nearest(str(name), list(WAYS))}; it has {', '.join(WAYS)}")
    return tuple(name for name in WAYS if name in names)


def normal(text: str, names: Iterable[str]) -> str:
    """A text in its normal form."""
    for name in names:
        text = WAYS[name](text)
    return text
