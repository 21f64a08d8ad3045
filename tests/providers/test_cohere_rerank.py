"""Cohere rerank: from request to call, from answer to response, and through the real SDK."""

import json
from typing import Any

import cohere
import pytest

from pytest_llmreplay.model.call import Answer, ApiError, Message, Text
from pytest_llmreplay.model.trace import Hints
from pytest_llmreplay.model.wire import WireRequest, WireResponse
from pytest_llmreplay.providers.cohere_rerank import NAME, CohereRerank
from tests.builders import user
from tests.providers.sdks import Wire, cohere_client, cohere_v1_client, request, response

PROVIDER = CohereRerank()
RESULTS: Any = [{"index": 1, "relevance_score": 0.9}, {"index": 0, "relevance_score": 0.125}]
RANKED = Answer(provider=NAME, id="r-1", details={"results": RESULTS})


def ask(wire: Wire, documents: list[str] | None = None, **more: Any) -> Any:
    """What the SDK of version 2 makes of an answer."""
    documents = documents or ["a", "b"]
    return cohere_client(wire).rerank(model="rerank-v3.5", query="which?", documents=documents, **more)


@pytest.mark.parametrize(
    ("method", "path", "claimed"),
    [
        ("POST", "/v2/rerank", True),
        ("POST", "/v1/rerank", True),
        ("GET", "/v2/rerank", False),
        ("POST", "/rerank", False),
    ],
)
def test_it_claims_a_request_by_its_path(method: str, path: str, claimed: bool) -> None:
    assert PROVIDER.claims(request(path, {}, method)) is claimed


def test_each_document_is_a_message_and_the_query_the_last() -> None:
    wire = Wire(NAME, RANKED)
    ask(wire, top_n=2)
    call = wire.call
    assert (call.kind, call.provider, call.model, call.parameters) == ("rerank", NAME, "rerank-v3.5", {"top_n": 2})
    assert call.messages == (Message("document", (Text("a"),)), Message("document", (Text("b"),)), user("which?"))


def test_a_document_may_be_an_object() -> None:
    documents: list[Any] = [{"text": "a"}, {"title": "t", "text": "b"}, 3]
    call = PROVIDER.call_of_body({"query": "q", "documents": documents})
    assert [each.parts for each in call.messages] == [
        (Text("a"),),
        (Text('{"title":"t","text":"b"}'),),
        (Text("3"),),
        (Text("q"),),
    ]


@pytest.mark.parametrize(("data", "told"), [(b"{oops", "not JSON"), (b'{"query": "q"}', "no query or no documents")])
def test_a_body_that_is_not_of_the_api_is_named(data: bytes, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        PROVIDER.call(WireRequest("POST", "https://api.cohere.com/v2/rerank", data))


def test_a_span_of_the_sdk_is_known_by_its_words() -> None:
    assert PROVIDER.spoken_by(Hints(scope="openinference.instrumentation.cohere", operation="reranker"))
    assert not PROVIDER.spoken_by(Hints(system="cohere", operation="chat"))
    assert not PROVIDER.spoken_by(Hints(operation="reranker"))
    assert PROVIDER.pin({"a": 1}, 7) == ({"a": 1}, ())


def test_the_sdk_is_told_the_order() -> None:
    told = ask(Wire(NAME, RANKED))
    assert [(each.index, each.relevance_score) for each in told.results] == [(1, 0.9), (0, 0.125)]
    assert (told.id, told.meta.api_version.version) == ("r-1", "2")


def test_version_1_is_told_the_documents_where_it_asks_for_them() -> None:
    client = cohere_v1_client(Wire(NAME, RANKED))
    told: Any = client.rerank(query="which?", documents=["a", "b"], model="m", return_documents=True)
    assert [each.document.text for each in told.results] == ["b", "a"]
    plain = client.rerank(query="which?", documents=["a", "b"], model="m")
    assert [each.document for each in plain.results] == [None, None]


def test_an_answer_that_is_written_and_read_again_is_the_same() -> None:
    call = PROVIDER.call(request("/v1/rerank", {"query": "q", "documents": ["a", "b"], "return_documents": True}))
    assert PROVIDER.read(PROVIDER.answer(call, RANKED)) == RANKED


def test_a_whole_body_is_given_back_as_it_is() -> None:
    body: Any = {"id": "x", "results": [], "extra": 1}
    call = PROVIDER.call_of_body({"query": "q", "documents": []})
    assert json.loads(PROVIDER.answer(call, Answer(provider=NAME, raw=body)).body) == body


def test_an_id_that_the_trace_does_not_hold_is_made_up_the_same_in_every_run() -> None:
    answer = Answer(seed="trace:span", details={"results": RESULTS})
    assert ask(Wire(NAME, answer)).id == ask(Wire(NAME, answer)).id


@pytest.mark.parametrize("data", [b"{oops", b"[]", b'{"results": [{}]}'])
def test_a_response_that_is_no_answer_is_named(data: bytes) -> None:
    with pytest.raises(ValueError, match="no list of results"):
        PROVIDER.read(WireResponse(200, {}, data))


def test_an_error_is_the_sdks_exception() -> None:
    with pytest.raises(cohere.BadRequestError) as raised:
        ask(Wire(NAME, Answer(error=ApiError(status=400, message="invalid request"))))
    assert raised.value.body == {"message": "invalid request"}
    assert PROVIDER.read(response({"message": "No."}, 400)).error == ApiError(
        status=400, message="No.", body={"message": "No."}
    )
