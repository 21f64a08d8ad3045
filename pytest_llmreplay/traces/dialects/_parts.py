"""GenAI messages' parts, tools and arguments. PYTEST_DONT_REWRITE"""

from collections.abc import Mapping
from typing import Any

from pytest_llmreplay import registry
from pytest_llmreplay.model.call import Media, Other, Part, Reasoning, Refusal, Text, Tool, ToolCall, ToolResult
from pytest_llmreplay.model.jsonvalue import items, members, text
from pytest_llmreplay.traces.dialects._attributes import CUT, opened, written


def arguments_of(value: Any) -> Any:
    """Tool arguments as data; text that is not JSON stays text."""
    found = opened(value)
    return value if found is CUT else found


def part_of(each: Any) -> Part | None:
    """One part of a GenAI message (semantic conventions, ``gen-ai-input-messages.json``)."""
    if isinstance(each, str):
        return Text(each)
    each = members(each)
    kind = text(each.get("type")) or ""
    content = each.get("content")
    if kind == "text":
        return Text(content if isinstance(content, str) else "" if content is None else written(content))
    if kind in ("reasoning", "thinking"):
        return Reasoning(text(content) or "", text(each.get("signature")))
    if kind == "refusal":
        return Refusal(text(content) or "")
    if kind == "tool_call":
        return ToolCall(text(each.get("name")) or "", arguments_of(each.get("arguments")), text(each.get("id")) or None)
    if kind == "tool_call_response":
        value = each.get("response") if "response" in each else each.get("result")
        return ToolResult(result_text(value), text(each.get("id")) or None)
    if kind in ("uri", "file", "blob"):
        return media_of(kind, each)
    return Other(kind, each) if kind else None


def media_of(kind: str, each: Mapping[str, Any]) -> Media:
    """A part that holds or points to an image, sound or file."""
    modality = text(each.get("modality")) or "file"
    if kind == "uri":
        block = {"type": "image_url", "image_url": {"url": each.get("uri")}}
        found = registry.load("providers", "openai.chat").parts([block])[0]
        return Media(modality, found.reference)
    if kind == "file":
        return Media(modality, text(each.get("file_id")) or "")
    block = {"type": "image", "source": {"data": each.get("content")}}
    found = registry.load("providers", "anthropic.messages").parts([block])[0]
    return Media(modality, found.reference)


def result_text(value: Any) -> str:
    """A tool's result as text."""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and value and all(isinstance(each, Mapping) for each in value):
        return "".join(text(each.get("text")) or text(each.get("content")) or written(each) for each in value)
    return "" if value is None else written(value)


def parts_of(values: Any) -> tuple[Part, ...]:
    """The parts of a GenAI message; empty texts fall away."""
    out: list[Part] = []
    for each in items(values):
        if type(each) is dict and each.get("type") == "text" and type(words := each.get("content")) is str:
            if words:
                out.append(Text(words))
        elif (part := part_of(each)) is not None and part != Text(""):
            out.append(part)
    return tuple(out)


def tools_of(values: Any) -> tuple[Tool, ...]:
    """Tool definitions, flat or in a provider's own shape."""
    out = []
    for each in items(values):
        inner = members(members(each).get("function")) or members(each)
        schema = inner.get("parameters") if inner.get("parameters") is not None else inner.get("input_schema")
        name = text(inner.get("name")) or text(inner.get("type")) or ""
        out.append(Tool(name, text(inner.get("description")), schema))
    return tuple(out)
