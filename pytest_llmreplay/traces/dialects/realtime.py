"""Spans of realtime and live APIs, whose sessions cannot be replayed: read as steps that say so. PYTEST_DONT_REWRITE

Source: opentelemetry-instrumentation-openai and -openai-agents 0.55 and later (``openai.realtime``, request type
``realtime``); OpenTelemetry's GenAI conventions leave other operation names to the provider.
"""

from typing import Final

from pytest_llmreplay.model.call import Answer, Call, Known
from pytest_llmreplay.model.jsonvalue import text
from pytest_llmreplay.model.trace import Span
from pytest_llmreplay.traces.dialects.protocol import Exchange

WORDS: Final = frozenset({"realtime", "live"})
TOLD_BY: Final = ("llm.request.type", "gen_ai.operation.name", "openai.api.type")
WHY: Final = "it was recorded from a realtime API, which speaks through a websocket and cannot be replayed"


class Realtime:
    """Spans that say of themselves that they are of a realtime API."""

    name = "realtime"

    def exchange(self, span: Span) -> Exchange | None:
        """A call of which nothing but the model is known, without an answer."""
        if WORDS.isdisjoint(str(span.attributes[name]).lower() for name in TOLD_BY if name in span.attributes):
            return None
        model = text(span.attributes.get("gen_ai.request.model")) or text(span.attributes.get("gen_ai.response.model"))
        known = Known(fields=frozenset({"model"} if model else ()), parameters=frozenset())
        return Exchange(call=Call(kind="chat", model=model, known=known), answer=Answer(), incomplete=WHY)
