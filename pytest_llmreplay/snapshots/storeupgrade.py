"""Snapshot files of older formats in today's. PYTEST_DONT_REWRITE

An older file is never guessed at: each version has a function that makes the next one of it.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

from pytest_llmreplay.errors import DamagedFile
from pytest_llmreplay.snapshots.caseshape import SUFFIX
from pytest_llmreplay.snapshots.store import FOLDER, FORMAT, parsed, text
from pytest_llmreplay.snapshots.yamltext import YamlProblem, read, written
from pytest_llmreplay.writing import seal, unsealed

Migration: TypeAlias = Callable[[dict[str, Any]], dict[str, Any]]
MIGRATIONS: Mapping[int, Migration] = {}
"""What makes of a file of this version one of the next; there is none yet, for 1 is the first version."""


def is_snapshot(path: Path) -> bool:
    """Whether a file lies where snapshots do, and is no case file."""
    return path.suffix == ".yaml" and not path.name.endswith(SUFFIX) and FOLDER in path.absolute().parent.parts


def upgraded(data: bytes, path: Path) -> bytes:
    """The bytes of a snapshot file in today's format, its checksum right. Raises DamagedFile.

    What was edited by hand is taken for what is meant; a file without an end is not.
    """
    sealed = unsealed(data, path)
    if sealed.state == "cut":
        last = sealed.text.count("\n") + 1
        raise DamagedFile(
            path, last, "no end: cut off; take it from version control, or let --llm-update write it anew"
        )
    try:
        document = read(sealed.text.encode())
    except YamlProblem as problem:
        raise DamagedFile(path, problem.line, problem.reason) from None
    version = document.get("format") if isinstance(document, dict) else None
    while isinstance(document, dict) and type(version) is int and version < FORMAT:
        if version not in MIGRATIONS:
            raise DamagedFile(path, 1, f"there is no way from snapshot format {version} to {FORMAT}")
        document = {**MIGRATIONS[version](document), "format": version + 1}
        version += 1
        data = seal(written(document), 0)  # counted below
    return text(parsed(data, path, lenient=True))
