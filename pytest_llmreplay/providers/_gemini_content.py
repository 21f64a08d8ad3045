"""Turns and candidates of Gemini, and their parts, read and written. PYTEST_DONT_REWRITE

Source: the Gemini API reference, ``Content`` and ``Part``.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pytest_llmreplay.model.call import Media, Other, Part, Reasoning, Refusal, Text, ToolCall, ToolResult
from pytest_llmreplay.model.jsonvalue import JSON, Object, items, members, text
from pytest_llmreplay.providers._gemini_spelling import fields, standard
from pytest_llmreplay.providers._json import dumps, inline, loads

BESIDE = frozenset({"thought", "thoughtSignature", "videoMetadata", "mediaResolution", "partMetadata"})
"""Members of a part that only say something about it."""


def contents_of(value: Any) -> Iterator[Object]:
    """The turns of a request, however the SDK was handed them: a text or a part alone is one of the user."""
    given = value if isinstance(value, list | tuple) else [value] if value else []
    for each in given:
        yield members(content_of(each))


def content_of(value: Any) -> Any:
    """One turn: an object with parts, or what the SDK would put into one."""
    if isinstance(value, str):
        return {"parts": [{"text": value}]}
    if isinstance(value, list | tuple):
        return {"parts": [{"text": each} if isinstance(each, str) else each for each in value]}
    if isinstance(value, Mapping) and value and not {"parts", "role"} & value.keys():
        return {"parts": [value]}
    return value


def asked_parts(each: Any) -> Iterator[Part]:
    """One part of a question; media are known by their URI or digest."""
    each = {"text": each} if isinstance(each, str) else fields(each)
    if (data := fields(each.get("inlineData"))).get("data") is not None:
        yield inline(media_kind(data), standard(str(data["data"])))
    elif stored := fields(each.get("fileData")):
        yield Media(media_kind(stored), text(stored.get("fileUri")) or dumps(stored))
    elif (told := fields(each.get("functionResponse"))) or "functionResponse" in each:
        yield ToolResult(dumps(told.get("response")), text(told.get("id")) or None)
        for more in items(told.get("parts")):
            yield from asked_parts(more)
    else:
        yield from told_parts(each)


def media_kind(data: Object) -> str:
    """Image, audio or video by the media type; anything else is a document."""
    kind = (text(data.get("mimeType")) or "").partition("/")[0]
    return kind if kind in ("image", "audio", "video") else "document"


def told_parts(each: Any) -> Iterator[Part]:
    """One part of an answer, and the seal on it: a thought without words, as no part model has a place for it."""
    each = fields(each)
    seal = text(each.get("thoughtSignature"))
    seal = standard(seal) if seal else None
    words = text(each.get("text"))
    if each.get("thought") and words is not None:
        yield Reasoning(words, seal)
        return
    if (called := fields(each.get("functionCall"))) or "functionCall" in each:
        arguments = called.get("args")
        name, number = text(called.get("name")) or "", text(called.get("id")) or None
        yield ToolCall(name, {} if arguments is None else arguments, number)
    elif words:
        yield Text(words)
    elif (kind := next((name for name in each if name not in BESIDE and name != "text"), None)) is not None:
        yield Other(kind, each[kind])
    if seal:
        yield Reasoning("", seal)


def part_bodies(parts: Iterable[Part]) -> Iterator[dict[str, JSON]]:
    """The parts of an answer as this API writes them; a seal goes into the part before it."""
    last: dict[str, JSON] | None = None
    for part in parts:
        if isinstance(part, Reasoning) and not part.content:
            if last is None or "thoughtSignature" in last:
                last, before = {"text": "", "thoughtSignature": part.signature}, last
                if before is not None:
                    yield before
            else:
                last["thoughtSignature"] = part.signature
            continue
        if last is not None:
            yield last
        last = part_body(part)
    if last is not None:
        yield last


def part_body(part: Part) -> dict[str, JSON]:
    """One part; what this API has no place for is text."""
    if isinstance(part, ToolCall):
        arguments = loads(part.arguments) if isinstance(part.arguments, str) else part.arguments
        called: dict[str, JSON] = {"name": part.name, "args": arguments if isinstance(arguments, Mapping) else {}}
        return {"functionCall": {"id": part.id, **called} if part.id else called}
    if isinstance(part, Reasoning):
        thought: dict[str, JSON] = {"text": part.content, "thought": True}
        return {**thought, "thoughtSignature": part.signature} if part.signature else thought
    if isinstance(part, Other):
        return {part.type: part.data} if isinstance(part.data, Mapping) else {"text": dumps(part.data)}
    if isinstance(part, Text | Refusal | ToolResult):
        return {"text": part.content}
    return {"text": part.reference}
