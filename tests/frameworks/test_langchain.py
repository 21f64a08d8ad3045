"""LangChain: an agent of ``create_agent`` and ``ChatOpenAI``, and the same loop drawn as a graph of LangGraph."""

import pytest

from tests.frameworks.conftest import Shop, needs

needs("langchain.agents", "langchain_openai", "langgraph.graph")

AGENT = '''
from langchain.agents import create_agent
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI

SYSTEM = "You answer for a small shop."

@tool
def lookup_order(order_id: str) -> str:
    """Look up the state of an order."""
    return f"{order_id}: shipped with DHL"

def answer(question: str) -> str:
    agent = create_agent(ChatOpenAI(model="gpt-4o-mini", temperature=0), [lookup_order], system_prompt=SYSTEM)
    done = agent.invoke({"messages": [{"role": "user", "content": question}]})
    return done["messages"][-1].content
'''

ASYNC_AGENT = AGENT.replace("def answer", "async def answer").replace("agent.invoke", "await agent.ainvoke")

STREAMED_AGENT = AGENT.replace("temperature=0", "temperature=0, streaming=True")

GRAPH = '''
from langchain_core.messages import HumanMessage, SystemMessage
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode, tools_condition

SYSTEM = "You answer for a small shop."

@tool
def lookup_order(order_id: str) -> str:
    """Look up the state of an order."""
    return f"{order_id}: shipped with DHL"

def ask(state: MessagesState) -> dict:
    model = ChatOpenAI(model="gpt-4o-mini", temperature=0).bind_tools([lookup_order])
    return {"messages": [model.invoke([SystemMessage(SYSTEM), *state["messages"]])]}

def answer(question: str) -> str:
    graph = StateGraph(MessagesState)
    graph.add_node("ask", ask)
    graph.add_node("tools", ToolNode([lookup_order]))
    graph.add_edge(START, "ask")
    graph.add_conditional_edges("ask", tools_condition)
    graph.add_edge("tools", "ask")
    return graph.compile().invoke({"messages": [HumanMessage(question)]})["messages"][-1].content
'''

BATCH = """
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage, ToolMessage
from langchain_openai import ChatOpenAI

SYSTEM = SystemMessage("You answer for a small shop.")

def answer(question: str) -> str:
    call = {"name": "lookup_order", "args": {"order_id": "A-1042"}, "id": "call_1", "type": "tool_call"}
    asked = [SYSTEM, HumanMessage(question)]
    found = [*asked, AIMessage("", tool_calls=[call]), ToolMessage("shipped with DHL", tool_call_id="call_1")]
    first, second = ChatOpenAI(model="gpt-4o-mini", temperature=0).batch([asked, found])
    assert first.tool_calls
    return second.content
"""

ASYNC_BATCH = (
    BATCH.replace("def answer", "async def answer")
    .replace("= ChatOpenAI", "= await ChatOpenAI")
    .replace(".batch(", ".abatch(")
)

UNTIL_REFUSED = """
    import os, time
    from pytest_llmreplay.replay import active
    while os.environ.get("LANGSMITH_TRACING") and not active.find().recording.refusals:
        time.sleep(0.05)  # its own thread sends when it likes
"""


def test_loops_with_a_tool_are_replayed(shop: Shop) -> None:
    shop.goes_through(agent=AGENT, async_agent=ASYNC_AGENT, streamed_agent=STREAMED_AGENT, graph=GRAPH)


def test_the_calls_of_a_batch_get_each_its_own_answer(shop: Shop) -> None:
    shop.record(batch=BATCH, async_batch=ASYNC_BATCH)
    shop.passes()
    shop.change("for a small shop", "for a large shop")
    shop.diverges("step ?, model gpt-4o-mini, stage prompt")  # whichever of the two is asked first


def test_langsmith_gets_no_traces_and_the_attempt_is_seen(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.record(agent=AGENT)
    shop.change("    return done", UNTIL_REFUSED + "    return done")
    shop.passes()
    monkeypatch.setenv("LANGSMITH_TRACING", "true")
    monkeypatch.setenv("LANGSMITH_API_KEY", "not-a-key")
    shop.diverges("*network *REFUSED *first", "* https://api.smith.langchain.com/* was refused: *")


def test_a_tokenizer_is_not_fetched_and_the_attempt_is_seen(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(shop.path / "cache"))
    shop.record(agent=AGENT)
    shop.change("    done = agent", "    ChatOpenAI(model='gpt-4o-mini').get_num_tokens(question)\n    done = agent")
    shop.diverges("*network *REFUSED *first", "GET https://openaipublic.blob.core.windows.net/* was refused: *")
