"""Cohere chat, version 1: what its SDK asks, what it is told, and that nothing changes on the way."""

import json
from typing import Any

import cohere
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_llmreplay.model.call import Answer, ApiError, Call, Choice, Message, Text, Tool, ToolCall, ToolResult, Usage
from pytest_llmreplay.model.trace import Hints
from pytest_llmreplay.model.wire import WireRequest, WireResponse
from pytest_llmreplay.providers.cohere_v1 import NAME, CohereV1Chat
from tests.builders import answered, assistant, called, chat, result, system, user
from tests.providers.sdks import Wire, cohere_v1_client, request
from tests.providers.strategies import CALLS_WITHOUT_ID, NAMES, OBJECTS, TEXT

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


@settings(max_examples=120, deadline=None)
@given(OBJECTS)
def test_a_body_of_any_shape_is_read_or_a_value_error(body: dict[str, Any]) -> None:
    try:
        assert PROVIDER.call(request("/v1/chat", body)).provider == NAME
    except ValueError:
        assert not PROVIDER.asks(body)
    assert PROVIDER.answer_of_body(body).provider == NAME


# --- answers --------------------------------------------------------------------------------------------------------

CHOICES = st.builds(
    Choice,
    parts=st.tuples(TEXT, CALLS_WITHOUT_ID).map(lambda each: (*each[0], *each[1])),
    finish_reason=st.sampled_from(["COMPLETE", "MAX_TOKENS", "ERROR_TOXIC", "ERROR_LIMIT"]),
    details=st.just({}) | st.just({"citations": [{"start": 0, "end": 1, "text": "a", "document_ids": ["1"]}]}),
)
ANSWERS = st.builds(
    Answer,
    choices=CHOICES.map(lambda each: (each,)),
    provider=st.just(NAME),
    id=NAMES.map("r-".__add__),
    usage=st.none() | st.builds(Usage, input=st.integers(0, 10**6), output=st.integers(0, 10**6)),
    details=st.just({}) | st.just({"generation_id": "g-1"}),
)


@settings(max_examples=80, deadline=None)
@given(ANSWERS, st.booleans())
def test_an_answer_that_is_written_and_read_again_is_the_same(answer: Answer, stream: bool) -> None:
    call = chat(stream=stream)
    assert PROVIDER.read(PROVIDER.answer(call, answer)) == answer
    assert PROVIDER.answer(call, answer) == PROVIDER.answer(call, answer)


@settings(max_examples=30, deadline=None)
@given(ANSWERS)
def test_the_sdk_is_told_the_same_by_a_stream_and_by_a_whole(answer: Answer) -> None:
    client = cohere_v1_client(Wire(NAME, answer))
    whole = client.chat(model="m", message="Hello?")
    events: list[Any] = list(client.chat_stream(model="m", message="Hello?"))
    assert [events[0].event_type, events[-1].event_type] == ["stream-start", "stream-end"]
    assert events[-1].response == whole
    assert "".join(each.text for each in events if each.event_type == "text-generation") == whole.text
    (choice,) = answer.choices
    calls = [(part.name, part.arguments) for part in choice.parts if isinstance(part, ToolCall)]
    assert [(each.name, each.parameters) for each in whole.tool_calls or ()] == calls
    assert whole.text == "".join(part.content for part in choice.parts if isinstance(part, Text))
    assert (events[-1].finish_reason, whole.finish_reason) == (choice.finish_reason, choice.finish_reason)


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
