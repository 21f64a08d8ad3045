"""What attributes hold: JSON as text, numbered lists, token counts. PYTEST_DONT_REWRITE"""

import json
from collections.abc import Mapping
from typing import Any

import msgspec

from pytest_llmreplay.model.call import Usage
from pytest_llmreplay.model.jsonvalue import integer

CUT = object()
"""What ``opened`` gives for JSON text that breaks off."""


def opened(value: Any) -> Any:
    """An attribute that holds JSON, as text or as a structured value; CUT where the text is no complete JSON."""
    if not isinstance(value, str):
        return value
    try:
        return msgspec.json.decode(value)
    except (msgspec.DecodeError, UnicodeError):
        pass
    except RecursionError:
        return CUT
    try:  # Python's own writer lets NaN and lone surrogates through
        return json.loads(value, parse_constant=lambda _: None)
    except (ValueError, RecursionError):
        return CUT


def written(value: Any) -> str:
    """Compact JSON text of a value."""
    try:
        return msgspec.json.encode(value).decode()
    except UnicodeEncodeError:  # a lone surrogate
        return json.dumps(value)


def first_integer(attributes: Mapping[str, Any], *names: str) -> int | None:
    """The first of several attributes that is a whole number."""
    return next((found for name in names if (found := integer(attributes.get(name))) is not None), None)


def usage_of(attributes: Mapping[str, Any]) -> Usage | None:
    """Token counts under their names of all versions; None where there is none at all."""
    usage = Usage(
        input=first_integer(
            attributes, "gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens", "llm.token_count.prompt"
        ),
        output=first_integer(
            attributes, "gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens", "llm.token_count.completion"
        ),
        cache_read=first_integer(
            attributes,
            "gen_ai.usage.cache_read.input_tokens",
            "gen_ai.usage.cache_read_input_tokens",
            "llm.token_count.prompt_details.cache_read",
        ),
        cache_write=first_integer(
            attributes,
            "gen_ai.usage.cache_creation.input_tokens",
            "gen_ai.usage.cache_write.input_tokens",
            "gen_ai.usage.cache_creation_input_tokens",
            "llm.token_count.prompt_details.cache_write",
        ),
        reasoning=first_integer(
            attributes,
            "gen_ai.usage.reasoning.output_tokens",
            "gen_ai.usage.reasoning_tokens",
            "llm.token_count.completion_details.reasoning",
        ),
    )
    return None if usage == Usage() else usage


def result_of(value: Any) -> Any:
    """A recorded output: JSON where it is JSON, the text itself otherwise.

    CUT where it begins as JSON and breaks off.
    """
    if not isinstance(value, str):
        return value
    found = opened(value)
    return value if found is CUT and value[:1] not in ("{", "[", '"') else found


def indexed(attributes: Mapping[str, Any], prefix: str) -> list[dict[str, Any]]:
    """Attributes ``prefix.N.rest`` as a list of ``{rest: value}``, in the order of N.

    Numbers that are missing leave no gap.
    """
    found: dict[int, dict[str, Any]] = {}
    start = prefix + "."
    for key, value in attributes.items():
        if key.startswith(start):
            number, _, rest = key[len(start) :].partition(".")
            if number.isdecimal() and len(number) < 7:
                found.setdefault(int(number), {})[rest] = value
    return [found[number] for number in sorted(found)]
