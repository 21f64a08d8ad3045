"""OpenAI text completions, the API before chat, as OpenAI and many compatible hosts speak it. PYTEST_DONT_REWRITE

Source: the OpenAI API reference, "Completions (legacy)" (object ``text_completion``).
"""

from collections.abc import Iterator
from typing import Any

from pytest_llmreplay.model.call import Answer, Call, Choice, Message, Part, Refusal, Text, finish_class
from pytest_llmreplay.model.jsonvalue import JSON, Object, integer, items, members, text
from pytest_llmreplay.model.trace import Hints
from pytest_llmreplay.model.wire import WireRequest, WireResponse
from pytest_llmreplay.providers import _body, _sse
from pytest_llmreplay.providers._json import dumps
from pytest_llmreplay.providers._openai import (
    DETAILS,
    SYSTEMS,
    error_of,
    error_response,
    flat,
    head,
    inputs,
    parameter,
    usage_body,
    usage_of,
    usage_told,
    with_model,
)

NAME = "openai.completions"
SPANS = frozenset({"openai.completion", "completion"})
"""Names that instrumentations give to spans of this API, in lower case."""
TRANSPORT = frozenset({"prompt", "model", "stream", "stream_options", "extra_headers", "extra_query", "timeout"})
"""Members of a request that are no parameters of the question."""
FINISH = {"tool_call": "stop", "error": "stop"}
"""GenAI finish reasons that this API spells otherwise."""
CHOICE = frozenset({"text", "index", "finish_reason"})
"""Members of a choice that are no details."""


class OpenAICompletions:
    """Text completions by path and body; the host does not matter."""

    name = NAME

    def spoken_by(self, hints: Hints) -> bool:
        """OpenAI's own spans of this API, and those of all who are instrumented as if they were."""
        if hints.operation != "text_completion" and hints.name.lower() not in SPANS:
            return False
        return "openai" in hints.system or hints.system in SYSTEMS or not hints.system

    def asks(self, body: Object) -> bool:
        """A prompt that is no message."""
        return isinstance(body.get("prompt"), str | list) and not {"messages", "input"} & body.keys()

    def tells(self, body: Object) -> bool:
        """A list of choices with texts."""
        choices = body.get("choices")
        if not isinstance(choices, list) or not choices:
            return False
        return all(isinstance(each.get("text"), str) and "message" not in each for each in map(members, choices))

    def claims(self, request: WireRequest) -> bool:
        """A POST to ``…/completions`` that is not the one of chat."""
        path = request.path
        return request.method == "POST" and path.endswith("/completions") and not path.endswith("/chat/completions")

    def call(self, request: WireRequest) -> Call:
        """The question of a request; Azure names the model in the path only."""
        return self.call_of_body(with_model(_body.asked(request, "prompt"), request))

    def call_of_body(self, body: Object) -> Call:
        """The question of a request body; each prompt is a message of its own."""
        body = flat(body)
        prompts = inputs(body.get("prompt"))
        return Call(
            kind="completion",
            provider=NAME,
            model=text(body.get("model")),
            messages=tuple(Message("user", self.parts(each)) for each in prompts if each is not None),
            parameters=dict(parameter(k, v) for k, v in body.items() if k not in TRANSPORT and v is not None),
            stream=bool(body.get("stream")),
            options={"include_usage": bool(members(body.get("stream_options")).get("include_usage"))},
        )

    def parts(self, content: Any) -> tuple[Part, ...]:
        """One prompt: text, or token numbers as their JSON."""
        return (Text(content if isinstance(content, str) else dumps(content)),)

    def pin(self, body: dict[str, Any], seed: int) -> tuple[dict[str, Any], tuple[str, ...]]:
        """Seed, and temperature 0."""
        return {**body, "seed": seed, "temperature": 0}, ()

    def answer(self, call: Call, answer: Answer) -> WireResponse:
        """A completion, a stream of chunks, or an error."""
        if answer.error is not None:
            return error_response(answer.error)
        if call.stream:
            return WireResponse(200, _sse.HEADERS, b"".join(chunks(call, answer)))
        body = answer.raw if answer.raw is not None and answer.provider == NAME else completion(call, answer)
        return _body.reply(body)

    def read(self, response: WireResponse) -> Answer:
        """The answer of a response: an error, a completion, or a stream put together."""
        if response.status >= 400:
            return Answer(provider=NAME, error=error_of(response))
        with _body.named("neither a completion nor a stream of chunks"):
            return self.answer_of_body(_body.whole(response.body, joined))

    def answer_of_body(self, body: Object) -> Answer:
        """The answer of a completion object."""
        return Answer(
            provider=NAME,
            choices=tuple(choice_of(members(each)) for each in items(body.get("choices"))),
            model=text(body.get("model")),
            id=text(body.get("id")),
            usage=usage_of(body.get("usage")),
            created=integer(body.get("created")) or 0,
            details={k: body[k] for k in DETAILS if body.get(k) is not None},
        )


def choice_of(each: Object) -> Choice:
    """One of the completions."""
    words = text(each.get("text"))
    return Choice(
        parts=(Text(words),) if words else (),
        finish_reason=text(each.get("finish_reason")),
        details={k: v for k, v in each.items() if k not in CHOICE and v is not None},
    )


def finish_word(choice: Choice, own: bool) -> str:
    """This API's word for why a choice ended."""
    word = choice.finish_reason or "stop"
    if not own or word in FINISH:
        word = finish_class(word)
        word = FINISH.get(word, word)
    return word


def written(choice: Choice) -> str:
    """The text of a choice."""
    return "".join(part.content for part in choice.parts if isinstance(part, Text | Refusal))


def choice_body(index: int, words: str, details: Object, finish: str | None) -> dict[str, JSON]:
    """A choice of a completion or of a chunk."""
    return {"text": words, "index": index, "logprobs": None, **details, "finish_reason": finish}


def completion(call: Call, answer: Answer) -> dict[str, JSON]:
    """A whole ``text_completion``."""
    own = answer.provider in (None, NAME)
    choices: list[JSON] = [
        choice_body(index, written(choice), choice.details if own else {}, finish_word(choice, own))
        for index, choice in enumerate(answer.choices)
    ]
    return {**head(call, answer, "text_completion", "cmpl-"), "choices": choices, "usage": usage_body(answer.usage)}


def chunks(call: Call, answer: Answer) -> Iterator[bytes]:
    """A stream: pieces of each text, the last with the finish reason, and usage where it was asked for."""
    frame = head(call, answer, "text_completion", "cmpl-")
    include_usage = bool(call.options.get("include_usage"))
    if include_usage:
        frame["usage"] = None
    own = answer.provider in (None, NAME)
    for index, choice in enumerate(answer.choices):
        for piece in _sse.pieces(written(choice)):
            yield _sse.event({**frame, "choices": [choice_body(index, piece, {}, None)]})
        last = choice_body(index, "", choice.details if own else {}, finish_word(choice, own))
        yield _sse.event({**frame, "choices": [last], **usage_told(call, answer, index)})
    if include_usage:
        yield _sse.event({**frame, "choices": [], "usage": usage_body(answer.usage)})
    yield _sse.DONE


def joined(body: bytes) -> Object:
    """A stream put together to one completion object."""
    whole: dict[str, Any] = {}
    choices: dict[int, dict[str, Any]] = {}
    for chunk in _sse.objects(body):
        for key in ("id", "created", "model", *DETAILS, "usage"):
            if chunk.get(key) is not None:
                whole[key] = chunk[key]
        for each in map(members, items(chunk.get("choices"))):
            choice = choices.setdefault(integer(each.get("index")) or 0, {"text": ""})
            choice["text"] += text(each.get("text")) or ""
            choice.update({k: v for k, v in each.items() if k != "text" and v is not None})
    whole["choices"] = [choices[index] for index in sorted(choices)]
    return whole
