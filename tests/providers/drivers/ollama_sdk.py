"""Ollama's SDK: chat, generation, embeddings."""

from typing import Any

import ollama
from hypothesis import strategies as st

from pytest_llmreplay.model.call import Answer, Choice, Message, Reasoning, Text, Usage
from pytest_llmreplay.testing import Driver, Question, Seen, SeenChoice, Wire, conversations
from pytest_llmreplay.testing.conversations import COUNTS, NAMES, WORDS
from tests.providers.drivers import _messages as plain
from tests.providers.sdks import at, ollama_client

SAID = st.tuples(st.lists(WORDS.map(Reasoning), max_size=1), st.lists(WORDS.map(Text), max_size=1)).map(
    lambda pair: (*pair[0], *pair[1])
)
CALLED = st.tuples(SAID, conversations.calls(ids=None)).map(lambda pair: (*pair[0], *pair[1]))


def answers_of(provider: str, parts: Any) -> st.SearchStrategy[Answer]:
    """Answers of these parts."""
    choice = st.builds(Choice, parts=parts, finish_reason=st.sampled_from(["stop", "length", "load", "unload"]))
    return st.builds(
        Answer,
        choices=choice.map(lambda each: (each,)),
        provider=st.just(provider),
        model=NAMES,
        usage=st.builds(Usage, input=st.none() | COUNTS, output=COUNTS),
        created=st.integers(1, 2**33),
        details=st.just({}) | st.just({"total_duration": 5, "context": [1, 2]}),
    )


class Chat(Driver):
    """Chat; calls and results have no ids."""

    provider = "ollama.chat"
    path = "/api/chat"
    failure = ollama.ResponseError
    lost = frozenset({"tool_ids"})

    def questions(self) -> st.SearchStrategy[Question]:
        return conversations.questions(ids=False)

    def answers(self) -> st.SearchStrategy[Answer]:
        return answers_of(self.provider, CALLED)

    def ask(self, wire: Wire, question: Question) -> Seen:
        asked: dict[str, Any] = {"model": "m", "messages": list(map(turn, question.messages))}
        if question.tools:
            asked["tools"] = [plain.tool(each) for each in question.tools]
        client = at(ollama_client, wire)
        if question.stream:
            return seen(list(client.chat(**asked, stream=True)), lambda each: each.message)
        return seen([client.chat(**asked)], lambda each: each.message)


def turn(message: Message) -> dict[str, Any]:
    made = plain.message(message, arguments=lambda each: each)
    return {**made, "content": made["content"] or ""}


class Generate(Chat):
    """Generation: one prompt, no tools."""

    path = "/api/generate"

    @property
    def label(self) -> str:
        return "ollama.chat:generate"

    def questions(self) -> st.SearchStrategy[Question]:
        return conversations.texts().map(lambda each: Question(messages=each.messages[:1]))

    def answers(self) -> st.SearchStrategy[Answer]:
        return answers_of(self.provider, SAID)

    def ask(self, wire: Wire, question: Question) -> Seen:
        client, (prompt,) = at(ollama_client, wire), [plain.words(each) for each in question.messages]
        if question.stream:
            return seen(list(client.generate("m", prompt, stream=True)), lambda each: each)
        return seen([client.generate("m", prompt)], lambda each: each)


def seen(chunks: list[Any], message_of: Any) -> Seen:
    messages, end = [message_of(each) for each in chunks], chunks[-1]
    calls = [called.function for each in messages for called in each.get("tool_calls") or ()]
    choice = SeenChoice(
        text="".join(each.get("content") or each.get("response") or "" for each in messages),
        reasoning="".join(each.get("thinking") or "" for each in messages),
        calls=tuple((each.name, dict(each.arguments), None) for each in calls),
        finish_reason=end.done_reason,
    )
    return Seen(
        choices=(choice,), usage=(end.prompt_eval_count, end.eval_count), more=[end.model, end.created_at, end.done]
    )


class Embed(Driver):
    """Embeddings of a list of texts."""

    provider = "ollama.embed"
    path = "/api/embed"
    failure = ollama.ResponseError
    streams = False

    def questions(self) -> st.SearchStrategy[Question]:
        return conversations.texts()

    def answers(self) -> st.SearchStrategy[Answer]:
        return conversations.vectors(self.provider, model=NAMES)

    def ask(self, wire: Wire, question: Question) -> Seen:
        done = at(ollama_client, wire).embed("m", [plain.words(each) for each in question.messages])
        return Seen(vectors=tuple(map(tuple, done.embeddings)), usage=(done.prompt_eval_count, None))


DRIVERS = (Chat(), Generate(), Embed())
