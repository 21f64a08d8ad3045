"""Anthropic's SDK, unmodified: what the application gets for each way of asking."""

import pytest

from tests.plugin.conftest import Project
from tests.sample import (
    ANTHROPIC,
    QUESTION,
    Ask,
    ask,
    message,
    rate_limited,
    raw_ask,
    tool_call,
    tool_result,
    traced,
    turn,
)

HEAD = """
import asyncio
import anthropic
import pydantic
import pytest

ASKED = dict(
    model="claude-sonnet-5",
    max_tokens=100,
    system="Be brief.",
    messages=[{"role": "user", "content": "Where is my order?"}],
)
"""
REQUEST = {
    "model": "claude-sonnet-5",
    "max_tokens": 100,
    "system": "Be brief.",
    "messages": [{"role": "user", "content": QUESTION}],
}

WAYS = {
    "sync": """
def test_answer(llm_replay):
    done = anthropic.Anthropic().messages.create(**ASKED)
    assert done.content[0].text == "It is on its way."
    assert (done.id, done.model, done.stop_reason) == ("answer-1", "claude-sonnet-5", "end_turn")
    assert (done.usage.input_tokens, done.usage.output_tokens) == (12, 6)
""",
    "async": """
def test_answer(llm_replay):
    async def main():
        return await anthropic.AsyncAnthropic().messages.create(**ASKED)

    assert asyncio.run(main()).content[0].text == "It is on its way."
""",
    "stream": """
def test_answer(llm_replay):
    events = list(anthropic.Anthropic().messages.create(**ASKED, stream=True))
    assert [each.type for each in events][:2] == ["message_start", "content_block_start"]
    assert [each.type for each in events][-3:] == ["content_block_stop", "message_delta", "message_stop"]
    texts = [each.delta.text for each in events if each.type == "content_block_delta"]
    assert len(texts) > 1
    assert "".join(texts) == "It is on its way."
""",
    "async stream": """
def test_answer(llm_replay):
    async def main():
        stream = await anthropic.AsyncAnthropic().messages.create(**ASKED, stream=True)
        return [each.type async for each in stream]

    assert asyncio.run(main())[-1] == "message_stop"
""",
    "stream helper": """
def test_answer(llm_replay):
    with anthropic.Anthropic().messages.stream(**ASKED) as stream:
        assert "".join(stream.text_stream) == "It is on its way."
        done = stream.get_final_message()
    assert (done.stop_reason, done.usage.output_tokens) == ("end_turn", 6)
""",
    "async stream helper": """
def test_answer(llm_replay):
    async def main():
        async with anthropic.AsyncAnthropic().messages.stream(**ASKED) as stream:
            return await stream.get_final_text()

    assert asyncio.run(main()) == "It is on its way."
""",
    "beta": """
def test_answer(llm_replay):
    done = anthropic.Anthropic().beta.messages.create(**ASKED, betas=["context-1m-2025-08-07"])
    assert done.content[0].text == "It is on its way."
""",
    "raw response": """
def test_answer(llm_replay):
    raw = anthropic.Anthropic().messages.with_raw_response.create(**ASKED)
    assert raw.parse().content[0].text == "It is on its way."
""",
}


@pytest.mark.parametrize("way", WAYS)
def test_each_way_of_asking_gets_the_recorded_answer(project: Project, way: str) -> None:
    project.shop(traced(ask("anthropic")), app=ANTHROPIC, test=HEAD + WAYS[way])
    assert project.run("-Werror").last == "1 passed in 0.00s"


@pytest.mark.parametrize("way", ["sync", "async", "stream", "stream helper", "async stream helper"])
def test_a_trace_of_a_streamed_call_answers_each_way(project: Project, way: str) -> None:
    project.shop(traced(ask("anthropic", stream=True)), app=ANTHROPIC, test=HEAD + WAYS[way])
    assert project.run("-Werror").last == "1 passed in 0.00s"


TOOL = {
    "type": "function",
    "name": "lookup",
    "description": "Look up.",
    "parameters": {"type": "object", "properties": {"id": {"type": "string"}}},
}
TOOLS = """
TOOLS = [{"name": "lookup", "description": "Look up.", "input_schema": {
    "type": "object", "properties": {"id": {"type": "string"}}}}]
"""
CALL = tool_call("lookup", {"id": "A-1"}, "toolu_1")


def test_a_tool_loop(project: Project) -> None:
    asked = [
        turn("user", QUESTION),
        turn("assistant", "Let me see.", CALL),
        turn("user", tool_result("sent", "toolu_1")),
    ]
    project.shop(
        traced(
            ask("anthropic", told=["Let me see.", CALL], finish="tool_call", tools=[TOOL]),
            ask("anthropic", asked=asked, tools=[TOOL]),
        ),
        app=ANTHROPIC,
        test=HEAD
        + TOOLS
        + """
def test_answer(llm_replay):
    client = anthropic.Anthropic()
    first = client.messages.create(**ASKED, tools=TOOLS)
    assert first.stop_reason == "tool_use"
    words, call = first.content
    assert (words.text, call.id, call.name, call.input) == ("Let me see.", "toolu_1", "lookup", {"id": "A-1"})
    result = {"type": "tool_result", "tool_use_id": call.id, "content": "sent"}
    more = [{"role": "assistant", "content": first.content}, {"role": "user", "content": [result]}]
    done = client.messages.create(**{**ASKED, "messages": ASKED["messages"] + more}, tools=TOOLS)
    assert done.content[0].text == "It is on its way."
""",
    )
    assert project.run("-Werror").last == "1 passed in 0.00s"


def test_a_tool_call_is_streamed(project: Project) -> None:
    project.shop(
        traced(ask("anthropic", told=[CALL], finish="tool_call", tools=[TOOL])),
        app=ANTHROPIC,
        test=HEAD
        + TOOLS
        + """
def test_answer(llm_replay):
    with anthropic.Anthropic().messages.stream(**ASKED, tools=TOOLS) as stream:
        done = stream.get_final_message()
    assert (done.stop_reason, done.content[0].input) == ("tool_use", {"id": "A-1"})
""",
    )
    assert project.run("-Werror").last == "1 passed in 0.00s"


THOUGHT = {"type": "thinking", "thinking": "An order number would help.", "signature": "c2VhbA=="}


@pytest.mark.parametrize(
    "call",
    [
        ask("anthropic", told=[{**THOUGHT, "type": "reasoning", "content": THOUGHT["thinking"]}, "Which one?"]),
        raw_ask(REQUEST | {"thinking": {"type": "enabled", "budget_tokens": 2000}},
                message(THOUGHT, {"type": "text", "text": "Which one?"}), "anthropic"),
    ],
    ids=["parts", "raw"],
)  # fmt: skip
@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
def test_thinking_comes_with_its_seal(project: Project, call: Ask, stream: bool) -> None:
    project.shop(
        traced(call),
        app=ANTHROPIC,
        test=HEAD
        + f"""
def test_answer(llm_replay):
    asked = dict(ASKED, thinking={{"type": "enabled", "budget_tokens": 2000}})
    if {stream}:
        with anthropic.Anthropic().messages.stream(**asked) as stream:
            done = stream.get_final_message()
    else:
        done = anthropic.Anthropic().messages.create(**asked)
    thought, words = done.content
    assert (thought.thinking, thought.signature) == ("An order number would help.", "c2VhbA==")
    assert words.text == "Which one?"
""",
    )
    assert project.run().last == "1 passed in 0.00s"


def test_structured_output_is_parsed(project: Project) -> None:
    project.shop(
        traced(ask("anthropic", told='{"city": "Oslo"}')),
        app=ANTHROPIC,
        test=HEAD
        + """
class Place(pydantic.BaseModel):
    city: str

def test_answer(llm_replay):
    done = anthropic.Anthropic().messages.parse(**ASKED, output_format=Place)
    assert done.parsed_output == Place(city="Oslo")
""",
    )
    assert project.run("-Werror").last == "1 passed in 0.00s"


def test_a_refusal(project: Project) -> None:
    refused = message(stop="refusal")
    project.shop(
        traced(raw_ask(REQUEST, refused, "anthropic")),
        app=ANTHROPIC,
        test=HEAD
        + """
def test_answer(llm_replay):
    done = anthropic.Anthropic().messages.create(**ASKED)
    assert (done.stop_reason, done.content) == ("refusal", [])
""",
    )
    assert project.run("-Werror").last == "1 passed in 0.00s"


def test_a_cache_mark_in_the_question_and_cached_tokens_in_the_answer(project: Project) -> None:
    usage = {"input_tokens": 2, "output_tokens": 1, "cache_read_input_tokens": 9, "cache_creation_input_tokens": 1}
    cached = message({"type": "text", "text": "Yes."}, usage=usage)
    system = [{"type": "text", "text": "Be brief.", "cache_control": {"type": "ephemeral"}}]
    project.shop(
        traced(raw_ask(REQUEST | {"system": system}, cached, "anthropic")),
        app=ANTHROPIC,
        test=HEAD
        + f"""
def test_answer(llm_replay):
    usage = anthropic.Anthropic().messages.create(**(ASKED | {{"system": {system!r}}})).usage
    assert (usage.input_tokens, usage.cache_read_input_tokens, usage.cache_creation_input_tokens) == (2, 9, 1)
""",
    )
    assert project.run("-Werror").last == "1 passed in 0.00s"


@pytest.mark.parametrize(
    "call",
    [
        "client.messages.create(**ASKED)",
        "list(client.messages.create(**ASKED, stream=True))",
        "client.messages.stream(**ASKED).__enter__()",
    ],
)
def test_a_recorded_429_is_raised_at_once(project: Project, call: str) -> None:
    project.shop(
        rate_limited("anthropic"),
        app=ANTHROPIC,
        test=HEAD
        + f"""
def test_answer(llm_replay):
    client = anthropic.Anthropic(max_retries=5)
    with pytest.raises(anthropic.RateLimitError) as caught:
        {call}
    assert caught.value.status_code == 429
    assert len(llm_replay.recording.matches) == 1
""",
    )
    assert project.run("-Werror").last == "1 passed in 0.00s"


def test_a_changed_prompt(project: Project) -> None:
    project.shop(traced(ask("anthropic")), app=ANTHROPIC.replace("Be brief.", "Be kind."))
    assert (
        project.run(status=1).failures
        == """\
_____________________ test_answer[where-is-my-order-0001] ______________________
trace 0001916cd43d  recorded 2026-05-28 20:26 (genai)  traces.jsonl:1

  1 model      claude-sonnet-5          DIVERGED   <- first
step 1, model claude-sonnet-5, stage prompt
  messages[0].content   recorded Be brief., now Be kind.
only this step:  pytest "test_shop.py::test_answer[where-is-my-order-0001]" --llm-until=1
"""
    )
