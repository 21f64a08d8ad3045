"""Google's SDK: the Gemini API and Vertex AI, content and embeddings."""

import json
from dataclasses import replace
from typing import Any

from google.genai import errors, types
from hypothesis import strategies as st

from pytest_llmreplay.model.call import Answer, Choice, Message, Other, Part, Reasoning, Text, ToolCall, Usage
from pytest_llmreplay.providers._json import dumps
from pytest_llmreplay.testing import Driver, Question, Seen, SeenChoice, Wire, conversations
from pytest_llmreplay.testing.conversations import ARGUMENTS, COUNTS, NAMES, WORDS
from tests.providers.drivers import _messages as plain
from tests.providers.sdks import at, gemini_client, vertex_client

SEAL = "c2VhbA=="
PARTS = st.one_of(
    WORDS.map(Text),
    WORDS.map(Reasoning),
    st.builds(ToolCall, NAMES, ARGUMENTS, st.none() | NAMES),
    st.just(Other("executableCode", {"code": "print(1)", "language": "PYTHON"})),
)


def models_at(wire: Wire, vertex: bool) -> Any:
    """The client's models, at a wire."""
    return at(vertex_client if vertex else gemini_client, wire).models


@st.composite
def choices(draw: st.DrawFn) -> Choice:
    """A candidate; no two texts of one kind stand side by side, as a stream makes one of them."""
    parts: list[Part] = []
    for part in draw(st.lists(PARTS, max_size=5)):
        if not parts or type(part) is not type(parts[-1]):
            parts.append(part)
    if parts and not isinstance(parts[-1], Reasoning) and draw(st.booleans()):
        parts.append(Reasoning("", SEAL))
    return Choice(
        parts=tuple(parts),
        finish_reason=draw(st.sampled_from(["STOP", "MAX_TOKENS", "SAFETY", "UNEXPECTED_TOOL_CALL"])),
        role="model",
        details=draw(st.just({}) | st.just({"avgLogprobs": -0.5, "safetyRatings": [{"blocked": False}]})),
    )


@st.composite
def usages(draw: st.DrawFn) -> Usage:
    """Counters; what was said is more than the thoughts."""
    thoughts = draw(st.none() | COUNTS)
    return Usage(
        input=draw(COUNTS),
        output=draw(COUNTS) + (thoughts or 0),
        cache_read=draw(st.none() | COUNTS),
        reasoning=thoughts,
    )


class Content(Driver):
    """``generateContent`` and its stream; results of tools are objects, joined to calls by name."""

    provider = "google.gemini"
    failure = errors.ClientError

    def __init__(self, vertex: bool) -> None:
        self.vertex = vertex
        start = "/v1beta1/projects/p/locations/l/publishers/google" if vertex else "/v1beta"
        self.path = f"{start}/models/m:generateContent"

    @property
    def label(self) -> str:
        return self.provider + (":vertex" if self.vertex else "")

    def questions(self) -> st.SearchStrategy[Question]:
        return conversations.questions(empty=False).map(with_objects)

    def answers(self) -> st.SearchStrategy[Answer]:
        return st.builds(
            Answer,
            choices=st.lists(choices(), min_size=1, max_size=3).map(tuple),
            provider=st.just(self.provider),
            model=NAMES,
            id=NAMES,
            usage=usages(),
            details=st.just({}) | st.just({"createTime": "2026-01-01T00:00:00Z"}),
        )

    def stripped(self, answer: Answer) -> Answer:
        """The API adds the sum of its counters."""
        return replace(answer, details={k: v for k, v in answer.details.items() if k != "usageMetadata"})

    def ask(self, wire: Wire, question: Question) -> Seen:
        first, *rest = question.messages
        system, turns = (plain.words(first), rest) if first.role == "system" else (None, question.messages)
        declared = [
            types.FunctionDeclaration(
                name=each.name, description=each.description, parameters_json_schema=each.parameters
            )
            for each in question.tools
        ]
        config = types.GenerateContentConfig(
            system_instruction=system, tools=[types.Tool(function_declarations=declared)] if declared else None
        )
        asked: Any = {"model": "m", "contents": [turn(each) for each in turns], "config": config}
        models = models_at(wire, self.vertex)
        if question.stream:
            return seen(list(models.generate_content_stream(**asked)))
        return seen([models.generate_content(**asked)])


def with_objects(question: Question) -> Question:
    """A question whose tools give objects, as the API has it."""
    return replace(question, messages=tuple(map(with_object, question.messages)))


def with_object(message: Message) -> Message:
    told = plain.result(message)
    return (
        message if told is None else replace(message, parts=(replace(told, content=dumps({"result": told.content})),))
    )


def turn(message: Message) -> types.Content:
    if (told := plain.result(message)) is not None:
        response = types.FunctionResponse(id=told.id, name="f", response=json.loads(told.content))
        return types.Content(role="user", parts=[types.Part(function_response=response)])
    parts = [types.Part(text=plain.words(message))] if plain.words(message) else []
    parts += [
        types.Part(function_call=types.FunctionCall(id=each.id, name=each.name, args=each.arguments))  # type: ignore[arg-type]
        for each in plain.calls(message)
    ]
    return types.Content(role="model" if message.role == "assistant" else message.role, parts=parts)


def seen(responses: list[types.GenerateContentResponse]) -> Seen:
    found: dict[int, list[types.Part]] = {}
    reasons: dict[int, str | None] = {}
    for candidate in (candidate for each in responses for candidate in each.candidates or []):
        index = candidate.index or 0
        found.setdefault(index, []).extend((candidate.content and candidate.content.parts) or [])
        reasons[index] = candidate.finish_reason.value if candidate.finish_reason else reasons.get(index)
    last = responses[-1]
    usage = last.usage_metadata
    assert usage is not None
    output = (usage.candidates_token_count or 0) + (usage.thoughts_token_count or 0)
    return Seen(
        choices=tuple(choice_of(found[index], reasons[index]) for index in sorted(found)),
        usage=(usage.prompt_token_count, output),
        more=[last.response_id, last.model_version, usage.model_dump(exclude_none=True)],
    )


def choice_of(parts: list[types.Part], reason: str | None) -> SeenChoice:
    calls = [each.function_call for each in parts if each.function_call]
    return SeenChoice(
        text="".join(each.text or "" for each in parts if not each.thought),
        reasoning="".join(each.text or "" for each in parts if each.thought),
        calls=tuple((each.name or "", each.args, each.id) for each in calls),
        finish_reason=reason,
    )


class Embeddings(Driver):
    """Embeddings of a list of texts: a batch of the Gemini API, or a prediction of Vertex AI."""

    provider = "google.embeddings"
    failure = errors.ClientError
    streams = False
    counts = False

    def __init__(self, vertex: bool) -> None:
        self.vertex = vertex
        start = "/v1beta1/projects/p/locations/l/publishers/google" if vertex else "/v1beta"
        self.path = f"{start}/models/m:{'predict' if vertex else 'batchEmbedContents'}"

    @property
    def label(self) -> str:
        return self.provider + (":vertex" if self.vertex else "")

    def questions(self) -> st.SearchStrategy[Question]:
        return conversations.texts()

    def answers(self) -> st.SearchStrategy[Answer]:
        return conversations.vectors(self.provider, most=1 if self.vertex else 5)

    def ask(self, wire: Wire, question: Question) -> Seen:
        texts: Any = [plain.words(each) for each in question.messages]
        done = models_at(wire, self.vertex).embed_content(model="gemini-embedding-001", contents=texts)
        return Seen(vectors=tuple(tuple(each.values) for each in done.embeddings), usage=None)


DRIVERS = (Content(vertex=False), Content(vertex=True), Embeddings(vertex=False), Embeddings(vertex=True))
