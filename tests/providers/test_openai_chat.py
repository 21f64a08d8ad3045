"""OpenAI chat completions: what an SDK asks, what it is told, and that nothing changes on the way."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import openai
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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
    ToolCall,
    ToolResult,
    Usage,
)
from pytest_llmreplay.model.wire import WireRequest, WireResponse
from pytest_llmreplay.providers.openai_chat import NAME, OpenAIChat
from tests.builders import answered, assistant, called, chat, result, system, user
from tests.providers.sdks import ODD_TEXTS, OPENAI_ERRORS, Wire, openai_client, request, response

PROVIDER = OpenAIChat()
HELLO: list[Any] = [{"role": "user", "content": "Hello?"}]
TOOL: dict[str, Any] = {
    "type": "function",
    "function": {"name": "weather", "description": "Tells it.", "parameters": {"type": "object"}, "strict": True},
}


def asked(messages: list[Any] = HELLO, **more: Any) -> Call:
    """The call that the SDK makes of these arguments."""
    wire = Wire(NAME, answered("Hello."))
    openai_client(wire).chat.completions.create(**{"model": "gpt-4o", "messages": messages, **more})
    return wire.call


# --- requests -------------------------------------------------------------------------------------------------------


def test_a_question_of_the_sdk_is_read() -> None:
    call = asked(
        [
            {"role": "developer", "content": "Be brief."},
            {"role": "user", "content": [{"type": "text", "text": "Weather?"}]},
            {
                "role": "assistant",
                "content": None,
                "tool_calls": [
                    {
                        "id": "call_1",
                        "type": "function",
                        "function": {"name": "weather", "arguments": '{"city": "Boston"}'},
                    },
                    {
                        "id": "call_2",
                        "type": "function",
                        "function": {"name": "weather", "arguments": '{"city": "Rome"}'},
                    },
                ],
            },
            {"role": "tool", "tool_call_id": "call_1", "content": "sunny"},
            {"role": "tool", "tool_call_id": "call_2", "content": [{"type": "text", "text": "mild"}]},
        ],
        tools=[TOOL],
        temperature=0.5,
        max_completion_tokens=100,
        seed=7,
        n=2,
        extra_body={"top_k": 3},
        extra_headers={"x-trace": "1"},
    )
    assert (call.kind, call.provider, call.model, call.stream) == ("chat", NAME, "gpt-4o", False)
    assert call.messages == (
        Message("developer", (Text("Be brief."),)),
        user("Weather?"),
        assistant(called("weather", {"city": "Boston"}, "call_1"), called("weather", {"city": "Rome"}, "call_2")),
        result("sunny", "call_1"),
        result("mild", "call_2"),
    )
    assert call.tools == (Tool("weather", "Tells it.", {"type": "object"}, {"strict": True}),)
    assert call.parameters == {"temperature": 0.5, "max_tokens": 100, "seed": 7, "choice.count": 2, "top_k": 3}
    assert call.known.parameters == EVERYTHING


def test_a_key_for_the_providers_cache_is_no_part_of_the_question() -> None:
    assert asked(prompt_cache_key="run-1") == asked(prompt_cache_key="run-2")


@pytest.mark.parametrize(
    ("part", "read"),
    [
        (
            {"type": "image_url", "image_url": {"url": "https://a/b.png", "detail": "low"}},
            Media("image", "https://a/b.png"),
        ),
        ({"type": "file", "file": {"file_id": "file-1"}}, Media("file", "file-1")),
        ({"type": "web", "x": 1}, Other("web", {"type": "web", "x": 1})),
    ],
)
def test_a_part_that_is_no_text_is_read(part: Any, read: Part) -> None:
    (message,) = asked([{"role": "user", "content": [{"type": "text", "text": "Look:"}, part]}]).messages
    assert message.parts == (Text("Look:"), read)


@pytest.mark.parametrize(
    "part",
    [
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,aGk="}},
        {"type": "input_audio", "input_audio": {"data": "aGk=", "format": "wav"}},
        {"type": "file", "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,aGk="}},
    ],
)
def test_inline_data_are_known_by_their_digest(part: Any) -> None:
    (message,) = asked([{"role": "user", "content": [part]}]).messages
    (media,) = message.parts
    assert isinstance(media, Media)
    assert media.reference == "sha256:" + hashlib.sha256(b"aGk=").hexdigest()


def test_a_stream_and_its_usage_are_read_as_how_the_answer_is_delivered() -> None:
    wire = Wire(NAME, answered("Hello."))
    list(
        openai_client(wire).chat.completions.create(
            model="m", messages=HELLO, stream=True, stream_options={"include_usage": True}
        )
    )
    assert wire.call.stream is True
    assert wire.call.options["include_usage"] is True
    assert wire.call.parameters == {}


def test_one_stop_word_and_a_list_of_one_are_the_same_question() -> None:
    assert asked(stop="END").parameters == asked(stop=["END"]).parameters == {"stop_sequences": ["END"]}


def test_azure_names_the_model_in_the_path_alone() -> None:
    body: Any = {"messages": HELLO}
    assert PROVIDER.call(request("/openai/deployments/my-gpt/chat/completions?api-version=1", body)).model == "my-gpt"


@pytest.mark.parametrize(
    ("method", "path", "claimed"),
    [
        ("POST", "/v1/chat/completions", True),
        ("POST", "/openai/deployments/x/chat/completions?api-version=1", True),
        ("POST", "/api/v1/chat/completions", True),
        ("GET", "/v1/chat/completions", False),
        ("POST", "/v1/completions", False),
        ("POST", "/v1/chat/completions/chatcmpl-1", False),
        ("POST", "/v1/embeddings?next=/chat/completions", False),
        ("POST", "/v1/responses", False),
    ],
)
def test_a_request_is_claimed_by_method_and_path(method: str, path: str, claimed: bool) -> None:
    assert PROVIDER.claims(request(path, {}, method)) is claimed


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b"7", b'"text"', b"{}", b"\xff", b'{"input": "x"}', b"[" * 100_000]
)
def test_a_body_of_another_api_is_a_value_error(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"the body (is not JSON|is no JSON object|has no messages)"):
        PROVIDER.call(WireRequest("POST", "https://a/v1/chat/completions", body))


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "role",
                    "content",
                    "type",
                    "text",
                    "tool_calls",
                    "function",
                    "id",
                    "arguments",
                    "name",
                    "messages",
                    "tools",
                    "image_url",
                    "url",
                    "choices",
                    "message",
                    "delta",
                    "usage",
                    "index",
                    "input",
                    "source",
                    "error",
                    "system",
                ]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=15,
)


# --- answers --------------------------------------------------------------------------------------------------------


def told(answer: Answer, **more: Any) -> Any:
    """The completion that the SDK makes of an answer."""
    return openai_client(Wire(NAME, answer)).chat.completions.create(model="gpt-4o", messages=HELLO, **more)


def test_content_is_null_beside_a_tool_call_and_empty_where_there_is_nothing() -> None:
    assert told(answered(called("f", {}))).choices[0].message.content is None
    assert told(answered(Refusal("no"))).choices[0].message.content is None
    assert told(answered()).choices[0].message.content == ""


def test_a_refusal_is_a_refusal() -> None:
    message = told(answered(Refusal("I cannot."))).choices[0].message
    assert (message.content, message.refusal) == (None, "I cannot.")


def test_reasoning_goes_where_compatible_hosts_put_it() -> None:
    answer = answered(Reasoning("hm"), "yes", provider=NAME)
    assert told(answer).choices[0].message.reasoning_content == "hm"
    for call in (chat(), chat(stream=True)):
        assert PROVIDER.read(PROVIDER.answer(call, answer)).choices[0].parts == (Reasoning("hm"), Text("yes"))


def test_what_the_trace_does_not_hold_is_made_up_the_same_in_every_run() -> None:
    answer = answered(called("f", {}, None), called("g", {}, None), seed="trace:span")
    one, other = told(answer), told(answer)
    assert one == other
    assert one.id.startswith("chatcmpl-")
    ids = [each.id for each in one.choices[0].message.tool_calls]
    assert len(set(ids)) == 2
    assert all(each.startswith("call_") for each in ids)
    assert told(replace(answer, seed="other")).id != one.id
    assert one.model == "gpt-4o"


@pytest.mark.parametrize(
    ("reason", "parts", "word"),
    [
        (None, ["a"], "stop"),
        (None, [called("f", {})], "tool_calls"),
        ("tool_call", [called("f", {})], "tool_calls"),
        ("stop", [called("f", {})], "stop"),
        ("length", ["a"], "length"),
        ("content_filter", ["a"], "content_filter"),
        ("error", ["a"], "stop"),
    ],
)
def test_a_finish_reason_is_in_this_apis_words(reason: str | None, parts: list[Any], word: str) -> None:
    answer = Answer(choices=(Choice(parts=assistant(*parts).parts, finish_reason=reason),))
    assert told(answer).choices[0].finish_reason == word


@pytest.mark.parametrize(
    ("reason", "word"),
    [("end_turn", "stop"), ("max_tokens", "length"), ("tool_use", "tool_calls"), ("refusal", "content_filter")],
)
def test_an_answer_of_another_provider_is_told_in_this_apis_words(reason: str, word: str) -> None:
    answer = Answer(
        choices=(Choice(parts=(Text("a"),), finish_reason=reason),),
        provider="anthropic.messages",
        raw="a message",
    )
    assert told(answer).choices[0].finish_reason == word


def test_a_legacy_function_call_is_one() -> None:
    answer = answered(ToolCall("f", {"a": 1}, legacy=True), provider=NAME)
    functions: Any = [{"name": "f", "parameters": {"type": "object"}}]
    message = told(answer, functions=functions).choices[0].message
    assert (message.function_call.name, json.loads(message.function_call.arguments)) == ("f", {"a": 1})
    for stream in (False, True):
        call = chat(stream=stream, options={"legacy_functions": True})
        assert PROVIDER.read(PROVIDER.answer(call, answer)).choices[0].parts == (
            ToolCall("f", {"a": 1}, None, legacy=True),
        )


def test_arguments_that_are_no_json_stay_as_they_are() -> None:
    message = told(answered(called("f", '{"cut'))).choices[0].message
    assert message.tool_calls[0].function.arguments == '{"cut'


def test_a_whole_body_is_given_back_as_it_is() -> None:
    body: Any = {"id": "x", "object": "chat.completion", "created": 1, "model": "m", "extra": {"a": 1}, "choices": []}
    answer = Answer(provider=NAME, raw=body)
    assert json.loads(PROVIDER.answer(chat(), answer).body) == body


def chunks_of(answer: Answer, **options: Any) -> list[Any]:
    return list(
        openai_client(Wire(NAME, answer)).chat.completions.create(model="m", messages=HELLO, stream=True, **options)
    )


def test_a_stream_tells_its_usage_only_when_asked() -> None:
    answer = answered("Hello.", usage=Usage(input=3, output=5))
    assert all(chunk.usage is None for chunk in chunks_of(answer))
    usages = [chunk.usage for chunk in chunks_of(answer, stream_options={"include_usage": True})]
    assert usages[-1].total_tokens == 8
    assert usages[:-1] == [None] * (len(usages) - 1)


def test_a_stream_comes_in_pieces() -> None:
    texts = [
        c.choices[0].delta.content
        for c in chunks_of(answered("one two three four five six seven eight nine ten eleven"))
    ]
    assert len([each for each in texts if each]) > 2


@pytest.mark.parametrize("text", ODD_TEXTS)
def test_no_text_breaks_a_stream(text: str) -> None:
    answer = answered(text, called("f", {"a": text}), provider=NAME)
    for call in (chat(), chat(stream=True)):
        assert PROVIDER.read(PROVIDER.answer(call, answer)).choices[0].parts == (Text(text), called("f", {"a": text}))
    content = "".join(c.choices[0].delta.content or "" for c in chunks_of(answer) if c.choices)
    assert content == text or not text.isprintable()


# --- errors ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("status", "kind"), OPENAI_ERRORS)
@pytest.mark.parametrize("stream", [False, True])
def test_an_error_raises_the_sdks_own_exception_at_the_first_attempt(
    status: int, kind: type[openai.APIStatusError], stream: bool
) -> None:
    wire = Wire(NAME, Answer(error=ApiError(status=status, type="some_type", message="what went wrong")))
    with pytest.raises(kind, match="what went wrong") as caught:
        openai_client(wire, max_retries=3).chat.completions.create(model="m", messages=HELLO, stream=stream)
    assert len(wire.calls) == 1
    assert (caught.value.status_code, caught.value.type) == (status, "some_type")


def test_an_error_with_its_body_is_given_back_as_it_was() -> None:
    body: Any = {
        "error": {"message": "slow", "type": "requests", "param": None, "code": "rate_limit_exceeded"},
        "extra": 1,
    }
    error = ApiError(status=429, type="requests", message="slow", body=body)
    told_ = PROVIDER.answer(chat(), Answer(error=error))
    assert json.loads(told_.body) == body
    assert PROVIDER.read(told_) == Answer(provider=NAME, error=error)


def test_an_error_of_another_provider_is_told_in_this_apis_shape() -> None:
    body: Any = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}
    error = ApiError(status=529, type="overloaded_error", message="Overloaded", body=body)
    told_ = json.loads(PROVIDER.answer(chat(), Answer(error=error)).body)
    assert told_ == {"error": {"message": "Overloaded", "type": "overloaded_error", "param": None, "code": None}}


@pytest.mark.parametrize("body", [b"{", b"data: {cut\n\n", b"data: nonsense\n\n", b"{" * 100_000])
def test_an_answer_that_is_damaged_is_a_value_error(body: bytes) -> None:
    with pytest.raises(ValueError, match="the body is neither a completion nor a stream of chunks"):
        PROVIDER.read(WireResponse(200, {}, body))


def events() -> Iterator[st.SearchStrategy[Any]]:
    yield st.fixed_dictionaries({"choices": JUNK}, optional={"usage": JUNK, "id": JUNK})
    yield JUNK


@settings(max_examples=120, deadline=None)
@given(st.lists(st.one_of(*events()), max_size=4))
def test_an_answer_of_any_shape_is_read_or_a_value_error(bodies: list[Any]) -> None:
    stream = b"".join(b"data: " + json.dumps(each).encode() + b"\n\n" for each in bodies)
    for wire in (WireResponse(200, {}, stream), *(response(each) for each in bodies)):
        try:
            assert PROVIDER.read(wire).error is None
        except ValueError:
            continue


def test_a_tool_result_has_no_place_in_an_answer_and_breaks_none() -> None:
    assert told(answered("a", ToolResult("x"), Media("image", "x"), Other("y", 1))).choices[0].message.content == "a"


def test_a_system_message_is_one() -> None:
    assert asked([{"role": "system", "content": "Be brief."}, *HELLO]).messages == (system("Be brief."), user("Hello?"))
