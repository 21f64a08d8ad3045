"""LiteLLM: a loop of ``completion`` with a tool."""

import pytest

from tests.frameworks.conftest import Shop, needs

needs("litellm")

LOOP = """
import json
from litellm import completion

SYSTEM = "You answer for a small shop."
TOOLS = [{
    "type": "function",
    "function": {
        "name": "lookup_order",
        "description": "Look up the state of an order.",
        "parameters": {"type": "object", "properties": {"order_id": {"type": "string"}}, "required": ["order_id"]},
    },
}]

def lookup_order(order_id: str) -> str:
    return f"{order_id}: shipped with DHL"

def answer(question: str) -> str:
    messages = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": question}]
    while True:
        done = completion(model="openai/gpt-4o-mini", temperature=0, messages=messages, tools=TOOLS)
        message = done.choices[0].message
        if not message.tool_calls:
            return message.content
        messages.append(message)
        for call in message.tool_calls:
            found = lookup_order(**json.loads(call.function.arguments))
            messages.append({"role": "tool", "tool_call_id": call.id, "content": found})
"""

ASYNC_LOOP = (
    LOOP.replace("import completion", "import acompletion")
    .replace("= completion", "= await acompletion")
    .replace("def answer", "async def answer")
)


def test_loops_with_a_tool_are_replayed(shop: Shop) -> None:
    shop.goes_through(loop=LOOP, async_loop=ASYNC_LOOP)


def test_its_list_of_prices_is_not_fetched_and_the_attempt_is_seen(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.record(loop=LOOP)
    shop.change("from litellm import completion\n", "")
    shop.change("    messages = [{", "    from litellm import completion\n    messages = [{")
    shop.passes()
    monkeypatch.setenv("LITELLM_LOCAL_MODEL_COST_MAP", "false")
    shop.diverges("*network *REFUSED *first", "GET https://raw.githubusercontent.com/BerriAI/litellm/* was refused: *")
