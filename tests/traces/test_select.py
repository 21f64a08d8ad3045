"""Which traces the user means."""

import json
from pathlib import Path

import pytest

from pytest_llmreplay.errors import UsageProblem
from pytest_llmreplay.traces.select import KEYS, parse
from tests.builders import (
    OTHER_TRACE,
    TRACE,
    catalog,
    chat_attributes,
    export,
    line,
    lines,
    otlp_span,
    question,
    trace_id,
)

FIRST = otlp_span("rag_answer", attributes={"app.request_id": "Order-17"}, status={"code": 1})
SECOND = otlp_span("chat", trace=OTHER_TRACE, status={"code": 2})


@pytest.mark.parametrize(
    ("expressions", "chosen"),
    [
        ([], [TRACE, OTHER_TRACE]),
        ([f"trace={TRACE}"], [TRACE]),
        ([f"trace={TRACE.upper()}"], [TRACE]),
        (["trace=0af7"], [TRACE]),
        (["trace=*319d"], [OTHER_TRACE]),
        (["trace=[01]*"], [TRACE, OTHER_TRACE]),
        (["trace=ffff"], []),
        (["request=Order-17"], [TRACE]),
        (["request=Order-*"], [TRACE]),
        (["request=order-17"], []),
        (["request=Order"], []),
        (["name=rag_*"], [TRACE]),
        (["name=RAG_*"], []),
        (["name=*a*"], [TRACE, OTHER_TRACE]),
        (["status=ok"], [TRACE]),
        (["status=error"], [OTHER_TRACE]),
        ([" status = error "], [OTHER_TRACE]),
        (["status=ok", "name=chat"], []),
        (["status=error", "name=chat"], [OTHER_TRACE]),
    ],
)
def test_a_trace_is_chosen_where_it_meets_every_condition(
    tmp_path: Path, expressions: list[str], chosen: list[str]
) -> None:
    found = catalog(tmp_path, lines(export(FIRST), export(SECOND)))
    assert [handle.trace_id for handle in found.selected([parse(each) for each in expressions])] == chosen


@pytest.mark.parametrize("expression", ["", "status", "=ok", "status=", "status= ", "latency"])
def test_what_is_no_condition_is_an_error_that_says_how_to_write_one(expression: str) -> None:
    with pytest.raises(UsageProblem) as caught:
        parse(expression)
    assert repr(expression) in str(caught.value)
    assert ", ".join(KEYS) in str(caught.value)


@pytest.mark.parametrize(
    ("key", "near"), [("statsu", "status"), ("requst", "request"), ("trace_id", "trace"), ("nam", "name")]
)
def test_an_unknown_key_is_an_error_that_names_the_nearest(key: str, near: str) -> None:
    with pytest.raises(UsageProblem, match=f"no key '{key}' among .*; did you mean '{near}'"):
        parse(f"{key}=x")


def test_an_unknown_status_is_an_error_that_names_the_nearest() -> None:
    with pytest.raises(UsageProblem, match=r"a status is ok or error; did you mean 'error'\?"):
        parse("status=eror")


def test_a_condition_reads_as_it_was_written() -> None:
    assert str(parse("name=a=b")) == "name=a=b"


def rag(number: int, *, model: str = "gpt-4o", took: float = 2) -> bytes:
    """A request that retrieved and asked a model."""
    attributes = {"tag.tags": '["prod"]', "session.id": f"sess-{number}", **question("Refund?")}
    usage = {"gen_ai.request.model": model, "gen_ai.usage.input_tokens": 900, "gen_ai.usage.output_tokens": 100}
    trace = trace_id(number)
    return line(
        export(
            otlp_span("rag", trace=trace, end=took, attributes=attributes),
            otlp_span("search", trace=trace, number=2, parent=1, end=0.5, attributes=SEARCH),
            otlp_span("chat", trace=trace, number=3, parent=1, start=1, end=1.5, attributes=chat_attributes(**usage)),
        )
    )


SEARCH = {"traceloop.span.kind": "tool", "traceloop.entity.name": "search", "traceloop.entity.output": "[]"}
THREE = rag(1) + rag(2, model="gpt-4.1-mini", took=8) + rag(3, took=8)


@pytest.mark.parametrize(
    ("expressions", "chosen"),
    [
        (["model=gpt-4o*"], [1, 3]),
        (["model=gpt-4.1-mini"], [2]),
        (["tool=sea*"], [1, 2, 3]),
        (["latency>5s"], [2, 3]),
        (["latency>=8s"], [2, 3]),
        (["latency<2500ms"], [1]),
        (["latency>1m"], []),
        (["tokens>999"], [1, 2, 3]),
        (["tokens>1000"], []),
        (["steps>1"], [1, 2, 3]),
        (["tag=prod"], [1, 2, 3]),
        (["tag=dev"], []),
        (["session=sess-2"], [2]),
        (["since=2026-05-01"], [1, 2, 3]),
        (["since=2126-05-01"], []),
        (["since=1h"], []),
        (["dedupe=signature"], [1, 2]),
        (["dedupe=signature", "model=gpt-4o"], [1]),
        (["sample=9"], [1, 2, 3]),
    ],
)
def test_conditions_on_what_is_inside(tmp_path: Path, expressions: list[str], chosen: list[int]) -> None:
    found = catalog(tmp_path, THREE).selected([parse(each) for each in expressions])
    assert [handle.trace_id for handle in found] == [trace_id(number) for number in chosen]


def test_a_tool_is_found_where_a_model_called_it(tmp_path: Path) -> None:
    call = {"type": "tool_call", "name": "lookup", "arguments": {}}
    told = json.dumps([{"role": "assistant", "parts": [call], "finish_reason": "tool_call"}])
    asked = line(export(otlp_span("c", attributes=chat_attributes(**{"gen_ai.output.messages": told}))))
    found = catalog(tmp_path, asked + THREE)
    assert [handle.trace_id for handle in found.selected([parse("tool=look*")])] == [TRACE]
    assert found.selected([parse("tool=nothing")]) == []


def test_a_sample_is_that_of_ids_whatever_their_order(tmp_path: Path) -> None:
    some, other = catalog(tmp_path, THREE), catalog(tmp_path, rag(3) + rag(2) + rag(1), "other.jsonl")
    chosen = [{handle.trace_id for handle in each.selected([parse("sample=2")])} for each in (some, other)]
    assert chosen[0] == chosen[1]
    assert len(chosen[0]) == 2


@pytest.mark.parametrize(
    ("expression", "advice"),
    [
        ("latency=5s", "write latency>5s"),
        ("latency>5", "write a duration with its unit: 500ms, 5s, 2m, 1h"),
        ("cost>cheap", "write a number"),
        ("model>gpt", "write model=…"),
        ("since=yesterday", "write a duration such as 7d, or a date such as 2026-11-18"),
        ("sample=0", "write a number of traces, such as 50"),
        ("sample=many", "write a number of traces, such as 50"),
        ("dedupe=signatur", "a dedupe is signature; did you mean 'signature'?"),
    ],
)
def test_a_pattern_that_a_key_does_not_take_is_an_error_that_says_what_it_takes(expression: str, advice: str) -> None:
    with pytest.raises(UsageProblem) as caught:
        parse(expression)
    assert str(caught.value) == f"--llm-select {expression!r}: {advice}"


def test_an_amount_reads_as_it_was_written() -> None:
    assert str(parse("latency >= 5s")) == "latency>=5s"
