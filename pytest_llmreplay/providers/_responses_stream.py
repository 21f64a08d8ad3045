"""The events of a response of OpenAI Responses: of a whole one, and put together to one. PYTEST_DONT_REWRITE

Source: the OpenAI API reference, "Responses", "Streaming events".
"""

from collections.abc import Iterator, Mapping
from typing import Any

from pytest_llmreplay.model.jsonvalue import JSON, Object, integer, items, members, text
from pytest_llmreplay.providers import _sse

LATER = ("usage", "completed_at", "incomplete_details", "error")
"""Members that are null until a response has ended."""
RUNS = frozenset({"file_search_call", "web_search_call", "code_interpreter_call", "image_generation_call", "mcp_call"})
"""Tools that the server runs itself; their events tell that they run and that they are done."""


def stream(body: Object) -> Iterator[bytes]:
    """The events of a response, each with its number."""
    for number, (kind, more) in enumerate(events(body)):
        yield _sse.event({"type": kind, "sequence_number": number, **more}, kind)


def events(body: Object) -> Iterator[tuple[str, dict[str, JSON]]]:
    """What happens from a response's creation to its end: each item as it begins, its pieces, and as it is done."""
    status = text(body.get("status")) or "completed"
    unfinished: dict[str, JSON] = {"output": [], **dict.fromkeys(LATER)}
    opening = {**body, "status": "queued" if status == "queued" else "in_progress", **unfinished}
    yield "response.created", {"response": opening}
    yield f"response.{opening['status']}", {"response": opening}
    if status in ("queued", "in_progress"):
        return
    for index, each in enumerate(items(body.get("output"))):
        yield from item_events(members(each), index)
    yield f"response.{status if status in ('incomplete', 'failed') else 'completed'}", {"response": body}


def item_events(item: Object, index: int) -> Iterator[tuple[str, dict[str, JSON]]]:
    """One item: added, filled, done."""
    place: dict[str, JSON] = {"item_id": item.get("id"), "output_index": index}
    kind = str(item.get("type"))
    yield "response.output_item.added", {"output_index": index, "item": empty(item)}
    if kind == "message":
        for number, each in enumerate(items(item.get("content"))):
            yield from content_events(members(each), {**place, "content_index": number})
    elif kind == "reasoning":
        yield from reasoning_events(item, place)
    elif kind == "function_call":
        yield from filled("response.function_call_arguments", "arguments", item.get("arguments"), place)
    elif kind == "custom_tool_call":
        yield from filled("response.custom_tool_call_input", "input", item.get("input"), place)
    elif kind in RUNS:
        yield f"response.{kind}.in_progress", place
        yield f"response.{kind}.completed", place
    yield "response.output_item.done", {"output_index": index, "item": item}


def empty(item: Object) -> dict[str, JSON]:
    """An item as it begins."""
    blank: dict[str, dict[str, JSON]] = {
        "message": {"content": []},
        "reasoning": {"summary": []},
        "function_call": {"arguments": ""},
        "custom_tool_call": {"input": ""},
    }
    begun = {**item, **blank.get(str(item.get("type")), {})}
    begun.pop("encrypted_content", None)
    return {**begun, "status": "in_progress"} if "status" in begun else begun


def filled(event: str, member: str, value: Any, place: dict[str, JSON]) -> Iterator[tuple[str, dict[str, JSON]]]:
    """A text in pieces, and then as a whole."""
    whole = text(value) or ""
    for piece in _sse.pieces(whole):
        yield f"{event}.delta", {**place, "delta": piece}
    yield f"{event}.done", {**place, member: whole}


def content_events(part: Object, place: dict[str, JSON]) -> Iterator[tuple[str, dict[str, JSON]]]:
    """One part of a message's content: a text with its annotations, or a refusal."""
    member = "refusal" if part.get("type") == "refusal" else "text"
    begun: dict[str, JSON] = {**part, member: ""}
    if member == "text":
        begun["annotations"] = []
    yield "response.content_part.added", {**place, "part": begun}
    event = "response.refusal" if member == "refusal" else "response.output_text"
    more: dict[str, JSON] = {} if member == "refusal" else {"logprobs": []}
    for kind, data in filled(event, member, part.get(member), place):
        yield kind, {**data, **more}
    for number, each in enumerate(items(part.get("annotations"))):
        yield f"{event}.annotation.added", {**place, "annotation_index": number, "annotation": each}
    yield "response.content_part.done", {**place, "part": part}


def reasoning_events(item: Object, place: dict[str, JSON]) -> Iterator[tuple[str, dict[str, JSON]]]:
    """The summaries of reasoning, and its text where a host shows it."""
    for number, each in enumerate(map(members, items(item.get("summary")))):
        here = {**place, "summary_index": number}
        yield "response.reasoning_summary_part.added", {**here, "part": {**each, "text": ""}}
        yield from filled("response.reasoning_summary_text", "text", each.get("text"), here)
        yield "response.reasoning_summary_part.done", {**here, "part": each}
    for number, each in enumerate(map(members, items(item.get("content")))):
        yield from filled("response.reasoning_text", "text", each.get("text"), {**place, "content_index": number})


def joined(body: bytes) -> Object:
    """A stream put together to one response object; where it broke off, the items so far."""
    whole: dict[str, Any] = {}
    found: dict[int, dict[str, Any]] = {}
    for event in _sse.objects(body):
        kind = text(event.get("type")) or ""
        if kind == "error" or (not kind and event.get("error")):
            return {"error": members(event.get("error")) or event}
        if isinstance(event.get("response"), Mapping):
            whole = dict(event["response"])
        elif kind in ("response.output_item.added", "response.output_item.done"):
            found[integer(event.get("output_index")) or 0] = dict(members(event.get("item")))
        elif kind.endswith(".delta"):
            add_delta(found.get(integer(event.get("output_index")) or 0), kind, event)
    if not items(whole.get("output")):
        whole["output"] = [found[index] for index in sorted(found)]
    return whole


def add_delta(item: dict[str, Any] | None, kind: str, event: Object) -> None:
    """Add a piece of text or of arguments to the item that it belongs to."""
    piece = text(event.get("delta"))
    if item is None or piece is None:
        return
    if kind == "response.output_text.delta":
        content = [*items(item.get("content"))] or [{"type": "output_text", "text": ""}]
        last = members(content[-1])
        item["content"] = [*content[:-1], {**last, "text": (text(last.get("text")) or "") + piece}]
    elif kind == "response.function_call_arguments.delta":
        item["arguments"] = (text(item.get("arguments")) or "") + piece
