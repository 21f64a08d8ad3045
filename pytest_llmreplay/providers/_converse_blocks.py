"""Content blocks of Converse, read and written. PYTEST_DONT_REWRITE

Source: the Amazon Bedrock API reference, "ContentBlock".
"""

from collections.abc import Iterable
from typing import Any

from pytest_llmreplay.model.call import Media, Other, Part, Reasoning, Refusal, Text, ToolCall, ToolResult
from pytest_llmreplay.model.jsonvalue import JSON, Object, members, text
from pytest_llmreplay.providers._json import dumps, inline, loads, made_up, result_text


def block_part(block: Object) -> Part:
    """One content block; its kind is the name of its only member."""
    if (words := block.get("text")) is not None:
        return Text(text(words) or dumps(words) if words else "")
    if used := members(block.get("toolUse")):
        return ToolCall(text(used.get("name")) or "", argument(used.get("input")), text(used.get("toolUseId")))
    if result := members(block.get("toolResult")):
        return ToolResult(result_text(result.get("content")), text(result.get("toolUseId")))
    if thought := members(members(block.get("reasoningContent")).get("reasoningText")):
        return Reasoning(text(thought.get("text")) or "", text(thought.get("signature")))
    kind = next(iter(block), "unknown")
    if kind in ("image", "document", "video", "audio"):
        return media_part(kind, members(block[kind]))
    return Other(kind, block.get(kind))


def argument(value: Any) -> JSON:
    """Arguments of a tool; a stream's text is opened."""
    return loads(value) if isinstance(value, str) else value


def media_part(kind: str, block: Object) -> Media:
    """An image, document, video or sound: by the digest of its bytes, or by where it lies."""
    source = members(block.get("source"))
    if data := text(source.get("bytes")):
        return inline(kind, data)
    return Media(kind, text(members(source.get("s3Location")).get("uri")) or dumps(source))


def joined_texts(parts: Iterable[Part]) -> list[Part]:
    """Parts with neighbouring texts made one: a trace of a stream may hold a text for each chunk."""
    out: list[Part] = []
    for part in parts:
        if isinstance(part, Text) and out and isinstance(before := out[-1], Text):
            out[-1] = Text(before.content + part.content)
        else:
            out.append(part)
    return out


def block(part: Part, seed: str) -> dict[str, JSON]:
    """One part of an answer as a block."""
    if isinstance(part, ToolCall):
        named = {"toolUseId": part.id or made_up(seed, "tooluse_", 22), "name": part.name}
        return {"toolUse": {**named, "input": given(part.arguments)}}
    if isinstance(part, Reasoning):
        thought = {"text": part.content, **({"signature": part.signature} if part.signature else {})}
        return {"reasoningContent": {"reasoningText": thought}}
    if isinstance(part, ToolResult):
        return {"toolResult": {"toolUseId": part.id or "", "content": [{"text": part.content}], "status": "success"}}
    if isinstance(part, Other):
        return {part.type: part.data}
    return {"text": part.content if isinstance(part, Text | Refusal) else part.reference}


def given(arguments: JSON) -> JSON:
    """Tool arguments as an object; what is none stays what it is."""
    found = loads(arguments) if isinstance(arguments, str) else arguments
    return {} if found in (None, "") else found
