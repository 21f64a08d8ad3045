"""Embedding calls in spans of Amazon Bedrock, which keep no vectors. PYTEST_DONT_REWRITE

Source: opentelemetry-instrumentation-bedrock (OpenLLMetry), openinference-instrumentation-bedrock 0.1.
"""

from dataclasses import replace
from typing import Final

from pytest_llmreplay.model.call import Answer, Call, Known, Message, Text
from pytest_llmreplay.model.jsonvalue import items, members, text
from pytest_llmreplay.model.trace import Span
from pytest_llmreplay.registry import load
from pytest_llmreplay.traces.dialects._attributes import indexed, opened, usage_of
from pytest_llmreplay.traces.dialects._origin import seed_of
from pytest_llmreplay.traces.dialects.protocol import Exchange, Vocabulary

INVOKE: Final = "bedrock.invoke"


def embeds(model: str | None) -> bool:
    """Whether a model makes vectors: InvokeModel's spans do not tell."""
    return "embed" in (model or "")


def embedded(span: Span, model: str | None) -> Exchange:
    """The exchange of an embedding call; no instrumentation of Bedrock keeps vectors."""
    asked_ = items(opened(span.attributes.get("gen_ai.input.messages")))
    words = [text(part.get("content")) for each in asked_ for part in map(members, items(members(each).get("parts")))]
    words = words or [text(each.get("user")) for each in indexed(span.attributes, "gen_ai.prompt")]
    provider: Vocabulary = load("providers", INVOKE)
    contents = [members(each.body).get("content") for each in span.logs]
    said = [part.content for each in contents for part in provider.parts(each) if isinstance(part, Text)]
    texts = [each for each in (*words, *said) if each]
    lost = frozenset({"model_vendor"})
    fields = frozenset({"model", *(["messages"] if texts and None not in words else [])})
    call = Call(
        kind="embedding",
        provider=INVOKE,
        model=model,
        messages=tuple(Message("user", (Text(each),)) for each in texts),
        known=Known(fields=fields, parameters=frozenset(), lost=lost),
    )
    return Exchange(call=call, answer=Answer(provider=INVOKE, usage=usage_of(span.attributes), seed=seed_of(span)))


def vectors(span: Span, call: Call) -> Exchange:
    """The exchange of an embedding call of OpenInference's; the vectors are not there."""
    fields = {"model", *(["messages"] if call.messages else [])}
    call = replace(
        call,
        kind="embedding",
        known=Known(fields=frozenset(fields), parameters=frozenset(call.parameters)),
        options={},
    )
    return Exchange(call=call, answer=Answer(provider=INVOKE, usage=usage_of(span.attributes), seed=seed_of(span)))
