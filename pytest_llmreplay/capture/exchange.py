"""One exchange while it lasts: the bytes are kept as they pass. PYTEST_DONT_REWRITE"""

import time
from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

from opentelemetry.context import Context

Headers: TypeAlias = Callable[[], Iterable[tuple[str, str]]]
"""Gives the headers when it is called: later, and not in the event loop."""
OVERHEAD = 256
"""Bytes that an exchange counts for besides its bodies."""


class Exchange:
    """A request, and its response as far as it has come. All methods are cheap: they run in the event loop."""

    __slots__ = (
        "_done", "_limit", "_put", "began", "body", "chunks", "context", "decoded", "early", "ended", "headers",
        "method", "response_headers", "room", "status", "url",
    )  # fmt: skip

    def __init__(
        self,
        put: "Callable[[Exchange], None]",
        limit: int,
        context: Context,
        method: str,
        url: Any,
        headers: Headers,
        body: bytes,
    ) -> None:
        self._put = put
        self._limit = limit
        self._done = False
        self.context = context
        """Where the call was made: the current span, and what stands around it."""
        self.method, self.url, self.headers, self.body = method, url, headers, body
        """The URL may be of any type whose text it is."""
        self.status = 0
        self.response_headers: Headers = tuple
        self.decoded = False
        """Whether the chunks come without the response's content encoding."""
        self.chunks: list[bytes] = []
        """What came until there was no room; the last one may go beyond it."""
        self.room = limit
        """Bytes that may still be kept; below zero by as many as came beyond."""
        self.early = False
        """Whether the application closed the response before its end."""
        self.began = time.time_ns()
        self.ended = 0

    @property
    def weight(self) -> int:
        """Bytes that it holds in memory, about."""
        return len(self.body) + self._limit - max(self.room, 0) + OVERHEAD

    def answered(self, status: int, headers: Headers, *, decoded: bool = False) -> None:
        """The head of the response is there."""
        self.status, self.response_headers, self.decoded = status, headers, decoded

    def feed(self, chunk: bytes) -> None:
        """Some of the response's body has passed."""
        if self.room > 0:
            self.chunks.append(chunk)
        self.room -= len(chunk)

    def finish(self, *, early: bool = False) -> None:
        """The response is over, at its end or where the application closed it; only the first time counts."""
        if not self._done:
            self._done = True
            self.early = early
            self.ended = time.time_ns()
            self._put(self)
