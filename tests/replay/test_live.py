"""What goes out to a provider in live runs: with seed and temperature pinned, where the API takes them."""

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import anthropic
import httpx
import httpx2
import openai
import pytest
import requests

from pytest_llmreplay.model.policy import Mode
from pytest_llmreplay.model.wire import WireRequest
from pytest_llmreplay.providers import _body
from pytest_llmreplay.replay.active import active
from pytest_llmreplay.replay.cassette import patches
from pytest_llmreplay.replay.live import pinned_body, pinned_request
from pytest_llmreplay.replay.session import ReplaySession
from tests.builders import answered, chat, step, user

sys.path.insert(0, str(Path(__file__).parents[2] / "examples" / "support_bot"))

from provider_double import ProviderDouble, Reply, Rule

URL = "https://api.openai.com/v1/chat/completions"
MESSAGES = [{"role": "user", "content": "Hello?"}]


class Signal(BaseException):
    """Leaves the application."""


def session(mode: Mode = "live", **more: Any) -> ReplaySession:
    steps = (step(chat(user("Hello?")), answered("Recorded.")),)
    return ReplaySession(lambda: steps, signal=Signal, mode=mode, **more)


@contextmanager
def replaying(found: ReplaySession) -> Iterator[ReplaySession]:
    patches.install()
    try:
        with active(found):
            yield found
    finally:
        patches.remove()


@pytest.fixture
def double() -> Iterator[ProviderDouble]:
    with ProviderDouble([Rule("Hello?", Reply("Live.")), Rule("And?", Reply("More."))]) as found:
        yield found


def client_of(double: ProviderDouble) -> openai.OpenAI:
    """OpenAI's client before the double, that leaves no connection open."""
    headers = {"connection": "close"}
    return openai.OpenAI(base_url=double.base_url, api_key="none", max_retries=0, default_headers=headers)


def sent(double: ProviderDouble) -> list[dict[str, Any]]:
    return double.requests


def pinned(body: dict[str, Any], url: str = URL, **more: Any) -> tuple[Any, set[str]]:
    found = session(**more)
    data = pinned_body(found, WireRequest("POST", url, _body.encode(body)))
    return data and _body.decode(data), found.recording.unpinned


def test_seed_and_temperature_are_pinned_in_a_body() -> None:
    body, not_taken = pinned({"model": "gpt-4o", "messages": MESSAGES, "temperature": 1}, seed=7)
    assert body == {"model": "gpt-4o", "messages": MESSAGES, "temperature": 0, "seed": 7}
    assert not_taken == set()


def test_what_a_provider_does_not_take_is_said() -> None:
    url = "https://api.anthropic.com/v1/messages"
    body, not_taken = pinned({"model": "claude-sonnet-5", "max_tokens": 9, "messages": MESSAGES}, url)
    assert "seed" not in body
    assert "anthropic.messages takes no seed" in not_taken


@pytest.mark.parametrize(
    ("url", "data"),
    [("https://example.com/", b"{}"), (URL, b"{oops"), (URL, b"[1]"), ("https://example.com/v1/models", b"")],
)
def test_a_request_that_is_no_model_call_is_left_alone(url: str, data: bytes) -> None:
    assert pinned_body(session(), WireRequest("POST", url, data)) is None


@pytest.mark.parametrize("library", [httpx, httpx2])
def test_a_pinned_request_is_the_same_but_for_its_body(library: Any) -> None:
    request = library.Request("POST", URL, json={"model": "gpt-4o", "messages": MESSAGES}, headers={"x-own": "kept"})
    with active(session(seed=3)):
        found = pinned_request(request)
    assert (found.method, found.url, found.headers["x-own"]) == (request.method, request.url, "kept")
    assert _body.decode(found.read())["seed"] == 3
    assert found.headers["content-length"] == str(len(found.read()))


@pytest.mark.parametrize("mode", ["replay", "record"])
def test_in_other_modes_nothing_is_pinned(mode: Mode) -> None:
    request = httpx.Request("POST", URL, json={"model": "gpt-4o", "messages": MESSAGES})
    assert pinned_request(request) is request
    with active(session(mode)):
        assert pinned_request(request) is request


def test_the_provider_gets_the_pinned_call_and_its_answer_is_kept(double: ProviderDouble) -> None:
    client = client_of(double)
    with replaying(session(seed=11)) as found:
        answer = client.chat.completions.create(model="gpt-4o", messages=MESSAGES, temperature=0.9)  # type: ignore[arg-type]
    assert answer.choices[0].message.content == "Live."
    assert [(each["seed"], each["temperature"]) for each in sent(double)] == [(11, 0)]
    assert [match.verdict for match in found.recording.matches] == ["live"]
    ((call, kept),) = found.recording.kept
    assert call.messages == (user("Hello?"),)
    assert kept.choices[0].parts == answered("Live.").choices[0].parts


def test_so_does_an_asynchronous_one(double: ProviderDouble) -> None:
    async def main() -> Any:
        async with openai.AsyncOpenAI(base_url=double.base_url, api_key="none", max_retries=0) as client:
            return await client.chat.completions.create(model="gpt-4o", messages=MESSAGES)  # type: ignore[arg-type]

    with replaying(session(seed=11)) as found:
        assert asyncio.run(main()).choices[0].message.content == "Live."
    assert [each["seed"] for each in sent(double)] == [11]
    assert len(found.recording.kept) == 1


def test_a_stream_is_kept_whole(double: ProviderDouble) -> None:
    client = client_of(double)
    with replaying(session()) as found:
        stream: Any = client.chat.completions.create(model="gpt-4o", messages=MESSAGES, stream=True)  # type: ignore[arg-type]
        said = "".join(chunk.choices[0].delta.content or "" for chunk in stream if chunk.choices)
    assert said == "Live."
    assert [kept.choices[0].parts for _, kept in found.recording.kept] == [answered("Live.").choices[0].parts]


def test_an_error_of_the_provider_is_kept_as_well(double: ProviderDouble) -> None:
    client = client_of(double)
    with replaying(session()) as found, pytest.raises(openai.BadRequestError):
        client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": "What?"}])
    ((_, kept),) = found.recording.kept
    assert kept.error is not None
    assert (kept.error.status, kept.error.message) == (400, "no rule of the script fits this request")


def test_a_library_in_which_nothing_can_be_pinned_is_said(double: ProviderDouble) -> None:
    with replaying(session(seed=5)) as found:
        answer = requests.post(
            f"{double.base_url}/chat/completions", json={"model": "gpt-4o", "messages": MESSAGES}, timeout=9
        )
    assert answer.json()["choices"][0]["message"]["content"] == "Live."
    assert sorted(found.recording.unpinned) == [
        "openai.chat: seed, temperature (its HTTP library is neither httpx nor httpx2)"
    ]


def test_record_replays_what_is_known_and_calls_for_the_rest(double: ProviderDouble) -> None:
    client = client_of(double)

    def ask(words: str) -> str | None:
        done = client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": words}])
        return done.choices[0].message.content

    with replaying(session("record")) as found:
        assert (ask("Hello?"), ask("And?")) == ("Recorded.", "More.")
    assert [match.verdict for match in found.recording.matches] == ["same", "live"]
    assert [call.messages for call, _ in found.recording.kept] == [(user("And?"),)]
    assert [each["messages"][0]["content"] for each in sent(double)] == ["And?"]


def test_a_fork_answers_up_to_the_first_difference(double: ProviderDouble) -> None:
    client = client_of(double)

    def ask(words: str) -> str | None:
        done = client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": words}])
        return done.choices[0].message.content

    steps = [step(chat(user("Hello?")), answered("Recorded."), index=n) for n in (1, 2, 3)]
    found = ReplaySession(lambda: steps, signal=Signal, drift="fork")
    with replaying(found):
        assert [ask(words) for words in ("Hello?", "And?", "Hello?")] == ["Recorded.", "More.", "Live."]
    assert [match.verdict for match in found.recording.matches] == ["same", "forked", "live"]
    assert found.live
    assert not found.bound


def test_anthropics_client_is_pinned_in_temperature_alone() -> None:
    bodies: list[dict[str, Any]] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        with active(session(seed=4)):
            bodies.append(_body.decode(pinned_request(request).read()))
        return httpx2.Response(400, json={"type": "error", "error": {"type": "invalid_request_error", "message": "no"}})

    http = httpx2.Client(transport=httpx2.MockTransport(answer))
    client = anthropic.Anthropic(api_key="none", http_client=http, max_retries=0)
    with pytest.raises(anthropic.BadRequestError):
        client.messages.create(model="claude-sonnet-5", max_tokens=9, messages=[{"role": "user", "content": "a"}])
    assert [(each.get("temperature"), "seed" in each) for each in bodies] == [(0, False)]
