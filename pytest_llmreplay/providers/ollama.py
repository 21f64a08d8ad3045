"""Ollama's own API: chat, and generation from a prompt, both streamed as newline-delimited JSON. PYTEST_DONT_REWRITE

Source: the Ollama API documentation, "Generate a chat completion" and "Generate a completion". A prompt is put into the
model's chat template by the server, so it is a chat of one turn.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from pytest_llmreplay.model.call import (
    Answer,
    ApiError,
    Call,
    Choice,
    Known,
    Media,
    Message,
    Part,
    Reasoning,
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
from pytest_llmreplay.providers import _body, _ndjson, _sse
from pytest_llmreplay.providers._json import inline, loads
from pytest_llmreplay.providers._openai import tool
from pytest_llmreplay.providers.cohere_chat import first

NAME = "ollama.chat"
HEADERS = {"content-type": "application/x-ndjson"}
TRANSPORT = frozenset(
    {"model", "messages", "prompt", "system", "images", "tools", "stream", "options", "keep_alive"}
)  # fmt: skip
"""Members of a request that are no parameters of the question."""
UNSET = frozenset({"format", "template", "suffix", "context", "raw"})
"""Members that the SDK sends empty where they were not given."""
NAMES = {"num_predict": "max_tokens", "stop": "stop_sequences"}
"""Options that the GenAI conventions call otherwise."""
FINISH = {"stop": "stop", "length": "length", "tool_call": "stop"}
SCHEMA = ("type", "$defs", "items", "required", "properties")
PROPERTY = ("type", "items", "description", "enum")
"""Members of a tool's schema that the SDK sends; all others it drops."""
DATA = re.compile(r"[A-Za-z0-9+/]{64}")
"""How the data of an image begin; a file's name has a dot, or is shorter."""
DETAILS = ("total_duration", "load_duration", "prompt_eval_duration", "eval_duration", "context", "logprobs")
"""Members of an answer that stand beside its message."""


class Ollama:
    """Chat and generation by the paths ``/api/chat`` and ``/api/generate``."""

    name = NAME

    def spoken_by(self, hints: Hints) -> bool:
        """A chat or completion span of Ollama's SDK."""
        return of_ollama(hints) and "embed" not in hints.operation

    def asks(self, body: Object) -> bool:
        """A list of messages, or a prompt."""
        return isinstance(body.get("messages"), list) or isinstance(body.get("prompt"), str)

    def tells(self, body: Object) -> bool:
        """A message or a response, with the mark that it is done."""
        return "done" in body and (isinstance(body.get("message"), Mapping) or isinstance(body.get("response"), str))

    def claims(self, request: WireRequest) -> bool:
        """A POST to ``…/api/chat`` or ``…/api/generate``."""
        return request.method == "POST" and request.path.endswith(("/api/chat", "/api/generate"))

    def call(self, request: WireRequest) -> Call:
        """The question of a request; the API streams unless it is told not to."""
        body = _body.asked(request)
        if not self.asks(body):
            raise ValueError("the body has neither messages nor a prompt")
        return self.call_of_body({"stream": True, **body})

    def call_of_body(self, body: Object) -> Call:
        """The question of a request body, or of the SDK's arguments, which may be files and Python functions."""
        messages = tuple(messages_of(body))
        tools = [each for each in items(body.get("tools")) if isinstance(each, Mapping)]
        fields = {"model", "messages", *(["tools"] if len(tools) == len(items(body.get("tools"))) else [])}
        files = any(isinstance(part, Media) and not part.reference for each in messages for part in each.parts)
        return Call(
            kind="chat",
            provider=NAME,
            model=text(body.get("model")),
            messages=messages,
            tools=tuple(map(tool_of, tools)),
            parameters=dict(parameters(body)),
            stream=bool(body.get("stream")),
            options={"generate": "messages" not in body},
            known=Known(fields=frozenset(fields), lost=frozenset({"media"} if files else ())),
        )

    def parts(self, content: Any) -> tuple[Part, ...]:
        """Message content, which is text."""
        return (Text(content),) if isinstance(content, str) and content else ()

    def pin(self, body: dict[str, Any], seed: int) -> tuple[dict[str, Any], tuple[str, ...]]:
        """Seed and temperature 0, among the options."""
        return {**body, "options": {**members(body.get("options")), "seed": seed, "temperature": 0}}, ()

    def answer(self, call: Call, answer: Answer) -> WireResponse:
        """A message or a response, a stream of them, or an error."""
        if answer.error is not None:
            return error_response(answer.error)
        generate = bool(call.options.get("generate"))
        if call.stream:
            return WireResponse(200, HEADERS, b"".join(map(_ndjson.line, chunks(call, answer, generate))))
        raw = members(answer.raw) if answer.provider == NAME else {}
        fits = ("response" if generate else "message") in raw
        return _body.reply(raw if fits else whole(call, answer, generate))

    def read(self, response: WireResponse) -> Answer:
        """The answer of a response: an error, one object, or a stream of them put together."""
        if response.status >= 400:
            return Answer(provider=NAME, error=error_of(response))
        try:
            told = [members(each) for each in _ndjson.lines(response.body)]
        except ValueError as error:
            raise ValueError(f"the body is no sequence of JSON objects: {error}") from None
        if failed := next((each for each in told if "error" in each), None):
            return Answer(provider=NAME, error=ApiError(status=500, message=str(failed["error"]), body=failed))
        if not told or not self.tells(told[-1]):
            raise ValueError("the body has neither a message nor a response")
        return self.answer_of_body(joined(told))

    def answer_of_body(self, body: Object) -> Answer:
        """The answer of a decoded response body."""
        message = members(body.get("message")) or {"content": body.get("response"), "thinking": body.get("thinking")}
        choice = Choice(
            parts=message_of({**message, "role": "assistant"}).parts,
            finish_reason=text(body.get("done_reason")),
        )
        usage = Usage(input=integer(body.get("prompt_eval_count")), output=integer(body.get("eval_count")))
        return Answer(
            provider=NAME,
            choices=(choice,),
            model=text(body.get("model")),
            usage=None if usage == Usage() else usage,
            created=seconds_of(text(body.get("created_at")) or ""),
            details={name: body[name] for name in DETAILS if body.get(name) is not None},
        )


def of_ollama(hints: Hints) -> bool:
    """Whether a span tells of Ollama's own API; a failed call's span may say so by its scope only."""
    return "ollama" in hints.system or "ollama" in hints.scope


def messages_of(body: Object) -> Iterator[Message]:
    """The conversation of a request; a prompt is one turn, behind its system text."""
    if "messages" in body:
        yield from (message_of(members(each)) for each in items(body.get("messages")))
        return
    if system := text(body.get("system")):
        yield Message("system", (Text(system),))
    yield message_of({"role": "user", "content": body.get("prompt"), "images": body.get("images")})


def message_of(each: Object) -> Message:
    """One message."""
    role, content = text(each.get("role")) or "user", text(each.get("content")) or ""
    if role == "tool":
        return Message(role, (ToolResult(content, text(each.get("tool_call_id"))),))
    thought = text(each.get("thinking"))
    calls = (members(members(called).get("function")) for called in items(each.get("tool_calls")))
    return Message(
        role,
        (
            *([Reasoning(thought)] if thought else []),
            *([Text(content)] if content else []),
            *map(image, items(each.get("images"))),
            *(ToolCall(text(called.get("name")) or "", arguments_of(called.get("arguments"))) for called in calls),
        ),
    )


def arguments_of(value: Any) -> JSON:
    """Arguments as data; the SDK takes their JSON text, too."""
    found = loads(value) if isinstance(value, str) else value
    return {} if found is None else found


def image(each: Any) -> Media:
    """An image by the digest of its data. The SDK takes a file's name, too, whose content nobody recorded."""
    value = text(each) or text(members(each).get("value")) or ""
    return inline("image", value) if DATA.match(value) else Media("image", "")


def tool_of(each: Any) -> Tool:
    """A tool with as much of its schema as the SDK sends."""
    found = tool(each)
    schema = members(found.parameters)
    properties = {name: kept(members(value), PROPERTY) for name, value in members(schema.get("properties")).items()}
    parameters = kept({"type": "object", **schema}, SCHEMA) | ({"properties": properties} if properties else {})
    return Tool(found.name, found.description, parameters if schema else None)


def kept(schema: Object, names: tuple[str, ...]) -> dict[str, JSON]:
    """Some members of a schema."""
    return {name: schema[name] for name in names if schema.get(name) is not None}


def parameters(body: Object) -> Iterator[tuple[str, JSON]]:
    """Options and the parameters beside them, under their GenAI names."""
    for name, value in members(body.get("options")).items():
        if value is not None:
            yield NAMES.get(name, name), [value] if name == "stop" and isinstance(value, str) else value
    for name, value in body.items():
        if name not in TRANSPORT and value is not None and (value or name not in UNSET):
            yield name, value


def frame(call: Call, answer: Answer) -> dict[str, JSON]:
    """What every object of an answer has."""
    created = datetime.fromtimestamp(answer.created, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"model": answer.model or call.model, "created_at": created}


def seconds_of(moment: str) -> int:
    """Seconds since the epoch of an RFC 3339 time; 0 for what is none."""
    try:
        return int(datetime.fromisoformat(moment[:19] + "+00:00").timestamp())
    except ValueError:
        return 0


def ending(answer: Answer) -> dict[str, JSON]:
    """What the last object of an answer has; the server leaves out a count of 0, as of a prompt from its cache."""
    usage, word = answer.usage or Usage(), first(answer).finish_reason or "stop"
    own = answer.provider in (None, NAME) and word not in FINISH
    reason = word if own and word.islower() else FINISH.get(finish_class(word), "stop")
    counts = {"prompt_eval_count": usage.input, "eval_count": usage.output}
    return {
        "done": True,
        "done_reason": reason,
        **{name: count for name, count in counts.items() if count},
        **{name: answer.details[name] for name in DETAILS if name in answer.details},
    }


def message_body(choice: Choice) -> dict[str, JSON]:
    """The message of a choice."""
    words = "".join(part.content for part in choice.parts if isinstance(part, Text))
    thought = "".join(part.content for part in choice.parts if isinstance(part, Reasoning))
    calls = [call_body(part) for part in choice.parts if isinstance(part, ToolCall)]
    return {
        "role": choice.role,
        "content": words,
        **({"thinking": thought} if thought else {}),
        **({"tool_calls": calls} if calls else {}),
    }


def call_body(each: ToolCall) -> dict[str, JSON]:
    """A tool call as this API writes it: without an id, its arguments an object."""
    return {"function": {"name": each.name, "arguments": each.arguments if isinstance(each.arguments, Mapping) else {}}}


def placed(message: Object, generate: bool) -> dict[str, JSON]:
    """A message where the endpoint has it: a generation has its text beside its thinking."""
    if not generate:
        return {"message": dict(message)}
    thinking = message.get("thinking")
    return {"response": message["content"], **({"thinking": thinking} if thinking else {})}


def whole(call: Call, answer: Answer, generate: bool) -> dict[str, JSON]:
    """A whole answer."""
    return {**frame(call, answer), **placed(message_body(first(answer)), generate), **ending(answer)}


def chunks(call: Call, answer: Answer, generate: bool) -> Iterator[dict[str, JSON]]:
    """A stream: pieces of thinking and text, tool calls, and an end with reason and counts."""
    message, head = message_body(first(answer)), frame(call, answer)
    empty: dict[str, JSON] = {"role": "assistant", "content": ""}
    for name in ("thinking", "content"):
        for piece in _sse.pieces(text(message.get(name)) or ""):
            yield {**head, **placed({**empty, name: piece}, generate), "done": False}
    if calls := message.get("tool_calls"):
        yield {**head, **placed({**empty, "tool_calls": calls}, generate), "done": False}
    yield {**head, **placed(empty, generate), **ending(answer)}


def joined(told: list[Object]) -> Object:
    """A stream put together to one answer."""
    if len(told) == 1:
        return told[0]
    messages = [members(each.get("message")) or {**each, "content": each.get("response")} for each in told]
    message = {
        "content": "".join(text(each.get("content")) or "" for each in messages),
        "thinking": "".join(text(each.get("thinking")) or "" for each in messages),
        "tool_calls": [called for each in messages for called in items(each.get("tool_calls"))],
    }
    return {**told[-1], "message": message}


def error_of(response: WireResponse) -> ApiError:
    """The error of a response."""
    body = _body.problem(response.body)
    return _body.api_error(response.status, body, None, members(body).get("error"))


def error_response(error: ApiError) -> WireResponse:
    """An error as this API gives it."""
    own = isinstance(error.body, Mapping) and isinstance(error.body.get("error"), str)
    body = error.body if own else {"error": error.message}
    return _body.reply(body, error.status)
