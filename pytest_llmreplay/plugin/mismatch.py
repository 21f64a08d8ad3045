"""The text of an item whose value is not the approved one. PYTEST_DONT_REWRITE"""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from pytest_llmreplay.plugin.approval import told
from pytest_llmreplay.plugin.approved import NAME
from pytest_llmreplay.plugin.judging import Unsatisfied
from pytest_llmreplay.plugin.options import SNAPSHOTS
from pytest_llmreplay.plugin.outcome import native
from pytest_llmreplay.plugin.snapshot import ItemSnapshots, headline
from pytest_llmreplay.report.divergence import Detail, difference_lines
from pytest_llmreplay.report.text import safe, shortened
from pytest_llmreplay.snapshots.check import Check
from pytest_llmreplay.snapshots.pending import Pending, closed
from pytest_llmreplay.snapshots.store import ordered
from pytest_llmreplay.snapshots.yamltext import written


def annotate(item: pytest.Item, call: pytest.CallInfo[None], report: pytest.TestReport) -> None:
    """Give a report what its item found, and a failed one its text."""
    found: ItemSnapshots = item.stash[SNAPSHOTS]
    if found.checks:
        report.__dict__["llm_snapshots"] = told(found.checks)
    failed = found.failed
    if failed is not None and call.excinfo is not None and about_it(call.excinfo.value):
        report.longrepr = native(item, lines(item, failed), safe(headline(failed)))
    found.checks = []


def about_it(error: BaseException) -> bool:
    """Whether an item failed for its snapshot alone."""
    if isinstance(error, Unsatisfied):
        return [each.name for each in error.failing] == [NAME]
    return isinstance(error, AssertionError)


def lines(item: pytest.Item, failed: Check) -> list[str]:
    """The whole text."""
    detail = Detail(max(0, item.config.get_verbosity()))
    where = failed.file.relative_to(item.config.rootpath).as_posix()
    kind = "new" if failed.state == "missing" else "changed"
    waiting = Pending(file=where, name=failed.name, kind=kind, old=failed.old, new=failed.new)  # type: ignore[arg-type]
    head = [f"{where}: {failed.name}", *(["no snapshot yet; it would be"] if kind == "new" else [])]
    option = "--llm-update-new" if kind == "new" else "--llm-update"
    tail = [f"accept:  pytest --llm-review (id {waiting.id}), or run again with {option}"]
    if why := closed(item.config.rootpath):
        tail = [
            f"not kept for --llm-review: .llm/pending cannot be written: {why}",
            f"accept:  run again with {option} where files can be written",
        ]
    body = list(proposed(failed) if kind == "new" else changes(failed))
    room = None if detail.lines is None else detail.lines - len(head) - len(tail)
    if room is not None and len(body) > room:
        tail[-1] += f"   {len(body) - room} more lines:  -vv"
        body = body[:room]
    return [safe(line) for line in (*head, *body, *tail)]


def proposed(failed: Check) -> Iterator[str]:
    """A value as it would be written."""
    first, *rest = written({"value": ordered(failed.new)}).strip("\n").split("\n")
    first = first.removeprefix("value:").strip()
    yield from (shortened(line) for line in ([f"  {first}"] if first else []) + rest)


def changes(failed: Check) -> Iterator[str]:
    """Where a value is not the approved one."""
    for each in failed.differences:
        yield from difference_lines(replace(each, path=each.path or "value"))
