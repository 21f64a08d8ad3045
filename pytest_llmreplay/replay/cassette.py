"""Below every HTTP library: vcrpy's patches with our lookup; the home of vcrpy. PYTEST_DONT_REWRITE"""

import http.client
import ssl
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, nullcontext
from typing import Any, Final, NamedTuple

import vcr.patch
import vcr.stubs.httpx_stubs
from vcr.cassette import Cassette
from vcr.filters import decode_response
from vcr.stubs import VCRHTTPSConnection

from pytest_llmreplay.model.call import Answer, ApiError, Call
from pytest_llmreplay.model.plainhttp import plain_call
from pytest_llmreplay.model.wire import RawExchange, WireRequest, WireResponse
from pytest_llmreplay.providers import _body
from pytest_llmreplay.providers.protocol import Provider
from pytest_llmreplay.replay import active, live
from pytest_llmreplay.replay.question import NOT_CLAIMED, provider_for, question
from pytest_llmreplay.replay.session import ReplaySession

IN_PROCESS: Final = (
    ("WSGITransport", "handle_request"),
    ("ASGITransport", "handle_async_request"),
    ("MockTransport", "handle_request"),
    ("MockTransport", "handle_async_request"),
)
"""Transports of httpx and httpx2 that call an application in this process: an application under test, no network."""
HEADERS: Final = frozenset({"content-type", "retry-after", "retry-after-ms", "x-should-retry"})
"""Headers of a live response that are kept."""
AMBIGUOUS: Final = "several replays are active, and the call's thread belongs to none of them"


class Reply(NamedTuple):
    """What becomes of one request."""

    response: WireResponse | None
    """The answer, or None for a request that goes out."""
    live: Callable[[WireResponse], None] | None = None
    """Takes what came back for a model call that went out."""


class ReplayCassette(Cassette):  # type: ignore[misc]  # vcrpy is untyped
    """A cassette without a tape: each request is read as a call and answered by the session that is active here."""

    def _load(self) -> None:
        """There is no file."""

    def _save(self, force: bool = False) -> None:
        """There is no file."""

    @property
    def write_protected(self) -> bool:
        """Requests outside of a session go their way."""
        return False

    def append(self, request: Any, response: Any) -> None:
        """What a provider answered to a live call is kept by the session."""
        reply: Reply | None = getattr(request, "llm_reply", None)
        if reply is not None and reply.live is not None:
            reply.live(read_response(response))

    def can_play_response_for(self, request: Any) -> bool:
        """Whether a session answers a request; one that it neither answers nor lets out is refused by its signal.

        The stubs ask more than once for some requests; the session is asked once, and the request carries its reply.
        """
        if not active.any_active():
            return False
        reply: Reply | None = getattr(request, "llm_reply", None)
        if reply is None:
            request.llm_reply = reply = respond(active.find(), wire_request(request))
        return reply.response is not None

    def play_response(self, request: Any) -> dict[str, Any]:
        """The recorded answer as vcrpy's stubs want it."""
        response: WireResponse | None = request.llm_reply.response
        if response is None:
            raise ConnectionRefusedError("the request has no recorded answer")
        return stub_response(response)


def wire_request(request: Any) -> WireRequest:
    """vcrpy's request as ours. aiohttp's stub hands over ``json=`` as it was given."""
    body = request.body_bytes
    if isinstance(body, str):
        body = body.encode()
    elif body is not None and not isinstance(body, bytes):
        body = _body.encode(body) if isinstance(body, dict | list) else str(body).encode()
    return WireRequest(request.method.upper(), request.uri, body or b"")


def respond(session: ReplaySession | None, wire: WireRequest) -> Reply:
    """What a session replies to a request. Raises its signal for one that it neither answers nor lets out."""
    if session is None:
        raise ConnectionRefusedError(f"{wire.where}: {AMBIGUOUS}")
    provider = provider_for(wire)
    call, unread = question(provider, wire)
    if session.holds_plain and (plain := session.ask_plain(plain_call(wire), only_equal=call is not None)):
        return Reply(plain.raw)
    if provider is None:
        if session.passes(wire.host):
            return Reply(None)
        refused = session.refuse(wire.where, NOT_CLAIMED)
        if threading.current_thread() is threading.main_thread():
            raise refused
        raise ConnectionRefusedError(f"{wire.where}: {NOT_CLAIMED}")  # a library's own thread would die of the signal
    if call is None:
        raise session.refuse(wire.where, unread)
    given = session.ask(call)
    if given is not None:
        return Reply(given.raw or provider.answer(call, given.answer))
    live.note_unpinned(session, provider, wire)
    return Reply(None, lambda response: keep(session, call, provider, wire, response))


def keep(session: ReplaySession, call: Call, provider: Provider, wire: WireRequest, response: WireResponse) -> None:
    """Give a session what a provider answered; a response that is not of the API is kept by its status alone."""
    try:
        answer = provider.read(response)
    except ValueError as error:
        answer = Answer(provider=provider.name, error=ApiError(status=response.status, message=str(error)))
    told = {name: value for name, value in response.headers.items() if name in HEADERS}
    session.keep(call, answer, RawExchange(wire, WireResponse(response.status, told, response.body)))


def read_response(response: Any) -> WireResponse:
    """A response of vcrpy's stubs as ours; packed bodies are unpacked."""
    plain = decode_response(response)
    headers = {str(name).lower(): str(values[0]) for name, values in plain["headers"].items() if values}
    body = plain["body"]["string"]
    return WireResponse(plain["status"]["code"], headers, body if isinstance(body, bytes) else str(body).encode())


def stub_response(response: WireResponse) -> dict[str, Any]:
    """A response in the form of vcrpy's stubs."""
    headers = {name: [value] for name, value in response.headers.items()}
    for name, value in response.again:
        headers.setdefault(name, []).append(value)
    return {"status": {"code": response.status, "message": ""}, "headers": headers, "body": {"string": response.body}}


class Unconnected(http.client.HTTPSConnection):
    """An HTTPS connection that can be made while ``http.client`` is patched: it names its base class by itself."""

    def __init__(self, host: str, port: int | None = None, **options: Any) -> None:
        known = {name: options[name] for name in ("timeout", "source_address", "blocksize") if name in options}
        vcr.patch._HTTPConnection.__init__(self, host, port, **known)
        self._context = options.get("context") or ssl.create_default_context()


class LeanRequest:
    """A request of httpx as the cassette needs it; vcrpy's own copies every header, which nobody reads here."""

    __slots__ = ("body_bytes", "llm_reply", "method", "uri")

    def __init__(self, real_request: Any, body: bytes) -> None:
        self.method: str = real_request.method
        self.uri = str(real_request.url)
        self.body_bytes = body
        self.llm_reply: Reply | None = None


def quiet_reset(reset: Any) -> Any:
    """vcrpy's ``force_reset``, which takes all patches out of the whole process for a moment, only outside of replays.

    It does so to make a real connection object for every stub of http.client and urllib3. Another thread that made its
    own connection in that moment would reach the network; and a replay needs no real connection.
    """

    def force_reset() -> AbstractContextManager[Any]:
        return nullcontext() if active.any_active() else reset()

    return force_reset


class Patches:
    """The patches of all HTTP libraries: put in once, for as many sessions as there are."""

    def __init__(self) -> None:
        self._stack: ExitStack | None = None

    @property
    def installed(self) -> bool:
        """Whether the patches are in."""
        return self._stack is not None

    def install(self) -> None:
        """Patch every HTTP library that is installed; transports that stay in the process are left alone."""
        if self._stack is not None:
            return
        with ExitStack() as stack:
            originals = list(in_process_methods())
            for owner, name, value in (
                (vcr.patch, "force_reset", quiet_reset(vcr.patch.force_reset)),
                (VCRHTTPSConnection, "_baseclass", Unconnected),
                (vcr.stubs.httpx_stubs, "_make_vcr_request", LeanRequest),
            ):
                stack.callback(setattr, owner, name, getattr(owner, name))
                setattr(owner, name, value)
            stack.enter_context(ReplayCassette.use(path="llm-replay"))
            for owner, name, method in originals:
                setattr(owner, name, method)
            for owner, name in live.transports():
                stack.callback(setattr, owner, name, getattr(owner, name))
                setattr(owner, name, live.pinning(getattr(owner, name)))
            self._stack = stack.pop_all()

    def remove(self) -> None:
        """Take the patches out."""
        if self._stack is not None:
            stack, self._stack = self._stack, None
            stack.close()


def in_process_methods() -> Iterator[tuple[Any, str, Any]]:
    """Class, name and method of each transport that stays in the process."""
    for module in (sys.modules.get("httpx"), sys.modules.get("httpx2")):
        for owner_name, method_name in IN_PROCESS:
            owner = getattr(module, owner_name, None)
            if owner is not None:
                yield owner, method_name, getattr(owner, method_name)


patches: Final = Patches()
"""The patches of this process."""
