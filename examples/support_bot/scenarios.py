"""The five requests that were traced, and what the model said to them."""

from dataclasses import dataclass

from provider_double import Error, Reply, Rule, ToolCall


@dataclass(frozen=True)
class Scenario:
    """One request to the bot, and who sent it."""

    request_kind: str
    question: str
    customer_id: str | None
    session_id: str


SHIPPING = Scenario("policy", "How many working days does standard shipping take?", None, "s-301")
REFUND = Scenario("policy", "How many days do I have to return an item for a refund?", None, "s-302")
ORDER = Scenario("order", "Where is my order A-1042?", "c-77", "s-303")
HELLO = Scenario("chat", "Hi! Can you recommend something for a rainy day?", None, "s-303")
WARRANTY = Scenario("policy", "What does the warranty of a device cover?", None, "s-304")

SCENARIOS = (SHIPPING, REFUND, ORDER, HELLO, WARRANTY)

RULES = (
    Rule(SHIPPING.question, Reply("Standard shipping takes 3 to 5 working days [shipping-times].")),
    # Wrong: the model follows the policy that was superseded. Today's window is 30 days.
    Rule(REFUND.question, Reply("You can return an item for a full refund within 14 days [refund-2024].")),
    Rule(
        ORDER.question,
        Reply(tool_calls=(ToolCall("lookup_order", '{"order_id":"A-1042"}', "call_Zk3vT9aQ1nXw7RbE5uYp2LsD"),)),
    ),
    Rule(
        '"order_id": "A-1042"',
        Reply("Your order A-1042 is on its way with DHL and should arrive on 20 November 2026."),
        role="tool",
    ),
    Rule(
        HELLO.question,
        Reply("Hello! On a rainy day our e-reader is good company: light, no glare, and weeks on one charge."),
    ),
    Rule(
        WARRANTY.question,
        Error(
            status=429,
            message=(
                "Rate limit reached for gpt-4o-mini in organization org-example on requests per min (RPM): "
                "Limit 500, Used 500, Requested 1. Please try again in 120ms."
            ),
            type="requests",
            code="rate_limit_exceeded",
        ),
    ),
)
