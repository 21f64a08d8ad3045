"""Items of OpenAI Responses, read and written. PYTEST_DONT_REWRITE

Source: the OpenAI API reference, "Responses", items of ``input`` and ``output``.
"""

from collections.abc import Iterator, Mapping

from pytest_llmreplay.model.call import Call, Choice, Other, Part, Reasoning, Refusal, Text, ToolCall, ToolResult
from pytest_llmreplay.model.jsonvalue import JSON, Object, items, members, text
from pytest_llmreplay.providers._json import arguments_text, loads, made_up, result_text


def item_part(item: Object) -> Part:
    """An item that is no message: a tool call, its result, reasoning, or what only the API itself understands."""
    kind = text(item.get("type")) or "unknown"
    called = text(item.get("call_id"))
    if kind == "function_call":
        return ToolCall(text(item.get("name")) or "", loads(text(item.get("arguments")) or ""), called)
    if kind == "custom_tool_call":
        return ToolCall(text(item.get("name")) or "", text(item.get("input")) or "", called)
    if kind in ("function_call_output", "custom_tool_call_output"):
        return ToolResult(result_text(item.get("output")), called)
    if kind == "reasoning":
        return Reasoning("".join(thoughts(item)), text(item.get("encrypted_content")))
    return Other(kind, {k: v for k, v in item.items() if v is not None})


def thoughts(item: Object) -> list[str]:
    """The texts of a reasoning item: its summaries, and what a host shows of the thoughts themselves."""
    found = [members(each) for each in (*items(item.get("summary")), *items(item.get("content")))]
    return [text(each.get("text")) or "" for each in found]


def output_items(call: Call, choice: Choice, seed: str, own: bool) -> Iterator[JSON]:
    """The parts of an answer as items; neighbouring texts are the content of one message."""
    custom = {each.name for each in call.tools if members(each.options).get("type") == "custom"}
    words: list[JSON] = []
    for index, part in enumerate(choice.parts):
        if isinstance(part, Text | Refusal):
            words.append(content_body(part))
            continue
        if words:
            yield message_item(words, choice.role, f"{seed}:{index}:words")
            words = []
        item = item_body(part, f"{seed}:{index}", custom, own)
        if item is not None:
            yield item
    if words:
        yield message_item(words, choice.role, seed)


def content_body(part: Text | Refusal) -> JSON:
    """A text or a refusal as part of a message."""
    if isinstance(part, Refusal):
        return {"type": "refusal", "refusal": part.content}
    return {"type": "output_text", "text": part.content, "annotations": [], "logprobs": []}


def message_item(content: list[JSON], role: str, seed: str) -> JSON:
    """A message of an answer."""
    return {
        "id": made_up(seed, "msg_", 48),
        "type": "message",
        "status": "completed",
        "role": role,
        "content": list(content),
    }


def item_body(part: Part, seed: str, custom: set[str], own: bool) -> JSON:
    """A part that is no text as an item; None for what has no place in an answer of this API."""
    if isinstance(part, ToolCall):
        called = {"call_id": part.id or made_up(seed, "call_"), "name": part.name, "status": "completed"}
        if part.name in custom:
            given = arguments_text(part.arguments)
            return {"id": made_up(seed, "ctc_", 48), "type": "custom_tool_call", **called, "input": given}
        written = arguments_text({} if part.arguments is None else part.arguments)
        return {"id": made_up(seed, "fc_", 48), "type": "function_call", **called, "arguments": written}
    if isinstance(part, Reasoning):
        summary: JSON = [{"type": "summary_text", "text": part.content}] if part.content else []
        item: dict[str, JSON] = {"id": made_up(seed, "rs_", 48), "type": "reasoning", "summary": summary}
        return {**item, "encrypted_content": part.signature} if own and part.signature else item
    if isinstance(part, Other) and isinstance(part.data, Mapping):
        if part.type == "server_tool_call":
            return server_item(part.data, seed)
        return {"id": made_up(seed, "item_", 48), **part.data, "type": part.type} if own else None
    return None


def server_item(data: Object, seed: str) -> JSON:
    """A tool that the server ran, from its GenAI part (conventions 1.40)."""
    inner = {k: v for k, v in members(data.get("server_tool_call")).items() if k != "type"}
    kind = f"{data.get('name')}_call"
    return {"id": text(data.get("id")) or made_up(seed, "item_", 48), "status": "completed", **inner, "type": kind}
