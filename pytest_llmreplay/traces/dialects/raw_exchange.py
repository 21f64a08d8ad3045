"""Spans that hold an HTTP exchange byte for byte: of cassettes, and of raw capture in production. PYTEST_DONT_REWRITE

The attributes are our own (docs/reference/raw-capture.md). A body is text, or base64 where ``….encoding`` says so; its
whole length stands beside it, so that one that was cut, by capture or by a limit of the SDK, is known for what it is.
"""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from pytest_llmreplay import registry
from pytest_llmreplay.model.call import Answer, Call, Kind, Known
from pytest_llmreplay.model.jsonvalue import integer, items, text
from pytest_llmreplay.model.plainhttp import plain_call
from pytest_llmreplay.model.trace import Span
from pytest_llmreplay.model.wire import RawExchange, WireRequest, WireResponse
from pytest_llmreplay.traces.dialects._origin import seed_of
from pytest_llmreplay.traces.dialects.protocol import Exchange

REQUEST: Final = "llmreplay.request."
RESPONSE: Final = "llmreplay.response."
TRUNCATED: Final = "llmreplay.truncated"
ENDED_EARLY: Final = "llmreplay.ended_early"
NOTHING: Final = Known(fields=frozenset(), parameters=frozenset())
"""What is known of a question that is not there."""
UNREPLAYABLE: Final = "llmreplay.unreplayable"
"""Why what a span holds cannot be replayed, in words."""


class RawExchanges:
    """Raw exchanges: model calls as a provider reads them, any other as plain HTTP."""

    name = "raw-exchange"

    def exchange(self, span: Span) -> Exchange | None:
        """The exchange of a span that holds one raw.

        One that was cut, or that the application closed too early for a provider to make sense of it, is left to the
        span that it stands beside.
        """
        values = span.attributes
        if (why := text(values.get(UNREPLAYABLE))) is not None:
            return Exchange(call=Call(kind="http", model=span.name), answer=Answer(), incomplete=why)
        if REQUEST + "url" not in values:
            return told_alone(values, seed_of(span)) if RESPONSE + "status" in values else None
        raw = raw_of(values)
        if raw is None or values.get(TRUNCATED):
            return None
        call, answer = told(raw, seed_of(span))
        if call.kind == "http" and values.get(ENDED_EARLY):
            return None
        return Exchange(call=call, answer=answer, raw=raw, supplement=True)


def told(raw: RawExchange, seed: str) -> tuple[Call, Answer]:
    """Call and answer of a raw exchange. What no provider reads whole is a plain request."""
    for provider in registry.every("providers"):
        if provider.claims(raw.request):
            try:
                answer: Answer = provider.read(raw.response)
                return provider.call(raw.request), replace(answer, seed=seed)
            except ValueError:
                break
    return plain_call(raw.request), Answer(seed=seed)


def told_alone(values: Mapping[str, Any], seed: str) -> Exchange | None:
    """The exchange of a response whose request is not there: it answers whatever is asked of its API.

    None for a response that no provider gives.
    """
    raw = raw_of({**values, REQUEST + "url": "", REQUEST + "method": "POST"})
    if raw is None:
        return None
    for provider in registry.every("providers"):
        answer = answer_alone(provider, raw.response)
        if answer is not None:
            stream = not raw.response.body.lstrip().startswith(b"{")
            kind: Kind = "embedding" if answer.vectors else "chat"
            call = Call(kind=kind, provider=provider.name, model=answer.model, stream=stream, known=NOTHING)
            return Exchange(call=call, answer=replace(answer, seed=seed), raw=raw)
    return None


def answer_alone(provider: Any, response: WireResponse) -> Answer | None:
    """The answer that a provider reads in a response, if it is one of its own."""
    try:
        if response.body.lstrip().startswith(b"{") and not provider.tells(json.loads(response.body)):
            return None
        answer: Answer = provider.read(response)
    except (ValueError, RecursionError):
        return None
    says = answer.vectors or any(choice.parts for choice in answer.choices)
    return answer if answer.error is None and says else None


def attributes_of(request: WireRequest, response: WireResponse) -> dict[str, Any]:
    """The attributes of an exchange that is at hand as it is; its bodies stay bytes."""
    headers = [*response.headers.items(), *response.again]
    return {
        REQUEST + "method": request.method,
        REQUEST + "url": request.url,
        REQUEST + "headers": json.dumps(list(request.headers.items())),
        REQUEST + "body": request.body,
        RESPONSE + "status": response.status,
        RESPONSE + "headers": json.dumps(headers),
        RESPONSE + "body": response.body,
    }


def raw_of(values: Mapping[str, Any]) -> RawExchange | None:
    """The exchange that attributes hold; None where a part of it is missing or was cut."""
    asked, came = body(values, REQUEST), body(values, RESPONSE)
    status = integer(values.get(RESPONSE + "status"))
    if asked is None or came is None or status is None:
        return None
    request = WireRequest(
        text(values.get(REQUEST + "method")) or "POST",
        str(values[REQUEST + "url"]),
        asked,
        dict(headers(values, REQUEST)),
    )
    kept: dict[str, str] = {}
    again: list[tuple[str, str]] = []
    for name, value in headers(values, RESPONSE):
        if name in kept:
            again.append((name, value))
        else:
            kept[name] = value
    return RawExchange(request, WireResponse(status, kept, came, tuple(again)))


def body(values: Mapping[str, Any], part: str) -> bytes | None:
    """The body of a request or response; None for one that is not there whole."""
    given = values.get(part + "body", "")
    if isinstance(given, bytes):
        return given
    try:
        found = base64.b64decode(given) if values.get(part + "body.encoding") == "base64" else str(given).encode()
    except (binascii.Error, ValueError, TypeError):
        return None
    return found if integer(values.get(part + "body.size")) in (None, len(found)) else None


def headers(values: Mapping[str, Any], part: str) -> list[tuple[str, str]]:
    """The headers of a request or response, names in lower case."""
    try:
        listed = json.loads(str(values.get(part + "headers", "[]")))
    except ValueError:
        return []
    return [(str(each[0]).lower(), str(each[1])) for each in items(listed) if len(items(each)) == 2]
