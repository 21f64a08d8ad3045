"""JSON bodies of requests and responses, as every wire API has them. PYTEST_DONT_REWRITE"""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import msgspec

from pytest_llmreplay.model.call import ApiError
from pytest_llmreplay.model.jsonvalue import JSON, Object, members
from pytest_llmreplay.model.wire import WireRequest, WireResponse
from pytest_llmreplay.providers._json import dumps, loads

HEADERS = {"content-type": "application/json"}
NO_RETRY = {"x-should-retry": "false"}
"""Keeps the SDKs of OpenAI and Anthropic from asking again what was recorded once."""

_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode


def decode(data: bytes) -> Any:
    """Decoded JSON; escapes of lone surrogates, which msgspec refuses, are let in. Raises ValueError."""
    try:
        try:
            return _decode(data)
        except (msgspec.DecodeError, UnicodeError):
            return json.loads(data, parse_constant=lambda _: None)
    except RecursionError:
        raise ValueError("nested too deeply") from None


_last: tuple[bytes, Any] = (b"", None)


def decode_once(body: bytes) -> Any:
    """The decoded body of a request; those who tell whose it is and the one who reads it share the work.

    Nobody may change it. Raises ValueError.
    """
    global _last  # noqa: PLW0603 - one slot, replaced as a whole
    seen, value = _last
    if seen is not body:
        value = decode(body)
        _last = body, value
    return value


def encode(value: Any) -> bytes:
    """JSON bytes; a lone surrogate, which UTF-8 cannot hold, becomes an escape."""
    try:
        return _encode(value)
    except UnicodeEncodeError:
        return json.dumps(value).encode()


def asked(request: WireRequest, *one_of: str) -> Object:
    """The decoded body of a request, with at least one of these members if any are named.

    Nobody may change it. Raises ValueError: the body is no JSON object, or has no such member.
    """
    try:
        body = decode_once(request.body)
    except ValueError as error:
        raise ValueError(f"the body is not JSON: {error}") from None
    if not isinstance(body, dict):
        raise ValueError("the body is no JSON object")
    if one_of and body.keys().isdisjoint(one_of):
        raise ValueError(f"the body has no {one_of[0]}")
    return body


def peek(request: WireRequest) -> Object:
    """The decoded body of a request, empty where it is no JSON object. Nobody may change it."""
    try:
        return members(decode_once(request.body))
    except ValueError:
        return {}


def reply(body: JSON, status: int = 200, headers: Mapping[str, str] | None = None) -> WireResponse:
    """A response with a JSON body."""
    return WireResponse(status, {**HEADERS, **headers} if headers else HEADERS, encode(body))


def is_object(body: bytes) -> bool:
    """Whether a body is one object, no stream."""
    return body.lstrip().startswith(b"{")


def whole(body: bytes, joined: Callable[[bytes], Object]) -> Object:
    """The object of a body: itself, or a stream put together by ``joined``. Raises ValueError."""
    return members(decode(body)) if is_object(body) else joined(body)


@contextmanager
def named(what: str) -> Iterator[None]:
    """A ValueError inside becomes one that says ``what`` the body is."""
    try:
        yield
    except ValueError as error:
        raise ValueError(f"the body is {what}: {error}") from None


def problem(data: bytes) -> JSON:
    """The decoded body of an error; its text where it is not JSON."""
    return loads(data.decode("utf-8", "replace"))


def api_error(status: int, body: JSON, kind: Any, told: Any) -> ApiError:
    """An error by its status and decoded body, and by what this body says of its type and in words."""
    return ApiError(
        status=status,
        type=None if kind is None else str(kind),
        message=told if isinstance(told, str) else "" if told is None else dumps(told),
        body=body if isinstance(body, Mapping) else None,
    )
