"""What the project's configuration says of secrets, for commands that run outside pytest. PYTEST_DONT_REWRITE"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from iniconfig import IniConfig, ParseError

from pytest_llmreplay.errors import UsageProblem
from pytest_llmreplay.redaction.redactor import Redactor, compiled

Said: TypeAlias = Mapping[str, Any]
TABLES: Mapping[str, Sequence[tuple[str, ...]]] = {
    "pytest.toml": [("pytest",)],
    ".pytest.toml": [("pytest",)],
    "pytest.ini": [("pytest",)],
    ".pytest.ini": [("pytest",)],
    "pyproject.toml": [("tool", "pytest"), ("tool", "pytest", "ini_options")],
    "tox.ini": [("pytest",)],
    "setup.cfg": [("tool:pytest",)],
}
"""Where pytest looks for its configuration, first file first, and the tables that hold it."""


def redactor(*patterns: str) -> Redactor:
    """The rules of the project from here upwards, ``llm_redact`` and ``llm_pii``, and patterns of the command line.

    Raises UsageProblem for what cannot be used, MissingExtra where ``llm_pii`` needs what is not installed.
    """
    said = configuration(Path.cwd())
    own = (*compiled(lines(said.get("llm_redact")), "llm_redact"), *compiled(patterns, "--pattern"))
    if not (model := said.get("llm_pii")):
        return Redactor(patterns=own)
    from pytest_llmreplay.redaction.presidio import Presidio

    return Redactor(patterns=own, finders=[Presidio(str(model))])


def lines(given: object) -> Sequence[str]:
    """A list of the configuration file: TOML's own, or a text with one entry a line."""
    if isinstance(given, list):
        return [str(each) for each in given]
    return [line.strip() for line in str(given or "").splitlines() if line.strip()]


def configuration(folder: Path) -> Said:
    """What the nearest configuration of pytest says, from a folder upwards; nothing where there is none.

    Raises UsageProblem for a file that cannot be read.
    """
    for place in (folder, *folder.parents):
        for name, tables in TABLES.items():
            path = place / name
            if path.is_file() and (found := list(in_file(path, tables))):
                return {key: value for table in found for key, value in table.items()}
    return {}


def in_file(path: Path, tables: Sequence[tuple[str, ...]]) -> Iterator[Said]:
    """The tables of a file that there are."""
    try:
        if path.suffix == ".toml":
            whole: Any = tomllib.loads(path.read_text(encoding="utf-8"))
        else:
            whole = {section.name: dict(section.items()) for section in IniConfig(str(path))}
    except (OSError, ValueError, ParseError) as error:
        raise UsageProblem(f"{path}: cannot be read: {error}") from None
    for names in tables:
        found = whole
        for each in names:
            found = found.get(each) if isinstance(found, dict) else None
        if isinstance(found, dict):
            yield found
