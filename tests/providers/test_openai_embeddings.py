"""OpenAI embeddings: from request to call, from answer to response, and through the real SDK."""

import math
from dataclasses import replace

import openai
import pytest

from pytest_llmreplay.model.call import Answer, ApiError, Call, Text, Usage
from pytest_llmreplay.model.wire import WireRequest
from pytest_llmreplay.providers.openai_embeddings import OpenAIEmbeddings, made_up
from tests.builders import user
from tests.providers.sdks import Wire, openai_client, request, response

PROVIDER = OpenAIEmbeddings()
ONE = Answer(vectors=((0.5, -0.25, 1.0),), usage=Usage(input=4), model="text-embedding-3-small")


def body(**more: object) -> dict[str, object]:
    return {"model": "text-embedding-3-small", "input": "Hello", **more}


@pytest.mark.parametrize(
    ("method", "path", "claimed"),
    [
        ("POST", "/v1/embeddings", True),
        ("POST", "/openai/deployments/small/embeddings", True),
        ("GET", "/v1/embeddings", False),
        ("POST", "/v1/chat/completions", False),
        ("POST", "/v1/embeddings/batch", False),
    ],
)
def test_it_claims_a_request_by_its_path(method: str, path: str, claimed: bool) -> None:
    assert PROVIDER.claims(request(path, {}, method)) is claimed


def test_each_input_is_a_message() -> None:
    assert PROVIDER.call(request("/v1/embeddings", body())).messages == (user("Hello"),)
    assert PROVIDER.call(request("/v1/embeddings", body(input=["a", "b"]))).messages == (user("a"), user("b"))


def test_an_input_of_token_numbers_is_one_message() -> None:
    assert PROVIDER.call_of_body(body(input=[1, 2, 3])).messages == (user("[1,2,3]"),)
    assert PROVIDER.call_of_body(body(input=[[1, 2], [3]])).messages == (user("[1,2]"), user("[3]"))


def test_model_and_parameters_belong_to_the_question_the_encoding_does_not() -> None:
    call = PROVIDER.call_of_body(body(dimensions=8, encoding_format="base64", user="c-7", extra_body=None))
    assert (call.kind, call.provider, call.model) == ("embedding", "openai.embeddings", "text-embedding-3-small")
    assert call.parameters == {"dimensions": 8, "user": "c-7"}
    assert call.options == {"encoding_format": "base64"}


def test_azure_names_the_model_in_the_path() -> None:
    call = PROVIDER.call(request("/openai/deployments/small/embeddings", {"input": "a"}))
    assert call.model == "small"


@pytest.mark.parametrize(
    ("data", "told"), [(b"{oops", "the body is not JSON"), (b"[]", "no JSON object"), (b"{}", "no input")]
)
def test_a_body_that_is_not_of_the_api_is_named(data: bytes, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        PROVIDER.call(WireRequest("POST", "https://api.example.com/v1/embeddings", data))


@pytest.mark.parametrize("encoding", ["float", "base64"])
def test_vectors_survive_the_way_through_a_response(encoding: str) -> None:
    call = PROVIDER.call_of_body(body(encoding_format=encoding))
    read = PROVIDER.read(PROVIDER.answer(call, ONE))
    assert (read.vectors, read.usage, read.model) == (ONE.vectors, ONE.usage, ONE.model)


def test_an_error_survives_as_well() -> None:
    error = ApiError(status=429, type="requests", message="slow down")
    read = PROVIDER.read(PROVIDER.answer(Call(kind="embedding"), Answer(error=error)))
    assert read.error is not None
    assert (read.error.status, read.error.type, read.error.message) == (429, "requests", "slow down")


def test_a_response_that_is_none_is_named() -> None:
    with pytest.raises(ValueError, match="the body is no list of embeddings"):
        PROVIDER.read(replace(response({}), body=b"<html>"))


@pytest.mark.parametrize(
    ("model", "dimensions", "width"),
    [
        ("text-embedding-3-large", None, 3072),
        ("text-embedding-3-small", None, 1536),
        ("other", None, 1536),
        ("other", 8, 8),
    ],
)
def test_without_vectors_unit_vectors_of_the_right_width_are_made_up(
    model: str, dimensions: int | None, width: int
) -> None:
    call = PROVIDER.call_of_body({"model": model, "input": ["a", "b"], "dimensions": dimensions})
    first, second = made_up(call, Answer(seed="t:s"))
    assert len(first) == len(second) == width
    assert first != second
    assert math.isclose(sum(each * each for each in first), 1.0)


def test_they_are_fixed_by_trace_and_text() -> None:
    call = PROVIDER.call_of_body(body(dimensions=4))
    assert made_up(call, Answer(seed="t:s")) == made_up(call, Answer(seed="t:s"))
    assert made_up(call, Answer(seed="t:s")) != made_up(call, Answer(seed="t:other"))


def test_nothing_is_pinned() -> None:
    given = dict(body())
    assert PROVIDER.pin(given, 7) == (given, ())


def test_through_the_sdk() -> None:
    wire = Wire("openai.embeddings", ONE)
    made = openai_client(wire).embeddings.create(model="text-embedding-3-small", input="Hello")
    assert made.data[0].embedding == [0.5, -0.25, 1.0]
    assert made.usage.prompt_tokens == 4
    assert wire.call.messages == (user("Hello"),)
    assert wire.call.options == {"encoding_format": "base64"}


def test_through_the_sdk_with_several_inputs_and_without_vectors() -> None:
    wire = Wire("openai.embeddings", Answer(seed="t:s"))
    made = openai_client(wire).embeddings.create(model="m", input=["a", "b"], dimensions=5)
    assert [(each.index, len(each.embedding)) for each in made.data] == [(0, 5), (1, 5)]
    assert [part.content for message in wire.call.messages for part in message.parts if isinstance(part, Text)] == [
        "a",
        "b",
    ]


def test_an_error_through_the_sdk() -> None:
    wire = Wire("openai.embeddings", Answer(error=ApiError(status=401, message="who are you?")))
    with pytest.raises(openai.AuthenticationError, match="who are you"):
        openai_client(wire).embeddings.create(model="m", input="a")
