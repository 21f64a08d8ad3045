"""Bodies of InvokeModel for embeddings, which each maker of models writes in its own way. PYTEST_DONT_REWRITE

Source: the Amazon Bedrock user guide, "Inference request parameters and response fields for foundation models".
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pytest_llmreplay.model.call import Answer, Call, Message, Text, Usage
from pytest_llmreplay.model.jsonvalue import JSON, Object, integer, items, members, text
from pytest_llmreplay.providers._json import dumps, made_up
from pytest_llmreplay.providers._vectors import unit_vector, vector_of

INPUTS: Final = frozenset(
    {"modelId", "inputText", "inputImage", "texts", "images", "inputs", "singleEmbeddingParams", "stream"}
)
"""Members of a request that are no parameters."""
WIDTH: Final = 1024
"""Of vectors whose width nobody tells."""


@dataclass(frozen=True, slots=True)
class Embedded:
    """What an answer with vectors is made of."""

    vectors: list[list[float]]
    count: int
    """Tokens of the input."""
    texts: Any
    typed: bool
    """Whether the vectors shall stand below the name of their type."""
    seed: str


@dataclass(frozen=True, slots=True)
class VectorShape:
    """Texts and their vectors."""

    name: str
    texts: Callable[[Object], list[Any]]
    """What a request wants to have embedded."""
    width: Callable[[str, Object], int]
    """Width of the vectors by model and request, where a trace has none."""
    whole: Callable[[Embedded], dict[str, Any]]
    """A body."""
    vectors: Callable[[Object], list[Any]]
    """The vectors of a body."""

    def call(self, body: Object) -> Call:
        """The question of a request; each text is a message of its own."""
        said = [each if isinstance(each, str) else dumps(each) for each in self.texts(body)]
        rest = {k: x for k, x in body.items() if k not in INPUTS and x is not None}
        model = text(body.get("modelId")) or ""
        typed = "embedding_types" in body or "embed-v4" in model
        return Call(
            kind="embedding",
            messages=tuple(Message("user", (Text(each),)) for each in said),
            parameters=rest,
            options={"texts": said, "width": self.width(model, body), "typed": typed},
        )

    def body(self, call: Call, answer: Answer) -> JSON:
        """Vectors, recorded or made up."""
        width = integer(call.options.get("width")) or WIDTH
        made = [unit_vector(f"{answer.seed}:{message.parts}", width) for message in call.messages]
        return self.whole(
            Embedded(
                vectors=[list(each) for each in answer.vectors] or made,
                count=(answer.usage.input if answer.usage else None) or 0,
                texts=call.options.get("texts"),
                typed=bool(call.options.get("typed")),
                seed=answer.seed,
            )
        )

    def chunks(self, body: Object) -> Iterator[dict[str, Any]]:
        """Embeddings do not come in chunks."""
        yield dict(body)

    def tells(self, body: Object) -> bool:
        """Vectors where this shape has them."""
        return bool(self.vectors(body))

    def answer(self, body: Object) -> Answer:
        """The vectors of a body."""
        count = integer(body.get("inputTextTokenCount"))
        return Answer(
            vectors=tuple(vector_of(each) for each in self.vectors(body)),
            id=text(body.get("id")),
            usage=None if count is None else Usage(input=count),
        )

    def joined(self, chunks: list[Object]) -> Object:
        """The only chunk."""
        return chunks[0] if chunks else {}


def titan_vector(told: Embedded) -> dict[str, Any]:
    """Amazon Titan's vector."""
    vector = told.vectors[0] if told.vectors else []
    return {"embedding": vector, "embeddingsByType": {"float": vector}, "inputTextTokenCount": told.count}


def cohere_vectors(told: Embedded) -> dict[str, Any]:
    """Cohere's vectors: by type for those who asked for types, and from version 4 on."""
    return {
        "embeddings": {"float": told.vectors} if told.typed else told.vectors,
        "id": made_up(told.seed, "", 32),
        "response_type": "embeddings_by_type" if told.typed else "embeddings_floats",
        "texts": told.texts,
    }


def cohere_found(body: Object) -> list[Any]:
    """The vectors of a body of Cohere's."""
    found = body.get("embeddings")
    return list(items(found["float"] if isinstance(found, Mapping) and "float" in found else found))


def nova_vectors(told: Embedded) -> dict[str, Any]:
    """Amazon Nova's vectors."""
    return {"embeddings": [{"embeddingType": "TEXT", "embedding": each} for each in told.vectors]}


def nova_texts(body: Object) -> list[Any]:
    """What Amazon Nova shall embed: one text, or what stands for another thing."""
    given = members(body.get("singleEmbeddingParams"))
    said = text(members(given.get("text")).get("value"))
    return [said if said is not None else {k: v for k, v in given.items() if k != "embeddingPurpose"}]


TITAN_VECTOR = VectorShape(
    name="amazon.titan-embed",
    texts=lambda body: [body.get("inputText", body.get("inputImage"))],
    width=lambda model, body: (
        integer(body.get("dimensions"))
        or integer(members(body.get("embeddingConfig")).get("outputEmbeddingLength"))
        or (1536 if "embed-text-v1" in model or "embed-g1" in model else 1024)
    ),
    whole=titan_vector,
    vectors=lambda body: [body["embedding"]] if isinstance(body.get("embedding"), list) else [],
)
COHERE_VECTORS = VectorShape(
    name="cohere.embed",
    texts=lambda body: [each for name in ("texts", "images", "inputs") for each in items(body.get(name))],
    width=lambda model, body: integer(body.get("output_dimension")) or (1536 if "embed-v4" in model else 1024),
    whole=cohere_vectors,
    vectors=cohere_found,
)
NOVA_VECTORS = VectorShape(
    name="amazon.nova-embed",
    texts=nova_texts,
    width=lambda model, body: integer(members(body.get("singleEmbeddingParams")).get("embeddingDimension")) or 3072,
    whole=nova_vectors,
    vectors=lambda body: [
        vector for each in items(body.get("embeddings")) if (vector := members(each).get("embedding")) is not None
    ],
)
