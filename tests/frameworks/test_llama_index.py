"""LlamaIndex: a ``FunctionAgent`` over its OpenAI model."""

from tests.frameworks.conftest import Shop, needs

needs("llama_index.core.agent.workflow", "llama_index.llms.openai")

AGENT = '''
from llama_index.core.agent.workflow import FunctionAgent
from llama_index.llms.openai import OpenAI

SYSTEM = "You answer for a small shop."

def lookup_order(order_id: str) -> str:
    """Look up the state of an order."""
    return f"{order_id}: shipped with DHL"

async def answer(question: str) -> str:
    agent = FunctionAgent(
        llm=OpenAI(model="gpt-4o-mini", temperature=0), tools=[lookup_order], system_prompt=SYSTEM
    )
    return str(await agent.run(user_msg=question))
'''

UNSTREAMED_AGENT = AGENT.replace("system_prompt=SYSTEM", "system_prompt=SYSTEM, streaming=False")

LOOP = '''
from llama_index.core.llms import ChatMessage
from llama_index.core.tools import FunctionTool
from llama_index.llms.openai import OpenAI

SYSTEM = "You answer for a small shop."

def lookup_order(order_id: str) -> str:
    """Look up the state of an order."""
    return f"{order_id}: shipped with DHL"

def answer(question: str) -> str:
    llm = OpenAI(model="gpt-4o-mini", temperature=0)
    tool = FunctionTool.from_defaults(lookup_order)
    messages = [ChatMessage(role="system", content=SYSTEM), ChatMessage(role="user", content=question)]
    while True:
        said = llm.chat_with_tools([tool], chat_history=messages)
        messages.append(said.message)
        calls = llm.get_tool_calls_from_response(said, error_on_no_tool_call=False)
        if not calls:
            return said.message.content
        for call in calls:
            found = str(tool(**call.tool_kwargs))
            messages.append(ChatMessage(role="tool", content=found, additional_kwargs={"tool_call_id": call.tool_id}))
'''


def test_loops_with_a_tool_are_replayed(shop: Shop) -> None:
    shop.goes_through(agent=AGENT, unstreamed_agent=UNSTREAMED_AGENT, loop=LOOP)
