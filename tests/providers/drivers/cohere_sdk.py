"""Cohere's SDK: chat of both versions, embeddings, reranking."""

import json
from dataclasses import replace
from typing import Any

import cohere
from hypothesis import strategies as st

from pytest_llmreplay.model.call import Answer, Choice, Part, Reasoning, Text, Tool, Usage
from pytest_llmreplay.testing import Driver, Question, Seen, SeenChoice, Wire, conversations
from pytest_llmreplay.testing.conversations import COUNTS, NAMES, WORDS
from tests.providers.drivers import _messages as plain
from tests.providers.sdks import at, cohere_client, cohere_v1_client

ROLES = {"system": "SYSTEM", "user": "USER", "assistant": "CHATBOT"}
ONCE: Any = {"max_retries": 0}


@st.composite
def choices(draw: st.DrawFn) -> Choice:
    """A choice with its parts in the order in which the API lists them: a plan, thoughts and calls, or blocks."""
    calls = draw(conversations.calls())
    blocks: st.SearchStrategy[list[Part]] = st.lists(WORDS.map(Text) | WORDS.map(Reasoning), max_size=3)
    plan = [Text(words) for words in draw(st.lists(WORDS, max_size=1))]
    thoughts = [Reasoning(words) for words in draw(st.lists(WORDS, max_size=1))]
    return Choice(
        parts=(*plan, *thoughts, *calls) if calls else tuple(draw(blocks)),
        finish_reason=draw(st.sampled_from(["COMPLETE", "MAX_TOKENS", "TOOL_CALL", "STOP_SEQUENCE", "ERROR"])),
        details=draw(st.just({}) | st.just({"citations": [{"start": 0, "end": 1, "text": "a", "sources": []}]})),
    )


class Chat(Driver):
    """Chat of version 2; its stream is put together by hand."""

    provider = "cohere.chat"
    path = "/v2/chat"
    failure = cohere.BadRequestError

    def answers(self) -> st.SearchStrategy[Answer]:
        return st.builds(
            Answer,
            choices=choices().map(lambda each: (each,)),
            provider=st.just(self.provider),
            id=NAMES,
            usage=st.builds(Usage, input=COUNTS, output=COUNTS, cache_read=st.none() | COUNTS),
        )

    def ask(self, wire: Wire, question: Question) -> Seen:
        asked: dict[str, Any] = {"model": "m", "messages": [plain.message(each) for each in question.messages]}
        if question.tools:
            asked["tools"] = [plain.tool(each) for each in question.tools]
        client: Any = at(cohere_client, wire)
        if question.stream:
            return streamed(client.chat_stream(**asked, request_options=ONCE))
        done = client.chat(**asked, request_options=ONCE)
        blocks = done.message.content or []
        choice = SeenChoice(
            text=(done.message.tool_plan or "") + "".join(each.text for each in blocks if each.type == "text"),
            reasoning="".join(each.thinking for each in blocks if each.type == "thinking"),
            calls=tuple(map(call_of, done.message.tool_calls or ())),
            finish_reason=done.finish_reason,
        )
        return seen(choice, done.usage, [done.id, len(done.message.citations or ())])


def call_of(each: Any) -> tuple[str, Any, str]:
    return each.function.name, json.loads(each.function.arguments), each.id


def seen(choice: SeenChoice, usage: Any, more: Any) -> Seen:
    counts = usage.tokens
    return Seen(choices=(choice,), usage=(int(counts.input_tokens), int(counts.output_tokens)), more=more)


def streamed(events: Any) -> Seen:
    texts = {"text": "", "thinking": ""}
    calls: list[Any] = []
    citations, identity, end = 0, None, None
    for event in events:
        if event.type == "message-start":
            identity = event.id
        elif event.type == "content-delta":
            content = event.delta.message.content
            texts["text"] += content.text or ""
            texts["thinking"] += content.thinking or ""
        elif event.type == "tool-plan-delta":
            texts["text"] += event.delta.message.tool_plan
        elif event.type == "tool-call-start":
            calls.append(event.delta.message.tool_calls)
        elif event.type == "tool-call-delta":
            calls[-1].function.arguments += event.delta.message.tool_calls.function.arguments
        elif event.type == "citation-start":
            citations += 1
        elif event.type == "message-end":
            end = event.delta
    assert end is not None
    choice = SeenChoice(
        text=texts["text"],
        reasoning=texts["thinking"],
        calls=tuple(map(call_of, calls)),
        finish_reason=end.finish_reason,
    )
    return seen(choice, end.usage, [identity, citations])


V1_PARTS = st.tuples(st.lists(WORDS.map(Text), max_size=1), conversations.calls(ids=None)).map(
    lambda pair: (*pair[0], *pair[1])
)
V1_TOOLS = st.lists(
    st.builds(Tool, NAMES, WORDS.filter(str.strip), st.dictionaries(NAMES, st.just({"type": "str"}), min_size=1)),
    max_size=9,
    unique_by=lambda each: each.name,
).map(tuple)


class ChatV1(Driver):
    """Chat of version 1: a message behind the history; results of tools are no texts there."""

    provider = "cohere.v1.chat"
    path = "/v1/chat"
    failure = cohere.BadRequestError

    def questions(self) -> st.SearchStrategy[Question]:
        return conversations.questions(ids=False, results=False, tools=V1_TOOLS)

    def answers(self) -> st.SearchStrategy[Answer]:
        choice = st.builds(
            Choice,
            parts=V1_PARTS,
            finish_reason=st.sampled_from(["COMPLETE", "MAX_TOKENS", "ERROR_TOXIC", "ERROR_LIMIT"]),
            details=st.just({}) | st.just({"citations": [{"start": 0, "end": 1, "text": "a", "document_ids": ["1"]}]}),
        )
        return st.builds(
            Answer,
            choices=choice.map(lambda each: (each,)),
            provider=st.just(self.provider),
            id=NAMES.map("r-".__add__),
            usage=conversations.usages(),
            details=st.just({}) | st.just({"generation_id": "g-1"}),
        )

    def ask(self, wire: Wire, question: Question) -> Seen:
        *before, last = question.messages
        asked: dict[str, Any] = {"model": "m", "message": plain.words(last), "chat_history": list(map(turn, before))}
        if question.tools:
            asked["tools"] = [
                {"name": each.name, "description": each.description, "parameter_definitions": each.parameters}
                for each in question.tools
            ]
        client: Any = at(cohere_v1_client, wire)
        if not question.stream:
            return seen_v1(client.chat(**asked, request_options=ONCE))
        events = list(client.chat_stream(**asked, request_options=ONCE))
        done = seen_v1(events[-1].response)
        pieces = "".join(each.text for each in events if each.event_type == "text-generation")
        assert (pieces, events[-1].finish_reason) == (done.choices[0].text, done.choices[0].finish_reason)
        return done


def turn(message: Any) -> dict[str, Any]:
    calls = [{"name": each.name, "parameters": each.arguments} for each in plain.calls(message)]
    return {"role": ROLES[message.role], "message": plain.words(message), **({"tool_calls": calls} if calls else {})}


def seen_v1(done: Any) -> Seen:
    choice = SeenChoice(
        text=done.text,
        calls=tuple((each.name, each.parameters, None) for each in done.tool_calls or ()),
        finish_reason=done.finish_reason,
    )
    counts = done.meta.tokens
    more = [done.response_id, done.generation_id, len(done.citations or ())]
    return Seen(choices=(choice,), usage=(int(counts.input_tokens), int(counts.output_tokens)), more=more)


class Embed(Driver):
    """Embeddings of version 2, by type."""

    provider = "cohere.embed"
    path = "/v2/embed"
    failure = cohere.BadRequestError
    streams = False

    def __init__(self, kind: str) -> None:
        self.kind = kind

    @property
    def label(self) -> str:
        return f"{self.provider}:{self.kind}"

    def questions(self) -> st.SearchStrategy[Question]:
        return conversations.texts()

    def answers(self) -> st.SearchStrategy[Answer]:
        return conversations.vectors(self.provider, identity=NAMES)

    def ask(self, wire: Wire, question: Question) -> Seen:
        client: Any = at(cohere_client, wire)
        texts = [plain.words(each) for each in question.messages]
        done = client.embed(model="m", input_type="x", texts=texts, embedding_types=[self.kind], request_options=ONCE)
        found = done.embeddings.float_ if self.kind == "float" else map(plain.unpacked, done.embeddings.base64)
        usage = (int(done.meta.billed_units.input_tokens), None)
        return Seen(vectors=tuple(map(tuple, found)), usage=usage)


RANKED = st.lists(
    st.builds(lambda index, score: {"index": index, "relevance_score": score}, st.integers(0, 9), st.floats(0, 1)),
    min_size=1,
    max_size=5,
)


def ranked(question: Question) -> Question:
    *documents, query = question.messages
    return Question(messages=(*(replace(each, role="document") for each in documents), query))


class Rerank(Driver):
    """Reranking: the documents are messages, the query the last."""

    provider = "cohere.rerank"
    path = "/v2/rerank"
    failure = cohere.BadRequestError
    streams = False

    def questions(self) -> st.SearchStrategy[Question]:
        return conversations.texts().filter(lambda each: len(each.messages) > 1).map(ranked)

    def answers(self) -> st.SearchStrategy[Answer]:
        return st.builds(Answer, provider=st.just(self.provider), id=NAMES, details=st.builds(dict, results=RANKED))

    def ask(self, wire: Wire, question: Question) -> Seen:
        *documents, query = [plain.words(each) for each in question.messages]
        done = at(cohere_client, wire).rerank(
            model="m", query=query, documents=documents or ["a"], request_options=ONCE
        )
        order: Any = [{"index": each.index, "relevance_score": each.relevance_score} for each in done.results]
        assert not wire.answer.details or order == wire.answer.details["results"]
        return Seen(more=[done.id, order])


DRIVERS = (Chat(), ChatV1(), Embed("float"), Embed("base64"), Rerank())
