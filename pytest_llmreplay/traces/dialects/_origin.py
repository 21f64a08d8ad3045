"""The wire API that a span was recorded from, and the seed of what is made up for it. PYTEST_DONT_REWRITE"""

from collections.abc import Iterator, Mapping
from typing import Any

from pytest_llmreplay import registry
from pytest_llmreplay.model.trace import Hints, Span
from pytest_llmreplay.traces.dialects.protocol import Vocabulary


def hints_of(span: Span) -> Hints:
    """What a span says of the wire API that it was recorded from."""
    attributes = span.attributes

    def word(*names: str) -> str:
        for name in names:
            if value := attributes.get(name):
                return str(value).lower()
        return ""

    return Hints(
        system=word("gen_ai.provider.name", "gen_ai.system", "llm.system", "llm.provider"),
        scope=span.scope,
        name=span.name,
        operation=word("gen_ai.operation.name", "llm.request.type", "openinference.span.kind"),
        api=word("openai.api.type", "rpc.method"),
        address=word("server.address", "gen_ai.openai.api_base"),
    )


def provider_of(span: Span, asked: Mapping[str, Any] | None = None) -> Vocabulary | None:
    """The wire API that a span was recorded from, by its words and by the shape of its raw request.

    None if none fits.
    """
    hints = hints_of(span)
    speaking: Iterator[Vocabulary] = (each for each in registry.every("providers") if each.spoken_by(hints))
    if not asked:
        return next(speaking, None)
    spoken = list(speaking)
    return next((each for each in spoken or registry.every("providers") if each.asks(asked)), None)


def provider_name(span: Span) -> str | None:
    """Registered name of the wire API that a span was recorded from, where one is known."""
    found = provider_of(span)
    return found.name if found else None


def seed_of(span: Span) -> str:
    """What made-up values of a span are derived from."""
    return f"{span.trace_id}:{span.span_id}"
