"""Cohere rerank of both versions. PYTEST_DONT_REWRITE

Source: the Cohere API reference, "Rerank" v1 and v2 (``results`` with ``index`` and ``relevance_score``).
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pytest_llmreplay.model.call import Answer, Call, Message, Part, Text
from pytest_llmreplay.model.jsonvalue import Object, items, members, text
from pytest_llmreplay.model.trace import Hints
from pytest_llmreplay.model.wire import WireRequest, WireResponse
from pytest_llmreplay.providers import _body
from pytest_llmreplay.providers._json import dumps
from pytest_llmreplay.providers.cohere_chat import error_of, error_response, made_up_id, of_cohere

NAME = "cohere.rerank"
TRANSPORT = frozenset({"model", "query", "documents", "return_documents", "request_options"})
"""Members of a request that are no parameters of the question."""


class CohereRerank:
    """Rerank by the paths ``/v1/rerank`` and ``/v2/rerank``."""

    name = NAME

    def spoken_by(self, hints: Hints) -> bool:
        """A rerank span of Cohere's SDK."""
        return of_cohere(hints) and "rerank" in hints.operation

    def asks(self, body: Object) -> bool:
        """A query and documents."""
        return isinstance(body.get("query"), str) and isinstance(body.get("documents"), list)

    def tells(self, body: Object) -> bool:
        """Documents by number, with their relevance."""
        results = body.get("results")
        return isinstance(results, list) and all("relevance_score" in members(each) for each in results)

    def claims(self, request: WireRequest) -> bool:
        """A POST to ``…/v1/rerank`` or ``…/v2/rerank``."""
        return request.method == "POST" and request.path.endswith(("/v1/rerank", "/v2/rerank"))

    def call(self, request: WireRequest) -> Call:
        """The question of a request."""
        body = _body.asked(request)
        if not self.asks(body):
            raise ValueError("the body has no query or no documents")
        call = self.call_of_body(body)
        version = "2" if request.path.endswith("/v2/rerank") else "1"
        return replace(call, options={**call.options, "version": version})

    def call_of_body(self, body: Object) -> Call:
        """The question of a request body: each document a message, the query the last."""
        documents = (Message("document", self.parts(each)) for each in items(body.get("documents")))
        return Call(
            kind="rerank",
            provider=NAME,
            model=text(body.get("model")),
            messages=(*documents, Message("user", (Text(text(body.get("query")) or ""),))),
            parameters={name: value for name, value in body.items() if name not in TRANSPORT and value is not None},
            options={"return_documents": bool(body.get("return_documents"))},
        )

    def parts(self, content: Any) -> tuple[Part, ...]:
        """One document: text, or an object with more than that as its JSON."""
        if isinstance(content, Mapping):
            words = text(content.get("text"))
            return (Text(words if words is not None and len(content) == 1 else dumps(content)),)
        return (Text(content if isinstance(content, str) else dumps(content)),)

    def pin(self, body: dict[str, Any], seed: int) -> tuple[dict[str, Any], tuple[str, ...]]:
        """Nothing to pin: an order of documents is no sample."""
        return body, ()

    def answer(self, call: Call, answer: Answer) -> WireResponse:
        """The documents by relevance, or an error."""
        if answer.error is not None:
            return error_response(answer.error)
        results = [result(call, members(each)) for each in items(answer.details.get("results"))]
        version = call.options.get("version") or "2"
        body: dict[str, Any] = {
            "id": answer.id or made_up_id(answer.seed),
            "results": results,
            "meta": {"api_version": {"version": version}, "billed_units": {"search_units": 1}},
        }
        own = answer.raw if answer.provider == NAME else None
        return _body.reply(body if own is None else own)

    def read(self, response: WireResponse) -> Answer:
        """The answer of a response: documents by relevance, or an error."""
        if response.status >= 400:
            return Answer(provider=NAME, error=error_of(response))
        with _body.named("no list of results"):
            body = _body.decode(response.body)
            if not isinstance(body, dict) or not self.tells(body):
                raise ValueError("it has none")
            return self.answer_of_body(body)

    def answer_of_body(self, body: Object) -> Answer:
        """The answer of a decoded response body; the documents themselves are those of the question."""
        results = [
            {name: value for name, value in members(each).items() if name != "document" and value is not None}
            for each in items(body.get("results"))
        ]
        return Answer(provider=NAME, id=text(body.get("id")), details={"results": results})


def result(call: Call, each: Object) -> Object:
    """One result, with its document where it was asked for."""
    index = each.get("index")
    if not call.options.get("return_documents") or not isinstance(index, int) or index >= len(call.messages) - 1:
        return each
    words = "".join(part.content for part in call.messages[index].parts if isinstance(part, Text))
    return {**each, "document": {"text": words}}
