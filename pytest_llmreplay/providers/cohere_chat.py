"""Cohere chat, version 2: messages in, content blocks or tool calls out. PYTEST_DONT_REWRITE

Source: the Cohere API reference, "Chat" v2 (``AssistantMessageResponse``, ``Usage``) and "Chat with Streaming" v2.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from pytest_llmreplay.model.call import (
    Answer,
    ApiError,
    Call,
    Choice,
    Message,
    Other,
    Part,
    Reasoning,
    Text,
    ToolCall,
    ToolResult,
    Usage,
    finish_class,
)
from pytest_llmreplay.model.jsonvalue import JSON, Object, integer, items, members, text
from pytest_llmreplay.model.trace import Hints
from pytest_llmreplay.model.wire import WireRequest, WireResponse
from pytest_llmreplay.providers import _body, _sse
from pytest_llmreplay.providers._json import arguments_text, dumps, loads, made_up, media
from pytest_llmreplay.providers._openai import tool

NAME = "cohere.chat"
TRANSPORT = frozenset({"model", "messages", "tools", "stream", "request_options"})
"""Members of a request that are no parameters of the question."""
NAMES = {"p": "top_p", "k": "top_k"}
"""Parameters that the GenAI conventions call otherwise."""
FINISH = {
    "stop": "COMPLETE",
    "length": "MAX_TOKENS",
    "tool_call": "TOOL_CALL",
    "content_filter": "ERROR",
    "error": "ERROR",
}
"""This API's words for GenAI finish reasons."""
MESSAGE = frozenset({"role", "content", "tool_plan", "tool_calls"})


class CohereChat:
    """Chat by the path ``/v2/chat``."""

    name = NAME

    def spoken_by(self, hints: Hints) -> bool:
        """A chat span of Cohere's SDK; version 1 has no span that could be told apart by its words."""
        return of_cohere(hints) and "embed" not in hints.operation and "rerank" not in hints.operation

    def asks(self, body: Object) -> bool:
        """A list of messages with roles."""
        messages = body.get("messages")
        return isinstance(messages, list) and all(isinstance(m, Mapping) and "role" in m for m in messages)

    def tells(self, body: Object) -> bool:
        """One message with a finish reason; a trace of a stream has the message alone, with a plan, calls or blocks."""
        if isinstance(body.get("message"), Mapping):
            return "finish_reason" in body and "done" not in body
        typed = all("type" in members(each) for each in items(body.get("content")))
        return body.get("role") == "assistant" and typed and {"role"} < body.keys() <= {*MESSAGE, "citations"}

    def claims(self, request: WireRequest) -> bool:
        """A POST to ``…/v2/chat``."""
        return request.method == "POST" and request.path.endswith("/v2/chat")

    def call(self, request: WireRequest) -> Call:
        """The question of a request."""
        return self.call_of_body(_body.asked(request, "messages"))

    def call_of_body(self, body: Object) -> Call:
        """The question of a request body, or of the SDK's arguments."""
        return Call(
            kind="chat",
            provider=NAME,
            model=text(body.get("model")),
            messages=tuple(self.message(members(each)) for each in items(body.get("messages"))),
            tools=tuple(tool(each) for each in items(body.get("tools"))),
            parameters=parameters(body, TRANSPORT),
            stream=bool(body.get("stream")),
        )

    def message(self, each: Object) -> Message:
        """One message of a request or an answer."""
        role = text(each.get("role")) or "assistant"
        if role == "tool":
            return Message(role, (ToolResult(result_text(each.get("content")), text(each.get("tool_call_id"))),))
        return Message(role, tuple(self.message_parts(each)))

    def message_parts(self, each: Object) -> Iterator[Part]:
        """The parts of one message; the plan of an assistant that calls tools is what it says about it."""
        if plan := text(each.get("tool_plan")):
            yield Text(plan)
        yield from (part for part in self.parts(each.get("content")) if part != Text(""))
        for called in map(members, items(each.get("tool_calls"))):
            function = members(called.get("function"))
            arguments = loads(text(function.get("arguments")) or "{}")
            yield ToolCall(text(function.get("name")) or "", arguments, text(called.get("id")))

    def parts(self, content: Any) -> tuple[Part, ...]:
        """Message content: text, or a list of blocks."""
        if isinstance(content, str):
            return (Text(content),) if content else ()
        return tuple(block_part(each) for each in items(content))

    def pin(self, body: dict[str, Any], seed: int) -> tuple[dict[str, Any], tuple[str, ...]]:
        """Seed and temperature 0."""
        return {**body, "seed": seed, "temperature": 0}, ()

    def answer(self, call: Call, answer: Answer) -> WireResponse:
        """A message, a stream of events, or an error."""
        if answer.error is not None:
            return error_response(answer.error)
        if call.stream:
            return WireResponse(200, _sse.HEADERS, b"".join(events(answer)))
        body = answer.raw if answer.raw is not None and answer.provider == NAME else whole(answer)
        return _body.reply(body)

    def read(self, response: WireResponse) -> Answer:
        """The answer of a response: an error, a message, or a stream put together."""
        if response.status >= 400:
            return Answer(provider=NAME, error=error_of(response))
        with _body.named("neither a message nor a stream of events"):
            return self.answer_of_body(_body.whole(response.body, joined))

    def answer_of_body(self, body: Object) -> Answer:
        """The answer of a decoded response body, or of a message alone."""
        message = members(body.get("message")) if "message" in body else body
        details = {name: value for name, value in message.items() if name not in MESSAGE and value is not None}
        if body.get("logprobs") is not None:
            details["logprobs"] = body["logprobs"]
        choice = Choice(
            parts=tuple(self.message_parts(message)),
            finish_reason=text(body.get("finish_reason")),
            details=details,
        )
        usage = members(body.get("usage"))
        return Answer(
            provider=NAME,
            choices=(choice,),
            id=text(body.get("id")),
            usage=usage_of(usage),
            details=billed(usage),
        )


def of_cohere(hints: Hints) -> bool:
    """Whether a span tells of Cohere's own API; some instrumentations say so by their scope only."""
    return "cohere" in hints.system or "cohere" in hints.scope


def parameters(body: Object, transport: frozenset[str]) -> dict[str, JSON]:
    """The parameters of a request under their GenAI names."""
    return {NAMES.get(k, k): v for k, v in body.items() if k not in transport and v is not None}


def block_part(each: Any) -> Part:
    """One block of a message's content; a trace may have lost its type."""
    if isinstance(each, str):
        return Text(each)
    each = members(each)
    kind = text(each.get("type"))
    if kind == "thinking" or (kind is None and each.get("thinking")):
        return Reasoning(text(each.get("thinking")) or "")
    if kind == "text" or (kind is None and "text" in each):
        return Text(text(each.get("text")) or "")
    if kind == "image_url":
        value = each.get("image_url")
        return media("image", members(value).get("url") or value)
    if kind == "image":
        return media("image", each.get("image"))
    return Other(kind or "unknown", each)


def result_text(content: Any) -> str:
    """A tool's result as text: documents as their JSON."""
    if isinstance(content, str):
        return content
    blocks = [each if isinstance(each, Mapping) else {"type": "text", "text": each} for each in items(content)]
    return "".join(
        text(each.get("text")) or "" if each.get("type") == "text" else dumps(each.get("document", each))
        for each in blocks
    )


def usage_of(body: Object) -> Usage | None:
    """Token counts (whole floats on the wire): tokens where they are told, billed units otherwise."""
    tokens = members(body.get("tokens")) or members(body.get("billed_units"))
    usage = Usage(
        input=integer(tokens.get("input_tokens")),
        output=integer(tokens.get("output_tokens")),
        cache_read=integer(body.get("cached_tokens")),
    )
    return None if usage == Usage() else usage


def billed(body: Object) -> dict[str, JSON]:
    """What was billed, as a detail of the answer, where it is something else than the tokens."""
    units = body.get("billed_units")
    return {"billed_units": units} if units and units != members(body.get("tokens")) else {}


def usage_body(answer: Answer) -> dict[str, JSON] | None:
    """Token counts as this API writes them; what was billed stands for itself or for the tokens, whichever is known."""
    usage = answer.usage
    if usage is None or (usage.input is None and usage.output is None):
        return None
    tokens: dict[str, JSON] = {"input_tokens": usage.input or 0, "output_tokens": usage.output or 0}
    body: dict[str, JSON] = {"billed_units": answer.details.get("billed_units") or tokens, "tokens": tokens}
    return body if usage.cache_read is None else {**body, "cached_tokens": usage.cache_read}


def made_up_id(seed: str) -> str:
    """An id in the form of a UUID: the same in every run."""
    digits = made_up(seed, "", 32)
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def finish_word(choice: Choice) -> str:
    """This API's word for why a choice ended; its own are in capitals."""
    calls = any(isinstance(part, ToolCall) for part in choice.parts)
    word = choice.finish_reason or ("tool_call" if calls else "stop")
    return word if word.isupper() and word not in ("STOP", "SAFETY") else FINISH.get(finish_class(word), "COMPLETE")


def message_body(choice: Choice, seed: str) -> dict[str, Any]:
    """The message of a choice: blocks of content, or a plan and tool calls."""
    calls = [part for part in choice.parts if isinstance(part, ToolCall)]
    blocks = [block for part in choice.parts if (block := block_body(part, bool(calls))) is not None]
    body: dict[str, Any] = {"role": "assistant"}
    if blocks or not calls:
        body["content"] = blocks or [{"type": "text", "text": ""}]
    if calls:
        plan = "".join(part.content for part in choice.parts if isinstance(part, Text))
        body |= {"tool_plan": plan} if plan else {}
        body["tool_calls"] = [call_body(each, f"{seed}:{index}") for index, each in enumerate(calls)]
    extra = {name: value for name, value in choice.details.items() if name == "citations"}
    return {**body, **extra}


def block_body(part: Part, calls: bool) -> dict[str, JSON] | None:
    """A part as a block of content; what is said beside tool calls is their plan, and no block."""
    if isinstance(part, Text) and not calls:
        return {"type": "text", "text": part.content}
    if isinstance(part, Reasoning):
        return {"type": "thinking", "thinking": part.content}
    return None


def call_body(each: ToolCall, seed: str) -> dict[str, Any]:
    """A tool call as this API writes it: the tool's name begins the id."""
    function: JSON = {"name": each.name, "arguments": arguments_text(each.arguments)}
    return {"id": each.id or made_up(seed, f"{each.name}_", 12), "type": "function", "function": function}


def first(answer: Answer) -> Choice:
    """The only choice; an empty one where there is none."""
    return answer.choices[0] if answer.choices else Choice()


def whole(answer: Answer) -> dict[str, Any]:
    """A whole response."""
    choice = first(answer)
    body = {
        "id": answer.id or made_up_id(answer.seed),
        "finish_reason": finish_word(choice),
        "message": message_body(choice, answer.seed),
        "usage": usage_body(answer),
    }
    logprobs = choice.details.get("logprobs")
    return body if logprobs is None else {**body, "logprobs": logprobs}


def events(answer: Answer) -> Iterator[bytes]:
    """A stream: message-start, blocks and tool calls in pieces, citations, message-end."""
    body = whole(answer)
    message = body["message"]
    empty: JSON = {"role": "assistant", "content": [], "tool_plan": "", "tool_calls": [], "citations": []}
    yield event("message-start", empty, id=body["id"])
    for piece in _sse.pieces(message.get("tool_plan") or ""):
        yield event("tool-plan-delta", {"tool_plan": piece})
    for index, block in enumerate(message.get("content") or ()):
        yield from block_events(index, block)
    for index, called in enumerate(message.get("tool_calls") or ()):
        yield from call_events(index, called)
    for index, citation in enumerate(message.get("citations") or ()):
        yield event("citation-start", {"citations": citation}, index=index)
        yield event("citation-end", None, index=index)
    end = {"type": "message-end", "delta": {"finish_reason": body["finish_reason"], "usage": body["usage"]}}
    yield _sse.event(end, "message-end")
    yield _sse.DONE


def event(kind: str, message: JSON, **more: JSON) -> bytes:
    """One event with what it adds to the message."""
    body = {"type": kind, **more}
    return _sse.event(body if message is None else {**body, "delta": {"message": message}}, kind)


def block_events(index: int, block: Object) -> Iterator[bytes]:
    """The events of one block of content."""
    kind = block["type"]
    yield event("content-start", {"content": {"type": kind, kind: ""}}, index=index)
    for piece in _sse.pieces(block[kind]):
        yield event("content-delta", {"content": {kind: piece}}, index=index)
    yield event("content-end", None, index=index)


def call_events(index: int, called: Object) -> Iterator[bytes]:
    """The events of one tool call."""
    function = called["function"]
    opening = {**called, "function": {**function, "arguments": ""}}
    yield event("tool-call-start", {"tool_calls": opening}, index=index)
    for piece in _sse.pieces(function["arguments"]):
        yield event("tool-call-delta", {"tool_calls": {"function": {"arguments": piece}}}, index=index)
    yield event("tool-call-end", None, index=index)


def joined(body: bytes) -> Object:
    """A stream put together to one response body."""
    whole: dict[str, Any] = {"message": {"role": "assistant"}}
    for each in _sse.objects(body):
        add_event(whole, each)
    return whole


def add_event(whole: dict[str, Any], event: Object) -> None:
    """Add one event to the body put together so far."""
    kind, delta = event.get("type"), members(event.get("delta"))
    added, message = members(delta.get("message")), whole["message"]
    if kind == "message-start":
        whole["id"] = event.get("id")
    elif kind == "tool-plan-delta":
        message["tool_plan"] = message.get("tool_plan", "") + (text(added.get("tool_plan")) or "")
    elif kind == "content-start":
        message.setdefault("content", []).append(dict(members(added.get("content"))))
    elif kind == "content-delta" and message.get("content"):
        add_texts(message["content"][-1], members(added.get("content")))
    elif kind == "tool-call-start":
        called = members(added.get("tool_calls"))
        function = dict(members(called.get("function")))
        message.setdefault("tool_calls", []).append({**called, "function": function})
    elif kind == "tool-call-delta" and message.get("tool_calls"):
        add_texts(message["tool_calls"][-1]["function"], members(members(added.get("tool_calls")).get("function")))
    elif kind == "citation-start":
        message.setdefault("citations", []).append(added.get("citations"))
    elif kind == "message-end":
        whole["finish_reason"], whole["usage"] = delta.get("finish_reason"), delta.get("usage")


def add_texts(slot: dict[str, Any], added: Object) -> None:
    """Add the texts of a delta to those there are."""
    for name, value in added.items():
        if isinstance(value, str):
            slot[name] = (text(slot.get(name)) or "") + value


def error_of(response: WireResponse) -> ApiError:
    """The error of a response."""
    body = _body.problem(response.body)
    return _body.api_error(response.status, body, None, members(body).get("message"))


def error_response(error: ApiError) -> WireResponse:
    """An error as this API gives it."""
    own = isinstance(error.body, Mapping) and "message" in error.body
    body = error.body if own else {"message": error.message}
    return _body.reply(body, error.status)
