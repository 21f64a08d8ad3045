"""Which traces the user means."""

from pathlib import Path

import pytest

from pytest_llmreplay.errors import UsageProblem
from pytest_llmreplay.traces.select import KEYS, parse
from tests.builders import OTHER_TRACE, TRACE, catalog, export, lines, otlp_span

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


@pytest.mark.parametrize("expression", ["", "status", "=ok", "status=", "status= ", "latency>5s"])
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
