"""Anthropic's SDK: messages."""

from typing import Any

import anthropic
from hypothesis import strategies as st

from pytest_llmreplay.model.call import Answer, Choice, Message, Reasoning, Text, ToolCall, Usage
from pytest_llmreplay.testing import Driver, Question, Seen, SeenChoice, Wire
from pytest_llmreplay.testing.conversations import ARGUMENTS, COUNTS, NAMES, WORDS
from tests.providers.drivers import _messages as plain
from tests.providers.sdks import anthropic_client, at

PARTS = st.one_of(
    WORDS.map(Text),
    st.builds(ToolCall, NAMES, ARGUMENTS, NAMES.map("toolu_".__add__)),
    st.builds(Reasoning, WORDS, NAMES),
)


@st.composite
def usages(draw: st.DrawFn) -> Usage:
    """Token counts of which the input holds the cached ones."""
    read, written = draw(st.none() | COUNTS), draw(st.none() | COUNTS)
    total = draw(COUNTS) + (read or 0) + (written or 0)
    return Usage(input=total, output=draw(COUNTS), cache_read=read, cache_write=written)


class Messages(Driver):
    """Messages; a stream is put together by the SDK's own helper."""

    provider = "anthropic.messages"
    path = "/v1/messages"
    failure = anthropic.BadRequestError

    def answers(self) -> st.SearchStrategy[Answer]:
        reasons = ["end_turn", "max_tokens", "tool_use", "stop_sequence", "refusal", "pause_turn"]
        choice = st.builds(
            Choice,
            parts=st.lists(PARTS, max_size=5).map(tuple),
            finish_reason=st.sampled_from(reasons),
            details=st.just({}) | st.just({"stop_sequence": "END"}),
        )
        return st.builds(
            Answer,
            choices=choice.map(lambda each: (each,)),
            provider=st.just(self.provider),
            model=NAMES,
            id=NAMES,
            usage=usages(),
        )

    def ask(self, wire: Wire, question: Question) -> Seen:
        first, *rest = question.messages
        system, turns = (plain.words(first), rest) if first.role == "system" else (None, question.messages)
        asked: dict[str, Any] = {"model": "m", "max_tokens": 9, "messages": [turn(each) for each in turns]}
        if system is not None:
            asked["system"] = system
        if question.tools:
            asked["tools"] = [
                {"name": each.name, "description": each.description, "input_schema": each.parameters}
                for each in question.tools
            ]
        client = at(anthropic_client, wire)
        if not question.stream:
            return seen(client.messages.create(**asked))
        with client.messages.stream(**asked) as stream:
            return seen(stream.get_final_message())


def turn(message: Message) -> dict[str, Any]:
    """A message with its blocks; results are blocks of the user."""
    if (told := plain.result(message)) is not None:
        return {"role": "user", "content": [{"type": "tool_result", "tool_use_id": told.id, "content": told.content}]}
    blocks: list[dict[str, Any]] = [{"type": "text", "text": said} for said in [plain.words(message)] if said]
    blocks += [
        {"type": "tool_use", "id": each.id, "name": each.name, "input": each.arguments} for each in plain.calls(message)
    ]
    return {"role": message.role, "content": blocks}


def seen(message: Any) -> Seen:
    usage = message.usage
    cached = (usage.cache_read_input_tokens or 0) + (usage.cache_creation_input_tokens or 0)
    choice = SeenChoice(
        text="".join(each.text for each in message.content if each.type == "text"),
        reasoning="".join(each.thinking for each in message.content if each.type == "thinking"),
        calls=tuple((each.name, each.input, each.id) for each in message.content if each.type == "tool_use"),
        finish_reason=message.stop_reason,
    )
    return Seen(
        choices=(choice,),
        usage=(usage.input_tokens + cached, usage.output_tokens),
        more=[message.id, message.model, message.stop_sequence, [each.type for each in message.content]],
    )


DRIVERS = (Messages(),)
