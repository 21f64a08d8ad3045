"""Case files of older formats in today's. PYTEST_DONT_REWRITE

An older file is never guessed at: each version has a function that makes the next one of it.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from pytest_llmreplay.model.trace import Contents
from pytest_llmreplay.snapshots.casefile import document, document_text
from pytest_llmreplay.snapshots.caseread import CaseProblem, CaseProblems, read_case, read_value
from pytest_llmreplay.snapshots.caseshape import SCHEMA, VERSION
from pytest_llmreplay.snapshots.yamltext import written

Migration: TypeAlias = Callable[[dict[str, Any]], dict[str, Any]]
MIGRATIONS: Mapping[int, Migration] = {}
"""What makes of a file of this version one of the next; there is none yet, for 1 is the first version."""


def upgraded(data: bytes, complete: Callable[[Contents], Contents]) -> bytes:
    """The bytes of a case file in today's format, its checksum right. Raises CaseProblems.

    ``complete`` works out what a file does not say, such as what its trace lacks.
    """
    value, _ = read_value(data)
    version = value.get("version")
    while isinstance(version, int) and version < VERSION:
        if version not in MIGRATIONS:
            raise CaseProblems([CaseProblem(1, f"there is no way from version {version} to {VERSION}")])
        value = {**MIGRATIONS[version](value), "$schema": SCHEMA, "version": version + 1}
        version += 1
        data = written(value).encode()
    file, contents = read_case(data)
    return document_text(document(file.trace.id, complete(contents), file.trace.source)).encode()
