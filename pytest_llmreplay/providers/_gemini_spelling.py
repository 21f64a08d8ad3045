"""Members of the Gemini API's objects, as the API spells them and as its SDK does. PYTEST_DONT_REWRITE"""

import re
from collections.abc import Mapping
from typing import Any

from pytest_llmreplay.model.jsonvalue import members

OPAQUE = frozenset({"args", "response", "parametersJsonSchema", "responseJsonSchema", "partMetadata"})
"""Members whose inside is the application's own, and spelled by it."""
BYTES = frozenset({"thoughtSignature", "data"})
"""Members that hold base64, in one alphabet or the other."""
LOCAL = frozenset({"sdkHttpResponse", "automaticFunctionCallingHistory", "parsed"})
"""What the SDK adds to an answer."""


def camel(name: str) -> str:
    """A member's name as the API spells it."""
    first, *rest = name.split("_")
    return first + "".join(word[:1].upper() + word[1:] for word in rest) if first else name


def snake(name: str) -> str:
    """A name in snake_case."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def fields(value: Any) -> dict[str, Any]:
    """The members of an object, under the API's spelling of their names."""
    return {camel(name): each for name, each in members(value).items()}


def spelled(value: Any) -> Any:
    """An object of the SDK as the API writes it: names in camelCase, and nothing of the SDK's own."""
    if isinstance(value, list | tuple):
        return [spelled(each) for each in value]
    if not isinstance(value, Mapping):
        return value
    return {name: member(name, each) for name, each in fields(value).items() if name not in LOCAL}


def member(name: str, value: Any) -> Any:
    """A member of such an object: the application's own data stay as they are, base64 has one alphabet."""
    if name in BYTES and isinstance(value, str):
        return standard(value)
    return value if name in OPAQUE else spelled(value)


def standard(data: str) -> str:
    """Base64 in the standard alphabet; the SDK writes the other one."""
    return data.replace("-", "+").replace("_", "/")
