"""Below every HTTP library: patches that are put in once and taken out again."""

import http.client

import httpx
import httpx2
import pytest
import requests

from pytest_llmreplay.model.wire import WireRequest
from pytest_llmreplay.replay.active import active
from pytest_llmreplay.replay.cassette import patches
from pytest_llmreplay.replay.question import provider_for
from pytest_llmreplay.replay.session import ReplaySession
from tests.builders import answered, chat, step, user

URL = "https://api.openai.com/v1/chat/completions"
BODY = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Hello?"}]}


class Signal(BaseException):
    """Leaves the application."""


def session() -> ReplaySession:
    return ReplaySession(lambda: (step(chat(user("Hello?")), answered("Hello.")),), signal=Signal)


@pytest.mark.parametrize("post", [httpx.post, httpx2.post, requests.post], ids=["httpx", "httpx2", "requests"])
def test_a_model_call_through_any_library_is_answered(post: object) -> None:
    patches.install()
    try:
        with active(session()):
            answer = post(URL, json=BODY).json()  # type: ignore[operator]
    finally:
        patches.remove()
    assert answer["choices"][0]["message"]["content"] == "Hello."


def test_what_no_provider_claims_is_refused_and_written_down() -> None:
    found = session()
    patches.install()
    try:
        with active(found), pytest.raises(Signal):
            httpx.get("https://example.com/a?b=c")
    finally:
        patches.remove()
    assert [each.what for each in found.recording.refusals] == ["GET https://example.com/a"]


def test_a_body_that_is_not_of_the_api_is_refused() -> None:
    found = session()
    patches.install()
    try:
        with active(found), pytest.raises(Signal):
            httpx.post(URL, content=b"{oops")
    finally:
        patches.remove()
    assert found.recording.refusals[0].what == f"POST {URL}"


def test_with_several_sessions_and_a_thread_of_none_nothing_is_guessed() -> None:
    from concurrent.futures import ThreadPoolExecutor

    patches.install()
    try:
        with ThreadPoolExecutor(1) as pool:
            pool.submit(int).result()
            with (
                active(session()),
                active(session()),
                pytest.raises(requests.ConnectionError, match="several replays are active"),
            ):
                pool.submit(requests.post, URL, json=BODY).result()
    finally:
        patches.remove()


def test_patches_go_in_once_and_come_out_whole() -> None:
    before = (http.client.HTTPSConnection, httpx.HTTPTransport.handle_request, httpx2.HTTPTransport.handle_request)
    patches.install()
    patches.install()
    assert patches.installed
    patches.remove()
    patches.remove()
    assert not patches.installed
    after = (http.client.HTTPSConnection, httpx.HTTPTransport.handle_request, httpx2.HTTPTransport.handle_request)
    assert after == before


@pytest.mark.parametrize(
    ("method", "url", "name"),
    [
        ("POST", "https://api.openai.com/v1/chat/completions", "openai.chat"),
        ("POST", "https://x.openai.azure.com/openai/deployments/a/chat/completions?api-version=1", "openai.chat"),
        ("POST", "https://api.anthropic.com/v1/messages?beta=true", "anthropic.messages"),
        ("GET", "https://api.openai.com/v1/models", None),
        ("POST", "https://example.com/", None),
    ],
)
def test_a_request_is_claimed_by_its_path(method: str, url: str, name: str | None) -> None:
    found = provider_for(WireRequest(method, url, b"{}"))
    assert (found.name if found else None) == name
