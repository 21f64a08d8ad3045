"""Conversations as the arguments of SDKs that follow OpenAI's."""

import base64
import json
import struct
from collections.abc import Callable
from typing import Any

from pytest_llmreplay.model.call import Message, Text, Tool, ToolCall, ToolResult


def words(message: Message) -> str:
    """The text of a message."""
    return "".join(part.content for part in message.parts if isinstance(part, Text))


def calls(message: Message) -> list[ToolCall]:
    """The tool calls of a message."""
    return [part for part in message.parts if isinstance(part, ToolCall)]


def result(message: Message) -> ToolResult | None:
    """The result that a message of a tool holds."""
    return next((part for part in message.parts if isinstance(part, ToolResult)), None)


def message(each: Message, arguments: Callable[[Any], Any] = json.dumps) -> dict[str, Any]:
    """A message; content is null where there are calls only."""
    if (told := result(each)) is not None:
        return {"role": "tool", "tool_call_id": told.id, "content": told.content}
    made = [
        {
            "id": called.id,
            "type": "function",
            "function": {"name": called.name, "arguments": arguments(called.arguments)},
        }
        for called in calls(each)
    ]
    if made:
        return {"role": each.role, "content": words(each) or None, "tool_calls": made}
    return {"role": each.role, "content": words(each)}


def tool(each: Tool) -> dict[str, Any]:
    """A function to call."""
    inner = {"name": each.name, "description": each.description, "parameters": each.parameters}
    return {"type": "function", "function": inner}


def unpacked(text: str) -> tuple[float, ...]:
    """A vector of 32-bit floats from base64."""
    raw = base64.b64decode(text)
    return struct.unpack(f"<{len(raw) // 4}f", raw)
