"""Functions decorated for OpenLLMetry."""

import json
from typing import Any

import pytest

from pytest_llmreplay.model.call import Arguments, Failure, Returned
from pytest_llmreplay.traces.dialects.protocol import Exchange
from pytest_llmreplay.traces.dialects.traceloop import TraceloopFunctions
from tests.builders import exception, span


def read(kind: str, name: str = "weather", **more: Any) -> Exchange:
    given = {"args": ["Boston"], "kwargs": {"unit": "C"}}
    attributes = {
        "traceloop.span.kind": kind,
        "traceloop.entity.name": name,
        "traceloop.entity.path": "ask",
        "traceloop.workflow.name": "ask",
        "traceloop.entity.input": json.dumps(given),
        "traceloop.entity.output": '{"sky": "blue"}',
        **more.pop("attributes", {}),
    }
    found = TraceloopFunctions().exchange(span(f"{name}.{kind}", attributes=attributes, **more))
    assert found is not None
    return found


def test_a_tool_is_read_with_its_arguments_as_they_were_passed_and_its_output() -> None:
    exchange = read("tool")
    assert (exchange.call.kind, exchange.call.model) == ("tool", "weather")
    assert exchange.call.arguments == Arguments(("Boston",), {"unit": "C"})
    assert exchange.answer.returned == Returned({"sky": "blue"})
    assert exchange.incomplete is None


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("retrieve_docs", "retrieval"),
        ("search_policies", "retrieval"),
        ("Retriever", "retrieval"),
        ("build_prompt", "function"),
        ("research", "function"),
    ],
)
def test_a_task_is_a_retriever_where_its_name_says_so(name: str, kind: str) -> None:
    assert read("task", name).call.kind == kind


def test_an_output_of_nothing_is_told_apart_from_one_that_was_not_recorded() -> None:
    assert "not recorded" in str(read("tool", attributes={"traceloop.entity.output": None}).incomplete)


def test_an_output_that_was_cut_off_cannot_be_answered() -> None:
    assert "cut off" in str(read("tool", attributes={"traceloop.entity.output": '{"sky": "bl'}).incomplete)


def test_a_tool_that_returned_nothing_returned_none() -> None:
    exchange = read("tool", attributes={"traceloop.entity.output": "null"})
    assert exchange.answer.returned == Returned(None)
    assert exchange.incomplete is None


def test_arguments_that_were_cut_off_are_unknown() -> None:
    assert read("tool", attributes={"traceloop.entity.input": '{"args": ["Bos'}).call.arguments is None


def test_a_tool_that_raised_is_a_failure() -> None:
    exchange = read(
        "tool", attributes={"traceloop.entity.output": None}, status="error", events=[exception("'x'", "KeyError")]
    )
    assert exchange.answer.failure == Failure("KeyError", "'x'")


@pytest.mark.parametrize("kind", ["workflow", "agent"])
def test_workflows_and_agents_hold_calls_and_are_none(kind: str) -> None:
    exchange = read(kind)
    assert (exchange.call.kind, exchange.call.arguments) == ("function", Arguments(("Boston",), {"unit": "C"}))
    assert exchange.holds
    assert not read("tool").holds


@pytest.mark.parametrize("kind", [None, 5])
def test_a_span_of_no_kind_is_no_call(kind: object) -> None:
    assert TraceloopFunctions().exchange(span(attributes={"traceloop.span.kind": kind})) is None


@pytest.mark.parametrize("junk", [5, None, "{", "[1]", '{"args": 5}', '{"kwargs": []}', True, [None]])
@pytest.mark.parametrize("key", ["traceloop.entity.input", "traceloop.entity.output", "traceloop.entity.name"])
def test_an_attribute_of_the_wrong_shape_stops_nobody(key: str, junk: object) -> None:
    for kind in ("tool", "task"):
        assert read(kind, attributes={key: junk}).call.kind in ("tool", "function")
