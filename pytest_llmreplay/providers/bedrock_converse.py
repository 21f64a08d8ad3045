"""Amazon Bedrock's Converse and ConverseStream. PYTEST_DONT_REWRITE

Source: the Amazon Bedrock API reference, "Converse", "ConverseStream" and "ContentBlock".
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final
from urllib.parse import unquote
from uuid import UUID

from pytest_llmreplay.model.call import (
    Answer,
    ApiError,
    Call,
    Choice,
    Media,
    Message,
    Other,
    Part,
    Reasoning,
    Refusal,
    Text,
    Tool,
    ToolCall,
    ToolResult,
    Usage,
    finish_class,
)
from pytest_llmreplay.model.jsonvalue import JSON, Object, integer, items, members, text
from pytest_llmreplay.model.trace import Hints
from pytest_llmreplay.model.wire import WireRequest, WireResponse
from pytest_llmreplay.providers import _body, _eventstream, _sse
from pytest_llmreplay.providers._json import arguments_text, dumps, inline, loads, made_up, result_text

NAME: Final = "bedrock.converse"
BEDROCK: Final = frozenset({None, NAME, "bedrock.invoke"})
"""Providers whose words for the end of an answer need no translation."""
PATH: Final = re.compile(r"/model/(.+)/converse(-stream)?\Z")
SYSTEMS: Final = frozenset({"aws.bedrock", "aws_bedrock", "amazon_bedrock", "bedrock", "aws"})
"""Provider words of Bedrock's spans."""
PARAMETERS: Final = {
    "maxTokens": "max_tokens",
    "max_new_tokens": "max_tokens",
    "topP": "top_p",
    "topK": "top_k",
    "stopSequences": "stop_sequences",
}
"""Inference parameters that the GenAI conventions call otherwise; ``max_new_tokens`` is Nova's own."""
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
STATUSES: Final[Mapping[int, str]] = {
    400: "ValidationException",
    403: "AccessDeniedException",
    404: "ResourceNotFoundException",
    408: "ModelTimeoutException",
    424: "ModelErrorException",
    429: "ThrottlingException",
    500: "InternalServerException",
    503: "ServiceUnavailableException",
}
"""Error codes by status, for a trace that does not say."""
STREAMED: Final[Mapping[str, int]] = {
    "validationException": 400,
    "throttlingException": 429,
    "modelStreamErrorException": 424,
    "modelTimeoutException": 408,
    "internalServerException": 500,
    "serviceUnavailableException": 503,
}
"""Status of an exception within a stream."""


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
        matched = PATH.search(request.path)
        model, stream = (unquote(matched[1]), matched[2] is not None) if matched else (None, False)
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
            return WireResponse(200, {**_eventstream.HEADERS, **identity(answer.seed)}, b"".join(frames))
        return _body.reply(body, headers=identity(answer.seed))

    def read(self, response: WireResponse) -> Answer:
        """The answer of a response: an error, a message, or a stream put together."""
        if response.status >= 400:
            return Answer(provider=NAME, error=error_of(response))
        with _body.named("neither a message nor a stream of its events"):
            if response.body.lstrip().startswith(b"{"):
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


def of_bedrock(hints: Hints) -> bool:
    """Whether a span is of Bedrock, whoever made the model."""
    return "bedrock" in hints.scope or hints.system in SYSTEMS


def invokes(hints: Hints) -> bool:
    """Whether a span of Bedrock names InvokeModel: as the RPC's method, or by the instrumentations' own words."""
    name = hints.name.lower()
    return (
        "invokemodel" in hints.api
        or "invoke_model" in name
        or name == "bedrock.completion"
        or hints.operation in ("text_completion", "embeddings")
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


def block_part(block: Object) -> Part:
    """One content block; its kind is the name of its only member."""
    if (words := block.get("text")) is not None:
        return Text(text(words) or dumps(words) if words else "")
    if used := members(block.get("toolUse")):
        return ToolCall(text(used.get("name")) or "", argument(used.get("input")), text(used.get("toolUseId")))
    if result := members(block.get("toolResult")):
        return ToolResult(result_text(result.get("content")), text(result.get("toolUseId")))
    if thought := members(members(block.get("reasoningContent")).get("reasoningText")):
        return Reasoning(text(thought.get("text")) or "", text(thought.get("signature")))
    kind = next(iter(block), "unknown")
    if kind in ("image", "document", "video", "audio"):
        return media_part(kind, members(block[kind]))
    return Other(kind, block.get(kind))


def argument(value: Any) -> JSON:
    """Arguments of a tool; a stream's text is opened."""
    return loads(value) if isinstance(value, str) else value


def media_part(kind: str, block: Object) -> Media:
    """An image, document, video or sound: by the digest of its bytes, or by where it lies."""
    source = members(block.get("source"))
    if data := text(source.get("bytes")):
        return inline(kind, data)
    return Media(kind, text(members(source.get("s3Location")).get("uri")) or dumps(source))


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


def ended(call: Call, answer: Answer) -> Answer:
    """An answer with the reason for its end where its trace has none: it took all the tokens that were allowed."""
    first, limit = answer.choices[:1], integer(call.parameters.get("max_tokens"))
    taken = answer.usage.output if answer.usage else None
    if not first or first[0].finish_reason or limit is None or taken is None or taken < limit:
        return answer
    return replace(answer, choices=(replace(first[0], finish_reason="length"),))


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


def joined_texts(parts: Iterable[Part]) -> list[Part]:
    """Parts with neighbouring texts made one: a trace of a stream may hold a text for each chunk."""
    out: list[Part] = []
    for part in parts:
        if isinstance(part, Text) and out and isinstance(before := out[-1], Text):
            out[-1] = Text(before.content + part.content)
        else:
            out.append(part)
    return out


def block(part: Part, seed: str) -> dict[str, JSON]:
    """One part of an answer as a block."""
    if isinstance(part, ToolCall):
        named = {"toolUseId": part.id or made_up(seed, "tooluse_", 22), "name": part.name}
        return {"toolUse": {**named, "input": given(part.arguments)}}
    if isinstance(part, Reasoning):
        thought = {"text": part.content, **({"signature": part.signature} if part.signature else {})}
        return {"reasoningContent": {"reasoningText": thought}}
    if isinstance(part, ToolResult):
        return {"toolResult": {"toolUseId": part.id or "", "content": [{"text": part.content}], "status": "success"}}
    if isinstance(part, Other):
        return {part.type: part.data}
    return {"text": part.content if isinstance(part, Text | Refusal) else part.reference}


def given(arguments: JSON) -> JSON:
    """Tool arguments as an object; what is none stays what it is."""
    found = loads(arguments) if isinstance(arguments, str) else arguments
    return {} if found in (None, "") else found


def stream_events(body: Object) -> Iterator[tuple[str, JSON]]:
    """The events of a message: start, each block in pieces, stop, metadata."""
    message = members(members(body.get("output")).get("message"))
    yield "messageStart", {"role": message.get("role", "assistant")}
    for index, each in enumerate(items(message.get("content"))):
        start, deltas = unfolded(members(each))
        if start is not None:
            yield "contentBlockStart", {"contentBlockIndex": index, "start": start}
        for delta in deltas:
            yield "contentBlockDelta", {"contentBlockIndex": index, "delta": delta}
        yield "contentBlockStop", {"contentBlockIndex": index}
    fields = body.get("additionalModelResponseFields")
    extra = {} if fields is None else {"additionalModelResponseFields": fields}
    yield "messageStop", {"stopReason": body.get("stopReason"), **extra}
    yield "metadata", {k: body[k] for k in ("usage", "metrics", "trace", "performanceConfig") if k in body}


def unfolded(each: Object) -> tuple[JSON, list[JSON]]:
    """A block as it starts, which only tools' blocks do, and the deltas that fill it."""
    if used := members(each.get("toolUse")):
        start = {"toolUse": {k: v for k, v in used.items() if k != "input"}}
        pieces = _sse.pieces(arguments_text(used.get("input") if used.get("input") is not None else {}))
        return start, [{"toolUse": {"input": piece}} for piece in pieces]
    if result := members(each.get("toolResult")):
        return {"toolResult": {k: v for k, v in result.items() if k != "content"}}, [{"toolResult": result["content"]}]
    if thought := members(members(each.get("reasoningContent")).get("reasoningText")):
        thoughts = _sse.pieces(text(thought.get("text")) or "")
        deltas: list[JSON] = [{"reasoningContent": {"text": piece}} for piece in thoughts]
        seal = thought.get("signature")
        return None, [*deltas, {"reasoningContent": {"signature": seal}}] if seal else deltas
    if (words := text(each.get("text"))) is not None:
        return None, [{"text": piece} for piece in _sse.pieces(words) or [""]]
    return None, [dict(each)]


def joined(events: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Events put together to one response."""
    body: dict[str, Any] = {}
    message: dict[str, Any] = {}
    blocks: dict[int, dict[str, Any]] = {}
    for kind, value in events:
        data = members(value)
        slot = blocks.setdefault(integer(data.get("contentBlockIndex")) or 0, {}) if kind.startswith("contentB") else {}
        if kind == "messageStart":
            message["role"] = data.get("role")
        elif kind == "contentBlockStart":
            slot.update({k: dict(members(v)) for k, v in members(data.get("start")).items()})
        elif kind == "contentBlockDelta":
            add_delta(slot, members(data.get("delta")))
        elif kind in ("messageStop", "metadata"):
            body.update(data)
    message["content"] = [blocks[index] for index in sorted(blocks) if blocks[index]]
    return {**body, "output": {"message": message}}


def add_delta(slot: dict[str, Any], delta: Object) -> None:
    """Add one delta to the block put together so far."""
    for kind, value in delta.items():
        if kind == "text":
            slot["text"] = (text(slot.get("text")) or "") + (text(value) or "")
        elif kind == "toolUse":
            used = slot.setdefault("toolUse", {})
            used["input"] = (text(used.get("input")) or "") + (text(members(value).get("input")) or "")
        elif kind == "toolResult":
            result = slot.setdefault("toolResult", {})
            result["content"] = [*items(result.get("content")), *items(value)]
        elif kind == "reasoningContent" and "redactedContent" not in members(value):
            thought = slot.setdefault("reasoningContent", {}).setdefault("reasoningText", {})
            thought["text"] = (text(thought.get("text")) or "") + (text(members(value).get("text")) or "")
            thought["signature"] = members(value).get("signature") or thought.get("signature")
        else:
            slot[kind] = value


def identity(seed: str) -> dict[str, str]:
    """The header that tells requests apart; the SDK keeps it as the request's id."""
    return {"x-amzn-requestid": str(UUID(hex=made_up(seed, "", 32)))}


def error_of(response: WireResponse) -> ApiError:
    """The error of a response: its code stands in a header, or in the body."""
    body = _body.problem(response.body)
    inner = members(body)
    code = response.headers.get("x-amzn-errortype") or text(inner.get("__type")) or text(inner.get("code"))
    kind = code.partition(":")[0].rpartition("#")[2] if code else None
    return _body.api_error(response.status, body, kind, text(inner.get("message")) or text(inner.get("Message")))


def streamed_error(kind: str, data: bytes) -> ApiError:
    """An exception within a stream."""
    body = _body.problem(data)
    message = text(members(body).get("message")) or ""
    return ApiError(status=STREAMED.get(kind, 500), type=kind, message=message)


def error_response(error: ApiError, seed: str) -> WireResponse:
    """An error as this API gives it; a code that is the status itself came without a name."""
    kind = error.type or STATUSES.get(error.status, "")
    headers = identity(seed)
    if kind and not kind.isdecimal():
        headers["x-amzn-errortype"] = kind
    own = isinstance(error.body, Mapping) and isinstance(error.body.get("message", error.body.get("Message")), str)
    return _body.reply(error.body if own else {"message": error.message}, error.status, headers)
