"""OpenAI text completions: what an SDK asks, what it is told, and that nothing changes on the way."""

import json
from typing import Any

import openai
import pytest

from pytest_llmreplay.model.call import EVERYTHING, Answer, ApiError, Call, Choice, Text, Usage
from pytest_llmreplay.model.wire import WireResponse
from pytest_llmreplay.providers.openai_completions import NAME, OpenAICompletions
from tests.builders import answered, user
from tests.providers.sdks import Wire, openai_client, request, response

PROVIDER = OpenAICompletions()


def asked(prompt: Any = "Once", **more: Any) -> Call:
    """The call that the SDK makes of these arguments."""
    wire = Wire(NAME, answered(" upon a time"))
    openai_client(wire).completions.create(**{"model": "davinci-002", "prompt": prompt, **more})
    return wire.call


def completion(**more: Any) -> Call:
    """A call of this API."""
    return Call(kind="completion", model="davinci-002", messages=(user("Once"),), **more)


# --- requests -------------------------------------------------------------------------------------------------------


def test_a_question_of_the_sdk_is_read() -> None:
    call = asked(["Once", "Twice"], max_tokens=16, stop="END", n=2, suffix=".", extra_body={"top_k": 3})
    assert (call.kind, call.provider, call.model, call.stream) == ("completion", NAME, "davinci-002", False)
    assert call.messages == (user("Once"), user("Twice"))
    assert call.parameters == {
        "max_tokens": 16,
        "stop_sequences": ["END"],
        "choice.count": 2,
        "suffix": ".",
        "top_k": 3,
    }
    assert call.known.parameters == EVERYTHING


@pytest.mark.parametrize(
    ("prompt", "texts"),
    [("Once", ["Once"]), (["Once"], ["Once"]), ([1, 2], ["[1,2]"]), ([[1, 2], [3]], ["[1,2]", "[3]"])],
)
def test_every_prompt_is_a_message(prompt: Any, texts: list[str]) -> None:
    assert asked(prompt).messages == tuple(map(user, texts))


def test_the_path_and_the_body_tell_the_api() -> None:
    assert PROVIDER.claims(request("/v1/completions", {}))
    assert not PROVIDER.claims(request("/v1/chat/completions", {}))
    assert not PROVIDER.claims(request("/v1/completions", {}, "GET"))
    azure = request("/openai/deployments/my-gpt/completions?api-version=1", {"prompt": "Once"})
    assert PROVIDER.call(azure).model == "my-gpt"


@pytest.mark.parametrize(("body", "why"), [(b"{", "is not JSON"), (b"[]", "no JSON object"), (b"{}", "has no prompt")])
def test_a_body_of_another_kind_is_a_value_error(body: bytes, why: str) -> None:
    from dataclasses import replace

    with pytest.raises(ValueError, match=why):
        PROVIDER.call(replace(request("/v1/completions", {}), body=body))


def test_a_body_is_known_by_its_shape() -> None:
    assert PROVIDER.asks({"model": "m", "prompt": "Once"})
    assert not PROVIDER.asks({"model": "m", "messages": []})
    assert PROVIDER.tells({"choices": [{"text": "a", "index": 0}]})
    assert not PROVIDER.tells({"choices": [{"text": "", "message": {"content": "a"}}]})
    assert not PROVIDER.tells({"choices": []})


def test_a_live_call_is_pinned() -> None:
    assert PROVIDER.pin({"model": "m"}, 7) == ({"model": "m", "seed": 7, "temperature": 0}, ())


# --- answers --------------------------------------------------------------------------------------------------------


def told(answer: Answer, **more: Any) -> Any:
    """The completion that the SDK makes of an answer."""
    return openai_client(Wire(NAME, answer)).completions.create(model="davinci-002", prompt="Once", **more)


def test_a_stream_tells_its_usage_only_when_asked_or_where_the_host_does_anyway() -> None:
    usage = Usage(input=3, output=5)
    assert all(chunk.usage is None for chunk in told(answered("a", usage=usage), stream=True))
    asked_for = list(told(answered("a", usage=usage), stream=True, stream_options={"include_usage": True}))
    assert (asked_for[-1].usage.total_tokens, asked_for[-1].choices) == (8, [])
    anyway = list(told(answered("a", usage=usage, usage_in_stream=True), stream=True))
    assert (anyway[-1].usage.total_tokens, anyway[-1].choices[0].finish_reason) == (8, "stop")


def test_what_the_trace_does_not_hold_is_made_up_the_same_in_every_run() -> None:
    one, other = told(answered("a", seed="trace:span")), told(answered("a", seed="trace:span"))
    assert one == other
    assert one.id.startswith("cmpl-")
    assert one.model == "davinci-002"


@pytest.mark.parametrize(
    ("reason", "provider", "word"),
    [(None, None, "stop"), ("length", NAME, "length"), ("max_tokens", "anthropic.messages", "length")],
)
def test_a_finish_reason_is_in_this_apis_words(reason: str | None, provider: str | None, word: str) -> None:
    answer = Answer(provider=provider, choices=(Choice(parts=(Text("a"),), finish_reason=reason),))
    assert told(answer).choices[0].finish_reason == word


def test_a_whole_body_is_given_back_as_it_is() -> None:
    body: Any = {"id": "x", "object": "text.completion", "model": "m", "extra": 1, "choices": []}
    assert json.loads(PROVIDER.answer(completion(), Answer(provider=NAME, raw=body)).body) == body


# --- errors ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stream", [False, True])
def test_an_error_raises_the_sdks_own_exception_at_the_first_attempt(stream: bool) -> None:
    wire = Wire(NAME, Answer(error=ApiError(status=429, type="requests", message="slow down")))
    with pytest.raises(openai.RateLimitError, match="slow down"):
        openai_client(wire, max_retries=3).completions.create(model="m", prompt="Once", stream=stream)
    assert len(wire.calls) == 1
    assert PROVIDER.read(response({"error": {"message": "slow down", "type": "requests"}}, 429)).error is not None


@pytest.mark.parametrize("body", [b"{", b"data: {cut\n\n", b"data: nonsense\n\n"])
def test_an_answer_that_is_damaged_is_a_value_error(body: bytes) -> None:
    with pytest.raises(ValueError, match="the body is neither a completion nor a stream of chunks"):
        PROVIDER.read(WireResponse(200, {}, body))
