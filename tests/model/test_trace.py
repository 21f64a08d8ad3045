"""What production did for one request."""

import pytest

from pytest_llmreplay.errors import TraceError
from pytest_llmreplay.model.call import Arguments
from pytest_llmreplay.model.trace import Contents, Loss, Trace
from tests.builders import TRACE, chat, contents, span, step, trace


def test_the_inside_is_read_once_and_only_when_it_is_looked_at() -> None:
    reads: list[int] = []

    def read() -> Contents:
        reads.append(1)
        return contents(name="ask")

    found = Trace(TRACE, "a.jsonl:1", read)
    assert (repr(found), len(reads)) == (f"<Trace {TRACE[:12]} of a.jsonl:1>", 0)
    assert (found.name, found.name, len(reads)) == ("ask", "ask", 1)


def test_an_inside_that_cannot_be_read_is_an_error_every_time() -> None:
    def read() -> Contents:
        raise TraceError("gone")

    found = Trace(TRACE, "a.jsonl:1", read)
    for _ in range(2):
        with pytest.raises(TraceError, match="gone"):
            _ = found.spans


def test_traces_are_equal_where_id_and_source_are() -> None:
    one, same, other = trace(), trace(step()), Trace(TRACE, "elsewhere:1", contents)
    assert one == same
    assert hash(one) == hash(same)
    assert one != other
    assert one != TRACE


def test_a_trace_shows_what_is_inside() -> None:
    found = trace(
        step(),
        name="ask",
        spans=(span(),),
        arguments=Arguments(named={"question": "Hello?"}),
        output="Hi.",
        status="error",
        request_id="r-1",
        session_id="s-1",
        tags=("a",),
        scores={"good": 1},
        fidelity=(Loss(1, "answer.id", "derived"),),
    )
    assert (found.name, found.input, found.output, found.status) == ("ask", {"question": "Hello?"}, "Hi.", "error")
    assert (found.request_id, found.session_id, found.tags, found.scores) == ("r-1", "s-1", ("a",), {"good": 1})
    assert (len(found.spans), len(found.steps)) == (1, 1)
    assert found.arguments == Arguments(named={"question": "Hello?"})
    assert [str(each) for each in found.fidelity] == ["step 1: answer.id is not in the trace; derived"]


def test_an_input_that_was_not_recorded_is_none() -> None:
    assert trace().input is None


@pytest.mark.parametrize(("kind", "http"), [("chat", True), ("tool", False), ("retrieval", False), ("function", False)])
def test_a_message_api_is_asked_by_http_and_a_function_is_not(kind: str, http: bool) -> None:
    assert step(chat(kind=kind)).asked_by_http is http


def test_a_step_may_be_called_by_its_name_and_its_spans_with_or_without_its_kind() -> None:
    names = step(chat(kind="retrieval"), name="search", span_name="search_policies.task").names
    assert {
        "search",
        "search_policies",
        "search_policies.task",
        "retriever search",
        "retriever search_policies",
    } <= names
    assert "tool f" in step(chat(kind="tool"), name="f", span_name="f").names


def test_a_span_cannot_be_changed() -> None:
    one = span("work")
    with pytest.raises(AttributeError):
        one.name = "play"  # type: ignore[misc]
    assert (one._replace(name="play").name, one.name) == ("play", "work")
