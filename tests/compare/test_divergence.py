"""The first place where a run left its trace."""

from collections.abc import Sequence

import pytest

from pytest_llmreplay.compare.divergence import changed, first_divergence
from pytest_llmreplay.model.call import Answer, ApiError, Call
from pytest_llmreplay.model.recording import Difference, Divergence, Match, Recording, Refusal, Verdict
from pytest_llmreplay.model.trace import Step
from tests.builders import at, chat, step, user

STEPS = (step(index=1, name="first"), step(index=2, name="second"), step(index=3, name="third"))


def first(recording: Recording, steps: Sequence[Step] = STEPS, *, finished: bool = True) -> Divergence | None:
    """The first divergence of a run that had to ask for every step."""
    return first_divergence(recording, steps, steps, finished=finished)


def asked(at: Step | None, verdict: Verdict = "same", *differences: Difference, reason: str = "") -> Match:
    return Match(chat(), at, differences, verdict, reason)


def test_a_run_that_asked_for_every_step_has_none() -> None:
    assert first(Recording([asked(each) for each in STEPS])) is None


def test_drift_is_no_divergence() -> None:
    assert first(Recording([asked(each, "drift") for each in STEPS])) is None


def test_the_first_call_that_diverged_is_the_one() -> None:
    old, new = Difference("messages[1].content", "a", "b"), Difference("model", "x", "y")
    recording = Recording([asked(STEPS[0]), asked(STEPS[1], "diverged", old), asked(STEPS[2], "diverged", new)])
    found = first(recording)
    assert found is not None
    assert (found.reason, found.step, found.total, found.stage) == ("changed", STEPS[1], 3, "prompt")
    assert found.differences == (old,)
    assert found.headline == "step 2 of 3, second: messages[1].content a -> b"


@pytest.mark.parametrize(
    ("difference", "shown"),
    [
        (Difference("seed", 1, None), "seed 1 lost"),
        (Difference("seed", None, 1), "seed 1 added"),
        (Difference("seed", 1, 2), "seed 1 -> 2"),
        (Difference("m", "x" * 40, "y" * 40), "m changed"),
        (Difference("m", "a\nb", "c"), "m changed"),
    ],
)
def test_a_difference_is_told_in_a_few_words(difference: Difference, shown: str) -> None:
    found = first(Recording([asked(STEPS[0], "diverged", difference)]))
    assert found is not None
    assert found.detail == f"first: {shown}"


def test_many_differences_are_counted() -> None:
    many = [Difference(f"p{n}", n, n + 1) for n in range(5)]
    found = first(Recording([asked(STEPS[0], "diverged", *many)]))
    assert found is not None
    assert found.detail == "first: p0 0 -> 1, p1 1 -> 2, p2 2 -> 3 and 2 more"


def test_a_step_that_is_asked_twice_says_why_it_is_not_given_again() -> None:
    found = first(Recording([asked(STEPS[0], "diverged", reason="asked a second time")]))
    assert found is not None
    assert (found.reason, found.detail) == ("changed", "first: asked a second time")


def test_a_call_that_the_trace_does_not_hold_is_unexpected() -> None:
    found = first(Recording([asked(None, "diverged", reason="")]))
    assert found is not None
    assert (found.reason, found.headline) == ("unexpected", "a call that the trace does not hold")
    told = first(Recording([asked(None, "diverged", reason="the trace has no such call")]))
    assert told is not None
    assert told.headline == "the trace has no such call"


def test_a_step_that_nobody_asked_for_is_missing() -> None:
    found = first(Recording([asked(STEPS[0])]))
    assert found is not None
    assert (found.reason, found.step) == ("missing", STEPS[1])
    assert found.headline == "step 2 of 3, second: recorded, but never asked for, nor 1 after it"


def test_a_step_that_was_passed_by_goes_before_the_one_that_differs_for_it() -> None:
    recording = Recording([asked(STEPS[0]), asked(STEPS[2], "diverged", Difference("query", "a", "b"))])
    found = first(recording, finished=False)
    assert found is not None
    assert (found.reason, found.step) == ("missing", STEPS[1])
    assert found.headline == "step 2 of 3, second: recorded, but never asked for before step 3, third"


def test_a_step_that_was_made_at_the_same_time_is_not_passed_by() -> None:
    together = [step(index=n, start_ns=at(0), end_ns=at(5)) for n in (1, 2)]
    found = first(Recording([asked(together[1], "diverged", Difference("query", "a", "b"))]), together, finished=False)
    assert found is not None
    assert (found.reason, found.step) == ("changed", together[1])


@pytest.mark.parametrize(("start", "misses"), [(1, None), (6, 2)])
def test_what_was_made_beside_a_call_that_failed_may_be_left_out(start: int, misses: int | None) -> None:
    error = Answer(error=ApiError(status=429, message="slow down"))
    failing = step(answer=error, index=1, start_ns=at(0), end_ns=at(5))
    found = first(Recording([asked(failing)]), [failing, step(index=2, start_ns=at(start), end_ns=at(9))])
    assert (found.step.index if found and found.step else None) == misses


def test_a_run_that_broke_off_misses_nothing() -> None:
    assert first(Recording([asked(STEPS[0])]), finished=False) is None


def test_a_run_misses_only_what_it_had_to_ask_for() -> None:
    assert first_divergence(Recording(), STEPS, ()) is None
    found = first_divergence(Recording(), STEPS, STEPS[1:2])
    assert found is not None
    assert (found.step, found.total) == (STEPS[1], 3)


def test_a_call_that_has_not_come_to_an_end_is_not_looked_at() -> None:
    assert first(Recording([asked(STEPS[0]), None, asked(STEPS[1]), asked(STEPS[2])])) is None


def test_a_step_that_is_asked_for_before_an_earlier_one_is_reordered() -> None:
    found = first(Recording([asked(STEPS[0]), asked(STEPS[2]), asked(STEPS[1])]))
    assert found is not None
    assert (found.reason, found.step) == ("reordered", STEPS[2])
    assert found.headline == ("step 3 of 3, third: asked for before step 2, second, which production asked for first")


def test_steps_that_overlapped_in_production_have_no_order() -> None:
    together = [step(index=n, start_ns=at(0), end_ns=at(5)) for n in (1, 2, 3)]
    assert first(Recording([asked(together[n]) for n in (2, 0, 1)]), together) is None


def test_functions_have_no_order() -> None:
    steps = [step(chat(kind="function"), index=n) for n in (1, 2)]
    assert first(Recording([asked(steps[1]), asked(steps[0])]), steps) is None


def test_an_argument_that_changed_before_the_output_is_the_likely_cause() -> None:
    tool = step(chat(kind="tool"), index=1, name="search")
    differences = (Difference("query", "a", "b"), Difference("output[0]", 1, 2))
    found = first(Recording([asked(tool, "diverged", *differences)]), [tool])
    assert found is not None
    assert (found.stage, found.cause) == ("tool", "argument query changed before the output did")
    alone = first(Recording([asked(tool, "diverged", differences[1])]), [tool])
    assert alone is not None
    assert alone.cause is None


def test_a_refusal_goes_before_what_is_missing_and_after_what_was_changed() -> None:
    refusal = Refusal("POST https://api.example.com/v1/x", "no provider claims it")
    found = first(Recording(refusals=[refusal]))
    assert found is not None
    assert (found.reason, found.step) == ("refused", None)
    assert found.headline == "POST https://api.example.com/v1/x was refused: no provider claims it"
    changed = first(Recording([asked(STEPS[0], "diverged")], refusals=[refusal]))
    assert changed is not None
    assert changed.reason == "changed"


def test_the_call_that_diverged_comes_with_the_divergence() -> None:
    call = chat(user("other"))
    found = first(Recording([Match(call, None, (), "diverged")]))
    assert found is not None
    assert found.call is call


NOTES = "Notes:\nThe train to Oslo takes twenty minutes.\nCards are taken everywhere in Oslo.\nPlan it."
FEWER = "Notes:\nThe train to Oslo takes twenty minutes.\nPlan it."
TURNED = "Notes:\nCards are taken everywhere in Oslo.\nThe train to Oslo takes twenty minutes.\nPlan it."


@pytest.mark.parametrize(
    ("recorded", "live", "found"),
    [
        (NOTES, FEWER, True),
        (FEWER, NOTES, True),
        (NOTES, TURNED, True),
        (NOTES, NOTES.replace("Plan it.", "Please plan it."), False),
        (NOTES, NOTES + "\nNow.", False),
        (NOTES, NOTES.replace("Cards are", "Cash is"), False),
    ],
)
@pytest.mark.parametrize("held", [False, True], ids=["no retriever", "a retriever"])
def test_whole_lines_that_went_or_moved_may_be_a_retriever_s_where_the_trace_has_none(
    recorded: str, live: str, found: bool, held: bool
) -> None:
    steps = [step(chat(user(recorded)), index=2)]
    if held:
        steps.insert(0, step(Call(kind="retrieval", model="search"), index=1, name="search"))
    difference = Difference("messages[0].content", recorded, live)
    divergence = changed(Match(chat(user(live)), steps[-1], (difference,), "diverged"), steps)
    assert (divergence.stage, divergence.cause) == (
        "prompt",
        "whole lines came, went or moved: the prompt's own, or documents of a retriever, of which the trace has no step"
        if found and not held
        else None,
    )
