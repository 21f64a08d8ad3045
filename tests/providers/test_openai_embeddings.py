"""OpenAI embeddings: what an SDK asks, and the vectors that it is told."""

import contextlib
import math
from typing import Any

import openai
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_llmreplay.model.call import Answer, ApiError, Text, Usage
from pytest_llmreplay.model.wire import WireRequest, WireResponse
from pytest_llmreplay.providers.openai_embeddings import NAME, OpenAIEmbeddings
from tests.builders import user
from tests.providers.sdks import Wire, openai_client, request, response
from tests.providers.test_openai_chat import JUNK

PROVIDER = OpenAIEmbeddings()
VECTORS = st.lists(
    st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), max_size=5), min_size=1, max_size=4
)


def told(answer: Answer, given_: Any = "a", **more: Any) -> tuple[Any, Wire]:
    wire = Wire(NAME, answer)
    return openai_client(wire).embeddings.create(model="text-embedding-3-small", input=given_, **more), wire


def test_a_question_of_the_sdk_is_read() -> None:
    _, wire = told(Answer(vectors=((0.5,), (0.5,))), ["a", "b"], dimensions=8)
    assert (wire.call.kind, wire.call.provider, wire.call.model) == ("embedding", NAME, "text-embedding-3-small")
    assert wire.call.messages == (user("a"), user("b"))
    assert wire.call.parameters == {"dimensions": 8}


def test_one_text_and_one_list_of_tokens_are_one_input_each() -> None:
    assert told(Answer(vectors=((0.5,),)), "a")[1].call.messages == (user("a"),)
    (message,) = told(Answer(vectors=((0.5,),)), [1, 2, 3])[1].call.messages
    assert message.parts == (Text("[1,2,3]"),)
    assert len(told(Answer(vectors=((0.5,), (0.5,))), [[1, 2], [3]])[1].call.messages) == 2


@settings(max_examples=40, deadline=None)
@given(VECTORS, st.sampled_from(["float", "base64", None]))
def test_vectors_reach_the_sdk_as_they_were_recorded(vectors: list[list[float]], encoding: str | None) -> None:
    more = {} if encoding is None else {"encoding_format": encoding}
    given_ = [str(n) for n in range(len(vectors))]
    answer = Answer(provider=NAME, vectors=tuple(map(tuple, vectors)), model="m", usage=Usage(input=3))
    found, wire = told(answer, given_, **more)
    if encoding != "base64":
        assert [each.embedding for each in found.data] == vectors
    assert (found.model, found.usage.prompt_tokens) == ("m", 3)
    assert PROVIDER.read(PROVIDER.answer(wire.call, answer)) == answer


@pytest.mark.parametrize("dimensions", [None, 8])
def test_vectors_that_the_trace_does_not_hold_are_made_up_the_same_in_every_run(dimensions: int | None) -> None:
    more = {} if dimensions is None else {"dimensions": dimensions}
    one, other = (told(Answer(seed="trace:span"), ["a", "b"], **more)[0] for _ in range(2))
    assert one == other
    first, second = (each.embedding for each in one.data)
    assert len(first) == len(second) == (dimensions or 1536)
    assert first != second
    assert math.isclose(sum(x * x for x in first), 1, rel_tol=1e-3)


def test_an_error_raises_the_sdks_own_exception_at_the_first_attempt() -> None:
    wire = Wire(NAME, Answer(error=ApiError(status=429, message="slow down")))
    with pytest.raises(openai.RateLimitError, match="slow down"):
        openai_client(wire, max_retries=3).embeddings.create(model="m", input="a")
    assert len(wire.calls) == 1


@pytest.mark.parametrize(
    ("method", "path", "claimed"),
    [("POST", "/v1/embeddings", True), ("GET", "/v1/embeddings", False), ("POST", "/v1/chat/completions", False)],
)
def test_a_request_is_claimed_by_method_and_path(method: str, path: str, claimed: bool) -> None:
    assert PROVIDER.claims(request(path, {}, method)) is claimed


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"{}", b"\xff", b"[" * 100_000])
def test_a_body_of_another_api_is_a_value_error(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"the body (is not JSON|has no input)"):
        PROVIDER.call(WireRequest("POST", "https://a/v1/embeddings", body))


@settings(max_examples=120, deadline=None)
@given(JUNK)
def test_a_body_of_any_shape_is_read_or_a_value_error(junk: Any) -> None:
    with contextlib.suppress(ValueError):
        assert PROVIDER.call(request("/v1/embeddings", {"input": junk, "dimensions": junk})).kind == "embedding"
    for body in (junk, {"data": junk}, {"data": [{"embedding": junk}]}, {"usage": junk}):
        with contextlib.suppress(ValueError):
            assert PROVIDER.read(response(body)).error is None


@pytest.mark.parametrize(
    "body", [b"", b"null", b"{cut", b'{"data": [{"embedding": "not base64"}]}', b'{"data": [{"embedding": [null]}]}']
)
def test_an_answer_that_is_damaged_is_a_value_error(body: bytes) -> None:
    with pytest.raises(ValueError, match="the body is no list of embeddings"):
        PROVIDER.read(WireResponse(200, {}, body))
