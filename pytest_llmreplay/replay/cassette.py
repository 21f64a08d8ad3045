"""Below every HTTP library: vcrpy's patches with our lookup; the home of vcrpy. PYTEST_DONT_REWRITE"""

import http.client
import ssl
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, nullcontext
from typing import Any, Final

import vcr.patch
from vcr.cassette import Cassette
from vcr.stubs import VCRHTTPSConnection

from pytest_llmreplay import registry
from pytest_llmreplay.model.wire import WireRequest, WireResponse
from pytest_llmreplay.providers import _sse
from pytest_llmreplay.providers.protocol import Provider
from pytest_llmreplay.replay import active
from pytest_llmreplay.replay.session import ReplaySession

IN_PROCESS: Final = (
    ("WSGITransport", "handle_request"),
    ("ASGITransport", "handle_async_request"),
    ("MockTransport", "handle_request"),
    ("MockTransport", "handle_async_request"),
)
"""Transports of httpx and httpx2 that call an application in this process: an application under test, no network."""
NOT_CLAIMED: Final = "no provider knows this request, and nothing leaves the process during a replay"
AMBIGUOUS: Final = "several replays are active, and the call's thread belongs to none of them"


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
        """Nothing is recorded."""

    def can_play_response_for(self, request: Any) -> bool:
        """Whether a session is active; what it does not answer and does not let pass is refused."""
        if not active.any_active():
            return False
        session = active.find()
        return session is None or not goes_out(session, wire_request(request))

    def play_response(self, request: Any) -> dict[str, Any]:
        """The recorded answer as vcrpy's stubs want it. Raises the session's signal for a call that has none."""
        session = active.find()
        wire = wire_request(request)
        if session is None:
            raise ConnectionRefusedError(f"{wire.method} {wire.url}: {AMBIGUOUS}")
        return stub_response(respond(session, wire))


def wire_request(request: Any) -> WireRequest:
    """vcrpy's request as ours. aiohttp's stub hands over ``json=`` as it was given."""
    body = request.body_bytes
    if isinstance(body, str):
        body = body.encode()
    elif body is not None and not isinstance(body, bytes):
        body = _sse.encode(body) if isinstance(body, dict | list) else str(body).encode()
    return WireRequest(request.method, request.uri, body or b"")


def provider_for(wire: WireRequest) -> Provider | None:
    """The provider that claims a request, or None."""
    return next((each for each in registry.every("providers") if each.claims(wire)), None)


def goes_out(session: ReplaySession, wire: WireRequest) -> bool:
    """Whether a request that no provider claims may go to where it wants."""
    return session.passes(wire.host) and provider_for(wire) is None


def respond(session: ReplaySession, wire: WireRequest) -> WireResponse:
    """The recorded answer to a request. Raises the session's signal for one that has none."""
    provider = provider_for(wire)
    where = f"{wire.method} {wire.url.partition('?')[0]}"
    if provider is None:
        raise session.refuse(where, NOT_CLAIMED)
    try:
        call = provider.call(wire)
    except ValueError as error:
        raise session.refuse(where, str(error)) from None
    return provider.answer(call, session.ask(call))


def stub_response(response: WireResponse) -> dict[str, Any]:
    """A response in the form of vcrpy's stubs."""
    headers = {name: [value] for name, value in response.headers.items()}
    return {"status": {"code": response.status, "message": ""}, "headers": headers, "body": {"string": response.body}}


class Unconnected(http.client.HTTPSConnection):
    """An HTTPS connection that can be made while ``http.client`` is patched: it names its base class by itself."""

    def __init__(self, host: str, port: int | None = None, **options: Any) -> None:
        known = {name: options[name] for name in ("timeout", "source_address", "blocksize") if name in options}
        vcr.patch._HTTPConnection.__init__(self, host, port, **known)
        self._context = options.get("context") or ssl.create_default_context()


def quiet_reset(reset: Any) -> Any:
    """vcrpy's ``force_reset``, which takes all patches out of the whole process for a moment, only outside of replays.

    It does so to make a real connection object for every stub of http.client and urllib3. Another thread that made its
    own connection in that moment would reach the network; and a replay needs no real connection.
    """

    def force_reset() -> AbstractContextManager[Any]:
        return nullcontext() if active.any_active() else reset()  # type: ignore[no-any-return]

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
            ):
                stack.callback(setattr, owner, name, getattr(owner, name))
                setattr(owner, name, value)
            stack.enter_context(ReplayCassette.use(path="llm-replay"))
            for owner, name, method in originals:
                setattr(owner, name, method)
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
