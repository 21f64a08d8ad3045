import subprocess
import sys
from datetime import UTC, datetime
from typing import Any

import pytest

from pytest_llmreplay.evaluate import cost
from pytest_llmreplay.evaluate.context import Exchange, recorded
from pytest_llmreplay.evaluate.cost import price, table_version, total
from pytest_llmreplay.model.call import ApiError, Call, Usage
from pytest_llmreplay.model.trace import Hints
from tests import builders

MILLION = 1_000_000


def asked(
    model: str = "gpt-4o", *, kind: Any = "chat", api: str = "openai.chat", details: Any = None, **usage: int | None
) -> Exchange:
    """A call of a model with some token counts, in May 2026."""
    call = Call(kind=kind, model=model, provider=api)
    counts = Usage(**usage) if usage else None
    return recorded(builders.step(call, builders.answered("x", usage=counts, provider=api, details=details or {})))


def on(day: datetime, exchange: Exchange) -> Exchange:
    begin = int(day.timestamp() * 1e9)
    assert exchange.step is not None
    return recorded(
        builders.step(exchange.call, exchange.answer, start_ns=begin, end_ns=begin + 1, hints=exchange.step.hints)
    )


def hosted(exchange: Exchange, **hints: str) -> Exchange:
    return recorded(builders.step(exchange.call, exchange.answer, hints=Hints(**hints)))


def usd(exchange: Exchange) -> float | None:
    found = price(exchange)
    assert found is not None
    return found.usd


@pytest.mark.parametrize(
    ("exchange", "dollars"),
    [
        (asked(input=MILLION, output=0), 2.50),
        (asked(input=0, output=MILLION), 10.00),
        (asked(input=1000, output=100), 0.0035),
        (asked(input=1000, output=100, cache_read=400), (600 * 2.5 + 400 * 1.25 + 100 * 10) / MILLION),
        (asked("o3", input=1000, output=100, reasoning=60), (1000 * 2 + 100 * 8) / MILLION),
        (
            asked(
                "claude-sonnet-4-5", api="anthropic.messages", input=1000, output=100, cache_read=200, cache_write=100
            ),
            (700 * 3 + 200 * 0.3 + 100 * 3.75 + 100 * 15) / MILLION,
        ),
        (asked("text-embedding-3-small", kind="embedding", api="openai.embeddings", input=MILLION), 0.02),
        (
            asked("us.anthropic.claude-3-5-sonnet-20240620-v1:0", api="bedrock.converse", input=1000, output=100),
            (1000 * 3 + 100 * 15) / MILLION,
        ),
        (asked("gemini-2.5-flash", api="google.gemini", input=1000, output=100), (1000 * 0.3 + 100 * 2.5) / MILLION),
        (asked("mistral-large-2411", api="mistral.chat", input=1000, output=100), (1000 * 2 + 100 * 6) / MILLION),
    ],
)
def test_a_call_costs_its_tokens_at_their_prices(exchange: Exchange, dollars: float) -> None:
    assert usd(exchange) == pytest.approx(dollars)


def test_the_price_is_that_of_the_day_of_recording() -> None:
    call = asked("o3", input=MILLION, output=0)
    assert usd(on(datetime(2025, 6, 1, tzinfo=UTC), call)) == pytest.approx(10)
    assert usd(on(datetime(2025, 7, 1, tzinfo=UTC), call)) == pytest.approx(2)
    assert usd(Exchange(call.call, call.answer, recorded=False)) == pytest.approx(2)


def test_the_tier_that_answered_has_its_price() -> None:
    fast = asked("gpt-5", input=MILLION, output=0, details={"service_tier": "priority"})
    assert usd(on(datetime(2026, 11, 1, tzinfo=UTC), fast)) == pytest.approx(2.5)
    assert usd(asked("gpt-5", input=MILLION, output=0, details={"service_tier": "default"})) == pytest.approx(1.25)
    found = price(fast)
    assert found is not None
    assert found.usd is None
    assert found.why == "the price table has no price for the tier priority of gpt-5 on that day"


@pytest.mark.parametrize(
    ("exchange", "why"),
    [
        (asked(), "the number of input tokens is not recorded"),
        (asked(input=5), "the number of output tokens is not recorded"),
        (asked("house-model-7b", input=5, output=5), "the price table does not know house-model-7b"),
        (asked("llama3", api="ollama.chat", input=5, output=5), "the price table does not know llama3"),
        (asked("rerank-v3.5", kind="rerank", api="cohere.rerank"), "the number of input tokens is not recorded"),
        (
            hosted(asked("phi-4-reasoning:free", input=5, output=5), system="az.ai.inference"),
            "the price table has no price for input tokens of phi-4-reasoning:free",
        ),
        (
            asked(input=5, output=5, cache_read=10),
            "the recorded token counts contradict each other: Invalid usage data: "
            "cache_read_tokens (10) cannot exceed input_tokens (5)",
        ),
    ],
)
def test_what_is_not_known_is_no_price_and_says_why(exchange: Exchange, why: str) -> None:
    found = price(exchange)
    assert found is not None
    assert (found.usd, found.why) == (None, why)


def test_a_host_that_speaks_anothers_api_is_known_by_its_address() -> None:
    call = asked("llama-3.3-70b-versatile", input=MILLION, output=0)
    assert usd(call) is None
    assert usd(hosted(call, address="api.groq.com", system="openai")) == pytest.approx(0.59)
    assert usd(hosted(call, address="https://api.groq.com/openai/v1")) == pytest.approx(0.59)
    assert usd(hosted(call, address="llm.example.com", system="groq")) == pytest.approx(0.59)
    assert usd(hosted(asked(input=MILLION, output=0), address="llm.example.com", system="house")) == pytest.approx(2.5)


def test_the_model_that_answered_goes_before_the_one_that_was_asked_for() -> None:
    call = Call(kind="chat", model="my-deployment", provider="openai.chat")
    answer = builders.answered("x", model="gpt-4o-2024-08-06", usage=Usage(input=MILLION, output=0))
    assert usd(recorded(builders.step(call, answer))) == pytest.approx(2.5)
    answer = builders.answered("x", model="my-deployment", usage=Usage(input=MILLION, output=0))
    assert usd(recorded(builders.step(builders.chat(), answer, hints=Hints(system="openai")))) == pytest.approx(2.5)


def test_an_error_costs_nothing_and_a_tool_has_no_price() -> None:
    failed = builders.answered(choices=(), error=ApiError(status=429))
    found = price(recorded(builders.step(answer=failed)))
    assert found is not None
    assert (found.usd, found.why) == (0.0, "error 429")
    assert price(recorded(builders.step(Call(kind="tool", model="find")))) is None


def test_a_sum_is_not_known_where_one_price_is_not() -> None:
    known, unknown = asked(input=MILLION, output=0), asked("house-model", input=1, output=1)
    both = total([known, unknown, known])
    assert (both.usd, both.calls, both.unpriced) == (None, 3, 1)
    assert both.known == pytest.approx(5.0)
    assert both.why == "the price table does not know house-model"
    assert total([known, known]).usd == pytest.approx(5.0)
    assert total([]).usd == 0.0


def test_without_the_package_each_price_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cost, "find_spec", lambda name: None)
    found = price(asked(input=5, output=5))
    assert found is not None
    assert found.usd is None
    assert found.why == "the cost of calls needs the package genai-prices: pip install 'pytest-llmreplay[prices]'"
    assert table_version() is None


def test_the_table_has_a_version() -> None:
    assert (table_version() or "").startswith("genai-prices 0.")


OFFLINE = """
import socket, threading
def refuse(*given): raise AssertionError(given)
socket.socket.connect = socket.getaddrinfo = refuse
from genai_prices import data_snapshot
data_snapshot.set_custom_snapshot(data_snapshot.DataSnapshot(providers=[], from_auto_update=True))
from pytest_llmreplay.evaluate.context import Exchange
from pytest_llmreplay.evaluate.cost import price
from pytest_llmreplay.model.call import Answer, Call, Usage
call = Call(kind="chat", model="gpt-4o", provider="openai.chat")
print(price(Exchange(call, Answer(usage=Usage(input=1000000, output=0)))).usd, threading.active_count())
"""


def test_prices_come_from_the_package_alone_and_not_from_the_network() -> None:
    done = subprocess.run([sys.executable, "-c", OFFLINE], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("2.5 1\n", "")
