"""OpenAI chat completions, as OpenAI, Azure and many compatible hosts speak it. PYTEST_DONT_REWRITE

Source: the OpenAI API reference, "Chat Completions" (objects ``chat.completion`` and ``chat.completion.chunk``).
"""

from collections.abc import Iterator, Mapping
from typing import Any

from pytest_llmreplay.model.call import (
    Answer,
    Call,
    Choice,
    Message,
    Part,
    Reasoning,
    Refusal,
    Text,
    ToolCall,
    ToolResult,
    finish_class,
)
from pytest_llmreplay.model.jsonvalue import JSON, Object, integer, items, members, text
from pytest_llmreplay.model.trace import Hints
from pytest_llmreplay.model.wire import WireRequest, WireResponse
from pytest_llmreplay.providers import _body, _sse
from pytest_llmreplay.providers._json import arguments_text, loads, made_up
from pytest_llmreplay.providers._openai import (
    DETAILS,
    REASONS,
    SYSTEMS,
    error_of,
    error_response,
    flat,
    head,
    parameter,
    parts,
    tool,
    usage_body,
    usage_of,
    usage_told,
    with_model,
)

NAME = "openai.chat"
FINISH = {"tool_call": "tool_calls", "error": "stop"}
"""GenAI finish reasons that this API spells otherwise."""
TRANSPORT = frozenset(
    {"messages", "tools", "functions", "model", "stream", "stream_options", "extra_headers", "extra_query", "timeout",
     "prompt_cache_key"}
)  # fmt: skip
"""Members of a request that are no parameters of the question."""
OTHERS = frozenset({"openai.response", "response", "openai.completion", "completion"})
"""Names of spans of the provider's other APIs, in lower case."""
MISTRAL = frozenset({"random_seed", "safe_prompt", "prompt_mode"})
"""Parameters that only Mistral has."""
MESSAGE = frozenset({"role", "content", "refusal", "tool_calls", "function_call", "reasoning_content", "reasoning"})


class OpenAIChat:
    """Chat completions by path and body; the host does not matter."""

    name = NAME

    def spoken_by(self, hints: Hints) -> bool:
        """OpenAI and all who are instrumented as if they were; its other APIs have spans of their own."""
        if "response" in hints.api or hints.name.lower() in OTHERS:
            return False
        if "embed" in hints.operation or hints.operation == "text_completion":
            return False
        return "openai" in hints.system or hints.system in SYSTEMS

    def asks(self, body: Object) -> bool:
        """A list of messages with roles."""
        messages = body.get("messages")
        return isinstance(messages, list) and all(isinstance(m, Mapping) and "role" in m for m in messages)

    def tells(self, body: Object) -> bool:
        """A list of choices with messages; one that a filter took away has a finish reason only."""
        choices = body.get("choices")
        if not isinstance(choices, list) or body.get("object") == "text_completion":
            return False
        return all("message" in members(each) or "text" not in members(each) for each in choices)

    def claims(self, request: WireRequest) -> bool:
        """A POST to ``…/chat/completions``, but for Mistral's, which have content of their own."""
        ours = request.method == "POST" and request.path.endswith("/chat/completions")
        return ours and not of_mistral(request)

    def call(self, request: WireRequest) -> Call:
        """The question of a request; Azure names the model in the path only."""
        return self.call_of_body(with_model(_body.asked(request, "messages"), request))

    def call_of_body(self, body: Object) -> Call:
        """The question of a request body, or of the SDK's keyword arguments."""
        body = flat(body)
        return Call(
            kind="chat",
            provider=NAME,
            model=text(body.get("model")),
            messages=tuple(self.message(members(each)) for each in items(body.get("messages"))),
            tools=tuple(tool(each) for each in [*items(body.get("tools")), *items(body.get("functions"))]),
            parameters=dict(parameter(k, v) for k, v in body.items() if k not in TRANSPORT and v is not None),
            stream=bool(body.get("stream")),
            options={
                "include_usage": bool(members(body.get("stream_options")).get("include_usage")),
                "legacy_functions": "functions" in body,
            },
        )

    def message(self, each: Object) -> Message:
        """One message of a request or an answer."""
        role = text(each.get("role")) or "assistant"
        words = each.get("content")
        if len(each) == 2 and words and isinstance(words, str) and role not in ("tool", "function"):
            return Message(role, (Text(words),))  # what most messages are
        if role in ("tool", "function"):
            content = "".join(part.content for part in self.parts(each.get("content")) if isinstance(part, Text))
            return Message(role, (ToolResult(content, text(each.get("tool_call_id"))),))
        return Message(role, tuple(self.message_parts(each)))

    def message_parts(self, each: Object) -> Iterator[Part]:
        """The parts of one message, in the order in which the API lists them."""
        reasoning = text(each.get("reasoning_content")) or text(each.get("reasoning"))
        if reasoning:
            yield Reasoning(reasoning)
        yield from self.parts(each.get("content"))
        if refusal := text(each.get("refusal")):
            yield Refusal(refusal)
        for called in map(members, items(each.get("tool_calls"))):
            function = members(called.get("function")) or members(called.get("custom"))
            arguments = text(function.get("arguments")) or text(function.get("input")) or ""
            yield ToolCall(text(function.get("name")) or "", loads(arguments), text(called.get("id")))
        if legacy := members(each.get("function_call")):
            yield ToolCall(
                text(legacy.get("name")) or "", loads(text(legacy.get("arguments")) or ""), None, legacy=True
            )

    def pin(self, body: dict[str, Any], seed: int) -> tuple[dict[str, Any], tuple[str, ...]]:
        """Seed, and temperature 0 but for models that reason, which refuse one."""
        pinned = {**body, "seed": seed}
        if REASONS.search(text(body.get("model")) or ""):
            return pinned, ("temperature",)
        return {**pinned, "temperature": 0}, ()

    def parts(self, content: Any) -> tuple[Part, ...]:
        """Message content: text, or a list of typed parts."""
        return parts(content)

    def answer(self, call: Call, answer: Answer) -> WireResponse:
        """A completion, a stream of chunks, or an error."""
        if answer.error is not None:
            return error_response(answer.error)
        if call.stream:
            return WireResponse(200, _sse.HEADERS, b"".join(chunks(call, answer)))
        body = answer.raw if answer.raw is not None and answer.provider == NAME else completion(call, answer)
        return _body.reply(body)

    def read(self, response: WireResponse) -> Answer:
        """The answer of a response: an error, a completion, or a stream put together."""
        if response.status >= 400:
            return Answer(provider=NAME, error=error_of(response))
        with _body.named("neither a completion nor a stream of chunks"):
            return self.answer_of_body(_body.whole(response.body, joined))

    def answer_of_body(self, body: Object) -> Answer:
        """The answer of a completion object."""
        choices = []
        for each in map(members, items(body.get("choices"))):
            message = members(each.get("message"))
            details = {k: v for k, v in message.items() if k not in MESSAGE and v is not None}
            if each.get("logprobs") is not None:
                details["logprobs"] = each["logprobs"]
            choices.append(
                Choice(
                    parts=tuple(self.message_parts(message)),
                    finish_reason=text(each.get("finish_reason")),
                    role=text(message.get("role")) or "assistant",
                    details=details,
                )
            )
        return Answer(
            provider=NAME,
            choices=tuple(choices),
            model=text(body.get("model")),
            id=text(body.get("id")),
            usage=usage_of(body.get("usage")),
            created=integer(body.get("created")) or 0,
            details={k: body[k] for k in DETAILS if body.get(k) is not None},
        )


def of_mistral(request: WireRequest) -> bool:
    """Whether a request speaks Mistral's dialect: at Mistral's host, or with parameters that only Mistral has."""
    if request.host.partition(":")[0].endswith("mistral.ai"):
        return True
    return not MISTRAL.isdisjoint(_body.peek(request))


def finish_word(choice: Choice, own: bool, legacy: bool) -> str:
    """This API's word for why a choice ended."""
    word = choice.finish_reason or ("tool_call" if called(choice) else "stop")
    if not own or word in ("tool_call", "error"):
        word = finish_class(word)
        word = "tool_call" if word == "stop" and not own and called(choice) else word
        word = "function_call" if word == "tool_call" and legacy else FINISH.get(word, word)
    return word


def said(choice: Choice, kind: type[Text | Refusal | Reasoning]) -> str:
    """All words of one kind in a choice."""
    return "".join([part.content for part in choice.parts if isinstance(part, kind)])


def called(choice: Choice) -> list[ToolCall]:
    """The tool calls of a choice."""
    return [part for part in choice.parts if isinstance(part, ToolCall)]


def message_body(choice: Choice, seed: str, legacy: bool) -> dict[str, JSON]:
    """The message of a choice; content is null where there is a tool call or a refusal and no text.

    ``legacy``: the request offered functions, not tools, so a call comes back as ``function_call``.
    """
    words, refusal, thought = (said(choice, each) for each in (Text, Refusal, Reasoning))
    calls = called(choice)
    body: dict[str, JSON] = {
        "role": choice.role,
        "content": words if words or not (calls or refusal) else None,
        "refusal": refusal or None,
        **{k: v for k, v in choice.details.items() if k not in MESSAGE and k not in ("logprobs", "stop_sequence")},
    }
    if thought:
        body["reasoning_content"] = thought
    if calls and legacy:
        body["function_call"] = {"name": calls[0].name, "arguments": arguments_text(calls[0].arguments)}
    elif calls:
        body["tool_calls"] = [call_body(each, seed, index) for index, each in enumerate(calls)]
    return body


def call_body(each: ToolCall, seed: str, index: int) -> dict[str, JSON]:
    """A tool call as this API writes it."""
    return {
        "id": each.id or made_up(f"{seed}:{index}", "call_"),
        "type": "function",
        "function": {"name": each.name, "arguments": arguments_text(each.arguments)},
    }


def completion(call: Call, answer: Answer) -> dict[str, JSON]:
    """A whole ``chat.completion``."""
    own, legacy = answer.provider in (None, NAME), bool(call.options.get("legacy_functions"))
    return {
        **head(call, answer, "chat.completion", "chatcmpl-"),
        "choices": [
            {
                "index": index,
                "message": message_body(choice, f"{answer.seed}:{index}", legacy),
                "logprobs": choice.details.get("logprobs"),
                "finish_reason": finish_word(choice, own, legacy),
            }
            for index, choice in enumerate(answer.choices)
        ],
        "usage": usage_body(answer.usage),
    }


def chunks(call: Call, answer: Answer) -> Iterator[bytes]:
    """A ``chat.completion.chunk`` stream: role, pieces of each part, finish reason, usage if asked for."""
    frame = head(call, answer, "chat.completion.chunk", "chatcmpl-")
    include_usage = bool(call.options.get("include_usage"))
    if include_usage:
        frame["usage"] = None

    def chunk(index: int, delta: JSON, finish: str | None = None, logprobs: JSON = None) -> bytes:
        choice = {"index": index, "delta": delta, "finish_reason": finish}
        if logprobs is not None:
            choice["logprobs"] = logprobs
        return _sse.event({**frame, "choices": [choice], **(usage_told(call, answer, index) if finish else {})})

    own, legacy = answer.provider in (None, NAME), bool(call.options.get("legacy_functions"))
    for index, choice in enumerate(answer.choices):
        body = message_body(choice, f"{answer.seed}:{index}", legacy)
        opening = {"role": choice.role, "content": "" if body["content"] is not None else None}
        yield chunk(index, opening, logprobs=choice.details.get("logprobs"))
        for delta in deltas(body):
            yield chunk(index, delta)
        yield chunk(index, {}, finish_word(choice, own, legacy))
    if include_usage:
        yield _sse.event({**frame, "choices": [], "usage": usage_body(answer.usage)})
    yield _sse.DONE


def deltas(body: Mapping[str, Any]) -> Iterator[JSON]:
    """A message in small steps."""
    for field in ("reasoning_content", "content", "refusal"):
        for piece in _sse.pieces(body.get(field) or ""):
            yield {field: piece}
    for index, each in enumerate(body.get("tool_calls") or ()):
        function = each["function"]
        opening = {"name": function["name"], "arguments": ""}
        yield {"tool_calls": [{"index": index, "id": each["id"], "type": "function", "function": opening}]}
        for piece in _sse.pieces(function["arguments"]):
            yield {"tool_calls": [{"index": index, "function": {"arguments": piece}}]}
    if legacy := body.get("function_call"):
        yield {"function_call": {"name": legacy["name"], "arguments": ""}}
        for piece in _sse.pieces(legacy["arguments"]):
            yield {"function_call": {"arguments": piece}}
    extra = {k: v for k, v in body.items() if k not in MESSAGE}
    if extra:
        yield extra


def joined(body: bytes) -> Object:
    """A stream put together to one completion object."""
    whole: dict[str, Any] = {}
    choices: dict[int, dict[str, Any]] = {}
    for chunk in _sse.objects(body):
        for key in ("id", "created", "model", *DETAILS, "usage"):
            if chunk.get(key) is not None:
                whole[key] = chunk[key]
        if isinstance(told := members(chunk.get("x_groq")).get("usage"), Mapping):
            whole.setdefault("usage", told)
        for each in map(members, items(chunk.get("choices"))):
            index = integer(each.get("index")) or 0
            choice = choices.setdefault(index, {"message": {"role": "assistant"}, "calls": {}})
            add_delta(choice, members(each.get("delta")))
            if each.get("finish_reason"):
                choice["finish_reason"] = each["finish_reason"]
            if each.get("logprobs") is not None:
                choice["logprobs"] = each["logprobs"]
    for choice in choices.values():
        if choice["calls"]:
            choice["message"]["tool_calls"] = [choice["calls"][index] for index in sorted(choice["calls"])]
    whole["choices"] = [choices[index] for index in sorted(choices)]
    return whole


def add_delta(choice: dict[str, Any], delta: Object) -> None:
    """Add one chunk's delta to the choice put together so far."""
    message = choice["message"]
    for key, value in delta.items():
        if value is None:
            continue
        if key == "tool_calls":
            for each in map(members, items(value)):
                index = integer(each.get("index")) or 0
                slot = choice["calls"].setdefault(index, {"function": {"name": "", "arguments": ""}})
                slot["id"] = each.get("id") or slot.get("id")
                add_function(slot["function"], members(each.get("function")))
        elif key == "function_call":
            add_function(message.setdefault("function_call", {"name": "", "arguments": ""}), members(value))
        elif key != "role" and isinstance(value, str) and isinstance(message.get(key), str):
            message[key] += value
        else:
            message[key] = value


def add_function(slot: dict[str, str], function: Object) -> None:
    """Add name and argument text of one chunk."""
    slot["name"] = text(function.get("name")) or slot["name"]
    slot["arguments"] += text(function.get("arguments")) or ""
