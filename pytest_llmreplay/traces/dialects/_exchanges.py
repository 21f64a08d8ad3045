"""Exchanges that every vocabulary tells alike: functions and embeddings. PYTEST_DONT_REWRITE"""

from collections.abc import Sequence
from typing import Any

from pytest_llmreplay.model.call import Answer, Call, Failure, Known, Message, Returned, Text
from pytest_llmreplay.model.jsonvalue import text
from pytest_llmreplay.model.trace import Span
from pytest_llmreplay.traces.dialects._attributes import CUT, usage_of
from pytest_llmreplay.traces.dialects._errors import failure, raised
from pytest_llmreplay.traces.dialects._origin import provider_name, seed_of
from pytest_llmreplay.traces.dialects.protocol import Exchange


def function_exchange(span: Span, call: Call, output: Any, *, nothing: bool = False) -> Exchange:
    """The exchange of a tool, a retriever or a function: what it returned, what it raised, or why neither is known.

    ``nothing`` says that the span records that None was returned.
    """
    if output is CUT:
        return Exchange(call=call, answer=Answer(), incomplete="the output was cut off by an attribute length limit")
    if output is None and (seen := raised(span)) is not None:
        kind = (
            text(seen.get("exception.type"))
            or text(span.attributes.get("error.type"))
            or span.status_message.partition(":")[0]
        )
        words = text(seen.get("exception.message")) or span.status_message
        return Exchange(call=call, answer=Answer(failure=Failure(kind or "Exception", words)))
    if output is None and not nothing:
        return Exchange(call=call, answer=Answer(), incomplete="the output was not recorded")
    return Exchange(call=call, answer=Answer(returned=Returned(output)))


def is_vector(value: Sequence[Any]) -> bool:
    """Whether a list holds nothing but numbers."""
    return all(isinstance(each, int | float) for each in value)


def embedding_exchange(
    span: Span,
    *,
    model: str | None,
    texts: Sequence[str] | None,
    vectors: Sequence[Sequence[float]] = (),
    named: str | None = None,
) -> Exchange:
    """The exchange of an embedding call. Texts that are not known are not compared; vectors that are not, made up."""
    fields = {*(["model"] if model else []), *(["messages"] if texts else [])}
    messages = tuple(Message("user", (Text(each),)) for each in texts or ())
    known = Known(fields=frozenset(fields), parameters=frozenset())
    spoken = provider_name(span)
    provider = spoken if spoken and "embed" in spoken else "openai.embeddings"
    call = Call(kind="embedding", provider=provider, model=model, messages=messages, known=known)
    seed = seed_of(span)
    error, why = failure(span)
    if error is not None or why:
        return Exchange(call=call, answer=Answer(error=error, provider=call.provider, seed=seed), incomplete=why)
    answer = Answer(
        provider=call.provider,
        vectors=tuple(tuple(map(float, each)) for each in vectors) if all(map(is_vector, vectors)) else (),
        model=text(span.attributes.get("gen_ai.response.model")) or named,
        usage=usage_of(span.attributes),
        seed=seed,
    )
    return Exchange(call=call, answer=answer)
