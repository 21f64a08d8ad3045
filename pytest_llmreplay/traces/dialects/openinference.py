"""OpenInference: the SDK's raw arguments and answer where they are, indexed attributes otherwise. PYTEST_DONT_REWRITE

Source: the OpenInference semantic conventions (Arize), and its instrumentations of OpenAI and Anthropic.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from pytest_llmreplay import registry
from pytest_llmreplay.model.call import (
    Answer,
    Arguments,
    Call,
    Choice,
    Kind,
    Known,
    Message,
    Part,
    Reasoning,
    Returned,
    Text,
    Tool,
    ToolCall,
    ToolResult,
)
from pytest_llmreplay.model.jsonvalue import items, members, text
from pytest_llmreplay.model.trace import Span
from pytest_llmreplay.traces.dialects import _google, _responses
from pytest_llmreplay.traces.dialects._attributes import CUT, indexed, opened, usage_of
from pytest_llmreplay.traces.dialects._errors import failure
from pytest_llmreplay.traces.dialects._exchanges import embedding_exchange
from pytest_llmreplay.traces.dialects._exchanges import function_exchange as common_exchange
from pytest_llmreplay.traces.dialects._origin import provider_name, provider_of, seed_of
from pytest_llmreplay.traces.dialects._parts import arguments_of
from pytest_llmreplay.traces.dialects.protocol import Exchange, Vocabulary

KINDS: Mapping[str, Kind] = {
    "LLM": "chat",
    "EMBEDDING": "embedding",
    "RETRIEVER": "retrieval",
    "RERANKER": "rerank",
    "TOOL": "tool",
    "CHAIN": "function",
    "AGENT": "function",
}
NO_PARAMETERS = frozenset(
    {"model", "stream", "stream_options", "messages", "extra_headers", "extra_body", "prompt_cache_key"}
)
SAMPLING = frozenset(
    {"frequency_penalty", "logit_bias", "logprobs", "max_tokens", "choice.count", "presence_penalty", "seed",
     "stop_sequences", "temperature", "top_p", "user"}
)  # fmt: skip
COMMON = frozenset(
    {"metadata", "moderation", "parallel_tool_calls", "prompt_cache_key", "prompt_cache_options",
     "prompt_cache_retention", "reasoning_effort", "safety_identifier", "service_tier", "store", "temperature",
     "tool_choice", "top_logprobs", "top_p", "user"}
)  # fmt: skip
STANDARD: Mapping[str, frozenset[str]] = {
    "openai.chat": SAMPLING
    | COMMON
    | {"audio", "function_call", "modalities", "prediction", "response_format", "verbosity", "web_search_options"},
    "openai.completions": SAMPLING | {"best_of", "echo", "suffix"},
    "openai.responses": COMMON
    | {"background", "context_management", "conversation", "include", "max_tokens", "max_tool_calls", "prompt",
       "previous_response_id", "reasoning", "text", "truncation"},
}  # fmt: skip
"""What OpenAI's client names itself. Members of compatible hosts go through ``extra_body``, which its spans lack."""
LOST = frozenset({"tool_options", "media", "other"})
"""What the indexed form does not keep whole."""


class OpenInference:
    """Spans with ``openinference.span.kind``."""

    name = "openinference"

    def exchange(self, span: Span) -> Exchange | None:
        """The call and answer of a span."""
        word = str(span.attributes.get("openinference.span.kind")).upper()
        kind = KINDS.get(word)
        if kind is None:
            return None
        if kind != "chat":
            return replace(function_exchange(span, kind), holds=word == "AGENT")
        call = call_of(span)
        answer = answer_of(span, call)
        if answer is not None:
            return Exchange(call=call, answer=answer)
        error, why = failure(span)
        seed = seed_of(span)
        if error is not None:
            return Exchange(call=call, answer=Answer(error=error, provider=call.provider, seed=seed))
        why = why or "the span holds no answer (output.value and llm.output_messages are absent or cut off)"
        return Exchange(call=call, answer=Answer(seed=seed), incomplete=why)


def is_completion(span: Span) -> bool:
    """Whether the span is of the old text completion API."""
    return "llm.prompts.0.prompt.text" in span.attributes or span.name == "Completion"


def raw_object(span: Span, side: str) -> dict[str, Any]:
    """``input.value`` or ``output.value`` as an object; empty where it is none, or cut off."""
    value = opened(span.attributes.get(f"{side}.value"))
    return dict(value) if isinstance(value, Mapping) else {}


def call_of(span: Span) -> Call:
    """The question: from the raw arguments where they are a provider's, else from the indexed messages."""
    raw = raw_object(span, "input")
    vocabulary = provider_of(span, plain(raw))
    named = span.name.lower().endswith("stream")
    streams = raw.get("stream") is True or named or parameters_of(span).get("stream") is True
    if raw and vocabulary is not None:
        call = vocabulary.call_of_body(plain(raw))
        known = within(raw_known(span, raw, call), call.known)
        return _google.respelled(replace(call, stream=streams, known=known))
    call = completion_call(span) if is_completion(span) else indexed_call(span, provider_name(span))
    return _google.respelled(replace(call, stream=streams))


def plain(raw: dict[str, Any]) -> dict[str, Any]:
    """Arguments of an SDK call without what stands for a Python object."""
    return {key: value for key, value in raw.items() if not is_object(value)}


def is_object(value: Any) -> bool:
    """Whether a value is the printed form of a Python object (``<class 'x'>``, ``NOT_GIVEN``)."""
    return isinstance(value, str) and ((value.startswith("<") and value.endswith(">")) or value == "NOT_GIVEN")


def raw_known(span: Span, raw: Mapping[str, Any], call: Call) -> Known:
    """What raw arguments know: all, but for values that were Python objects, and what OpenAI's client took besides."""
    fields = Known().fields if call.model else Known().fields - {"model"}
    if any(is_object(value) for value in raw.values()):
        return Known(fields=fields, parameters=frozenset(call.parameters))
    standard = STANDARD.get(call.provider or "")
    if standard is not None and span.scope.endswith(".openai"):
        return Known(fields=fields, parameters=standard | frozenset(call.parameters))
    return Known(fields=fields)


def within(known: Known, own: Known) -> Known:
    """What raw arguments know, but for what their API itself finds unknown in them (files, functions of Python)."""
    return replace(known, fields=known.fields & own.fields, lost=known.lost | own.lost)


def parameters_of(span: Span) -> Mapping[str, Any]:
    """The invocation parameters; an empty text stands for one that was not given."""
    found = opened(span.attributes.get("llm.invocation_parameters"))
    return {k: v for k, v in members(None if found is CUT else found).items() if v not in ("", None)}


def indexed_call(span: Span, provider: str | None) -> Call:
    """The question from indexed attributes."""
    attributes = span.attributes
    messages = tuple(message_of(each) for each in indexed(attributes, "llm.input_messages"))
    tools = tuple(tool_of(each) for each in indexed(attributes, "llm.tools"))
    parameters = {k: v for k, v in parameters_of(span).items() if k not in NO_PARAMETERS}
    model = text(attributes.get("llm.request.model_name")) or text(parameters_of(span).get("model"))
    fields = {*(["model"] if model else []), *(["messages"] if messages else []), *(["tools"] if tools else [])}
    if span.dropped_attributes:
        fields.discard("messages")
    return Call(
        kind="chat",
        provider=provider,
        model=model or text(attributes.get("llm.model_name")),
        messages=messages,
        tools=tools,
        parameters=parameters,
        known=Known(fields=frozenset(fields), parameters=frozenset(parameters), lost=LOST),
    )


def inner(each: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The members below ``name.`` of an indexed item."""
    start = name + "."
    return {key.removeprefix(start): value for key, value in each.items() if key.startswith(start)}


def message_of(each: Mapping[str, Any]) -> Message:
    """One indexed message."""
    message = inner(each, "message")
    role = text(message.get("role")) or "user"
    if role == "tool" or "tool_call_id" in message:
        return Message("tool", (ToolResult(text(message.get("content")) or "", text(message.get("tool_call_id"))),))
    return Message(role, message_parts(message))


def completion_call(span: Span) -> Call:
    """The question of a text completion from its indexed prompts."""
    prompts = [text(each.get("prompt.text")) for each in indexed(span.attributes, "llm.prompts")]
    messages = tuple(Message("user", (Text(each),)) for each in prompts if each is not None)
    call = indexed_call(span, provider_name(span))
    fields = (call.known.fields - {"tools"}) | ({"messages"} if messages else set())
    return replace(call, kind="completion", messages=messages, known=replace(call.known, fields=fields))


def message_parts(message: Mapping[str, Any]) -> tuple[Part, ...]:
    """The parts of an indexed message: in block order where it has blocks, then its tool calls."""
    parts: list[Part] = []
    for each in indexed(message, "contents"):
        content = inner(each, "message_content")
        kind = text(content.get("type"))
        if kind == "text":
            parts.append(Text(text(content.get("text")) or ""))
        elif kind == "reasoning":
            parts.append(Reasoning(text(content.get("text")) or "", text(content.get("signature"))))
        elif called := inner(each, "tool_call"):
            parts.append(call_part(called))  # web results and other blocks of a server's own are not comparable
    if words := text(message.get("content")):
        parts.append(Text(words))
    if not any(isinstance(part, ToolCall) for part in parts):
        parts += [call_part(inner(each, "tool_call")) for each in indexed(message, "tool_calls")]
    if (legacy := text(message.get("function_call_name"))) is not None:
        arguments = arguments_of(message.get("function_call_arguments_json") or "")
        parts.append(ToolCall(legacy, arguments, legacy=True))
    return tuple(parts)


def call_part(called: Mapping[str, Any]) -> ToolCall:
    """An indexed tool call."""
    arguments = called.get("function.arguments")
    return ToolCall(
        text(called.get("function.name")) or "",
        {} if arguments is None else arguments_of(arguments),
        text(called.get("id")),
    )


def tool_of(each: Mapping[str, Any]) -> Tool:
    """A tool definition as it was sent."""
    schema = members(opened(each.get("tool.json_schema")))
    function = members(schema.get("function")) or schema
    parameters = function.get("parameters") if "parameters" in function else function.get("input_schema")
    return Tool(text(function.get("name")) or "", text(function.get("description")), parameters)


def answer_of(span: Span, call: Call) -> Answer | None:
    """The answer: the raw one where it is whole, else the indexed messages; None where neither is there."""
    raw = raw_object(span, "output")
    seed = seed_of(span)
    started = span.start_ns // 1_000_000_000
    if isinstance(raw.get("error"), Mapping) and raw.keys() == {"error"}:
        return Answer(provider=call.provider, seed=seed, created=started, raw=raw)
    teller = teller_of(raw, call) if raw else None
    if teller is not None:
        answer: Answer = teller.answer_of_body(raw)
        exact = raw if not call.stream or is_final(raw) else None
        return replace(
            answer,
            choices=with_reason(answer.choices, text(span.attributes.get("llm.finish_reason"))),
            seed=seed,
            created=answer.created or started,
            raw=exact,
            usage=answer.usage or usage_of(span.attributes),
            usage_in_stream=bool(call.stream and not call.options.get("include_usage")),
        )
    choices = tuple(
        Choice(
            parts=message_parts(inner(each, "message")), finish_reason=text(span.attributes.get("llm.finish_reason"))
        )
        for each in indexed(span.attributes, "llm.output_messages")
    )
    if is_completion(span):
        choices = completions(span)
    if call.provider == _responses.NAME:
        choices = _responses.as_one(choices)
    if not any(choice.parts for choice in choices):
        return None
    return Answer(
        choices=choices,
        provider=call.provider,
        model=text(span.attributes.get("llm.response.model_name")) or text(span.attributes.get("llm.model_name")),
        usage=usage_of(span.attributes),
        created=started,
        seed=seed,
    )


def teller_of(raw: Mapping[str, Any], call: Call) -> Vocabulary | None:
    """The wire API that a raw answer is of: the call's own where it fits, else the first that knows it."""
    known: Sequence[Vocabulary] = registry.every("providers")
    return next((each for each in sorted(known, key=lambda each: each.name != call.provider) if each.tells(raw)), None)


def with_reason(choices: tuple[Choice, ...], reason: str | None) -> tuple[Choice, ...]:
    """Choices whose first has the span's finish reason where the raw answer has none."""
    if not reason or not choices or choices[0].finish_reason:
        return choices
    return (replace(choices[0], finish_reason=reason), *choices[1:])


def is_final(raw: Mapping[str, Any]) -> bool:
    """Whether the raw answer of a stream is the whole object that it ended with (Responses), not one put together."""
    return raw.get("object") == "response"


def completions(span: Span) -> tuple[Choice, ...]:
    """The choices of a text completion; the span has the finish reason of the first only."""
    reason = text(span.attributes.get("llm.finish_reason"))
    found = [text(each.get("completion.text")) for each in indexed(span.attributes, "llm.choices")]
    return tuple(
        Choice(parts=(Text(each),) if each else (), finish_reason=reason if index == 0 else None)
        for index, each in enumerate(found)
    )


def function_exchange(span: Span, kind: Kind) -> Exchange:
    """A retriever, tool, embedding or reranker."""
    attributes = span.attributes
    if kind == "embedding":
        return embedding_of(span)
    if kind == "rerank":
        if (ranked := reranked(span)) is not None:
            return ranked
        call = Call(kind=kind, model=text(attributes.get("reranker.model_name")))
        return Exchange(call=call, answer=Answer(), incomplete="no provider answers calls of this kind")
    name = text(attributes.get("tool.name")) or span.name
    output = output_of(attributes)
    if output is None:
        output = [inner(each, "document") for each in indexed(attributes, "retrieval.documents")] or None
    exchange = common_exchange(span, Call(kind=kind, model=name, arguments=arguments_given(attributes)), output)
    if isinstance(output, str) and attributes.get("output.mime_type") != "application/json":
        return replace(exchange, answer=replace(exchange.answer, returned=Returned(output, as_text=True)))
    return exchange


def reranked(span: Span) -> Exchange | None:
    """The exchange of a reranker that is a wire API, from its raw arguments and answer; None for any other."""
    asked, told = raw_object(span, "input"), raw_object(span, "output")
    vocabulary = provider_of(span, asked) if provider_name(span) else None
    if vocabulary is None or not asked:
        return None
    call = vocabulary.call_of_body(asked)
    seed = seed_of(span)
    if vocabulary.tells(told):
        return Exchange(call=call, answer=replace(vocabulary.answer_of_body(told), raw=told, seed=seed))
    error, why = failure(span)
    if error is not None:
        return Exchange(call=call, answer=Answer(error=error, provider=call.provider, seed=seed))
    return Exchange(call=call, answer=Answer(seed=seed), incomplete=why or "the span holds no answer")


def embedding_of(span: Span) -> Exchange:
    """An embedding call; its vectors are in the trace."""
    attributes = span.attributes
    found = [inner(each, "embedding") for each in indexed(attributes, "embedding.embeddings")]
    words = [text(each.get("text")) for each in found]
    exchange = embedding_exchange(
        span,
        model=text(parameters_of(span).get("model")) or text(attributes.get("embedding.model_name")),
        texts=[each for each in words if each is not None] if None not in words else None,
        vectors=[items(each.get("vector")) for each in found if each.get("vector") is not None],
        named=text(attributes.get("embedding.model_name")),
    )
    return _google.embedded(span, exchange)


def arguments_given(attributes: Mapping[str, Any]) -> Arguments | None:
    """The arguments of a function: one stands bare, several by their names; None where they were not recorded."""
    given = attributes.get("input.value")
    if given is None:
        return None
    if attributes.get("input.mime_type") == "application/json":
        found = opened(given)
        if found is CUT:
            return None
        return Arguments(named=dict(found)) if isinstance(found, Mapping) else Arguments((found,))
    return Arguments((given,))


def output_of(attributes: Mapping[str, Any]) -> Any:
    """What a function returned: JSON, or plain text; None where it was not recorded."""
    value = attributes.get("output.value")
    return opened(value) if attributes.get("output.mime_type") == "application/json" else value
