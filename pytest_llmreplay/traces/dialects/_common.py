"""Reading that several vocabularies share: JSON in attributes, GenAI parts, usage, errors. PYTEST_DONT_REWRITE"""

import ast
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from pytest_llmreplay import registry
from pytest_llmreplay.model.call import (
    Answer,
    ApiError,
    Call,
    Failure,
    Known,
    Media,
    Message,
    Other,
    Part,
    Reasoning,
    Refusal,
    Returned,
    Text,
    Tool,
    ToolCall,
    ToolResult,
    Usage,
)
from pytest_llmreplay.model.jsonvalue import integer, items, members, text
from pytest_llmreplay.model.trace import Hints, Span
from pytest_llmreplay.traces.dialects.protocol import Exchange, Vocabulary

STATUS_OF = {
    "BadRequestError": 400,
    "AuthenticationError": 401,
    "PermissionDeniedError": 403,
    "NotFoundError": 404,
    "ConflictError": 409,
    "RequestTooLargeError": 413,
    "UnprocessableEntityError": 422,
    "HTTPValidationError": 422,
    "RateLimitError": 429,
    "InternalServerError": 500,
    "ServiceUnavailableError": 503,
    "OverloadedError": 529,
    "invalid_request_error": 400,
    "authentication_error": 401,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "api_error": 500,
    "overloaded_error": 529,
}
"""HTTP status for the SDKs' exception classes and the providers' error types."""
ERROR_CODE = re.compile(r"Error code: (\d{3})(?: - (.*))?\Z", re.DOTALL)
GOOGLE_ERROR = re.compile(r"\A(?:\w+: )?(\d{3}) \w+\. (\{.*)\Z", re.DOTALL)
"""How Google's SDK prints an error: code, status and body."""
FERN_ERROR = re.compile(r"status_code: (\d{3}), body: (.*)\Z", re.DOTALL)
"""How SDKs made by Fern (Cohere's) print one."""
SPEAKEASY_ERROR = re.compile(r"\bStatus (\d{3})(?: Content-Type .*?)?\. Body: (.*)\Z", re.DOTALL)
"""How SDKs made by Speakeasy (Mistral's) print one."""
OLLAMA_ERROR = re.compile(r"\A(?=.*\(status code: (\d{3})\)\Z)(.*) \(status code: \d{3}\)\Z", re.DOTALL)
"""How Ollama's SDK prints one: the code behind the message."""
GENAI_OPENAI = "opentelemetry.instrumentation.genai.openai"
OPENAI_V2 = "opentelemetry.instrumentation.openai_v2"
"""Scopes of OpenTelemetry's packages for OpenAI."""
NOT_ITERABLE = "'NoneType' object is not iterable"
LITERAL_LIMIT = 50_000
CUT = object()
"""What ``opened`` gives for JSON text that breaks off."""


def opened(value: Any) -> Any:
    """An attribute that holds JSON, as text or as a structured value; CUT where the text is no complete JSON."""
    if not isinstance(value, str):
        return value
    try:
        return msgspec.json.decode(value)
    except (msgspec.DecodeError, UnicodeError):
        pass
    except RecursionError:
        return CUT
    try:  # Python's own writer lets NaN and lone surrogates through
        return json.loads(value, parse_constant=lambda _: None)
    except (ValueError, RecursionError):
        return CUT


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


def arguments_of(value: Any) -> Any:
    """Tool arguments as data; text that is not JSON stays text."""
    found = opened(value)
    return value if found is CUT else found


def part_of(each: Any) -> Part | None:
    """One part of a GenAI message (semantic conventions, ``gen-ai-input-messages.json``)."""
    if isinstance(each, str):
        return Text(each)
    each = members(each)
    kind = text(each.get("type")) or ""
    content = each.get("content")
    if kind == "text":
        return Text(content if isinstance(content, str) else "" if content is None else written(content))
    if kind in ("reasoning", "thinking"):
        return Reasoning(text(content) or "", text(each.get("signature")))
    if kind == "refusal":
        return Refusal(text(content) or "")
    if kind == "tool_call":
        return ToolCall(text(each.get("name")) or "", arguments_of(each.get("arguments")), text(each.get("id")) or None)
    if kind == "tool_call_response":
        value = each.get("response") if "response" in each else each.get("result")
        return ToolResult(result_text(value), text(each.get("id")) or None)
    if kind in ("uri", "file", "blob"):
        return media_of(kind, each)
    return Other(kind, each) if kind else None


def media_of(kind: str, each: Mapping[str, Any]) -> Media:
    """A part that holds or points to an image, sound or file."""
    from pytest_llmreplay.registry import load

    modality = text(each.get("modality")) or "file"
    if kind == "uri":
        block = {"type": "image_url", "image_url": {"url": each.get("uri")}}
        found = load("providers", "openai.chat").parts([block])[0]
        return Media(modality, found.reference)
    if kind == "file":
        return Media(modality, text(each.get("file_id")) or "")
    block = {"type": "image", "source": {"data": each.get("content")}}
    found = load("providers", "anthropic.messages").parts([block])[0]
    return Media(modality, found.reference)


def result_text(value: Any) -> str:
    """A tool's result as text."""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and value and all(isinstance(each, Mapping) for each in value):
        return "".join(text(each.get("text")) or text(each.get("content")) or written(each) for each in value)
    return "" if value is None else written(value)


def written(value: Any) -> str:
    """Compact JSON text of a value."""
    try:
        return msgspec.json.encode(value).decode()
    except UnicodeEncodeError:  # a lone surrogate
        return json.dumps(value)


def parts_of(values: Any) -> tuple[Part, ...]:
    """The parts of a GenAI message; empty texts fall away."""
    out: list[Part] = []
    for each in items(values):
        if type(each) is dict and each.get("type") == "text" and type(words := each.get("content")) is str:
            if words:
                out.append(Text(words))
        elif (part := part_of(each)) is not None and part != Text(""):
            out.append(part)
    return tuple(out)


def tools_of(values: Any) -> tuple[Tool, ...]:
    """Tool definitions, flat or in a provider's own shape."""
    out = []
    for each in items(values):
        inner = members(members(each).get("function")) or members(each)
        schema = inner.get("parameters") if inner.get("parameters") is not None else inner.get("input_schema")
        name = text(inner.get("name")) or text(inner.get("type")) or ""
        out.append(Tool(name, text(inner.get("description")), schema))
    return tuple(out)


def first_integer(attributes: Mapping[str, Any], *names: str) -> int | None:
    """The first of several attributes that is a whole number."""
    return next((found for name in names if (found := integer(attributes.get(name))) is not None), None)


def usage_of(attributes: Mapping[str, Any]) -> Usage | None:
    """Token counts under their names of all versions; None where there is none at all."""
    usage = Usage(
        input=first_integer(
            attributes, "gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens", "llm.token_count.prompt"
        ),
        output=first_integer(
            attributes, "gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens", "llm.token_count.completion"
        ),
        cache_read=first_integer(
            attributes,
            "gen_ai.usage.cache_read.input_tokens",
            "gen_ai.usage.cache_read_input_tokens",
            "llm.token_count.prompt_details.cache_read",
        ),
        cache_write=first_integer(
            attributes,
            "gen_ai.usage.cache_creation.input_tokens",
            "gen_ai.usage.cache_write.input_tokens",
            "gen_ai.usage.cache_creation_input_tokens",
            "llm.token_count.prompt_details.cache_write",
        ),
        reasoning=first_integer(
            attributes,
            "gen_ai.usage.reasoning.output_tokens",
            "gen_ai.usage.reasoning_tokens",
            "llm.token_count.completion_details.reasoning",
        ),
    )
    return None if usage == Usage() else usage


def failure(span: Span) -> tuple[ApiError | None, str | None]:
    """The API error that a failed span tells of, or why it cannot be given again.

    (None, None) for a span that did not fail.
    """
    event = next((each for each in reversed(span.events) if each.name == "exception"), None)
    if span.status != "error" and event is None:
        return None, None
    seen = event.attributes if event else {}
    words = text(seen.get("exception.message")) or span.status_message
    kind = text(span.attributes.get("error.type")) or text(seen.get("exception.type")) or ""
    name = kind.rpartition(".")[2]
    status = first_integer(span.attributes, "http.response.status_code", "http.status_code")
    matched = ERROR_CODE.search(words) or GOOGLE_ERROR.search(words) or other_error(words)
    if matched:
        status = int(matched[1])
        words = matched[2] or ""
    status = status or STATUS_OF.get(name) or STATUS_OF.get(span.status_message.partition(":")[0])
    if status is None or status < 400:
        return None, f"the call failed with {name or 'an error'} ({words[:80]!r}), which is no answer of the provider's"
    body = literal(words)
    inner = members(members(body).get("error")) or members(body)
    word = text(inner.get("type")) or text(inner.get("status"))
    own = word or (name if name in STATUS_OF and name.islower() else None)
    return ApiError(status=status, type=own, message=text(inner.get("message")) or words, body=body), None


def other_error(words: str) -> re.Match[str] | None:
    """Status and body, or message, in the words of an SDK that is made otherwise than OpenAI's."""
    return FERN_ERROR.search(words) or SPEAKEASY_ERROR.search(words) or OLLAMA_ERROR.search(words)


def error_object(span: Span) -> Any:
    """The error object of an answer that came with HTTP status 200 (Azure's content filter), or None.

    The SDK raised nothing then, so there is no exception event; the object stands in the status or in an attribute.
    OpenTelemetry's packages keep nothing of it: it is empty.
    """
    if answered_nothing(span):
        return {}
    if (text_of := span.attributes.get("gen_ai.prompt.prompt_error")) is not None:
        found = opened(text_of)
        return found if isinstance(found, dict) else None
    if span.status != "error" or any(each.name == "exception" for each in span.events):
        return None
    return literal(span.status_message)


def answered_nothing(span: Span) -> bool:
    """Whether OpenTelemetry's package for OpenAI saw an answer that has neither choices nor id nor model.

    Source: opentelemetry-instrumentation-genai-openai 1.3b0 and -openai-v2 2.4b0 (``patch.py``). The latter fails over
    the choices, which it takes to be a list, before it has written anything.
    """
    attributes = span.attributes
    told = any(key.startswith(("gen_ai.response.", "gen_ai.usage.", "openai.response.")) for key in attributes)
    if told or attributes.get("gen_ai.operation.name") != "chat" or span.dropped_attributes:
        return False
    if span.scope == OPENAI_V2:
        return attributes.get("error.type") == "TypeError" and span.status_message == NOT_ITERABLE
    asked = "gen_ai.input.messages" in attributes and not attributes.get("gen_ai.request.stream")
    return span.scope == GENAI_OPENAI and asked and span.status != "error"


def function_exchange(span: Span, call: Call, output: Any, *, nothing: bool = False) -> Exchange:
    """The exchange of a tool, a retriever or a function: what it returned, what it raised, or why neither is known.

    ``nothing`` says that the span records that None was returned.
    """
    if output is CUT:
        return Exchange(call=call, answer=Answer(), incomplete="the output was cut off by an attribute length limit")
    event = next((each for each in reversed(span.events) if each.name == "exception"), None)
    if output is None and (span.status == "error" or event is not None):
        seen = event.attributes if event else {}
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


def result_of(value: Any) -> Any:
    """A recorded output: JSON where it is JSON, the text itself otherwise.

    CUT where it begins as JSON and breaks off.
    """
    if not isinstance(value, str):
        return value
    found = opened(value)
    return value if found is CUT and value[:1] not in ("{", "[", '"') else found


def literal(words: str) -> Any:
    """The error body that an SDK printed as JSON or as a Python literal, or None."""
    if not words.startswith("{") or len(words) > LITERAL_LIMIT:
        return None
    if isinstance(decoded := opened(words), dict):
        return decoded
    try:
        found = ast.literal_eval(words)
        msgspec.json.encode(found)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def seed_of(span: Span) -> str:
    """What made-up values of a span are derived from."""
    return f"{span.trace_id}:{span.span_id}"


def indexed(attributes: Mapping[str, Any], prefix: str) -> list[dict[str, Any]]:
    """Attributes ``prefix.N.rest`` as a list of ``{rest: value}``, in the order of N.

    Numbers that are missing leave no gap.
    """
    found: dict[int, dict[str, Any]] = {}
    start = prefix + "."
    for key, value in attributes.items():
        if key.startswith(start):
            number, _, rest = key[len(start) :].partition(".")
            if number.isdecimal() and len(number) < 7:
                found.setdefault(int(number), {})[rest] = value
    return [found[number] for number in sorted(found)]
