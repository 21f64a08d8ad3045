"""Pydantic AI: an agent with a tool over ``OpenAIChatModel``."""

from tests.frameworks.conftest import Shop, needs

needs("pydantic_ai")

AGENT = '''
from pydantic_ai import Agent
from pydantic_ai.models.openai import OpenAIChatModel

SYSTEM = "You answer for a small shop."

def answer(question: str) -> str:
    agent = Agent(OpenAIChatModel("gpt-4o-mini"), system_prompt=SYSTEM, model_settings={"temperature": 0})

    @agent.tool_plain
    def lookup_order(order_id: str) -> str:
        """Look up the state of an order."""
        return f"{order_id}: shipped with DHL"

    return agent.run_sync(question).output
'''

ASYNC_AGENT = AGENT.replace("def answer", "async def answer").replace(
    "agent.run_sync(question).output", "(await agent.run(question)).output"
)

STREAMED_AGENT = AGENT.replace("def answer", "async def answer").replace(
    "    return agent.run_sync(question).output",
    "    async with agent.run_stream(question) as result:\n        return await result.get_output()",
)


def test_loops_with_a_tool_are_replayed(shop: Shop) -> None:
    shop.goes_through(agent=AGENT, async_agent=ASYNC_AGENT, streamed_agent=STREAMED_AGENT)
