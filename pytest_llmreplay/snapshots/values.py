"""What an application returns as JSON, so that it can be kept and compared. PYTEST_DONT_REWRITE"""

import dataclasses
import hashlib
from collections.abc import Mapping, Set
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from pathlib import PurePath
from typing import Any
from uuid import UUID

from pytest_llmreplay.errors import UsageProblem
from pytest_llmreplay.model.jsonvalue import JSON
from pytest_llmreplay.snapshots.yamltext import plain

DEEPEST = 200


def as_json(value: Any) -> JSON:
    """A value as JSON: models and dataclasses by their fields, times in ISO form, sets sorted, bytes by their hash.

    Raises UsageProblem, which names the place, for what has no such form.
    """
    found: JSON = plain(converted(value, "", 0))
    return found


def converted(value: Any, path: str, depth: int) -> Any:
    """One level of a value."""
    if depth > DEEPEST:
        raise UsageProblem(f"{path[:60]}: nested more than {DEEPEST} levels deep; no snapshot is made of that")
    if value is None or type(value) in (bool, int, float, str):
        return value
    if isinstance(value, Enum):
        return converted(value.value, path, depth + 1)
    if isinstance(value, str):
        return str(value)
    if isinstance(value, int | float):
        return value
    if isinstance(value, Mapping):
        return {str(key): converted(each, f"{path}.{key}".lstrip("."), depth + 1) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [converted(each, f"{path}[{index}]", depth + 1) for index, each in enumerate(value)]
    if isinstance(value, Set):
        return sorted((converted(each, f"{path}{{}}", depth + 1) for each in value), key=repr)
    return special(value, path, depth)


def special(value: Any, path: str, depth: int) -> Any:
    """A value that is no JSON by itself."""
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, UUID | PurePath | Decimal):
        return value.as_posix() if isinstance(value, PurePath) else str(value)
    if isinstance(value, bytes | bytearray):
        return f"sha256:{hashlib.sha256(value).hexdigest()} ({len(value)} bytes)"
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {each.name: getattr(value, each.name) for each in dataclasses.fields(value)}
        return converted(fields, path, depth + 1)
    if callable(dump := getattr(value, "model_dump", None)) and not isinstance(value, type):
        return converted(dump(mode="json"), path, depth + 1)
    if isinstance(value, BaseException):
        return f"{type(value).__name__}: {value}"
    where = f" at {path}" if path else ""
    raise UsageProblem(
        f"a {type(value).__qualname__}{where} is no JSON value; give llm_snapshot what of it is to be kept"
    )
