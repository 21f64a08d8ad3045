"""Amazon Bedrock's Converse and ConverseStream. PYTEST_DONT_REWRITE

Source: the Amazon Bedrock API reference, "Converse".
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from pytest_llmreplay.model.call import Answer, Call, Choice, Message, Part, Text, Tool, ToolCall, Usage, finish_class
from pytest_llmreplay.model.jsonvalue import JSON, Object, integer, items, members, text
from pytest_llmreplay.model.trace import Hints
from pytest_llmreplay.model.wire import WireRequest, WireResponse
from pytest_llmreplay.providers import _body, _eventstream
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
from pytest_llmreplay.providers._converse_blocks import block, block_part, joined_texts
from pytest_llmreplay.providers._converse_stream import joined, stream_events

NAME: Final = "bedrock.converse"
PATH: Final = re.compile(r"/model/(.+)/converse(-stream)?\Z")
TRANSPORT: Final = frozenset({"modelId", "messages", "system", "toolConfig", "inferenceConfig", "schemaVersion"})
"""Members of a request that are no parameters of the question, or are taken apart."""
FINISH: Final = {
    "stop": "end_turn",
    "length": "max_tokens",
    "tool_call": "tool_use",
    "content_filter": "guardrail_intervened",
    "error": "end_turn",
}
"""GenAI finish reasons in this API's words."""
DETAILS: Final = ("metrics", "additionalModelResponseFields", "trace", "performanceConfig", "serviceTier")


class BedrockConverse:
    """Converse by path; the host does not matter."""

    name = NAME

    def spoken_by(self, hints: Hints) -> bool:
        """Spans of Bedrock, but those that name InvokeModel."""
        return of_bedrock(hints) and not invokes(hints)

    def asks(self, body: Object) -> bool:
        """A list of messages whose blocks are named by their only member, not by a type."""
        messages = body.get("messages")
        return isinstance(messages, list) and all(map(is_message, messages))

    def tells(self, body: Object) -> bool:
        """A message below ``output`` and a stop reason."""
        return isinstance(members(body.get("output")).get("message"), Mapping) and "stopReason" in body

    def claims(self, request: WireRequest) -> bool:
        """A POST to ``/model/…/converse`` or ``/model/…/converse-stream``."""
        return request.method == "POST" and PATH.search(request.path) is not None

    def call(self, request: WireRequest) -> Call:
        """The question of a request; the model stands in the path, and the path says whether a stream is asked for."""
        body = _body.asked(request, "messages", "promptVariables")
        model, stream = asked_of(PATH.search(request.path))
        return self.call_of_body({**body, "modelId": model, "stream": stream})

    def call_of_body(self, body: Object) -> Call:
        """The question of a request body, or of the SDK's keyword arguments."""
        system = self.parts(body.get("system"))
        turns = tuple(turn(members(each)) for each in items(body.get("messages")))
        config = members(body.get("toolConfig"))
        return Call(
            kind="chat",
            provider=NAME,
            model=text(body.get("modelId")),
            messages=(Message("system", system), *turns) if system else turns,
            tools=tuple(tool(members(each)) for each in items(config.get("tools")) if "cachePoint" not in each),
            parameters=parameters(body, config),
            stream=bool(body.get("stream")),
        )

    def pin(self, body: dict[str, Any], seed: int) -> tuple[dict[str, Any], tuple[str, ...]]:
        """Nothing: the request is signed, body and all, before it is seen."""
        return body, ("seed", "temperature")

    def parts(self, content: Any) -> tuple[Part, ...]:
        """Message content: a list of blocks, or text."""
        if isinstance(content, str):
            return (Text(content),) if content else ()
        return tuple(block_part(members(each)) for each in items(content))

    def answer(self, call: Call, answer: Answer) -> WireResponse:
        """A message, a stream of its events, or an error."""
        if answer.error is not None:
            return error_response(answer.error, answer.seed)
        body = answer.raw if self.tells(members(answer.raw)) else message_body(ended(call, answer))
        if call.stream:
            frames = (_eventstream.event(kind, data) for kind, data in stream_events(members(body)))
            return streamed(frames, answer.seed)
        return _body.reply(body, headers=identity(answer.seed))

    def read(self, response: WireResponse) -> Answer:
        """The answer of a response: an error, a message, or a stream put together."""
        if response.status >= 400:
            return Answer(provider=NAME, error=error_of(response))
        with _body.named("neither a message nor a stream of its events"):
            if _body.is_object(response.body):
                return self.answer_of_body(members(_body.decode(response.body)))
            return self.joined(response.body)

    def joined(self, body: bytes) -> Answer:
        """A stream put together; an exception within it is an error."""
        found: list[tuple[str, Any]] = []
        for kind, data, failed in _eventstream.events(body):
            if failed:
                return Answer(provider=NAME, error=streamed_error(kind, data))
            found.append((kind, _body.decode(data)))
        return self.answer_of_body(joined(found))

    def answer_of_body(self, body: Object) -> Answer:
        """The answer of a decoded response."""
        message = members(members(body.get("output")).get("message"))
        choice = Choice(
            parts=self.parts(message.get("content")),
            finish_reason=text(body.get("stopReason")),
            role=text(message.get("role")) or "assistant",
        )
        return Answer(
            provider=NAME,
            choices=(choice,),
            usage=usage_of(body.get("usage")),
            details={k: body[k] for k in DETAILS if body.get(k) is not None},
        )


def is_message(value: Any) -> bool:
    """Whether a value is a message with this API's blocks."""
    message = members(value)
    return "role" in message and all("type" not in members(each) for each in items(message.get("content")))


def parameters(body: Object, config: Object) -> dict[str, JSON]:
    """The parameters of the question: those of inference under their GenAI names, the others as they are."""
    inference = members(body.get("inferenceConfig"))
    found: dict[str, JSON] = {PARAMETERS.get(k, k): v for k, v in inference.items() if v not in (None, [])}
    found |= {k: v for k, v in body.items() if k not in TRANSPORT and k != "stream" and v not in (None, {}, [])}
    if choice := config.get("toolChoice"):
        found["tool_choice"] = choice
    return found


def turn(each: Object) -> Message:
    """One message of a request."""
    return Message(text(each.get("role")) or "user", BedrockConverse().parts(each.get("content")))


def tool(each: Object) -> Tool:
    """A tool of a request; one of the system's own has a name only."""
    inner = members(each.get("toolSpec")) or members(each.get("systemTool")) or each
    schema = members(inner.get("inputSchema")).get("json")
    rest = {k: v for k, v in inner.items() if k not in ("name", "description", "inputSchema") and v is not None}
    if "systemTool" in each:
        rest["type"] = "systemTool"
    return Tool(text(inner.get("name")) or "", text(inner.get("description")), schema, rest or None)


def usage_of(usage: Any) -> Usage | None:
    """Token counts; the cached ones are added to the input, as in the GenAI conventions. Nova spells them longer."""
    if not isinstance(usage, Mapping):
        return None
    plain = integer(usage.get("inputTokens"))
    read, written = (
        integer(usage.get(f"cache{word}InputTokens", usage.get(f"cache{word}InputTokenCount")))
        for word in ("Read", "Write")
    )
    return Usage(
        input=None if plain is None else plain + (read or 0) + (written or 0),
        output=integer(usage.get("outputTokens")),
        cache_read=read,
        cache_write=written,
    )


def usage_body(usage: Usage | None) -> dict[str, JSON]:
    """Token counts as this API writes them: the cached ones apart from the input."""
    usage = usage or Usage()
    read, written = usage.cache_read or 0, usage.cache_write or 0
    plain, output = max(0, (usage.input or 0) - read - written), usage.output or 0
    body: dict[str, JSON] = {
        "inputTokens": plain,
        "outputTokens": output,
        "totalTokens": plain + read + written + output,
    }
    if usage.cache_read is not None:
        body["cacheReadInputTokens"] = read
    if usage.cache_write is not None:
        body["cacheWriteInputTokens"] = written
    return body


def stop_reason(choice: Choice, own: bool) -> str:
    """This API's word for why an answer ended."""
    word = choice.finish_reason or ("tool_call" if any(isinstance(p, ToolCall) for p in choice.parts) else "stop")
    if word in FINISH or not own:
        word = finish_class(word)
    return FINISH.get(word, word)


def message_body(answer: Answer) -> dict[str, JSON]:
    """A whole response. Of several choices the first: this API knows only one."""
    choice = answer.choices[0] if answer.choices else Choice()
    content = [block(part, f"{answer.seed}:{index}") for index, part in enumerate(joined_texts(choice.parts))]
    return {
        "metrics": {"latencyMs": 0},
        "output": {"message": {"content": content, "role": choice.role}},
        "stopReason": stop_reason(choice, answer.provider in BEDROCK),
        "usage": usage_body(answer.usage),
        **{k: v for k, v in answer.details.items() if k in DETAILS},
    }
