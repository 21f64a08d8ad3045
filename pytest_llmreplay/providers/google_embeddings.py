"""Google embeddings, as the Gemini API and Vertex AI speak it. PYTEST_DONT_REWRITE

Source: the Gemini API reference, "Embeddings" (``embedContent``, ``batchEmbedContents``), and the Vertex AI reference,
"Text embeddings API" (``predict`` with instances of text).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pytest_llmreplay.model.call import Answer, Call, Message, Part, Usage
from pytest_llmreplay.model.jsonvalue import JSON, Object, integer, items, members, text
from pytest_llmreplay.model.trace import Hints
from pytest_llmreplay.model.wire import WireRequest, WireResponse
from pytest_llmreplay.providers import _body
from pytest_llmreplay.providers._gemini_content import asked_parts, content_of
from pytest_llmreplay.providers._gemini_spelling import fields
from pytest_llmreplay.providers._google import SYSTEMS, error_of, error_response, plain_model
from pytest_llmreplay.providers._vectors import unit_vector

NAME = "google.embeddings"
METHOD = re.compile(r"/([^/:]+):(embedContent|batchEmbedContents|predict)\Z")
"""End of the path: name of the model, and how it is asked."""
WIDTHS = dict.fromkeys(
    ("text-embedding-004", "text-embedding-005", "text-multilingual-embedding-002", "embedding-001"), 768
)
"""Of models that are narrower than most."""
WIDTH = 3072
"""Of a model that is not known, where the trace does not tell."""
TRANSPORT = frozenset({"content", "model", "embedContentConfig"})
"""Members of one request that are no parameters of the question."""


class GoogleEmbeddings:
    """Embeddings by path, and by body where Vertex asks all kinds of models in one way."""

    name = NAME

    def spoken_by(self, hints: Hints) -> bool:
        """An embedding span of Google's own."""
        return "embed" in hints.operation and any(word in hints.system for word in SYSTEMS)

    def asks(self, body: Object) -> bool:
        """One content, a list of requests with one each, or a list of instances with a text each."""
        if isinstance(body.get("content"), Mapping):
            return "contents" not in body
        given = items(body.get("requests")) or items(body.get("instances"))
        return bool(given) and all("content" in members(each) for each in given)

    def tells(self, body: Object) -> bool:
        """Vectors in one of the shapes of this API."""
        return bool(found := list(vectors_of(body))) and all(map(is_vector, found))

    def claims(self, request: WireRequest) -> bool:
        """A POST to ``…:embedContent``, ``…:batchEmbedContents``, or ``…:predict`` with texts."""
        found = METHOD.search(request.path)
        if request.method.upper() != "POST" or found is None:
            return False
        return found[2] != "predict" or self.asks(_body.peek(request))

    def call(self, request: WireRequest) -> Call:
        """The question of a request; the path names the model."""
        found, body = METHOD.search(request.path), _body.asked(request)
        if not self.asks(body):
            raise ValueError("the body has no content to embed")
        return self.call_of_body({**body, "model": found[1] if found else None})

    def call_of_body(self, body: Object) -> Call:
        """The question of a request body; each content is a message of its own."""
        body = fields(body)
        method = next((name for name in ("requests", "instances") if name in body), "content")
        given = [body] if method == "content" else [fields(each) for each in items(body[method])]
        first = {**fields(body.get("parameters")), **(given[0] if given else {})}
        asked = {**first, **fields(first.get("embedContentConfig"))}
        return Call(
            kind="embedding",
            provider=NAME,
            model=plain_model(text(body.get("model")) or text(first.get("model"))),
            messages=tuple(Message("user", self.parts(each.get("content"))) for each in given),
            parameters={k: v for k, v in asked.items() if k not in TRANSPORT and v is not None},
            options={"method": method},
        )

    def parts(self, content: Any) -> tuple[Part, ...]:
        """One content: text, or an object with parts."""
        parts = members(content_of(content)).get("parts")
        return tuple(part for each in items(parts) for part in asked_parts(each))

    def pin(self, body: dict[str, Any], seed: int) -> tuple[dict[str, Any], tuple[str, ...]]:
        """Nothing to pin: embeddings are no sample."""
        return body, ()

    def answer(self, call: Call, answer: Answer) -> WireResponse:
        """Vectors, or an error."""
        if answer.error is not None:
            return error_response(answer.error)
        vectors = answer.vectors or made_up(call, answer)
        count = answer.usage.input if answer.usage else None
        return _body.reply(response_body(call, vectors, count))

    def read(self, response: WireResponse) -> Answer:
        """The answer of a response: vectors, or an error."""
        if response.status >= 400:
            return Answer(provider=NAME, error=error_of(response))
        with _body.named("no list of embeddings"):
            body = _body.decode(response.body)
            if not isinstance(body, Mapping) or not all(map(is_vector, vectors_of(body))):
                raise ValueError("it has no vectors")
            return self.answer_of_body(body)

    def answer_of_body(self, body: Object) -> Answer:
        """The answer of a decoded response body."""
        count = integer(fields(fields(body).get("usageMetadata")).get("promptTokenCount"))
        if count is None:
            count = counted(body)
        return Answer(
            provider=NAME,
            vectors=tuple(tuple(map(float, items(each))) for each in vectors_of(body)),
            usage=None if count is None else Usage(input=count),
        )


def is_vector(values: Any) -> bool:
    """Whether a value is a list of numbers."""
    return isinstance(values, list | tuple) and all(
        isinstance(each, int | float) and not isinstance(each, bool) for each in values
    )


def vectors_of(body: Object) -> Iterator[Any]:
    """The vectors of a response: of one content, of several, or of a prediction for each instance."""
    for each in [body["embedding"]] if "embedding" in body else items(body.get("embeddings")):
        yield members(each).get("values")
    for each in items(body.get("predictions")):
        yield members(members(each).get("embeddings")).get("values")


def counted(body: Object) -> int | None:
    """The tokens of all predictions, which count each for itself."""
    statistics = (members(members(each).get("embeddings")).get("statistics") for each in items(body.get("predictions")))
    counts = [count for each in statistics if (count := integer(members(each).get("token_count"))) is not None]
    return sum(counts) if counts else None


def response_body(call: Call, vectors: Sequence[Sequence[float]], count: int | None) -> dict[str, JSON]:
    """Vectors in the shape of the method that was asked."""
    values: list[JSON] = [{"values": list(vector)} for vector in vectors]
    method = call.options.get("method")
    if method == "instances":
        return {"predictions": [prediction(each, count, index) for index, each in enumerate(values)]}
    usage: dict[str, JSON] = {} if count is None else {"usageMetadata": {"promptTokenCount": count}}
    if method == "content":
        return {"embedding": values[0] if values else {"values": []}, **usage}
    return {"embeddings": values, **usage}


def prediction(values: JSON, count: int | None, index: int) -> JSON:
    """One prediction; the first one has the tokens of all, as the trace counts them together."""
    if count is None:
        return {"embeddings": values}
    statistics: JSON = {"token_count": 0 if index else count, "truncated": False}
    return {"embeddings": {**members(values), "statistics": statistics}}


def made_up(call: Call, answer: Answer) -> list[list[float]]:
    """A unit vector for each content, fixed by trace and text, where the trace holds none."""
    width = (
        integer(call.parameters.get("outputDimensionality"))
        or integer(answer.details.get("dimensions"))
        or WIDTHS.get(call.model or "", WIDTH)
    )
    return [unit_vector(f"{answer.seed}:{message.parts}", width) for message in call.messages]
