"""OpenAI Responses, as OpenAI, Azure and some compatible hosts speak it. PYTEST_DONT_REWRITE

Source: the OpenAI API reference, "Responses" (object ``response``).
"""

from collections.abc import Iterator
from typing import Any

from pytest_llmreplay.model.call import (
    Answer,
    ApiError,
    Call,
    Choice,
    Message,
    Part,
    Reasoning,
    ToolResult,
    Usage,
    finish_class,
)
from pytest_llmreplay.model.jsonvalue import JSON, Object, integer, items, members, text
from pytest_llmreplay.model.trace import Hints
from pytest_llmreplay.model.wire import WireRequest, WireResponse
from pytest_llmreplay.providers import _body, _sse
from pytest_llmreplay.providers._json import made_up
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
from pytest_llmreplay.providers._responses_items import item_part, output_items, thoughts
from pytest_llmreplay.providers._responses_stream import joined, stream

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
DETAILS = ("service_tier", "error")


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
