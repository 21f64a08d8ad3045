"""Mistral chat: what its SDK asks, what it is told, and that nothing changes on the way."""

import json
from typing import Any

import pytest
from mistralai.client import errors

from pytest_llmreplay import registry
from pytest_llmreplay.model.call import (
    Answer,
    ApiError,
    Call,
    Choice,
    Media,
    Message,
    Part,
    Reasoning,
    Refusal,
    Text,
    Tool,
    Usage,
)
from pytest_llmreplay.model.trace import Hints
from pytest_llmreplay.model.wire import WireRequest, WireResponse
from pytest_llmreplay.providers.mistral_chat import NAME, MistralChat
from tests.builders import answered, assistant, called, chat, result, system, user
from tests.providers.sdks import Wire, mistral_client, response

PROVIDER = MistralChat()
HELLO: list[Any] = [{"role": "user", "content": "Hello?"}]
TOOL: dict[str, Any] = {
    "type": "function",
    "function": {"name": "weather", "description": "Tells it.", "parameters": {"type": "object"}},
}
THINKING = {"type": "thinking", "thinking": [{"type": "text", "text": "h"}, {"type": "text", "text": "m"}]}


def asked(messages: list[Any] = HELLO, **more: Any) -> Call:
    """The call that the SDK makes of these arguments."""
    wire = Wire(NAME, answered("Hello."))
    mistral_client(wire).chat.complete(model="mistral-tiny", messages=messages, **more)
    return wire.call


# --- requests -------------------------------------------------------------------------------------------------------


def test_a_question_of_the_sdk_is_read() -> None:
    call = asked(
        [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": [{"type": "text", "text": "Weather?"}]},
            {
                "role": "assistant",
                "content": [THINKING, {"type": "text", "text": "I look."}],
                "tool_calls": [{"id": "abc", "function": {"name": "weather", "arguments": {"city": "Rome"}}}],
            },
            {"role": "tool", "tool_call_id": "abc", "name": "weather", "content": "mild"},
        ],
        tools=[TOOL],
        temperature=0.5,
        max_tokens=100,
        random_seed=7,
        stop="END",
        safe_prompt=True,
    )
    assert (call.kind, call.provider, call.model, call.stream) == ("chat", NAME, "mistral-tiny", False)
    assert call.messages == (
        system("Be brief."),
        user("Weather?"),
        assistant(Reasoning("hm"), "I look.", called("weather", {"city": "Rome"}, "abc")),
        result("mild", "abc"),
    )
    assert call.tools == (Tool("weather", "Tells it.", {"type": "object"}),)
    expected = {"temperature": 0.5, "max_tokens": 100, "seed": 7, "stop_sequences": ["END"], "safe_prompt": True}
    assert call.parameters == expected


@pytest.mark.parametrize(
    ("chunk", "read"),
    [
        ({"type": "image_url", "image_url": "https://a/b.png"}, Media("image", "https://a/b.png")),
        ({"type": "image_url", "image_url": {"url": "https://a/b.png"}}, Media("image", "https://a/b.png")),
        ({"type": "document_url", "document_url": "https://a/b.pdf"}, Media("file", "https://a/b.pdf")),
    ],
)
def test_a_chunk_that_is_no_text_is_read(chunk: Any, read: Part) -> None:
    (message,) = asked([{"role": "user", "content": [{"type": "text", "text": "Look:"}, chunk]}]).messages
    assert message.parts == (Text("Look:"), read)


def test_sound_stands_in_the_chunk_itself() -> None:
    (part,) = PROVIDER.parts([{"type": "input_audio", "input_audio": "aGk="}])
    assert isinstance(part, Media)
    assert (part.kind, part.reference[:7]) == ("audio", "sha256:")


def test_thinking_may_be_plain_text() -> None:
    assert PROVIDER.parts([{"type": "thinking", "thinking": "hm"}]) == (Reasoning("hm"),)


def test_a_text_to_go_on_with_is_a_completion() -> None:
    wire = Wire(NAME, answered("return 1", provider=NAME))
    told: Any = mistral_client(wire).fim.complete(model="codestral", prompt="def f():", suffix="\n")
    assert (wire.call.kind, wire.call.messages, wire.call.parameters) == (
        "completion",
        (user("def f():"),),
        {"suffix": "\n"},
    )
    assert told.choices[0].message.content == "return 1"


def test_arguments_that_were_not_given_are_empty_texts_in_a_trace() -> None:
    call = PROVIDER.call_of_body(
        {"model": "m", "messages": HELLO, "temperature": "", "tools": "", "random_seed": "", "timeout_ms": 9, "n": 1}
    )
    assert (call.parameters, call.tools) == ({"choice.count": 1}, ())


@pytest.mark.parametrize(
    ("url", "body", "claimed"),
    [
        ("https://api.mistral.ai/v1/chat/completions", {"messages": []}, True),
        ("https://codestral.mistral.ai:443/v1/fim/completions", {"prompt": ""}, True),
        ("https://proxy.example.com/v1/chat/completions", {"messages": [], "random_seed": 1}, True),
        ("https://proxy.example.com/v1/chat/completions", {"messages": [{"content": '"random_seed"'}]}, False),
        ("https://proxy.example.com/v1/chat/completions", {"messages": [], "tools": [{"random_seed": 1}]}, False),
        ("https://api.openai.com/v1/chat/completions", {"messages": []}, False),
        ("https://api.mistral.ai/v1/embeddings", {"input": ""}, False),
    ],
)
def test_it_claims_what_is_mistrals_and_openai_claims_the_rest(url: str, body: Any, claimed: bool) -> None:
    asked = WireRequest("POST", url, json.dumps(body).encode())
    assert PROVIDER.claims(asked) is claimed
    if url.endswith("/chat/completions"):
        assert registry.load("providers", "openai.chat").claims(asked) is not claimed
    assert not PROVIDER.claims(WireRequest("GET", url, b""))


@pytest.mark.parametrize(("data", "told"), [(b"{oops", "not JSON"), (b"[]", "no JSON object"), (b"{}", "no messages")])
def test_a_body_that_is_not_of_the_api_is_named(data: bytes, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        PROVIDER.call(WireRequest("POST", "https://api.mistral.ai/v1/chat/completions", data))


def test_a_span_of_mistrals_own_api_is_known_by_its_words() -> None:
    assert PROVIDER.spoken_by(Hints(system="mistralai", operation="llm"))
    assert not PROVIDER.spoken_by(Hints(system="mistralai", operation="embedding"))
    assert not PROVIDER.spoken_by(Hints(system="aws.bedrock"))


def test_seed_and_temperature_are_pinned() -> None:
    assert PROVIDER.pin({"model": "m"}, 7) == ({"model": "m", "random_seed": 7, "temperature": 0}, ())


# --- answers --------------------------------------------------------------------------------------------------------


def told(answer: Answer) -> Any:
    """The completion that the SDK makes of an answer."""
    return mistral_client(Wire(NAME, answer)).chat.complete(model="mistral-tiny", messages=HELLO)


def test_what_the_trace_does_not_hold_is_made_up_the_same_in_every_run() -> None:
    answer = answered(called("f", {}, None), seed="trace:span")
    one = told(answer)
    assert one == told(answer)
    assert (len(one.id), one.model, one.usage.total_tokens) == (32, "mistral-tiny", 0)
    assert one.choices[0].message.tool_calls[0].id


def test_an_answer_of_another_provider_is_told_in_this_apis_words() -> None:
    choice = Choice(parts=(Refusal("No."),), finish_reason="refusal")
    completion = told(Answer(choices=(choice,), provider="anthropic.messages", raw="a message"))
    assert (completion.choices[0].message.content, completion.choices[0].finish_reason) == ("No.", "content_filter")


def test_the_event_around_an_answer_is_taken_off() -> None:
    body = {"choices": [{"message": {"role": "assistant", "content": "Hi."}, "finish_reason": "stop"}], "id": "x"}
    assert PROVIDER.tells({"data": body})
    assert PROVIDER.answer_of_body({"data": body}) == PROVIDER.answer_of_body(body)


def test_cached_tokens_have_two_names() -> None:
    usage = {"prompt_tokens": 9, "completion_tokens": 1, "num_cached_tokens": 4}
    assert PROVIDER.answer_of_body({"choices": [], "usage": usage}).usage == Usage(input=9, output=1, cache_read=4)


def test_a_whole_body_is_given_back_as_it_is() -> None:
    body: Any = {"id": "x", "choices": [], "extra": 1}
    assert json.loads(PROVIDER.answer(chat(), Answer(provider=NAME, raw=body)).body) == body


def test_a_response_that_is_no_answer_is_named() -> None:
    with pytest.raises(ValueError, match="neither a completion nor a stream"):
        PROVIDER.read(WireResponse(200, {}, b"data: {oops\n\n"))


# --- errors ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("status", "kind"), [(400, errors.SDKError), (401, errors.SDKError), (429, errors.SDKError),
                                              (422, errors.HTTPValidationError)])  # fmt: skip
@pytest.mark.parametrize("stream", [False, True])
def test_an_error_is_the_sdks_exception(status: int, kind: Any, stream: bool) -> None:
    client = mistral_client(Wire(NAME, Answer(error=ApiError(status=status, type="invalid", message="It is wrong."))))
    with pytest.raises(kind, match=r"It is wrong\.") as raised:
        list(client.chat.stream(model="m", messages=HELLO)) if stream else client.chat.complete(
            model="m", messages=HELLO
        )
    assert raised.value.status_code == status


@pytest.mark.parametrize(
    "body", [{"object": "error", "message": "No.", "type": "invalid_model", "code": "1500"}, {"detail": "No."}]
)
def test_an_error_that_is_read_is_written_again_as_it_was(body: Any) -> None:
    read = PROVIDER.read(response(body, 400))
    assert read.error == ApiError(status=400, type=body.get("type"), message="No.", body=body)
    assert json.loads(PROVIDER.answer(chat(), read).body) == body


def test_an_error_of_another_provider_is_written_anew() -> None:
    error = ApiError(status=400, type="t", message="No.", body={"type": "error", "error": {"message": "No."}})
    assert json.loads(PROVIDER.answer(chat(), Answer(error=error)).body)["message"] == "No."


def test_a_message_without_parts_is_none() -> None:
    assert PROVIDER.call_of_body({"messages": [{"role": "assistant", "content": []}]}).messages == (
        Message("assistant", ()),
    )
