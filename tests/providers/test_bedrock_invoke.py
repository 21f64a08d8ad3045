"""Bedrock's InvokeModel: every maker's bodies, and that nothing changes on the way."""

import base64
import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_llmreplay.model.call import (
    Answer,
    ApiError,
    Call,
    Choice,
    Message,
    Text,
    Tool,
    Usage,
)
from pytest_llmreplay.model.trace import Hints
from pytest_llmreplay.model.wire import WireRequest, WireResponse
from pytest_llmreplay.providers import _eventstream
from pytest_llmreplay.providers._bedrock_bodies import SHAPES, shape_of
from pytest_llmreplay.providers.bedrock_invoke import NAME, BedrockInvoke
from pytest_llmreplay.testing.conversations import JUNK
from tests.builders import answered, called, user
from tests.providers.aws import bedrock_client
from tests.providers.sdks import Wire, request

PROVIDER = BedrockInvoke()
SAID: list[Any] = [{"role": "user", "content": [{"type": "text", "text": "Hello?"}]}]
NOVA: list[Any] = [{"role": "user", "content": [{"text": "Hello?"}]}]
PLAIN: list[Any] = [{"role": "user", "content": "Hello?"}]
CHATS: dict[str, tuple[str, dict[str, Any]]] = {
    "anthropic.messages": (
        "us.anthropic.claude-3-5-sonnet-20240620-v1:0",
        {"anthropic_version": "bedrock-2023-05-31", "messages": SAID, "max_tokens": 99},
    ),
    "amazon.nova": (
        "amazon.nova-micro-v1:0",
        {"schemaVersion": "messages-v1", "messages": NOVA, "inferenceConfig": {"max_new_tokens": 99}},
    ),
    "openai.chat": ("openai.gpt-oss-20b-1:0", {"messages": PLAIN, "max_completion_tokens": 99}),
}
TEXTS: dict[str, tuple[str, dict[str, Any]]] = {
    "amazon.titan": (
        "amazon.titan-text-express-v1",
        {"inputText": "Hello?", "textGenerationConfig": {"maxTokenCount": 99}},
    ),
    "meta.llama": ("meta.llama3-70b-instruct-v1:0", {"prompt": "Hello?", "max_gen_len": 99}),
    "mistral.text": ("mistral.mistral-7b-instruct-v0:2", {"prompt": "Hello?", "max_tokens": 99}),
    "cohere.command": ("cohere.command-text-v14", {"prompt": "Hello?", "max_tokens": 99}),
    "cohere.command-r": ("cohere.command-r-v1:0", {"message": "Hello?", "max_tokens": 99}),
    "anthropic.text": ("anthropic.claude-v2:1", {"prompt": "Hello?", "max_tokens_to_sample": 99}),
    "openai.completions": (
        "arn:aws:sagemaker:us-east-1:123456789012:endpoint/mine",
        {"prompt": "Hello?", "max_tokens": 99},
    ),
}
VECTORS: dict[str, tuple[str, dict[str, Any], int]] = {
    "amazon.titan-embed": ("amazon.titan-embed-text-v2:0", {"inputText": "Hello?", "dimensions": 256}, 256),
    "cohere.embed": ("cohere.embed-english-v3", {"texts": ["Hello?"], "input_type": "search_query"}, 1024),
    "amazon.nova-embed": (
        "amazon.nova-2-multimodal-embeddings-v1:0",
        {"taskType": "SINGLE_EMBEDDING", "singleEmbeddingParams": {"text": {"value": "Hello?"}}},
        3072,
    ),
}
ASKED = {**CHATS, **TEXTS}
PROFILE = "arn:aws:bedrock:us-east-1:123456789012:inference-profile/"
WORDS_FOR: dict[str, tuple[str, str]] = {
    "anthropic.messages": ("end_turn", "max_tokens"),
    "amazon.nova": ("end_turn", "max_tokens"),
    "openai.chat": ("stop", "length"),
    "amazon.titan": ("FINISH", "LENGTH"),
    "meta.llama": ("stop", "length"),
    "mistral.text": ("stop", "length"),
    "cohere.command": ("COMPLETE", "MAX_TOKENS"),
    "cohere.command-r": ("COMPLETE", "MAX_TOKENS"),
    "anthropic.text": ("stop_sequence", "max_tokens"),
    "openai.completions": ("stop", "length"),
}
"""Each maker's words for an answer that ended by itself, and for one that was cut."""


def call_of(shape: str, **more: Any) -> Call:
    """The call of a request of one maker's."""
    model, body = ASKED[shape]
    return PROVIDER.call_of_body({"modelId": model, **body, **more})


def told(answer: Answer, shape: str) -> Any:
    """The body that the SDK gets for a request of one maker's."""
    model, body = ASKED[shape]
    response = bedrock_client(Wire(NAME, answer)).invoke_model(modelId=model, body=json.dumps(body))
    return json.loads(response["body"].read())


def chunks(answer: Answer, shape: str) -> list[Any]:
    """The chunks of a stream that the SDK gets for a request of one maker's."""
    model, body = ASKED[shape]
    client = bedrock_client(Wire(NAME, answer))
    stream = client.invoke_model_with_response_stream(modelId=model, body=json.dumps(body))["body"]
    return [json.loads(event["chunk"]["bytes"]) for event in stream]


# --- requests -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", ASKED)
@pytest.mark.parametrize("stream", [False, True])
def test_a_question_of_the_sdk_is_read(shape: str, stream: bool) -> None:
    model, body = ASKED[shape]
    wire = Wire(NAME, answered("Hi."))
    client = bedrock_client(wire)
    method = client.invoke_model_with_response_stream if stream else client.invoke_model
    method(modelId=model, body=json.dumps(body))
    call = wire.call
    assert (call.kind, call.provider, call.model, call.stream) == ("chat", NAME, model, stream)
    assert call.messages == (user("Hello?"),)
    assert call.parameters["max_tokens"] == 99
    assert call.options["shape"] == shape


def test_tools_and_system_texts_of_anthropic_and_nova_are_read() -> None:
    schema = {"type": "object"}
    call = call_of("anthropic.messages", system="Be brief.", tools=[{"name": "f", "input_schema": schema}])
    assert (call.messages[0], call.tools) == (Message("system", (Text("Be brief."),)), (Tool("f", None, schema),))
    spec = {"toolSpec": {"name": "f", "inputSchema": {"json": schema}}}
    call = call_of("amazon.nova", system=[{"text": "Be brief."}], toolConfig={"tools": [spec]})
    assert (call.messages[0], call.tools) == (Message("system", (Text("Be brief."),)), (Tool("f", None, schema),))


def test_parameters_bear_the_names_of_the_conventions() -> None:
    config = {"maxTokenCount": 1, "temperature": 0.5, "topP": 0.9, "stopSequences": ["|"]}
    named = {"max_tokens": 1, "temperature": 0.5, "top_p": 0.9, "stop_sequences": ["|"]}
    assert call_of("amazon.titan", textGenerationConfig=config).parameters == named
    cohere = call_of("cohere.command", max_tokens=1, temperature=0.5, p=0.9, stop_sequences=["|"])
    mistral = call_of("mistral.text", max_tokens=1, temperature=0.5, top_p=0.9, stop=["|"])
    assert cohere.parameters == mistral.parameters == named


@pytest.mark.parametrize(
    ("model", "body", "shape"),
    [
        (PROFILE + "a", {"messages": SAID, "anthropic_version": "x"}, "anthropic.messages"),
        (PROFILE + "us.anthropic.claude-3", {"messages": SAID}, "anthropic.messages"),
        (PROFILE + "a", {"messages": NOVA, "inferenceConfig": {}}, "amazon.nova"),
        ("mistral.mistral-large-2402-v1:0", {"messages": PLAIN}, "openai.chat"),
        ("anthropic.claude-instant-v1", {"prompt": "a"}, "anthropic.text"),
        ("us.meta.llama4-scout-v1:0", {"prompt": "a"}, "meta.llama"),
        ("us.deepseek.r1-v1:0", {"prompt": "a"}, "openai.completions"),
        ("amazon.titan-text-lite-v1", {"inputText": "a"}, "amazon.titan"),
        ("amazon.titan-embed-text-v1", {"inputText": "a"}, "amazon.titan-embed"),
        ("amazon.titan-embed-image-v1", {"inputImage": "aGk="}, "amazon.titan-embed"),
        ("cohere.embed-v4:0", {"texts": ["a"], "input_type": "clustering"}, "cohere.embed"),
    ],
)  # fmt: skip
def test_a_body_is_of_its_makers_shape(model: str, body: dict[str, Any], shape: str) -> None:
    found = shape_of(model, body)
    assert found is not None
    assert found.name == shape


@pytest.mark.parametrize(
    ("method", "path", "claimed"),
    [
        ("POST", "/model/amazon.nova-micro-v1%3A0/invoke", True),
        ("POST", "/model/m/invoke-with-response-stream", True),
        ("GET", "/model/m/invoke", False),
        ("POST", "/model/m/converse", False),
        ("POST", "/model/m/async-invoke", False),
    ],
)
def test_a_request_is_claimed_by_method_and_path(method: str, path: str, claimed: bool) -> None:
    assert PROVIDER.claims(request(path, {}, method)) is claimed


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"{}", b"\xff", b'{"taskTypes": "x"}', b"[" * 100_000])
def test_a_body_of_no_makers_is_a_value_error(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"the body (is not JSON|is no JSON object|is of no maker's)"):
        PROVIDER.call(WireRequest("POST", "https://a/model/m/invoke", body))


@pytest.mark.parametrize(
    ("hints", "spoken"),
    [
        (Hints(system="aws", name="bedrock.completion"), True),
        (Hints(system="aws.bedrock", name="text_completion m", operation="text_completion"), True),
        (Hints(system="aws.bedrock", name="chat m", api="invokemodelwithresponsestream"), True),
        (Hints(system="anthropic", name="bedrock.invoke_model", scope="openinference.instrumentation.bedrock"), True),
        (Hints(system="aws.bedrock", name="chat m", scope="opentelemetry.instrumentation.bedrock"), True),
        (Hints(system="aws.bedrock", name="chat m", api="conversestream"), False),
        (Hints(system="aws", name="bedrock.converse"), False),
        (Hints(system="openai", name="chat m"), False),
    ],
)
def test_a_span_is_told_by_its_words(hints: Hints, spoken: bool) -> None:
    assert PROVIDER.spoken_by(hints) is spoken


def test_nothing_of_a_signed_request_can_be_pinned_and_nothing_tells_of_bedrock() -> None:
    assert PROVIDER.pin({"prompt": "a"}, 7) == ({"prompt": "a"}, ("seed", "temperature"))
    assert not PROVIDER.tells({"results": []})
    assert PROVIDER.asks({"prompt": "a"})
    assert not PROVIDER.asks({"x": 1})


def test_content_of_either_kind_of_blocks_is_read() -> None:
    assert PROVIDER.parts("a") == PROVIDER.parts([{"text": "a"}]) == PROVIDER.parts([{"type": "text", "text": "a"}])
    assert PROVIDER.parts("") == ()


# --- answers --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", ASKED)
@pytest.mark.parametrize("at", [0, 1])
def test_a_finish_reason_is_in_its_makers_words(shape: str, at: int) -> None:
    word = WORDS_FOR[shape][at]
    for reason in (("stop", "length")[at], word, ("end_turn", "max_tokens")[at]):
        answer = Answer(choices=(Choice(parts=(Text("a"),), finish_reason=reason),), provider="google.gemini")
        assert SHAPES[shape].answer(told(answer, shape)).choices[0].finish_reason == word


def test_an_answer_that_took_all_that_was_allowed_was_cut() -> None:
    answer = Answer(choices=(Choice(parts=(Text("a"),)),), usage=Usage(input=1, output=99))
    assert told(answer, "amazon.titan")["results"][0]["completionReason"] == "LENGTH"


def test_bodies_are_their_makers_own() -> None:
    answer = answered("Hi.", usage=Usage(input=3, output=5), seed="s", model="the model")
    result = {"tokenCount": 5, "outputText": "Hi.", "completionReason": "FINISH"}
    assert told(answer, "amazon.titan") == {"inputTextTokenCount": 3, "results": [result]}
    counts = {"prompt_token_count": 3, "generation_token_count": 5}
    assert told(answer, "meta.llama") == {"generation": "Hi.", **counts, "stop_reason": "stop"}
    assert told(answer, "mistral.text") == {"outputs": [{"text": "Hi.", "stop_reason": "stop"}]}
    assert told(answer, "cohere.command")["generations"][0]["text"] == "Hi."
    assert told(answer, "cohere.command-r")["text"] == "Hi."
    assert told(answer, "anthropic.text")["completion"] == "Hi."
    assert told(answer, "openai.completions")["choices"][0]["text"] == "Hi."
    assert told(answer, "openai.completions")["model"] == "the model"
    assert told(answer, "anthropic.messages")["content"] == [{"type": "text", "text": "Hi."}]
    nova = told(answer, "amazon.nova")
    assert nova["output"]["message"]["content"] == [{"text": "Hi."}]
    assert nova["usage"] == {"inputTokens": 3, "outputTokens": 5, "totalTokens": 8}


@pytest.mark.parametrize(
    ("model", "named"),
    [
        ("us.anthropic.claude-3-5-sonnet-20240620-v1:0", "claude-3-5-sonnet-20240620"),
        ("anthropic.claude-v2", "claude-2.0"),
        ("anthropic.claude-v2:1", "claude-2.1"),
    ],
)
def test_a_claude_goes_by_anthropics_own_name(model: str, named: str) -> None:
    call = PROVIDER.call_of_body({"modelId": model, "messages": SAID})
    assert json.loads(PROVIDER.answer(call, answered("a")).body)["model"] == named


def test_counts_stand_in_the_headers() -> None:
    model, body = ASKED["mistral.text"]
    answer = answered("a", usage=Usage(input=3, output=5))
    response = bedrock_client(Wire(NAME, answer)).invoke_model(modelId=model, body=json.dumps(body))
    headers = response["ResponseMetadata"]["HTTPHeaders"]
    assert headers["x-amzn-bedrock-input-token-count"] == "3"
    assert headers["x-amzn-bedrock-output-token-count"] == "5"
    assert response["contentType"] == "application/json"


def test_a_whole_body_is_given_back_as_it_is_to_who_asks_in_its_shape() -> None:
    body: Any = {"id": "msg_1", "type": "message", "content": [{"type": "text", "text": "a"}], "extra": {"a": 1}}
    answer = answered("a", provider="anthropic.messages", raw=body)
    assert told(answer, "anthropic.messages") == body
    assert told(answer, "meta.llama")["generation"] == "a"


def test_a_tool_call_streams_in_pieces_of_its_arguments() -> None:
    answer = answered("Let me see.", called("weather", {"city": "Rome", "unit": "celsius"}, "t1"))
    for shape in ("anthropic.messages", "amazon.nova"):
        found = SHAPES[shape].answer(SHAPES[shape].joined(chunks(answer, shape)))
        assert found.choices[0].parts == answer.choices[0].parts


@pytest.mark.parametrize("shape", VECTORS)
def test_vectors_are_recorded_or_made_up(shape: str) -> None:
    model, body, width = VECTORS[shape]
    wire = Wire(NAME, Answer(seed="s"))
    made = json.loads(bedrock_client(wire).invoke_model(modelId=model, body=json.dumps(body))["body"].read())
    assert wire.call.kind == "embedding"
    assert wire.call.messages == (user("Hello?"),)
    (vector,) = SHAPES[shape].answer(made).vectors
    assert len(vector) == width
    assert PROVIDER.answer(wire.call, Answer(seed="s")) == PROVIDER.answer(wire.call, Answer(seed="s"))
    recorded = Answer(provider=NAME, vectors=((0.25, 0.5),))
    assert PROVIDER.read(PROVIDER.answer(wire.call, recorded)).vectors == recorded.vectors


def test_cohere_gives_vectors_by_type_to_those_who_ask_for_types() -> None:
    body: dict[str, Any] = {"texts": ["a"], "input_type": "search_query"}
    for model, more, typed in (
        ("cohere.embed-english-v3", {}, False),
        ("cohere.embed-english-v3", {"embedding_types": ["float"]}, True),
        ("cohere.embed-v4:0", {}, True),
    ):
        call = PROVIDER.call_of_body({"modelId": model, **body, **more})
        found = json.loads(PROVIDER.answer(call, Answer()).body)
        assert isinstance(found["embeddings"], dict) is typed
        assert found["texts"] == ["a"]


# --- errors ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stream", [False, True])
def test_an_error_raises_the_sdks_own_exception(stream: bool) -> None:
    error = ApiError(status=429, type="ThrottlingException", message="slow down")
    client = bedrock_client(Wire(NAME, Answer(error=error)))
    method = client.invoke_model_with_response_stream if stream else client.invoke_model
    with pytest.raises(client.exceptions.ThrottlingException, match="slow down"):
        method(modelId="meta.llama3", body='{"prompt": "a"}')


def test_an_error_of_another_providers_is_told_in_this_apis_shape() -> None:
    error = ApiError(status=400, message="bad", body={"error": {"message": "bad"}})
    with pytest.raises(ClientError) as caught:
        told(Answer(error=error), "meta.llama")
    assert caught.value.response["Error"] == {"Message": "bad", "Code": "ValidationException"}
    assert PROVIDER.read(PROVIDER.answer(call_of("meta.llama"), Answer(error=error))).error == ApiError(
        status=400, type="ValidationException", message="bad", body={"message": "bad"}
    )


def test_an_exception_within_a_stream_is_an_error() -> None:
    headers = {":message-type": "exception", ":exception-type": "modelStreamErrorException"}
    found = PROVIDER.read(WireResponse(200, {}, _eventstream.message(headers, b'{"message":"x"}')))
    assert found.error == ApiError(status=424, type="modelStreamErrorException", message="x")


@pytest.mark.parametrize("body", [b"{", b"{}", b'{"a": 1}', b"{" * 100_000, b"nonsense", b""])
def test_an_answer_of_no_makers_is_a_value_error(body: bytes) -> None:
    with pytest.raises(ValueError, match="the body is neither an answer nor a stream of chunks"):
        PROVIDER.read(WireResponse(200, {}, body))


CHUNKS = st.dictionaries(
    st.sampled_from(
        ["type", "messageStart", "contentBlockDelta", "outputText", "generation", "outputs", "completion", "choices",
         "text", "event_type", "object", "message", "delta", "results", "embedding", "embeddings"]
    ),
    JUNK,
    max_size=4,
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.lists(CHUNKS | JUNK, min_size=1, max_size=4))
def test_an_answer_of_any_shape_is_read_or_a_value_error(bodies: list[Any]) -> None:
    packed = [{"bytes": base64.b64encode(json.dumps(each).encode()).decode()} for each in bodies]
    stream = b"".join(_eventstream.event("chunk", each) for each in packed)
    for body in (stream, json.dumps(bodies[0]).encode()):
        try:
            assert PROVIDER.read(WireResponse(200, {}, body)).error is None
        except ValueError:
            continue
