"""The real SDKs over a transport that never leaves the process."""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import anthropic
import cohere
import httpx
import httpx2
import ollama
import openai
from mistralai.client import Mistral

from pytest_llmreplay import registry
from pytest_llmreplay.model.call import Answer, Call
from pytest_llmreplay.model.wire import WireRequest, WireResponse
from pytest_llmreplay.providers.protocol import Provider

if TYPE_CHECKING:
    from google import genai


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


def gemini_client(wire: Callable[[httpx2.Request], httpx2.Response], *, vertex: bool = False) -> "genai.Client":
    """Google's client at a wire, of the Gemini API or of Vertex AI. Its package takes seconds to import."""
    from google import genai
    from google.genai import types as genai_types
    from google.oauth2.credentials import Credentials

    options = genai_types.HttpOptions(client_args={"transport": httpx2.MockTransport(wire)})
    if not vertex:
        return genai.Client(api_key="none", http_options=options)
    credentials = Credentials(token="none")  # type: ignore[no-untyped-call]  # the package is untyped
    return genai.Client(vertexai=True, project="p", location="l", credentials=credentials, http_options=options)


def mistral_client(wire: Callable[[httpx2.Request], httpx2.Response]) -> Mistral:
    """Mistral's client at a wire."""
    return Mistral(api_key="none", client=httpx2.Client(transport=httpx2.MockTransport(wire)))


def over_httpx(wire: Callable[[Any], httpx2.Response]) -> httpx.MockTransport:
    """A wire for the SDKs that are made with httpx."""

    def answered(request: httpx.Request) -> httpx.Response:
        told = wire(request)
        return httpx.Response(told.status_code, headers=dict(told.headers), content=told.content)

    return httpx.MockTransport(answered)


def cohere_client(wire: Callable[[httpx2.Request], httpx2.Response]) -> cohere.ClientV2:
    """Cohere's client of version 2 at a wire."""
    return cohere.ClientV2(api_key="none", httpx_client=httpx.Client(transport=over_httpx(wire)))


def cohere_v1_client(wire: Callable[[httpx2.Request], httpx2.Response]) -> cohere.Client:
    """Cohere's client of version 1 at a wire."""
    return cohere.Client(api_key="none", httpx_client=httpx.Client(transport=over_httpx(wire)))


def ollama_client(wire: Callable[[httpx2.Request], httpx2.Response]) -> ollama.Client:
    """Ollama's client at a wire."""
    return ollama.Client(transport=over_httpx(wire))


def request(path: str, body: object, method: str = "POST") -> WireRequest:
    """A request with a JSON body."""
    return WireRequest(method, f"https://api.example.com{path}", json.dumps(body).encode())


def response(body: object, status: int = 200) -> WireResponse:
    """A response with a JSON body."""
    return WireResponse(status, {"content-type": "application/json"}, json.dumps(body).encode())
