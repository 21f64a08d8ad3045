"""Mistral chat and fill-in-the-middle: OpenAI's shapes with content chunks, thinking among them. PYTEST_DONT_REWRITE

Source: the Mistral API reference, "Chat" and "Fim" (``ChatCompletionResponse``, ``CompletionChunk``, ``ThinkChunk``).
Messages are turned into OpenAI's and back, so that only what differs stands here.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from pytest_llmreplay.model.call import Answer, ApiError, Call, Choice, Part
from pytest_llmreplay.model.jsonvalue import JSON, Object, integer, items, members, text
from pytest_llmreplay.model.trace import Hints
from pytest_llmreplay.model.wire import WireRequest, WireResponse
from pytest_llmreplay.providers import _body, _sse
from pytest_llmreplay.providers._json import arguments_text, made_up
from pytest_llmreplay.providers.openai_chat import NAME as OPENAI_NAME
from pytest_llmreplay.providers.openai_chat import OpenAIChat, completion, of_mistral

NAME = "mistral.chat"
OPENAI = OpenAIChat()
TRANSPORT = frozenset({"retries", "server_url", "timeout_ms", "http_headers"})
"""Arguments of the SDK that are no part of the body."""
NO_USAGE: JSON = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
"""The SDK needs the counters, also where the trace has none."""


class MistralChat:
    """Chat by path and, since the path is OpenAI's, by Mistral's host or parameters; FIM by path."""

    name = NAME

    def spoken_by(self, hints: Hints) -> bool:
        """Mistral's own API; its models at other hosts speak what those hosts speak."""
        return "mistral" in hints.system and "embed" not in hints.operation

    def asks(self, body: Object) -> bool:
        """A list of messages, or a text to go on with."""
        return OPENAI.asks(body) or isinstance(body.get("prompt"), str)

    def tells(self, body: Object) -> bool:
        """A list of choices, which the event of a stream wraps in ``data``."""
        return OPENAI.tells(unwrapped(body))

    def claims(self, request: WireRequest) -> bool:
        """A POST to ``…/fim/completions``, or to ``…/chat/completions`` that is Mistral's."""
        if request.method != "POST":
            return False
        return request.path.endswith("/fim/completions") or (
            request.path.endswith("/chat/completions") and of_mistral(request)
        )

    def call(self, request: WireRequest) -> Call:
        """The question of a request."""
        return self.call_of_body(_body.asked(request, "messages", "prompt"))

    def call_of_body(self, body: Object) -> Call:
        """The question of a request body, or of the SDK's arguments, which have empty texts for those not given."""
        given = {name: value for name, value in body.items() if value != "" and name not in TRANSPORT}
        if "random_seed" in given:
            given["seed"] = given.pop("random_seed")
        prompt = given.pop("prompt", None)
        asked = given.get("messages") if prompt is None else [{"role": "user", "content": prompt}]
        messages = [as_openai(members(each)) for each in items(asked)]
        call = OPENAI.call_of_body({**given, "messages": messages})
        return replace(call, provider=NAME, kind="chat" if prompt is None else "completion")

    def parts(self, content: Any) -> tuple[Part, ...]:
        """Message content: text, or a list of chunks."""
        return tuple(OPENAI.message_parts(as_openai({"content": content})))

    def pin(self, body: dict[str, Any], seed: int) -> tuple[dict[str, Any], tuple[str, ...]]:
        """Seed and temperature 0."""
        return {**body, "random_seed": seed, "temperature": 0}, ()

    def answer(self, call: Call, answer: Answer) -> WireResponse:
        """A completion, a stream of chunks, or an error."""
        if answer.error is not None:
            return error_response(answer.error)
        if call.stream:
            return WireResponse(200, _sse.HEADERS, b"".join(chunks(call, answer)))
        body = answer.raw if answer.raw is not None and answer.provider == NAME else whole(call, answer)
        return _body.reply(body)

    def read(self, response: WireResponse) -> Answer:
        """The answer of a response: an error, a completion, or a stream put together."""
        if response.status >= 400:
            return Answer(provider=NAME, error=error_of(response))
        with _body.named("neither a completion nor a stream of chunks"):
            if _body.is_object(response.body):
                return self.answer_of_body(_body.decode(response.body))
            return replace(OPENAI.read(replace(response, body=stream_as_openai(response.body))), provider=NAME)

    def answer_of_body(self, body: Object) -> Answer:
        """The answer of a completion object."""
        body = unwrapped(body)
        told = map(members, items(body.get("choices")))
        choices = [{**each, "message": as_openai(members(each.get("message")))} for each in told]
        return replace(OPENAI.answer_of_body({**body, "choices": choices, "usage": usage_of(body)}), provider=NAME)


def unwrapped(body: Object) -> Object:
    """A completion without the event around it."""
    return members(body["data"]) if body.keys() == {"data"} else body


def usage_of(body: Object) -> JSON:
    """Token counts with the cached ones where OpenAI has them."""
    usage = members(body.get("usage"))
    if (cached := integer(usage.get("num_cached_tokens"))) is not None and "prompt_tokens_details" not in usage:
        usage = {**usage, "prompt_tokens_details": {"cached_tokens": cached}}
    return usage or None


def as_openai(message: Object) -> dict[str, Any]:
    """A message in OpenAI's shape: thinking beside the content, arguments as text."""
    out = dict(message)
    chunks = [members(each) for each in items(message.get("content"))]
    thought = "".join(map(thinking_of, chunks))
    if thought:
        out["reasoning_content"] = thought
    if chunks:
        out["content"] = [chunk_as_openai(each) for each in chunks if each.get("type") != "thinking"]
    if called := items(message.get("tool_calls")):
        out["tool_calls"] = [call_as_openai(members(each)) for each in called]
    return out


def thinking_of(chunk: Object) -> str:
    """The text of a thinking chunk; empty for any other."""
    if chunk.get("type") != "thinking":
        return ""
    thought = chunk.get("thinking")
    if isinstance(thought, str):
        return thought
    return "".join(text(members(each).get("text")) or "" for each in items(thought))


def chunk_as_openai(chunk: Object) -> Object:
    """A content chunk as OpenAI's content part."""
    if chunk.get("type") == "document_url":
        return {"type": "file", "file": {"file_data": chunk.get("document_url")}}
    if chunk.get("type") == "input_audio" and isinstance(chunk.get("input_audio"), str):
        return {"type": "input_audio", "input_audio": {"data": chunk["input_audio"]}}
    return chunk


def call_as_openai(called: Object) -> Object:
    """A tool call whose arguments are text; the SDK takes an object, too."""
    function = members(called.get("function"))
    return {**called, "function": {**function, "arguments": arguments_text(function.get("arguments"))}}


def whole(call: Call, answer: Answer) -> dict[str, Any]:
    """A whole ``chat.completion``."""
    own = answer.provider in (None, NAME)
    body: dict[str, Any] = completion(call, replace(answer, provider=OPENAI_NAME) if own else answer)
    body["id"] = answer.id or made_up(answer.seed, "", 32)
    body["usage"] = body["usage"] or NO_USAGE
    for each, choice in zip(body["choices"], answer.choices, strict=True):
        each["message"] = as_mistral(each["message"])
        each["finish_reason"] = finish_word(choice, each["finish_reason"])
        if each["logprobs"] is None:
            del each["logprobs"]
    return body


def finish_word(choice: Choice, word: str) -> str:
    """OpenAI's word for why a choice ended, but for ``error``, which OpenAI has not."""
    return "error" if choice.finish_reason == "error" else word


def as_mistral(message: Object) -> dict[str, Any]:
    """A message of OpenAI's shape as Mistral writes it: thinking within the content, a refusal as plain text."""
    out = {name: value for name, value in message.items() if name not in ("refusal", "reasoning_content")}
    words = message.get("content") or message.get("refusal") or ""
    thought = message.get("reasoning_content")
    out["content"] = words
    if thought:
        out["content"] = [thinking_chunk(thought), *([{"type": "text", "text": words}] if words else [])]
    return out


def thinking_chunk(words: str) -> dict[str, JSON]:
    """A chunk of thinking."""
    return {"type": "thinking", "thinking": [{"type": "text", "text": words}]}


def chunks(call: Call, answer: Answer) -> Iterator[bytes]:
    """A stream of chunks: role, pieces of thinking and text, then tool calls whole, with finish reason and usage."""
    body = whole(call, answer)
    frame = {name: body[name] for name in ("id", "created", "model")} | {"object": "chat.completion.chunk"}
    for each in body["choices"]:
        message = each["message"]
        for delta in ({"role": message["role"], "content": ""}, *deltas(message["content"])):
            yield _sse.event({**frame, "choices": [{"index": each["index"], "delta": delta, "finish_reason": None}]})
        rest = {name: value for name, value in message.items() if name not in ("role", "content")}
        last = {**each, "delta": {"content": "", **rest}}
        del last["message"]
        usage = {"usage": body["usage"]} if each is body["choices"][-1] else {}
        yield _sse.event({**frame, "choices": [last], **usage})
    yield _sse.DONE


def deltas(content: Any) -> Iterator[dict[str, JSON]]:
    """The content of a message in small steps; thinking comes in chunks, text as it is."""
    for each in [{"type": "text", "text": content}] if isinstance(content, str) else content:
        for piece in _sse.pieces(thinking_of(each)):
            yield {"content": [thinking_chunk(piece)]}
        for piece in _sse.pieces(each.get("text") or ""):
            yield {"content": piece}


def stream_as_openai(body: bytes) -> bytes:
    """A stream of chunks with OpenAI's deltas in it."""
    return b"".join(map(event_as_openai, _sse.objects(body)))


def event_as_openai(chunk: Object) -> bytes:
    """One event of a stream with OpenAI's delta in it."""
    told = map(members, items(chunk.get("choices")))
    choices = [{**each, "delta": delta_as_openai(members(each.get("delta")))} for each in told]
    return _sse.event({**chunk, "choices": choices, "usage": usage_of(chunk)})


def delta_as_openai(delta: Object) -> Object:
    """A delta in OpenAI's shape: text as text, thinking beside it, a number for each tool call."""
    out = as_openai(delta)
    if isinstance(out.get("content"), list):
        out["content"] = "".join(text(each.get("text")) or "" for each in out["content"])
    if called := out.get("tool_calls"):
        out["tool_calls"] = [{**each, "index": each.get("index") or number} for number, each in enumerate(called)]
    return out


def error_of(response: WireResponse) -> ApiError:
    """The error of a response."""
    body = _body.problem(response.body)
    found = members(body)
    told = found.get("message") or found.get("detail")
    return _body.api_error(response.status, body, found.get("type") or found.get("code"), told)


def error_response(error: ApiError) -> WireResponse:
    """An error as this API gives it; the SDK reads ``detail`` as a list where the request itself was wrong."""
    body = error.body
    if not isinstance(body, Mapping) or not ("message" in body or "detail" in body):
        body = {"object": "error", "message": error.message, "type": error.type, "param": None, "code": None}
        if error.status == 422:
            body = {"detail": [{"loc": ["body"], "msg": error.message, "type": error.type or "value_error"}]}
    return _body.reply(body, error.status)
