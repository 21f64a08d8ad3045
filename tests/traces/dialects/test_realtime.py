"""Spans of realtime APIs: steps that say why they cannot be replayed."""

from pathlib import Path

import pytest

from pytest_llmreplay.traces.dialects.realtime import WHY, Realtime
from tests.builders import catalog, export, line, opened, otlp_span, span


@pytest.mark.parametrize(
    "attributes",
    [
        {"llm.request.type": "realtime", "gen_ai.system": "openai"},
        {"gen_ai.operation.name": "realtime", "gen_ai.provider.name": "openai"},
        {"gen_ai.operation.name": "live", "gen_ai.system": "gcp.gemini"},
    ],
)
def test_a_span_that_says_so_is_a_step_without_an_answer(attributes: dict[str, object]) -> None:
    exchange = Realtime().exchange(span(attributes={**attributes, "gen_ai.request.model": "gpt-realtime"}))
    assert exchange is not None
    assert (exchange.call.kind, exchange.call.model, exchange.incomplete) == ("chat", "gpt-realtime", WHY)


@pytest.mark.parametrize(
    "attributes", [{}, {"gen_ai.operation.name": "chat"}, {"gen_ai.request.model": "gpt-realtime"}]
)
def test_any_other_span_is_left_to_others(attributes: dict[str, object]) -> None:
    assert Realtime().exchange(span(attributes=attributes)) is None


def test_its_step_says_why_and_so_does_the_trace(tmp_path: Path) -> None:
    attributes = {"llm.request.type": "realtime", "gen_ai.system": "openai", "gen_ai.request.model": "gpt-realtime"}
    found = opened(catalog(tmp_path, line(export(otlp_span("openai.realtime", attributes=attributes)))))
    (step,) = found.steps
    assert step.incomplete == WHY
    assert [str(loss) for loss in found.fidelity] == [
        f"step 1: answer is not in the trace; the step cannot be replayed: {WHY}"
    ]
