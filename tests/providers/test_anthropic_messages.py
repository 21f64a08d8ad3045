"""Anthropic messages: what an SDK asks, what it is told, and that nothing changes on the way."""

import hashlib
import json
from dataclasses import replace
from typing import Any

import anthropic
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_llmreplay.model.call import (
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
    ToolResult,
    Usage,
)
from pytest_llmreplay.model.wire import WireRequest, WireResponse
from pytest_llmreplay.providers.anthropic_messages import NAME, AnthropicMessages
from pytest_llmreplay.testing.conversations import JUNK
from tests.builders import answered, assistant, called, chat, system, user
from tests.providers.sdks import ODD_TEXTS, Wire, anthropic_client, request, response

PROVIDER = AnthropicMessages()
HELLO: list[Any] = [{"role": "user", "content": "Hello?"}]


def asked(messages: list[Any] = HELLO, **more: Any) -> Call:
    """The call that the SDK makes of these arguments."""
    wire = Wire(NAME, answered("Hello."))
    anthropic_client(wire).messages.create(**{"model": "claude", "max_tokens": 100, "messages": messages, **more})
    return wire.call


def told(answer: Answer, **more: Any) -> Any:
    """The message that the SDK makes of an answer."""
    return anthropic_client(Wire(NAME, answer)).messages.create(model="claude", max_tokens=100, messages=HELLO, **more)


# --- requests -------------------------------------------------------------------------------------------------------


def test_a_question_of_the_sdk_is_read() -> None:
    call = asked(
        [
            {"role": "user", "content": "Weather?"},
            {
                "role": "assistant",
                "content": [
                    {"type": "thinking", "thinking": "hm", "signature": "sig"},
                    {"type": "text", "text": "Let me look."},
                    {"type": "tool_use", "id": "toolu_1", "name": "weather", "input": {"city": "Boston"}},
                ],
            },
            {
                "role": "user",
                "content": [
                    {"type": "tool_result", "tool_use_id": "toolu_1", "content": [{"type": "text", "text": "sunny"}]},
                    {"type": "text", "text": "And?"},
                ],
            },
        ],
        system="Be brief.",
        tools=[{"name": "weather", "description": "Tells it.", "input_schema": {"type": "object"}}],
        stop_sequences=["END"],
        extra_body={"temperature": 0.5},
        extra_headers={"x-trace": "1"},
    )
    assert (call.kind, call.provider, call.model, call.stream) == ("chat", NAME, "claude", False)
    assert call.messages == (
        system("Be brief."),
        user("Weather?"),
        assistant(Reasoning("hm", "sig"), "Let me look.", called("weather", {"city": "Boston"}, "toolu_1")),
        Message("user", (ToolResult("sunny", "toolu_1"), Text("And?"))),
    )
    assert call.tools == (Tool("weather", "Tells it.", {"type": "object"}),)
    assert call.parameters == {"max_tokens": 100, "stop_sequences": ["END"], "temperature": 0.5}


def test_a_question_of_the_beta_is_the_same_question() -> None:
    wire = Wire(NAME, answered("Hello."))
    anthropic_client(wire).beta.messages.create(model="claude", max_tokens=100, messages=HELLO, betas=["x-1"])
    assert wire.call == asked()


def test_a_system_text_in_blocks_is_the_same_system_text() -> None:
    assert asked(system=[{"type": "text", "text": "Be brief."}]) == asked(system="Be brief.")


def test_a_mark_for_the_cache_and_a_servers_own_tool_are_options_of_the_tool() -> None:
    tools: Any = [
        {"name": "f", "input_schema": {"type": "object"}, "cache_control": {"type": "ephemeral"}, "type": "custom"},
        {"type": "web_search_20250305", "name": "web_search", "max_uses": 3},
    ]
    one, two = asked(tools=tools).tools
    assert one == Tool("f", None, {"type": "object"}, {"cache_control": {"type": "ephemeral"}})
    assert two == Tool("web_search", None, None, {"type": "web_search_20250305", "max_uses": 3})


@pytest.mark.parametrize(
    ("block", "part"),
    [
        ({"type": "image", "source": {"type": "url", "url": "https://a/b.png"}}, Media("image", "https://a/b.png")),
        ({"type": "document", "source": {"type": "file", "file_id": "file-1"}}, Media("document", "file-1")),
        (
            {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "aGk="}},
            Media("image", "sha256:" + hashlib.sha256(b"aGk=").hexdigest()),
        ),
        (
            {"type": "redacted_thinking", "data": "x"},
            Other("redacted_thinking", {"type": "redacted_thinking", "data": "x"}),
        ),
    ],
)
def test_a_block_that_is_no_text_is_read(block: Any, part: Part) -> None:
    (message,) = asked([{"role": "user", "content": [{"type": "text", "text": "Look:"}, block]}]).messages
    assert message.parts == (Text("Look:"), part)


def test_an_image_is_the_same_image_for_every_provider() -> None:
    from pytest_llmreplay.providers.openai_chat import OpenAIChat

    (mine,) = PROVIDER.parts([{"type": "image", "source": {"type": "base64", "data": "aGk="}}])
    (theirs,) = OpenAIChat().parts([{"type": "image_url", "image_url": {"url": "data:image/png;base64,aGk="}}])
    assert mine == theirs


@pytest.mark.parametrize(
    ("method", "path", "claimed"),
    [
        ("POST", "/v1/messages", True),
        ("POST", "/v1/messages?beta=true", True),
        ("POST", "/proxy/v1/messages", True),
        ("GET", "/v1/messages", False),
        ("POST", "/v1/messages/count_tokens", False),
        ("POST", "/v1/messages/batches", False),
        ("POST", "/v1/complete", False),
    ],
)
def test_a_request_is_claimed_by_method_and_path(method: str, path: str, claimed: bool) -> None:
    assert PROVIDER.claims(request(path, {}, method)) is claimed


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"7", b"{}", b"\xff", b"[" * 100_000])
def test_a_body_of_another_api_is_a_value_error(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"the body (is not JSON|is no JSON object|has no messages)"):
        PROVIDER.call(WireRequest("POST", "https://a/v1/messages", body))


# --- answers --------------------------------------------------------------------------------------------------------


def test_the_sdks_text_helper_gives_the_text() -> None:
    with anthropic_client(Wire(NAME, answered("one two three four five six seven eight nine ten"))).messages.stream(
        model="m", max_tokens=9, messages=HELLO
    ) as stream:
        pieces = list(stream.text_stream)
    assert "".join(pieces) == "one two three four five six seven eight nine ten"
    assert len(pieces) > 2


def test_usage_is_never_absent_because_the_sdk_counts_on_it() -> None:
    usage = told(answered("a")).usage
    assert (usage.input_tokens, usage.output_tokens) == (0, 0)


def test_cached_tokens_are_taken_off_the_input_again() -> None:
    usage = told(answered("a", usage=Usage(input=100, output=5, cache_read=60, cache_write=30))).usage
    assert (usage.input_tokens, usage.cache_read_input_tokens, usage.cache_creation_input_tokens) == (10, 60, 30)


def test_what_the_trace_does_not_hold_is_made_up_the_same_in_every_run() -> None:
    answer = answered(Reasoning("hm"), called("f", {}, None), called("g", {}, None), seed="trace:span")
    one, other = told(answer), told(answer)
    assert one == other
    assert one.id.startswith("msg_")
    thinking, first, second = one.content
    assert thinking.signature
    assert first.id.startswith("toolu_")
    assert first.id != second.id
    assert told(replace(answer, seed="other")).id != one.id
    assert one.model == "claude"


@pytest.mark.parametrize(
    ("reason", "parts", "word"),
    [
        (None, ["a"], "end_turn"),
        (None, [called("f", {})], "tool_use"),
        ("tool_call", [called("f", {})], "tool_use"),
        ("stop", ["a"], "end_turn"),
        ("length", ["a"], "max_tokens"),
        ("content_filter", ["a"], "refusal"),
        ("error", ["a"], "end_turn"),
        ("pause_turn", ["a"], "pause_turn"),
    ],
)
def test_a_stop_reason_is_in_this_apis_words(reason: str | None, parts: list[Any], word: str) -> None:
    answer = Answer(choices=(Choice(parts=assistant(*parts).parts, finish_reason=reason),), provider=NAME)
    assert told(answer).stop_reason == word


@pytest.mark.parametrize(
    ("reason", "word"), [("stop", "end_turn"), ("length", "max_tokens"), ("tool_calls", "tool_use")]
)
def test_an_answer_of_another_provider_is_told_in_this_apis_words(reason: str, word: str) -> None:
    answer = Answer(
        choices=(Choice(parts=(Text("a"),), finish_reason=reason),), provider="openai.chat", raw={"choices": []}
    )
    message = told(answer)
    assert (message.stop_reason, message.content[0].text) == (word, "a")


def test_a_refusal_of_another_provider_is_a_text() -> None:
    assert told(answered(Refusal("I cannot."))).content[0].text == "I cannot."


@pytest.mark.parametrize("arguments", [None, "", {}])
def test_a_tool_call_without_arguments_has_an_empty_input(arguments: Any) -> None:
    assert told(answered(called("f", arguments))).content[0].input == {}


def test_a_block_of_a_servers_own_tool_is_given_back() -> None:
    block: Any = {"type": "server_tool_use", "id": "s", "name": "web_search", "input": {"query": "x"}}
    answer = answered(Other("server_tool_use", block), provider=NAME)
    assert told(answer).content[0].input == {"query": "x"}
    for call in (chat(), chat(stream=True)):
        assert PROVIDER.read(PROVIDER.answer(call, answer)).choices[0].parts == (Other("server_tool_use", block),)


def test_citations_survive_a_stream() -> None:
    block: Any = {"type": "text", "text": "Blue.", "citations": [{"type": "char_location", "cited_text": "sky"}]}
    answer = answered(Other("text", block), provider=NAME)
    for call in (chat(), chat(stream=True)):
        assert PROVIDER.read(PROVIDER.answer(call, answer)).choices[0].parts == (Other("text", block),)


def test_a_whole_body_is_given_back_as_it_is_and_in_a_stream_as_its_events() -> None:
    body: Any = {
        "id": "x",
        "type": "message",
        "role": "assistant",
        "model": "m",
        "content": [{"type": "text", "text": "a"}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": {"input_tokens": 1, "output_tokens": 2},
        "extra": 1,
    }
    answer = Answer(provider=NAME, raw=body)
    assert json.loads(PROVIDER.answer(chat(), answer).body) == body
    assert PROVIDER.read(PROVIDER.answer(chat(stream=True), answer)) == PROVIDER.answer_of_body(body)


@pytest.mark.parametrize("text", ODD_TEXTS)
def test_no_text_breaks_a_stream(text: str) -> None:
    answer = answered(text, called("f", {"a": text}), Reasoning(text, "s"), provider=NAME)
    for call in (chat(), chat(stream=True)):
        parts = PROVIDER.read(PROVIDER.answer(call, answer)).choices[0].parts
        assert parts == (Text(text), called("f", {"a": text}), Reasoning(text, "s"))


# --- errors ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "kind", "type_"),
    [
        (400, anthropic.BadRequestError, "invalid_request_error"),
        (401, anthropic.AuthenticationError, "authentication_error"),
        (403, anthropic.PermissionDeniedError, "permission_error"),
        (404, anthropic.NotFoundError, "not_found_error"),
        (413, anthropic.APIStatusError, "request_too_large"),
        (429, anthropic.RateLimitError, "rate_limit_error"),
        (500, anthropic.InternalServerError, "api_error"),
        (529, anthropic.APIStatusError, "overloaded_error"),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
def test_an_error_raises_the_sdks_own_exception_at_the_first_attempt(
    status: int, kind: type[anthropic.APIStatusError], type_: str, stream: bool
) -> None:
    wire = Wire(NAME, Answer(error=ApiError(status=status, message="what went wrong")))
    with pytest.raises(kind, match="what went wrong") as caught:
        anthropic_client(wire, max_retries=3).messages.create(model="m", max_tokens=9, messages=HELLO, stream=stream)
    assert len(wire.calls) == 1
    assert caught.value.status_code == status
    body: Any = caught.value.body
    assert body["error"]["type"] == type_


def test_an_error_with_its_body_is_given_back_as_it_was() -> None:
    body: Any = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}, "request_id": "req_1"}
    error = ApiError(status=529, type="overloaded_error", message="Overloaded", body=body)
    answer = PROVIDER.answer(chat(), Answer(error=error))
    assert json.loads(answer.body) == body
    assert PROVIDER.read(answer) == Answer(provider=NAME, error=error)


def test_an_error_of_another_provider_is_told_in_this_apis_shape() -> None:
    error = ApiError(
        status=429, type="requests", message="slow", body={"error": {"message": "slow", "type": "requests"}}
    )
    shown = json.loads(PROVIDER.answer(chat(), Answer(error=error)).body)
    assert shown == {"type": "error", "error": {"type": "requests", "message": "slow"}}


@pytest.mark.parametrize("body", [b"{", b"data: {cut\n\n", b"data: nonsense\n\n", b"{" * 100_000])
def test_an_answer_that_is_damaged_is_a_value_error(body: bytes) -> None:
    with pytest.raises(ValueError, match="the body is neither a message nor a stream of its events"):
        PROVIDER.read(WireResponse(200, {}, body))


EVENTS = st.fixed_dictionaries(
    {"type": st.sampled_from(["message_start", "content_block_start", "content_block_delta", "message_delta", "ping"])},
    optional={
        "index": JUNK,
        "message": JUNK,
        "content_block": st.fixed_dictionaries(
            {"type": st.sampled_from(["text", "tool_use", "thinking"])}, optional={"input": JUNK}
        )
        | JUNK,
        "delta": st.fixed_dictionaries(
            {
                "type": st.sampled_from(
                    ["text_delta", "input_json_delta", "thinking_delta", "signature_delta", "citations_delta"]
                )
            },
            optional={"text": JUNK, "partial_json": JUNK, "thinking": JUNK},
        )
        | JUNK,
        "usage": JUNK,
    },
)


@settings(max_examples=120, deadline=None)
@given(st.lists(EVENTS | JUNK, max_size=5))
def test_an_answer_of_any_shape_is_read_or_a_value_error(bodies: list[Any]) -> None:
    stream = b"".join(b"data: " + json.dumps(each).encode() + b"\n\n" for each in bodies)
    for wire in (WireResponse(200, {}, stream), *(response(each) for each in bodies)):
        try:
            assert PROVIDER.read(wire).error is None
        except ValueError:
            continue


def test_an_application_that_has_moved_from_openai_gets_the_same_tool_calls() -> None:
    from pytest_llmreplay.providers.openai_chat import OpenAIChat

    recorded = answered("Let me look.", called("f", {"a": 1}, "call_1"), provider="openai.chat")
    first = OpenAIChat().read(OpenAIChat().answer(chat(), recorded))
    message = told(first)
    assert [block.type for block in message.content] == ["text", "tool_use"]
    assert (message.content[1].input, message.content[1].id) == ({"a": 1}, "call_1")
