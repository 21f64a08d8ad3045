"""OpenLLMetry up to 0.5x: one attribute per field of each message. PYTEST_DONT_REWRITE

Source: opentelemetry-semantic-conventions-ai 0.4 (``gen_ai.prompt.N``, ``gen_ai.completion.N``).
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pytest_llmreplay.model.call import (
    Answer,
    Call,
    Choice,
    Kind,
    Message,
    Part,
    Reasoning,
    Refusal,
    Text,
    Tool,
    ToolCall,
    ToolResult,
)
from pytest_llmreplay.model.jsonvalue import text
from pytest_llmreplay.model.trace import Span
from pytest_llmreplay.registry import load
from pytest_llmreplay.traces.dialects import _gaps, _google
from pytest_llmreplay.traces.dialects._attributes import CUT, indexed, opened
from pytest_llmreplay.traces.dialects._exchanges import embedding_exchange
from pytest_llmreplay.traces.dialects._origin import provider_name
from pytest_llmreplay.traces.dialects._parts import arguments_of
from pytest_llmreplay.traces.dialects.genai import call_of, finished, without
from pytest_llmreplay.traces.dialects.protocol import Exchange

GROQ = frozenset({"tool_turns", "after_silence"})
"""What its instrumentation of Groq leaves out besides: it ends at the first message without content."""
FILTERED = "FILTERED"
"""What its instrumentation of OpenAI writes in place of an answer that a filter stopped."""
STOPPED = ("answer.text", "none: what a filter stopped is not in the span")
LOST = frozenset({"tool_options", "tool_descriptions", "other", "reasoning", "model_vendor"})


class OpenLLMetryIndexed:
    """Spans with ``gen_ai.prompt.N.*`` and ``gen_ai.completion.N.*``."""

    name = "openllmetry-indexed"

    def exchange(self, span: Span) -> Exchange | None:
        """The call and answer of a span."""
        attributes = span.attributes
        prompts, completions = indexed(attributes, "gen_ai.prompt"), indexed(attributes, "gen_ai.completion")
        kind = kind_of(span, attributes)
        if kind is None or (kind == "chat" and not (prompts or completions or "gen_ai.request.model" in attributes)):
            return None
        if kind == "embedding":
            words = [content for each in prompts if (content := text(each.get("content"))) is not None]
            texts = _gaps.embedded(prompts) if provider_name(span) == "cohere.embed" else words or None
            return embedding_exchange(span, model=text(attributes.get("gen_ai.request.model")), texts=texts)
        if kind == "rerank" and provider_name(span) == "cohere.rerank":
            return _gaps.reranked(span, prompts, completions)
        if kind not in ("chat", "completion"):
            call = Call(kind=kind, model=text(attributes.get("gen_ai.request.model")))
            return Exchange(call=call, answer=Answer(), incomplete="no provider answers calls of this kind")
        provider = provider_name(span)
        vocabulary = load("providers", provider or "openai.chat")
        messages = tuple(message_of(each, vocabulary) for each in prompts)
        tools = tuple(map(tool_of, indexed(attributes, "llm.request.functions")))
        lost = LOST | GROQ if span.scope.endswith(".groq") else LOST
        if any(tool.description for tool in tools):
            lost -= {"tool_descriptions"}
        call = call_of(span, kind, provider, messages, tools, lost)
        silent = not any(message.parts for message in messages)
        call = without(call, {*(["messages"] if silent else []), *([] if tools else ["tools"])})
        exchange = _google.mended(span, finished(span, call, choices_of(completions, provider)))
        if any(map(is_filtered, completions)):
            exchange = replace(exchange, losses=(*exchange.losses, STOPPED))
        return _gaps.mended(span, exchange)


def kind_of(span: Span, attributes: Mapping[str, Any]) -> Kind | None:
    """What was asked: Anthropic's, Gemini's and Groq's chat calls are named completions.

    Responses have no type at all.
    """
    asked = str(attributes.get("llm.request.type") or "")
    if asked == "embedding":
        return "embedding"
    if asked == "rerank":
        return "rerank"
    if asked == "completion" and span.name == "openai.completion":
        return "completion"
    if (
        asked in ("chat", "completion")
        or "gen_ai.completion.0.role" in attributes
        or "gen_ai.prompt.0.role" in attributes
    ):
        return "chat"
    return None


def message_of(each: Mapping[str, Any], vocabulary: Any) -> Message:
    """One message of the request; content that is no plain string is the provider's parts as JSON."""
    role = text(each.get("role")) or "user"
    content = text(each.get("content")) or text(each.get("user")) or ""
    parts: tuple[Part, ...] = content_parts(content, vocabulary)
    if role == "tool" or "tool_call_id" in each:
        return Message("tool", (ToolResult(content, text(each.get("tool_call_id"))),))
    return Message(role, (*parts, *calls_of(each, vocabulary.name)))


def content_parts(content: str, vocabulary: Any) -> tuple[Part, ...]:
    """Text, or the provider's parts where the text is a list of them."""
    if content.startswith('[{"') or content == "[]":
        found = opened(content)
        if found is not CUT:
            return tuple(vocabulary.parts(found))
    return (Text(content),) if content else ()


def calls_of(each: Mapping[str, Any], provider: str | None) -> tuple[Part, ...]:
    """The tool calls of a message; arguments that are an empty text have no attribute."""
    absent = "" if provider == "openai.chat" else None
    return tuple(
        ToolCall(text(found.get("name")) or "", arguments_of(found.get("arguments", absent)), text(found.get("id")))
        for found in indexed(each, "tool_calls")
    )


def tool_of(each: Mapping[str, Any]) -> Tool:
    """A tool of the request."""
    schema = each.get("parameters") if "parameters" in each else each.get("input_schema")
    found = opened(schema)
    return Tool(text(each.get("name")) or "", text(each.get("description")), None if found is CUT else found)


def choices_of(completions: list[dict[str, Any]], provider: str | None) -> tuple[Choice, ...]:
    """The answer's choices; Anthropic's blocks stand one by one and make one choice."""
    if provider != "anthropic.messages":
        return tuple(
            Choice(parts=parts_of(each, provider), finish_reason=text(each.get("finish_reason")) or None)
            for each in completions
        )
    if not completions:
        return ()
    parts = tuple(part for each in completions for part in parts_of(each, provider))
    reasons = [text(each.get("finish_reason")) for each in completions]
    return (Choice(parts=parts, finish_reason=next((each for each in reasons if each), None)),)


def is_filtered(each: Mapping[str, Any]) -> bool:
    """Whether a filter stopped a completion, so that a word stands in its place."""
    return each.get("content") == FILTERED and each.get("finish_reason") == "content_filter"


def parts_of(each: Mapping[str, Any], provider: str | None) -> tuple[Part, ...]:
    """The parts of one completion."""
    content = text(each.get("content")) or ""
    parts: list[Part] = []
    if reasoning := text(each.get("reasoning")) or text(each.get("reasoning_content")):
        parts.append(Reasoning(reasoning))
    if content and not is_filtered(each):
        parts.append(Reasoning(content) if each.get("role") == "thinking" else Text(content))
    if refusal := text(each.get("refusal")):
        parts.append(Refusal(refusal))
    return (*parts, *calls_of(each, provider))
