"""Cohere embeddings: from request to call, from answer to response, and through the real SDK."""

import math
from typing import Any

import cohere
import pytest

from pytest_llmreplay.model.call import Answer, ApiError, Media, Message, Text, Usage
from pytest_llmreplay.model.trace import Hints
from pytest_llmreplay.model.wire import WireRequest, WireResponse
from pytest_llmreplay.providers.cohere_embed import NAME, CohereEmbed
from tests.builders import user
from tests.providers.sdks import Wire, cohere_client, cohere_v1_client, request, response

PROVIDER = CohereEmbed()
ONE = Answer(provider=NAME, vectors=((0.5, -0.25, 1.0),), usage=Usage(input=4), id="e-1")


def ask(wire: Wire, texts: list[str] | None = None, **more: Any) -> Any:
    """What the SDK of version 2 makes of an answer."""
    client: Any = cohere_client(wire)
    return client.embed(model="embed-v4.0", input_type="search_query", texts=texts or ["Hello"], **more)


@pytest.mark.parametrize(
    ("method", "path", "claimed"),
    [
        ("POST", "/v2/embed", True),
        ("POST", "/v1/embed", True),
        ("GET", "/v2/embed", False),
        ("POST", "/v1/embeddings", False),
        ("POST", "/api/embed", False),
    ],
)
def test_it_claims_a_request_by_its_path(method: str, path: str, claimed: bool) -> None:
    assert PROVIDER.claims(request(path, {}, method)) is claimed


def test_each_text_is_a_message() -> None:
    wire = Wire(NAME, Answer())
    ask(wire, ["a", "b"], embedding_types=["float"], output_dimension=8, truncate="NONE")
    call = wire.call
    assert (call.kind, call.provider, call.model, call.messages) == (
        "embedding",
        NAME,
        "embed-v4.0",
        (user("a"), user("b")),
    )
    assert call.parameters == {"input_type": "search_query", "output_dimension": 8, "truncate": "NONE"}


def test_images_and_mixed_inputs_are_messages() -> None:
    url = "https://a/b.png"
    mixed: list[Any] = [{"content": [{"type": "text", "text": "a"}, {"type": "image_url", "image_url": {"url": url}}]}]
    call = PROVIDER.call_of_body({"images": [url], "inputs": mixed})
    image = Media("image", url)
    assert call.messages == (Message("user", (image,)), Message("user", (Text("a"), image)))


@pytest.mark.parametrize(("data", "told"), [(b"{oops", "not JSON"), (b"{}", "neither texts nor images nor inputs")])
def test_a_body_that_is_not_of_the_api_is_named(data: bytes, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        PROVIDER.call(WireRequest("POST", "https://api.cohere.com/v2/embed", data))


def test_a_span_of_the_sdk_is_known_by_its_words() -> None:
    assert PROVIDER.spoken_by(Hints(scope="openinference.instrumentation.cohere", operation="embedding"))
    assert not PROVIDER.spoken_by(Hints(system="cohere", operation="chat"))
    assert PROVIDER.pin({"a": 1}, 7) == ({"a": 1}, ())


def test_the_sdk_is_told_the_vectors() -> None:
    told = ask(Wire(NAME, ONE))
    assert (told.embeddings.float_, told.id, told.meta.billed_units.input_tokens) == ([[0.5, -0.25, 1.0]], "e-1", 4)


def test_version_1_is_told_plain_lists_or_types() -> None:
    client: Any = cohere_v1_client(Wire(NAME, ONE))
    assert client.embed(texts=["Hello"], model="m").embeddings == [[0.5, -0.25, 1.0]]
    typed = client.embed(texts=["Hello"], model="m", embedding_types=["float"], batching=False)
    assert typed.embeddings.float_ == [[0.5, -0.25, 1.0]]


def test_every_type_of_numbers_is_made_of_the_vectors() -> None:
    types = ["float", "int8", "uint8", "binary", "ubinary", "base64"]
    told = ask(Wire(NAME, ONE), embedding_types=types).embeddings
    assert told.int8 == [[64, -32, 127]]
    assert told.uint8 == [[192, 96, 255]]
    assert (told.binary, told.ubinary) == ([[0b10100000 - 128]], [[0b10100000]])
    assert told.base64 == ["AAAAPwAAgL4AAIA/"]


def test_numbers_that_are_of_a_type_already_stay_as_they_are() -> None:
    answer = Answer(provider=NAME, vectors=((64.0, -32.0, 127.0),))
    assert ask(Wire(NAME, answer), embedding_types=["int8"]).embeddings.int8 == [[64, -32, 127]]


@pytest.mark.parametrize(
    ("model", "more", "width"),
    [("embed-v4.0", {}, 1536), ("embed-english-v3.0", {}, 1024), ("embed-english-light-v3.0", {}, 384),
     ("embed-v4.0", {"output_dimension": 8}, 8)],
)  # fmt: skip
def test_vectors_that_the_trace_does_not_hold_are_made_up_the_same_in_every_run(
    model: str, more: Any, width: int
) -> None:
    client: Any = cohere_client(Wire(NAME, Answer(seed="trace:span")))
    one, other = (client.embed(model=model, input_type="x", texts=["a", "b"], **more).embeddings.float_ for _ in "12")
    assert one == other
    assert [len(each) for each in one] == [width, width]
    assert one[0] != one[1]
    assert math.isclose(sum(each * each for each in one[0]), 1.0)


@pytest.mark.parametrize("path", ["/v1/embed", "/v2/embed"])
@pytest.mark.parametrize("types", [None, ["float"], ["base64"]])
def test_an_answer_that_is_written_and_read_again_is_the_same(path: str, types: Any) -> None:
    call = PROVIDER.call(request(path, {"texts": ["Hello"], "embedding_types": types}))
    assert PROVIDER.read(PROVIDER.answer(call, ONE)) == ONE


def test_a_response_that_is_no_answer_is_named() -> None:
    with pytest.raises(ValueError, match="no list of embeddings"):
        PROVIDER.read(WireResponse(200, {}, b"{oops"))


def test_an_error_is_the_sdks_exception() -> None:
    with pytest.raises(cohere.NotFoundError) as raised:
        ask(Wire(NAME, Answer(error=ApiError(status=404, message="model not found"))))
    assert raised.value.body == {"message": "model not found"}
    assert PROVIDER.read(response({"message": "No."}, 400)).error == ApiError(
        status=400, message="No.", body={"message": "No."}
    )
