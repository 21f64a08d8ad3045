"""Beneath every library: no socket leaves the process during a replay. PYTEST_DONT_REWRITE

An audit hook (PEP 578) sees each connection before it is made, whoever makes it. A hook cannot be taken out again, so
it is put in when the first replay begins, and does nothing while none is active.
"""

import socket
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from fnmatch import fnmatchcase
from functools import cache
from typing import Any, Final

from pytest_llmreplay.replay import active
from pytest_llmreplay.replay.channels import Watch

WATCHED: Final = frozenset(
    {"socket.connect", "socket.sendto", "socket.sendmsg", "socket.getaddrinfo", "socket.gethostbyname"}
)
WHY: Final = "the network is blocked during a replay (allow it with the ini key llm_network_allow)"


class NetworkRefused(ConnectionRefusedError):
    """A connection was not let out of the process."""


class Guard:
    """Refuses connections that no pattern allows. ``blocks`` says whether it is on."""

    def __init__(self) -> None:
        self.blocks = False
        self._patterns: tuple[str, ...] = ()
        self._installed = False
        self._watch = Watch(self.refuse_channel)

    def install(self, patterns: Sequence[str]) -> None:
        """Switch the guard on for ``host:port`` patterns; names are looked up now, as connections carry addresses."""
        if self.blocks and not patterns and not self._patterns:
            return
        self.blocks = False
        self._patterns = tuple(patterns) + tuple(found for pattern in patterns for found in addresses(pattern))
        self.blocks = True
        self._watch.install()
        if not self._installed:
            self._installed = True
            sys.addaudithook(self._hook)

    def remove(self) -> None:
        """Switch the guard off."""
        self.blocks = False

    def allows(self, host: str) -> bool:
        """Whether a ``host:port`` (or a host alone) is allowed."""
        return any(fnmatchcase(host, each) or fnmatchcase(host, each + ":*") for each in self._patterns)

    def refuse_channel(self, kind: str, address: str, why: str) -> None:
        """Refuse a gRPC channel or a websocket that no pattern allows. Raises the session's signal, NetworkRefused."""
        if not self.blocks or not active.any_active() or self.allows(address):
            return
        session = active.find()
        if session is not None and session.live:
            return
        what = f"a {kind} to {address}"
        refused = NetworkRefused(f"{what} was refused: {why}") if session is None else session.refuse(what, why)
        if threading.current_thread() is threading.main_thread():
            raise refused
        raise NetworkRefused(f"{what} was refused: {why}")  # a library's own thread would die of the signal

    def _hook(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event in WATCHED and self.blocks and active.any_active():
            self._check(event, arguments)

    def _check(self, event: str, arguments: tuple[Any, ...]) -> None:
        target = endpoint(event, arguments)
        if target is None or self.allows(target):
            return
        session = active.find()
        if session is not None and session.live:
            return
        what = f"{'look-up of' if 'host' in event or 'addr' in event else 'connection to'} {target}"
        if session is not None:
            session.refuse(what, WHY)
        raise NetworkRefused(f"{what} was refused: {WHY}")


def endpoint(event: str, arguments: tuple[Any, ...]) -> str | None:
    """What an event wants to reach, or None for sockets that stay on this machine (Unix, and numeric look-ups)."""
    if event == "socket.getaddrinfo":
        host, port = arguments[0], arguments[1]
        host = host.decode("ascii", "replace") if isinstance(host, bytes) else host
        return None if host is None or is_address(str(host)) else f"{host}:{port}" if port else str(host)
    if event == "socket.gethostbyname":
        return None if is_address(str(arguments[0])) else str(arguments[0])
    sock, address = arguments[0], arguments[1] if len(arguments) > 1 else None
    if getattr(sock, "family", None) not in (socket.AF_INET, socket.AF_INET6) or not isinstance(address, tuple):
        return None
    return f"{address[0]}:{address[1]}"


def is_address(host: str) -> bool:
    """Whether a host is an IP address already."""
    for family in (socket.AF_INET, socket.AF_INET6):
        with suppress(OSError, ValueError):
            socket.inet_pton(family, host.partition("%")[0])
            return True
    return False


@cache
def addresses(pattern: str) -> list[str]:
    """The addresses of an allowed name, with its port pattern."""
    host, _, port = pattern.partition(":")
    if "*" in host or "?" in host or not host or is_address(host):
        return []
    with suppress(OSError):
        found = {each[4][0] for each in socket.getaddrinfo(host, None)}
        return [f"{address}:{port}" if port else str(address) for address in sorted(map(str, found))]
    return []


guard: Final = Guard()
"""The guard of this process."""
