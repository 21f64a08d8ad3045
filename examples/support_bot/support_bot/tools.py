"""What the agent can do: look up an order in the shop's own records."""

import json
from typing import TypedDict

from openai.types.chat import ChatCompletionToolParam


class Order(TypedDict):
    """The state of one order, as the model gets it."""

    order_id: str
    customer_id: str
    state: str
    carrier: str
    expected: str


ORDERS = {
    "A-1042": Order(order_id="A-1042", customer_id="c-77", state="shipped", carrier="DHL", expected="2026-11-20"),
    "A-1043": Order(order_id="A-1043", customer_id="c-12", state="packed", carrier="UPS", expected="2026-11-24"),
}

DEFINITIONS: list[ChatCompletionToolParam] = [
    {
        "type": "function",
        "function": {
            "name": "lookup_order",
            "description": "Look up the state of an order.",
            "parameters": {
                "type": "object",
                "properties": {"order_id": {"type": "string", "description": "The order number, as A-1234"}},
                "required": ["order_id"],
                "additionalProperties": False,
            },
        },
    }
]


def lookup_order(order_id: str) -> Order | None:
    """Look up the state of an order."""
    return ORDERS.get(order_id)


def run(name: str, arguments: str) -> str:
    """Run the tool that the model asked for and return its result as JSON."""
    if name != "lookup_order":
        return json.dumps({"error": f"there is no tool {name}"})
    return json.dumps(lookup_order(**json.loads(arguments)))
