"""Values of the application and of evaluators, as JSON and as text. PYTEST_DONT_REWRITE

They are anyone's objects: whatever one of them does when it is looked at, something is said of it.
"""

import json
import math
from collections.abc import Mapping
from typing import Any

from pytest_llmreplay.model.jsonvalue import JSON

MOST_TEXT = 20_000
"""Characters of one text that evidence keeps."""


def plain(value: Any) -> Any:
    """A value of the application as JSON: dataclasses, pydantic models, arrays, mappings, lists.

    What cannot be told so stays the object that it is.
    """
    try:
        return told(value)
    except Exception:  # one of its methods raises, or it holds itself
        return value


def told(value: Any) -> Any:
    """A value as JSON. Raises whatever a method of it raises, and RecursionError."""
    from dataclasses import asdict, is_dataclass

    if is_dataclass(value) and not isinstance(value, type):
        return told(asdict(value))
    if hasattr(value, "model_dump") and not isinstance(value, type):
        return told(value.model_dump(mode="json"))
    if hasattr(value, "tolist") and not isinstance(value, type):
        return told(value.tolist())
    if isinstance(value, Mapping):
        return {str(name): told(each) for name, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [told(each) for each in value]
    return value


def as_text(value: Any) -> str:
    """A value as text: itself, or JSON with sorted keys; empty for nothing."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    try:
        return json.dumps(value, ensure_ascii=False, sort_keys=True, default=words)
    except (TypeError, ValueError, RecursionError):  # keys of several types; it holds itself
        return words(value)


def words(value: Any) -> str:
    """An object in its own words, or its type where it has none."""
    try:
        return str(value)
    except Exception:
        return f"<{type(value).__name__}>"


def simple(value: Any) -> JSON:
    """A value as JSON that a report can hold and a worker can send: no object, no NaN, no endless text."""
    try:
        return simpler(plain(value))
    except RecursionError:
        return f"<{type(value).__name__} that is nested too deeply>"


def simpler(value: Any) -> JSON:
    """Plain data without what JSON does not know. Raises RecursionError."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else words(value)
    if isinstance(value, dict):
        return {words(name): simpler(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [simpler(each) for each in value]
    text = str.__str__(value) if isinstance(value, str) else words(value)
    return text if len(text) <= MOST_TEXT else text[:MOST_TEXT] + "…"
