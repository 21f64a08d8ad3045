"""OpenAI Agents SDK: an agent with a tool over ``OpenAIChatCompletionsModel``."""

import pytest

from tests.frameworks.conftest import Shop, needs

needs("agents")

AGENT = '''
from agents import Agent, ModelSettings, OpenAIChatCompletionsModel, Runner, function_tool
from openai import AsyncOpenAI

SYSTEM = "You answer for a small shop."

@function_tool
def lookup_order(order_id: str) -> str:
    """Look up the state of an order."""
    return f"{order_id}: shipped with DHL"

def agent():
    return Agent(
        name="Shop",
        instructions=SYSTEM,
        model=OpenAIChatCompletionsModel(model="gpt-4o-mini", openai_client=AsyncOpenAI()),
        model_settings=ModelSettings(temperature=0),
        tools=[lookup_order],
    )

async def answer(question: str) -> str:
    return (await Runner.run(agent(), question)).final_output
'''

SYNC_AGENT = AGENT.replace("async def answer", "def answer").replace(
    "(await Runner.run(agent(), question))", "Runner.run_sync(agent(), question)"
)

STREAMED_AGENT = AGENT.replace(
    "    return (await Runner.run(agent(), question)).final_output",
    """    running = Runner.run_streamed(agent(), question)
    async for _ in running.stream_events():
        pass
    return running.final_output""",
)


def test_loops_with_a_tool_are_replayed(shop: Shop) -> None:
    shop.goes_through(agent=AGENT, sync_agent=SYNC_AGENT, streamed_agent=STREAMED_AGENT)


def test_its_own_traces_are_not_sent_and_the_attempt_is_seen(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.record(agent=AGENT)
    shop.change(".final_output", ".final_output + (flush_traces() or '')")
    shop.change("from agents import Agent,", "from agents import Agent, flush_traces,")
    shop.passes()
    monkeypatch.setenv("OPENAI_AGENTS_DISABLE_TRACING", "false")
    shop.diverges("*network *REFUSED *first", "POST https://api.openai.com/v1/traces/ingest was refused: *")
