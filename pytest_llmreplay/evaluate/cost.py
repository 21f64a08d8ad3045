"""What calls cost, by their recorded tokens and a price table that is looked up offline. PYTEST_DONT_REWRITE

The table is the one inside the package genai-prices; its updater is never started, and one that the application started
does not count. What is not known is no price: never zero.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from typing import Any

from pytest_llmreplay.errors import MissingExtra
from pytest_llmreplay.evaluate.context import Exchange
from pytest_llmreplay.model.call import Usage

PROVIDERS: Mapping[str, str] = {
    "openai": "openai",
    "anthropic": "anthropic",
    "google": "google",
    "mistral": "mistral",
    "cohere": "cohere",
    "bedrock": "aws",
}
"""Provider in the table by the first word of the wire API's name."""
STANDARD = frozenset({"auto", "default", "standard", "on_demand"})
"""Tiers that have no prices of their own."""


@dataclass(frozen=True, slots=True)
class Price:
    """What one call cost."""

    usd: float | None
    """None where it is not known."""
    why: str = ""
    """Why it is not known, or what it was reckoned by: provider and model of the table."""


@dataclass(frozen=True, slots=True)
class Total:
    """What several calls cost together."""

    usd: float | None
    """None where the price of one of them is not known."""
    known: float = 0.0
    """What those cost of which the price is known."""
    calls: int = 0
    unpriced: int = 0
    """Calls of which the price is not known."""
    why: str = ""
    """Why the price of the first of them is not known."""


def table_version() -> str | None:
    """``genai-prices 0.2.3``; None where it is not installed."""
    return f"genai-prices {version('genai-prices')}" if installed() else None


def installed() -> bool:
    """Whether there is a price table."""
    return find_spec("genai_prices") is not None


def price(exchange: Exchange) -> Price | None:
    """What a call cost in US dollars on the day of its recording; a live call today.

    None for what asks no provider. An error without token counts costs nothing.
    """
    if not exchange.asks_a_model:
        return None
    if not installed():
        return Price(None, str(MissingExtra("the cost of calls", "genai-prices", "prices")))
    answer = exchange.answer
    if answer.error is not None and answer.usage is None:
        return Price(0.0, f"error {answer.error.status}")
    usage = answer.usage or Usage()
    needed = ("input",) if exchange.call.kind in ("embedding", "rerank") else ("input", "output")
    for each in needed:
        if getattr(usage, each) is None:
            return Price(None, f"the number of {each} tokens is not recorded")
    asked = exchange.step.call if exchange.recorded and exchange.step else exchange.call
    models = [each for each in (answer.model, asked.model) if each]
    found = [reckoned(exchange, usage, model) for model in dict.fromkeys(models)]
    known = [each for each in found if each.usd is not None]
    return next(iter(known or found), Price(None, "the model is not recorded"))


def total(exchanges: Iterable[Exchange]) -> Total:
    """What calls cost together."""
    prices = [found for each in exchanges if (found := price(each)) is not None]
    known = sum(each.usd for each in prices if each.usd is not None)
    unknown = [each.why for each in prices if each.usd is None]
    return Total(None if unknown else known, known, len(prices), len(unknown), unknown[0] if unknown else "")


def reckoned(exchange: Exchange, usage: Usage, model: str) -> Price:
    """What a model takes for some tokens."""
    from genai_prices import Usage as Counts

    counts = {
        "input_tokens": usage.input,
        "output_tokens": usage.output,
        "cache_read_tokens": usage.cache_read,
        "cache_write_tokens": usage.cache_write,
        "output_reasoning_tokens": usage.reasoning,
    }
    tier = exchange.answer.details.get("service_tier")
    context = {"service_tier": tier} if isinstance(tier, str) else None
    moment = day(exchange)
    try:
        provider, url = provider_of(exchange)
        found = table().calc(Counts(**counts), model, provider, url, moment, context)
    except LookupError:
        return Price(None, f"the price table does not know {model}")
    except ValueError as error:
        return Price(None, f"the recorded token counts contradict each other: {error}")
    if isinstance(tier, str) and tier.lower() not in STANDARD and found.model_price == found.model.get_prices(moment):
        return Price(None, f"the price table has no price for the tier {tier} of {model} on that day")
    for side in ("input", "output"):
        if getattr(usage, side) and getattr(found.model_price, f"{side}_mtok") is None:
            return Price(None, f"the price table has no price for {side} tokens of {model}")
    return Price(float(found.total_price), f"{found.provider.id} {found.model.id}")


def provider_of(exchange: Exchange) -> tuple[str | None, str | None]:
    """Who answered, as the name and address by which the table may know him.

    By the server's address, else the span's word, else the wire API. Hosts that speak another's API have an address.
    """
    hints = exchange.step.hints if exchange.step else None
    if hints and hints.address:
        url = hints.address if "://" in hints.address else f"https://{hints.address}"
        if listed(None, url):
            return None, url
    if hints and hints.system:
        word = "azure" if hints.system.startswith(("az.", "azure")) else hints.system
        if listed(word, None):
            return word, None
    api = (exchange.answer.provider or exchange.call.provider or "").partition(".")[0]
    return PROVIDERS.get(api, api or None), None


def listed(provider: str | None, url: str | None) -> bool:
    """Whether the table knows a provider."""
    try:
        table().find_provider(None, provider, url)
    except LookupError:
        return False
    return True


def day(exchange: Exchange) -> datetime:
    """When the call was made."""
    began = exchange.step.start_ns if exchange.recorded and exchange.step else 0
    return datetime.fromtimestamp(began / 1e9, UTC) if began else datetime.now(UTC)


@cache
def table() -> Any:
    """The price table of the package, whatever an updater may have put in its place."""
    from genai_prices.data import providers
    from genai_prices.data_snapshot import DataSnapshot

    return DataSnapshot(providers=providers, from_auto_update=False)
