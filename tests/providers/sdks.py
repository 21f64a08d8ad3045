"""The real SDKs over a transport that never leaves the process."""

import json
from collections.abc import Callable
from typing import Any

import anthropic
import httpx2
import openai

from pytest_llmreplay import registry
from pytest_llmreplay.model.call import Answer, Call
from pytest_llmreplay.model.wire import WireRequest, WireResponse
from pytest_llmreplay.providers.protocol import Provider


class Wire:
    """One end of an SDK: keeps what was asked, and answers all with one answer."""

    def __init__(self, provider: str, answer: Answer) -> None:
        self.provider: Provider = registry.load("providers", provider)
        self.answer = answer
        self.requests: list[WireRequest] = []
        self.calls: list[Call] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        asked = WireRequest(request.method, str(request.url), request.read(), dict(request.headers))
        assert self.provider.claims(asked)
        self.requests.append(asked)
        self.calls.append(self.provider.call(asked))
        told = self.provider.answer(self.calls[-1], self.answer)
        return httpx2.Response(told.status, headers=dict(told.headers), content=told.body)

    @property
    def call(self) -> Call:
        """The only call."""
        (found,) = self.calls
        return found


def openai_client(wire: Callable[[httpx2.Request], httpx2.Response], **more: Any) -> openai.OpenAI:
    """OpenAI's client at a wire."""
    return openai.OpenAI(api_key="none", http_client=httpx2.Client(transport=httpx2.MockTransport(wire)), **more)


def anthropic_client(wire: Callable[[httpx2.Request], httpx2.Response], **more: Any) -> anthropic.Anthropic:
    """Anthropic's client at a wire."""
    return anthropic.Anthropic(api_key="none", http_client=httpx2.Client(transport=httpx2.MockTransport(wire)), **more)


def request(path: str, body: object, method: str = "POST") -> WireRequest:
    """A request with a JSON body."""
    return WireRequest(method, f"https://api.example.com{path}", json.dumps(body).encode())


def response(body: object, status: int = 200) -> WireResponse:
    """A response with a JSON body."""
    return WireResponse(status, {"content-type": "application/json"}, json.dumps(body).encode())
