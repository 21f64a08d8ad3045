"""Cohere chat, version 1: what its SDK asks, what it is told, and that nothing changes on the way."""

import json
from typing import Any

import cohere
import pytest

from pytest_llmreplay.model.call import Answer, ApiError, Call, Choice, Message, Tool, ToolResult
from pytest_llmreplay.model.trace import Hints
from pytest_llmreplay.model.wire import WireRequest, WireResponse
from pytest_llmreplay.providers.cohere_v1 import NAME, CohereV1Chat
from tests.builders import answered, assistant, called, chat, result, system, user
from tests.providers.sdks import Wire, cohere_v1_client, request

PROVIDER = CohereV1Chat()
TOOL: Any = {"name": "weather", "description": "Tells it.", "parameter_definitions": {"city": {"type": "str"}}}


def asked(message: str = "Hello?", **more: Any) -> Call:
    """The call that the SDK makes of these arguments."""
    wire = Wire(NAME, answered("Hello."))
    cohere_v1_client(wire).chat(model="command", message=message, **more)
    return wire.call


# --- requests -------------------------------------------------------------------------------------------------------


def test_a_question_of_the_sdk_is_read() -> None:
    call = asked(
        "And now?",
        preamble="Be brief.",
        chat_history=[
            {"role": "System", "message": "Be kind."},
            {"role": "USER", "message": "Weather?"},
            {
                "role": "CHATBOT",
                "message": "I look.",
                "tool_calls": [{"name": "weather", "parameters": {"city": "Rome"}}],
            },
            {
                "role": "TOOL",
                "tool_results": [{"call": {"name": "weather", "parameters": {}}, "outputs": [{"sky": 1}]}],
            },
        ],
        tools=[TOOL],
        p=0.9,
        stop_sequences=["END"],
    )
    assert (call.kind, call.provider, call.model, call.stream) == ("chat", NAME, "command", False)
    assert call.messages == (
        system("Be brief."),
        system("Be kind."),
        user("Weather?"),
        assistant("I look.", called("weather", {"city": "Rome"}, None)),
        result('[{"sky":1}]', None),
        user("And now?"),
    )
    assert call.tools == (Tool("weather", "Tells it.", {"city": {"type": "str"}}),)
    assert call.parameters == {"top_p": 0.9, "stop_sequences": ["END"]}


def test_results_of_tools_stand_before_the_message() -> None:
    results: Any = [{"call": {"name": "f", "parameters": {}}, "outputs": [{"a": 1}]}]
    call = asked("", tool_results=results)
    assert call.messages == (Message("tool", (ToolResult('[{"a":1}]'),)),)


@pytest.mark.parametrize(
    ("method", "path", "claimed"), [("POST", "/v1/chat", True), ("GET", "/v1/chat", False), ("POST", "/v2/chat", False)]
)
def test_it_claims_a_request_by_its_path(method: str, path: str, claimed: bool) -> None:
    assert PROVIDER.claims(request(path, {}, method)) is claimed


def test_a_body_without_a_message_is_named() -> None:
    with pytest.raises(ValueError, match="no message"):
        PROVIDER.call(WireRequest("POST", "https://api.cohere.com/v1/chat", b"{}"))


def test_a_span_does_not_say_that_it_is_of_this_version() -> None:
    assert not PROVIDER.spoken_by(Hints(system="cohere"))


def test_its_answers_are_known_by_their_ids() -> None:
    assert PROVIDER.tells({"text": "a", "generation_id": "g"})
    assert not PROVIDER.tells({"text": "a"})


def test_seed_and_temperature_are_pinned() -> None:
    assert PROVIDER.pin({"model": "m"}, 7) == ({"model": "m", "seed": 7, "temperature": 0}, ())


# --- answers --------------------------------------------------------------------------------------------------------


def test_the_conversation_goes_on_with_the_answer() -> None:
    history: Any = [{"role": "SYSTEM", "message": "Be brief."}, {"role": "USER", "message": "Hi?"}]
    told: Any = cohere_v1_client(Wire(NAME, answered("Hello."))).chat(message="And?", chat_history=history)
    assert [(each.role, each.message) for each in told.chat_history] == [
        ("SYSTEM", "Be brief."),
        ("USER", "Hi?"),
        ("USER", "And?"),
        ("CHATBOT", "Hello."),
    ]


def test_a_tool_call_is_a_complete_answer() -> None:
    choice = Choice(parts=(called("f", {"a": 1}),), finish_reason="tool_calls")
    told = cohere_v1_client(Wire(NAME, Answer(choices=(choice,)))).chat(message="a")
    assert (told.finish_reason, told.text) == ("COMPLETE", "")


def test_what_the_trace_does_not_hold_is_made_up_the_same_in_every_run() -> None:
    answer = answered("a", seed="trace:span")
    one, other = (cohere_v1_client(Wire(NAME, answer)).chat(message="a") for _ in range(2))
    assert one == other
    assert len(one.response_id or "") == 36


def test_a_whole_body_is_given_back_as_it_is() -> None:
    body: Any = {"text": "a", "generation_id": "g", "finish_reason": "COMPLETE", "extra": 1}
    answer = Answer(provider=NAME, raw=body)
    assert json.loads(PROVIDER.answer(chat(), answer).body) == body
    last = PROVIDER.answer(chat(stream=True), answer).body.splitlines()[-1]
    assert json.loads(last)["response"] == body


def test_a_stream_without_an_end_is_named() -> None:
    with pytest.raises(ValueError, match="the stream has no end"):
        PROVIDER.read(WireResponse(200, {}, b'{"event_type": "stream-start"}\n{"event_type": "text-generation"}\n'))


@pytest.mark.parametrize(("status", "kind"), [(400, cohere.BadRequestError), (404, cohere.NotFoundError)])
@pytest.mark.parametrize("stream", [False, True])
def test_an_error_is_the_sdks_exception(status: int, kind: Any, stream: bool) -> None:
    client = cohere_v1_client(Wire(NAME, Answer(error=ApiError(status=status, message="It is wrong."))))
    ask: Any = client.chat_stream if stream else client.chat
    with pytest.raises(kind) as raised:
        list(ask(message="a"))
    assert (raised.value.status_code, raised.value.body) == (status, {"message": "It is wrong."})
    read = PROVIDER.read(PROVIDER.answer(chat(), Answer(error=ApiError(status=status, message="It is wrong."))))
    assert read.error == ApiError(status=status, message="It is wrong.", body={"message": "It is wrong."})
