"""httpx and httpx2: openai, anthropic, google-genai, mistralai, cohere, ollama, groq, together. PYTEST_DONT_REWRITE"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from functools import wraps
from importlib import import_module
from typing import Any

from pytest_llmreplay.capture.emitter import Emitter
from pytest_llmreplay.capture.exchange import Exchange


def hooks(library: str, emitter: Emitter) -> Iterator[tuple[Any, str, Any]]:
    """The methods of the transports that reach the network, and what takes their place."""
    module = import_module(library)
    passing, passing_async = streams(module)
    plain, awaited = module.HTTPTransport, module.AsyncHTTPTransport
    yield plain, "handle_request", sync_hook(plain.handle_request, emitter, passing)
    yield awaited, "handle_async_request", async_hook(awaited.handle_async_request, emitter, passing_async)


def begun(emitter: Emitter, request: Any) -> Exchange | None:
    """The exchange of a request whose body is there already, as all SDKs give it."""
    try:
        url = request.url
        return emitter.begin(request.method, url, url.path, request.headers.multi_items, request.content)
    except Exception as error:
        emitter.failed(error)
        return None


def passed(exchange: Exchange, response: Any, stream: Callable[[Any, Exchange], Any], emitter: Emitter) -> None:
    """Put a stream that keeps what it gives in the place of the response's own."""
    try:
        exchange.answered(response.status_code, response.headers.multi_items)
        response.stream = stream(response.stream, exchange)
    except Exception as error:
        emitter.failed(error)


def sync_hook(
    send: Callable[[Any, Any], Any], emitter: Emitter, stream: Callable[[Any, Exchange], Any]
) -> Callable[[Any, Any], Any]:
    """The method of a plain transport."""

    @wraps(send)
    def handle_request(transport: Any, request: Any) -> Any:
        exchange = begun(emitter, request)
        response = send(transport, request)
        if exchange is not None:
            passed(exchange, response, stream, emitter)
        return response

    return handle_request


def async_hook(
    send: Callable[[Any, Any], Awaitable[Any]], emitter: Emitter, stream: Callable[[Any, Exchange], Any]
) -> Callable[[Any, Any], Awaitable[Any]]:
    """The method of an asynchronous transport."""

    @wraps(send)
    async def handle_async_request(transport: Any, request: Any) -> Any:
        exchange = begun(emitter, request)
        response = await send(transport, request)
        if exchange is not None:
            passed(exchange, response, stream, emitter)
        return response

    return handle_async_request


def streams(module: Any) -> tuple[Any, Any]:
    """Streams of a library that keep what they give: a plain and an asynchronous one."""

    class Passing(module.SyncByteStream):  # type: ignore[misc]  # of one of two libraries
        """A response's bytes, kept as the application reads them."""

        def __init__(self, stream: Any, exchange: Exchange) -> None:
            self._stream, self._exchange = stream, exchange

        def __iter__(self) -> Iterator[bytes]:
            room, keep = self._exchange.room, self._exchange.chunks.append
            try:
                for chunk in self._stream:
                    if room > 0:  # what feed() does, without a call for each chunk
                        keep(chunk)
                    room -= len(chunk)
                    yield chunk
            finally:
                self._exchange.room = room
            self._exchange.finish()

        def close(self) -> None:
            """Over, whether read to the end or not."""
            self._stream.close()
            self._exchange.finish(early=True)

    class PassingAsync(module.AsyncByteStream):  # type: ignore[misc]  # of one of two libraries
        """The same where it is awaited."""

        def __init__(self, stream: Any, exchange: Exchange) -> None:
            self._stream, self._exchange = stream, exchange

        async def __aiter__(self) -> AsyncIterator[bytes]:
            room, keep = self._exchange.room, self._exchange.chunks.append
            try:
                async for chunk in self._stream:
                    if room > 0:  # what feed() does, without a call for each chunk
                        keep(chunk)
                    room -= len(chunk)
                    yield chunk
            finally:
                self._exchange.room = room
            self._exchange.finish()

        async def aclose(self) -> None:
            """Over, whether read to the end or not."""
            await self._stream.aclose()
            self._exchange.finish(early=True)

    return Passing, PassingAsync
