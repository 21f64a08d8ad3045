"""OpenAI's SDK, unmodified: what the application gets for each way of asking."""

import pytest

from tests.plugin.conftest import Project
from tests.sample import (
    OPENAI,
    QUESTION,
    RATE_LIMIT,
    Ask,
    ask,
    completion,
    rate_limited,
    raw_ask,
    tool_call,
    tool_result,
    traced,
    turn,
)

HEAD = """
import asyncio
import openai
import pydantic
import pytest

ASKED = dict(
    model="gpt-4o-mini",
    temperature=0,
    messages=[{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Where is my order?"}],
)
"""

WAYS = {
    "sync": """
def test_answer(llm_replay):
    done = openai.OpenAI().chat.completions.create(**ASKED)
    assert done.choices[0].message.content == "It is on its way."
    assert done.choices[0].finish_reason == "stop"
    assert (done.id, done.model) == ("answer-1", "gpt-4o-mini")
    assert (done.usage.prompt_tokens, done.usage.completion_tokens, done.usage.total_tokens) == (12, 6, 18)
""",
    "async": """
def test_answer(llm_replay):
    async def main():
        return await openai.AsyncOpenAI().chat.completions.create(**ASKED)

    assert asyncio.run(main()).choices[0].message.content == "It is on its way."
""",
    "stream": """
def test_answer(llm_replay):
    chunks = list(openai.OpenAI().chat.completions.create(**ASKED, stream=True))
    assert "".join(each.choices[0].delta.content or "" for each in chunks) == "It is on its way."
    assert [each.choices[0].finish_reason for each in chunks if each.choices[0].finish_reason] == ["stop"]
    assert {each.id for each in chunks} == {"answer-1"}
""",
    "stream with usage": """
def test_answer(llm_replay):
    chunks = list(openai.OpenAI().chat.completions.create(**ASKED, stream=True, stream_options={"include_usage": True}))
    assert [each.usage.total_tokens for each in chunks if each.usage] == [18]
    assert chunks[-1].choices == []
""",
    "async stream": """
def test_answer(llm_replay):
    async def main():
        stream = await openai.AsyncOpenAI().chat.completions.create(**ASKED, stream=True)
        return "".join([each.choices[0].delta.content or "" async for each in stream])

    assert asyncio.run(main()) == "It is on its way."
""",
    "stream helper": """
def test_answer(llm_replay):
    with openai.OpenAI().chat.completions.stream(**ASKED) as stream:
        events = [event.type for event in stream]
        done = stream.get_final_completion()
    assert (events[0], events[-1]) == ("chunk", "content.done")
    assert done.choices[0].message.content == "It is on its way."
""",
    "async stream helper": """
def test_answer(llm_replay):
    async def main():
        async with openai.AsyncOpenAI().chat.completions.stream(**ASKED) as stream:
            return await stream.get_final_completion()

    assert asyncio.run(main()).choices[0].message.content == "It is on its way."
""",
    "raw response": """
def test_answer(llm_replay):
    raw = openai.OpenAI().chat.completions.with_raw_response.create(**ASKED)
    assert raw.status_code == 200
    assert raw.parse().choices[0].message.content == "It is on its way."
""",
    "streamed response left early": """
def test_answer(llm_replay):
    with openai.OpenAI().chat.completions.with_streaming_response.create(**ASKED, stream=True) as raw:
        assert next(raw.iter_lines()).startswith("data: ")
""",
    "another host": """
def test_answer(llm_replay):
    client = openai.OpenAI(base_url="https://models.example.com/compatible/v1", api_key="other")
    assert client.chat.completions.create(**ASKED).choices[0].message.content == "It is on its way."
""",
    "azure": """
def test_answer(llm_replay):
    client = openai.AzureOpenAI(azure_deployment="support")
    assert client.chat.completions.create(**ASKED).choices[0].message.content == "It is on its way."
""",
    "plain HTTP": """
def test_answer(llm_replay):
    import httpx

    answer = httpx.post("https://api.openai.com/v1/chat/completions", json=ASKED).json()
    assert answer["choices"][0]["message"]["content"] == "It is on its way."
""",
}


@pytest.mark.parametrize("way", WAYS)
def test_each_way_of_asking_gets_the_recorded_answer(project: Project, way: str) -> None:
    project.shop(test=HEAD + WAYS[way])
    assert project.run("-Werror").last == "1 passed in 0.00s"


@pytest.mark.parametrize("way", ["sync", "async", "stream", "stream helper", "async stream helper"])
def test_a_trace_of_a_streamed_call_answers_each_way(project: Project, way: str) -> None:
    project.shop(traced(ask(stream=True)), test=HEAD + WAYS[way])
    assert project.run("-Werror").last == "1 passed in 0.00s"


TOOL = {
    "type": "function",
    "name": "lookup",
    "description": "Look up.",
    "parameters": {"type": "object", "properties": {"id": {"type": "string"}}},
}
TOOLS = """
TOOLS = [{"type": "function", "function": {"name": "lookup", "description": "Look up.", "parameters": {
    "type": "object", "properties": {"id": {"type": "string"}}}}}]
"""
LOOP = """
import json

def loop(result):
    client = openai.OpenAI()
    asked = {**ASKED, "messages": list(ASKED["messages"]), "tools": TOOLS}
    first = client.chat.completions.create(**asked).choices[0]
    assert first.finish_reason == "tool_calls"
    [call] = first.message.tool_calls
    assert (call.id, call.function.name, json.loads(call.function.arguments)) == ("call_1", "lookup", {"id": "A-1"})
    asked["messages"] += [first.message, {"role": "tool", "tool_call_id": call.id, "content": result}]
    return client.chat.completions.create(**asked).choices[0].message.content
"""
CALLED = turn("assistant", tool_call("lookup", {"id": "A-1"}))


def tool_trace() -> tuple[Ask, Ask]:
    """A request whose model called a tool, and answered when it had the result."""
    asked = [turn("user", QUESTION)]
    first = ask(told=tool_call("lookup", {"id": "A-1"}), finish="tool_call", tools=[TOOL])
    return first, ask(asked=[*asked, CALLED, turn("tool", tool_result("sent"))], tools=[TOOL])


def test_a_tool_loop(project: Project) -> None:
    project.shop(
        traced(*tool_trace()),
        test=HEAD
        + TOOLS
        + LOOP
        + """
def test_answer(llm_replay):
    assert loop("sent") == "It is on its way."
""",
    )
    assert project.run("-Werror").last == "1 passed in 0.00s"


def test_a_tool_that_gives_something_else_is_a_divergence_of_the_next_call(project: Project) -> None:
    project.shop(
        traced(*tool_trace()),
        test=HEAD
        + TOOLS
        + LOOP
        + """
def test_answer(llm_replay):
    loop("lost")
""",
    )
    assert (
        project.run(status=1).failures
        == """\
_____________________ test_answer[where-is-my-order-0001] ______________________
trace 0001916cd43d  recorded 2026-05-28 20:26 (genai)  traces.jsonl:1

  1 model      gpt-4o-mini              same
  2 model      gpt-4o-mini              DIVERGED   <- first
step 2, model gpt-4o-mini, stage tool
  messages[3].content   recorded sent, now lost
only this step:  pytest "test_shop.py::test_answer[where-is-my-order-0001]" --llm-until=2
"""
    )


def test_a_tool_call_is_streamed(project: Project) -> None:
    project.shop(
        traced(tool_trace()[0]),
        test=HEAD
        + TOOLS
        + """
def test_answer(llm_replay):
    with openai.OpenAI().chat.completions.stream(**ASKED, tools=TOOLS) as stream:
        [call] = stream.get_final_completion().choices[0].message.tool_calls
    assert (call.id, call.function.name, call.function.arguments) == ("call_1", "lookup", '{"id":"A-1"}')
""",
    )
    assert project.run("-Werror").last == "1 passed in 0.00s"


def test_a_changed_tool_is_named(project: Project) -> None:
    project.shop(
        traced(tool_trace()[0]),
        test=HEAD
        + TOOLS.replace('"id"', '"order"')
        + """
def test_answer(llm_replay):
    openai.OpenAI().chat.completions.create(**ASKED, tools=TOOLS)
""",
    )
    assert (
        project.run(status=1).failures
        == """\
_____________________ test_answer[where-is-my-order-0001] ______________________
trace 0001916cd43d  recorded 2026-05-28 20:26 (genai)  traces.jsonl:1

  1 model      gpt-4o-mini              DIVERGED   <- first
step 1, model gpt-4o-mini, stage generator
  tools.lookup.parameters.properties   recorded {"id": {"type": "string"}}, now {"order": {"type": "string"}}
only this step:  pytest "test_shop.py::test_answer[where-is-my-order-0001]" --llm-until=1
"""
    )


PLACE = """
class Place(pydantic.BaseModel):
    city: str

def test_answer(llm_replay):
    done = openai.OpenAI().chat.completions.parse(**ASKED, response_format=Place)
    assert done.choices[0].message.parsed == Place(city="Oslo")
"""


def test_structured_output_is_parsed(project: Project) -> None:
    project.shop(traced(ask(told='{"city": "Oslo"}')), test=HEAD + PLACE)
    assert project.run("-Werror").last == "1 passed in 0.00s"


def test_structured_output_of_a_trace_that_holds_the_schema(project: Project) -> None:
    schema = {
        "type": "object",
        "properties": {"city": {"title": "City", "type": "string"}},
        "required": ["city"],
        "title": "Place",
        "additionalProperties": False,
    }
    request = {
        "model": "gpt-4o-mini",
        "temperature": 0,
        "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": QUESTION}],
        "response_format": {"type": "json_schema", "json_schema": {"schema": schema, "name": "Place", "strict": True}},
    }
    project.shop(traced(raw_ask(request, completion({"content": '{"city": "Oslo"}'}))), test=HEAD + PLACE)
    assert project.run("-Werror").last == "1 passed in 0.00s"
    project.write(test_shop=HEAD + PLACE.replace("city: str", "city: str\n    country: str"))
    output = project.run(status=1)
    assert "response_format" in output.failures


@pytest.mark.parametrize(
    "call",
    [
        ask(told={"type": "refusal", "content": "I cannot."}, finish="stop"),
        raw_ask(
            {"model": "gpt-4o-mini", "temperature": 0, "messages": [
                {"role": "system", "content": "Be brief."}, {"role": "user", "content": QUESTION}]},
            completion({"content": None, "refusal": "I cannot."}),
        ),
    ],
    ids=["parts", "raw"],
)  # fmt: skip
def test_a_refusal(project: Project, call: Ask) -> None:
    project.shop(
        traced(call),
        test=HEAD
        + """
def test_answer(llm_replay):
    message = openai.OpenAI().chat.completions.create(**ASKED).choices[0].message
    assert (message.content, message.refusal) == (None, "I cannot.")
""",
    )
    assert project.run("-Werror").last == "1 passed in 0.00s"


def test_a_raw_answer_is_given_back_as_it_was(project: Project) -> None:
    request = {"model": "gpt-4o-mini", "temperature": 0, "messages": [
        {"role": "system", "content": "Be brief."}, {"role": "user", "content": QUESTION}]}  # fmt: skip
    answer = completion({"content": "It is on its way."}, system_fingerprint="fp_1", service_tier="default", own=[1])
    project.shop(
        traced(raw_ask(request, answer)),
        test=HEAD
        + f"""
def test_answer(llm_replay):
    assert openai.OpenAI().chat.completions.with_raw_response.create(**ASKED).http_response.json() == {answer!r}
""",
    )
    assert project.run("-Werror").last == "1 passed in 0.00s"


ERRORS = """
def test_answer(llm_replay):
    client = openai.OpenAI(max_retries=5)
    with pytest.raises(openai.RateLimitError) as caught:
        {call}
    assert caught.value.status_code == 429
    assert "Rate limit reached for gpt-4o-mini." in str(caught.value)
    assert len(llm_replay.recording.matches) == 1
"""


@pytest.mark.parametrize(
    "call",
    [
        "client.chat.completions.create(**ASKED)",
        "list(client.chat.completions.create(**ASKED, stream=True))",
        "client.chat.completions.stream(**ASKED).__enter__()",
    ],
)
def test_a_recorded_429_is_raised_at_once(project: Project, call: str) -> None:
    project.shop(rate_limited(), test=HEAD + ERRORS.format(call=call))
    assert project.run("-Werror").last == "1 passed in 0.00s"


def test_a_retry_that_production_made_is_made_again(project: Project) -> None:
    project.shop(
        traced(ask(failure=RATE_LIMIT), ask()),
        test=OPENAI
        + """
import openai

def test_answer(llm_replay):
    try:
        answer("Where is my order?")
    except openai.RateLimitError:
        assert answer("Where is my order?") == "It is on its way."
""",
    )
    assert project.run("-Werror").last == "1 passed in 0.00s"


def test_equal_requests_get_their_answers_in_recorded_order(project: Project) -> None:
    project.shop(
        traced(ask(told="one"), ask(told="two"), ask(told="three")),
        test="""
from shop import answer

def test_answer(llm_replay):
    assert [answer("Where is my order?") for _ in range(3)] == ["one", "two", "three"]
""",
    )
    assert project.run().last == "1 passed in 0.00s"
