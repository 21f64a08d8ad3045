"""The events of ConverseStream: of a message, and put together to one. PYTEST_DONT_REWRITE

Source: the Amazon Bedrock API reference, "ConverseStream".
"""

from collections.abc import Iterable, Iterator
from typing import Any

from pytest_llmreplay.model.jsonvalue import JSON, Object, integer, items, members, text
from pytest_llmreplay.providers import _sse
from pytest_llmreplay.providers._json import arguments_text


def stream_events(body: Object) -> Iterator[tuple[str, JSON]]:
    """The events of a message: start, each block in pieces, stop, metadata."""
    message = members(members(body.get("output")).get("message"))
    yield "messageStart", {"role": message.get("role", "assistant")}
    for index, each in enumerate(items(message.get("content"))):
        start, deltas = unfolded(members(each))
        if start is not None:
            yield "contentBlockStart", {"contentBlockIndex": index, "start": start}
        for delta in deltas:
            yield "contentBlockDelta", {"contentBlockIndex": index, "delta": delta}
        yield "contentBlockStop", {"contentBlockIndex": index}
    fields = body.get("additionalModelResponseFields")
    extra = {} if fields is None else {"additionalModelResponseFields": fields}
    yield "messageStop", {"stopReason": body.get("stopReason"), **extra}
    yield "metadata", {k: body[k] for k in ("usage", "metrics", "trace", "performanceConfig") if k in body}


def unfolded(each: Object) -> tuple[JSON, list[JSON]]:
    """A block as it starts, which only tools' blocks do, and the deltas that fill it."""
    if used := members(each.get("toolUse")):
        start = {"toolUse": {k: v for k, v in used.items() if k != "input"}}
        pieces = _sse.pieces(arguments_text(used.get("input") if used.get("input") is not None else {}))
        return start, [{"toolUse": {"input": piece}} for piece in pieces]
    if result := members(each.get("toolResult")):
        return {"toolResult": {k: v for k, v in result.items() if k != "content"}}, [{"toolResult": result["content"]}]
    if thought := members(members(each.get("reasoningContent")).get("reasoningText")):
        thoughts = _sse.pieces(text(thought.get("text")) or "")
        deltas: list[JSON] = [{"reasoningContent": {"text": piece}} for piece in thoughts]
        seal = thought.get("signature")
        return None, [*deltas, {"reasoningContent": {"signature": seal}}] if seal else deltas
    if (words := text(each.get("text"))) is not None:
        return None, [{"text": piece} for piece in _sse.pieces(words) or [""]]
    return None, [dict(each)]


def joined(events: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Events put together to one response."""
    body: dict[str, Any] = {}
    message: dict[str, Any] = {}
    blocks: dict[int, dict[str, Any]] = {}
    for kind, value in events:
        data = members(value)
        slot = blocks.setdefault(integer(data.get("contentBlockIndex")) or 0, {}) if kind.startswith("contentB") else {}
        if kind == "messageStart":
            message["role"] = data.get("role")
        elif kind == "contentBlockStart":
            slot.update({k: dict(members(v)) for k, v in members(data.get("start")).items()})
        elif kind == "contentBlockDelta":
            add_delta(slot, members(data.get("delta")))
        elif kind in ("messageStop", "metadata"):
            body.update(data)
    message["content"] = [blocks[index] for index in sorted(blocks) if blocks[index]]
    return {**body, "output": {"message": message}}


def add_delta(slot: dict[str, Any], delta: Object) -> None:
    """Add one delta to the block put together so far."""
    for kind, value in delta.items():
        if kind == "text":
            slot["text"] = (text(slot.get("text")) or "") + (text(value) or "")
        elif kind == "toolUse":
            used = slot.setdefault("toolUse", {})
            used["input"] = (text(used.get("input")) or "") + (text(members(value).get("input")) or "")
        elif kind == "toolResult":
            result = slot.setdefault("toolResult", {})
            result["content"] = [*items(result.get("content")), *items(value)]
        elif kind == "reasoningContent" and "redactedContent" not in members(value):
            thought = slot.setdefault("reasoningContent", {}).setdefault("reasoningText", {})
            thought["text"] = (text(thought.get("text")) or "") + (text(members(value).get("text")) or "")
            thought["signature"] = members(value).get("signature") or thought.get("signature")
        else:
            slot[kind] = value
