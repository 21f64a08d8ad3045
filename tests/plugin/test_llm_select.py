"""``--llm-select``: which traces are meant."""

import pytest

from pytest_llmreplay.traces import select
from tests.plugin.conftest import Project
from tests.sample import OPENAI, TEST, ask, rate_limited, traced

KEYS = ", ".join(select.KEYS)


@pytest.fixture
def shop(project: Project) -> Project:
    """Three requests: an answered one, a failed one, and one of another name."""
    project.shop(
        traced(request="req-1"),
        rate_limited(number=2, request="req-2"),
        traced(number=3, request="ticket-3", name="refund.workflow"),
    )
    return project


def collected(project: Project, *expressions: str) -> str:
    """The first four digits of the traces that are collected."""
    output = project.run("--co", "-q", *(f"--llm-select={each}" for each in expressions))
    return " ".join(each.rpartition("-")[2].rstrip("]") for each in output.split("\n") if "::" in each)


@pytest.mark.parametrize(
    ("expressions", "ids"),
    [
        (["trace=0002"], "0002"),
        (["trace=0003916CD43D"], "0003"),
        (["trace=*2916*"], "0002"),
        (["request=req-1"], "0001"),
        (["request=req-*"], "0001 0002"),
        (["name=refund.workflow"], "0003"),
        (["name=*.workflow"], "0001 0002 0003"),
        (["status=error"], "0002"),
        (["status=ok"], "0001 0003"),
        (["status=ok", "request=req-*"], "0001"),
        ([" status = ok "], "0001 0003"),
    ],
)
def test_conditions_choose_traces_and_all_must_hold(shop: Project, expressions: list[str], ids: str) -> None:
    assert collected(shop, *expressions) == ids


def test_the_header_says_how_many_of_how_many(shop: Project) -> None:
    assert shop.run("--llm-select=request=req-1").header == [
        "llm: replay (drift fail), network blocked; 1 of 3 traces from traces.jsonl (otlp-json 3)"
    ]


@pytest.mark.parametrize(
    ("expression", "told"),
    [
        ("reqest=req-1", f"--llm-select 'reqest=req-1': no key 'reqest' among {KEYS}; "
         "did you mean 'request'?"),
        ("modle=gpt", f"--llm-select 'modle=gpt': no key 'modle' among {KEYS}; did you mean 'model'?"),
        ("status=eror", "--llm-select 'status=eror': a status is ok or error; did you mean 'error'?"),
        ("request", f"--llm-select 'request': write KEY=PATTERN or KEY>AMOUNT, where KEY is one of {KEYS}"),
        ("request=", f"--llm-select 'request=': write KEY=PATTERN or KEY>AMOUNT, where KEY is one of {KEYS}"),
        ("request=req-9", "none of 3 traces in traces.jsonl is selected by request=req-9"),
    ],
)  # fmt: skip
def test_a_condition_that_cannot_be_used_or_selects_nothing_is_a_usage_error(
    shop: Project, expression: str, told: str
) -> None:
    assert shop.run(f"--llm-select={expression}", status=4).told == f"ERROR: {told}\n"


def test_the_ini_key_takes_one_condition_a_line(shop: Project) -> None:
    shop.ini("llm_traces = traces.jsonl\nllm_select =\n    status=ok\n    request=req-*\n")
    assert collected(shop) == "0001"


def test_a_request_id_is_found_where_only_an_inner_span_bears_it(project: Project) -> None:
    inner = ask(attributes={"traceloop.association.properties.request_id": "req-7"})
    project.write(shop=OPENAI, test_shop=TEST)
    project.traces(traced(), traced(inner, number=2))
    project.ini("llm_traces = traces.jsonl\n")
    assert collected(project, "request=req-7") == "0002"
