"""Ollama's embeddings: from request to call, from answer to response, and through the real SDK."""

import math
from typing import Any

import ollama
import pytest

from pytest_llmreplay.model.call import Answer, ApiError, Usage
from pytest_llmreplay.model.trace import Hints
from pytest_llmreplay.model.wire import WireRequest, WireResponse
from pytest_llmreplay.providers.ollama_embed import NAME, OllamaEmbed
from tests.builders import user
from tests.providers.sdks import Wire, ollama_client, request, response

PROVIDER = OllamaEmbed()
ONE = Answer(provider=NAME, vectors=((0.5, -0.25, 1.0),), usage=Usage(input=4), model="all-minilm")


@pytest.mark.parametrize(
    ("method", "path", "claimed"),
    [("POST", "/api/embed", True), ("POST", "/api/embeddings", True), ("GET", "/api/embed", False),
     ("POST", "/v1/embeddings", False), ("POST", "/v1/embed", False)],
)  # fmt: skip
def test_it_claims_a_request_by_its_path(method: str, path: str, claimed: bool) -> None:
    assert PROVIDER.claims(request(path, {}, method)) is claimed


def test_each_input_is_a_message() -> None:
    wire = Wire(NAME, ONE)
    ollama_client(wire).embed(model="all-minilm", input=["a", "b"], options={"num_ctx": 9}, dimensions=3)
    call = wire.call
    assert (call.kind, call.provider, call.model, call.messages) == (
        "embedding",
        NAME,
        "all-minilm",
        (user("a"), user("b")),
    )
    assert call.parameters == {"num_ctx": 9, "dimensions": 3}


def test_one_prompt_is_one_message() -> None:
    wire = Wire(NAME, ONE)
    told = ollama_client(wire).embeddings(model="all-minilm", prompt="a")
    assert wire.call.messages == (user("a"),)
    assert told.embedding == [0.5, -0.25, 1.0]


@pytest.mark.parametrize(("data", "told"), [(b"{oops", "not JSON"), (b"{}", "neither an input nor a prompt")])
def test_a_body_that_is_not_of_the_api_is_named(data: bytes, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        PROVIDER.call(WireRequest("POST", "http://localhost:11434/api/embed", data))


def test_a_span_of_the_sdk_is_known_by_its_words() -> None:
    assert PROVIDER.spoken_by(Hints(system="ollama", operation="embedding"))
    assert not PROVIDER.spoken_by(Hints(system="ollama", operation="chat"))
    assert PROVIDER.pin({"a": 1}, 7) == ({"a": 1}, ())


def test_the_sdk_is_told_the_vectors() -> None:
    told = ollama_client(Wire(NAME, ONE)).embed(model="all-minilm", input="a")
    assert (told.embeddings, told.model, told.prompt_eval_count) == ([[0.5, -0.25, 1.0]], "all-minilm", 4)


@pytest.mark.parametrize(
    ("model", "more", "width"), [("all-minilm:l6", {}, 384), ("other", {}, 768), ("other", {"dimensions": 8}, 8)]
)
def test_vectors_that_the_trace_does_not_hold_are_made_up_the_same_in_every_run(
    model: str, more: Any, width: int
) -> None:
    client = ollama_client(Wire(NAME, Answer(seed="trace:span")))
    one, other = (client.embed(model=model, input=["a", "b"], **more).embeddings for _ in "12")
    assert one == other
    assert [len(each) for each in one] == [width, width]
    assert one[0] != one[1]
    assert math.isclose(sum(each * each for each in one[0]), 1.0)


def test_an_answer_that_is_written_and_read_again_is_the_same() -> None:
    call = PROVIDER.call(request("/api/embed", {"model": "all-minilm", "input": "a"}))
    assert PROVIDER.read(PROVIDER.answer(call, ONE)) == ONE
    single = PROVIDER.call(request("/api/embeddings", {"model": "all-minilm", "prompt": "a"}))
    assert PROVIDER.read(PROVIDER.answer(single, ONE)) == Answer(provider=NAME, vectors=ONE.vectors)


def test_a_response_that_is_no_answer_is_named() -> None:
    with pytest.raises(ValueError, match="no list of embeddings"):
        PROVIDER.read(WireResponse(200, {}, b"{}"))


def test_an_error_is_the_sdks_exception() -> None:
    client = ollama_client(Wire(NAME, Answer(error=ApiError(status=404, message="model not found"))))
    with pytest.raises(ollama.ResponseError, match="model not found"):
        client.embed(model="m", input="a")
    assert PROVIDER.read(response({"error": "No."}, 400)).error == ApiError(
        status=400, message="No.", body={"error": "No."}
    )
