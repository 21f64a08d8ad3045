"""Cohere chat, version 2: what its SDK asks, what it is told, and that nothing changes on the way."""

import json
from typing import Any

import cohere
import pytest

from pytest_llmreplay.model.call import (
    Answer,
    ApiError,
    Call,
    Choice,
    Media,
    Other,
    Part,
    Reasoning,
    Text,
    Tool,
    Usage,
)
from pytest_llmreplay.model.trace import Hints
from pytest_llmreplay.model.wire import WireRequest, WireResponse
from pytest_llmreplay.providers.cohere_chat import NAME, CohereChat
from tests.builders import answered, assistant, called, chat, result, system, user
from tests.providers.sdks import Wire, cohere_client, request, response

PROVIDER = CohereChat()
HELLO: list[Any] = [{"role": "user", "content": "Hello?"}]
TOOL: Any = {
    "type": "function",
    "function": {"name": "weather", "description": "Tells it.", "parameters": {"type": "object"}},
}


def asked(messages: list[Any] = HELLO, **more: Any) -> Call:
    """The call that the SDK makes of these arguments."""
    wire = Wire(NAME, answered("Hello."))
    cohere_client(wire).chat(model="command-r", messages=messages, **more)
    return wire.call


# --- requests -------------------------------------------------------------------------------------------------------


def test_a_question_of_the_sdk_is_read() -> None:
    call = asked(
        [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": [{"type": "text", "text": "Weather?"}]},
            {
                "role": "assistant",
                "tool_plan": "I will look.",
                "tool_calls": [
                    {"id": "w_1", "type": "function", "function": {"name": "weather", "arguments": '{"city": "Rome"}'}}
                ],
            },
            {
                "role": "tool",
                "tool_call_id": "w_1",
                "content": [{"type": "document", "document": {"data": {"sky": "blue"}}}, {"type": "text", "text": "!"}],
            },
        ],
        tools=[TOOL],
        temperature=0.5,
        p=0.9,
        k=3,
        stop_sequences=["END"],
        seed=7,
    )
    assert (call.kind, call.provider, call.model, call.stream) == ("chat", NAME, "command-r", False)
    assert call.messages == (
        system("Be brief."),
        user("Weather?"),
        assistant("I will look.", called("weather", {"city": "Rome"}, "w_1")),
        result('{"data":{"sky":"blue"}}!', "w_1"),
    )
    assert call.tools == (Tool("weather", "Tells it.", {"type": "object"}),)
    expected = {"temperature": 0.5, "top_p": 0.9, "top_k": 3, "stop_sequences": ["END"], "seed": 7}
    assert call.parameters == expected


@pytest.mark.parametrize(
    ("block", "read"),
    [
        ({"type": "image_url", "image_url": {"url": "https://a/b.png"}}, Media("image", "https://a/b.png")),
        ({"type": "thinking", "thinking": "hm"}, Reasoning("hm")),
        ({"thinking": None, "text": "yes"}, Text("yes")),
        ({"thinking": "hm", "text": None}, Reasoning("hm")),
        ("plain", Text("plain")),
        ({"type": "new", "x": 1}, Other("new", {"type": "new", "x": 1})),
    ],
)
def test_a_block_is_read(block: Any, read: Part) -> None:
    assert PROVIDER.parts([block]) == (read,)


@pytest.mark.parametrize(
    ("method", "path", "claimed"),
    [
        ("POST", "/v2/chat", True),
        ("GET", "/v2/chat", False),
        ("POST", "/v1/chat", False),
        ("POST", "/v1/chat/completions", False),
    ],
)
def test_it_claims_a_request_by_its_path(method: str, path: str, claimed: bool) -> None:
    assert PROVIDER.claims(request(path, {}, method)) is claimed


@pytest.mark.parametrize(("data", "told"), [(b"{oops", "not JSON"), (b"[]", "no JSON object"), (b"{}", "no messages")])
def test_a_body_that_is_not_of_the_api_is_named(data: bytes, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        PROVIDER.call(WireRequest("POST", "https://api.cohere.com/v2/chat", data))


def test_a_span_of_the_sdk_is_known_by_its_words() -> None:
    assert PROVIDER.spoken_by(Hints(system="cohere", operation="chat"))
    assert PROVIDER.spoken_by(Hints(scope="openinference.instrumentation.cohere", operation="llm"))
    assert not PROVIDER.spoken_by(Hints(system="cohere", operation="embedding"))
    assert not PROVIDER.spoken_by(Hints(system="cohere", operation="rerank"))
    assert not PROVIDER.spoken_by(Hints(system="openai", operation="chat"))


def test_seed_and_temperature_are_pinned() -> None:
    assert PROVIDER.pin({"model": "m"}, 7) == ({"model": "m", "seed": 7, "temperature": 0}, ())


@pytest.mark.parametrize(
    ("body", "tells"),
    [
        ({"message": {"role": "assistant"}, "finish_reason": "COMPLETE"}, True),
        ({"message": {"role": "assistant"}, "done": True, "finish_reason": "stop"}, False),
        ({"role": "assistant", "tool_plan": "I look.", "tool_calls": []}, True),
        ({"role": "assistant", "content": [{"type": "text", "text": "a"}]}, True),
        ({"role": "assistant", "content": [{"text": "a"}]}, False),
        ({"role": "assistant"}, False),
        ({"choices": []}, False),
    ],
)
def test_its_answers_are_known_by_their_shape(body: Any, tells: bool) -> None:
    assert PROVIDER.tells(body) is tells


# --- answers --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stream", [False, True])
def test_what_was_billed_is_kept_beside_the_tokens(stream: bool) -> None:
    billed: Any = {"billed_units": {"input_tokens": 2, "output_tokens": 1}}
    answer = answered("a", provider=NAME, id="x", usage=Usage(input=9, output=3), details=billed)
    assert PROVIDER.read(PROVIDER.answer(chat(stream=stream), answer)).details == billed


def seen(answer: Answer) -> dict[str, Any]:
    """The same of a whole response."""
    told: Any = cohere_client(Wire(NAME, answer)).chat(model="m", messages=HELLO)
    message, blocks = told.message, told.message.content or []
    return {
        "id": told.id,
        "text": "".join(each.text for each in blocks if each.type == "text"),
        "thinking": "".join(each.thinking for each in blocks if each.type == "thinking"),
        "plan": message.tool_plan or "",
        "calls": [[c.id, c.function.name, json.loads(c.function.arguments)] for c in message.tool_calls or ()],
        "citations": len(message.citations or ()),
        "reason": told.finish_reason,
        "usage": told.usage,
    }


def test_what_is_said_beside_a_tool_call_is_its_plan() -> None:
    told = cohere_client(Wire(NAME, answered("I look.", called("f", {})))).chat(model="m", messages=HELLO)
    assert (told.message.tool_plan, told.message.content) == ("I look.", None)


def test_what_the_trace_does_not_hold_is_made_up_the_same_in_every_run() -> None:
    answer = answered(called("f", {}, None), called("f", {}, None), seed="trace:span")
    one, other = seen(answer), seen(answer)
    assert one == other
    assert [len(each) for each in one["id"].split("-")] == [8, 4, 4, 4, 12]
    assert len({each[0] for each in one["calls"]}) == 2
    assert all(each[0].startswith("f_") for each in one["calls"])


@pytest.mark.parametrize(
    ("reason", "parts", "word"),
    [
        (None, ["a"], "COMPLETE"),
        (None, [called("f", {})], "TOOL_CALL"),
        ("stop", ["a"], "COMPLETE"),
        ("tool_calls", [called("f", {})], "TOOL_CALL"),
        ("end_turn", ["a"], "COMPLETE"),
        ("SAFETY", ["a"], "ERROR"),
        ("MAX_TOKENS", ["a"], "MAX_TOKENS"),
        ("TIMEOUT", ["a"], "TIMEOUT"),
    ],
)
def test_a_finish_reason_is_in_this_apis_words(reason: str | None, parts: list[Any], word: str) -> None:
    answer = Answer(choices=(Choice(parts=assistant(*parts).parts, finish_reason=reason),))
    assert seen(answer)["reason"] == word


def test_an_answer_without_words_has_an_empty_block() -> None:
    told: Any = cohere_client(Wire(NAME, Answer())).chat(model="m", messages=HELLO)
    assert [each.text for each in told.message.content] == [""]


def test_a_whole_body_is_given_back_as_it_is() -> None:
    body: Any = {"id": "x", "finish_reason": "COMPLETE", "message": {"role": "assistant"}, "logprobs": []}
    assert json.loads(PROVIDER.answer(chat(), Answer(provider=NAME, raw=body)).body) == body


def test_log_probabilities_are_kept() -> None:
    body: Any = {"finish_reason": "COMPLETE", "message": {"role": "assistant"}, "logprobs": [{"token_ids": [1]}]}
    answer = PROVIDER.answer_of_body(body)
    assert json.loads(PROVIDER.answer(chat(), answer).body)["logprobs"] == body["logprobs"]


def test_a_response_that_is_no_answer_is_named() -> None:
    with pytest.raises(ValueError, match="neither a message nor a stream"):
        PROVIDER.read(WireResponse(200, {}, b"data: {oops\n\n"))


# --- errors ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, cohere.BadRequestError), (401, cohere.UnauthorizedError), (404, cohere.NotFoundError),
     (422, cohere.UnprocessableEntityError), (429, cohere.TooManyRequestsError), (500, cohere.InternalServerError)],
)  # fmt: skip
@pytest.mark.parametrize("stream", [False, True])
def test_an_error_is_the_sdks_exception(status: int, kind: Any, stream: bool) -> None:
    wire = Wire(NAME, Answer(error=ApiError(status=status, message="It is wrong.")))
    client = cohere_client(wire)
    ask: Any = client.chat_stream if stream else client.chat
    with pytest.raises(kind) as raised:
        list(ask(model="m", messages=HELLO, request_options={"max_retries": 0}))
    assert (raised.value.status_code, raised.value.body) == (status, {"message": "It is wrong."})


def test_an_error_that_is_read_is_written_again_as_it_was() -> None:
    body = {"id": "1", "message": "model 'x' not found"}
    read = PROVIDER.read(response(body, 404))
    assert read.error == ApiError(status=404, message="model 'x' not found", body=body)
    assert json.loads(PROVIDER.answer(chat(), read).body) == body
