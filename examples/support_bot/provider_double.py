"""A stand-in for the provider: a loopback server that speaks the OpenAI chat completions format.

    with ProviderDouble([Rule("refund", Reply("Within 30 days."))]) as double:
        client = OpenAI(base_url=double.base_url, api_key="none")

Its answers are scripted: the first rule that fits the last message of a request gives the reply.
"""

import hashlib
import json
import re
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

Json = dict[str, Any]

SNAPSHOTS = {"gpt-4o-mini": "gpt-4o-mini-2024-07-18", "gpt-4o": "gpt-4o-2024-11-20"}


@dataclass(frozen=True)
class ToolCall:
    """A call that the model asks for; `arguments` is JSON text."""

    name: str
    arguments: str
    id: str


@dataclass(frozen=True)
class Error:
    """An error answer: an HTTP status with the provider's error body."""

    status: int
    message: str
    type: str
    code: str | None = None

    def body(self) -> Json:
        """Return the JSON body."""
        error = {"message": self.message, "type": self.type, "param": None, "code": self.code}
        return {"error": error}


@dataclass(frozen=True)
class Reply:
    """A model's answer: text, tool calls, or both."""

    text: str | None = None
    tool_calls: tuple[ToolCall, ...] = ()

    @property
    def finish_reason(self) -> str:
        """Return the word that ends the answer."""
        return "tool_calls" if self.tool_calls else "stop"


@dataclass(frozen=True)
class Rule:
    """Which reply a request gets: its last message has this role and contains this text."""

    contains: str
    reply: Reply | Error
    role: str = "user"

    def fits(self, request: Json) -> bool:
        """Tell whether the request is meant."""
        last = request["messages"][-1]
        return last["role"] == self.role and self.contains in str(last.get("content") or "")


class ProviderDouble:
    """The server. It listens while used as a context manager and keeps the requests it got."""

    def __init__(self, rules: Sequence[Rule], delay: float = 0.0, clock: Callable[[], float] = time.time) -> None:
        """Take the script, the seconds a model call takes, and the clock for `created`."""
        self.rules = rules
        self.delay = delay
        self.clock = clock
        self.requests: list[Json] = []
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    @property
    def base_url(self) -> str:
        """Return the address for the SDK's `base_url`."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def __enter__(self) -> Self:
        """Start to listen."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def reply_to(self, request: Json) -> Reply | Error:
        """Keep the request and find its scripted reply."""
        self.requests.append(request)
        for rule in self.rules:
            if rule.fits(request):
                return rule.reply
        return Error(400, "no rule of the script fits this request", "invalid_request_error")


def completion(request: Json, reply: Reply, created: int) -> Json:
    """Return the body of an answer that is not streamed."""
    message: Json = {"role": "assistant", "content": reply.text, "refusal": None, "annotations": []}
    if reply.tool_calls:
        message["tool_calls"] = [_call(call) for call in reply.tool_calls]
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": reply.finish_reason}
    head = _head(request, "chat.completion", created)
    return {**head, "choices": [choice], "usage": usage(request, reply)}


def chunks(request: Json, reply: Reply, created: int) -> Iterator[Json]:
    """Yield the bodies of a streamed answer's events."""
    head = _head(request, "chat.completion.chunk", created)
    with_usage = bool((request.get("stream_options") or {}).get("include_usage"))
    if with_usage:
        head["usage"] = None

    def chunk(delta: Json, finish_reason: str | None = None) -> Json:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
        return {**head, "choices": [choice]}

    yield chunk({"role": "assistant", "content": None if reply.text is None else "", "refusal": None})
    for piece in _pieces(reply.text or ""):
        yield chunk({"content": piece})
    for index, call in enumerate(reply.tool_calls):
        start = _call(ToolCall(call.name, "", call.id))
        yield chunk({"tool_calls": [{"index": index, **start}]})
        for piece in _pieces(call.arguments):
            yield chunk({"tool_calls": [{"index": index, "function": {"arguments": piece}}]})
    yield chunk({}, reply.finish_reason)
    if with_usage:
        yield {**head, "choices": [], "usage": usage(request, reply)}


def usage(request: Json, reply: Reply) -> Json:
    """Return token counts; a token is taken to be four characters."""
    asked = sum(len(json.dumps(message)) for message in request["messages"])
    said = len(reply.text or "") + sum(len(call.name + call.arguments) for call in reply.tool_calls)
    prompt_tokens, completion_tokens = asked // 4 + 1, said // 4 + 1
    return {
        "prompt_tokens": prompt_tokens,
        "completion_tokens": completion_tokens,
        "total_tokens": prompt_tokens + completion_tokens,
        "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
        "completion_tokens_details": {
            "reasoning_tokens": 0,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    }


def _head(request: Json, kind: str, created: int) -> Json:
    return {
        "id": f"chatcmpl-{_digest(request)[:29]}",
        "object": kind,
        "created": created,
        "model": SNAPSHOTS.get(request["model"], request["model"]),
        "service_tier": "default",
        "system_fingerprint": "fp_51e1070cf2",
    }


def _call(call: ToolCall) -> Json:
    return {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}


def _digest(request: Json) -> str:
    return hashlib.sha256(json.dumps(request, sort_keys=True).encode()).hexdigest()


def _pieces(text: str) -> list[str]:
    return re.findall(r"\s*\S+\s*\S*", text)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), ConnectionError):  # a client may hang up
            super().handle_error(request, client_address)


def _handler(double: ProviderDouble) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers.get("content-length", 0))))
            reply: Reply | Error = Error(404, f"Invalid URL (POST {self.path})", "invalid_request_error")
            if urlsplit(self.path).path == "/v1/chat/completions":  # whole address, when used as a proxy
                reply = double.reply_to(request)
                time.sleep(double.delay)
            created = int(double.clock())
            if isinstance(reply, Error):
                self.send_json(reply.status, reply.body(), request)
            elif request.get("stream"):
                self.send_events(request, reply, created)
            else:
                self.send_json(200, completion(request, reply, created), request)

        def start(self, status: int, content_type: str, request: Json) -> None:
            self.send_response(status)
            self.send_header("content-type", content_type)
            self.send_header("x-request-id", f"req_{_digest(request)[:32]}")

        def send_json(self, status: int, body: Json, request: Json) -> None:
            data = json.dumps(body).encode()
            self.start(status, "application/json", request)
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def send_events(self, request: Json, reply: Reply, created: int) -> None:
            self.start(200, "text/event-stream; charset=utf-8", request)
            self.send_header("transfer-encoding", "chunked")
            self.end_headers()
            for body in chunks(request, reply, created):
                self.send_event(json.dumps(body, separators=(",", ":")))
                time.sleep(double.delay / 20)
            self.send_event("[DONE]")
            self.wfile.write(b"0\r\n\r\n")

        def send_event(self, data: str) -> None:
            event = f"data: {data}\n\n".encode()
            self.wfile.write(b"%x\r\n%b\r\n" % (len(event), event))
            self.wfile.flush()

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    return Handler
