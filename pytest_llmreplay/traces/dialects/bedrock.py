"""Spans of Amazon Bedrock in every vocabulary: what its instrumentations drop or name otherwise. PYTEST_DONT_REWRITE

Source: opentelemetry-instrumentation-bedrock (OpenLLMetry, 0.47 and 0.62), openinference-instrumentation-bedrock 0.1
and the Bedrock extension of opentelemetry-instrumentation-botocore 0.66.
"""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from pytest_llmreplay.model.call import Answer, ApiError, Call, Choice, Known, Message, Part, Text, ToolResult, Usage
from pytest_llmreplay.model.jsonvalue import integer, members, text
from pytest_llmreplay.model.trace import LogRecord, Span
from pytest_llmreplay.registry import load
from pytest_llmreplay.traces.dialects._attributes import opened, usage_of
from pytest_llmreplay.traces.dialects._bedrock_doubts import OLD, TRACELOOP, by_claude, doubted
from pytest_llmreplay.traces.dialects._bedrock_embeddings import INVOKE, embedded, embeds
from pytest_llmreplay.traces.dialects._bedrock_openinference import openinference
from pytest_llmreplay.traces.dialects._errors import raised
from pytest_llmreplay.traces.dialects._origin import hints_of, seed_of
from pytest_llmreplay.traces.dialects.genai import GenAI
from pytest_llmreplay.traces.dialects.genai_events import CHOICE, MESSAGES, GenAIEvents
from pytest_llmreplay.traces.dialects.openllmetry_indexed import OpenLLMetryIndexed
from pytest_llmreplay.traces.dialects.protocol import Exchange, Vocabulary

TOKEN: Final = 3.5
"""Bytes of a token of Claude's (Anthropic's documentation, "Glossary")."""
LONG_TOKEN: Final = 12
"""Bytes that the tokens of a text do not reach on the average."""
BOTOCORE: Final = "opentelemetry.instrumentation.botocore.bedrock-runtime"
"""Scope of the botocore package's spans."""
CONVERSE: Final = "bedrock.converse"
ERROR: Final = re.compile(
    r"An error occurred \((?:.*[#.])?(\w+)\) when calling the \w+ operation(?: \([^)]*\))?: (.*)\Z", re.DOTALL
)
"""How botocore prints an error: code, operation, attempts and message."""
STATUSES: Final[Mapping[str, int]] = {
    "ValidationException": 400,
    "ConflictException": 400,
    "ServiceQuotaExceededException": 400,
    "AccessDeniedException": 403,
    "ExpiredTokenException": 403,
    "UnrecognizedClientException": 403,
    "InvalidSignatureException": 403,
    "ResourceNotFoundException": 404,
    "ModelTimeoutException": 408,
    "ModelErrorException": 424,
    "ModelStreamErrorException": 424,
    "ThrottlingException": 429,
    "ModelNotReadyException": 429,
    "InternalServerException": 500,
    "ServiceUnavailableException": 503,
}
"""HTTP status by error code."""
BLOCKS: Final = ("reasoningContent", "guardContent", "document", "video", "audio", "cachePoint", "citationsContent")
"""Blocks of Converse that OpenLLMetry does not know and takes for text, as their JSON."""


class BedrockSpans:
    """Reads Bedrock's spans through the vocabulary that each is written in, and mends what comes of it."""

    name = "bedrock"

    def exchange(self, span: Span) -> Exchange | None:
        """The call and answer of a span."""
        provider = provider_of(span)
        kind = span.attributes.get("openinference.span.kind")
        if provider is None or kind not in (None, "LLM"):
            return None
        found = openinference(span, provider) if kind else genai(span, provider)
        if found is None:
            return None
        return failed(span, found) or found


def provider_of(span: Span) -> Vocabulary | None:
    """The one of Bedrock's APIs that a span was recorded from; Converse where it does not say. None for other spans."""
    hints = hints_of(span)
    found: list[Vocabulary] = [load("providers", name) for name in (CONVERSE, INVOKE)]
    return next((each for each in found if each.spoken_by(hints)), None)


def failed(span: Span, found: Exchange) -> Exchange | None:
    """The exchange with the error that botocore raised; None where it raised none."""
    seen = raised(span)
    matched = ERROR.search(text(seen.get("exception.message")) or span.status_message) if seen is not None else None
    if matched is None:
        return None
    code, words = matched[1], matched[2]
    status = int(code) if code.isdecimal() else STATUSES.get(code)
    if status is None or not 400 <= status < 600:
        return replace(found, incomplete=f"the call failed with {code}, whose status is not known")
    error = ApiError(status=status, type=code, message=words)
    answer = Answer(error=error, provider=found.call.provider, seed=seed_of(span))
    return replace(found, answer=answer, incomplete=None, proviso=None, losses=())


def genai(span: Span, provider: Vocabulary) -> Exchange | None:
    """The exchange of a span with GenAI attributes."""
    model = text(span.attributes.get("gen_ai.request.model"))
    if embeds(model) or span.attributes.get("gen_ai.operation.name") == "embeddings":
        return embedded(span, model)
    prepared = span._replace(attributes=as_chat(span.attributes), logs=tuple(plain_logs(span.logs)))
    dialects = (GenAIEvents(), GenAI(), OpenLLMetryIndexed())
    found = next((each for dialect in dialects if (each := dialect.exchange(prepared)) is not None), None)
    if found is None:
        return bare(span, provider)
    if found.call.kind != "chat":
        return found
    call = asked(prepared, replace(found.call, provider=provider.name))
    choices = tuple(told(span, provider, found.answer.choices))
    answer = replace(found.answer, provider=provider.name, choices=choices, usage=counted(span))
    return estimated(span, doubted(prepared, replace(found, call=call, answer=answer)))


def bare(span: Span, provider: Vocabulary) -> Exchange | None:
    """The exchange of a span that says nothing of a call but its model, or not even that where it failed."""
    if span.scope != TRACELOOP:
        return None
    model = text(span.attributes.get("gen_ai.request.model"))
    fields = frozenset({"model"} if model else ())
    known_ = Known(fields=fields, parameters=frozenset(), lost=frozenset({"model_vendor"}))
    call = Call(kind="chat", provider=provider.name, model=model, known=known_)
    return Exchange(call=call, answer=Answer(seed=seed_of(span)), incomplete="the span holds no answer")


def as_chat(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Attributes with a prompt named as what InvokeModel's provider makes of it: a chat of one message."""
    operation = attributes.get("gen_ai.operation.name")
    return {**attributes, "gen_ai.operation.name": "chat"} if operation == "text_completion" else dict(attributes)


def plain_logs(records: Iterable[LogRecord]) -> Iterable[LogRecord]:
    """Log records without what is in them twice: tool results stand in the user's message as well, calls in content."""
    kept = [each for each in records if each.name in MESSAGES or each.name == CHOICE]
    captured = any(members(each.body).get("content") for each in kept)
    for each in kept:
        body = members(each.body)
        if each.name == "gen_ai.tool.message" and captured:
            continue
        if body.get("tool_calls") and body.get("content"):
            yield each._replace(body={k: v for k, v in body.items() if k != "tool_calls"})
        else:
            yield each._replace(body=without_empty_blocks(body)) if each.name == CHOICE else each


def without_empty_blocks(choice: Mapping[str, Any]) -> dict[str, Any]:
    """The record of an answer without the empty blocks that stand in it for a stream's thoughts."""
    message = members(choice.get("message"))
    content = message.get("content")
    if not isinstance(content, list):
        return dict(choice)
    return {**choice, "message": {**message, "content": [each for each in content if each != {}]}}


def asked(span: Span, call: Call) -> Call:
    """The question with tool results as the provider reads them, and what the instrumentation loses."""
    messages = tuple(
        replace(each, parts=tuple(map(asked_part, each.parts))) for each in with_one_system_text(call.messages)
    )
    method = str(span.attributes.get("rpc.method", ""))
    stream = "stream" in method.lower() if method else call.stream
    lost = call.known.lost | {"other_tools", "media", "reasoning"}
    call = replace(call, messages=messages, stream=stream, known=replace(call.known, lost=lost))
    return asked_claude(call) if span.name == OLD and "claude" in (call.model or "") else call


def with_one_system_text(messages: tuple[Message, ...]) -> tuple[Message, ...]:
    """Messages with all system texts in one, as the API has them; OpenLLMetry 0.47 has a message for each."""
    system = [each for each in messages if each.role == "system"]
    if len(system) < 2:
        return messages
    parts = tuple(part for each in system for part in each.parts)
    return (Message("system", parts), *(each for each in messages if each.role != "system"))


def asked_claude(call: Call) -> Call:
    """A question to Claude as OpenLLMetry 0.47 has it: no system text, texts as JSON, all contents in one place."""
    messages = tuple(replace(each, parts=tuple(map(unquoted, each.parts))) for each in call.messages)
    fields = call.known.fields if all(each.parts for each in messages) else call.known.fields - {"messages"}
    known_ = replace(call.known, fields=fields, lost=call.known.lost | {"system_messages"})
    return replace(call, messages=messages, known=known_)


def unquoted(part: Part) -> Part:
    """A text that stands as its JSON; else the part itself."""
    found = opened(part.content) if isinstance(part, Text) and part.content.startswith('"') else None
    return Text(found) if isinstance(found, str) else part


def asked_part(part: Part) -> Part:
    """One part of a question; OpenLLMetry dumps blocks that it does not know, and results that are not text."""
    if isinstance(part, Text):
        return dumped(part)
    if isinstance(part, ToolResult) and part.content.startswith("[{"):
        blocks = opened(part.content)
        if isinstance(blocks, list):
            (read,) = load("providers", CONVERSE).parts([{"toolResult": {"content": blocks}}])
            return replace(part, content=read.content)
    return part


def dumped(part: Text) -> Part:
    """A text that is the JSON of one of Converse's blocks as that block; else the text itself."""
    if not part.content.startswith(tuple(f'{{"{each}"' for each in BLOCKS)):
        return part
    block = opened(part.content)
    if not isinstance(block, Mapping) or len(block) != 1:
        return part
    found: Part = load("providers", CONVERSE).parts([block])[0]
    return found


def told(span: Span, provider: Vocabulary, choices: tuple[Choice, ...]) -> Iterable[Choice]:
    """The choices as the API gives them: one, of all blocks; OpenLLMetry 0.47 has a choice for each text."""
    if not choices or span.scope != TRACELOOP:
        return choices
    parts = [dumped(part) if isinstance(part, Text) else part for choice in choices for part in choice.parts]
    if provider.name == INVOKE and "claude" in str(span.attributes.get("gen_ai.request.model")):
        parts = [read for part in parts for read in opened_parts(provider, part)]
    reason = next((each.finish_reason for each in choices if each.finish_reason), None)
    return (replace(choices[0], parts=tuple(parts), finish_reason=reason),)


def opened_parts(provider: Vocabulary, part: Part) -> Iterable[Part]:
    """A text that is a list of Anthropic's blocks as its parts; else the part itself."""
    blocks = opened(part.content) if isinstance(part, Text) and part.content.startswith('[{"') else None
    if isinstance(blocks, list) and all("type" in members(each) for each in blocks):
        return provider.parts(blocks)
    return (part,)


def counted(span: Span) -> Usage | None:
    """Token counts. Both packages leave the cached ones apart, as the API does; no counts at all come as zeros."""
    usage = usage_of(span.attributes)
    if usage is None or span.scope not in (TRACELOOP, BOTOCORE) or usage.input is None:
        return usage
    return replace(usage, input=usage.input + (usage.cache_read or 0) + (usage.cache_write or 0))


def estimated(span: Span, found: Exchange) -> Exchange:
    """An exchange with the tokens that its text is likely to have, where a stream of Claude's began with another count.

    OpenLLMetry 0.47 keeps the count of the stream's first event, which is too low for the text of any answer.
    """
    usage = found.answer.usage
    if span.name != OLD or not by_claude(span) or usage is None or usage.output is None:
        return found
    parts = [part for choice in found.answer.choices for part in choice.parts]
    size = sum(len(part.content.encode("utf-8", "replace")) for part in parts if isinstance(part, Text))
    if size <= usage.output * LONG_TOKEN:
        return found
    likely = math.ceil(size / TOKEN)
    tokens = min(likely, integer(span.attributes.get("gen_ai.request.max_tokens")) or likely)
    loss = ("answer.usage.output", "estimated by the length of the text, and no more than the call allows")
    answer = replace(found.answer, usage=replace(usage, output=tokens))
    return replace(found, answer=answer, losses=(*found.losses, loss))
