"""Google Gemini, as the Gemini API and Vertex AI speak it. PYTEST_DONT_REWRITE

Source: the Gemini API reference, "Generating content" (``GenerateContentRequest``, ``GenerateContentResponse``), and
the Vertex AI reference, ``publishers.models.generateContent``. JSON is written in camelCase; the API takes snake_case
as well, and traces of its SDK hold it, so objects are read in both.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
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
from pytest_llmreplay.providers._json import dumps, inline, loads, made_up

NAME = "google.gemini"
SYSTEMS = ("google", "gemini", "vertex", "gcp")
"""Words that the provider names of Gemini's spans hold."""
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
OPAQUE = frozenset({"args", "response", "parametersJsonSchema", "responseJsonSchema", "partMetadata"})
"""Members whose inside is the application's own, and spelled by it."""
BYTES = frozenset({"thoughtSignature", "data"})
"""Members that hold base64, in one alphabet or the other."""
LOCAL = frozenset({"sdkHttpResponse", "automaticFunctionCallingHistory", "parsed"})
"""What the SDK adds to an answer."""
BESIDE = frozenset({"thought", "thoughtSignature", "videoMetadata", "mediaResolution", "partMetadata"})
"""Members of a part that only say something about it."""
COUNTERS = frozenset({"promptTokenCount", "candidatesTokenCount", "thoughtsTokenCount", "cachedContentTokenCount"})
STATUS = {400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 404: "NOT_FOUND", 409: "ABORTED",
          429: "RESOURCE_EXHAUSTED", 499: "CANCELLED", 500: "INTERNAL", 501: "UNIMPLEMENTED", 503: "UNAVAILABLE",
          504: "DEADLINE_EXCEEDED"}  # fmt: skip
"""Error words by status, for a trace that does not say (google.rpc.Code)."""


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


def camel(name: str) -> str:
    """A member's name as the API spells it."""
    first, *rest = name.split("_")
    return first + "".join(word[:1].upper() + word[1:] for word in rest) if first else name


def snake(name: str) -> str:
    """A name in snake_case."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def fields(value: Any) -> dict[str, Any]:
    """The members of an object, under the API's spelling of their names."""
    return {camel(name): each for name, each in members(value).items()}


def spelled(value: Any) -> Any:
    """An object of the SDK as the API writes it: names in camelCase, and nothing of the SDK's own."""
    if isinstance(value, list | tuple):
        return [spelled(each) for each in value]
    if not isinstance(value, Mapping):
        return value
    return {name: member(name, each) for name, each in fields(value).items() if name not in LOCAL}


def member(name: str, value: Any) -> Any:
    """A member of such an object: the application's own data stay as they are, base64 has one alphabet."""
    if name in BYTES and isinstance(value, str):
        return standard(value)
    return value if name in OPAQUE else spelled(value)


def standard(data: str) -> str:
    """Base64 in the standard alphabet; the SDK writes the other one."""
    return data.replace("-", "+").replace("_", "/")


def asked_of(path: str) -> tuple[str | None, bool]:
    """Model, and whether a stream is asked for; a tuned model keeps the kind before its name."""
    found = METHOD.search(path)
    if found is None:
        return None, False
    kind = "" if found[1] in (None, "models/") else found[1]
    return kind + found[2], found[3] == "streamGenerateContent"


def plain_model(name: str | None) -> str | None:
    """A model's name without the path to it."""
    return name.rpartition("models/")[2] if name and not name.startswith("tunedModels/") else name


def contents_of(value: Any) -> Iterator[Object]:
    """The turns of a request, however the SDK was handed them: a text or a part alone is one of the user."""
    given = value if isinstance(value, list | tuple) else [value] if value else []
    for each in given:
        yield members(content_of(each))


def content_of(value: Any) -> Any:
    """One turn: an object with parts, or what the SDK would put into one."""
    if isinstance(value, str):
        return {"parts": [{"text": value}]}
    if isinstance(value, list | tuple):
        return {"parts": [{"text": each} if isinstance(each, str) else each for each in value]}
    if isinstance(value, Mapping) and value and not {"parts", "role"} & value.keys():
        return {"parts": [value]}
    return value


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


def asked_parts(each: Any) -> Iterator[Part]:
    """One part of a question; media are known by their URI or digest."""
    each = {"text": each} if isinstance(each, str) else fields(each)
    if (data := fields(each.get("inlineData"))).get("data") is not None:
        yield inline(media_kind(data), standard(str(data["data"])))
    elif stored := fields(each.get("fileData")):
        yield Media(media_kind(stored), text(stored.get("fileUri")) or dumps(stored))
    elif (told := fields(each.get("functionResponse"))) or "functionResponse" in each:
        yield ToolResult(dumps(told.get("response")), text(told.get("id")) or None)
        for more in items(told.get("parts")):
            yield from asked_parts(more)
    else:
        yield from told_parts(each)


def media_kind(data: Object) -> str:
    """Image, audio or video by the media type; anything else is a document."""
    kind = (text(data.get("mimeType")) or "").partition("/")[0]
    return kind if kind in ("image", "audio", "video") else "document"


def told_parts(each: Any) -> Iterator[Part]:
    """One part of an answer, and the seal on it: a thought without words, as no part model has a place for it."""
    each = fields(each)
    seal = text(each.get("thoughtSignature"))
    seal = standard(seal) if seal else None
    words = text(each.get("text"))
    if each.get("thought") and words is not None:
        yield Reasoning(words, seal)
        return
    if (called := fields(each.get("functionCall"))) or "functionCall" in each:
        arguments = called.get("args")
        name, number = text(called.get("name")) or "", text(called.get("id")) or None
        yield ToolCall(name, {} if arguments is None else arguments, number)
    elif words:
        yield Text(words)
    elif (kind := next((name for name in each if name not in BESIDE and name != "text"), None)) is not None:
        yield Other(kind, each[kind])
    if seal:
        yield Reasoning("", seal)


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


def part_bodies(parts: Iterable[Part]) -> Iterator[dict[str, JSON]]:
    """The parts of an answer as this API writes them; a seal goes into the part before it."""
    last: dict[str, JSON] | None = None
    for part in parts:
        if isinstance(part, Reasoning) and not part.content:
            if last is None or "thoughtSignature" in last:
                last, before = {"text": "", "thoughtSignature": part.signature}, last
                if before is not None:
                    yield before
            else:
                last["thoughtSignature"] = part.signature
            continue
        if last is not None:
            yield last
        last = part_body(part)
    if last is not None:
        yield last


def part_body(part: Part) -> dict[str, JSON]:
    """One part; what this API has no place for is text."""
    if isinstance(part, ToolCall):
        arguments = loads(part.arguments) if isinstance(part.arguments, str) else part.arguments
        called: dict[str, JSON] = {"name": part.name, "args": arguments if isinstance(arguments, Mapping) else {}}
        return {"functionCall": {"id": part.id, **called} if part.id else called}
    if isinstance(part, Reasoning):
        thought: dict[str, JSON] = {"text": part.content, "thought": True}
        return {**thought, "thoughtSignature": part.signature} if part.signature else thought
    if isinstance(part, Other):
        return {part.type: part.data} if isinstance(part.data, Mapping) else {"text": dumps(part.data)}
    if isinstance(part, Text | Refusal | ToolResult):
        return {"text": part.content}
    return {"text": part.reference}


def chunks(body: Object) -> Iterator[JSON]:
    """An answer in pieces: each is a whole response with a piece of one candidate; the last one counts the tokens."""
    frame = {k: v for k, v in body.items() if k in ("modelVersion", "responseId", "createTime")}
    candidates = [members(each) for each in items(body.get("candidates"))]
    pieces = [piece for each in candidates for piece in candidate_pieces(each)]
    for piece in pieces[:-1]:
        yield {"candidates": [piece], **frame}
    yield {**body, "candidates": pieces[-1:]} if pieces else body


def candidate_pieces(each: Object) -> Iterator[dict[str, JSON]]:
    """A candidate in pieces; why it ended and what else is known of it comes with the last."""
    content = members(each.get("content"))
    pieces = [piece for part in items(content.get("parts")) for piece in part_pieces(members(part))]
    place = {"index": each["index"]} if "index" in each else {}
    for piece in pieces[:-1]:
        yield {"content": {"parts": [piece], "role": content.get("role")}, **place}
    last = {**content, "parts": pieces[-1:]} if pieces else content
    yield {**each, "content": last}


def part_pieces(part: Object) -> Iterator[dict[str, JSON]]:
    """A text in pieces, the seal on the last; any other part whole."""
    words = text(part.get("text"))
    if not words:
        yield dict(part)
        return
    *first, last = _sse.pieces(words)
    for piece in first:
        yield {**{k: v for k, v in part.items() if k != "thoughtSignature"}, "text": piece}
    yield {**part, "text": last}


def whole(body: bytes) -> Object:
    """A response as one object: it is one, or a list or stream of pieces."""
    start = body.lstrip()[:1]
    if start == b"{":
        return members(_body.decode(body))
    if start == b"[":
        return joined(items(_body.decode(body)))
    return joined(_body.decode(data) for _, data in _sse.events(body))


def joined(pieces: Iterable[Any]) -> Object:
    """A stream put together to one response."""
    out: dict[str, Any] = {}
    candidates: dict[int, dict[str, Any]] = {}
    for piece in map(fields, pieces):
        for position, each in enumerate(map(fields, items(piece.pop("candidates", None)))):
            index = integer(each.get("index"))
            add_candidate(candidates.setdefault(position if index is None else index, {}), each)
        out |= {name: value for name, value in piece.items() if value is not None}
    return {**out, "candidates": [candidates[index] for index in sorted(candidates)]}


def add_candidate(slot: dict[str, Any], each: Object) -> None:
    """Add one piece of a candidate to what is put together so far."""
    content = fields(each.get("content"))
    parts: list[Any] = members(slot.get("content")).get("parts") or []
    for part in map(fields, items(content.get("parts"))):
        add_part(parts, part)
    role = content.get("role") or members(slot.get("content")).get("role")
    slot.update({name: value for name, value in each.items() if value is not None})
    slot["content"] = {"parts": parts, "role": role}


def add_part(parts: list[Any], part: dict[str, Any]) -> None:
    """Add a part; text goes on in the part before where that is text of the same kind and not sealed."""
    last = parts[-1] if parts else {}
    goes_on = isinstance(part.get("text"), str) and isinstance(last.get("text"), str)
    if goes_on and "thoughtSignature" not in last and bool(part.get("thought")) == bool(last.get("thought")):
        parts[-1] = {**last, **part, "text": last["text"] + part["text"]}
    else:
        parts.append(part)


def error_of(response: WireResponse) -> ApiError:
    """The error of a response; a stream that is a list gives it in one."""
    body = _body.problem(response.body)
    body = items(body)[0] if items(body) else body
    inner = members(members(body).get("error"))
    return _body.api_error(response.status, body, text(inner.get("status")), text(inner.get("message")))


def error_response(error: ApiError) -> WireResponse:
    """An error as this API gives it."""
    inner = members(members(error.body).get("error"))
    word = error.type if error.type and error.type.isupper() else STATUS.get(error.status, "UNKNOWN")
    made: JSON = {"error": {"code": error.status, "message": error.message, "status": word}}
    body = error.body if "code" in inner and "status" in inner else made
    return _body.reply(body, error.status)
