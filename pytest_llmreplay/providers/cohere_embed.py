"""Cohere embeddings of both versions, in every type of number. PYTEST_DONT_REWRITE

Source: the Cohere API reference, "Embed" v1 and v2 (``EmbedByTypeResponse``).
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from pytest_llmreplay.model.call import Answer, Call, Message, Part, Text, Usage
from pytest_llmreplay.model.jsonvalue import JSON, Object, integer, items, members, text
from pytest_llmreplay.model.trace import Hints
from pytest_llmreplay.model.wire import WireRequest, WireResponse
from pytest_llmreplay.providers import _body
from pytest_llmreplay.providers._json import media
from pytest_llmreplay.providers._vectors import as_base64, unit_vector, vector_of
from pytest_llmreplay.providers.cohere_chat import (
    block_part,
    error_of,
    error_response,
    made_up_id,
    of_cohere,
    usage_of,
)

NAME = "cohere.embed"
WIDTHS = {"embed-v4.0": 1536, "embed-english-v2.0": 4096, "embed-multilingual-v2.0": 768}
LIGHT, WIDTH = 384, 1024
"""Of the light models, and of all others, where the trace has no vectors."""
TRANSPORT = frozenset(
    {"texts", "images", "inputs", "model", "embedding_types", "request_options", "batching", "max_concurrency"}
)
"""Members of a request, and arguments of the SDK, that are no parameters of the question."""
TYPES = ("float", "base64", "int8", "uint8", "binary", "ubinary")
"""Types of numbers, the nearest to the model's own first."""


class CohereEmbed:
    """Embeddings by the paths ``/v1/embed`` and ``/v2/embed``."""

    name = NAME

    def spoken_by(self, hints: Hints) -> bool:
        """An embedding span of Cohere's SDK."""
        return of_cohere(hints) and "embed" in hints.operation

    def asks(self, body: Object) -> bool:
        """Texts, images, or inputs that mix them."""
        return any(isinstance(body.get(name), list) for name in ("texts", "images", "inputs"))

    def tells(self, body: Object) -> bool:
        """Embeddings with an id, by type or as plain lists."""
        return isinstance(body.get("embeddings"), list | Mapping) and "id" in body

    def claims(self, request: WireRequest) -> bool:
        """A POST to ``…/v1/embed`` or ``…/v2/embed``."""
        return request.method == "POST" and request.path.endswith(("/v1/embed", "/v2/embed"))

    def call(self, request: WireRequest) -> Call:
        """The question of a request."""
        body = _body.asked(request)
        if not self.asks(body):
            raise ValueError("the body has neither texts nor images nor inputs")
        call = self.call_of_body(body)
        version = "2" if request.path.endswith("/v2/embed") else "1"
        return replace(call, options={**call.options, "version": version})

    def call_of_body(self, body: Object) -> Call:
        """The question of a request body; each input is a message of its own."""
        asked: list[Sequence[Part]] = [
            *([Text(each)] for each in items(body.get("texts")) if isinstance(each, str)),
            *([media("image", each)] for each in items(body.get("images"))),
            *(self.parts(members(each).get("content")) for each in items(body.get("inputs"))),
        ]
        return Call(
            kind="embedding",
            provider=NAME,
            model=text(body.get("model")),
            messages=tuple(Message("user", tuple(parts)) for parts in asked),
            parameters={name: value for name, value in body.items() if name not in TRANSPORT and value is not None},
            options={"types": list(items(body.get("embedding_types")))},
        )

    def parts(self, content: Any) -> tuple[Part, ...]:
        """One input: text, or a list of blocks."""
        return (Text(content),) if isinstance(content, str) else tuple(block_part(each) for each in items(content))

    def pin(self, body: dict[str, Any], seed: int) -> tuple[dict[str, Any], tuple[str, ...]]:
        """Nothing to pin: embeddings are no sample."""
        return body, ()

    def answer(self, call: Call, answer: Answer) -> WireResponse:
        """Vectors by type, plain lists where version 1 was asked for no type, or an error."""
        if answer.error is not None:
            return error_response(answer.error)
        vectors = answer.vectors or made_up_vectors(call, answer)
        version, types = call.options.get("version"), items(call.options.get("types"))
        plain = version == "1" and not types
        by_type = {str(name): [number_list(vector, str(name)) for vector in vectors] for name in types or ["float"]}
        body: dict[str, Any] = {
            "id": answer.id or made_up_id(answer.seed),
            "texts": [part.content for each in call.messages for part in each.parts if isinstance(part, Text)],
            "embeddings": by_type["float"] if plain else by_type,
            "response_type": "embeddings_floats" if plain else "embeddings_by_type",
            "meta": {"api_version": {"version": version or "2"}, **units(answer.usage)},
        }
        return _body.reply(body)

    def read(self, response: WireResponse) -> Answer:
        """The answer of a response: vectors, or an error."""
        if response.status >= 400:
            return Answer(provider=NAME, error=error_of(response))
        with _body.named("no list of embeddings"):
            return self.answer_of_body(members(_body.decode(response.body)))

    def answer_of_body(self, body: Object) -> Answer:
        """The answer of a decoded response body; of several types the nearest to the model's own numbers."""
        found = body.get("embeddings")
        if isinstance(found, Mapping):
            found = next((found[name] for name in TYPES if found.get(name)), ())
        return Answer(
            provider=NAME,
            vectors=tuple(vector_of(each) for each in items(found)),
            id=text(body.get("id")),
            usage=usage_of(members(body.get("meta"))),
        )


def units(usage: Usage | None) -> dict[str, JSON]:
    """What was billed, where it is known."""
    return {"billed_units": {"input_tokens": usage.input}} if usage and usage.input is not None else {}


def number_list(vector: Sequence[float], kind: str) -> JSON:
    """A vector in a type of numbers. Whole numbers beyond one are of such a type already."""
    if kind == "base64":
        return as_base64(vector)
    if kind not in TYPES or kind == "float":
        return list(vector)
    if any(abs(each) > 1 for each in vector) and all(float(each).is_integer() for each in vector):
        return [int(each) for each in vector]
    if kind in ("binary", "ubinary"):
        return packed(vector, 128 if kind == "binary" else 0)
    return [max(-128, min(127, round(each * 127))) + (128 if kind == "uint8" else 0) for each in vector]


def packed(vector: Sequence[float], less: int) -> list[int]:
    """The signs of eight numbers in each byte."""
    bits = [each > 0 for each in vector]
    return [
        sum(bit << (7 - place) for place, bit in enumerate(bits[start : start + 8])) - less
        for start in range(0, len(bits), 8)
    ]


def made_up_vectors(call: Call, answer: Answer) -> list[list[float]]:
    """A unit vector for each input, fixed by trace and input, where the trace holds none."""
    model = call.model or ""
    usual = WIDTHS.get(model) or (LIGHT if "light" in model else WIDTH)
    width = integer(call.parameters.get("output_dimension")) or usual
    return [unit_vector(f"{answer.seed}:{message.parts}", width) for message in call.messages]
