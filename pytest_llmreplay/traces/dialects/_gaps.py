"""What OpenLLMetry's indexed spans of Cohere, Mistral and Ollama leave out, or write otherwise. PYTEST_DONT_REWRITE

Source: opentelemetry-instrumentation-cohere 0.62, -mistralai 0.47 and -ollama 0.62 (``span_utils``). The first two
record neither contents that are lists nor tool calls of earlier turns; Ollama's records neither the system text of a
prompt nor thinking and tool calls of an answer.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from pytest_llmreplay.model.call import Answer, Call, Choice, Known, Message, Part, Text, ToolCall
from pytest_llmreplay.model.jsonvalue import JSON, items, members, text
from pytest_llmreplay.model.trace import Span
from pytest_llmreplay.registry import load
from pytest_llmreplay.traces.dialects._attributes import CUT, indexed, opened
from pytest_llmreplay.traces.dialects._errors import failure
from pytest_llmreplay.traces.dialects._origin import seed_of
from pytest_llmreplay.traces.dialects.protocol import Exchange

COHERE, COHERE_V1, MISTRAL, OLLAMA = "cohere.chat", "cohere.v1.chat", "mistral.chat", "ollama.chat"
NO_ANSWER = "the answer is not in the span (its tool calls, thinking or blocks were not recorded)"
RESULT = re.compile(r"Doc (\d+), Score: (\S+)")
"""How a document's relevance is put in words."""
Items = Sequence[Mapping[str, Any]]
"""Prompts or completions, each as its attributes."""


def mended(span: Span, exchange: Exchange) -> Exchange:
    """An exchange with what its provider's instrumentation lost set right; of other providers as it is."""
    if exchange.call.provider not in (COHERE, MISTRAL, OLLAMA):
        return exchange
    prompts, completions = indexed(span.attributes, "gen_ai.prompt"), indexed(span.attributes, "gen_ai.completion")
    if exchange.call.provider == OLLAMA:
        lost = {"media", *(["history"] if span.name == "ollama.completion" else [])}
        return held(less(exchange, lost), completions)
    exchange = held(spoken(exchange, prompts), completions)
    return of_cohere(span, exchange, prompts, completions) if exchange.call.provider == COHERE else exchange


def less(exchange: Exchange, lost: set[str], fields: frozenset[str] | None = None) -> Exchange:
    """An exchange whose call is known less well."""
    known = exchange.call.known
    known = replace(known, lost=known.lost | lost, fields=known.fields if fields is None else fields)
    return replace(exchange, call=replace(exchange.call, known=known))


def spoken(exchange: Exchange, prompts: Items) -> Exchange:
    """An exchange whose messages have texts only: what called tools is silent, and results have no ids."""
    silent = {str(each.get("role")) for each in prompts if not text(each.get("content"))}
    callers = "assistant" in silent or any(each.get("role") == "tool" for each in prompts)
    fields = exchange.call.known.fields - ({"messages"} if silent - {"assistant"} else set())
    return less(exchange, {"tool_ids", *(["assistant_messages"] if callers else [])}, fields)


def held(exchange: Exchange, completions: Items) -> Exchange:
    """An exchange that is incomplete where its answer was not recorded."""
    answer = exchange.answer
    if answer.error is not None or answer.raw is not None or exchange.incomplete:
        return exchange
    recorded = [text(each.get("content")) for each in completions]
    if any(words not in (None, "null") for words in recorded) or any(map(has_calls, answer.choices)):
        return exchange
    return replace(exchange, incomplete=NO_ANSWER)


def has_calls(choice: Choice) -> bool:
    """Whether a choice calls tools."""
    return any(isinstance(part, ToolCall) for part in choice.parts)


def of_cohere(span: Span, exchange: Exchange, prompts: Items, completions: Items) -> Exchange:
    """Cohere's answer from its blocks. Version 1, which is told apart by having none, recorded no history."""
    reasons = items(span.attributes.get("gen_ai.response.finish_reasons"))
    choices = tuple(
        replace(
            choice,
            parts=tuple(map(with_arguments, blocks(text(each.get("content")), choice))),
            finish_reason=choice.finish_reason or (text(reasons[0]) if reasons else None),
        )
        for choice, each in zip(exchange.answer.choices, completions, strict=False)
    )
    call = replace(exchange.call, parameters={k: listed(v) for k, v in exchange.call.parameters.items()})
    exchange = replace(exchange, call=call, answer=replace(exchange.answer, choices=choices))
    if is_version_2(span, prompts, completions):
        return exchange
    call, answer = replace(exchange.call, provider=COHERE_V1), replace(exchange.answer, provider=COHERE_V1)
    return less(replace(exchange, call=call, answer=answer), {"history"})


def listed(value: JSON) -> JSON:
    """A parameter; stop sequences stand as the JSON of their list."""
    found = opened(value) if isinstance(value, str) and value.startswith("[") else value
    return value if found is CUT else found


def with_arguments(part: Part) -> Part:
    """A part; a tool call without arguments has an empty object of them."""
    return replace(part, arguments={}) if isinstance(part, ToolCall) and part.arguments is None else part


def blocks(content: str | None, choice: Choice) -> tuple[Part, ...]:
    """The parts of a choice whose content is a list of blocks; else those it has."""
    found = blocks_of(content)
    if found is None:
        return choice.parts
    told = [part for part in load("providers", COHERE).parts(found) if part != Text("")]
    return (*told, *(part for part in choice.parts if isinstance(part, ToolCall)))


def blocks_of(content: str | None) -> Sequence[Any] | None:
    """The blocks that a content is the JSON of; None for one that is plain text."""
    found = opened(content) if content and content.startswith("[") else None
    if not isinstance(found, list) or not all(isinstance(each, Mapping) for each in found):
        return None
    return found if all({"text", "thinking"} & each.keys() for each in found) else None


def is_version_2(span: Span, prompts: Items, completions: Items) -> bool:
    """Whether a span is of version 2: it has many messages, an answer in blocks, or a failure from there."""
    if any(each.get("role") in ("assistant", "tool") for each in prompts):
        return True
    if any(blocks_of(text(each.get("content"))) is not None for each in completions):
        return True
    return any("cohere/v2/" in str(event.attributes.get("exception.stacktrace")) for event in span.events)


def embedded(prompts: Items) -> list[str] | None:
    """The texts of a Cohere embedding, which stand as blocks in one prompt; None where they are not all texts."""
    found = opened(prompts[0].get("content")) if prompts else None
    texts = [text(members(each).get("text")) for each in items(None if found is CUT else found)]
    return [each for each in texts if each is not None] if texts and None not in texts else None


def reranked(span: Span, prompts: Items, completions: Items) -> Exchange:
    """The exchange of a Cohere rerank: documents and query as prompts, relevance in words."""
    attributes = span.attributes
    model, seed = text(attributes.get("gen_ai.request.model")), seed_of(span)
    contents = [text(each.get("content")) for each in prompts]
    roles = [*("document" for _ in contents[1:]), "user"]
    messages = tuple(Message(role, (Text(each or ""),)) for role, each in zip(roles, contents, strict=False))
    whole = bool(contents) and None not in contents
    fields = {*(["model"] if model else []), *(["messages"] if whole else [])}
    known = Known(fields=frozenset(fields), parameters=frozenset())
    call = Call(kind="rerank", provider="cohere.rerank", model=model, messages=messages, known=known)
    error, why = failure(span)
    if error is not None:
        return Exchange(call=call, answer=Answer(error=error, provider=call.provider, seed=seed))
    results = [each for words in completions if (each := result_of(text(words.get("content")) or "")) is not None]
    identity = text(attributes.get("gen_ai.response.id"))
    answer = Answer(provider=call.provider, id=identity, seed=seed, details={"results": results})
    return Exchange(call=call, answer=answer, incomplete=why if results else why or NO_ANSWER)


def result_of(words: str) -> JSON:
    """A document's number and relevance from the words for it; None where it is none."""
    found = RESULT.match(words)
    try:
        return {"index": int(found[1]), "relevance_score": float(found[2])} if found else None
    except ValueError:
        return None
