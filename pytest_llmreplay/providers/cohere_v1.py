"""Cohere chat, version 1: one message with a history beside it. PYTEST_DONT_REWRITE

Source: the Cohere API reference, "Chat" v1 (``NonStreamedChatResponse``) and "Chat with Streaming" v1, which is
newline-delimited JSON.
"""

from collections.abc import Iterator
from typing import Any

from pytest_llmreplay.model.call import (
    Answer,
    Call,
    Choice,
    Message,
    Part,
    Text,
    Tool,
    ToolCall,
    ToolResult,
)
from pytest_llmreplay.model.jsonvalue import JSON, Object, items, members, text
from pytest_llmreplay.model.trace import Hints
from pytest_llmreplay.model.wire import WireRequest, WireResponse
from pytest_llmreplay.providers import _body, _ndjson, _sse
from pytest_llmreplay.providers._json import dumps
from pytest_llmreplay.providers.cohere_chat import (
    FINISH,
    billed,
    error_of,
    error_response,
    finish_word,
    first,
    made_up_id,
    parameters,
    usage_body,
    usage_of,
)

NAME = "cohere.v1.chat"
HEADERS = {"content-type": "application/stream+json"}
TRANSPORT = frozenset(
    {"model", "message", "chat_history", "preamble", "tools", "tool_results", "stream", "request_options"}
)
"""Members of a request that are no parameters of the question."""
ROLES = {"SYSTEM": "system", "USER": "user", "CHATBOT": "assistant", "TOOL": "tool"}
WORDS = {role: word for word, role in ROLES.items()}
DETAILS = ("citations", "documents", "search_queries", "search_results", "is_search_required")
"""Members of an answer that stand beside its text."""


class CohereV1Chat:
    """Chat by the path ``/v1/chat``."""

    name = NAME

    def spoken_by(self, hints: Hints) -> bool:
        """Never by words alone: a span of version 1 says the same as one of version 2."""
        return False

    def asks(self, body: Object) -> bool:
        """One message, as text."""
        return isinstance(body.get("message"), str) and "messages" not in body

    def tells(self, body: Object) -> bool:
        """A text with the ids of this version."""
        return isinstance(body.get("text"), str) and ("generation_id" in body or "response_id" in body)

    def claims(self, request: WireRequest) -> bool:
        """A POST to ``…/v1/chat``."""
        return request.method == "POST" and request.path.endswith("/v1/chat")

    def call(self, request: WireRequest) -> Call:
        """The question of a request."""
        body = _body.asked(request)
        if not self.asks(body):
            raise ValueError("the body has no message")
        return self.call_of_body(body)

    def call_of_body(self, body: Object) -> Call:
        """The question of a request body: preamble, history, results of tools, and the message at the end."""
        return Call(
            kind="chat",
            provider=NAME,
            model=text(body.get("model")),
            messages=tuple(messages_of(body)),
            tools=tuple(tool(members(each)) for each in items(body.get("tools"))),
            parameters=parameters(body, TRANSPORT),
            stream=bool(body.get("stream")),
        )

    def parts(self, content: Any) -> tuple[Part, ...]:
        """Message content, which is text."""
        return (Text(content),) if isinstance(content, str) and content else ()

    def pin(self, body: dict[str, Any], seed: int) -> tuple[dict[str, Any], tuple[str, ...]]:
        """Seed and temperature 0."""
        return {**body, "seed": seed, "temperature": 0}, ()

    def answer(self, call: Call, answer: Answer) -> WireResponse:
        """A text, a stream of events, or an error."""
        if answer.error is not None:
            return error_response(answer.error)
        body = answer.raw if answer.raw is not None and answer.provider == NAME else whole(call, answer)
        if call.stream:
            return WireResponse(200, HEADERS, b"".join(map(_ndjson.line, events(members(body)))))
        return _body.reply(body)

    def read(self, response: WireResponse) -> Answer:
        """The answer of a response: an error, a text, or the end of a stream, which has it all."""
        if response.status >= 400:
            return Answer(provider=NAME, error=error_of(response))
        try:
            told = list(map(members, _ndjson.lines(response.body)))
            end = next((each["response"] for each in told if each.get("event_type") == "stream-end"), None)
            if end is None and (len(told) != 1 or "event_type" in told[0]):
                raise ValueError("the stream has no end")
            return self.answer_of_body(members(end) or told[0])
        except ValueError as error:
            raise ValueError(f"the body is neither a text nor a stream of events: {error}") from None

    def answer_of_body(self, body: Object) -> Answer:
        """The answer of a decoded response body."""
        words = text(body.get("text")) or ""
        calls = [tool_call(members(each)) for each in items(body.get("tool_calls"))]
        details = {name: body[name] for name in DETAILS if body.get(name) is not None}
        parts: tuple[Part, ...] = (Text(words), *calls) if words else tuple(calls)
        own = text(body.get("response_id")) or text(body.get("generation_id"))
        generation = text(body.get("generation_id"))
        meta = members(body.get("meta"))
        return Answer(
            provider=NAME,
            choices=(Choice(parts=parts, finish_reason=text(body.get("finish_reason")), details=details),),
            id=own,
            usage=usage_of(meta),
            details={**({"generation_id": generation} if generation and generation != own else {}), **billed(meta)},
        )


def messages_of(body: Object) -> Iterator[Message]:
    """The conversation of a request."""
    if preamble := text(body.get("preamble")):
        yield Message("system", (Text(preamble),))
    for each in map(members, items(body.get("chat_history"))):
        role = ROLES.get((text(each.get("role")) or "").upper(), "user")
        words = text(each.get("message"))
        calls = (tool_call(members(called)) for called in items(each.get("tool_calls")))
        yield Message(role, (*([Text(words)] if words else []), *calls, *results(each)))
    if told := tuple(results(body)):
        yield Message("tool", told)
    if message := text(body.get("message")):
        yield Message("user", (Text(message),))


def results(each: Object) -> Iterator[ToolResult]:
    """The results of tools, as the JSON of their outputs."""
    return (ToolResult(dumps(members(result).get("outputs"))) for result in items(each.get("tool_results")))


def tool_call(each: Object) -> ToolCall:
    """A tool call, which has no id in this version."""
    return ToolCall(text(each.get("name")) or "", each.get("parameters") or {})


def tool(each: Object) -> Tool:
    """A tool of a request; its parameters are no JSON schema in this version."""
    return Tool(text(each.get("name")) or "", text(each.get("description")), each.get("parameter_definitions"))


def whole(call: Call, answer: Answer) -> dict[str, Any]:
    """A whole response, with the conversation as it stands now."""
    choice = first(answer)
    words = "".join(part.content for part in choice.parts if isinstance(part, Text))
    calls = [call_body(part) for part in choice.parts if isinstance(part, ToolCall)]
    identity = answer.id or made_up_id(answer.seed)
    body = {
        "response_id": identity,
        "generation_id": answer.details.get("generation_id") or identity,
        "text": words,
        "finish_reason": word_of(choice),
        "chat_history": [*history(call), {"role": "CHATBOT", "message": words}],
        "meta": {"api_version": {"version": "1"}, **(usage_body(answer) or {})},
    }
    extra = {name: choice.details[name] for name in DETAILS if name in choice.details}
    return {**body, **extra, **({"tool_calls": calls} if calls else {})}


def word_of(choice: Choice) -> str:
    """This version's word for why a choice ended: a tool call is a complete answer."""
    word = finish_word(choice)
    return FINISH["stop"] if word == FINISH["tool_call"] else word


def call_body(each: ToolCall) -> dict[str, JSON]:
    """A tool call as this version writes it."""
    return {"name": each.name, "parameters": each.arguments}


def history(call: Call) -> Iterator[dict[str, JSON]]:
    """What was said so far, as this version writes it."""
    for message in call.messages:
        words = "".join(part.content for part in message.parts if isinstance(part, Text))
        if words:
            yield {"role": WORDS.get(message.role, "USER"), "message": words}


def events(body: Object) -> Iterator[dict[str, JSON]]:
    """A stream: its start, the text in pieces, citations and tool calls, and the whole answer at the end."""
    yield {"is_finished": False, "event_type": "stream-start", "generation_id": body.get("generation_id")}
    for piece in _sse.pieces(text(body.get("text")) or ""):
        yield {"is_finished": False, "event_type": "text-generation", "text": piece}
    if citations := body.get("citations"):
        yield {"is_finished": False, "event_type": "citation-generation", "citations": citations}
    if calls := body.get("tool_calls"):
        yield {"is_finished": False, "event_type": "tool-calls-generation", "tool_calls": calls}
    reason = body.get("finish_reason")
    yield {"is_finished": True, "event_type": "stream-end", "finish_reason": reason, "response": body}
