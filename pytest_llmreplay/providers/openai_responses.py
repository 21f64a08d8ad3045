"""OpenAI Responses, as OpenAI, Azure and some compatible hosts speak it. PYTEST_DONT_REWRITE

Source: the OpenAI API reference, "Responses" (object ``response``, its items, and "Streaming events").
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
    Refusal,
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
from pytest_llmreplay.providers._json import arguments_text, loads, made_up, result_text
from pytest_llmreplay.providers._openai import (
    REASONS,
    SYSTEMS,
    error_of,
    error_response,
    flat,
    parts,
    tool,
    usage_named,
)

NAME = "openai.responses"
SPANS = frozenset({"openai.response", "response"})
"""Names that instrumentations give to spans of this API, in lower case."""
TRANSPORT = frozenset(
    {"input", "instructions", "tools", "model", "stream", "stream_options", "reasoning", "extra_headers", "extra_query",
     "timeout", "prompt_cache_key"}
)  # fmt: skip
"""Members of a request that are no parameters of the question, or are taken apart."""
NAMES = {"max_output_tokens": "max_tokens"}
"""Parameters that the GenAI conventions call otherwise."""
STATES = frozenset({"completed", "failed", "in_progress", "cancelled", "queued"})
"""Words for why an answer ended, which this API calls its status."""
CUT_SHORT = frozenset({"max_output_tokens", "content_filter", "max_messages", "steered"})
"""Reasons of an answer that is incomplete."""
LATER = ("usage", "completed_at", "incomplete_details", "error")
"""Members that are null until a response has ended."""
DETAILS = ("service_tier", "error")
RUNS = frozenset({"file_search_call", "web_search_call", "code_interpreter_call", "image_generation_call", "mcp_call"})
"""Tools that the server runs itself; their events tell that they run and that they are done."""


class OpenAIResponses:
    """Responses by path and body; the host does not matter."""

    name = NAME

    def spoken_by(self, hints: Hints) -> bool:
        """Spans that name this API; chat completions of the same provider have spans of their own."""
        if "response" not in hints.api and hints.name.lower() not in SPANS:
            return False
        return "openai" in hints.system or hints.system in SYSTEMS or not hints.system

    def asks(self, body: Object) -> bool:
        """An input that is neither a list of messages nor to be embedded."""
        return "input" in body and not {"messages", "dimensions", "encoding_format"} & body.keys()

    def tells(self, body: Object) -> bool:
        """A response with its items."""
        return body.get("object") == "response" and isinstance(body.get("output"), list)

    def claims(self, request: WireRequest) -> bool:
        """A POST to ``…/responses``."""
        return request.method == "POST" and request.path.endswith("/responses")

    def call(self, request: WireRequest) -> Call:
        """The question of a request."""
        return self.call_of_body(_body.asked(request, "input", "prompt", "previous_response_id", "conversation"))

    def call_of_body(self, body: Object) -> Call:
        """The question of a request body, or of the SDK's keyword arguments; the instructions are its first message."""
        body = flat(body)
        first = self.parts(body.get("instructions"))
        return Call(
            kind="chat",
            provider=NAME,
            model=text(body.get("model")),
            messages=(*((Message("system", first),) if first else ()), *self.turns(body.get("input"))),
            tools=tuple(tool(each) for each in items(body.get("tools"))),
            parameters=parameters(body),
            stream=bool(body.get("stream")),
        )

    def turns(self, given: Any) -> Iterator[Message]:
        """The messages of an input: a text, or a list of items."""
        if isinstance(given, str):
            yield Message("user", self.parts(given))
            return
        for each in items(given):
            item = members(each)
            if item.get("type", "message") in ("message", None):
                yield Message(text(item.get("role")) or "user", self.parts(item.get("content")))
            elif item.get("type") == "reasoning":
                yield Message("assistant", tuple(Reasoning(each) for each in thoughts(item)))
            else:
                part = item_part(item)
                yield Message("tool" if isinstance(part, ToolResult) else "assistant", (part,))

    def pin(self, body: dict[str, Any], seed: int) -> tuple[dict[str, Any], tuple[str, ...]]:
        """Temperature 0, but for models that reason, which refuse one; there is no seed."""
        if REASONS.search(text(body.get("model")) or ""):
            return body, ("seed", "temperature")
        return {**body, "temperature": 0}, ("seed",)

    def parts(self, content: Any) -> tuple[Part, ...]:
        """Message content: text, or a list of typed parts."""
        return parts(content)

    def answer(self, call: Call, answer: Answer) -> WireResponse:
        """A response, a stream of its events, or an error."""
        if answer.error is not None:
            return error_response(answer.error)
        own = answer.raw is not None and answer.provider == NAME
        body = members(answer.raw) if own else response_body(call, answer)
        if call.stream and "output" in body:
            return WireResponse(200, _sse.HEADERS, b"".join(stream(body)))
        return _body.reply(body)

    def read(self, response: WireResponse) -> Answer:
        """The answer of a response: an error, a response object, or a stream put together."""
        if response.status >= 400:
            return Answer(provider=NAME, error=error_of(response))
        with _body.named("neither a response nor a stream of its events"):
            return self.answer_of_body(_body.whole(response.body, joined))

    def answer_of_body(self, body: Object) -> Answer:
        """The answer of a response object; one that was never made but for an error is that error."""
        error = members(body.get("error"))
        if error and "output" not in body:
            kind = text(error.get("code")) or text(error.get("type"))
            told = text(error.get("message")) or ""
            return Answer(provider=NAME, error=ApiError(status=500, type=kind, message=told, body=body))
        reason = text(members(body.get("incomplete_details")).get("reason"))
        choice = Choice(
            parts=tuple(part for each in items(body.get("output")) for part in self.told(members(each))),
            finish_reason=reason or text(body.get("status")),
        )
        return Answer(
            provider=NAME,
            choices=(choice,),
            model=text(body.get("model")),
            id=text(body.get("id")),
            usage=usage_of(body.get("usage")),
            created=integer_of(body.get("created_at")),
            details={k: body[k] for k in DETAILS if body.get(k) is not None},
        )

    def told(self, item: Object) -> tuple[Part, ...]:
        """The parts of one item of an answer."""
        return self.parts(item.get("content")) if item.get("type") == "message" else (item_part(item),)


def parameters(body: Object) -> dict[str, JSON]:
    """The parameters of a request under their GenAI names; the effort of reasoning is one by itself."""
    found: dict[str, JSON] = {NAMES.get(k, k): v for k, v in body.items() if k not in TRANSPORT and v is not None}
    reasoning = {k: v for k, v in members(body.get("reasoning")).items() if v is not None}
    if (effort := reasoning.pop("effort", None)) is not None:
        found["reasoning_effort"] = effort
    if reasoning:
        found["reasoning"] = reasoning
    return found


def integer_of(value: Any) -> int:
    """Seconds since the epoch, which come with a fraction, too."""
    return int(value) if isinstance(value, float) and 0 <= value < 2**53 else integer(value) or 0


def item_part(item: Object) -> Part:
    """An item that is no message: a tool call, its result, reasoning, or what only the API itself understands."""
    kind = text(item.get("type")) or "unknown"
    called = text(item.get("call_id"))
    if kind == "function_call":
        return ToolCall(text(item.get("name")) or "", loads(text(item.get("arguments")) or ""), called)
    if kind == "custom_tool_call":
        return ToolCall(text(item.get("name")) or "", text(item.get("input")) or "", called)
    if kind in ("function_call_output", "custom_tool_call_output"):
        return ToolResult(result_text(item.get("output")), called)
    if kind == "reasoning":
        return Reasoning("".join(thoughts(item)), text(item.get("encrypted_content")))
    return Other(kind, {k: v for k, v in item.items() if v is not None})


def thoughts(item: Object) -> list[str]:
    """The texts of a reasoning item: its summaries, and what a host shows of the thoughts themselves."""
    found = [members(each) for each in (*items(item.get("summary")), *items(item.get("content")))]
    return [text(each.get("text")) or "" for each in found]


def usage_of(usage: Any) -> Usage | None:
    """Token counts of an answer; the input holds the cached ones, as in the GenAI conventions."""
    return usage_named(usage, "input", "output")


def usage_body(usage: Usage | None) -> dict[str, JSON] | None:
    """Token counts as this API writes them; it always gives the details."""
    if usage is None or (usage.input is None and usage.output is None):
        return None
    read, written = usage.input or 0, usage.output or 0
    return {
        "input_tokens": read,
        "input_tokens_details": {"cached_tokens": usage.cache_read or 0},
        "output_tokens": written,
        "output_tokens_details": {"reasoning_tokens": usage.reasoning or 0},
        "total_tokens": read + written,
    }


def ending(choice: Choice, own: bool) -> tuple[str, str | None]:
    """Status of an answer, and the reason of one that is incomplete."""
    word = choice.finish_reason or "completed"
    if own and word in STATES:
        return word, None
    if own and word in CUT_SHORT:
        return "incomplete", word
    known = {"length": ("incomplete", "max_output_tokens"), "content_filter": ("incomplete", "content_filter")}
    failed = ("failed", None) if finish_class(word) == "error" else ("completed", None)
    return known.get(finish_class(word), failed)


def response_body(call: Call, answer: Answer) -> dict[str, JSON]:
    """A whole ``response``. Of several choices the first: this API knows only one."""
    own = answer.provider in (None, NAME)
    choice = answer.choices[0] if answer.choices else Choice()
    status, reason = ending(choice, own)
    return {
        "id": answer.id or made_up(answer.seed, "resp_", 48),
        "object": "response",
        "created_at": answer.created,
        "status": status,
        "background": bool(call.parameters.get("background")),
        "error": None,
        "incomplete_details": None if reason is None else {"reason": reason},
        "instructions": None,
        "metadata": {},
        "model": answer.model or call.model or "",
        "output": list(output_items(call, choice, answer.seed, own)),
        "parallel_tool_calls": True,
        "previous_response_id": call.parameters.get("previous_response_id"),
        "temperature": call.parameters.get("temperature"),
        "tool_choice": call.parameters.get("tool_choice") or "auto",
        "tools": [],
        "top_p": call.parameters.get("top_p"),
        "usage": usage_body(answer.usage),
        **{k: v for k, v in answer.details.items() if k in DETAILS},
    }


def output_items(call: Call, choice: Choice, seed: str, own: bool) -> Iterator[JSON]:
    """The parts of an answer as items; neighbouring texts are the content of one message."""
    custom = {each.name for each in call.tools if members(each.options).get("type") == "custom"}
    words: list[JSON] = []
    for index, part in enumerate(choice.parts):
        if isinstance(part, Text | Refusal):
            words.append(content_body(part))
            continue
        if words:
            yield message_item(words, choice.role, f"{seed}:{index}:words")
            words = []
        item = item_body(part, f"{seed}:{index}", custom, own)
        if item is not None:
            yield item
    if words:
        yield message_item(words, choice.role, seed)


def content_body(part: Text | Refusal) -> JSON:
    """A text or a refusal as part of a message."""
    if isinstance(part, Refusal):
        return {"type": "refusal", "refusal": part.content}
    return {"type": "output_text", "text": part.content, "annotations": [], "logprobs": []}


def message_item(content: list[JSON], role: str, seed: str) -> JSON:
    """A message of an answer."""
    return {
        "id": made_up(seed, "msg_", 48),
        "type": "message",
        "status": "completed",
        "role": role,
        "content": list(content),
    }


def item_body(part: Part, seed: str, custom: set[str], own: bool) -> JSON:
    """A part that is no text as an item; None for what has no place in an answer of this API."""
    if isinstance(part, ToolCall):
        called = {"call_id": part.id or made_up(seed, "call_"), "name": part.name, "status": "completed"}
        if part.name in custom:
            given = arguments_text(part.arguments)
            return {"id": made_up(seed, "ctc_", 48), "type": "custom_tool_call", **called, "input": given}
        written = arguments_text({} if part.arguments is None else part.arguments)
        return {"id": made_up(seed, "fc_", 48), "type": "function_call", **called, "arguments": written}
    if isinstance(part, Reasoning):
        summary: JSON = [{"type": "summary_text", "text": part.content}] if part.content else []
        item: dict[str, JSON] = {"id": made_up(seed, "rs_", 48), "type": "reasoning", "summary": summary}
        return {**item, "encrypted_content": part.signature} if own and part.signature else item
    if isinstance(part, Other) and isinstance(part.data, Mapping):
        if part.type == "server_tool_call":
            return server_item(part.data, seed)
        return {"id": made_up(seed, "item_", 48), **part.data, "type": part.type} if own else None
    return None


def server_item(data: Object, seed: str) -> JSON:
    """A tool that the server ran, from its GenAI part (conventions 1.40)."""
    inner = {k: v for k, v in members(data.get("server_tool_call")).items() if k != "type"}
    kind = f"{data.get('name')}_call"
    return {"id": text(data.get("id")) or made_up(seed, "item_", 48), "status": "completed", **inner, "type": kind}


def stream(body: Object) -> Iterator[bytes]:
    """The events of a response, each with its number."""
    for number, (kind, more) in enumerate(events(body)):
        yield _sse.event({"type": kind, "sequence_number": number, **more}, kind)


def events(body: Object) -> Iterator[tuple[str, dict[str, JSON]]]:
    """What happens from a response's creation to its end: each item as it begins, its pieces, and as it is done."""
    status = text(body.get("status")) or "completed"
    unfinished: dict[str, JSON] = {"output": [], **dict.fromkeys(LATER)}
    opening = {**body, "status": "queued" if status == "queued" else "in_progress", **unfinished}
    yield "response.created", {"response": opening}
    yield f"response.{opening['status']}", {"response": opening}
    if status in ("queued", "in_progress"):
        return
    for index, each in enumerate(items(body.get("output"))):
        yield from item_events(members(each), index)
    yield f"response.{status if status in ('incomplete', 'failed') else 'completed'}", {"response": body}


def item_events(item: Object, index: int) -> Iterator[tuple[str, dict[str, JSON]]]:
    """One item: added, filled, done."""
    place: dict[str, JSON] = {"item_id": item.get("id"), "output_index": index}
    kind = str(item.get("type"))
    yield "response.output_item.added", {"output_index": index, "item": empty(item)}
    if kind == "message":
        for number, each in enumerate(items(item.get("content"))):
            yield from content_events(members(each), {**place, "content_index": number})
    elif kind == "reasoning":
        yield from reasoning_events(item, place)
    elif kind == "function_call":
        yield from filled("response.function_call_arguments", "arguments", item.get("arguments"), place)
    elif kind == "custom_tool_call":
        yield from filled("response.custom_tool_call_input", "input", item.get("input"), place)
    elif kind in RUNS:
        yield f"response.{kind}.in_progress", place
        yield f"response.{kind}.completed", place
    yield "response.output_item.done", {"output_index": index, "item": item}


def empty(item: Object) -> dict[str, JSON]:
    """An item as it begins."""
    blank: dict[str, dict[str, JSON]] = {
        "message": {"content": []},
        "reasoning": {"summary": []},
        "function_call": {"arguments": ""},
        "custom_tool_call": {"input": ""},
    }
    begun = {**item, **blank.get(str(item.get("type")), {})}
    begun.pop("encrypted_content", None)
    return {**begun, "status": "in_progress"} if "status" in begun else begun


def filled(event: str, member: str, value: Any, place: dict[str, JSON]) -> Iterator[tuple[str, dict[str, JSON]]]:
    """A text in pieces, and then as a whole."""
    whole = text(value) or ""
    for piece in _sse.pieces(whole):
        yield f"{event}.delta", {**place, "delta": piece}
    yield f"{event}.done", {**place, member: whole}


def content_events(part: Object, place: dict[str, JSON]) -> Iterator[tuple[str, dict[str, JSON]]]:
    """One part of a message's content: a text with its annotations, or a refusal."""
    member = "refusal" if part.get("type") == "refusal" else "text"
    begun: dict[str, JSON] = {**part, member: ""}
    if member == "text":
        begun["annotations"] = []
    yield "response.content_part.added", {**place, "part": begun}
    event = "response.refusal" if member == "refusal" else "response.output_text"
    more: dict[str, JSON] = {} if member == "refusal" else {"logprobs": []}
    for kind, data in filled(event, member, part.get(member), place):
        yield kind, {**data, **more}
    for number, each in enumerate(items(part.get("annotations"))):
        yield f"{event}.annotation.added", {**place, "annotation_index": number, "annotation": each}
    yield "response.content_part.done", {**place, "part": part}


def reasoning_events(item: Object, place: dict[str, JSON]) -> Iterator[tuple[str, dict[str, JSON]]]:
    """The summaries of reasoning, and its text where a host shows it."""
    for number, each in enumerate(map(members, items(item.get("summary")))):
        here = {**place, "summary_index": number}
        yield "response.reasoning_summary_part.added", {**here, "part": {**each, "text": ""}}
        yield from filled("response.reasoning_summary_text", "text", each.get("text"), here)
        yield "response.reasoning_summary_part.done", {**here, "part": each}
    for number, each in enumerate(map(members, items(item.get("content")))):
        yield from filled("response.reasoning_text", "text", each.get("text"), {**place, "content_index": number})


def joined(body: bytes) -> Object:
    """A stream put together to one response object; where it broke off, the items so far."""
    whole: dict[str, Any] = {}
    found: dict[int, dict[str, Any]] = {}
    for _, data in _sse.events(body):
        if data == b"[DONE]":
            break
        event = members(_body.decode(data))
        kind = text(event.get("type")) or ""
        if kind == "error" or (not kind and event.get("error")):
            return {"error": members(event.get("error")) or event}
        if isinstance(event.get("response"), Mapping):
            whole = dict(event["response"])
        elif kind in ("response.output_item.added", "response.output_item.done"):
            found[integer(event.get("output_index")) or 0] = dict(members(event.get("item")))
        elif kind.endswith(".delta"):
            add_delta(found.get(integer(event.get("output_index")) or 0), kind, event)
    if not items(whole.get("output")):
        whole["output"] = [found[index] for index in sorted(found)]
    return whole


def add_delta(item: dict[str, Any] | None, kind: str, event: Object) -> None:
    """Add a piece of text or of arguments to the item that it belongs to."""
    piece = text(event.get("delta"))
    if item is None or piece is None:
        return
    if kind == "response.output_text.delta":
        content = [*items(item.get("content"))] or [{"type": "output_text", "text": ""}]
        last = members(content[-1])
        item["content"] = [*content[:-1], {**last, "text": (text(last.get("text")) or "") + piece}]
    elif kind == "response.function_call_arguments.delta":
        item["arguments"] = (text(item.get("arguments")) or "") + piece
