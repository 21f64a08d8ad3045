"""Amazon Bedrock's InvokeModel and InvokeModelWithResponseStream. PYTEST_DONT_REWRITE

Source: the Amazon Bedrock API reference, "InvokeModel" and "InvokeModelWithResponseStream" (``PayloadPart``).
"""

import base64
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from pytest_llmreplay.model.call import Answer, Call, Part, Text
from pytest_llmreplay.model.jsonvalue import JSON, Object, items, members, text
from pytest_llmreplay.model.trace import Hints
from pytest_llmreplay.model.wire import WireRequest, WireResponse
from pytest_llmreplay.providers import _body, _eventstream, anthropic_messages, bedrock_converse
from pytest_llmreplay.providers._bedrock import (
    BEDROCK,
    PARAMETERS,
    asked_of,
    ended,
    error_of,
    error_response,
    identity,
    invokes,
    of_bedrock,
    streamed,
    streamed_error,
)
from pytest_llmreplay.providers._bedrock_bodies import CHAT, SHAPES, chunk_shape, shape_of
from pytest_llmreplay.providers._bedrock_shape import Shape

NAME: Final = "bedrock.invoke"
PATH: Final = re.compile(r"/model/(.+)/invoke(-with-response-stream)?\Z")
NAMES: Final = {
    **PARAMETERS,
    "max_gen_len": "max_tokens",
    "maxTokenCount": "max_tokens",
    "max_tokens_to_sample": "max_tokens",
    "max_completion_tokens": "max_tokens",
    "p": "top_p",
    "k": "top_k",
    "stop": "stop_sequences",
}
"""Parameters that the GenAI conventions call otherwise."""


class BedrockInvoke:
    """InvokeModel by path; each maker's body is one of the shapes of ``_bedrock_bodies``."""

    name = NAME

    def spoken_by(self, hints: Hints) -> bool:
        """Spans of Bedrock that name InvokeModel, or do not say what was called."""
        return of_bedrock(hints) and (invokes(hints) or "converse" not in f"{hints.name} {hints.api}".lower())

    def asks(self, body: Object) -> bool:
        """A body that one of the makers understands."""
        return shape_of(text(body.get("modelId")), body) is not None

    def tells(self, body: Object) -> bool:
        """None: the bodies are the makers', and tell nothing of Bedrock."""
        return False

    def claims(self, request: WireRequest) -> bool:
        """A POST to ``/model/…/invoke`` or ``/model/…/invoke-with-response-stream``."""
        return request.method == "POST" and PATH.search(request.path) is not None

    def call(self, request: WireRequest) -> Call:
        """The question of a request; the model stands in the path, and the path says whether a stream is asked for."""
        model, stream = asked_of(PATH.search(request.path))
        call = self.call_of_body({**_body.asked(request), "modelId": model})
        if not call.options:
            raise ValueError("the body is of no maker's that is known")
        return replace(call, stream=stream)

    def call_of_body(self, body: Object) -> Call:
        """The question of a request body; ``modelId`` names the model."""
        model = text(body.get("modelId"))
        shape = shape_of(model, body)
        if shape is None:
            return Call(kind="chat", provider=NAME, model=model)
        call = shape.call(body)
        options = {**call.options, "shape": shape.name}
        asked = parameters(call.parameters) if call.kind == "chat" else call.parameters
        return replace(call, provider=NAME, model=model, parameters=asked, options=options)

    def pin(self, body: dict[str, Any], seed: int) -> tuple[dict[str, Any], tuple[str, ...]]:
        """Nothing: the request is signed, body and all, before it is seen."""
        return body, ("seed", "temperature")

    def parts(self, content: Any) -> tuple[Part, ...]:
        """Message content: text, Anthropic's blocks, which have a type, or Nova's, which have none."""
        if isinstance(content, str):
            return (Text(content),) if content else ()
        typed = any("type" in members(each) for each in items(content))
        return ANTHROPIC.parts(content) if typed else CONVERSE.parts(content)

    def answer(self, call: Call, answer: Answer) -> WireResponse:
        """A body of the model's maker, a stream of chunks, or an error."""
        if answer.error is not None:
            return error_response(answer.error, answer.seed)
        body = body_of(call, answer)
        headers = {**identity(answer.seed), **counts(answer)}
        if call.stream:
            frames = (_eventstream.event("chunk", payload(each)) for each in last_counted(call, answer, body))
            return streamed(frames, answer.seed)
        return _body.reply(body, headers=headers)

    def read(self, response: WireResponse) -> Answer:
        """The answer of a response: an error, a body, or a stream put together."""
        if response.status >= 400:
            return Answer(provider=NAME, error=error_of(response))
        with _body.named("neither an answer nor a stream of chunks"):
            if _body.is_object(response.body):
                return self.answer_of_body(members(_body.decode(response.body)))
            return self.joined(response.body)

    def joined(self, body: bytes) -> Answer:
        """A stream put together; an exception within it is an error."""
        chunks: list[Object] = []
        for kind, data, failed in _eventstream.events(body):
            if failed:
                return Answer(provider=NAME, error=streamed_error(kind, data))
            chunks.append(members(_body.decode(base64.b64decode(text(members(_body.decode(data)).get("bytes")) or ""))))
        shape = chunk_shape(chunks[0] if chunks else {})
        return self.answer_of_body(shape.joined(chunks))

    def answer_of_body(self, body: Object) -> Answer:
        """The answer of a body, whose shape its members tell."""
        shape = next((each for each in SHAPES.values() if each.tells(body)), None)
        if shape is None:
            raise ValueError("it is of no maker's that is known")
        return replace(shape.answer(body), provider=NAME)


ANTHROPIC: Final = anthropic_messages.AnthropicMessages()
CONVERSE: Final = bedrock_converse.BedrockConverse()


def parameters(values: Object) -> dict[str, JSON]:
    """Request parameters under their GenAI names."""
    named = ((NAMES.get(name, name), value) for name, value in values.items() if value not in (None, []))
    return {k: [v] if k == "stop_sequences" and isinstance(v, str) else v for k, v in named}


def shape_asked(call: Call) -> Shape:
    """The shape of the request; that of chat completions for a question of another API."""
    return SHAPES[text(call.options.get("shape")) or CHAT.name]


def body_of(call: Call, answer: Answer) -> Mapping[str, Any]:
    """The whole body: as it was recorded where it is of the shape that the request wants, else written anew."""
    shape = shape_asked(call)
    if isinstance(answer.raw, Mapping) and shape.tells(answer.raw):
        return answer.raw
    answer = ended(call, answer)
    own = answer.provider in BEDROCK or answer.provider == shape.name
    return members(shape.body(call, replace(answer, provider=None) if own else answer))


def last_counted(call: Call, answer: Answer, body: Object) -> Iterator[dict[str, Any]]:
    """The chunks of an answer; the last has Bedrock's own counts."""
    shape = shape_asked(call)
    *before, last = shape.chunks(body)
    yield from before
    usage = answer.usage
    metrics = {
        "inputTokenCount": (usage.input if usage else None) or 0,
        "outputTokenCount": (usage.output if usage else None) or 0,
        "invocationLatency": 0,
        "firstByteLatency": 0,
    }
    yield {**last, "amazon-bedrock-invocationMetrics": metrics}


def payload(chunk: Object) -> dict[str, str]:
    """A chunk as the event that carries it."""
    return {"bytes": base64.b64encode(_body.encode(chunk)).decode()}


def counts(answer: Answer) -> dict[str, str]:
    """The headers with token counts."""
    usage = answer.usage
    if usage is None:
        return {}
    named = {"input": usage.input, "output": usage.output}
    return {f"x-amzn-bedrock-{name}-token-count": str(count) for name, count in named.items() if count is not None}
