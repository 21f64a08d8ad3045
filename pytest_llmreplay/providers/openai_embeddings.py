"""OpenAI embeddings, as OpenAI, Azure and many compatible hosts speak it. PYTEST_DONT_REWRITE

Source: the OpenAI API reference, "Embeddings".
"""

from typing import Any

from pytest_llmreplay.model.call import Answer, Call, Message, Part, Text, Usage
from pytest_llmreplay.model.jsonvalue import JSON, Object, integer, items, members, text
from pytest_llmreplay.model.trace import Hints
from pytest_llmreplay.model.wire import WireRequest, WireResponse
from pytest_llmreplay.providers import _body
from pytest_llmreplay.providers._json import dumps
from pytest_llmreplay.providers._openai import SYSTEMS, error_of, error_response, inputs, with_model
from pytest_llmreplay.providers._vectors import as_base64, unit_vector, vector_of

NAME = "openai.embeddings"
WIDTHS = {"text-embedding-3-large": 3072, "text-embedding-3-small": 1536, "text-embedding-ada-002": 1536}
WIDTH = 1536
"""Of a model that is not known, where the trace has no vectors."""
TRANSPORT = frozenset({"input", "model", "encoding_format", "extra_headers", "extra_query", "timeout", "extra_body"})


class OpenAIEmbeddings:
    """Embeddings by path and body; the host does not matter."""

    name = NAME

    def spoken_by(self, hints: Hints) -> bool:
        """An embedding span of OpenAI, or of one who is instrumented as if he were."""
        return "embed" in hints.operation and ("openai" in hints.system or hints.system in SYSTEMS or not hints.system)

    def asks(self, body: Object) -> bool:
        """An input and no messages."""
        return "input" in body and "messages" not in body

    def tells(self, body: Object) -> bool:
        """A list of embeddings."""
        return isinstance(body.get("data"), list) and all("embedding" in members(each) for each in body["data"])

    def claims(self, request: WireRequest) -> bool:
        """A POST to ``…/embeddings``."""
        return request.method == "POST" and request.path.endswith("/embeddings")

    def call(self, request: WireRequest) -> Call:
        """The question of a request; Azure names the model in the path only."""
        return self.call_of_body(with_model(_body.asked(request, "input"), request))

    def call_of_body(self, body: Object) -> Call:
        """The question of a request body; each input is a message of its own."""
        return Call(
            kind="embedding",
            provider=NAME,
            model=text(body.get("model")),
            messages=tuple(Message("user", self.parts(each)) for each in inputs(body.get("input"))),
            parameters={k: v for k, v in body.items() if k not in TRANSPORT and v is not None},
            options={"encoding_format": text(body.get("encoding_format"))},
        )

    def parts(self, content: Any) -> tuple[Part, ...]:
        """One input: text, or token numbers as their JSON."""
        return (Text(content if isinstance(content, str) else dumps(content)),)

    def pin(self, body: dict[str, Any], seed: int) -> tuple[dict[str, Any], tuple[str, ...]]:
        """Nothing to pin: embeddings are no sample."""
        return body, ()

    def answer(self, call: Call, answer: Answer) -> WireResponse:
        """A list of vectors, or an error."""
        if answer.error is not None:
            return error_response(answer.error)
        packed = call.options.get("encoding_format") == "base64"
        vectors = answer.vectors or made_up(call, answer)
        data = [
            {"object": "embedding", "index": index, "embedding": as_base64(vector) if packed else list(vector)}
            for index, vector in enumerate(vectors)
        ]
        count = (answer.usage.input if answer.usage else None) or 0
        body: dict[str, JSON] = {
            "object": "list",
            "data": data,
            "model": answer.model or call.model,
            "usage": {"prompt_tokens": count, "total_tokens": count},
        }
        return _body.reply(body)

    def read(self, response: WireResponse) -> Answer:
        """The answer of a response: vectors, or an error."""
        if response.status >= 400:
            return Answer(provider=NAME, error=error_of(response))
        with _body.named("no list of embeddings"):
            body = _body.decode(response.body)
            if not isinstance(body, dict):
                raise ValueError("no object")
            return self.answer_of_body(body)

    def answer_of_body(self, body: Object) -> Answer:
        """The answer of a decoded response body."""
        count = integer(members(body.get("usage")).get("prompt_tokens"))
        return Answer(
            provider=NAME,
            vectors=tuple(vector_of(members(each).get("embedding")) for each in items(body.get("data"))),
            model=text(body.get("model")),
            usage=None if count is None else Usage(input=count),
        )


def made_up(call: Call, answer: Answer) -> list[list[float]]:
    """A unit vector for each input, fixed by trace and text, where the trace holds none."""
    width = integer(call.parameters.get("dimensions")) or WIDTHS.get(call.model or "", WIDTH)
    return [unit_vector(f"{answer.seed}:{message.parts}", width) for message in call.messages]
