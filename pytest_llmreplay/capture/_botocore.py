"""botocore: boto3's Bedrock, with its event streams. PYTEST_DONT_REWRITE"""

from collections.abc import Callable, Iterator, Mapping
from functools import wraps
from importlib import import_module
from typing import Any
from urllib.parse import unquote, urlsplit

from pytest_llmreplay.capture.emitter import Emitter
from pytest_llmreplay.capture.exchange import Exchange


def hooks(library: str, emitter: Emitter) -> Iterator[tuple[Any, str, Any]]:
    """The method that every request goes through, and what takes its place."""
    session = import_module(f"{library}.httpsession").URLLib3Session
    yield session, "send", hook(session.send, emitter)


def hook(send: Callable[[Any, Any], Any], emitter: Emitter) -> Callable[[Any, Any], Any]:
    """The method of a session."""

    @wraps(send)
    def sent(session: Any, request: Any) -> Any:
        exchange = begun(emitter, request)
        response = send(session, request)
        if exchange is not None:
            passed(exchange, request, response, emitter)
        return response

    return sent


def begun(emitter: Emitter, request: Any) -> Exchange | None:
    """The exchange of a request whose body is text, bytes or nothing."""
    try:
        body = request.body or b""
        body = body.encode() if isinstance(body, str) else body
        if not isinstance(body, bytes | bytearray):
            return None
        path = unquote(urlsplit(request.url).path)
        return emitter.begin(request.method, request.url, path, lambda: texts(request.headers), bytes(body))
    except Exception as error:
        emitter.failed(error)
        return None


def texts(headers: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Headers as text; botocore's own are bytes."""
    return [
        (str(name), value.decode("latin-1") if isinstance(value, bytes) else str(value))
        for name, value in headers.items()
    ]


def passed(exchange: Exchange, request: Any, response: Any, emitter: Emitter) -> None:
    """Take a response that is read already, or keep what its stream gives."""
    try:
        exchange.answered(response.status_code, lambda: texts(response.headers))
        if request.stream_output:
            response.raw = Passing(response.raw, exchange)
        else:
            exchange.feed(response.content)
            exchange.finish()
    except Exception as error:
        emitter.failed(error)


class Passing:
    """A raw response whose bytes are kept as the application reads them."""

    def __init__(self, raw: Any, exchange: Exchange) -> None:
        self._raw, self._exchange = raw, exchange

    def __getattr__(self, name: str) -> Any:
        """All that gives no bytes is the response's own."""
        return getattr(self._raw, name)

    def stream(self, *arguments: Any, **options: Any) -> Iterator[bytes]:
        """The body in pieces."""
        for chunk in self._raw.stream(*arguments, **options):
            self._exchange.feed(chunk)
            yield chunk
        self._exchange.finish()

    def read(self, *arguments: Any, **options: Any) -> bytes:
        """The next bytes of the body."""
        chunk: bytes = self._raw.read(*arguments, **options)
        self._exchange.feed(chunk)
        if not chunk or not (arguments or options) or arguments[:1] == (None,):
            self._exchange.finish()
        return chunk

    def close(self) -> None:
        """Over, whether read to the end or not."""
        self._raw.close()
        self._exchange.finish(early=True)
