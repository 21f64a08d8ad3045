"""Pending values decided one by one, by whoever answers the questions. PYTEST_DONT_REWRITE"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeAlias

from pytest_llmreplay.compare.values import EXACTLY, short
from pytest_llmreplay.snapshots.difference import differences
from pytest_llmreplay.snapshots.pending import Pending, accept, reject
from pytest_llmreplay.snapshots.yamltext import written
from pytest_llmreplay.writing import Guard

Ask: TypeAlias = Callable[[str], str]
"""Puts a question and gives the answer; raises EOFError where nobody answers."""
Tell: TypeAlias = Callable[[str], None]
QUESTION = "(a)ccept  (r)eject  (s)kip  (A)ccept all of this kind  (d)iff  (q)uit  [s]: "
FEW = 5
"""Differences that are told before somebody asks for all."""


def review(root: Path, waiting: Sequence[Pending], ask: Ask, tell: Tell, guard: Guard) -> list[str]:
    """Ask of each pending value what becomes of it, and do it at once.

    Returns what could not be done, each in a line.
    """
    problems: list[str] = []
    counts = {"accepted": 0, "rejected": 0, "skipped": 0}
    left = list(waiting)
    while left:
        each = left.pop(0)
        tell(f"[{len(waiting) - len(left)}/{len(waiting)}] {each.id}  {each.name}  ({each.kind}, {each.file})")
        for line in brief(each):
            tell(f"  {line}")
        answer = answered(each, ask, tell)
        if answer == "q":
            counts["skipped"] += 1 + len(left)
            break
        alike = [other for other in left if answer == "A" and other.sort == each.sort]
        left = [other for other in left if other not in alike]
        if answer in ("a", "A"):
            failed = accept(root, [each, *alike], guard)
            problems += failed
            counts["accepted"] += 1 + len(alike) - len(failed)
        elif answer == "r":
            reject(root, [each])
            counts["rejected"] += 1
        else:
            counts["skipped"] += 1
    tell(", ".join(f"{count} {word}" for word, count in counts.items()))
    for line in problems:
        tell(line)
    return problems


def answered(pending: Pending, ask: Ask, tell: Tell) -> str:
    """The answer to one question; ``d`` shows more and asks again, whatever is none means skip, and silence quit."""
    while True:
        try:
            answer = ask(QUESTION).strip()
        except EOFError:
            return "q"
        if answer != "d":
            return answer if answer in ("a", "r", "A", "q") else "s"
        for line in whole(pending):
            tell(f"  {line}")


def brief(pending: Pending, more: str = "d") -> Iterator[str]:
    """What there is to decide, in a few lines; ``more`` says how to see all."""
    lines = list(whole(pending))
    yield from lines[:FEW]
    if len(lines) > FEW:
        yield f"… {len(lines) - FEW} more lines ({more})"


def whole(pending: Pending) -> Iterator[str]:
    """The new value, or all places where it differs."""
    if pending.kind == "new":
        first, *rest = written({"value": pending.new}).removeprefix("value:").rstrip("\n").split("\n")
        yield from ([first.strip()] if first.strip() else []) + rest
        return
    for each in differences(pending.old, pending.new, EXACTLY):
        yield each.path or "the value"
        yield f"  - {short(each.recorded, 200)}"
        yield f"  + {short(each.live, 200)}"
