"""OpenAI's SDK: chat completions, Responses, text completions, embeddings."""

import json
from collections.abc import Sequence
from typing import Any

import openai
from hypothesis import strategies as st

from pytest_llmreplay.model.call import Answer, Choice, Other, Reasoning, Refusal, Text, ToolCall, Usage
from pytest_llmreplay.testing import Driver, Question, Seen, SeenChoice, Wire, conversations
from pytest_llmreplay.testing.conversations import ARGUMENTS, COUNTS, NAMES, WORDS
from tests.providers.drivers import _messages as plain
from tests.providers.sdks import at, openai_client

USAGES = st.builds(Usage, input=COUNTS, output=COUNTS, cache_read=st.none() | COUNTS, reasoning=st.none() | COUNTS)
DETAILS: Any = st.just({}) | st.just({"system_fingerprint": "fp_1", "service_tier": "default"})


@st.composite
def chat_choices(draw: st.DrawFn) -> Choice:
    """A choice with its parts in the order in which the API lists them."""
    said = [Reasoning(words) for words in draw(st.lists(WORDS, max_size=1))]
    told = draw(st.lists(WORDS.map(Text) | WORDS.map(Refusal), max_size=1))
    return Choice(
        parts=(*said, *told, *draw(conversations.calls(5))),
        finish_reason=draw(st.sampled_from(["stop", "length", "tool_calls", "content_filter"])),
        details=draw(st.just({}) | st.just({"annotations": [{"type": "url_citation"}]})),
    )


class Chat(Driver):
    """Chat completions; a stream is asked for its usage and put together by hand."""

    provider = "openai.chat"
    path = "/v1/chat/completions"
    failure = openai.BadRequestError

    def answers(self) -> st.SearchStrategy[Answer]:
        return st.builds(
            Answer,
            choices=st.lists(chat_choices(), min_size=1, max_size=3).map(tuple),
            provider=st.just(self.provider),
            model=NAMES,
            id=NAMES,
            usage=USAGES,
            created=st.integers(1, 2**33),
            details=DETAILS,
        )

    def ask(self, wire: Wire, question: Question) -> Seen:
        asked: dict[str, Any] = {"model": "m", "messages": [plain.message(each) for each in question.messages]}
        if question.tools:
            asked["tools"] = [plain.tool(each) for each in question.tools]
        complete = at(openai_client, wire).chat.completions.create
        if not question.stream:
            return whole_chat(complete(**asked))
        return streamed_chat(list(complete(**asked, stream=True, stream_options={"include_usage": True})))


def whole_chat(done: Any) -> Seen:
    return Seen(
        choices=tuple(
            SeenChoice(
                text=each.message.content or "",
                refusal=each.message.refusal or "",
                reasoning=(each.message.model_extra or {}).get("reasoning_content") or "",
                calls=tuple(
                    (called.function.name, json.loads(called.function.arguments), called.id)
                    for called in each.message.tool_calls or ()
                ),
                finish_reason=each.finish_reason,
            )
            for each in done.choices
        ),
        usage=(done.usage.prompt_tokens, done.usage.completion_tokens),
        more=[done.id, done.model, done.created, done.system_fingerprint, done.usage.model_dump(exclude_none=True)],
    )


def streamed_chat(chunks: Sequence[Any]) -> Seen:
    found: dict[int, dict[str, Any]] = {}
    for choice in (choice for chunk in chunks for choice in chunk.choices):
        slot = found.setdefault(choice.index, {"text": "", "refusal": "", "reasoning": "", "calls": {}, "reason": None})
        slot["text"] += choice.delta.content or ""
        slot["refusal"] += choice.delta.refusal or ""
        slot["reasoning"] += (choice.delta.model_extra or {}).get("reasoning_content") or ""
        for each in choice.delta.tool_calls or ():
            called = slot["calls"].setdefault(each.index, {"id": each.id, "name": each.function.name, "text": ""})
            called["text"] += each.function.arguments or ""
        slot["reason"] = choice.finish_reason or slot["reason"]
    last = chunks[-1]
    choices = (
        SeenChoice(
            text=slot["text"],
            refusal=slot["refusal"],
            reasoning=slot["reasoning"],
            calls=tuple((each["name"], json.loads(each["text"]), each["id"]) for each in slot["calls"].values()),
            finish_reason=slot["reason"],
        )
        for _, slot in sorted(found.items())
    )
    return Seen(
        choices=tuple(choices),
        usage=(last.usage.prompt_tokens, last.usage.completion_tokens),
        more=[last.id, last.model, last.created, last.system_fingerprint, last.usage.model_dump(exclude_none=True)],
    )


RESPONSE_PARTS = st.one_of(
    WORDS.map(Text),
    WORDS.map(Refusal),
    st.builds(Reasoning, st.just("") | WORDS, st.none() | NAMES),
    st.builds(ToolCall, NAMES, ARGUMENTS, NAMES.map("call_".__add__)),
    NAMES.map(lambda name: Other("file_search_call", {"type": "file_search_call", "id": name, "status": "completed"})),
)


class Responses(Driver):
    """Responses; a stream ends with the whole response, and its events are put together besides."""

    provider = "openai.responses"
    path = "/v1/responses"
    failure = openai.BadRequestError

    def answers(self) -> st.SearchStrategy[Answer]:
        parts = st.lists(RESPONSE_PARTS, max_size=5, unique_by=lambda part: getattr(part, "id", None) or str(part))
        return st.builds(
            Answer,
            choices=st.builds(
                Choice,
                parts=parts.map(tuple),
                finish_reason=st.sampled_from(["completed", "max_output_tokens", "content_filter"]),
            ).map(lambda choice: (choice,)),
            provider=st.just(self.provider),
            model=NAMES,
            id=NAMES,
            usage=st.builds(Usage, input=COUNTS, output=COUNTS, cache_read=COUNTS, reasoning=COUNTS),
            created=st.integers(1, 2**33),
            details=st.just({}) | st.just({"service_tier": "default"}),
        )

    def ask(self, wire: Wire, question: Question) -> Seen:
        asked: dict[str, Any] = {"model": "m", "input": [item for each in question.messages for item in items(each)]}
        if question.tools:
            asked["tools"] = [{**plain.tool(each)["function"], "type": "function"} for each in question.tools]
        create = at(openai_client, wire).responses.create
        if not question.stream:
            return whole_response(create(**asked))
        events = list(create(**asked, stream=True))
        pieces = "".join(each.delta for each in events if each.type == "response.output_text.delta")
        done = whole_response(events[-1].response)
        assert pieces == done.choices[0].text
        assert [each.item for each in events if each.type == "response.output_item.done"] == events[-1].response.output
        return done


def items(message: Any) -> list[dict[str, Any]]:
    """A message as items of an input."""
    if (told := plain.result(message)) is not None:
        return [{"type": "function_call_output", "call_id": told.id, "output": told.content}]
    out: list[dict[str, Any]] = [
        {"type": "function_call", "call_id": each.id, "name": each.name, "arguments": json.dumps(each.arguments)}
        for each in plain.calls(message)
    ]
    said = plain.words(message)
    return [{"role": message.role, "content": said}, *out] if said or not out else out


def whole_response(done: Any) -> Seen:
    parts = [part for item in done.output if item.type == "message" for part in item.content]
    thoughts = [each.text for item in done.output if item.type == "reasoning" for each in item.summary]
    reason = done.incomplete_details and done.incomplete_details.reason
    choice = SeenChoice(
        text="".join(each.text for each in parts if each.type == "output_text"),
        refusal="".join(each.refusal for each in parts if each.type == "refusal"),
        reasoning="".join(thoughts),
        calls=tuple(
            (item.name, json.loads(item.arguments), item.call_id)
            for item in done.output
            if item.type == "function_call"
        ),
        finish_reason=reason or done.status,
    )
    usage = (done.usage.input_tokens, done.usage.output_tokens)
    return Seen(choices=(choice,), usage=usage, more=done.model_dump(mode="json", exclude_none=True))


class Completions(Driver):
    """Text completions: each message is a prompt of its own."""

    provider = "openai.completions"
    path = "/v1/completions"
    failure = openai.BadRequestError

    def questions(self) -> st.SearchStrategy[Question]:
        return conversations.texts()

    def answers(self) -> st.SearchStrategy[Answer]:
        choice = st.builds(
            Choice,
            parts=st.lists(WORDS.map(Text), max_size=1).map(tuple),
            finish_reason=st.sampled_from(["stop", "length", "content_filter"]),
            details=st.just({}) | st.just({"logprobs": {"tokens": ["a"], "token_logprobs": [-1.5]}}),
        )
        return st.builds(
            Answer,
            choices=st.lists(choice, min_size=1, max_size=3).map(tuple),
            provider=st.just(self.provider),
            model=NAMES,
            id=NAMES,
            usage=conversations.usages(),
            created=st.integers(1, 2**33),
            details=st.just({}) | st.just({"system_fingerprint": "fp_1"}),
        )

    def ask(self, wire: Wire, question: Question) -> Seen:
        asked: dict[str, Any] = {"model": "m", "prompt": [plain.words(each) for each in question.messages]}
        create = at(openai_client, wire).completions.create
        chunks = (
            list(create(**asked, stream=True, stream_options={"include_usage": True}))
            if question.stream
            else [create(**asked)]
        )
        found: dict[int, SeenChoice] = {}
        for each in (choice for chunk in chunks for choice in chunk.choices):
            before = found.get(each.index, SeenChoice())
            reason = each.finish_reason or before.finish_reason
            found[each.index] = SeenChoice(text=before.text + each.text, finish_reason=reason)
        last = chunks[-1]
        return Seen(
            choices=tuple(each for _, each in sorted(found.items())),
            usage=(last.usage.prompt_tokens, last.usage.completion_tokens),
            more=[last.id, last.model, last.created, last.system_fingerprint],
        )


class Embeddings(Driver):
    """Embeddings, which the SDK asks for in base64 unless it is told otherwise."""

    provider = "openai.embeddings"
    path = "/v1/embeddings"
    failure = openai.BadRequestError
    streams = False

    def __init__(self, **more: Any) -> None:
        self.more = more

    @property
    def label(self) -> str:
        return ":".join([self.provider, *self.more.values()])

    def questions(self) -> st.SearchStrategy[Question]:
        return conversations.texts()

    def answers(self) -> st.SearchStrategy[Answer]:
        return conversations.vectors(self.provider, model=NAMES)

    def ask(self, wire: Wire, question: Question) -> Seen:
        texts = [plain.words(each) for each in question.messages]
        done = at(openai_client, wire).embeddings.create(model="m", input=texts, **self.more)
        vectors = tuple(tuple(each.embedding) for each in done.data)
        return Seen(vectors=vectors, usage=(done.usage.prompt_tokens, None))


DRIVERS = (Chat(), Responses(), Completions(), Embeddings(), Embeddings(encoding_format="float"))
