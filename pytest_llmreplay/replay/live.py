"""Pinning what goes out to a provider in live runs: seed, and temperature 0. PYTEST_DONT_REWRITE"""

import sys
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any

from pytest_llmreplay.model.wire import WireRequest
from pytest_llmreplay.providers import _body
from pytest_llmreplay.providers.protocol import Provider
from pytest_llmreplay.replay import active
from pytest_llmreplay.replay.question import provider_for
from pytest_llmreplay.replay.session import ReplaySession


def pinned_body(session: ReplaySession, wire: WireRequest) -> bytes | None:
    """The body of a model call with seed and temperature pinned; None for a request that is no model call."""
    provider = provider_for(wire)
    if provider is None:
        return None
    try:
        body = _body.decode(wire.body)
    except ValueError:
        return None
    if not isinstance(body, dict):
        return None
    pinned, not_taken = provider.pin(body, session.seed)
    session.recording.unpinned.update(f"{provider.name} takes no {name}" for name in not_taken)
    return _body.encode(pinned)


def note_unpinned(session: ReplaySession, provider: Provider, wire: WireRequest) -> None:
    """Write down that a request goes out as it was asked, for its HTTP library has no place to pin it."""
    body = _body.decode(wire.body) if session.pins else None
    if isinstance(body, dict):
        pinned, _ = provider.pin(body, session.seed)
        names = ", ".join(sorted(name for name in pinned if pinned[name] != body.get(name)))
        if names:
            why = "its HTTP library is neither httpx nor httpx2"
            session.recording.unpinned.add(f"{provider.name}: {names} ({why})")


def pinned_request(request: Any) -> Any:
    """A request of httpx or httpx2 with its body pinned, in live runs; any other request as it is."""
    session = active.find()
    if session is None or not session.pins:
        return request
    body = pinned_body(session, WireRequest(request.method, str(request.url), request.read()))
    if body is None:
        return request
    headers = [(name, value) for name, value in request.headers.raw if name.lower() != b"content-length"]
    return type(request)(request.method, request.url, headers=headers, content=body, extensions=request.extensions)


def pinning(send: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """A transport's method that pins what it sends. Serves the asynchronous one as well, which returns an awaitable."""

    @wraps(send)
    def handle(transport: Any, request: Any) -> Any:
        return send(transport, pinned_request(request))

    return handle


def transports() -> Iterator[tuple[Any, str]]:
    """Class and method name of each transport of httpx and httpx2 that reaches the network."""
    for module in (sys.modules.get("httpx"), sys.modules.get("httpx2")):
        if module is not None:
            yield module.HTTPTransport, "handle_request"
            yield module.AsyncHTTPTransport, "handle_async_request"
