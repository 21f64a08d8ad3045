"""Hosts that speak OpenAI's API and add to it: usage told unasked, reasoning, errors without a type."""

import json
from typing import Any

import pytest

from pytest_llmreplay.model.call import Answer, ApiError, Choice, Text, ToolCall, Usage
from pytest_llmreplay.providers.openai_chat import NAME, OpenAIChat
from tests.builders import answered, called, chat
from tests.providers.sdks import Wire, openai_client

PROVIDER = OpenAIChat()
USAGE = Usage(input=3, output=5)
HELLO: list[Any] = [{"role": "user", "content": "Hello?"}]


def chunks_of(answer: Answer, **options: Any) -> list[Any]:
    client = openai_client(Wire(NAME, answer))
    return list(client.chat.completions.create(model="m", messages=HELLO, stream=True, **options))


def test_usage_told_unasked_stands_in_the_chunk_that_ends_the_answer() -> None:
    chunks = chunks_of(answered("Hello.", usage=USAGE, usage_in_stream=True))
    assert [chunk.usage for chunk in chunks[:-1]] == [None] * (len(chunks) - 1)
    assert (chunks[-1].usage.total_tokens, chunks[-1].choices[0].finish_reason) == (8, "stop")


def test_usage_that_was_asked_for_stands_in_a_chunk_of_its_own() -> None:
    answer = answered("Hello.", usage=USAGE, usage_in_stream=True)
    chunks = chunks_of(answer, stream_options={"include_usage": True})
    assert [chunk.usage is not None for chunk in chunks] == [False] * (len(chunks) - 1) + [True]
    assert chunks[-1].choices == []


def test_groq_has_a_member_of_its_own_for_the_usage() -> None:
    answer = answered("Hello.", usage=USAGE, usage_in_stream=True, details={"x_groq": {}}, seed="a:b")
    last = chunks_of(answer)[-1]
    assert last.usage is None
    assert last.x_groq["usage"]["total_tokens"] == 8
    assert PROVIDER.read(PROVIDER.answer(chat(stream=True), answer)).usage == USAGE


def test_an_error_without_a_type_has_its_status_for_a_code() -> None:
    wire = PROVIDER.answer(chat(), Answer(error=ApiError(status=429, message="slow")))
    assert json.loads(wire.body)["error"] == {"message": "slow", "type": None, "param": None, "code": 429}


@pytest.mark.parametrize(
    ("parts", "word"),
    [((Text("a"),), "stop"), ((called("f", {}),), "tool_calls"), ((ToolCall("f", {}),), "tool_calls")],
)
def test_an_answer_of_the_responses_api_ends_in_this_apis_words(parts: Any, word: str) -> None:
    answer = Answer(provider="openai.responses", choices=(Choice(parts=parts, finish_reason="completed"),))
    assert json.loads(PROVIDER.answer(chat(), answer).body)["choices"][0]["finish_reason"] == word
