"""Functions that hold other calls, as steps of their own where a test names them."""

from dataclasses import replace

import pytest

from pytest_llmreplay.errors import TraceError
from pytest_llmreplay.model.call import Call, Kind
from pytest_llmreplay.model.trace import Contents, Step, Trace
from pytest_llmreplay.traces.groups import grouped, ungrouped
from tests.builders import TRACE, contents, span_id, step, trace

GROUPS = (
    step(Call(kind="tool", model="outer"), index=0, name="outer", span_id=span_id(8)),
    step(Call(kind="tool", model="inner"), index=0, name="inner", span_id=span_id(9), inside=(span_id(8),)),
)
STEPS = (
    step(),
    step(index=2, inside=(span_id(8),)),
    step(index=3, inside=(span_id(9), span_id(8))),
    step(index=4),
)


def order(found: Trace) -> list[tuple[int, str]]:
    return [(each.index, each.span_id[-1]) for each in found.steps]


@pytest.mark.parametrize(
    ("names", "spans"),
    [
        (["outer"], "18234"),
        (["tool inner"], "12934"),
        (["inner", "outer"], "182934"),
        (["inner", "gpt-4o"], "12934"),
    ],
)
def test_a_group_comes_before_the_first_call_inside_it_and_all_are_numbered(names: list[str], spans: str) -> None:
    found = grouped(trace(*STEPS, groups=GROUPS), names)
    assert order(found) == list(enumerate(spans, 1))


@pytest.mark.parametrize("names", [[], ["gpt-4o"], ["Outer"]])
def test_without_a_group_of_the_name_it_is_the_trace_itself(names: list[str]) -> None:
    given = trace(*STEPS, groups=GROUPS)
    assert grouped(given, names) is given


@pytest.mark.parametrize(
    ("recorded", "name", "kind"),
    [
        ("function", "retriever find_notes", "retrieval"),
        ("function", "tool find_notes", "tool"),
        ("tool", "retriever find_notes", "retrieval"),
        ("function", "find_notes", "function"),
        ("function", "function find_notes", "function"),
        ("tool", "find_notes", "tool"),
        ("function", "retriever find", "function"),
    ],
)
def test_the_word_before_a_name_says_what_the_function_is(recorded: Kind, name: str, kind: Kind) -> None:
    notes = step(Call(kind=recorded, model="find_notes"), index=2, name="find_notes")
    found = grouped(trace(step(), notes), [name])
    assert [each.call.kind for each in found.steps] == ["chat", kind]


def test_so_it_does_of_a_group() -> None:
    found = grouped(trace(*STEPS, groups=GROUPS), ["retriever outer"])
    assert [each.call.kind for each in found.steps] == ["chat", "retrieval", "chat", "chat", "chat"]


def test_of_two_functions_of_a_name_the_word_chooses_where_the_trace_tells_them_apart() -> None:
    both = (
        step(Call(kind="tool", model="find"), name="find"),
        step(Call(kind="retrieval", model="find"), index=2, name="find"),
    )
    found = grouped(trace(*both), ["retriever find"])
    assert [each.call.kind for each in found.steps] == ["tool", "retrieval"]


def test_what_the_trace_lacks_is_told_by_the_new_numbers() -> None:
    found = grouped(trace(*STEPS, groups=GROUPS), ["outer"])
    assert {loss.step for loss in found.fidelity} == {1, 3, 4, 5}


def test_a_trace_that_cannot_be_read_says_so() -> None:
    def gone() -> Contents:
        raise TraceError("gone")

    with pytest.raises(TraceError, match="gone"):
        grouped(Trace(TRACE, "memory:1", gone), ["outer"])


def test_the_trace_that_was_given_stays_as_it_is() -> None:
    given = trace(*STEPS, groups=GROUPS)
    grouped(given, ["outer"])
    assert [each.index for each in given.steps] == [1, 2, 3, 4]
    assert given.contents == contents(*STEPS, groups=GROUPS)


def test_groups_of_several_turns_stay_in_their_turn() -> None:
    def turn(number: int) -> tuple[Step, Step]:
        call = step(index=number, inside=(span_id(number + 10),))
        return replace(GROUPS[0], span_id=span_id(number + 10)), call

    (first, a), (second, b) = turn(1), turn(2)
    found = grouped(trace(a, b, groups=(first, second)), ["outer"])
    assert [each.name for each in found.steps] == ["outer", "gpt-4o", "outer", "gpt-4o"]


@pytest.mark.parametrize("names", [[], ["outer"], ["inner", "outer"]])
def test_what_is_kept_of_a_trace_is_the_same_whatever_a_test_names(names: list[str]) -> None:
    given = trace(*STEPS, groups=GROUPS)
    found = ungrouped(grouped(given, names).contents)
    assert (found.steps, found.groups) == (given.contents.steps, given.contents.groups)
