"""Mistral's SDK: chat."""

import json
from typing import Any

from hypothesis import strategies as st
from mistralai.client.errors import SDKError

from pytest_llmreplay.model.call import Answer, Choice, Reasoning, Text, Usage
from pytest_llmreplay.testing import Driver, Question, Seen, SeenChoice, Wire, conversations
from pytest_llmreplay.testing.conversations import COUNTS, NAMES, WORDS
from tests.providers.drivers import _messages as plain
from tests.providers.sdks import at, mistral_client

PARTS = st.tuples(
    st.lists(WORDS.map(Reasoning), max_size=1), st.lists(WORDS.map(Text), max_size=1), conversations.calls()
).map(lambda groups: tuple(part for group in groups for part in group))


class Chat(Driver):
    """Chat; a stream comes in events that hold chunks."""

    provider = "mistral.chat"
    path = "/v1/chat/completions"
    failure = SDKError

    def answers(self) -> st.SearchStrategy[Answer]:
        choice = st.builds(
            Choice,
            parts=PARTS,
            finish_reason=st.sampled_from(["stop", "length", "tool_calls", "model_length", "error"]),
        )
        return st.builds(
            Answer,
            choices=st.lists(choice, min_size=1, max_size=3).map(tuple),
            provider=st.just(self.provider),
            model=NAMES,
            id=NAMES,
            usage=st.builds(Usage, input=COUNTS, output=COUNTS, cache_read=st.none() | COUNTS),
            created=st.integers(1, 2**33),
        )

    def ask(self, wire: Wire, question: Question) -> Seen:
        asked: dict[str, Any] = {"model": "m", "messages": [plain.message(each) for each in question.messages]}
        if question.tools:
            asked["tools"] = [plain.tool(each) for each in question.tools]
        chat = at(mistral_client, wire).chat
        if not question.stream:
            done = chat.complete(**asked)
            return seen([done], lambda each: each.message)
        return seen([event.data for event in chat.stream(**asked)], lambda each: each.delta)


def seen(chunks: list[Any], message_of: Any) -> Seen:
    found: dict[int, SeenChoice] = {}
    for each in (choice for chunk in chunks for choice in chunk.choices):
        before, message = found.get(each.index, SeenChoice()), message_of(each)
        calls = [(c.function.name, json.loads(c.function.arguments), c.id) for c in message.tool_calls or ()]
        thought, words = texts(message.content or "")
        found[each.index] = SeenChoice(
            text=before.text + words,
            reasoning=before.reasoning + thought,
            calls=(*before.calls, *calls),
            finish_reason=each.finish_reason or before.finish_reason,
        )
    last = chunks[-1]
    return Seen(
        choices=tuple(each for _, each in sorted(found.items())),
        usage=(last.usage.prompt_tokens, last.usage.completion_tokens),
        more=[last.id, last.model, last.created],
    )


def texts(content: Any) -> tuple[str, str]:
    """What was thought and what was said."""
    if isinstance(content, str):
        return "", content
    parts = [each.model_dump() for each in content]
    thought = "".join(inner["text"] for each in parts if each["type"] == "thinking" for inner in each["thinking"])
    return thought, "".join(each["text"] for each in parts if each["type"] == "text")


DRIVERS = (Chat(),)
