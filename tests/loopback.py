"""A provider and a shop at one loopback address, and applications that ask them through real SDKs."""

import asyncio
import gzip
import http.client
import json
import threading
import urllib.request
import warnings
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import aiohttp
import anthropic
import boto3
import httpx
import httpx2
import openai
import pytest
import requests
from botocore.config import Config

from pytest_llmreplay import registry
from pytest_llmreplay.model.call import Answer, Choice, Text, Usage
from pytest_llmreplay.model.wire import WireRequest

PNG = b"\x89PNG\r\n\x1a\n\x00\xff"
COMPLETION = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 1_780_000_000,
    "model": "gpt-4o-2024-08-06",
    "choices": [
        {
            "index": 0,
            "message": {"role": "assistant", "content": "Grüße.", "refusal": None, "annotations": []},
            "logprobs": None,
            "finish_reason": "stop",
        }
    ],
    "usage": {"prompt_tokens": 9, "completion_tokens": 2, "total_tokens": 11},
    "an_extra": {"of": ["the", "host"]},
}
MESSAGE = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "claude-sonnet-5",
    "content": [{"type": "text", "text": "Hi."}],
    "stop_reason": "end_turn",
    "stop_sequence": None,
    "usage": {"input_tokens": 3, "output_tokens": 2, "an_extra": 1},
}
EMBEDDING = {
    "object": "list",
    "data": [{"object": "embedding", "index": 0, "embedding": "AACAPwAAAEA="}],
    "model": "text-embedding-3-small",
    "usage": {"prompt_tokens": 1, "total_tokens": 1},
}
RESPONSE = {
    "id": "resp_1",
    "object": "response",
    "created_at": 1_780_000_000,
    "status": "completed",
    "model": "gpt-4o",
    "output": [
        {
            "type": "message",
            "id": "msg_1",
            "role": "assistant",
            "status": "completed",
            "content": [{"type": "output_text", "text": "Hi.", "annotations": [], "logprobs": []}],
        }
    ],
    "parallel_tool_calls": True,
    "tool_choice": "auto",
    "tools": [],
    "usage": {"input_tokens": 3, "output_tokens": 2, "total_tokens": 5},
}


def chunks() -> bytes:
    """A stream with uneven chunks and comments in between, as no writer of ours would make it."""
    head = {"id": "chatcmpl-2", "object": "chat.completion.chunk", "created": 1, "model": "gpt-4o", "x_extra": 1}
    deltas = [{"role": "assistant", "content": ""}, {"content": "Grü"}, {"content": "ße."}, {}]
    lines = [
        {**head, "choices": [{"index": 0, "delta": delta, "finish_reason": None if delta else "stop"}]}
        for delta in deltas
    ]
    return (
        b": keep-alive\n\n"
        + b"".join(b"data:  %b\n\n" % json.dumps(each).encode() for each in lines)
        + b"data: [DONE]\n\n"
    )


def written(provider: str, path: str, asked: dict[str, Any]) -> bytes:
    """A provider's stream with something of its own behind it."""
    wire = registry.load("providers", provider)
    request = WireRequest("POST", f"http://x{path}", json.dumps(asked).encode())
    answer = Answer(
        provider=provider,
        id="1",
        model="m",
        usage=Usage(input=3, output=2),
        choices=(Choice(parts=(Text("Hi."),), finish_reason="end_turn"),),
    )
    body: bytes = wire.answer(wire.call(request), answer).body
    return body


ASKED = {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "Hello?"}], "stream": True}
CONVERSE = {"messages": [{"role": "user", "content": [{"text": "Hello?"}]}]}
MESSAGE_STREAM = written("anthropic.messages", "/v1/messages", ASKED) + b": the end\n\n"
CONVERSE_STREAM = written("bedrock.converse", "/model/m/converse-stream", CONVERSE)
CONVERSE_BODY = {
    "output": {"message": {"role": "assistant", "content": [{"text": "Hi."}]}},
    "stopReason": "end_turn",
    "usage": {"inputTokens": 3, "outputTokens": 2, "totalTokens": 5},
    "metrics": {"latencyMs": 7},
}
OLLAMA = b"".join(
    json.dumps({"model": "llama3", "created_at": "2026-01-01T00:00:00Z", "message": part, "done": done}).encode()
    + b"\n"
    for part, done in (({"role": "assistant", "content": "Hi"}, False), ({"role": "assistant", "content": "."}, True))
)
GEMINI = {
    "candidates": [{"content": {"parts": [{"text": "Hi."}], "role": "model"}, "finishReason": "STOP", "index": 0}],
    "usageMetadata": {"promptTokenCount": 3, "candidatesTokenCount": 2, "totalTokenCount": 5},
    "modelVersion": "gemini-2.5-flash",
    "responseId": "r1",
}
JSON = {"content-type": "application/json"}
EVENTS = {"content-type": "text/event-stream"}
GZIP = {**JSON, "content-encoding": "gzip"}
ERROR = {
    "error": {"message": "No such model.", "type": "invalid_request_error", "param": None, "code": "model_not_found"}
}
OVERLOADED = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}, "request_id": "req_1"}


def reply(path: str, body: bytes, count: int) -> tuple[int, dict[str, str], bytes]:
    """What the server says: status, headers, body."""
    asked = json.loads(body) if body[:1] == b"{" else {}
    answers: dict[str, tuple[int, dict[str, str], bytes]] = {
        "/v1/embeddings": (200, JSON, json.dumps(EMBEDDING, indent=1).encode()),
        "/v1/responses": (200, JSON, json.dumps(RESPONSE).encode()),
        "/api/chat": (200, {"content-type": "application/x-ndjson"}, OLLAMA),
        "/model/m/converse": (200, JSON, json.dumps(CONVERSE_BODY).encode()),
        "/model/m/converse-stream": (200, {"content-type": "application/vnd.amazon.eventstream"}, CONVERSE_STREAM),
        "/orders": (200, GZIP, gzip.compress(b'{"orders": [1, 2]}')),
        "/deflated": (200, {**JSON, "content-encoding": "deflate"}, zlib.compress(b"[1]")),
        "/image": (200, {"content-type": "image/png"}, PNG),
        "/login": (200, {"Set-Cookie": "session=1; Path=/", "set-cookie": "theme=2"}, b""),
        "/count": (200, JSON, b'{"count": %d}' % count),
        "/missing": (404, JSON, b'{"detail": "no such thing"}'),
        "/redacted": (500, {"content-type": "text/plain"}, b"broken"),
    }
    if path.endswith(":generateContent"):
        return 200, GZIP, gzip.compress(json.dumps(GEMINI).encode())
    if path.endswith(":streamGenerateContent"):
        return 200, EVENTS, b"data: %b\r\n\r\n" % json.dumps(GEMINI).encode() * 2
    if path.endswith("/messages"):
        if asked.get("model") == "busy":
            return 529, JSON, json.dumps(OVERLOADED).encode()
        return (200, EVENTS, MESSAGE_STREAM) if asked.get("stream") else (200, JSON, json.dumps(MESSAGE).encode())
    if path.endswith("/chat/completions"):
        if asked.get("model") == "none":
            return 404, JSON, json.dumps(ERROR).encode()
        if asked.get("model") == "echoes":
            return 200, JSON, json.dumps({**COMPLETION, "id": asked["messages"][0]["content"]}).encode()
        if asked.get("model") == "counts":
            return 200, JSON, json.dumps({**COMPLETION, "id": f"chatcmpl-{count}"}).encode()
        return (
            (200, EVENTS, chunks())
            if asked.get("stream")
            else (200, GZIP, gzip.compress(json.dumps(COMPLETION).encode()))
        )
    return answers[path.partition("?")[0]]


COUNTS: Counter[str] = Counter()
"""How often each path was asked for."""


class Handler(BaseHTTPRequestHandler):
    """A provider and a shop, at one address."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        path = self.path.partition("?")[0]
        COUNTS[path] += 1
        status, headers, answer = reply(path, body, COUNTS[path])
        self.send_response(status)
        for name, value in {**headers, "content-length": str(len(answer))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer)

    do_GET = do_POST  # noqa: N815

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def served() -> Iterator[str]:
    """The address of a running server."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


QUESTION: Any = [{"role": "user", "content": "Hello?"}]


ONCE = {"Connection": "close"}
"""No connection is kept by a client that nobody closes."""


def gpt(url: str) -> openai.OpenAI:
    return openai.OpenAI(api_key="none", base_url=f"{url}/v1", max_retries=0, default_headers=ONCE)


def claude(url: str) -> anthropic.Anthropic:
    return anthropic.Anthropic(api_key="none", base_url=url, max_retries=0, default_headers=ONCE)


def bedrock(url: str) -> Any:
    keys = {"aws_access_key_id": "none", "aws_secret_access_key": "none", "region_name": "us-east-1"}
    return boto3.client("bedrock-runtime", endpoint_url=url, config=Config(retries={"total_max_attempts": 1}), **keys)


def completion(url: str) -> Any:
    return gpt(url).chat.completions.create(model="gpt-4o", messages=QUESTION).to_dict()


def completion_stream(url: str) -> Any:
    with gpt(url).chat.completions.create(model="gpt-4o", messages=QUESTION, stream=True) as stream:
        return [each.to_dict() for each in stream]


def completion_async(url: str) -> Any:
    async def ask() -> Any:
        async with openai.AsyncOpenAI(api_key="none", base_url=f"{url}/v1", max_retries=0) as client:
            done = await client.chat.completions.create(model="gpt-4o", messages=QUESTION)
            stream = await client.chat.completions.create(model="gpt-4o", messages=QUESTION, stream=True)
            return done.to_dict(), [each.to_dict() async for each in stream]

    return asyncio.run(ask())


def completion_of_no_model(url: str) -> Any:
    with pytest.raises(openai.NotFoundError) as caught:
        gpt(url).chat.completions.create(model="none", messages=QUESTION)
    return caught.value.body, caught.value.response.content


def completions_that_differ(url: str) -> Any:
    client = gpt(url)
    return [client.chat.completions.create(model="counts", messages=QUESTION).id for _ in range(3)]


def completions_at_once(url: str) -> Any:
    async def ask() -> Any:
        async with openai.AsyncOpenAI(api_key="none", base_url=f"{url}/v1", max_retries=0) as client:
            asked: list[Any] = [[{"role": "user", "content": f"Question {n}?"}] for n in range(3)]
            calls = (client.chat.completions.create(model="echoes", messages=each) for each in asked)
            return [each.to_dict() for each in await asyncio.gather(*calls)]

    return asyncio.run(ask())


def embedding(url: str) -> Any:
    return gpt(url).embeddings.create(model="text-embedding-3-small", input="a").to_dict()


def response_of_openai(url: str) -> Any:
    return gpt(url).responses.create(model="gpt-4o", input="Hello?").to_dict()


def message(url: str) -> Any:
    return claude(url).messages.create(model="claude-sonnet-5", max_tokens=9, messages=QUESTION).to_dict()


def message_stream(url: str) -> Any:
    with claude(url).messages.stream(model="claude-sonnet-5", max_tokens=9, messages=QUESTION) as stream:
        return [each.to_dict() for each in stream]


def message_while_busy(url: str) -> Any:
    with pytest.raises(anthropic.APIStatusError) as caught:
        claude(url).messages.create(model="busy", max_tokens=9, messages=QUESTION)
    return caught.value.status_code, caught.value.response.content


def converse(url: str) -> Any:
    done = bedrock(url).converse(modelId="m", **CONVERSE)
    done.pop("ResponseMetadata")
    return done


def converse_stream(url: str) -> Any:
    return list(bedrock(url).converse_stream(modelId="m", **CONVERSE)["stream"])


def ndjson(url: str) -> Any:
    asked = {"model": "llama3", "messages": QUESTION}
    return httpx.post(f"{url}/api/chat", json=asked).content


def orders(url: str) -> Any:
    found = requests.get(f"{url}/orders", params={"page": "2", "open": "yes"}, timeout=9)
    return found.status_code, found.content, found.headers["content-type"]


def form(url: str) -> Any:
    return requests.post(f"{url}/deflated", data={"a": "1", "b": "ü"}, timeout=9).json()


def image(url: str) -> Any:
    return httpx2.get(f"{url}/image").content


def upload(url: str) -> Any:
    return requests.post(f"{url}/image", files={"file": ("a.bin", PNG)}, timeout=9).content


def cookies(url: str) -> Any:
    with httpx.Client() as client:
        found = client.post(f"{url}/login", content=PNG)
        return found.headers.get_list("set-cookie"), sorted(client.cookies)


def counted(url: str) -> Any:
    return [httpx.get(f"{url}/count").json() for _ in range(3)]


def missing(url: str) -> Any:
    found = httpx2.get(f"{url}/missing")
    return found.status_code, found.json()


def by_aiohttp(url: str) -> Any:
    async def ask() -> Any:
        async with aiohttp.ClientSession() as client:
            asked = {"model": "gpt-4o", "messages": QUESTION}
            async with client.post(f"{url}/v1/chat/completions", json=asked) as found:
                told = await found.read()
            async with client.get(f"{url}/image") as found:
                return told, await found.read()

    return asyncio.run(ask())


def by_urllib(url: str) -> Any:
    with urllib.request.urlopen(f"{url}/image") as found:  # noqa: S310
        return found.status, found.read()


def by_http_client(url: str) -> Any:
    connection = http.client.HTTPConnection(url.removeprefix("http://"))
    try:
        connection.request("POST", "/redacted", body=b"x=1")
        found = connection.getresponse()
        return found.status, found.read()
    finally:
        connection.close()


def gemini_client(url: str) -> Any:
    from google import genai
    from google.genai import types

    return genai.Client(api_key="none", http_options=types.HttpOptions(base_url=url))


def gemini(url: str) -> Any:
    client = gemini_client(url)
    stream = client.models.generate_content_stream(model="gemini-2.5-flash", contents="Hello?")
    done = client.models.generate_content(model="gemini-2.5-flash", contents="Hello?")
    return done.text, [each.text for each in stream]


def gemini_async(url: str) -> Any:
    async def ask() -> Any:
        async with gemini_client(url).aio as client:
            done = await client.models.generate_content(model="gemini-2.5-flash", contents="Hello?")
            stream = await client.models.generate_content_stream(model="gemini-2.5-flash", contents="Hello?")
            return done.text, [each.text async for each in stream]

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of aiohttp, for what google-genai makes of its session
        return asyncio.run(ask())


def several(url: str) -> Any:
    return orders(url), completion(url), image(url), completion_stream(url), orders(url)


APPLICATIONS: list[Callable[[str], Any]] = [
    completion, completion_stream, completion_async, completion_of_no_model, completions_that_differ,
    completions_at_once, embedding, response_of_openai, message, message_stream, message_while_busy, converse,
    converse_stream, ndjson, orders, form, gemini, gemini_async, image, upload, cookies, counted, missing,
    by_aiohttp, by_urllib, by_http_client, several,
]  # fmt: skip
