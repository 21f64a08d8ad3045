"""Google embeddings: what the SDK asks, what it is told, and that nothing changes on the way."""

from typing import Any

import pytest
from google.genai import errors, types
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_llmreplay.model.call import Answer, ApiError, Message, Text, Usage
from pytest_llmreplay.model.trace import Hints
from pytest_llmreplay.model.wire import WireRequest
from pytest_llmreplay.providers.google_embeddings import NAME, GoogleEmbeddings
from tests.builders import user
from tests.providers.sdks import Wire, gemini_client, request

PROVIDER = GoogleEmbeddings()
MODEL = "gemini-embedding-001"
BATCH = f"/v1beta/models/{MODEL}:batchEmbedContents"
ONE = f"/v1beta/models/{MODEL}:embedContent"
PREDICT = f"/v1/projects/p/locations/l/publishers/google/models/{MODEL}:predict"
VECTORS = ((0.5, -0.25), (1.0, 0.0))


@pytest.mark.parametrize("vertex", [False, True])
def test_the_sdk_gets_the_vectors_that_it_asked_for(vertex: bool) -> None:
    wire = Wire(NAME, Answer(vectors=VECTORS, usage=Usage(input=4)))
    client = gemini_client(wire, vertex=vertex)
    config = types.EmbedContentConfig(task_type="CLUSTERING", output_dimensionality=2)
    told = client.models.embed_content(model=MODEL, contents=["one", "two"], config=config)
    assert [tuple(each.values or ()) for each in told.embeddings or []] == list(VECTORS)
    assert (wire.call.kind, wire.call.provider, wire.call.model) == ("embedding", NAME, MODEL)
    assert wire.call.messages == (user("one"), user("two"))
    assert wire.call.parameters == {"taskType": "CLUSTERING", "outputDimensionality": 2}


def test_vertex_embeds_one_content_of_a_newer_model() -> None:
    wire = Wire(NAME, Answer(vectors=VECTORS[:1], usage=Usage(input=4)))
    client = gemini_client(wire, vertex=True)
    told = client.models.embed_content(model="gemini-embedding-2", contents="one")
    assert wire.requests[0].path.endswith(":embedContent")
    assert [each.values for each in told.embeddings or []] == [[0.5, -0.25]]


@pytest.mark.parametrize(
    ("method", "path", "body", "claimed"),
    [
        ("POST", BATCH, {}, True),
        ("post", ONE, {}, True),
        ("POST", PREDICT, {"instances": [{"content": "a"}]}, True),
        ("POST", PREDICT, {"instances": [{"prompt": "a cat"}]}, False),
        ("GET", BATCH, {}, False),
        ("POST", f"/v1beta/models/{MODEL}:generateContent", {}, False),
        ("POST", "/v1/embeddings", {}, False),
    ],
)
def test_a_request_is_claimed_by_method_path_and_body(method: str, path: str, body: Any, claimed: bool) -> None:
    assert PROVIDER.claims(request(path, body, method)) is claimed


def test_a_span_is_known_by_its_words() -> None:
    assert PROVIDER.spoken_by(Hints(system="gemini", operation="embeddings"))
    assert not PROVIDER.spoken_by(Hints(system="gemini", operation="generate_content"))
    assert not PROVIDER.spoken_by(Hints(system="openai", operation="embeddings"))


def test_a_content_of_several_parts_is_one_question() -> None:
    body: Any = {"requests": [{"content": {"parts": [{"text": "a"}, {"text": "b"}]}, "model": f"models/{MODEL}"}]}
    assert PROVIDER.asks(body)
    assert PROVIDER.call_of_body(body).messages == (Message("user", (Text("a"), Text("b"))),)
    assert PROVIDER.call_of_body(body).model == MODEL


def test_vectors_that_the_trace_does_not_hold_are_made_up_for_each_text_alike() -> None:
    call = PROVIDER.call(request(BATCH, {"requests": [{"content": {"parts": [{"text": each}]}} for each in "aab"]}))
    first, second, third = PROVIDER.read(PROVIDER.answer(call, Answer(seed="s", details={"dimensions": 8}))).vectors
    assert first == second != third
    assert len(first) == 8
    assert sum(each * each for each in first) == pytest.approx(1)
    assert len(PROVIDER.read(PROVIDER.answer(call, Answer(seed="s"))).vectors[0]) == 3072


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=4).map(tuple), min_size=1),
    st.sampled_from(["requests", "instances"]),
    st.none() | st.integers(0, 10**6),
)
def test_an_answer_that_is_written_and_read_again_is_the_same(vectors: Any, method: str, count: int | None) -> None:
    answer = Answer(provider=NAME, vectors=tuple(vectors), usage=None if count is None else Usage(input=count))
    call = PROVIDER.call_of_body({method: [{"content": "a"}]})
    assert PROVIDER.read(PROVIDER.answer(call, answer)) == answer


def test_an_error_raises_the_sdks_own_exception() -> None:
    client = gemini_client(Wire(NAME, Answer(error=ApiError(status=429, message="slow"))))
    with pytest.raises(errors.ClientError, match="slow") as caught:
        client.models.embed_content(model=MODEL, contents="a")
    assert (caught.value.code, caught.value.status) == (429, "RESOURCE_EXHAUSTED")


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"{}", b'{"requests": []}', b'{"requests": [7]}'])
def test_a_body_of_another_api_is_a_value_error(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"the body (is not JSON|is no JSON object|has no content to embed)"):
        PROVIDER.call(WireRequest("POST", "https://a" + BATCH, body))
