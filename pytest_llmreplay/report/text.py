"""Text from outside, made fit for a terminal: no control characters, no endless lines. PYTEST_DONT_REWRITE"""

import re
from collections.abc import Iterator
from typing import Any

from pytest_llmreplay.model.jsonvalue import JSON

CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
LONE = re.compile("[\ud800-\udfff]")
WIDTH = 100
BEFORE = 30
"""Characters shown before the first difference of a long line."""


def safe(text: str) -> str:
    """The text with control characters, direction marks and lone surrogates as visible escapes.

    What a CI server would obey in a log is broken up: ``::error`` at the beginning of a line, ``##[error]`` and
    ``##vso[`` anywhere.
    """
    escaped = CONTROL.sub(lambda found: f"\\x{ord(found[0]):02x}", text.replace("\t", "    "))
    escaped = escaped.replace("##[", "#\u200b#[").replace("##vso[", "#\u200b#vso[")
    return escaped.replace("::", ":\u200b:") if escaped.lstrip().startswith("::") else escaped


def encodable(value: Any) -> Any:
    """Plain data in which lone surrogates are visible escapes, for no worker can send them."""
    if isinstance(value, str):
        return value if value.isascii() else LONE.sub(lambda found: f"\\u{ord(found[0]):04x}", value)
    if isinstance(value, dict):
        return {encodable(name): encodable(each) for name, each in value.items()}
    return [encodable(each) for each in value] if isinstance(value, list | tuple) else value


def shortened(text: str, width: int = WIDTH) -> str:
    """The beginning of a text on one line."""
    line = safe(text.replace("\n", "\\n"))
    return line if len(line) <= width else line[: width - 1] + "…"


def shown(value: JSON) -> str:
    """A value on a line of its own."""
    import json

    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def line_diff(old: str, new: str, *, whole: bool = False) -> Iterator[str]:
    """Lines of a diff: ``- `` recorded, ``+ `` live, ``  `` for what stands around them, ``…`` for what is left out.

    ``whole`` leaves nothing out of what is equal.
    """
    from difflib import SequenceMatcher

    a, b = old.split("\n"), new.split("\n")
    last = len(a)
    for op, i1, i2, j1, j2 in SequenceMatcher(None, a, b, autojunk=len(a) + len(b) > 2000).get_opcodes():
        if op == "equal":
            yield from (
                (f"  {cut(each, 0)}" for each in a[i1:i2])
                if whole
                else around(a[i1:i2], first=i1 == 0, last=i2 == last)
            )
            continue
        pairs = min(i2 - i1, j2 - j1)
        for x, y in zip(a[i1 : i1 + pairs], b[j1 : j1 + pairs], strict=True):
            start = window(x, y)
            yield "- " + cut(x, start)
            yield "+ " + cut(y, start)
        yield from ("- " + cut(each, 0) for each in a[i1 + pairs : i2])
        yield from ("+ " + cut(each, 0) for each in b[j1 + pairs : j2])


def around(lines: list[str], *, first: bool, last: bool) -> Iterator[str]:
    """One line of what is equal before a change and one after it."""
    before = [] if first else lines[:1]
    after = [] if last else lines[-1:]
    if len(lines) <= len(before) + len(after):
        yield from ("  " + cut(each, 0) for each in (lines if before or after else []))
        return
    yield from ("  " + cut(each, 0) for each in before)
    yield "  …"
    yield from ("  " + cut(each, 0) for each in after)


def window(x: str, y: str) -> int:
    """Where to begin to show two long lines, so that their first difference is seen."""
    if max(len(x), len(y)) <= WIDTH:
        return 0
    same = next((index for index, (a, b) in enumerate(zip(x, y, strict=False)) if a != b), min(len(x), len(y)))
    return max(0, same - BEFORE)


def cut(line: str, start: int) -> str:
    """A part of a line, with marks where something is left out."""
    head = "…" if start else ""
    return head + shortened(line[start:], WIDTH - len(head))
