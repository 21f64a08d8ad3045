"""Spans to a trace: order, steps, and what is lost."""

import json
from collections.abc import Sequence
from itertools import permutations
from typing import Any

import pytest

from pytest_llmreplay.errors import TraceError
from pytest_llmreplay.model.call import Arguments
from pytest_llmreplay.model.trace import Contents, LogRecord, Span, Status
from pytest_llmreplay.traces.assemble import assemble
from pytest_llmreplay.traces.formats.protocol import Problem
from tests.builders import TRACE, at, chat_attributes, exception, log, question, shuffled, span, span_id

SDK = "com.anthropic.sdk.python"


def made(*spans: Span | LogRecord) -> Contents:
    return assemble(TRACE, spans)


def order(contents: Contents) -> list[str]:
    return [each.name for each in contents.spans]


def chat(name: str = "chat", told: str = "Hello.", **more: Any) -> Span:
    attributes = {**chat_attributes(told=told), **more.pop("attributes", {})}
    return span(name, attributes=attributes, **more)


def told(contents: Contents) -> list[object]:
    return [part.content for each in contents.steps for choice in each.answer.choices for part in choice.parts]  # type: ignore[union-attr]


# --- order ----------------------------------------------------------------------------------------------------------


def test_parents_come_before_children_and_siblings_by_start_in_whatever_order_they_were_written() -> None:
    spans = [
        span("root", number=1, start=0, end=9),
        span("second", number=3, parent=1, start=2),
        span("first", number=2, parent=1, start=1),
        span("inner", number=4, parent=2, start=1.5),
    ]
    for written in permutations(spans):
        assert order(made(*written)) == ["root", "first", "inner", "second"]


def test_a_child_that_starts_before_its_parent_still_comes_after_it() -> None:
    assert order(made(span("child", number=2, parent=1, start=-5), span("root", start=0))) == ["root", "child"]


def test_spans_without_times_keep_the_order_of_the_file() -> None:
    spans = [span(f"s{n}", number=n)._replace(start_ns=0, end_ns=0) for n in (3, 1, 2)]
    assert order(made(*spans)) == ["s3", "s1", "s2"]


def test_steps_are_numbered_by_start_whatever_tree_they_stand_in() -> None:
    contents = made(
        span("root", number=1, start=0),
        span("task", number=2, parent=1, start=1),
        chat("c", "late", number=3, parent=2, start=9),
        chat("a", "early", number=4, parent=1, start=2),
        chat("b", "mid", number=5, parent=2, start=3),
    )
    assert told(contents) == ["early", "mid", "late"]
    assert [each.index for each in contents.steps] == [1, 2, 3]


def test_a_span_whose_parent_is_not_there_is_a_root_of_its_own() -> None:
    contents = made(span("orphan", number=5, parent=99, start=3), span("root", number=1, start=1))
    assert order(contents) == ["root", "orphan"]
    assert contents.name == "root"
    assert contents.notes == ()


def test_a_trace_of_orphans_alone_is_read() -> None:
    contents = made(chat("b", "two", number=2, parent=98, start=2), chat("a", "one", number=1, parent=99, start=1))
    assert (contents.name, told(contents)) == ("a", ["one", "two"])


def test_of_several_roots_the_first_in_time_names_the_trace() -> None:
    for written in shuffled(
        [span("late", number=1, start=5), span("early", number=2, start=1), span("mid", number=3, start=2)]
    ):
        assert order(made(*written)) == ["early", "mid", "late"]


def test_a_span_that_is_its_own_parent_is_named_and_kept() -> None:
    contents = made(span("root"), span("self", number=2, parent=2))
    assert order(contents) == ["root", "self"]
    assert contents.notes == (f"span {span_id(2)} is its own ancestor",)


def test_spans_in_a_circle_are_named_and_kept() -> None:
    contents = made(
        span("a", number=2, parent=3), span("b", number=3, parent=2), span("root"), span("c", number=4, parent=3)
    )
    assert order(contents)[0] == "root"
    assert sorted(order(contents)) == ["a", "b", "c", "root"]
    assert len(contents.notes) == 3


def test_a_trace_that_is_nothing_but_a_circle_is_read() -> None:
    contents = made(chat("a", "one", number=1, parent=2), chat("b", "two", number=2, parent=1, start=1))
    assert sorted(order(contents)) == ["a", "b"]
    assert len(contents.notes) == 2
    assert contents.status == "ok"


def test_a_span_that_is_there_twice_is_one_span() -> None:
    contents = made(span("root"), span("root"))
    assert (order(contents), contents.notes) == (["root"], ())


def test_two_spans_of_one_id_are_named_and_the_first_is_kept() -> None:
    contents = made(span("root"), span("other"))
    assert order(contents) == ["root"]
    assert contents.notes == (f"span {span_id(1)} is there twice with different content; the first is kept",)


def test_a_chain_of_five_thousand_spans_is_read() -> None:
    chain = [span(f"s{n}", number=n, parent=n - 1 or None, start=n) for n in range(1, 5_000)]
    chain.append(chat("leaf", number=5_000, parent=4_999, start=5_000))
    for written in (chain, chain[::-1]):
        contents = made(*written)
        assert order(contents)[0] == "s1"
        assert order(contents)[-1] == "leaf"
        assert len(contents.steps) == 1


def test_a_chain_of_two_thousand_calls_is_read() -> None:
    tool = {"traceloop.span.kind": "tool", "traceloop.entity.name": "t", "traceloop.entity.output": "1"}
    chain = [span(f"t{n}", number=n, parent=n - 1 or None, start=n, attributes=tool) for n in range(1, 2_001)]
    assert len(made(*chain).spans) == 2_000


def test_a_trace_without_spans_is_an_error() -> None:
    with pytest.raises(TraceError, match=f"^trace {TRACE}: its spans are no longer in the file"):
        assemble(TRACE, [log("gen_ai.choice", {})])


def test_what_could_not_be_read_is_noted() -> None:
    problem = Problem("a.jsonl", 3, "a span is malformed")
    assert assemble(TRACE, [problem, span("root")]).notes == ("a.jsonl:3: a span is malformed",)
    with pytest.raises(TraceError, match=r"no span of it can be read; a.jsonl:3: a span is malformed"):
        assemble(TRACE, [problem])


def test_a_log_record_goes_to_its_span_and_one_of_no_span_is_left_out() -> None:
    contents = made(log("a", 1, number=1, time=2), span("root"), log("b", 2, number=99), log("c", 3, number=1, time=1))
    assert [each.name for each in contents.spans[0].logs] == ["a", "c"]


# --- one call, several spans ----------------------------------------------------------------------------------------


def sdk_span(number: int, parent: int | None, start: float = 0.2, **attributes: Any) -> Span:
    """The span that Anthropic's SDK makes of its own call."""
    words = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "anthropic",
        "gen_ai.request.model": "claude-3-5-haiku-20241022",
        "gen_ai.response.model": "claude-3-5-haiku-20241022",
        "gen_ai.response.id": "msg_1",
        "gen_ai.usage.input_tokens": 12,
        "gen_ai.usage.output_tokens": 5,
        "anthropic.message.stop_reason": "stop_sequence",
        **attributes,
    }
    return span(
        "anthropic.messages.create",
        number=number,
        parent=parent,
        start=start,
        end=start + 0.1,
        attributes=words,
        scope=SDK,
    )


def claude(number: int, parent: int | None, **more: Any) -> Span:
    """An instrumentation's span of a call of Anthropic."""
    return chat(
        "anthropic.chat", number=number, parent=parent, attributes={"gen_ai.provider.name": "anthropic"}, **more
    )


@pytest.mark.parametrize("parent", [1, 2], ids=["sibling", "child"])
def test_the_span_of_an_sdk_adds_to_its_instrumentations(parent: int) -> None:
    for written in permutations([span("root"), claude(2, 1), sdk_span(3, parent, **{"gen_ai.request.stream": True})]):
        (step,) = made(*written).steps
        assert step.span_id == span_id(2)
        assert step.answer.choices[0].finish_reason == "stop_sequence"
        assert step.call.stream is True
        assert (step.answer.id, step.answer.usage and step.answer.usage.input) == ("msg_1", 12)
        assert step.incomplete is None


def test_the_spans_of_an_sdk_go_each_to_its_own_call() -> None:
    contents = made(
        span("root"),
        claude(2, 1, start=1, end=2),
        sdk_span(3, 1, 1.1, **{"gen_ai.response.id": "first"}),
        claude(4, 1, start=3, end=4),
        sdk_span(5, 1, 3.1, **{"gen_ai.response.id": "second"}),
    )
    assert [step.answer.id for step in contents.steps] == ["first", "second"]


def test_the_span_of_an_sdk_alone_is_a_step_that_cannot_be_replayed() -> None:
    (step,) = made(span("root"), sdk_span(2, 1)).steps
    assert step.incomplete == "only the SDK's own span is there, and it holds no content"


def test_the_span_of_an_sdk_tells_of_the_error_that_its_instrumentation_does_not() -> None:
    message = "Error code: 429 - {'type': 'error', 'error': {'type': 'rate_limit_error', 'message': 'slow down'}}"
    failed = sdk_span(3, 2)._replace(status="error", events=(exception(message, "anthropic.RateLimitError"),))
    empty = span(
        "anthropic.chat",
        number=2,
        parent=1,
        attributes={"gen_ai.operation.name": "chat", "gen_ai.provider.name": "anthropic"},
    )
    (step,) = made(span("root"), empty, failed).steps
    assert step.answer.error is not None
    assert (step.answer.error.status, step.answer.error.message, step.incomplete) == (429, "slow down", None)


def test_a_model_span_around_another_is_a_wrapper_and_no_step() -> None:
    contents = made(
        span("root"),
        chat("ChatOpenAI", "outer", number=2, parent=1),
        span("between", number=3, parent=2),
        chat("openai.chat", "inner", number=4, parent=3),
    )
    assert told(contents) == ["inner"]


def test_a_model_span_around_one_without_content_is_the_step() -> None:
    empty = span(
        "openai.chat",
        number=3,
        parent=2,
        attributes={"gen_ai.operation.name": "chat", "gen_ai.request.model": "gpt-4o"},
    )
    contents = made(span("root"), chat("ChatOpenAI", "outer", number=2, parent=1), empty)
    assert "outer" in told(contents)


def test_a_model_span_around_a_tool_stays_a_step() -> None:
    tool = {"traceloop.span.kind": "tool", "traceloop.entity.name": "search", "traceloop.entity.output": '"found"'}
    contents = made(
        span("root"), chat("agent", "outer", number=2, parent=1), span("t", number=3, parent=2, attributes=tool)
    )
    assert [step.call.kind for step in contents.steps] == ["chat", "tool"]


def test_parallel_calls_are_all_steps() -> None:
    calls = [chat(f"c{n}", f"t{n}", number=n, parent=1, start=1) for n in range(2, 7)]
    assert sorted(map(str, told(made(span("root"), *calls)))) == ["t2", "t3", "t4", "t5", "t6"]


# --- what the trace says of the request -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("root", "child", "status"),
    [
        ("unset", "unset", "ok"),
        ("unset", "error", "error"),
        ("ok", "error", "ok"),
        ("error", "ok", "error"),
        ("ok", "unset", "ok"),
    ],
)
def test_the_status_is_the_roots_or_else_that_of_all(root: Status, child: Status, status: str) -> None:
    contents = made(span("root")._replace(status=root), span("child", number=2, parent=1)._replace(status=child))
    assert contents.status == status


def test_a_failed_root_beside_another_makes_a_failed_trace() -> None:
    assert made(span("a", status="ok"), span("b", number=2, status="error")).status == "error"


def test_the_entry_is_the_outermost_function_below_a_web_servers_span() -> None:
    contents = made(
        span("POST /ask", number=1, attributes={"http.route": "/ask"}),
        span("ask.workflow", number=2, parent=1, attributes={**question("Hello?"), "traceloop.entity.output": '"Hi."'}),
        span("inner.task", number=3, parent=2, attributes={**question("other"), "traceloop.entity.output": '"no"'}),
    )
    assert contents.name == "POST /ask"
    assert contents.arguments == Arguments(named={"question": "Hello?"})
    assert contents.output == "Hi."


def test_the_input_of_a_model_is_not_the_input_of_the_application() -> None:
    model = {"openinference.span.kind": "LLM", "input.value": '{"messages": []}', "output.value": "{}"}
    contents = made(span("root"), span("ChatCompletion", number=2, parent=1, attributes=model))
    assert (contents.arguments, contents.output) == (None, None)


def test_ids_of_request_and_session_come_from_the_outermost_span_that_has_them() -> None:
    contents = made(
        span("root"),
        span("a", number=2, parent=1, attributes={"app.request_id": "r-1", "tag.tags": ["x", "y"]}),
        span("b", number=3, parent=2, attributes={"app.request_id": "r-2", "session.id": "s-1", "tag.tags": ["z"]}),
    )
    assert (contents.request_id, contents.session_id, contents.tags) == ("r-1", "s-1", ("x", "y"))


# --- what is lost ---------------------------------------------------------------------------------------------------


def losses(*spans: Span) -> dict[str, str]:
    return {loss.field: loss.remedy for loss in made(*spans).fidelity}


def test_what_a_recording_lacks_is_listed_by_step_and_field() -> None:
    found = losses(chat())
    assert found["call.tools"] == "not compared"
    assert found["call.parameters"] == "only those recorded are compared (none)"
    assert found["call.stream"] == "as the application asks today"
    assert found["answer.id"] == "derived from trace and span id"
    assert found["answer.usage"] == "absent, or zero where the SDK needs a number"
    assert found["answer.model"] == "the model of today's request"


def test_what_a_recording_holds_is_not_listed() -> None:
    more = {
        "gen_ai.response.id": "chatcmpl-1",
        "gen_ai.response.model": "gpt-4o-2024-08-06",
        "gen_ai.usage.input_tokens": 3,
        "gen_ai.usage.output_tokens": 5,
        "gen_ai.request.temperature": 0.5,
        "gen_ai.is_streaming": False,
        "gen_ai.tool.definitions": "[]",
    }
    found = losses(chat(attributes=more))
    assert found["call.parameters"] == "only those recorded are compared (temperature)"
    assert not found.keys() & {
        "call.tools",
        "call.stream",
        "answer.id",
        "answer.usage",
        "answer.model",
        "call.messages",
    }


def test_a_step_that_cannot_be_replayed_says_only_that() -> None:
    (loss,) = made(span(attributes=chat_attributes(**{"gen_ai.output.messages": '[{"role": "assi'}))).fidelity
    assert str(loss).startswith(
        "step 1: answer is not in the trace; the step cannot be replayed: the answer was cut off"
    )


def test_a_recorded_error_without_a_body_says_so() -> None:
    attributes = {
        "gen_ai.operation.name": "chat",
        "gen_ai.request.model": "m",
        "gen_ai.input.messages": "[]",
        "http.response.status_code": 503,
    }
    found = losses(span(attributes=attributes, status="error", message="down"))
    assert found["answer.error.body"] == "made from status, type and message"


def test_steps_know_the_spans_around_them() -> None:
    (step,) = made(span("root"), span("task", number=2, parent=1), chat(number=3, parent=2)).steps
    assert step.inside == (span_id(2), span_id(1))
    assert (step.start_ns, step.end_ns, step.dialect, step.span_name) == (at(0), at(1), "genai", "chat")


def test_an_input_that_is_json_is_data() -> None:
    entry = {"traceloop.entity.input": json.dumps({"args": ["a", {"b": 1}], "kwargs": {}})}
    contents = made(span("root", attributes=entry))
    assert contents.arguments is not None
    values: Sequence[object] = contents.arguments.positional
    assert values == ("a", {"b": 1})


def test_a_function_around_other_calls_is_a_group_and_no_step() -> None:
    contents = made(
        span("root", number=1, attributes=task("root")),
        span("outer", number=2, parent=1, start=1, attributes=task("outer")),
        span("inner", number=3, parent=2, start=2, attributes=task("inner")),
        chat("chat", number=4, parent=3, start=3),
        span("leaf", number=5, parent=1, start=4, attributes=task("leaf")),
    )
    assert [(each.name, each.index, each.call.kind) for each in contents.groups] == [
        ("outer", 0, "tool"),
        ("inner", 0, "tool"),
    ]
    assert [(each.span_name, each.index) for each in contents.steps] == [("chat", 1), ("leaf", 2)]


def task(name: str) -> dict[str, Any]:
    """What a function that is decorated for OpenLLMetry writes."""
    return {
        "traceloop.span.kind": "task",
        "traceloop.entity.name": name,
        "traceloop.entity.input": '{"args": [], "kwargs": {}}',
        "traceloop.entity.output": '"done"',
    }
