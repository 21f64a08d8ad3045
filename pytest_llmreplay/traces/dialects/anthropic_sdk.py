"""The spans that Anthropic's SDK makes of its own calls: no content, but words that others rewrite. PYTEST_DONT_REWRITE

Source: anthropic 2.x, scope ``com.anthropic.sdk.python``.
"""

from pytest_llmreplay.model.call import Answer, Call, Choice, Known
from pytest_llmreplay.model.jsonvalue import text
from pytest_llmreplay.model.trace import Span
from pytest_llmreplay.traces.dialects._attributes import usage_of
from pytest_llmreplay.traces.dialects._errors import failure
from pytest_llmreplay.traces.dialects._origin import seed_of
from pytest_llmreplay.traces.dialects.protocol import Exchange

SCOPE = "com.anthropic.sdk.python"


class AnthropicSdk:
    """Adds raw stop reason, stream flag and error status to the span of an instrumentation."""

    name = "anthropic-sdk"

    def exchange(self, span: Span) -> Exchange | None:
        """What the SDK's span says of a call."""
        attributes = span.attributes
        if span.scope != SCOPE or attributes.get("gen_ai.operation.name") != "chat":
            return None
        call = Call(
            kind="chat",
            provider="anthropic.messages",
            model=text(attributes.get("gen_ai.request.model")),
            stream=bool(attributes.get("gen_ai.request.stream")),
            known=Known(fields=frozenset({"model"}), parameters=frozenset()),
        )
        seed = seed_of(span)
        error, why = failure(span)
        if error is not None:
            answer = Answer(error=error, provider=call.provider, seed=seed)
            return Exchange(call=call, answer=answer, supplement=True)
        reason = text(attributes.get("anthropic.message.stop_reason"))
        answer = Answer(
            choices=(Choice(finish_reason=reason),),
            provider=call.provider,
            model=text(attributes.get("gen_ai.response.model")),
            id=text(attributes.get("gen_ai.response.id")),
            usage=usage_of(attributes),
            seed=seed,
        )
        why = why or "only the SDK's own span is there, and it holds no content"
        return Exchange(call=call, answer=answer, incomplete=why, supplement=True)
