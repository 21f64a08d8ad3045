"""What Amazon Bedrock's APIs share: spans, paths, streams, the end of an answer, errors. PYTEST_DONT_REWRITE

Source: the Amazon Bedrock API reference, "Common Errors".
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final
from urllib.parse import unquote
from uuid import UUID

from pytest_llmreplay.model.call import Answer, ApiError, Call
from pytest_llmreplay.model.jsonvalue import integer, members, text
from pytest_llmreplay.model.trace import Hints
from pytest_llmreplay.model.wire import WireResponse
from pytest_llmreplay.providers import _body, _eventstream
from pytest_llmreplay.providers._json import made_up

BEDROCK: Final = frozenset({None, "bedrock.converse", "bedrock.invoke"})
"""Providers whose words for the end of an answer need no translation."""
SYSTEMS: Final = frozenset({"aws.bedrock", "aws_bedrock", "amazon_bedrock", "bedrock", "aws"})
"""Provider words of Bedrock's spans."""
PARAMETERS: Final = {
    "maxTokens": "max_tokens",
    "max_new_tokens": "max_tokens",
    "topP": "top_p",
    "topK": "top_k",
    "stopSequences": "stop_sequences",
}
"""Inference parameters that the GenAI conventions call otherwise; ``max_new_tokens`` is Nova's own."""
STATUSES: Final[Mapping[int, str]] = {
    400: "ValidationException",
    403: "AccessDeniedException",
    404: "ResourceNotFoundException",
    408: "ModelTimeoutException",
    424: "ModelErrorException",
    429: "ThrottlingException",
    500: "InternalServerException",
    503: "ServiceUnavailableException",
}
"""Error codes by status, for a trace that does not say."""
STREAMED: Final[Mapping[str, int]] = {
    "validationException": 400,
    "throttlingException": 429,
    "modelStreamErrorException": 424,
    "modelTimeoutException": 408,
    "internalServerException": 500,
    "serviceUnavailableException": 503,
}
"""Status of an exception within a stream."""


def of_bedrock(hints: Hints) -> bool:
    """Whether a span is of Bedrock, whoever made the model."""
    return "bedrock" in hints.scope or hints.system in SYSTEMS


def invokes(hints: Hints) -> bool:
    """Whether a span of Bedrock names InvokeModel: as the RPC's method, or by the instrumentations' own words."""
    name = hints.name.lower()
    return (
        "invokemodel" in hints.api
        or "invoke_model" in name
        or name == "bedrock.completion"
        or hints.operation in ("text_completion", "embeddings")
    )


def asked_of(found: re.Match[str] | None) -> tuple[str | None, bool]:
    """Model, and whether a stream is asked for, as the path names them: a first and a second group."""
    return (unquote(found[1]), found[2] is not None) if found else (None, False)


def ended(call: Call, answer: Answer) -> Answer:
    """An answer with the reason for its end where its trace has none: it took all the tokens that were allowed."""
    first, limit = answer.choices[:1], integer(call.parameters.get("max_tokens"))
    taken = answer.usage.output if answer.usage else None
    if not first or first[0].finish_reason or limit is None or taken is None or taken < limit:
        return answer
    return replace(answer, choices=(replace(first[0], finish_reason="length"),))


def identity(seed: str) -> dict[str, str]:
    """The header that tells requests apart; the SDK keeps it as the request's id."""
    return {"x-amzn-requestid": str(UUID(hex=made_up(seed, "", 32)))}


def streamed(frames: Iterable[bytes], seed: str) -> WireResponse:
    """A stream of events."""
    return WireResponse(200, {**_eventstream.HEADERS, **identity(seed)}, b"".join(frames))


def error_of(response: WireResponse) -> ApiError:
    """The error of a response: its code stands in a header, or in the body."""
    body = _body.problem(response.body)
    inner = members(body)
    code = response.headers.get("x-amzn-errortype") or text(inner.get("__type")) or text(inner.get("code"))
    kind = code.partition(":")[0].rpartition("#")[2] if code else None
    return _body.api_error(response.status, body, kind, text(inner.get("message")) or text(inner.get("Message")))


def streamed_error(kind: str, data: bytes) -> ApiError:
    """An exception within a stream."""
    body = _body.problem(data)
    message = text(members(body).get("message")) or ""
    return ApiError(status=STREAMED.get(kind, 500), type=kind, message=message)


def error_response(error: ApiError, seed: str) -> WireResponse:
    """An error as this API gives it; a code that is the status itself came without a name."""
    kind = error.type or STATUSES.get(error.status, "")
    headers = identity(seed)
    if kind and not kind.isdecimal():
        headers["x-amzn-errortype"] = kind
    own = isinstance(error.body, Mapping) and isinstance(error.body.get("message", error.body.get("Message")), str)
    return _body.reply(error.body if own else {"message": error.message}, error.status, headers)
