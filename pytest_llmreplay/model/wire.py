"""HTTP as the providers see it: what the SDK sent, and what it gets. PYTEST_DONT_REWRITE"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class WireRequest:
    """One HTTP request of an SDK. ``body`` is the bytes as sent."""

    method: str
    url: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def where(self) -> str:
        """Method and URL without the query, as they are named to people."""
        return f"{self.method} {self.url.partition('?')[0]}"

    @property
    def path(self) -> str:
        """The path of the URL, without the query."""
        rest = self.url.partition("://")[2]
        return "/" + rest.partition("/")[2].partition("?")[0].partition("#")[0]

    @property
    def host(self) -> str:
        """``host:port`` as the URL has it."""
        return self.url.partition("://")[2].partition("/")[0].partition("?")[0]


@dataclass(frozen=True, slots=True)
class WireResponse:
    """One HTTP response, whole: status, headers and body bytes, whatever the framing inside."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    again: tuple[tuple[str, str], ...] = ()
    """Further values of headers that came more than once, such as cookies."""


@dataclass(frozen=True, slots=True)
class RawExchange:
    """One HTTP exchange as it was recorded, byte for byte.

    Bodies are as the SDK hands them over and gets them: content encodings are undone, and headers that belong to one
    transfer alone (its length, its framing) are not there.
    """

    request: WireRequest
    response: WireResponse
