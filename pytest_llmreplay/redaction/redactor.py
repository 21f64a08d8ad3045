"""Takes secrets out of values and texts, and looks for what was left. PYTEST_DONT_REWRITE

A secret is replaced by ``[redacted:kind:xxxx]``: what it was, and four hexadecimal digits of a keyed hash of it. So
equal secrets stay equal and different ones (but for one pair in 65,536) different, and a live call that holds a secret
equals the recorded call that held the same one, once it has been redacted with the same salt. The salt stands in the
file. What is redacted already stays as it is.
"""

import dataclasses
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from functools import cache
from hashlib import blake2b
from typing import Any, TypeVar

from pytest_llmreplay.errors import UsageProblem
from pytest_llmreplay.redaction.checks import is_card, is_value, is_weakly_named, mixed
from pytest_llmreplay.redaction.context import CONTEXT
from pytest_llmreplay.redaction.names import graded
from pytest_llmreplay.redaction.protocol import Finder, Found
from pytest_llmreplay.redaction.tokens import TOKENS

T = TypeVar("T")
MARK = re.compile(r"\[redacted:[a-z0-9-]{1,80}:[0-9a-f]{4}\]")
SCHEME = re.compile(r"(?i)(?:bearer|basic|token|apikey|bot|ssws)\s+")
SECRET_NAMES = re.compile(r"(?i)(?:_|\A)(?:API_?KEY|KEY|TOKEN|SECRET|PASSWORD|PASSWD|PWD|CREDENTIALS?)\Z")
PLACES = frozenset({"PWD", "OLDPWD"})
"""Variables in which a shell keeps where it is: names of secrets elsewhere, and no secret here."""
LONGEST_PATTERN = 500
"""Characters of a pattern that the user may give."""
SLICE = 10_000
"""Characters of a text that a user's pattern sees at once: what it costs, if it is a bad one, is bounded thereby."""
SHORTEST_BLOB = 2_000
BLOB = re.compile(r"[A-Za-z0-9+/=]{2000,}")
"""An image or other data in base64, in which any look of a secret is chance."""
NAMED = (("key", "value"), ("name", "value"), ("header", "value"), ("Key", "Value"), ("Name", "Value"))
"""Members by which objects give a name and its value."""
WRAPPERS = frozenset({"value", "Value", "stringValue", "arrayValue", "values"})
"""The one member of an object that only holds a value, as in OTLP."""


@dataclasses.dataclass(frozen=True, slots=True)
class Hit:
    """A secret that was found: its kind and where it stands. Its value is not told."""

    kind: str
    offset: int
    """In characters from the beginning, or in bytes where bytes were scanned."""
    line: int

    def __str__(self) -> str:
        return f"{self.kind} in line {self.line}"


class Exact:
    """Values that are secret wherever they stand: those of the process environment."""

    def __init__(self, values: Iterable[str]) -> None:
        self._values = sorted({form for value in values for form in spellings(value)}, key=len, reverse=True)

    def find(self, text: str, lowered: str) -> Iterator[Found]:
        """Each place of each value."""
        for value in self._values:
            at = text.find(value)
            while at >= 0:
                yield Found(at, at + len(value), "environment")
                at = text.find(value, at + len(value))


class Pattern:
    """A regular expression of the user's."""

    def __init__(self, pattern: re.Pattern[str]) -> None:
        self._pattern = pattern

    def find(self, text: str, lowered: str) -> Iterator[Found]:
        """All that the first group, or the pattern without one, matches; the text is looked at in slices."""
        group = 1 if self._pattern.groups else 0
        for begin, end in slices(text):
            for found in self._pattern.finditer(text, begin, end):
                if found.start(group) < found.end(group):
                    yield Found(found.start(group), found.end(group), "custom")


class Redactor:
    """Redacts with one salt and one set of rules. ``patterns`` are the user's, ``finders`` other tools'.

    Other tools are asked for texts, not for the bytes of a file: what they find there depends on all around it.
    """

    def __init__(
        self,
        salt: str = "",
        *,
        patterns: Sequence[re.Pattern[str]] = (),
        finders: Sequence[Finder] = (),
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.salt = salt
        self._key = salt.encode("utf-8", "surrogatepass")[:64]
        exact = Exact(secret_values(os.environ if environment is None else environment))
        own = [Pattern(each) for each in patterns]
        self._literal: Sequence[Finder] = (exact, *own)
        self._finders: Sequence[Finder] = [*TOKENS, *CONTEXT]
        self._others = tuple(finders)

    def salted(self, salt: str) -> "Redactor":
        """The same rules with another salt."""
        other = copy(self)
        other.salt, other._key = salt, salt.encode("utf-8", "surrogatepass")[:64]
        return other

    def alone(self) -> "Redactor":
        """The same without other tools: for what is the machine's, and nobody's personal data."""
        other = copy(self)
        other._others = ()
        return other

    def text(self, text: str) -> str:
        """The text with each secret replaced."""
        while found := self.find(text):  # once more where what stands beside a mark is seen only now
            out, last = [], 0
            for each in found:
                out += [text[last : each.start], self.mark(each.kind, text[each.start : each.end])]
                last = each.end
            text = "".join([*out, text[last:]])
        return text

    def value(self, value: T, name: str = "") -> T:
        """A JSON value, a dataclass of ours, or any nest of these, with each secret replaced.

        ``name`` is the name under which it stands: of a header, a member, an attribute. Containers are new where
        something in them changed, and the same object where nothing did.
        """
        out: Any = self._value(value, name)
        changed: T = out
        return changed

    def scan(self, data: bytes | str) -> list[Hit]:
        """What of secrets stands in the bytes (UTF-8) or the text of a file: kinds and places, not values."""
        text = data if isinstance(data, str) else data.decode("utf-8", "surrogateescape")
        hits = []
        for each in self._find(text, self._finders):
            before = text[: each.start]
            offset = len(before) if isinstance(data, str) else len(before.encode("utf-8", "surrogateescape"))
            hits.append(Hit(each.kind, offset, before.count("\n") + 1))
        return hits

    def find(self, text: str) -> list[Found]:
        """Where secrets stand, in order and without overlaps; where rules overlap, the earlier rule says the kind."""
        return self._find(text, (*self._finders, *self._others))

    def _find(self, text: str, finders: Sequence[Finder]) -> list[Found]:
        if len(text) < 4:
            return []
        found = [each for finder in self._literal for each in finder.find(text, "")]
        plain = BLOB.sub(blank, text) if len(text) > SHORTEST_BLOB else text
        lowered = plain.lower()
        if len(lowered) != len(plain):  # a letter that is two in lower case
            lowered = "".join(each.lower()[:1] for each in plain)
        found += [each for finder in finders for each in finder.find(plain, lowered)]
        if not found:
            return []
        marks = [mark.span() for mark in MARK.finditer(text)] if "[redacted:" in text else []
        fresh = [each for each in found if not any(each.start < end and start < each.end for start, end in marks)]
        return united(fresh)

    def mark(self, kind: str, secret: str) -> str:
        """What stands for a secret."""
        digest = blake2b(secret.encode("utf-8", "surrogatepass"), key=self._key, digest_size=2).hexdigest()
        return f"[redacted:{kind}:{digest}]"

    def _value(self, value: Any, name: str) -> Any:
        if isinstance(value, str):
            return self._string(value, name)
        if isinstance(value, bool) or value is None:
            return value
        if isinstance(value, int | float):
            return self._number(value, name)
        if isinstance(value, Mapping):
            return self._mapping(value, name)
        if isinstance(value, list | tuple):
            return self._sequence(value, name)
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            fields = {each.name: getattr(value, each.name) for each in dataclasses.fields(value) if each.init}
            changed = {field: new for field, old in fields.items() if (new := self._value(old, "")) is not old}
            return dataclasses.replace(value, **changed) if changed else value
        return value

    def _string(self, value: str, name: str) -> str:
        cleaned = self.text(value)
        grade, kind = graded(name) if name else ("", "")
        if not grade or not value or MARK.fullmatch(SCHEME.sub("", cleaned, count=1)):
            return cleaned
        if grade == "weak" and (cleaned != value or "[redacted:" in value or not is_weakly_named(value, kind)):
            return cleaned
        if not is_value(value):
            return cleaned
        return self.mark(kind, value)

    def _number(self, value: float, name: str) -> Any:
        grade, kind = graded(name) if name else ("", "")
        if grade == "strong":
            return self.mark(kind, str(value))
        return self.mark("card", str(value)) if isinstance(value, int) and is_card(str(value)) else value

    def _mapping(self, value: Mapping[Any, Any], above: str) -> Any:
        out = {}
        same = True
        names = next((pair for pair in NAMED if isinstance(value.get(pair[0]), str) and pair[1] in value), None)
        wraps = len(value) == 1 and next(iter(value)) in WRAPPERS
        for key, old in value.items():
            own = key if isinstance(key, str) else ""
            new = self._value(old, above if wraps else value[names[0]] if names and key == names[1] else own)
            clean = self.text(key) if isinstance(key, str) else key
            same = same and new is old and clean is key
            out[clean] = new
        return value if same or out == value else out

    def _sequence(self, value: Sequence[Any], name: str) -> Any:
        if len(value) == 2 and isinstance(value[0], str) and isinstance(value[1], str) and graded(value[0])[0]:
            new: list[Any] = [value[0], self._value(value[1], value[0])]
        else:
            new = [self._value(each, name) for each in value]
        if all(a is b for a, b in zip(new, value, strict=True)):
            return value
        made: Any = type(value)
        return made(*new) if hasattr(value, "_fields") else made(new)


@cache
def redactor() -> Redactor:
    """The one without salt and without rules of the user's."""
    return Redactor()


def blank(found: re.Match[str]) -> str:
    """As many spaces."""
    return " " * len(found[0])


def united(found: Sequence[Found]) -> list[Found]:
    """Places without overlaps, in order; where some overlap, all that they cover, under the kind of the first given."""
    out: list[tuple[int, Found]] = []
    for rank, each in sorted(enumerate(found), key=lambda pair: (pair[1].start, pair[0])):
        if out and each.start < out[-1][1].end:
            best, last = out[-1]
            kind = each.kind if rank < best else last.kind
            out[-1] = min(rank, best), Found(last.start, max(last.end, each.end), kind)
        else:
            out.append((rank, each))
    return [each for _, each in out]


def slices(text: str) -> Iterator[tuple[int, int]]:
    """Where to cut a long text: at the ends of lines where there are any."""
    begin = 0
    while begin < len(text):
        end = min(len(text), begin + SLICE)
        if end < len(text):
            end = max(text.rfind("\n", begin, end) + 1, 0) or end
        yield begin, end
        begin = end


def spellings(value: str) -> Iterator[str]:
    """How a value may be written: as it is, inside a JSON string, and in a URL."""
    import json
    from urllib.parse import quote

    yield value
    yield json.dumps(value)[1:-1]
    yield json.dumps(value, ensure_ascii=False)[1:-1]
    yield quote(value, safe="")


def secret_values(environment: Mapping[str, str]) -> Iterator[str]:
    """Values of variables whose names tell that they are secret; not those that are too short or plain words."""
    for name, value in environment.items():
        if name in PLACES or not SECRET_NAMES.search(name) or "llmreplay" in value or not is_value(value):
            continue
        if len(value) >= 10 or (len(value) >= 6 and (mixed(value) or not value.isalnum())):
            yield value


def compiled(patterns: Iterable[str], source: str) -> tuple[re.Pattern[str], ...]:
    """The user's patterns. Raises UsageProblem for one that is too long, does not compile or matches nothing at all."""
    out = []
    for pattern in patterns:
        if len(pattern) > LONGEST_PATTERN:
            raise UsageProblem(f"{source}: a pattern of {len(pattern)} characters; at most {LONGEST_PATTERN}")
        try:
            made = re.compile(pattern)
        except re.error as error:
            raise UsageProblem(f"{source}: {pattern!r} is no regular expression: {error}") from None
        if made.match(""):
            raise UsageProblem(f"{source}: {pattern!r} matches the empty text, and so everything")
        out.append(made)
    return tuple(out)
