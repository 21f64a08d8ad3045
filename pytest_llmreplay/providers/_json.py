"""Text of JSON and tool arguments, as wire APIs write them. PYTEST_DONT_REWRITE"""

import hashlib
import json
from typing import Any

import msgspec

from pytest_llmreplay.model.call import Media
from pytest_llmreplay.model.jsonvalue import JSON, Object, items, members, text


def dumps(value: JSON) -> str:
    """Compact JSON text."""
    try:
        return msgspec.json.encode(value).decode()
    except UnicodeEncodeError:  # a lone surrogate
        return json.dumps(value)


def loads(text: str) -> JSON:
    """Decoded JSON, or the text itself where it is not JSON."""
    try:
        value: JSON = msgspec.json.decode(text)
    except RecursionError:
        return text
    except (msgspec.DecodeError, UnicodeError):
        try:  # escapes of lone surrogates, which msgspec refuses
            value = json.loads(text, parse_constant=lambda _: None)
        except (ValueError, RecursionError):
            return text
    return value


def arguments_text(arguments: JSON) -> str:
    """Tool arguments as the text that an API carries them in."""
    return arguments if isinstance(arguments, str) else dumps(arguments)


def result_text(content: Any) -> str:
    """A tool's result as text: itself, or its blocks in a row; blocks that are no text stand as their JSON."""
    if content is None or isinstance(content, str):
        return content or ""
    return "".join(block_text(members(each)) for each in items(content))


def block_text(block: Object) -> str:
    """The text of a block, or the JSON of what it holds; Bedrock has a member for that."""
    said = text(block.get("text"))
    return dumps(block.get("json", block)) if said is None else said


def made_up(seed: str, prefix: str, length: int = 24) -> str:
    """An id for what the trace has none of: the same in every run."""
    return prefix + hashlib.sha256(f"{prefix}{seed}".encode("utf-8", "replace")).hexdigest()[:length]


def media(kind: str, url: Any) -> Media:
    """An image, sound or file: by its URI, or by the digest of what is inline."""
    text = url if isinstance(url, str) else dumps(url)
    if text.startswith("data:") or len(text) > 2048:
        payload = text.partition(",")[2] or text
        return inline(kind, payload)
    return Media(kind, text)


def inline(kind: str, payload: str) -> Media:
    """Media whose base64 data stand in the request."""
    return Media(kind, "sha256:" + hashlib.sha256(payload.encode("utf-8", "replace")).hexdigest())
