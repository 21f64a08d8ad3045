"""aiohttp: google-genai's asynchronous client, openai[aiohttp], aiobotocore, LiteLLM. PYTEST_DONT_REWRITE"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from functools import wraps
from importlib import import_module
from typing import Any, Final
from urllib.parse import urlsplit

from pytest_llmreplay.capture.emitter import Emitter
from pytest_llmreplay.capture.exchange import Exchange

AWAITED: Final = frozenset({"read", "readany", "readline", "readexactly", "readuntil"})
"""Methods of aiohttp's stream that give bytes when awaited."""


def hooks(library: str, emitter: Emitter) -> Iterator[tuple[Any, str, Any]]:
    """The method that every request goes through, and what takes its place."""
    session = import_module(library).ClientSession
    yield session, "_request", hook(session._request, emitter)


def hook(send: Callable[..., Awaitable[Any]], emitter: Emitter) -> Callable[..., Awaitable[Any]]:
    """The method of a session."""

    @wraps(send)
    async def request(session: Any, method: str, str_or_url: Any, **options: Any) -> Any:
        exchange = begun(emitter, session, method, str_or_url, options)
        response = await send(session, method, str_or_url, **options)
        if exchange is not None:
            passed(exchange, response, emitter)
        return response

    return request


def begun(emitter: Emitter, session: Any, method: str, url: Any, options: dict[str, Any]) -> Exchange | None:
    """The exchange of a request whose body is text, bytes, JSON or nothing."""
    try:
        path = urlsplit(str(url)).path
        if not emitter.policy.paths.search(path):
            return None
        data, given = options.get("data"), options.get("json")
        if data is None and given is not None:
            data = session.json_serialize(given)
        body = data.encode() if isinstance(data, str) else b"" if data is None else data
        if not isinstance(body, bytes | bytearray):
            return None
        headers = dict(options.get("headers") or {})
        return emitter.begin(method.upper(), url, path, lambda: texts(headers), bytes(body))
    except Exception as error:
        emitter.failed(error)
        return None


def passed(exchange: Exchange, response: Any, emitter: Emitter) -> None:
    """Put a stream that keeps what it gives in the place of the response's own."""
    try:
        exchange.answered(response.status, lambda: decoded(response.headers), decoded=True)
        response.content = Passing(response.content, exchange)
    except Exception as error:
        emitter.failed(error)


def texts(headers: Mapping[Any, Any]) -> list[tuple[str, str]]:
    """Headers as text."""
    return [(str(name), str(value)) for name, value in headers.items()]


def decoded(headers: Mapping[str, str]) -> list[tuple[str, str]]:
    """Headers of a response whose content encoding the library has undone."""
    return [each for each in texts(headers) if each[0].lower() != "content-encoding"]


class Passing:
    """aiohttp's stream of a response, whose bytes are kept as the application reads them."""

    def __init__(self, stream: Any, exchange: Exchange) -> None:
        self._stream, self._exchange = stream, exchange

    def __getattr__(self, name: str) -> Any:
        """All that gives no bytes is the stream's own."""
        found = getattr(self._stream, name)
        return self._awaited(found) if name in AWAITED else found

    def _awaited(self, read: Callable[..., Awaitable[bytes]]) -> Callable[..., Awaitable[bytes]]:
        async def passing(*arguments: Any, **options: Any) -> bytes:
            return self._kept(await read(*arguments, **options))

        return passing

    def _kept(self, chunk: bytes) -> bytes:
        self._exchange.feed(chunk)
        if self._stream.at_eof():
            self._exchange.finish()
        return chunk

    def read_nowait(self, n: int = -1) -> bytes:
        """What is there already."""
        return self._kept(self._stream.read_nowait(n))

    async def readchunk(self) -> tuple[bytes, bool]:
        """A chunk as it was sent, and whether it ends one of HTTP's."""
        chunk, ends = await self._stream.readchunk()
        return self._kept(chunk), ends

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while line := await self.readline():
            yield line

    async def iter_any(self) -> AsyncIterator[bytes]:
        """What is there, as it comes."""
        while chunk := await self.readany():
            yield chunk

    async def iter_chunked(self, n: int) -> AsyncIterator[bytes]:
        """Chunks of up to n bytes."""
        while chunk := await self.read(n):
            yield chunk

    async def iter_chunks(self) -> AsyncIterator[tuple[bytes, bool]]:
        """Chunks as they were sent."""
        while (item := await self.readchunk()) != (b"", False):
            yield item
