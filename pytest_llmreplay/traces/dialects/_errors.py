"""How instrumentations tell of a call that failed, and what the provider said. PYTEST_DONT_REWRITE"""

import ast
import re
from collections.abc import Mapping
from typing import Any

import msgspec

from pytest_llmreplay.model.call import ApiError
from pytest_llmreplay.model.jsonvalue import members, text
from pytest_llmreplay.model.trace import Span
from pytest_llmreplay.traces.dialects._attributes import first_integer, opened

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


def raised(span: Span) -> Mapping[str, Any] | None:
    """Attributes of the last exception event; empty for a failed span that has none; None for one that did not fail."""
    event = next((each for each in span.events[::-1] if each.name == "exception"), None)
    if event is not None:
        return event.attributes
    return {} if span.status == "error" else None


def failure(span: Span) -> tuple[ApiError | None, str | None]:
    """The API error that a failed span tells of, or why it cannot be given again.

    (None, None) for a span that did not fail.
    """
    seen = raised(span)
    if seen is None:
        return None, None
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
