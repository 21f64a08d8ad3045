"""gRPC channels and websockets, which cannot be replayed: refused when they are made. PYTEST_DONT_REWRITE

Their bytes never pass an HTTP library that is patched, and gRPC's not even a socket of Python's. So the classes that
open them are wrapped, when their modules are loaded; the wrapper does nothing while nobody wants to refuse.
"""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import wraps
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any, Final


@dataclass(frozen=True, slots=True)
class Opener:
    """What opens a connection of a kind that cannot be replayed."""

    path: str
    """Attributes that lead to the function, from its module."""
    place: int
    """Where the address stands among the positional arguments, ``self`` included."""
    name: str
    """Or by which name."""
    kind: str


GRPC: Final = "gRPC channel"
WEBSOCKET: Final = "websocket"
WHY: Final[Mapping[str, str]] = {
    GRPC: "calls through gRPC (the older Vertex AI SDKs) can be neither recorded nor replayed; use the SDK's REST"
    " transport, answer the function around the call (patch), or allow the address (llm_network_allow)",
    WEBSOCKET: "realtime and live APIs (OpenAI Realtime, Gemini Live) speak through websockets, and recordings of them"
    " cannot be replayed; answer the function around the session (patch), or allow the address (llm_network_allow)",
}
"""Why each kind is refused, and what to do."""
OPENERS: Final[Mapping[str, Opener]] = {
    "grpc._channel": Opener("Channel.__init__", 1, "target", GRPC),
    "grpc.aio._channel": Opener("Channel.__init__", 1, "target", GRPC),
    "websockets.asyncio.client": Opener("connect.__init__", 1, "uri", WEBSOCKET),
    "websockets.legacy.client": Opener("Connect.__init__", 1, "uri", WEBSOCKET),
    "websockets.sync.client": Opener("connect", 0, "uri", WEBSOCKET),
    "websocket._core": Opener("WebSocket.connect", 1, "url", WEBSOCKET),
    "aiohttp.client": Opener("ClientSession.ws_connect", 1, "url", WEBSOCKET),
    "httpx_ws._api": Opener("connect_ws", 0, "url", WEBSOCKET),
}
"""What opens such connections, by the module that it stands in."""
Check = Callable[[str, str, str], None]
"""Takes kind, address and reason, and raises where the connection is not to be."""


class Watch:
    """Wraps the openers of loaded modules, and those of others once they are loaded."""

    def __init__(self, check: Check) -> None:
        self._check = check
        self._installed = False

    def install(self) -> None:
        """Watch from now on; again is nothing."""
        if self._installed:
            return
        self._installed = True
        for name in OPENERS:
            if name in sys.modules:
                self.wrap(sys.modules[name])
        sys.meta_path.insert(0, self)

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The usual specification of a module that has an opener, wrapped once it is executed."""
        spec = PathFinder.find_spec(name, path, target) if name in OPENERS else None
        if spec is None or spec.loader is None:
            return None
        execute = spec.loader.exec_module

        def executed(module: ModuleType) -> None:
            execute(module)
            self.wrap(module)

        spec.loader.exec_module = executed  # type: ignore[method-assign]
        return spec

    def wrap(self, module: ModuleType) -> None:
        """Put the check in front of a module's opener, if it has one."""
        opener = OPENERS[module.__name__]
        *owners, last = opener.path.split(".")
        owner: Any = module
        for each in owners:
            owner = getattr(owner, each, None)
        function = None if owner is None else getattr(owner, last, None)
        if function is None:
            return

        @wraps(function)
        def checked(*args: Any, **named: Any) -> Any:
            address = args[opener.place] if len(args) > opener.place else named.get(opener.name)
            self._check(opener.kind, plain(address), WHY[opener.kind])
            return function(*args, **named)

        setattr(owner, last, checked)


def plain(address: Any) -> str:
    """``host`` or ``host:port`` of a URL, of a gRPC target, or of its bytes; without path, query and user."""
    words = address.decode("utf-8", "replace") if isinstance(address, bytes) else str(address)
    words = words.partition("://")[2] or words
    words = words.removeprefix("dns:").lstrip("/")
    return words.partition("/")[0].partition("?")[0].rpartition("@")[2]
