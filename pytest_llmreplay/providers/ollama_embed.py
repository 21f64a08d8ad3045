"""Ollama's embeddings: of one prompt, or of a list of inputs. PYTEST_DONT_REWRITE

Source: the Ollama API documentation, "Generate Embeddings" (``/api/embed``) and "Generate Embedding"
(``/api/embeddings``).
"""

from typing import Any

from pytest_llmreplay.model.call import Answer, Call, Message, Part, Text, Usage
from pytest_llmreplay.model.jsonvalue import Object, integer, items, members, text
from pytest_llmreplay.model.trace import Hints
from pytest_llmreplay.model.wire import WireRequest, WireResponse
from pytest_llmreplay.providers import _body
from pytest_llmreplay.providers._json import dumps
from pytest_llmreplay.providers._vectors import unit_vector, vector_of
from pytest_llmreplay.providers.ollama import error_of, error_response, of_ollama, parameters

NAME = "ollama.embed"
WIDTHS = {"all-minilm": 384, "mxbai-embed-large": 1024, "snowflake-arctic-embed": 1024, "bge-m3": 1024,
          "llama2": 4096, "llama3": 4096, "llama3.1": 4096, "mistral": 4096}  # fmt: skip
WIDTH = 768
"""Of a model that is not known, where the trace has no vectors."""


class OllamaEmbed:
    """Embeddings by the paths ``/api/embed`` and ``/api/embeddings``."""

    name = NAME

    def spoken_by(self, hints: Hints) -> bool:
        """An embedding span of Ollama's SDK."""
        return of_ollama(hints) and "embed" in hints.operation

    def asks(self, body: Object) -> bool:
        """An input, or a prompt."""
        return "input" in body or isinstance(body.get("prompt"), str)

    def tells(self, body: Object) -> bool:
        """Vectors without an id."""
        return isinstance(body.get("embedding", body.get("embeddings")), list) and "id" not in body

    def claims(self, request: WireRequest) -> bool:
        """A POST to ``…/api/embed`` or ``…/api/embeddings``."""
        return request.method == "POST" and request.path.endswith(("/api/embed", "/api/embeddings"))

    def call(self, request: WireRequest) -> Call:
        """The question of a request."""
        body = _body.asked(request)
        if not self.asks(body):
            raise ValueError("the body has neither an input nor a prompt")
        return self.call_of_body(body)

    def call_of_body(self, body: Object) -> Call:
        """The question of a request body; each input is a message of its own."""
        single = "input" not in body
        given = body.get("prompt") if single else body.get("input")
        asked = given if isinstance(given, list) else [given]
        return Call(
            kind="embedding",
            provider=NAME,
            model=text(body.get("model")),
            messages=tuple(Message("user", self.parts(each)) for each in asked),
            parameters={name: value for name, value in parameters(body) if name != "input"},
            options={"single": single},
        )

    def parts(self, content: Any) -> tuple[Part, ...]:
        """One input, which is text."""
        return (Text(content if isinstance(content, str) else dumps(content)),)

    def pin(self, body: dict[str, Any], seed: int) -> tuple[dict[str, Any], tuple[str, ...]]:
        """Nothing to pin: embeddings are no sample."""
        return body, ()

    def answer(self, call: Call, answer: Answer) -> WireResponse:
        """One vector, a list of vectors, or an error."""
        if answer.error is not None:
            return error_response(answer.error)
        vectors = [list(each) for each in answer.vectors] or made_up_vectors(call, answer)
        count = answer.usage.input if answer.usage else None
        body: dict[str, Any] = {"model": answer.model or call.model, "embeddings": vectors}
        if call.options.get("single"):
            body = {"embedding": vectors[0]}
        elif count:
            body["prompt_eval_count"] = count
        return _body.reply(body)

    def read(self, response: WireResponse) -> Answer:
        """The answer of a response: vectors, or an error."""
        if response.status >= 400:
            return Answer(provider=NAME, error=error_of(response))
        with _body.named("no list of embeddings"):
            body = members(_body.decode(response.body))
            if not self.tells(body):
                raise ValueError("it has no vectors")
            return self.answer_of_body(body)

    def answer_of_body(self, body: Object) -> Answer:
        """The answer of a decoded response body."""
        found = [body["embedding"]] if "embedding" in body else items(body.get("embeddings"))
        count = integer(body.get("prompt_eval_count"))
        return Answer(
            provider=NAME,
            vectors=tuple(map(vector_of, found)),
            model=text(body.get("model")),
            usage=None if count is None else Usage(input=count),
        )


def made_up_vectors(call: Call, answer: Answer) -> list[list[float]]:
    """A unit vector for each input, fixed by trace and input, where the trace holds none."""
    model = (call.model or "").partition(":")[0].rpartition("/")[2]
    width = integer(call.parameters.get("dimensions")) or WIDTHS.get(model, WIDTH)
    return [unit_vector(f"{answer.seed}:{message.parts}", width) for message in call.messages]
