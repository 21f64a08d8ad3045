"""Approved values in a file beside the tests: ``__llm__/<module>.yaml``, one entry for each. PYTEST_DONT_REWRITE"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from pytest_llmreplay.errors import DamagedFile
from pytest_llmreplay.model.jsonvalue import JSON
from pytest_llmreplay.snapshots.yamltext import YamlProblem, read, written
from pytest_llmreplay.writing import Guard, seal, unsealed, update

FOLDER: Final = "__llm__"
FORMAT: Final = 1
SCHEMA: Final = "https://pytest-llmreplay.readthedocs.io/schema/snapshots-1.json"
REMOVED: Final = object()
"""As the value of an entry: it goes."""


@dataclass(frozen=True, slots=True)
class Entries:
    """What a snapshot file holds."""

    salt: str
    """Under which its values were redacted."""
    values: Mapping[str, JSON] = field(default_factory=dict)


def file_of(module: Path) -> Path:
    """The snapshot file of a test module."""
    return module.parent / FOLDER / f"{module.stem}.yaml"


def load(path: Path, *, lenient: bool = False) -> Entries:
    """The entries of a file; none where there is no file.

    Raises DamagedFile where the file was cut off, edited by hand, merged with a conflict, or is of another format.
    ``lenient`` takes what was edited for what is meant: the file is about to be written anew.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return Entries(path.stem)
    except OSError as error:
        raise DamagedFile(path, 1, f"cannot be read: {error.strerror or error}") from None
    return parsed(data, path, lenient=lenient)


def parsed(data: bytes, path: Path, *, lenient: bool = False) -> Entries:
    """The entries in the bytes of a file. Raises DamagedFile."""
    sealed = unsealed(data, path)
    try:
        document = read(sealed.text.encode())
    except YamlProblem as problem:
        raise DamagedFile(path, problem.line, problem.reason) from None
    members: Mapping[str, Any] = document if isinstance(document, dict) else {}
    version = members.get("format")
    if type(version) is not int or version != FORMAT:
        advice = "llmreplay upgrade" if type(version) is int and version < FORMAT else "a newer pytest-llmreplay"
        raise DamagedFile(path, 1, f"snapshot format {version!r}, and this version reads {FORMAT}; use {advice}")
    entries = members.get("entries")
    if not isinstance(entries, dict):
        raise DamagedFile(path, 1, "'entries' is no mapping of names to values")
    if sealed.state != "whole" and not lenient:
        count = f"{len(entries)} entries where {sealed.count} were written" if sealed.count >= 0 else "no end"
        why = f"has {count}" if sealed.count not in (len(entries),) else "is not what was written"
        last = sealed.text.count("\n") + 1
        raise DamagedFile(
            path, last, f"{why}: cut off, or edited by hand; --llm-update takes it as it is and writes it anew"
        )
    return Entries(str(members.get("salt", path.stem)), entries)


def is_whole(path: Path) -> bool:
    """Whether a file is what was written. Marks of a merge are found by ``load``."""
    try:
        return unsealed(path.read_bytes(), path).state == "whole"
    except (OSError, DamagedFile):
        return True


def text(entries: Entries) -> bytes:
    """A snapshot file: names in order, members of objects in order."""
    values = {name: ordered(entries.values[name]) for name in sorted(entries.values)}
    document = {"$schema": SCHEMA, "format": FORMAT, "salt": entries.salt, "entries": values}
    return seal(written(document), len(values))


def ordered(value: Any) -> Any:
    """A value with the members of its objects in the order of their names."""
    if isinstance(value, dict):
        return {name: ordered(value[name]) for name in sorted(value)}
    return [ordered(each) for each in value] if isinstance(value, list) else value


def change(path: Path, changes: Mapping[str, Any], guard: Guard) -> bool:
    """Write values under their names, and take out those that are REMOVED; all others stay.

    Whatever other processes write meanwhile stays, too. Returns whether anything changed. Raises DamagedFile,
    SecretsLeft and WriteProblem; the old file is there then.
    """

    def changed(old: bytes | None) -> bytes | None:
        before = Entries(path.stem) if old is None else parsed(old, path, lenient=True)
        values = {name: value for name, value in {**before.values, **changes}.items() if value is not REMOVED}
        return text(Entries(before.salt, values)) if values else None

    return update(path, changed, guard)
