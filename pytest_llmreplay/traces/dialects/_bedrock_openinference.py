"""Spans of Amazon Bedrock by OpenInference: the request put together from what is kept of it. PYTEST_DONT_REWRITE

Source: openinference-instrumentation-bedrock 0.1.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from pytest_llmreplay.model.call import EVERYTHING, Answer, Call, Choice, Known, Text, ToolCall, finish_class
from pytest_llmreplay.model.jsonvalue import members, text
from pytest_llmreplay.model.trace import Span
from pytest_llmreplay.registry import load
from pytest_llmreplay.traces.dialects._attributes import CUT, indexed, opened, usage_of
from pytest_llmreplay.traces.dialects._bedrock_embeddings import embeds, vectors
from pytest_llmreplay.traces.dialects._origin import seed_of
from pytest_llmreplay.traces.dialects.openinference import message_of
from pytest_llmreplay.traces.dialects.protocol import Exchange, Vocabulary

SAMPLING: Final = frozenset({"maxTokens", "temperature", "topP", "stopSequences", "max_new_tokens", "topK"})
"""What OpenInference's parameters have of ``inferenceConfig``; a model's own fields are folded in among them."""
WRITERS: Final = ("meta.llama", "amazon.titan")
"""Models of InvokeModel that answer with nothing but a text, which OpenInference keeps as it is."""


def openinference(span: Span, provider: Vocabulary) -> Exchange:
    """The exchange of a span of OpenInference's: the request put together from what is kept of it."""
    attributes = span.attributes
    raw, params = opened(attributes.get("input.value")), members(opened(attributes.get("llm.invocation_parameters")))
    whole = isinstance(raw, Mapping)
    model = model_asked(attributes)
    body = {**request_of(attributes, raw, params), "modelId": model}
    call = provider.call_of_body(body)
    if embeds(model):
        return vectors(span, call)
    stream = span.name.endswith("stream")
    system = [each for each in map(message_of, indexed(attributes, "llm.input_messages")) if each.role == "system"]
    messages = call.messages if call.messages and call.messages[0].role == "system" else (*system, *call.messages)
    call = replace(call, stream=stream, messages=messages, known=known(span, call, whole=whole))
    answer = answered(span, provider, call)
    if answer is not None:
        return Exchange(call=call, answer=answer)
    why = "the span holds no answer (output.value is absent, or a placeholder)"
    return Exchange(call=call, answer=Answer(seed=seed_of(span)), incomplete=why)


def model_asked(attributes: Mapping[str, Any]) -> str | None:
    """The model asked for; None where the span has only the one that answered."""
    named = text(attributes.get("llm.model_name"))
    told_ = members(opened(attributes.get("output.value"))).get("model")
    return None if named == told_ else named


def request_of(attributes: Mapping[str, Any], raw: Any, params: Mapping[str, Any]) -> dict[str, Any]:
    """The body of a request: whole, or from its messages, or from its prompt; else all of it is in the parameters."""
    if isinstance(raw, Mapping):
        return dict(raw)
    if isinstance(raw, list) and not (raw or indexed(attributes, "llm.input_messages")):
        return dict(params)
    if isinstance(raw, list):
        tools = [opened(each.get("tool.json_schema")) for each in indexed(attributes, "llm.tools")]
        inference = {k: v for k, v in params.items() if k in SAMPLING}
        return {"messages": raw, "inferenceConfig": inference, "toolConfig": {"tools": tools} if tools else {}}
    given = attributes.get("input.value")
    return {"prompt": given, **params} if isinstance(given, str) and raw is CUT else dict(params)


def known(span: Span, call: Call, *, whole: bool) -> Known:
    """What a span of OpenInference's knows of a question."""
    attributes = span.attributes
    fields = {*(["model"] if call.model else []), *(["messages"] if call.messages else [])}
    if span.dropped_attributes:
        fields.discard("messages")
    if whole or "llm.tools.0.tool.json_schema" in attributes:
        fields.add("tools")
    parameters = EVERYTHING if whole else frozenset(call.parameters)
    cut = {"model_vendor"} if attributes.get("llm.system") == "anthropic" else set()  # the vendor stands there instead
    return Known(fields=frozenset(fields), parameters=parameters, lost=frozenset({"media", "other", *cut}))


def answered(span: Span, provider: Vocabulary, call: Call) -> Answer | None:
    """The answer: a whole one of the model's maker, a message without its frame, or a text."""
    value = span.attributes.get("output.value")
    raw = opened(value)
    base = Answer(provider=provider.name, usage=usage_of(span.attributes), seed=seed_of(span))
    reason = text(span.attributes.get("llm.finish_reason"))
    anthropic: Vocabulary = load("providers", "anthropic.messages")
    if isinstance(raw, Mapping) and anthropic.tells(raw):
        answer = anthropic.answer_of_body(raw)
        return replace(answer, usage=answer.usage or base.usage, seed=base.seed, raw=None if call.stream else raw)
    if isinstance(raw, Mapping) and isinstance(raw.get("content"), list):
        parts = provider.parts(raw["content"])
    elif isinstance(value, str) and is_text(span, value, raw):
        parts = (Text(value),)
    else:
        return None
    if finish_class(reason or "") == "tool_call" and not any(isinstance(part, ToolCall) for part in parts):
        return None
    return replace(base, choices=(Choice(parts=parts, finish_reason=reason),))


def is_text(span: Span, value: str, raw: Any) -> bool:
    """Whether an output is a text as it is: of models that only write text any, else what neither is JSON nor was."""
    model = str(span.attributes.get("llm.model_name"))
    if not value or value == "None":
        return False
    return any(name in model for name in WRITERS) or (raw is CUT and not value.startswith(("{", "[")))
