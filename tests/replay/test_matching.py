"""Which recorded step answers a live call."""

from dataclasses import replace

import pytest

from pytest_llmreplay.model.call import Call, Kind
from pytest_llmreplay.model.trace import Step
from pytest_llmreplay.replay.matching import StepIndex
from tests.builders import answered, at, chat, partly, step, system, user


def taken(index: StepIndex, call: Call) -> Step | None:
    return index.take(call)[0]


def asked(text: str, **more: object) -> Call:
    return chat(user(text), **more)


def test_an_equal_call_gets_its_step_once() -> None:
    index = StepIndex([step(asked("a")), step(asked("b"), index=2)])
    assert [found.index for text in "ba" if (found := taken(index, asked(text)))] == [2, 1]
    assert taken(index, asked("a")) is None
    assert index.size == 2


def test_equal_steps_are_answered_in_recorded_order() -> None:
    index = StepIndex([step(asked("a"), index=number) for number in (1, 2, 3)])
    assert [found.index for _ in range(3) if (found := taken(index, asked("a")))] == [1, 2, 3]


def test_of_equal_steps_one_that_was_streamed_alike_goes_first() -> None:
    index = StepIndex([step(asked("a", stream=False)), step(asked("a", stream=True), index=2)])
    found = taken(index, asked("a", stream=True))
    assert found is not None
    assert found.index == 2


def test_a_step_is_compared_in_what_it_knows_alone() -> None:
    known = partly(lost=["tool_ids"], parameters=["temperature"])
    index = StepIndex([step(replace(asked("a", parameters={"temperature": 0}), known=known))])
    assert taken(index, asked("a", parameters={"temperature": 1, "top_p": 1})) is None
    assert taken(index, asked("a", parameters={"temperature": 0, "top_p": 1})) is not None


def test_a_step_that_knows_its_messages_goes_before_one_that_does_not() -> None:
    blind = step(replace(asked("a"), known=partly(fields=["model"])))
    index = StepIndex([blind, step(replace(asked("b"), known=partly(fields=["model", "messages"])), index=2)])
    found = taken(index, asked("b"))
    assert found is not None
    assert found.index == 2
    assert taken(index, asked("whatever")) is blind


def test_it_tells_a_repeated_call_from_a_new_one() -> None:
    index = StepIndex([step(asked("a"))])
    taken(index, asked("a"))
    assert index.answered(asked("a"))
    assert not index.answered(asked("b"))


@pytest.mark.parametrize(("text", "nearest"), [("Where is the lamp now?", 1), ("How much is a lamp?", 2)])
def test_the_nearest_open_step_is_that_with_most_words_in_common(text: str, nearest: int) -> None:
    steps = [step(chat(system("Be brief."), user("Where is the lamp?"))), step(chat(user("How much is it?")), index=2)]
    index = StepIndex(steps)
    assert index.nearest(chat(*([system("Be brief.")] if nearest == 1 else []), user(text))) == steps[nearest - 1]


def test_the_earliest_of_equally_near_steps_is_the_nearest() -> None:
    index = StepIndex([step(asked("a"), index=1), step(asked("b"), index=2)])
    assert index.nearest(asked("c")) == step(asked("a"), index=1)


def test_what_is_answered_is_no_longer_near() -> None:
    one, two = step(asked("a")), step(asked("b"), index=2)
    index = StepIndex([one, two])
    index.close(one)
    assert index.nearest(asked("a")) == two
    assert list(index.unanswered()) == [two]
    index.close(two)
    assert index.nearest(asked("a")) is None


def test_equal_calls_made_at_once_with_different_answers_are_ambiguous() -> None:
    steps = [step(asked("a"), answered(str(number)), index=number, end_ns=at(9)) for number in (1, 2)]
    found, words = StepIndex(steps).take(asked("a"))
    assert found == steps[0]
    assert words == (
        "step 1 and step 2 asked the same at the same time and got different answers; answered in recorded order"
    )


def test_a_call_of_another_kind_is_not_near() -> None:
    index = StepIndex([step(asked("a"))])
    assert index.nearest(asked("a", kind="embedding")) is None
    assert index.nearest(asked("b", kind="completion")) is not None


TOOLED = chat(system("Ask the tools."), user("Contract: fees are paid. Extract what it says on fees."))
REPORT = chat(user("Put these findings into a report."))


@pytest.mark.parametrize(
    ("call", "akin"),
    [
        (chat(user("Would you call it one?")), False),
        (chat(user("Extract what it says on liability.")), True),
        (chat(user("Ask the tools. What does it say?")), True),
        (chat(user("Put my findings into this report.")), True),
        (chat(system("Sei kurz."), user("Was steht im Vertrag?")), True),
    ],
)
def test_a_call_stands_for_a_step_whose_words_it_shares_or_for_the_next_of_its_shape(call: Call, akin: bool) -> None:
    index = StepIndex([step(TOOLED, index=1), step(REPORT, index=2)])
    assert index.akin(call) == akin


def test_of_messages_that_are_not_recorded_nothing_is_known() -> None:
    index = StepIndex([step(chat(system("a"), user("b"), known=partly(fields=["model"])))])
    assert index.akin(chat(user("Something else?")))


@pytest.mark.parametrize(
    ("kinds", "told"),
    [
        (["chat"], "the one recorded chat call is answered already"),
        (["chat", "completion"], "all 2 recorded chat calls are answered already"),
        (["embedding"], "the trace holds no chat call; does production record this API?"),
    ],
)
def test_it_says_why_no_step_is_left(kinds: list[Kind], told: str) -> None:
    index = StepIndex([step(asked("a", kind=kind), index=number) for number, kind in enumerate(kinds, 1)])
    assert index.none_left(asked("b")) == told
