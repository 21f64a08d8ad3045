"""The traces of one conversation, as one."""

from pathlib import Path
from typing import Any

import pytest

from pytest_llmreplay.errors import SourceError
from pytest_llmreplay.traces.catalog import identifiers
from pytest_llmreplay.traces.sessions import SessionHandle, sessions
from tests.builders import catalog, chat_attributes, export, lines, otlp_span, question, shuffled, trace_id

Turn = tuple[int, str | None, float]
"""Number of the trace, its session, and when it began."""


def turn(number: int, session: str | None, start: float, **more: Any) -> list[dict[str, object]]:
    """The spans of one request: its root, and a model call."""
    attributes = {**question(f"Question {number}?"), "traceloop.entity.output": f'"Answer {number}."'}
    if session is not None:
        attributes["session.id"] = session
    asked = chat_attributes(f"Question {number}?", f"Answer {number}.")
    return [
        otlp_span("ask", trace=trace_id(number), start=start, end=start + 5, attributes=attributes, **more),
        otlp_span("chat", trace=trace_id(number), number=2, parent=1, start=start + 1, attributes=asked),
    ]


def found(tmp_path: Path, *turns: list[dict[str, object]]) -> list[SessionHandle]:
    return sessions(catalog(tmp_path, lines(*(export(*spans) for spans in turns))).handles)


def test_turns_come_in_order_of_start_however_they_lie_in_the_file(tmp_path: Path) -> None:
    turns = [turn(1, "s-1", 30), turn(2, "s-1", 10), turn(3, "s-1", 20)]
    for number, order in enumerate(shuffled(turns)):
        folder = tmp_path / str(number)
        folder.mkdir()
        (one,) = found(folder, *order)
        assert [each.input for each in one.turns()] == [{"question": f"Question {n}?"} for n in (2, 3, 1)]


def test_sessions_come_in_order_of_their_first_turn(tmp_path: Path) -> None:
    groups = found(tmp_path, turn(1, "late", 50), turn(2, "early", 10), turn(3, "late", 20), turn(4, "early", 60))
    assert [(each.session, len(each.handles)) for each in groups] == [("early", 2), ("late", 2)]


def test_a_trace_without_a_session_belongs_to_none(tmp_path: Path) -> None:
    (one,) = found(tmp_path, turn(1, None, 10), turn(2, "s-1", 20))
    assert [each.trace_id for each in one.turns()] == [trace_id(2)]


def test_where_none_belongs_to_a_session_that_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(
        SourceError, match=r"^none of 2 traces belongs to a session \(session\.id, gen_ai\.conversation\.id\)$"
    ):
        found(tmp_path, turn(1, None, 10), turn(2, None, 20))


def test_a_session_is_named_by_its_name_and_its_first_trace(tmp_path: Path) -> None:
    groups = found(tmp_path, turn(1, "Customer 7/May", 20), turn(2, "Customer 7/May", 10), turn(3, "§", 30))
    first = trace_id(2)
    assert [(each.slug, each.trace_id) for each in groups] == [("customer-7-may", first), ("session", trace_id(3))]
    assert identifiers(groups) == ["customer-7-may-0000", "session-0000"]
    assert repr(groups[0]) == "<session Customer 7/May>"


def test_as_one_trace_it_has_all_steps_in_order_the_first_input_and_all_outputs(tmp_path: Path) -> None:
    (one,) = found(tmp_path, turn(1, "s-1", 20), turn(2, "s-1", 10))
    whole = one.open()
    assert (whole.trace_id, whole.session_id, whole.status) == (trace_id(2), "s-1", "ok")
    assert (whole.input, whole.output) == ({"question": "Question 2?"}, ["Answer 2.", "Answer 1."])
    assert [(step.index, step.name) for step in whole.steps] == [(1, "gpt-4o"), (2, "gpt-4o")]
    assert [step.start_ns for step in whole.steps] == sorted(step.start_ns for step in whole.steps)
    assert len(whole.spans) == 4


def test_one_turn_that_failed_makes_it_a_failed_one(tmp_path: Path) -> None:
    failed = {"status": {"code": 2, "message": "no"}}
    (one,) = found(tmp_path, turn(1, "s-1", 10, **failed), turn(2, "s-1", 20))
    assert one.open().status == "error"
    assert [each.status for each in one.turns()] == ["error", "ok"]


def test_the_losses_of_all_turns_are_told(tmp_path: Path) -> None:
    (one,) = found(tmp_path, turn(1, "s-1", 10), turn(2, "s-1", 20))
    assert len(one.open().fidelity) == sum(len(each.fidelity) for each in one.turns()) > 0
