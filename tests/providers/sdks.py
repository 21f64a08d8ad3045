"""The real SDKs over a transport that never leaves the process."""

import json
from collections.abc import Callable
from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING, Any, Protocol

import anthropic
import cohere
import httpx
import httpx2
import ollama
import openai
from mistralai.client import Mistral

from pytest_llmreplay.model.wire import WireRequest, WireResponse
from pytest_llmreplay.testing import Wire

if TYPE_CHECKING:
    from google import genai

__all__ = ["Wire"]

ODD_TEXTS = (
    "\ud800",
    "\u2028\u2029",
    "data: x\n\ndata: [DONE]\n\n",
    "event: x\ndata: y\n\n",
    "\r\n\r",
    "\0",
    "👩‍👩‍👧",
    "é",
    "\x1b[31m",
)
"""Texts that would break a stream which is cut or framed without care."""
OPENAI_ERRORS: tuple[tuple[int, type[openai.APIStatusError]], ...] = (
    (400, openai.BadRequestError),
    (401, openai.AuthenticationError),
    (403, openai.PermissionDeniedError),
    (404, openai.NotFoundError),
    (409, openai.ConflictError),
    (422, openai.UnprocessableEntityError),
    (429, openai.RateLimitError),
    (500, openai.InternalServerError),
    (503, openai.InternalServerError),
)
"""What the SDK raises, by status."""


class End(Protocol):
    """What an SDK's transport ends at."""

    def respond(self, request: WireRequest) -> WireResponse:
        """The response to a request."""


class Switch:
    """An end that leads to another wire each time, for clients that take long to make."""

    wire: End

    def respond(self, request: WireRequest) -> WireResponse:
        """The response of the wire of this moment."""
        return self.wire.respond(request)


@cache
def switched(make: Callable[[End], Any]) -> tuple[Any, Switch]:
    """A client and the switch that it ends at."""
    switch = Switch()
    return make(switch), switch


def at(make: Callable[[End], Any], end: End) -> Any:
    """The one client that a function makes, at this end."""
    client, switch = switched(make)
    switch.wire = end
    return client


def http_of(sdk: ModuleType) -> Any:
    """The HTTP library that an SDK is made with: httpx, or httpx2 in its later majors."""
    return httpx2 if issubclass(sdk.DefaultHttpxClient, httpx2.Client) else httpx


def transport(http: Any, end: End) -> Any:
    """A transport of httpx or httpx2 that ends here."""

    def answered(request: Any) -> Any:
        told = end.respond(WireRequest(request.method, str(request.url), request.read(), dict(request.headers)))
        return http.Response(told.status, headers=dict(told.headers), content=told.body)

    return http.MockTransport(answered)


def client_of(http: Any, end: End) -> Any:
    """A client of httpx or httpx2 whose transport ends here."""
    return http.Client(transport=transport(http, end))


def openai_client(end: End, **more: Any) -> openai.OpenAI:
    """OpenAI's client at a wire."""
    return openai.OpenAI(api_key="none", http_client=client_of(http_of(openai), end), **more)


def anthropic_client(end: End, **more: Any) -> anthropic.Anthropic:
    """Anthropic's client at a wire."""
    return anthropic.Anthropic(api_key="none", http_client=client_of(http_of(anthropic), end), **more)


def gemini_client(end: End, *, vertex: bool = False) -> "genai.Client":
    """Google's client at a wire, of the Gemini API or of Vertex AI. Its package takes seconds to import."""
    from google import genai
    from google.genai import types as genai_types
    from google.oauth2.credentials import Credentials

    options = genai_types.HttpOptions(client_args={"transport": transport(httpx2, end)})
    if not vertex:
        return genai.Client(api_key="none", http_options=options)
    credentials = Credentials(token="none")  # type: ignore[no-untyped-call]  # the package is untyped
    return genai.Client(vertexai=True, project="p", location="l", credentials=credentials, http_options=options)


def vertex_client(end: End) -> "genai.Client":
    """Google's client of Vertex AI at a wire."""
    return gemini_client(end, vertex=True)


def mistral_client(end: End) -> Mistral:
    """Mistral's client at a wire."""
    return Mistral(api_key="none", client=client_of(httpx2, end))


def cohere_client(end: End) -> cohere.ClientV2:
    """Cohere's client of version 2 at a wire."""
    return cohere.ClientV2(api_key="none", httpx_client=client_of(httpx, end))


def cohere_v1_client(end: End) -> cohere.Client:
    """Cohere's client of version 1 at a wire."""
    return cohere.Client(api_key="none", httpx_client=client_of(httpx, end))


def ollama_client(end: End) -> ollama.Client:
    """Ollama's client at a wire."""
    return ollama.Client(transport=transport(httpx, end))


def request(path: str, body: object, method: str = "POST") -> WireRequest:
    """A request with a JSON body."""
    return WireRequest(method, f"https://api.example.com{path}", json.dumps(body).encode())


def response(body: object, status: int = 200) -> WireResponse:
    """A response with a JSON body."""
    return WireResponse(status, {"content-type": "application/json"}, json.dumps(body).encode())
