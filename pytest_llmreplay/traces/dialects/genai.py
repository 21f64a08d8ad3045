"""GenAI attributes with messages as JSON: OpenLLMetry since 0.60 and the OpenTelemetry packages. PYTEST_DONT_REWRITE

Source: OpenTelemetry semantic conventions for generative AI, 1.37 to 1.41.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pytest_llmreplay.model.call import (
    Answer,
    Arguments,
    Call,
    Choice,
    Kind,
    Known,
    Message,
    Part,
    Text,
    Tool,
    ToolCall,
    finish_class,
)
from pytest_llmreplay.model.jsonvalue import items, members, text
from pytest_llmreplay.model.trace import Span
from pytest_llmreplay.traces.dialects import _google, _responses
from pytest_llmreplay.traces.dialects._attributes import CUT, opened, result_of, usage_of
from pytest_llmreplay.traces.dialects._errors import GENAI_OPENAI, OPENAI_V2, error_object, failure
from pytest_llmreplay.traces.dialects._exchanges import embedding_exchange, function_exchange
from pytest_llmreplay.traces.dialects._origin import hints_of, provider_name, seed_of
from pytest_llmreplay.traces.dialects._parts import parts_of, tools_of
from pytest_llmreplay.traces.dialects.protocol import Exchange
from pytest_llmreplay.traces.uploads import where

OPERATIONS: Mapping[str, Kind] = {
    "chat": "chat",
    "generate_content": "chat",
    "text_completion": "completion",
    "embeddings": "embedding",
    "retrieval": "retrieval",
    "execute_tool": "tool",
}
PARAMETERS = (
    "temperature", "top_p", "top_k", "max_tokens", "frequency_penalty", "presence_penalty", "seed", "stop_sequences",
    "choice.count", "reasoning_effort",
)  # fmt: skip
"""In the order in which case files hold them."""
DETAILS = {
    "gen_ai.openai.response.system_fingerprint": "system_fingerprint",
    "openai.response.system_fingerprint": "system_fingerprint",
    "openai.response.service_tier": "service_tier",
}
OPENLLMETRY = "opentelemetry.instrumentation.openai."
"""Scope of the instrumentation that leaves the vendor's prefix out of model names."""
LOST = frozenset({"tool_options", "other", "documents", "model_vendor", "tool_descriptions"})
"""What messages and tools in this form do not keep whole."""


class GenAI:
    """Spans whose messages stand in ``gen_ai.input.messages`` and ``gen_ai.output.messages``."""

    name = "genai"

    def exchange(self, span: Span) -> Exchange | None:
        """The call and answer of a span."""
        attributes = span.attributes
        kind = OPERATIONS.get(str(attributes.get("gen_ai.operation.name")))
        if kind is None and "gen_ai.output.messages" not in attributes:
            return None
        if "gen_ai.prompt.0.role" in attributes or "gen_ai.completion.0.role" in attributes:
            return None
        if kind == "tool":
            return tool_exchange(span)
        if kind == "retrieval":
            return retrieval_exchange(span)
        if kind == "embedding":
            asked = items(opened(attributes.get("gen_ai.input.messages")))
            words = [spoken(message_of(each)) for each in asked]
            model = text(attributes.get("gen_ai.request.model"))
            return _google.embedded(span, embedding_exchange(span, model=model, texts=words or None))
        return _google.mended(span, message_exchange(span, kind or "chat"))


def message_exchange(span: Span, kind: Kind) -> Exchange:
    """A call of a message API."""
    attributes = span.attributes
    asked, told = opened(attributes.get("gen_ai.input.messages")), opened(attributes.get("gen_ai.output.messages"))
    system = opened(attributes.get("gen_ai.system_instructions"))
    definitions = opened(attributes.get("gen_ai.tool.definitions"))
    provider = provider_name(span)
    messages = [message_of(each) for each in items(asked)]
    if system is not CUT and (first := parts_of(system)):
        messages.insert(0, Message("system", first))
    lost = LOST | {"reasoning"} if provider == "openai.chat" else LOST  # hosts have members of their own for it
    tools = tools_of(definitions)
    if any(tool.description for tool in tools):
        lost -= {"tool_descriptions"}
    call = call_of(span, kind, provider, tuple(messages), tools, lost)
    unknown = {
        "messages": asked is None or asked is CUT or system is CUT,
        "tools": definitions is None or definitions is CUT,
    }
    call = without(call, {name for name, is_unknown in unknown.items() if is_unknown})
    choices = tuple(choice_of(each, index, attributes) for index, each in enumerate(items(told)))
    return finished(span, call, choices, cut=told is CUT)


def call_of(
    span: Span,
    kind: Kind,
    provider: str | None,
    messages: tuple[Message, ...],
    tools: tuple[Tool, ...],
    lost: frozenset[str],
) -> Call:
    """A call with what GenAI request attributes say of it."""
    attributes = span.attributes
    parameters = {
        name: value
        for name in PARAMETERS
        if (value := attributes.get(f"gen_ai.request.{name}")) is not None and value != []
    }
    stream = next(
        (
            bool(attributes[key])
            for key in ("gen_ai.request.stream", "gen_ai.is_streaming", "llm.is_streaming")
            if key in attributes
        ),
        None,
    )
    model = text(attributes.get("gen_ai.request.model"))
    fields = {"messages", "tools", *(["model"] if model else [])}
    known = Known(fields=frozenset(fields), parameters=frozenset(parameters), lost=lost)
    return Call(
        kind=kind,
        provider=provider if kind in ("chat", "completion") else None,
        model=model,
        messages=messages,
        tools=tools,
        parameters=parameters,
        stream=stream,
        known=known,
    )


def without(call: Call, unknown: set[str]) -> Call:
    """A call of which some fields are not known."""
    return replace(call, known=replace(call.known, fields=call.known.fields - unknown))


def message_of(each: Any) -> Message:
    """One message with its role."""
    each = members(each)
    return Message(text(each.get("role")) or "user", parts_of(each.get("parts")))


def spoken(message: Message) -> str:
    """The text of a message."""
    return "".join(part.content for part in message.parts if isinstance(part, Text))


def choice_of(each: Any, index: int, attributes: Mapping[str, Any]) -> Choice:
    """One output message; the span's own finish reasons are nearer to the provider's words than its."""
    reasons = items(attributes.get("gen_ai.response.finish_reasons"))
    reason = text(reasons[index]) if index < len(reasons) else None
    return Choice(
        parts=parts_of(members(each).get("parts")),
        finish_reason=reason or text(members(each).get("finish_reason")) or None,
        role=text(members(each).get("role")) or "assistant",
    )


def finished(span: Span, call: Call, choices: tuple[Choice, ...], *, cut: bool = False) -> Exchange:
    """The exchange of a model call: its choices, or its error, or why it has neither."""
    attributes = span.attributes
    call, choices = _responses.mended(span, *with_arguments(span, call, choices))
    usage = usage_of(attributes)
    answer = Answer(
        choices=choices,
        provider=call.provider,
        model=model_told(span, call),
        id=text(attributes.get("gen_ai.response.id")),
        usage=usage,
        usage_in_stream=usage is not None and call.stream is not False,
        created=span.start_ns // 1_000_000_000,
        seed=seed_of(span),
        details=details_of(attributes),
    )
    if any(choice.parts for choice in choices):
        return Exchange(call=call, answer=answer)
    if (body := error_object(span)) is not None:
        losses = () if body else (("answer.error", "an empty object, which came with HTTP status 200"),)
        return Exchange(call=call, answer=replace(answer, raw={"error": body}), losses=losses)
    error, why = failure(span)
    if error is not None:
        return Exchange(call=call, answer=Answer(error=error, provider=call.provider, seed=answer.seed))
    if (reason := silent(call, attributes, choices)) is not None:
        return Exchange(call=call, answer=replace(answer, choices=(Choice(finish_reason=reason),)))
    if cut:
        return Exchange(call=call, answer=answer, incomplete="the answer was cut off by an attribute length limit")
    if why := why or where(attributes):
        return Exchange(call=call, answer=answer, incomplete=why)
    if any(finish_class(choice.finish_reason or "") == "tool_call" for choice in choices):
        return Exchange(call=call, answer=answer, incomplete="the model called a tool, and the call is not in the span")
    if choices:
        return Exchange(call=call, answer=answer)
    return Exchange(call=call, answer=answer, incomplete="the span holds no answer (content capture was off, or lost)")


def details_of(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """What a span has of the provider's own members; Groq has one for the usage of a stream."""
    found = {to: attributes[name] for name, to in DETAILS.items() if attributes.get(name) is not None}
    system = str(attributes.get("gen_ai.provider.name") or attributes.get("gen_ai.system")).lower()
    return {**found, "x_groq": {}} if system == "groq" else found


def model_told(span: Span, call: Call) -> str | None:
    """The model that answered. None for the one asked for where OpenLLMetry may have cut off the vendor's prefix."""
    told = text(span.attributes.get("gen_ai.response.model"))
    address = hints_of(span).address
    at_home = "openai.com" in address or "azure" in address or not span.scope.startswith(OPENLLMETRY)
    return None if not at_home and told == (call.model or "").rpartition("/")[2] else told


def silent(call: Call, attributes: Mapping[str, Any], choices: tuple[Choice, ...]) -> str | None:
    """Why an answer has no content at all though content was captured; None where it should have some.

    A filter took it away, or Claude had nothing to add.
    """
    reasons = [finish_class(str(each)) for each in items(attributes.get("gen_ai.response.finish_reasons"))]
    usual = ("content_filter", "stop") if call.provider == "anthropic.messages" else ("content_filter",)
    if choices or "gen_ai.input.messages" not in attributes or len(reasons) != 1 or reasons[0] not in usual:
        return None
    return reasons[0]


def with_arguments(span: Span, call: Call, choices: tuple[Choice, ...]) -> tuple[Call, tuple[Choice, ...]]:
    """A call and its answer with empty texts for the arguments that OpenTelemetry's packages for OpenAI leave out."""
    if span.scope not in (GENAI_OPENAI, OPENAI_V2):
        return call, choices
    messages = tuple(replace(each, parts=tuple(map(spelled, each.parts))) for each in call.messages)
    return replace(call, messages=messages), tuple(replace(c, parts=tuple(map(spelled, c.parts))) for c in choices)


def spelled(part: Part) -> Part:
    """A part; a tool call without arguments has an empty text of them."""
    return replace(part, arguments="") if isinstance(part, ToolCall) and part.arguments is None else part


def tool_exchange(span: Span) -> Exchange:
    """A tool that ran (``execute_tool``)."""
    attributes = span.attributes
    name = text(attributes.get("gen_ai.tool.name")) or span.name.removeprefix("execute_tool ")
    arguments = opened(attributes.get("gen_ai.tool.call.arguments"))
    result = result_of(attributes.get("gen_ai.tool.call.result"))
    given = Arguments(named=arguments) if isinstance(arguments, dict) else None
    return function_exchange(span, Call(kind="tool", model=name, arguments=given), result)


def retrieval_exchange(span: Span) -> Exchange:
    """A retriever that searched."""
    attributes = span.attributes
    query = text(attributes.get("gen_ai.retrieval.query.text"))
    documents = opened(attributes.get("gen_ai.retrieval.documents"))
    name = span.name.removeprefix("retrieval ")
    given = Arguments((query,)) if query is not None else None
    return function_exchange(span, Call(kind="retrieval", model=name, arguments=given), documents)
