"""GenAI messages as log records beside the span (conventions 1.28 to 1.36). PYTEST_DONT_REWRITE

Source: OpenTelemetry semantic conventions 1.30, "GenAI events".
"""

from typing import Any

from pytest_llmreplay.model.call import Choice, Message, Part, Text, ToolCall, ToolResult
from pytest_llmreplay.model.jsonvalue import integer, items, members, text
from pytest_llmreplay.model.trace import LogRecord, Span
from pytest_llmreplay.registry import load
from pytest_llmreplay.traces.dialects._origin import provider_name
from pytest_llmreplay.traces.dialects._parts import arguments_of, result_text
from pytest_llmreplay.traces.dialects.genai import OPERATIONS, call_of, finished, without
from pytest_llmreplay.traces.dialects.protocol import Exchange

MESSAGES = {
    "gen_ai.system.message": "system",
    "gen_ai.user.message": "user",
    "gen_ai.assistant.message": "assistant",
    "gen_ai.tool.message": "tool",
}
CHOICE = "gen_ai.choice"
LOST = frozenset({"other", "developer_messages", "reasoning"})


class GenAIEvents:
    """Spans whose messages stand in log records that name them."""

    name = "genai-events"

    def exchange(self, span: Span) -> Exchange | None:
        """The call and answer of a span with its log records."""
        records = [each for each in span.logs if each.name in MESSAGES or each.name == CHOICE]
        kind = OPERATIONS.get(str(span.attributes.get("gen_ai.operation.name")))
        if not records or kind not in ("chat", "completion", None):
            return None
        provider = provider_name(span)
        vocabulary = load("providers", provider or "openai.chat")
        records.sort(key=lambda each: each.time_ns)
        messages = tuple(message_of(each, vocabulary) for each in records if each.name in MESSAGES)
        call = call_of(span, "chat", provider, messages, (), LOST)
        silent = any(message.role in ("user", "system") and not message.parts for message in messages)
        call = without(call, {"tools", *(["messages"] if silent or not messages else [])})
        told = sorted(
            (each for each in records if each.name == CHOICE), key=lambda each: integer(body(each, "index")) or 0
        )
        return finished(span, call, tuple(choice_of(each, vocabulary) for each in told))


def body(record: LogRecord, name: str) -> Any:
    """A member of a record's body."""
    return members(record.body).get(name)


def message_of(record: LogRecord, vocabulary: Any) -> Message:
    """One message of the request."""
    role = text(body(record, "role")) or MESSAGES[record.name]
    content = body(record, "content")
    if record.name == "gen_ai.tool.message":
        said = content if isinstance(content, str) else result_text(content)
        return Message("tool", (ToolResult(said, text(body(record, "id"))),))
    return Message(role, (*vocabulary.parts(content), *calls_of(record.body)))


def calls_of(message: Any) -> tuple[Part, ...]:
    """The tool calls of a message in the events' form."""
    found = []
    for each in items(members(message).get("tool_calls")):
        function = members(members(each).get("function"))
        arguments = arguments_of(function.get("arguments"))
        found.append(ToolCall(text(function.get("name")) or "", arguments, text(members(each).get("id"))))
    return tuple(found)


def choice_of(record: LogRecord, vocabulary: Any) -> Choice:
    """One choice of the answer."""
    message = members(body(record, "message")) or members(record.body)
    parts = tuple(part for part in vocabulary.parts(message.get("content")) if part != Text(""))
    return Choice(
        parts=(*parts, *calls_of(message)),
        finish_reason=text(body(record, "finish_reason")) or None,
        role=text(message.get("role")) or "assistant",
    )
