"""Bedrock's Converse: what the SDK asks, what it is told, and that nothing changes on the way."""

import hashlib
import json
from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError, EventStreamError
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
    Reasoning,
    Refusal,
    Text,
    Tool,
    ToolResult,
    Usage,
)
from pytest_llmreplay.model.trace import Hints
from pytest_llmreplay.model.wire import WireRequest, WireResponse
from pytest_llmreplay.providers import _eventstream
from pytest_llmreplay.providers._converse_stream import joined
from pytest_llmreplay.providers.bedrock_converse import NAME, BedrockConverse
from pytest_llmreplay.testing.conversations import JUNK
from tests.builders import answered, assistant, called, chat, user
from tests.providers.aws import bedrock_client
from tests.providers.sdks import Wire, request

PROVIDER = BedrockConverse()
MODEL = "us.anthropic.claude-sonnet-4-5-20250929-v1:0"
HELLO: list[Any] = [{"role": "user", "content": [{"text": "Hello?"}]}]
TOOLS: dict[str, Any] = {
    "tools": [
        {"toolSpec": {"name": "weather", "description": "Tells it.", "inputSchema": {"json": {"type": "object"}}}},
        {"cachePoint": {"type": "default"}},
    ],
    "toolChoice": {"auto": {}},
}


def asked(messages: list[Any] = HELLO, **more: Any) -> Call:
    """The call that the SDK makes of these arguments."""
    wire = Wire(NAME, answered("Hello."))
    bedrock_client(wire).converse(**{"modelId": MODEL, "messages": messages, **more})
    return wire.call


# --- requests -------------------------------------------------------------------------------------------------------


def test_a_question_of_the_sdk_is_read() -> None:
    call = asked(
        [
            {"role": "user", "content": [{"text": "Weather?"}]},
            {
                "role": "assistant",
                "content": [
                    {"reasoningContent": {"reasoningText": {"text": "hm", "signature": "seal"}}},
                    {"text": "Let me see."},
                    {"toolUse": {"toolUseId": "t1", "name": "weather", "input": {"city": "Rome"}}},
                ],
            },
            {
                "role": "user",
                "content": [
                    {"toolResult": {"toolUseId": "t1", "content": [{"text": "mild"}, {"json": {"t": 20}}]}},
                    {"cachePoint": {"type": "default"}},
                ],
            },
        ],
        system=[{"text": "Be brief."}],
        inferenceConfig={"maxTokens": 100, "temperature": 0.5, "topP": 0.9, "stopSequences": ["END"]},
        toolConfig=TOOLS,
        additionalModelRequestFields={"top_k": 3},
    )
    assert (call.kind, call.provider, call.model, call.stream) == ("chat", NAME, MODEL, False)
    assert call.messages == (
        Message("system", (Text("Be brief."),)),
        user("Weather?"),
        assistant(Reasoning("hm", "seal"), "Let me see.", called("weather", {"city": "Rome"}, "t1")),
        Message("user", (ToolResult('mild{"t":20}', "t1"), Other("cachePoint", {"type": "default"}))),
    )
    assert call.tools == (Tool("weather", "Tells it.", {"type": "object"}),)
    assert call.parameters == {
        "max_tokens": 100,
        "temperature": 0.5,
        "top_p": 0.9,
        "stop_sequences": ["END"],
        "tool_choice": {"auto": {}},
        "additionalModelRequestFields": {"top_k": 3},
    }
    assert call.known.parameters == EVERYTHING


def test_media_are_known_by_their_digest_or_their_place() -> None:
    image = {"image": {"format": "png", "source": {"bytes": b"hi"}}}
    stored = {"video": {"format": "mp4", "source": {"s3Location": {"uri": "s3://a/b.mp4"}}}}
    (message,) = asked([{"role": "user", "content": [{"text": "Look:"}, image, stored]}]).messages
    digest = "sha256:" + hashlib.sha256(b"aGk=").hexdigest()
    assert message.parts == (Text("Look:"), Media("image", digest), Media("video", "s3://a/b.mp4"))


@pytest.mark.parametrize(
    "model",
    [
        "amazon.nova-micro-v1:0",
        "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.amazon.nova-lite-v1:0",
        "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc123",
    ],
)
def test_the_model_stands_in_the_path(model: str) -> None:
    assert asked(modelId=model).model == model


def test_a_stream_is_asked_for_by_the_path() -> None:
    wire = Wire(NAME, answered("Hello."))
    list(bedrock_client(wire).converse_stream(modelId=MODEL, messages=HELLO)["stream"])
    assert (wire.call.stream, wire.call.model) == (True, MODEL)


def test_a_tool_of_the_systems_own_has_a_name_and_a_type() -> None:
    body = {"messages": [], "toolConfig": {"tools": [{"systemTool": {"name": "nova_grounding"}}]}}
    assert PROVIDER.call_of_body(body).tools == (Tool("nova_grounding", options={"type": "systemTool"}),)


@pytest.mark.parametrize(
    ("method", "path", "claimed"),
    [
        ("POST", "/model/amazon.nova-micro-v1%3A0/converse", True),
        ("POST", "/model/m/converse-stream", True),
        ("POST", "/gateway/model/a/b/converse", True),
        ("GET", "/model/m/converse", False),
        ("POST", "/model/m/invoke", False),
        ("POST", "/model/m/converse/more", False),
        ("POST", "/converse", False),
    ],
)
def test_a_request_is_claimed_by_method_and_path(method: str, path: str, claimed: bool) -> None:
    assert PROVIDER.claims(request(path, {}, method)) is claimed


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"7", b"{}", b"\xff", b'{"prompt": "x"}', b"[" * 100_000])
def test_a_body_of_another_api_is_a_value_error(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"the body (is not JSON|is no JSON object|has no messages)"):
        PROVIDER.call(WireRequest("POST", "https://a/model/m/converse", body))


def test_a_request_is_told_by_its_blocks() -> None:
    assert PROVIDER.asks({"messages": HELLO})
    assert not PROVIDER.asks({"messages": [{"role": "user", "content": [{"type": "text", "text": "a"}]}]})
    assert not PROVIDER.asks({"prompt": "a"})


@pytest.mark.parametrize(
    ("hints", "spoken"),
    [
        (Hints(system="aws.bedrock", name="chat m", operation="chat", api="converse"), True),
        (Hints(system="aws", name="bedrock.converse", scope="opentelemetry.instrumentation.bedrock"), True),
        (Hints(system="aws.bedrock", name="chat m", operation="chat", api="invokemodel"), False),
        (Hints(system="aws", name="bedrock.completion"), False),
        (Hints(system="anthropic", name="bedrock.invoke_model", scope="openinference.instrumentation.bedrock"), False),
        (Hints(system="aws.bedrock", name="text_completion m", operation="text_completion"), False),
        (Hints(system="openai", name="chat m"), False),
    ],
)
def test_a_span_is_told_by_its_words(hints: Hints, spoken: bool) -> None:
    assert PROVIDER.spoken_by(hints) is spoken


def test_nothing_of_a_signed_request_can_be_pinned() -> None:
    assert PROVIDER.pin({"messages": HELLO}, 7) == ({"messages": HELLO}, ("seed", "temperature"))


# --- answers --------------------------------------------------------------------------------------------------------


def streamed(answer: Answer) -> dict[str, Any]:
    """What an application puts together of the SDK's stream."""
    found = bedrock_client(Wire(NAME, answer)).converse_stream(modelId=MODEL, messages=HELLO)
    events = [(kind, data) for event in found["stream"] for kind, data in event.items()]
    assert events[0][0] == "messageStart"
    assert [kind for kind, _ in events[-2:]] == ["messageStop", "metadata"]
    return joined(events)


def told(answer: Answer, **more: Any) -> Any:
    """The response that the SDK makes of an answer."""
    return bedrock_client(Wire(NAME, answer)).converse(modelId=MODEL, messages=HELLO, **more)


def test_what_the_trace_does_not_hold_is_made_up_the_same_in_every_run() -> None:
    answer = answered(called("f", {}, None), called("g", {}, None), seed="trace:span")
    one, other = told(answer), told(answer)
    assert one == other
    ids = [each["toolUse"]["toolUseId"] for each in one["output"]["message"]["content"]]
    assert len(set(ids)) == 2
    assert all(each.startswith("tooluse_") for each in ids)
    assert one["ResponseMetadata"]["RequestId"] != told(replace(answer, seed="x"))["ResponseMetadata"]["RequestId"]


@pytest.mark.parametrize(
    ("reason", "parts", "word"),
    [
        (None, ["a"], "end_turn"),
        (None, [called("f", {})], "tool_use"),
        ("tool_call", [called("f", {})], "tool_use"),
        ("length", ["a"], "max_tokens"),
        ("content_filter", ["a"], "guardrail_intervened"),
        ("error", ["a"], "end_turn"),
        ("malformed_tool_use", ["a"], "malformed_tool_use"),
    ],
)
def test_a_stop_reason_is_in_this_apis_words(reason: str | None, parts: list[Any], word: str) -> None:
    answer = Answer(choices=(Choice(parts=assistant(*parts).parts, finish_reason=reason),))
    assert told(answer)["stopReason"] == word


def test_an_answer_of_another_provider_is_told_in_this_apis_words() -> None:
    answer = Answer(choices=(Choice(parts=(Text("a"),), finish_reason="tool_calls"),), provider="openai.chat", raw={})
    assert told(answer)["stopReason"] == "tool_use"


def test_an_answer_that_took_all_that_was_allowed_was_cut() -> None:
    answer = Answer(choices=(Choice(parts=(Text("a"),)),), usage=Usage(input=1, output=10))
    assert told(answer, inferenceConfig={"maxTokens": 10})["stopReason"] == "max_tokens"
    assert told(answer, inferenceConfig={"maxTokens": 11})["stopReason"] == "end_turn"


def test_cached_tokens_stand_apart_from_the_input() -> None:
    usage = told(answered("a", usage=Usage(input=30, output=5, cache_read=20, cache_write=4)))["usage"]
    assert (usage["inputTokens"], usage["cacheReadInputTokens"], usage["cacheWriteInputTokens"]) == (6, 20, 4)
    assert usage["totalTokens"] == 35


def test_a_whole_body_is_given_back_as_it_is() -> None:
    body: Any = {
        "output": {"message": {"role": "assistant", "content": [{"text": "a"}]}},
        "stopReason": "end_turn",
        "metrics": {"latencyMs": 3},
        "trace": {"guardrail": {}},
    }
    answer = Answer(provider=NAME, raw=body)
    assert json.loads(PROVIDER.answer(chat(), answer).body) == body
    assert told(answer)["trace"] == {"guardrail": {}}


def test_texts_of_a_streams_chunks_are_one_block() -> None:
    content = told(answered("one ", "two", Refusal("no"), ToolResult("r", "t1")))["output"]["message"]["content"]
    result_ = {"toolResult": {"toolUseId": "t1", "content": [{"text": "r"}], "status": "success"}}
    assert content == [{"text": "one two"}, {"text": "no"}, result_]


def test_blocks_that_only_this_api_has_come_back() -> None:
    parts = (Other("reasoningContent", {"redactedContent": "aGk="}), ToolResult("r", "t1"), Text("a"))
    answer = Answer(choices=(Choice(parts=parts, finish_reason="end_turn"),), provider=NAME)
    for stream in (False, True):
        assert PROVIDER.read(PROVIDER.answer(chat(stream=stream), answer)).choices == answer.choices


@pytest.mark.parametrize("text", ["\u2028", "\0", "👩‍👩‍👧", "\x1b[31m", "}\n{", "x" * 5000])
def test_no_text_breaks_a_stream(text: str) -> None:
    answer = Answer(choices=(Choice(parts=(Text(text), called("f", {"a": text})), finish_reason="tool_use"),))
    assert PROVIDER.answer_of_body(streamed(answer)).choices == answer.choices


# --- errors ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (400, "ValidationException"),
        (403, "AccessDeniedException"),
        (404, "ResourceNotFoundException"),
        (429, "ThrottlingException"),
        (500, "InternalServerException"),
        (503, "ServiceUnavailableException"),
    ],
)
@pytest.mark.parametrize("named", [False, True])
def test_an_error_raises_the_sdks_own_exception(status: int, code: str, named: bool) -> None:
    error = ApiError(status=status, type=code if named else None, message="what went wrong")
    client = bedrock_client(Wire(NAME, Answer(error=error)))
    for method in (client.converse, client.converse_stream):
        with pytest.raises(getattr(client.exceptions, code), match="what went wrong") as caught:
            method(modelId=MODEL, messages=HELLO)
        assert caught.value.response["Error"]["Code"] == code
        assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == status


def test_an_error_without_a_name_is_called_by_its_status() -> None:
    with pytest.raises(ClientError, match="no s3") as caught:
        told(Answer(error=ApiError(status=400, type="400", message="no s3")))
    assert caught.value.response["Error"]["Code"] == "400"


def test_an_error_is_read_as_it_was_written() -> None:
    error = ApiError(status=400, type="ValidationException", message="bad", body={"message": "bad"})
    assert PROVIDER.read(PROVIDER.answer(chat(), Answer(error=error))) == Answer(provider=NAME, error=error)
    spelled = WireResponse(400, {}, b'{"__type": "com.amazon#ThrottlingException", "Message": "slow"}')
    found = PROVIDER.read(spelled).error
    assert found is not None
    assert (found.type, found.message) == ("ThrottlingException", "slow")


def test_an_exception_within_a_stream_is_an_error() -> None:
    headers = {":message-type": "exception", ":exception-type": "throttlingException"}
    body = _eventstream.event("messageStart", {"role": "assistant"}) + _eventstream.message(headers, b'{"message":"x"}')
    assert PROVIDER.read(WireResponse(200, {}, body)).error == ApiError(
        status=429, type="throttlingException", message="x"
    )

    class Broken(Wire):
        def respond(self, request: WireRequest) -> WireResponse:
            return replace(super().respond(request), body=body)

    stream = bedrock_client(Broken(NAME, answered("a"))).converse_stream(modelId=MODEL, messages=HELLO)["stream"]
    with pytest.raises(EventStreamError):
        list(stream)


@pytest.mark.parametrize("body", [b"{", b"{" * 100_000, b"nonsense", _eventstream.event("metadata", {})[:-1]])
def test_an_answer_that_is_damaged_is_a_value_error(body: bytes) -> None:
    with pytest.raises(ValueError, match="the body is neither a message nor a stream"):
        PROVIDER.read(WireResponse(200, {}, body))


KINDS = st.sampled_from(["messageStart", "contentBlockStart", "contentBlockDelta", "messageStop", "metadata", "x"])
DELTAS = st.fixed_dictionaries({}, optional={"contentBlockIndex": JUNK, "start": JUNK, "delta": JUNK, "usage": JUNK})


@settings(max_examples=120, deadline=None)
@given(st.lists(st.tuples(KINDS, DELTAS | JUNK), max_size=5))
def test_a_stream_of_any_shape_is_read_or_a_value_error(events: list[tuple[str, Any]]) -> None:
    body = b"".join(_eventstream.event(kind, data) for kind, data in events)
    try:
        assert PROVIDER.read(WireResponse(200, {}, body)).error is None
    except ValueError:
        return
