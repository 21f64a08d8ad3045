"""Case files in a folder: one for each trace, written without losing what people put in. PYTEST_DONT_REWRITE"""

import hashlib
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, TypeAlias

from pytest_llmreplay.model.trace import Contents
from pytest_llmreplay.redaction.redactor import Redactor
from pytest_llmreplay.snapshots.casefile import checksum, document, document_text
from pytest_llmreplay.snapshots.caseread import CaseProblems, read_case, read_value
from pytest_llmreplay.snapshots.caseshape import SUFFIX
from pytest_llmreplay.writing import Guard, update

State: TypeAlias = Literal["new", "same", "changed", "edited", "damaged"]
"""``edited``: people changed what was recorded, ``damaged``: the file cannot be read; both are left as they are."""
ID_DIGITS = 8
LONGEST_NAME = 80
MACHINES = ("$schema", "trace", "spans", "kind", "name", "provider", "recorded")
"""Keys of a case file and of its steps under which nobody says anything."""


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of one case file."""

    path: Path
    state: State


@dataclass(frozen=True, slots=True)
class Store:
    """A folder of case files, and what is kept out of them."""

    folder: Path
    guard: Guard

    def paths(self) -> Iterator[Path]:
        """The case files of the folder itself."""
        yield from sorted(self.folder.glob(f"*{SUFFIX}"))

    def find(self, trace_id: str) -> Path | None:
        """The case file of a trace."""
        line = re.compile(rb"^  id: ['\"]?" + re.escape(trace_id.encode()) + rb"['\"]?\s*$", re.MULTILINE)
        return next((path for path in self.paths() if line.search(path.read_bytes())), None)

    def place(self, trace_id: str, words: str) -> Path:
        """Where the case file of a trace lies, or is to lie."""
        found = self.find(trace_id)
        if found is not None:
            return found
        name = file_name(self.guard.redactor.text(words))
        for digits in range(ID_DIGITS, len(trace_id) + 1):
            path = self.folder / f"{name}-{trace_id[:digits]}{SUFFIX}"
            if not path.exists():
                return path
        return self.folder / f"{name}-{hashlib.sha256(trace_id.encode()).hexdigest()[:16]}{SUFFIX}"

    def save(self, trace_id: str, contents: Contents, source: str, words: str, *, overwrite: bool = False) -> Saved:
        """Write the case file of a trace, redacted. What people said in the one that is there already stays.

        ``words`` name the file, if it is new. One whose recorded part was edited by hand is left alone, unless it is
        to be overwritten. Raises SecretsLeft and WriteProblem.
        """
        path = self.place(trace_id, words)
        states: list[State] = []

        def change(old: bytes | None) -> bytes | None:
            kept = people_said(old)
            if isinstance(kept, str) and not overwrite:
                states.append(kept)
                return old
            said = contents if kept is None or isinstance(kept, str) else with_words_of(kept, contents)
            new = self.text(trace_id, said, source)
            states.append("new" if old is None else "same" if old == new else "changed")
            return new

        update(path, change, self.guard)
        return Saved(path, states[-1])

    def text(self, trace_id: str, contents: Contents, source: str) -> bytes:
        """The redacted bytes of a case file. The trace id is the salt: it stands in the file, and stays the same."""
        redactor = self.guard.redactor.salted(trace_id)
        return document_text(redacted(document(trace_id, contents, source), redactor)).encode()


def redacted(value: dict[str, Any], redactor: Redactor) -> dict[str, Any]:
    """A case file's value without secrets. Other tools see what people and models said, not what is the machine's."""
    plain = redactor.alone()

    def machines(part: dict[str, Any]) -> dict[str, Any]:
        return {key: plain.value(part[key]) for key in MACHINES if key in part}

    out: dict[str, Any] = {**redactor.value(value), **machines(value)}
    for kind in {"steps", "groups"} & value.keys():
        pairs = zip(out[kind], value[kind], strict=True)
        out[kind] = [{**step, **machines(before)} for step, before in pairs]
    return out


def people_said(old: bytes | None) -> "Contents | Literal['edited', 'damaged'] | None":
    """What a case file holds, what people said among it; or why it is to be left alone; None where there is none."""
    if old is None:
        return None
    try:
        value, _ = read_value(old)
        file, contents = read_case(old)
    except CaseProblems:
        return "damaged"
    return contents if checksum(value) == file.end.sha256 else "edited"


def with_words_of(kept: Contents, contents: Contents) -> Contents:
    """Contents with what people said in an earlier file."""
    return replace(contents, expectations=kept.expectations, tags=kept.tags)


def file_name(words: str) -> str:
    """A name of ``[a-z0-9_-]`` that every file system takes."""
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9_]+", "-", plain)[:LONGEST_NAME].strip("-") or "case"
