"""Google Gemini, as the Gemini API and Vertex AI speak it. PYTEST_DONT_REWRITE

Source: the Gemini API reference, "Generating content" (``GenerateContentRequest``, ``GenerateContentResponse``), and
the Vertex AI reference, ``publishers.models.generateContent``. JSON is written in camelCase; the API takes snake_case
as well, and traces of its SDK hold it, so objects are read in both.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pytest_llmreplay.model.call import Answer, Call, Choice, Message, Part, Text, Tool, ToolCall, Usage, finish_class
from pytest_llmreplay.model.jsonvalue import JSON, Object, integer, items, members, text
from pytest_llmreplay.model.trace import Hints
from pytest_llmreplay.model.wire import WireRequest, WireResponse
from pytest_llmreplay.providers import _body, _sse
from pytest_llmreplay.providers._gemini_content import asked_parts, content_of, contents_of, part_bodies, told_parts
from pytest_llmreplay.providers._gemini_spelling import fields, snake, spelled
from pytest_llmreplay.providers._gemini_stream import chunks, whole
from pytest_llmreplay.providers._google import SYSTEMS, error_of, error_response, plain_model
from pytest_llmreplay.providers._json import made_up

NAME = "google.gemini"
METHOD = re.compile(r"/([^/]+/)?([^/:]+):(generateContent|streamGenerateContent)\Z")
"""End of the path: kind of model, its name, and what is asked of it."""
FINISH = {"stop": "STOP", "length": "MAX_TOKENS", "tool_call": "STOP", "content_filter": "SAFETY", "error": "OTHER"}
"""GenAI finish reasons in this API's words; a tool call is no reason of its own here."""
WORDS = frozenset(
    {"STOP", "MAX_TOKENS", "SAFETY", "RECITATION", "LANGUAGE", "OTHER", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII",
     "MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "TOO_MANY_TOOL_CALLS", "MISSING_THOUGHT_SIGNATURE",
     "MALFORMED_RESPONSE", "IMAGE_SAFETY", "IMAGE_PROHIBITED_CONTENT", "IMAGE_RECITATION", "IMAGE_OTHER", "NO_IMAGE",
     "MODEL_ARMOR", "FINISH_REASON_UNSPECIFIED"}
)  # fmt: skip
NAMES = {
    "topP": "top_p",
    "topK": "top_k",
    "maxOutputTokens": "max_tokens",
    "stopSequences": "stop_sequences",
    "candidateCount": "choice.count",
    "presencePenalty": "presence_penalty",
    "frequencyPenalty": "frequency_penalty",
}
"""Members of ``generationConfig`` that the GenAI conventions call otherwise."""
TRANSPORT = frozenset({"contents", "systemInstruction", "tools", "generationConfig", "config", "model", "stream"})
"""Members of a request that are no parameters of the question."""
CONFIGURED = frozenset({"systemInstruction", "tools", "toolConfig", "safetySettings", "cachedContent", "labels"})
"""Members of the SDK's ``config`` that stand beside ``generationConfig`` in a request."""
SDKS_OWN = frozenset({"httpOptions", "automaticFunctionCalling", "shouldReturnHttpResponse"})
"""Members of the SDK's ``config`` that are not sent."""
COUNTERS = frozenset({"promptTokenCount", "candidatesTokenCount", "thoughtsTokenCount", "cachedContentTokenCount"})


class GoogleGemini:
    """``generateContent`` and ``streamGenerateContent`` by path; the host does not matter."""

    name = NAME

    def spoken_by(self, hints: Hints) -> bool:
        """Google's own, at either of its hosts; embeddings are another API."""
        return "embed" not in hints.operation and any(word in hints.system for word in SYSTEMS)

    def asks(self, body: Object) -> bool:
        """Contents, and no messages."""
        return "contents" in body and "messages" not in body

    def tells(self, body: Object) -> bool:
        """A list of candidates; a prompt that was refused has a feedback only."""
        body = fields(body)
        if "candidates" in body:
            return all(isinstance(each, Mapping) for each in items(body["candidates"]))
        return isinstance(body.get("promptFeedback"), Mapping)

    def claims(self, request: WireRequest) -> bool:
        """A POST to ``…:generateContent`` or ``…:streamGenerateContent``; the SDK hands aiohttp a lower-case method."""
        return request.method.upper() == "POST" and METHOD.search(request.path) is not None

    def call(self, request: WireRequest) -> Call:
        """The question of a request; the path names the model and whether the answer is to be a stream."""
        body = _body.asked(request, "contents")
        model, streams = asked_of(request.path)
        array = streams and "alt=sse" not in request.url.partition("?")[2]
        return self.call_of_body({**body, "model": model, "stream": streams, "array": array})

    def call_of_body(self, body: Object) -> Call:
        """The question of a request body, or of the SDK's keyword arguments."""
        body = fields(body)
        array = body.pop("array", False)
        config = {**fields(body.get("generationConfig")), **fields(body.get("config"))}
        body.update({name: config.pop(name) for name in CONFIGURED & config.keys()})
        system = self.parts(members(content_of(body.get("systemInstruction"))).get("parts"))
        turns = tuple(map(self.message, contents_of(body.get("contents"))))
        asked = {k: v for k, v in body.items() if k not in TRANSPORT and v is not None}
        asked |= {NAMES.get(k, k): v for k, v in config.items() if k not in SDKS_OWN and v is not None}
        return Call(
            kind="chat",
            provider=NAME,
            model=plain_model(text(body.get("model"))),
            messages=(Message("system", system), *turns) if system else turns,
            tools=tuple(tools_of(items(body.get("tools")))),
            parameters=asked,
            stream=bool(body.get("stream")),
            options={"array": bool(array)},
        )

    def message(self, each: Object) -> Message:
        """One turn of a request."""
        each = fields(each)
        return Message(text(each.get("role")) or "user", self.parts(each.get("parts")))

    def pin(self, body: dict[str, Any], seed: int) -> tuple[dict[str, Any], tuple[str, ...]]:
        """Seed and temperature 0 in the generation config."""
        name = "generation_config" if "generation_config" in body else "generationConfig"
        return {**body, name: {**members(body.get(name)), "seed": seed, "temperature": 0}}, ()

    def parts(self, content: Any) -> tuple[Part, ...]:
        """The parts of one turn of a request; a text alone is one, and a turn stands for its parts."""
        if isinstance(content, str):
            return (Text(content),) if content else ()
        if isinstance(content, Mapping):
            content = content.get("parts")
        return tuple(part for each in items(content) for part in asked_parts(each))

    def answer(self, call: Call, answer: Answer) -> WireResponse:
        """An answer, a stream of pieces of it, or an error."""
        if answer.error is not None:
            return error_response(answer.error)
        own = answer.provider == NAME and isinstance(answer.raw, Mapping)
        body = members(spelled(answer.raw)) if own else response_body(call, answer)
        if not call.stream:
            return _body.reply(body)
        if call.options.get("array"):
            return _body.reply(list(chunks(body)))
        return WireResponse(200, _sse.HEADERS, b"".join(map(_sse.event, chunks(body))))

    def read(self, response: WireResponse) -> Answer:
        """The answer of a response: an error, an answer, or a stream put together."""
        if response.status >= 400:
            return Answer(provider=NAME, error=error_of(response))
        with _body.named("neither an answer nor a stream of its pieces"):
            return self.answer_of_body(members(whole(response.body)))

    def answer_of_body(self, body: Object) -> Answer:
        """The answer of a response object, as the API or the SDK spells it."""
        body = members(spelled(body))
        rest = ("candidates", "modelVersion", "responseId", "usageMetadata")
        details = {k: v for k, v in body.items() if k not in rest and v is not None}
        counted = {k: v for k, v in members(body.get("usageMetadata")).items() if k not in COUNTERS and v is not None}
        return Answer(
            provider=NAME,
            choices=tuple(choice_of(members(each)) for each in items(body.get("candidates"))),
            model=text(body.get("modelVersion")),
            id=text(body.get("responseId")),
            usage=usage_of(body.get("usageMetadata")),
            details={**details, **({"usageMetadata": counted} if counted else {})},
        )


def asked_of(path: str) -> tuple[str | None, bool]:
    """Model, and whether a stream is asked for; a tuned model keeps the kind before its name."""
    found = METHOD.search(path)
    if found is None:
        return None, False
    kind = "" if found[1] in (None, "models/") else found[1]
    return kind + found[2], found[3] == "streamGenerateContent"


def tools_of(tools: Iterable[Any]) -> Iterator[Tool]:
    """The provider's own tools under their names in snake_case, then the functions: the SDK puts them last."""
    functions: list[Tool] = []
    for each in map(fields, tools):
        functions += map(declared, items(each.pop("functionDeclarations", None)))
        for name, settings in each.items():
            if settings is not None:
                yield Tool(snake(name), options=settings or None)
    yield from functions


def declared(each: Any) -> Tool:
    """A function declaration; its parameters stand in Google's form of a schema or as a JSON schema."""
    each = fields(each)
    schema = each.get("parameters") if each.get("parameters") is not None else each.get("parametersJsonSchema")
    known = ("name", "description", "parameters", "parametersJsonSchema")
    rest = {k: v for k, v in each.items() if k not in known and v is not None}
    return Tool(text(each.get("name")) or "", text(each.get("description")), schema, rest or None)


def choice_of(candidate: Object) -> Choice:
    """One candidate of an answer."""
    content = members(candidate.get("content"))
    rest = {k: v for k, v in candidate.items() if k not in ("content", "finishReason", "index") and v is not None}
    return Choice(
        parts=tuple(part for each in items(content.get("parts")) for part in told_parts(each)),
        finish_reason=text(candidate.get("finishReason")),
        role=text(content.get("role")) or "model",
        details=rest,
    )


def usage_of(usage: Any) -> Usage | None:
    """Token counts of an answer; the thoughts are added to the output, as in the GenAI conventions."""
    if not isinstance(usage, Mapping):
        return None
    said, thought = integer(usage.get("candidatesTokenCount")), integer(usage.get("thoughtsTokenCount"))
    found = Usage(
        input=integer(usage.get("promptTokenCount")),
        output=None if said is None and thought is None else (said or 0) + (thought or 0),
        cache_read=integer(usage.get("cachedContentTokenCount")),
        reasoning=thought,
    )
    return None if found == Usage() else found


def usage_body(answer: Answer) -> dict[str, JSON]:
    """Token counts as this API writes them: the thoughts apart from what was said, and no counter of nothing."""
    usage = answer.usage or Usage()
    said = None if usage.output is None else max(0, usage.output - (usage.reasoning or 0))
    counters = {
        "promptTokenCount": usage.input,
        "candidatesTokenCount": None if said == 0 and usage.reasoning else said,
        "thoughtsTokenCount": usage.reasoning,
        "cachedContentTokenCount": usage.cache_read,
    }
    body: dict[str, JSON] = {name: count for name, count in counters.items() if count is not None}
    if usage.input is not None or usage.output is not None:
        body["totalTokenCount"] = (usage.input or 0) + (usage.output or 0)
    return body | dict(members(answer.details.get("usageMetadata")))


def finish_word(choice: Choice) -> str:
    """This API's word for why a candidate ended; instrumentations write it in lower case or in GenAI's words."""
    word = choice.finish_reason or "stop"
    if word.upper() in WORDS:
        return word.upper()
    if word == "error" and any(isinstance(part, ToolCall) for part in choice.parts):
        return "UNEXPECTED_TOOL_CALL"
    return FINISH.get(finish_class(word), word)


def response_body(call: Call, answer: Answer) -> dict[str, JSON]:
    """A whole ``GenerateContentResponse``; without candidates the prompt was refused."""
    own = answer.provider in (None, NAME)
    candidates: list[JSON] = [candidate(choice, index, own) for index, choice in enumerate(answer.choices)]
    body: dict[str, JSON] = {"candidates": candidates} if candidates else {"promptFeedback": {"blockReason": "OTHER"}}
    if own:
        body |= {k: v for k, v in answer.details.items() if k != "usageMetadata"}
    if usage := usage_body(answer):
        body["usageMetadata"] = usage
    return {
        **body,
        "modelVersion": answer.model or call.model or "",
        "responseId": answer.id or made_up(answer.seed, "", 23),
    }


def candidate(choice: Choice, index: int, own: bool) -> JSON:
    """One candidate; a role that only other providers have is the model's."""
    parts = list(part_bodies(choice.parts))
    role = "model" if choice.role == "assistant" else choice.role
    content: dict[str, JSON] = {"parts": parts, "role": role} if parts else {"role": role}
    rest = choice.details if own else {}
    return {"content": content, "finishReason": finish_word(choice), "index": index, **rest}
