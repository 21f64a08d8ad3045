"""Values of a run that nobody approved yet, kept until somebody decides. PYTEST_DONT_REWRITE

One file for each in ``.llm/pending``, so that the decision needs no second run.
"""

import json
import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, Literal, TypeAlias

from pytest_llmreplay.compare.values import EXACTLY
from pytest_llmreplay.errors import LLMReplayError
from pytest_llmreplay.model.jsonvalue import JSON
from pytest_llmreplay.snapshots.difference import differences
from pytest_llmreplay.snapshots.store import change, load
from pytest_llmreplay.writing import Guard, keep_unversioned, write

Kind: TypeAlias = Literal["new", "changed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """One value that waits for a decision."""

    file: str
    """The snapshot file, relative to the root folder."""
    name: str
    """The entry."""
    kind: Kind
    old: JSON
    """The approved value; None for a new one."""
    new: JSON

    @property
    def id(self) -> str:
        """Eight digits that name it on the command line."""
        return sha256(f"{self.file}\0{self.name}".encode("utf-8", "replace")).hexdigest()[:8]

    @property
    def sort(self) -> str:
        """What it has in common with others of its kind: new, or changed in the same places."""
        if self.kind == "new":
            return f"new in {self.file}"
        places = {re.sub(r"\[\d+\]", "[*]", each.path) for each in differences(self.old, self.new, EXACTLY)}
        return f"changed in {', '.join(sorted(places)) or 'the value'}"


def folder(root: Path) -> Path:
    """Where pending values lie."""
    return root / ".llm" / "pending"


def path_of(root: Path, pending: Pending) -> Path:
    """The file of a pending value."""
    return folder(root) / f"{pending.id}.json"


def keep(root: Path, pending: Pending, guard: Guard) -> None:
    """Keep a pending value; a later run's takes the place of an earlier one's. Raises SecretsLeft and WriteProblem."""
    keep_unversioned(folder(root))
    text = json.dumps({"format": 1, **asdict(pending)}, ensure_ascii=True, indent=1, allow_nan=False)
    write(path_of(root, pending), text.encode() + b"\n", guard)


def closed(root: Path) -> str:
    """Why no pending value can be kept; empty where one can."""
    try:
        folder(root).mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=folder(root)):
            return ""
    except OSError as error:
        return error.strerror or str(error)


def forget(root: Path, file: str, name: str) -> None:
    """Forget the pending value of an entry, if there is one."""
    with suppress(NotADirectoryError):
        path_of(root, Pending(file=file, name=name, kind="new", old=None, new=None)).unlink(missing_ok=True)


def waiting(root: Path) -> list[Pending]:
    """All pending values, by file and name; files that are none are left aside."""
    found = []
    for path in folder(root).glob("*.json"):
        try:
            document: Any = json.loads(path.read_bytes())
            members = {name: document[name] for name in ("file", "name", "kind", "old", "new")}
        except (OSError, ValueError, LookupError, TypeError, RecursionError):
            continue
        found.append(Pending(**members))
    return sorted(found, key=lambda each: (each.file, each.name))


def accept(root: Path, pending: Iterable[Pending], guard: Guard) -> list[str]:
    """Write pending values as approved ones, and forget them. Returns what could not be done, each in a line.

    A value whose approved one is no longer what it was held against is left alone: the tests have to run again.
    """
    problems = []
    for each in pending:
        path = root / each.file
        try:
            if not path.resolve().is_relative_to(root.resolve()):
                raise LLMReplayError(f"{each.file}: lies outside {root}")
            now = load(path, lenient=True).values.get(each.name)
            if now != each.old:
                problems.append(f"{each.id} {each.name}: the approved value was changed since; run the test again")
                continue
            change(path, {each.name: each.new}, guard)
            reject(root, [each])
        except LLMReplayError as error:
            problems.append(str(error))
    return problems


def reject(root: Path, pending: Iterable[Pending]) -> None:
    """Forget pending values; the approved ones stay."""
    for each in pending:
        path_of(root, each).unlink(missing_ok=True)


def named(pending: Sequence[Pending], identifier: str) -> Pending:
    """The pending value of an id, or of the beginning of one. Raises LLMReplayError."""
    found = [each for each in pending if each.id.startswith(identifier)]
    if len(found) != 1:
        ids = ", ".join(each.id for each in pending) or "none"
        raise LLMReplayError(f"{identifier}: {'more than one' if found else 'no'} pending value; there are {ids}")
    return found[0]
