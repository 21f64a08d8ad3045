"""A trace as a tree of its spans."""

from pytest_llmreplay.model.call import Answer, ApiError, Call, Failure, Returned, Usage
from pytest_llmreplay.model.trace import Span, Status, Step
from pytest_llmreplay.report.tree import Branch, branches, came_back
from tests.builders import TRACE, answered, at, called, chat, contents, span_id, step, user


def span(number: int, parent: int | None = None, name: str = "work", status: Status = "ok", **more: object) -> Span:
    begin = {"start_ns": at(number), "end_ns": at(number + 0.5)}
    values = {"trace_id": TRACE, "span_id": span_id(number), "parent_id": None if parent is None else span_id(parent)}
    return Span(**{**values, "name": name, "status": status, **begin, **more})  # type: ignore[arg-type]


def tree(*spans: Span, steps: tuple[Step, ...] = (), whole: bool = False) -> list[Branch]:
    return branches(contents(*steps, spans=spans), whole=whole)


def test_depth_is_that_of_the_parents_and_time_counts_from_the_first_span() -> None:
    found = tree(span(1), span(2, 1), span(3, 2), span(4, 1))
    assert [(each.depth, each.start, each.seconds) for each in found] == [
        (0, 0.0, 0.5),
        (1, 1.0, 0.5),
        (2, 2.0, 0.5),
        (1, 3.0, 0.5),
    ]


def test_a_span_without_times_has_none() -> None:
    (found,) = tree(span(1, start_ns=0, end_ns=0))
    assert (found.start, found.seconds) == (None, 0.0)


def test_a_step_is_told_by_its_kind_and_what_came_back() -> None:
    asked = step(chat(user("a")), answered("b", usage=Usage(input=1200, output=7)), index=2)
    root, child = tree(span(1, name="ask"), span(2, 1, name="chat"), steps=(asked,))
    assert (root.number, root.kind, root.name, root.detail) == (None, "", "ask", "")
    assert (child.number, child.kind, child.name, child.detail) == (2, "model", "gpt-4o", "1,200 in, 7 out")


def test_errors_are_told_of_steps_and_of_other_spans() -> None:
    refused = step(chat(), Answer(error=ApiError(status=429, message="slow down")), index=2)
    root, child = tree(span(1, status="error", status_message="no answer"), span(2, 1), steps=(refused,))
    assert (root.failed, root.detail) == (True, "ERROR no answer")
    assert (child.failed, child.detail) == (True, "ERROR 429 slow down")


def test_what_came_back_is_told_in_a_few_words() -> None:
    assert came_back(answered(called("look_up", {}), called("cancel", {}))) == "calls look_up, cancel"
    assert came_back(answered("x", usage=Usage(output=3))) == "? in, 3 out"
    assert came_back(Answer(returned=Returned([1]))) == "1 item"
    assert came_back(Answer(returned=Returned([1, 2]))) == "2 items"
    assert came_back(Answer(failure=Failure("TimeoutError", "late"))) == "ERROR TimeoutError: late"


def test_a_long_run_of_spans_alike_is_told_by_its_number() -> None:
    spans = [span(1), *(span(number, 1, name="poll") for number in range(2, 8))]
    assert [(each.name, each.more) for each in tree(*spans)] == [("work", 0), ("poll", 0), ("poll", 4)]
    assert len(tree(*spans, whole=True)) == 7
    assert len(tree(*spans[:5])) == 5


def test_a_span_that_failed_is_always_shown() -> None:
    spans = [span(1), *(span(n, 1, name="poll", status="error" if n == 5 else "ok") for n in range(2, 9))]
    assert [each.failed for each in tree(*spans)] == [False, False, False, False, True, False, False, False]


def test_kinds_are_those_of_the_report() -> None:
    kinds = [Call(kind=kind) for kind in ("chat", "retrieval", "http", "tool")]
    steps = tuple(step(call, Answer(), index=number) for number, call in enumerate(kinds, 1))
    found = tree(*(span(number) for number in range(1, 5)), steps=steps)
    assert [each.kind for each in found] == ["model", "retriever", "request", "tool"]
