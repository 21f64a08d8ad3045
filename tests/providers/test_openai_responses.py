"""OpenAI responses: what an SDK asks, what it is told, and that nothing changes on the way."""

import hashlib
import json
from dataclasses import replace
from typing import Any

import openai
import pytest

from pytest_llmreplay import registry
from pytest_llmreplay.model.call import (
    EVERYTHING,
    Answer,
    ApiError,
    Call,
    Choice,
    Media,
    Message,
    Other,
    Part,
    Reasoning,
    Refusal,
    Text,
    Tool,
)
from pytest_llmreplay.model.trace import Hints
from pytest_llmreplay.model.wire import WireResponse
from pytest_llmreplay.providers.openai_responses import NAME, OpenAIResponses
from tests.builders import answered, assistant, called, chat, result, system, user
from tests.providers.sdks import ODD_TEXTS, OPENAI_ERRORS, Wire, openai_client, request, response

PROVIDER = OpenAIResponses()
TOOL: dict[str, Any] = {
    "type": "function",
    "name": "weather",
    "description": "Tells it.",
    "parameters": {"type": "object"},
    "strict": True,
}


def asked(given: Any = "Hello?", **more: Any) -> Call:
    """The call that the SDK makes of these arguments."""
    wire = Wire(NAME, answered("Hello."))
    openai_client(wire).responses.create(**{"model": "gpt-4.1", "input": given, **more})
    return wire.call


# --- requests -------------------------------------------------------------------------------------------------------


def test_a_question_of_the_sdk_is_read() -> None:
    call = asked(
        [
            {"role": "developer", "content": "Be brief."},
            {"role": "user", "content": [{"type": "input_text", "text": "Weather?"}]},
            {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "Hm."}]},
            {"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": "weather", "arguments": '{"a": 1}'},
            {"type": "function_call_output", "call_id": "call_1", "output": "sunny"},
            {"type": "custom_tool_call", "call_id": "call_2", "name": "shell", "input": "ls"},
            {"type": "custom_tool_call_output", "call_id": "call_2", "output": [{"type": "input_text", "text": "a"}]},
            {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "It is sunny."}]},
        ],
        instructions="Be kind.",
        tools=[TOOL, {"type": "web_search"}],
        temperature=0.5,
        max_output_tokens=100,
        reasoning={"effort": "low", "summary": "auto"},
        extra_body={"top_k": 3},
    )
    assert (call.kind, call.provider, call.model, call.stream) == ("chat", NAME, "gpt-4.1", False)
    assert call.messages == (
        system("Be kind."),
        Message("developer", (Text("Be brief."),)),
        user("Weather?"),
        assistant(Reasoning("Hm.")),
        assistant(called("weather", {"a": 1})),
        result("sunny"),
        assistant(called("shell", "ls", "call_2")),
        result("a", "call_2"),
        assistant("It is sunny."),
    )
    assert call.tools == (
        Tool("weather", "Tells it.", {"type": "object"}, {"strict": True}),
        Tool("web_search", options={"type": "web_search"}),
    )
    assert call.parameters == {
        "temperature": 0.5,
        "max_tokens": 100,
        "reasoning_effort": "low",
        "reasoning": {"summary": "auto"},
        "top_k": 3,
    }
    assert call.known.parameters == EVERYTHING


def test_a_key_for_the_providers_cache_is_no_part_of_the_question() -> None:
    assert asked(prompt_cache_key="run-1") == asked(prompt_cache_key="run-2")


def test_a_text_is_a_message_of_the_user() -> None:
    assert asked("Hello?").messages == (user("Hello?"),)


@pytest.mark.parametrize(
    ("part", "read"),
    [
        ({"type": "input_image", "image_url": "https://a/b.png"}, Media("image", "https://a/b.png")),
        ({"type": "input_image", "file_id": "file-1"}, Media("image", "file-1")),
        ({"type": "input_file", "file_url": "https://a/b.pdf"}, Media("file", "https://a/b.pdf")),
        ({"type": "input_file", "file_id": "file-1"}, Media("file", "file-1")),
        ({"type": "refusal", "refusal": "No."}, Refusal("No.")),
        ({"type": "later", "x": 1, "y": None}, Other("later", {"type": "later", "x": 1})),
    ],
)
def test_a_part_that_is_no_text_is_read(part: Any, read: Part) -> None:
    (message,) = asked([{"role": "user", "content": [part]}]).messages
    assert message.parts == (read,)


@pytest.mark.parametrize(
    "part",
    [
        {"type": "input_image", "image_url": "data:image/png;base64,aGk="},
        {"type": "input_file", "filename": "a.pdf", "file_data": "data:application/pdf;base64,aGk="},
        {"type": "input_audio", "input_audio": {"data": "aGk=", "format": "wav"}},
    ],
)
def test_inline_data_are_known_by_their_digest(part: Any) -> None:
    (message,) = asked([{"role": "user", "content": [part]}]).messages
    (media,) = message.parts
    assert isinstance(media, Media)
    assert media.reference == "sha256:" + hashlib.sha256(b"aGk=").hexdigest()


def test_an_item_of_the_servers_own_is_kept_as_it_came() -> None:
    item = {"type": "file_search_call", "id": "fs_1", "queries": ["a"], "status": "completed"}
    assert asked([{"role": "user", "content": "Hi"}, item]).messages[1] == assistant(Other("file_search_call", item))


def test_the_path_and_the_body_tell_the_api() -> None:
    assert PROVIDER.claims(request("/v1/responses", {}))
    assert PROVIDER.claims(request("/openai/responses?api-version=1", {}))
    assert not PROVIDER.claims(request("/v1/responses/resp_1", {}, "GET"))
    assert not PROVIDER.claims(request("/v1/chat/completions", {}))


@pytest.mark.parametrize("body", [[], {"model": "gpt-4.1"}])
def test_a_body_of_another_kind_is_a_value_error(body: Any) -> None:
    with pytest.raises(ValueError, match=r"the body (has no input|is no JSON object)"):
        PROVIDER.call(request("/v1/responses", body))


def test_a_body_that_is_no_json_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="the body is not JSON"):
        PROVIDER.call(replace(request("/v1/responses", {}), body=b"{"))


@pytest.mark.parametrize(
    ("hints", "name"),
    [
        (Hints(system="openai", name="openai.response", operation="chat"), NAME),
        (Hints(system="openai", name="Response", operation="llm"), NAME),
        (Hints(system="deepseek", name="Response", operation="llm"), NAME),
        (Hints(system="openai", name="chat gpt-4.1", operation="chat", api="responses"), NAME),
        (Hints(system="openai", name="chat gpt-4.1", operation="chat"), "openai.chat"),
        (Hints(system="openai", name="openai.completion", operation="text_completion"), "openai.completions"),
        (Hints(system="openai", name="Completion", operation="llm"), "openai.completions"),
    ],
)
def test_a_span_is_of_one_api(hints: Hints, name: str) -> None:
    assert [each.name for each in registry.every("providers") if each.spoken_by(hints)] == [name]


def test_a_live_call_is_pinned_as_far_as_the_api_lets() -> None:
    assert PROVIDER.pin({"model": "gpt-4.1"}, 7) == ({"model": "gpt-4.1", "temperature": 0}, ("seed",))
    assert PROVIDER.pin({"model": "gpt-5-mini"}, 7) == ({"model": "gpt-5-mini"}, ("seed", "temperature"))


# --- answers --------------------------------------------------------------------------------------------------------


def told(answer: Answer, **more: Any) -> Any:
    """The response that the SDK makes of an answer."""
    return openai_client(Wire(NAME, answer)).responses.create(**{"model": "gpt-4.1", "input": "Hello?", **more})


def events_of(answer: Answer, **more: Any) -> list[Any]:
    return list(told(answer, stream=True, **more))


def test_a_stream_tells_every_step_in_order() -> None:
    answer = answered(Reasoning("Hm, well.", "seal"), "Hello there, my friend.", called("f", {"a": 1}), provider=NAME)
    events = events_of(answer)
    assert [event.sequence_number for event in events] == list(range(len(events)))
    kinds = [event.type.removeprefix("response.") for event in events]
    assert list(dict.fromkeys(kinds)) == [
        "created",
        "in_progress",
        "output_item.added",
        "reasoning_summary_part.added",
        "reasoning_summary_text.delta",
        "reasoning_summary_text.done",
        "reasoning_summary_part.done",
        "output_item.done",
        "content_part.added",
        "output_text.delta",
        "output_text.done",
        "content_part.done",
        "function_call_arguments.delta",
        "function_call_arguments.done",
        "completed",
    ]
    assert "".join(event.delta for event in events if event.type == "response.output_text.delta") == (
        "Hello there, my friend."
    )
    assert events[0].response.output == []
    assert events[0].response.status == "in_progress"


@pytest.mark.parametrize(
    ("reason", "status", "why", "last"),
    [
        ("completed", "completed", None, "completed"),
        ("stop", "completed", None, "completed"),
        ("tool_call", "completed", None, "completed"),
        (None, "completed", None, "completed"),
        ("max_output_tokens", "incomplete", "max_output_tokens", "incomplete"),
        ("length", "incomplete", "max_output_tokens", "incomplete"),
        ("content_filter", "incomplete", "content_filter", "incomplete"),
        ("failed", "failed", None, "failed"),
        ("error", "failed", None, "failed"),
        ("queued", "queued", None, "queued"),
    ],
)
def test_a_finish_reason_is_the_status(reason: str | None, status: str, why: str | None, last: str) -> None:
    answer = Answer(provider=NAME, choices=(Choice(parts=(Text("a"),), finish_reason=reason),))
    found = told(answer)
    assert (found.status, found.incomplete_details and found.incomplete_details.reason) == (status, why)
    assert events_of(answer)[-1].type == f"response.{last}"


@pytest.mark.parametrize(
    ("reason", "status"), [("end_turn", "completed"), ("max_tokens", "incomplete"), ("tool_use", "completed")]
)
def test_an_answer_of_another_provider_is_told_in_this_apis_words(reason: str, status: str) -> None:
    parts = (Text("a"), Other("web_search_tool_result", {"x": 1}))
    answer = Answer(
        choices=(Choice(parts=parts, finish_reason=reason),), provider="anthropic.messages", raw={"content": []}
    )
    found = told(answer)
    assert (found.status, found.output_text, len(found.output)) == (status, "a", 1)


def test_a_refusal_is_a_refusal() -> None:
    (message,) = told(answered(Refusal("I cannot."))).output
    assert message.content[0].refusal == "I cannot."


def test_what_the_trace_does_not_hold_is_made_up_the_same_in_every_run() -> None:
    answer = answered(called("f", {}, None), called("g", {}, None), Reasoning("a"), seed="trace:span")
    one, other = told(answer), told(answer)
    assert one == other
    assert one.id.startswith("resp_")
    ids = [each.id for each in one.output] + [each.call_id for each in one.output[:2]]
    assert len(set(ids)) == 5
    assert told(replace(answer, seed="other")).id != one.id
    assert one.model == "gpt-4.1"


def test_a_tool_without_a_schema_is_called_with_text() -> None:
    tools: Any = [{"type": "custom", "name": "shell"}]
    answer = answered(called("shell", "ls -l"), provider=NAME)
    (item,) = told(answer, tools=tools).output
    assert (item.type, item.call_id, item.input) == ("custom_tool_call", "call_1", "ls -l")
    deltas = [each for each in events_of(answer, tools=tools) if each.type == "response.custom_tool_call_input.delta"]
    assert "".join(each.delta for each in deltas) == "ls -l"


def test_a_tool_of_the_server_is_told_from_its_genai_part() -> None:
    inner = {"type": "file_search", "queries": ["a"], "status": "completed"}
    data: Any = {"type": "server_tool_call", "name": "file_search", "id": "fs_1", "server_tool_call": inner}
    (item,) = told(answered(Other("server_tool_call", data), provider=NAME)).output
    assert (item.type, item.id, item.queries) == ("file_search_call", "fs_1", ["a"])


def test_a_whole_body_is_given_back_as_it_is() -> None:
    text = {"type": "output_text", "text": "Hi.", "annotations": [{"type": "url_citation", "url": "https://a"}]}
    message = {"id": "msg_1", "type": "message", "role": "assistant", "status": "completed", "content": [text]}
    body: Any = {"id": "resp_1", "object": "response", "status": "completed", "output": [message], "extra": {"a": 1}}
    answer = Answer(provider=NAME, raw=body)
    assert json.loads(PROVIDER.answer(chat(), answer).body) == body
    kinds = [event.type for event in events_of(answer)]
    assert "response.output_text.annotation.added" in kinds
    assert events_of(answer)[-1].response.to_dict() == body


def test_a_structured_answer_is_parsed() -> None:
    from pydantic import BaseModel

    class City(BaseModel):
        name: str

    client = openai_client(Wire(NAME, answered('{"name": "Rome"}')))
    parsed = client.responses.parse(model="m", input="?", text_format=City).output_parsed
    assert parsed == City(name="Rome")


def test_a_stream_that_broke_off_has_what_came_so_far() -> None:
    whole = PROVIDER.answer(chat(stream=True), answered("Hello there, my friend.", provider=NAME, id="resp_1")).body
    cut = whole.partition(b"event: response.output_text.done")[0]
    found = PROVIDER.read(WireResponse(200, {}, cut))
    assert (found.id, found.choices[0].parts) == ("resp_1", (Text("Hello there, my friend."),))
    assert found.choices[0].finish_reason == "in_progress"


@pytest.mark.parametrize("text", ODD_TEXTS)
def test_no_text_breaks_a_stream(text: str) -> None:
    answer = answered(text, called("f", {"a": text}), provider=NAME)
    for call in (chat(), chat(stream=True)):
        assert PROVIDER.read(PROVIDER.answer(call, answer)).choices[0].parts == (Text(text), called("f", {"a": text}))


# --- errors ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("status", "kind"), OPENAI_ERRORS)
@pytest.mark.parametrize("stream", [False, True])
def test_an_error_raises_the_sdks_own_exception_at_the_first_attempt(
    status: int, kind: type[openai.APIStatusError], stream: bool
) -> None:
    wire = Wire(NAME, Answer(error=ApiError(status=status, type="some_type", message="what went wrong")))
    with pytest.raises(kind, match="what went wrong") as caught:
        openai_client(wire, max_retries=3).responses.create(model="m", input="Hello?", stream=stream)
    assert len(wire.calls) == 1
    assert (caught.value.status_code, caught.value.type) == (status, "some_type")


def test_a_response_that_failed_says_why() -> None:
    body: Any = {
        "id": "resp_1",
        "object": "response",
        "status": "failed",
        "error": {"code": "server_error", "message": "Oh."},
        "output": [],
    }
    answer = PROVIDER.read(response(body))
    assert (answer.error, answer.choices[0].finish_reason) == (None, "failed")
    assert told(replace(answer, raw=None)).error.message == "Oh."


def test_an_error_within_a_stream_is_an_error() -> None:
    events = b'event: error\ndata: {"type": "error", "code": "rate_limit", "message": "slow", "param": null}\n\n'
    error = PROVIDER.read(WireResponse(200, {}, events)).error
    assert error is not None
    assert (error.status, error.type, error.message) == (500, "rate_limit", "slow")


@pytest.mark.parametrize("body", [b"{", b"data: {cut\n\n", b"data: nonsense\n\n"])
def test_an_answer_that_is_damaged_is_a_value_error(body: bytes) -> None:
    with pytest.raises(ValueError, match="the body is neither a response nor a stream of its events"):
        PROVIDER.read(WireResponse(200, {}, body))
