"""Which traces the user means: ``--llm-select``. PYTEST_DONT_REWRITE

A condition holds for one trace by itself (``model=gpt-4o*``, ``latency>5s``), or thins out those that are left
(``dedupe=signature``, ``sample=50``), whatever the order in which they are given.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from operator import ge, gt, le, lt
from time import time
from typing import TYPE_CHECKING

from pytest_llmreplay.errors import MissingExtra, UsageProblem, nearest

if TYPE_CHECKING:
    from pytest_llmreplay.traces.catalog import Handle

EXPRESSION = re.compile(r"\s*(\w*)\s*(>=|<=|=|>|<)\s*(.*?)\s*\Z", re.DOTALL)
ORDERS: dict[str, Callable[[float, float], bool]] = {">": gt, "<": lt, ">=": ge, "<=": le}
UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|d|w)\Z")
NUMBER = re.compile(r"\$?(\d+(?:\.\d+)?)\Z")
STATUSES = ("ok", "error")
SIGNATURES = ("signature",)


@dataclass(frozen=True, slots=True)
class Selection:
    """One condition, as the user wrote it."""

    key: str
    pattern: str
    sign: str = "="

    def __str__(self) -> str:
        return f"{self.key}{self.sign}{self.pattern}"

    def matches(self, handle: "Handle") -> bool:
        """Whether a trace meets the condition by itself; one that thins out holds for each."""
        if self.key in PATTERNS:
            return PATTERNS[self.key](handle, self.pattern)
        if self.key in AMOUNTS:
            amount = AMOUNTS[self.key](handle)
            return amount is not None and ORDERS[self.sign](amount, quantity(self.key, self.pattern))
        return True


def selected(handles: Iterable["Handle"], selections: Sequence[Selection]) -> "list[Handle]":
    """The traces that meet all conditions, in their order: first one by one, then without doubles, then a sample."""
    found = [handle for handle in handles if all(each.matches(handle) for each in selections)]
    if any(each.key == "dedupe" for each in selections):
        from pytest_llmreplay.traces import signature

        first: dict[str, Handle] = {}
        for handle in found:
            first.setdefault(signature.of(handle.open().contents), handle)
        found = list(first.values())
    sizes = [int(each.pattern) for each in selections if each.key == "sample"]
    return sample(found, min(sizes)) if sizes else found


def sample(handles: "list[Handle]", size: int) -> "list[Handle]":
    """So many of the traces, in their order. A trace is in or out by its id: more traces change few of them."""
    chosen = sorted(handles, key=lambda each: hashlib.sha256(each.trace_id.encode()).digest())[:size]
    kept = {id(each) for each in chosen}
    return [each for each in handles if id(each) in kept]


def parse(expression: str, where: str = "--llm-select") -> Selection:
    """A condition from ``key=pattern`` or ``key>amount``. Raises UsageProblem, naming the nearest key."""
    found = EXPRESSION.match(expression)
    said = f"{where} {expression!r}:"
    if found is None or not found[1] or not found[3]:
        raise UsageProblem(f"{said} write KEY=PATTERN or KEY>AMOUNT, where KEY is one of {', '.join(KEYS)}")
    key, sign, pattern = found.groups()
    if key not in KEYS:
        raise UsageProblem(f"{said} no key {key!r} among {', '.join(KEYS)}{nearest(key, KEYS)}")
    if (sign == "=") == (key in AMOUNTS):
        example = f"{key}>{EXAMPLES[key]}" if key in AMOUNTS else f"{key}=…"
        raise UsageProblem(f"{said} write {example}")
    check(key, pattern, said)
    return Selection(key, pattern, sign)


def check(key: str, pattern: str, said: str) -> None:
    """Raise UsageProblem for a pattern that the key does not take."""
    words = {"status": STATUSES, "dedupe": SIGNATURES}.get(key)
    if words and pattern not in words:
        raise UsageProblem(f"{said} a {key} is {' or '.join(words)}{nearest(pattern, words)}")
    try:
        if key in AMOUNTS:
            quantity(key, pattern)
        elif key == "since":
            moment(pattern)
        elif key == "sample" and not (pattern.isdecimal() and int(pattern)):
            raise ValueError("write a number of traces, such as 50")
    except ValueError as error:
        raise UsageProblem(f"{said} {error}") from None


def quantity(key: str, text: str) -> float:
    """An amount: seconds for a latency, else the number. Raises ValueError."""
    if key == "latency":
        if (found := DURATION.match(text)) is None:
            raise ValueError("write a duration with its unit: 500ms, 5s, 2m, 1h")
        return float(found[1]) * UNITS[found[2]]
    if (number := NUMBER.match(text)) is None:
        raise ValueError("write a number")
    return float(number[1])


def moment(text: str) -> int:
    """The moment that a trace has to begin after, in nanoseconds: so long ago, or a date. Raises ValueError."""
    if found := DURATION.match(text):
        return int((time() - float(found[1]) * UNITS[found[2]]) * 1e9)
    try:
        day = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError("write a duration such as 7d, or a date such as 2026-11-18") from None
    return int((day if day.tzinfo else day.replace(tzinfo=UTC)).timestamp() * 1e9)


def by_trace(handle: "Handle", pattern: str) -> bool:
    """Whole trace id, its beginning, or a pattern."""
    wanted = pattern.lower()
    return handle.trace_id.startswith(wanted) or fnmatchcase(handle.trace_id, wanted)


def by_request(handle: "Handle", pattern: str) -> bool:
    """The application's request id."""
    return fnmatchcase(handle.request_id() or "", pattern)


def by_session(handle: "Handle", pattern: str) -> bool:
    """The conversation."""
    return fnmatchcase(handle.session_id() or "", pattern)


def by_name(handle: "Handle", pattern: str) -> bool:
    """The root span's name."""
    return fnmatchcase(handle.name, pattern)


def by_status(handle: "Handle", pattern: str) -> bool:
    """Whether the request failed."""
    return handle.status == pattern


def by_model(handle: "Handle", pattern: str) -> bool:
    """A model that was asked, or that answered."""
    steps = [step for step in handle.open().steps if step.asked_by_http]
    names = {name for step in steps for name in (step.call.model, step.answer.model) if name}
    return any(fnmatchcase(name, pattern) for name in names)


def by_tool(handle: "Handle", pattern: str) -> bool:
    """A tool or retriever that ran, or that a model called."""
    from pytest_llmreplay.traces.signature import tools_called

    steps = handle.open().steps
    called = {name for step in steps for name in tools_called(step)}
    ran = {name for step in steps if step.call.kind in ("tool", "retrieval") for name in step.names}
    return any(fnmatchcase(name, pattern) for name in called | ran)


def by_tag(handle: "Handle", pattern: str) -> bool:
    """A label given in production."""
    return any(fnmatchcase(tag, pattern) for tag in handle.open().tags)


def by_since(handle: "Handle", pattern: str) -> bool:
    """When the request began."""
    return handle.head.start >= moment(pattern)


def latency(handle: "Handle") -> float | None:
    """How long the request took, in seconds."""
    spans = [span for span in handle.open().spans if span.start_ns]
    return (max(span.end_ns for span in spans) - min(span.start_ns for span in spans)) / 1e9 if spans else None


def steps(handle: "Handle") -> float:
    """How many steps were recorded."""
    return len(handle.open().steps)


def tokens(handle: "Handle") -> float:
    """How many tokens went in and out."""
    used = [step.answer.usage for step in handle.open().steps if step.answer.usage]
    return sum((usage.input or 0) + (usage.output or 0) for usage in used)


def cost(handle: "Handle") -> float | None:
    """What the calls cost in US dollars, as far as their prices are known."""
    from pytest_llmreplay.evaluate.context import Exchange
    from pytest_llmreplay.evaluate.cost import installed, total

    if not installed():
        raise MissingExtra("a condition on cost", "genai-prices", "prices")
    return total(Exchange(step.call, step.answer, step) for step in handle.open().steps).known


PATTERNS: dict[str, Callable[["Handle", str], bool]] = {
    "trace": by_trace,
    "request": by_request,
    "session": by_session,
    "name": by_name,
    "status": by_status,
    "model": by_model,
    "tool": by_tool,
    "tag": by_tag,
    "since": by_since,
}
AMOUNTS: dict[str, Callable[["Handle"], float | None]] = {
    "latency": latency,
    "cost": cost,
    "tokens": tokens,
    "steps": steps,
}
EXAMPLES = {"latency": "5s", "cost": "0.02", "tokens": "4000", "steps": "10"}
THINNING = ("dedupe", "sample")
KEYS = (*PATTERNS, *AMOUNTS, *THINNING)
