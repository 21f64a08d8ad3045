"""Anthropic Messages, and its beta. PYTEST_DONT_REWRITE

Source: the Anthropic API reference, "Messages" and "Streaming Messages".
"""

from collections.abc import Iterator, Mapping
from typing import Any

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
from pytest_llmreplay.providers import _body, _sse
from pytest_llmreplay.providers._json import arguments_text, dumps, inline, loads, made_up, result_text

NAME = "anthropic.messages"
FINISH = {"stop": "end_turn", "length": "max_tokens", "tool_call": "tool_use", "content_filter": "refusal"}
"""GenAI finish reasons that this API spells otherwise."""
TRANSPORT = frozenset(
    {
        "messages",
        "system",
        "tools",
        "model",
        "stream",
        "extra_headers",
        "extra_query",
        "timeout",
        "betas",
        "max_retries",
    }
)
"""Members of a request that are no parameters of the question."""
DETAILS = ("container", "context_management", "stop_details")
ERRORS = {400: "invalid_request_error", 401: "authentication_error", 403: "permission_error", 404: "not_found_error",
          413: "request_too_large", 429: "rate_limit_error", 529: "overloaded_error"}  # fmt: skip


class AnthropicMessages:
    """Messages by path and body; the host does not matter."""

    name = NAME

    def spoken_by(self, hints: Hints) -> bool:
        """Anthropic itself, not its models at a cloud's own API."""
        return "anthropic" in hints.system or (not hints.system and hints.scope.endswith(".anthropic"))

    def asks(self, body: Object) -> bool:
        """A list of messages with roles."""
        messages = body.get("messages")
        return isinstance(messages, list) and all(isinstance(m, Mapping) and "role" in m for m in messages)

    def tells(self, body: Object) -> bool:
        """A message with blocks."""
        return body.get("type") == "message" and isinstance(body.get("content"), list)

    def claims(self, request: WireRequest) -> bool:
        """A POST to ``…/v1/messages`` (the beta adds a query only)."""
        return request.method == "POST" and request.path.endswith("/v1/messages")

    def call(self, request: WireRequest) -> Call:
        """The question of a request."""
        return self.call_of_body(_body.asked(request, "messages"))

    def call_of_body(self, body: Object) -> Call:
        """The question of a request body, or of the SDK's keyword arguments."""
        body = {**body, **members(body.get("extra_body"))}
        body.pop("extra_body", None)
        system = self.parts(body.get("system"))
        turns = tuple(self.message(members(each)) for each in items(body.get("messages")))
        return Call(
            kind="chat",
            provider=NAME,
            model=text(body.get("model")),
            messages=(Message("system", system), *turns) if system else turns,
            tools=tuple(tool(each) for each in items(body.get("tools"))),
            parameters={k: v for k, v in body.items() if k not in TRANSPORT and v is not None},
            stream=bool(body.get("stream")),
        )

    def message(self, each: Object) -> Message:
        """One message of a request."""
        return Message(text(each.get("role")) or "user", self.parts(each.get("content")))

    def pin(self, body: dict[str, Any], seed: int) -> tuple[dict[str, Any], tuple[str, ...]]:
        """Temperature 0, but while thinking, which wants 1; there is no seed."""
        if members(body.get("thinking")).get("type") in ("enabled", "adaptive"):
            return body, ("seed", "temperature")
        return {**body, "temperature": 0}, ("seed",)

    def parts(self, content: Any) -> tuple[Part, ...]:
        """Message content: text, or a list of blocks."""
        if isinstance(content, str):
            return (Text(content),) if content else ()
        return tuple(block_part(each) for each in items(content))

    def answer(self, call: Call, answer: Answer) -> WireResponse:
        """A message, a stream of its events, or an error."""
        if answer.error is not None:
            return error_response(answer.error, answer.seed)
        own = answer.provider == NAME
        body = answer.raw if answer.raw is not None and own else message_body(call, answer)
        if call.stream:
            return WireResponse(200, _sse.HEADERS, b"".join(stream_events(members(body))))
        return _body.reply(body)

    def read(self, response: WireResponse) -> Answer:
        """The answer of a response: an error, a message, or a stream put together."""
        if response.status >= 400:
            return Answer(provider=NAME, error=error_of(response))
        with _body.named("neither a message nor a stream of its events"):
            return self.answer_of_body(_body.whole(response.body, joined))

    def answer_of_body(self, body: Object) -> Answer:
        """The answer of a message object."""
        stop_sequence = body.get("stop_sequence")
        choice = Choice(
            parts=self.parts(body.get("content")),
            finish_reason=text(body.get("stop_reason")),
            role=text(body.get("role")) or "assistant",
            details={} if stop_sequence is None else {"stop_sequence": stop_sequence},
        )
        return Answer(
            provider=NAME,
            choices=(choice,),
            model=text(body.get("model")),
            id=text(body.get("id")),
            usage=usage_of(body.get("usage")),
            details={k: body[k] for k in DETAILS if body.get(k) is not None},
        )


def tool(each: Any) -> Tool:
    """A tool of a request; a server's own tool is named by its type."""
    each = members(each)
    rest = {k: v for k, v in each.items() if k not in ("name", "description", "input_schema") and v is not None}
    if rest.get("type") == "custom":
        del rest["type"]
    name = text(each.get("name")) or text(each.get("type")) or ""
    return Tool(name, text(each.get("description")), each.get("input_schema"), rest or None)


def block_part(each: Any) -> Part:
    """One block of a message's content."""
    if isinstance(each, str):
        return Text(each)
    each = members(each)
    kind = text(each.get("type")) or "unknown"
    if kind == "text" and not each.get("citations"):
        return Text(text(each.get("text")) or "")
    if kind == "tool_use":
        return ToolCall(text(each.get("name")) or "", each.get("input"), text(each.get("id")))
    if kind == "tool_result":
        return ToolResult(result_text(each.get("content")), text(each.get("tool_use_id")))
    if kind == "thinking":
        return Reasoning(text(each.get("thinking")) or "", text(each.get("signature")))
    if kind in ("image", "document"):
        source = members(each.get("source"))
        if data := text(source.get("data")):
            return inline(kind, data)
        return Media(kind, text(source.get("url")) or text(source.get("file_id")) or dumps(source))
    return Other(kind, {k: v for k, v in each.items() if v is not None})


def usage_of(usage: Any) -> Usage | None:
    """Token counts of an answer; the cached ones are added to the input, as in the GenAI conventions."""
    if not isinstance(usage, Mapping):
        return None
    plain = integer(usage.get("input_tokens"))
    read, written = integer(usage.get("cache_read_input_tokens")), integer(usage.get("cache_creation_input_tokens"))
    return Usage(
        input=None if plain is None else plain + (read or 0) + (written or 0),
        output=integer(usage.get("output_tokens")),
        cache_read=read,
        cache_write=written,
    )


def usage_body(usage: Usage | None) -> dict[str, JSON]:
    """Token counts as this API writes them: the cached ones apart from the input.

    Never absent: the SDK counts on them.
    """
    usage = usage or Usage()
    body: dict[str, JSON] = {
        "input_tokens": max(0, (usage.input or 0) - (usage.cache_read or 0) - (usage.cache_write or 0)),
        "output_tokens": usage.output or 0,
    }
    if usage.cache_read is not None:
        body["cache_read_input_tokens"] = usage.cache_read
    if usage.cache_write is not None:
        body["cache_creation_input_tokens"] = usage.cache_write
    return body


def stop_reason(choice: Choice, own: bool) -> str:
    """This API's word for why an answer ended."""
    called = any(isinstance(part, ToolCall) for part in choice.parts)
    word = choice.finish_reason or ("tool_call" if called else "stop")
    if not own and called and finish_class(word) == "stop":
        word = "tool_call"  # an API whose word is the same with and without a call
    if word in ("stop", "length", "tool_call", "content_filter", "error") or not own:
        word = finish_class(word)
        word = FINISH.get(word, "end_turn" if word == "error" else word)
    return word


def message_body(call: Call, answer: Answer) -> dict[str, JSON]:
    """A whole ``message``. Of several choices the first: this API knows only one."""
    own = answer.provider in (None, NAME)
    choice = answer.choices[0] if answer.choices else Choice()
    return {
        "id": answer.id or made_up(answer.seed, "msg_"),
        "type": "message",
        "role": choice.role,
        "model": answer.model or call.model or "",
        "content": [block(part, f"{answer.seed}:{index}") for index, part in enumerate(choice.parts)],
        "stop_reason": stop_reason(choice, own),
        "stop_sequence": choice.details.get("stop_sequence"),
        "usage": usage_body(answer.usage),
        **{k: v for k, v in answer.details.items() if k in DETAILS},
    }


def block(part: Part, seed: str) -> JSON:
    """One part of an answer as a block."""
    if isinstance(part, ToolCall):
        arguments = loads(part.arguments) if isinstance(part.arguments, str) else part.arguments
        arguments = {} if arguments in (None, "") else arguments
        return {"type": "tool_use", "id": part.id or made_up(seed, "toolu_"), "name": part.name, "input": arguments}
    if isinstance(part, Reasoning):
        return {"type": "thinking", "thinking": part.content, "signature": part.signature or made_up(seed, "replayed")}
    if isinstance(part, Other) and isinstance(part.data, Mapping):
        return {"type": part.type, **part.data}
    if isinstance(part, Text | Refusal | ToolResult):
        return {"type": "text", "text": part.content}
    return {"type": "text", "text": dumps(getattr(part, "data", None) or getattr(part, "reference", ""))}


def stream_events(body: Object) -> Iterator[bytes]:
    """The event stream of a message: start, each block in pieces, delta with stop reason and usage, stop."""
    usage = dict(members(body.get("usage")))
    opening = {
        **body,
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": {**usage, "output_tokens": 1},
    }
    yield typed("message_start", message=opening)
    for index, each in enumerate(items(body.get("content"))):
        start, deltas = unfolded(members(each))
        yield typed("content_block_start", index=index, content_block=start)
        for delta in deltas:
            yield typed("content_block_delta", index=index, delta=delta)
        yield typed("content_block_stop", index=index)
    ended = {"stop_reason": body.get("stop_reason"), "stop_sequence": body.get("stop_sequence")}
    yield typed("message_delta", delta=ended, usage={"output_tokens": usage.get("output_tokens", 0)})
    yield typed("message_stop")


def typed(kind: str, **more: JSON) -> bytes:
    """One event; its name stands in the data, too."""
    return _sse.event({"type": kind, **more}, kind)


def unfolded(each: Object) -> tuple[JSON, list[JSON]]:
    """A block as it starts, and the deltas that fill it."""
    kind = each.get("type")
    if kind == "text":
        citations: list[JSON] = [{"type": "citations_delta", "citation": c} for c in items(each.get("citations"))]
        texts: list[JSON] = [{"type": "text_delta", "text": piece} for piece in _sse.pieces(each.get("text") or "")]
        start = {**each, "text": ""}
        return ({**start, "citations": []} if citations else start), citations + texts
    if kind in ("tool_use", "server_tool_use", "mcp_tool_use"):
        written = arguments_text(each.get("input") if each.get("input") is not None else {})
        pieces: list[JSON] = [{"type": "input_json_delta", "partial_json": piece} for piece in _sse.pieces(written)]
        return {**each, "input": {}}, pieces
    if kind == "thinking":
        thoughts: list[JSON] = [
            {"type": "thinking_delta", "thinking": p} for p in _sse.pieces(each.get("thinking") or "")
        ]
        seal: JSON = {"type": "signature_delta", "signature": each.get("signature") or ""}
        return {**each, "thinking": "", "signature": ""}, [*thoughts, seal]
    return each, []


def joined(body: bytes) -> Object:
    """A stream put together to one message object."""
    message: dict[str, Any] = {}
    blocks: dict[int, dict[str, Any]] = {}
    for event in _sse.objects(body):
        kind = event.get("type")
        if kind == "message_start":
            message = dict(members(event.get("message")))
        elif kind == "content_block_start":
            blocks[integer(event.get("index")) or 0] = dict(members(event.get("content_block")))
        elif kind == "content_block_delta":
            found = blocks.setdefault(integer(event.get("index")) or 0, {"type": "text"})
            add_delta(found, members(event.get("delta")))
        elif kind == "message_delta":
            message.update({k: v for k, v in members(event.get("delta")).items() if v is not None})
            message["usage"] = {**members(message.get("usage")), **members(event.get("usage"))}
    for each in blocks.values():
        if "input_json" in each:
            each["input"] = loads(each.pop("input_json") or "{}")
    message["content"] = [blocks[index] for index in sorted(blocks)]
    return message


def add_delta(each: dict[str, Any], delta: Object) -> None:
    """Add one delta to the block put together so far."""
    kind = delta.get("type")
    if kind == "text_delta":
        each["text"] = (text(each.get("text")) or "") + (text(delta.get("text")) or "")
    elif kind == "input_json_delta":
        each["input_json"] = (text(each.get("input_json")) or "") + (text(delta.get("partial_json")) or "")
    elif kind == "thinking_delta":
        each["thinking"] = (text(each.get("thinking")) or "") + (text(delta.get("thinking")) or "")
    elif kind == "signature_delta":
        each["signature"] = delta.get("signature")
    elif kind == "citations_delta":
        each["citations"] = [*items(each.get("citations")), delta.get("citation")]


def error_of(response: WireResponse) -> ApiError:
    """The error of a response."""
    body = _body.problem(response.body)
    inner = members(members(body).get("error"))
    return _body.api_error(response.status, body, text(inner.get("type")), text(inner.get("message")))


def error_response(error: ApiError, seed: str) -> WireResponse:
    """An error as this API gives it."""
    kind = error.type or ERRORS.get(error.status, "api_error")
    own = isinstance(error.body, Mapping) and error.body.get("type") == "error"
    made: JSON = {"type": "error", "error": {"type": kind, "message": error.message}}
    return _body.reply(
        error.body if own else made, error.status, {**_body.NO_RETRY, "request-id": made_up(seed, "req_")}
    )
