"""What instrumentations make of OpenAI's Responses API, taken back where it can be. PYTEST_DONT_REWRITE

Source: opentelemetry-instrumentation-openai (``openai.response`` spans) and opentelemetry-instrumentation-genai-openai.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from pytest_llmreplay.model.call import Call, Choice, Other, Part, Reasoning, ToolCall, finish_class
from pytest_llmreplay.model.jsonvalue import items, members, text
from pytest_llmreplay.model.trace import Span
from pytest_llmreplay.traces.dialects._attributes import CUT, opened

NAME = "openai.responses"
TRACELOOP = "openai.response"
"""Name of OpenLLMetry's spans."""
DROPPED = frozenset({"reasoning", "tool_ids", "other_tools"})
"""What OpenLLMetry leaves out of a request: a tool call has the id of its item, to which no result refers."""


def mended(span: Span, call: Call, choices: tuple[Choice, ...]) -> tuple[Call, tuple[Choice, ...]]:
    """A call and its choices as the API has them: one choice, ids that the next request can refer to."""
    if call.provider != NAME:
        return call, choices
    if span.name == TRACELOOP:
        gone = DROPPED if "gen_ai.input.messages" in span.attributes else DROPPED | {"tool_turns"}
        call = replace(call, known=replace(call.known, lost=call.known.lost | gone))
        choices = tuple(replace(each, parts=in_order(each.parts)) for each in choices)
    if not choices and waits(span):
        return call, (Choice(finish_reason="queued"),)
    reasons = [str(each) for each in items(span.attributes.get("gen_ai.response.finish_reasons"))]
    return call, as_one(choices or silent(span, reasons), reasons)


def silent(span: Span, reasons: Sequence[str]) -> tuple[Choice, ...]:
    """An answer that ended before there was content: all its tokens went into reasoning, or a filter took it away."""
    ended = any(finish_class(word) in ("length", "content_filter") for word in reasons)
    return (Choice(),) if ended and "gen_ai.input.messages" in span.attributes and span.status != "error" else ()


def as_one(choices: Sequence[Choice], reasons: Sequence[str] = ()) -> tuple[Choice, ...]:
    """The one choice that items told of one by one make up; it ended well unless an item did not."""
    if not choices:
        return ()
    words = [*reasons, *(each.finish_reason for each in choices if each.finish_reason)]
    ill = next((word for word in words if finish_class(word) not in ("stop", "tool_call")), None)
    parts = tuple(part for each in choices for part in each.parts)
    return (Choice(parts=parts, finish_reason=ill or ("completed" if words else None)),)


def waits(span: Span) -> bool:
    """Whether an answer was put off: it has an id, and no content, reason or usage, though content was captured."""
    attributes = span.attributes
    ended = any(key.startswith(("gen_ai.usage.", "gen_ai.response.finish_reasons")) for key in attributes)
    begun = "gen_ai.response.id" in attributes and "gen_ai.input.messages" in attributes
    return begun and not ended and not attributes.get("gen_ai.request.stream") and span.status != "error"


def in_order(parts: Sequence[Part]) -> tuple[Part, ...]:
    """OpenLLMetry's parts, which have the text first: reasoning, tools of the server, text, tool calls."""
    found = [restored(part) for part in parts]
    rank = {Reasoning: 0, Other: 1, ToolCall: 3}
    return tuple(sorted(found, key=lambda part: rank.get(type(part), 2)))


def restored(part: Part) -> Part:
    """A tool call without its item's id, a server's tool as no call, reasoning as text."""
    if isinstance(part, ToolCall) and part.name.endswith("_call") and part.arguments in (None, ""):
        return Other(part.name, {"id": part.id, "status": "completed"})
    if isinstance(part, ToolCall):
        return replace(part, id=None)
    if isinstance(part, Reasoning):
        return Reasoning(thoughts(part.content), part.signature)
    return part


def thoughts(content: str) -> str:
    """Reasoning that stands as the JSON of its summary."""
    found: Any = opened(content) if content.startswith("[{") else None
    if found is None or found is CUT or not all(isinstance(each, Mapping) for each in items(found)):
        return content
    return "".join(text(members(each).get("text")) or "" for each in items(found))
