"""One value held against the approved one. PYTEST_DONT_REWRITE"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

from pytest_llmreplay.model.jsonvalue import JSON
from pytest_llmreplay.model.policy import Update
from pytest_llmreplay.model.recording import Difference
from pytest_llmreplay.redaction.redactor import Redactor
from pytest_llmreplay.snapshots.difference import differences, same
from pytest_llmreplay.snapshots.normal import Rules
from pytest_llmreplay.snapshots.store import Entries
from pytest_llmreplay.snapshots.values import as_json

State: TypeAlias = Literal["same", "changed", "missing", "updated", "added", "kept"]
"""``updated`` and ``added``: it differed or was missing, and is written when the run ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """What came of it."""

    file: Path
    name: str
    state: State
    old: JSON = None
    """The approved value; of one that is ``kept``, how near its numbers have to be: ``[absolute, relative]``."""
    new: JSON = None
    """This run's value, without secrets and in its normal form."""
    differences: Sequence[Difference] = ()

    @property
    def passed(self) -> bool:
        """Whether the test may go on."""
        return self.state not in ("changed", "missing")


def check(
    value: Any, name: str, file: Path, entries: Entries, *, redactor: Redactor, rules: Rules, update: Update
) -> Check:
    """Hold a value against the entry of that name. Raises UsageProblem for what is no JSON value."""
    live = as_json(rules.applied(as_json(value)))
    if update == "keep":
        near: JSON = [rules.tolerance.absolute, rules.tolerance.relative]
        return Check(file=file, name=name, state="kept", old=near, new=redactor.salted(entries.salt).value(live))
    missing = name not in entries.values
    old = None if missing else rules.of_approved(entries.values[name])
    if not missing and same(old, live, rules.tolerance):
        return Check(file=file, name=name, state="same")
    new = redactor.salted(entries.salt).value(live)
    if not missing and same(old, new, rules.tolerance):
        return Check(file=file, name=name, state="same")
    if missing:
        return Check(file=file, name=name, state="missing" if update == "none" else "added", new=new)
    found = () if update == "all" else differences(old, new, rules.tolerance)
    state: State = "updated" if update == "all" else "changed"
    return Check(file=file, name=name, state=state, old=entries.values[name], new=new, differences=found)
