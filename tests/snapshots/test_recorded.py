"""What a run asked, as a trace."""

from dataclasses import replace

from pytest_llmreplay.model.call import Answer, ApiError
from pytest_llmreplay.model.recording import Match, Recording
from pytest_llmreplay.model.trace import Contents, Step
from pytest_llmreplay.snapshots.recorded import new_contents, recorded
from tests.builders import TRACE, answered, chat, contents, step, user

NOW = 1_790_000_000_000_000_000
FIRST, SECOND, THIRD = (step(chat(user(word)), answered(word.upper()), index=n) for n, word in enumerate("abc", 1))


def run(*matches: Match) -> Recording:
    made = Recording()
    for match in matches:
        made.places[made.reserve()] = match
    return made


def same(recorded_step: Step) -> Match:
    return Match(recorded_step.call, recorded_step, (), "same")


def live(word: str, answer: Answer | None = None) -> Match:
    return Match(chat(user(word)), None, (), "live", answer=answer or answered(word.upper()), seconds=0.5)


def said(found: Contents) -> list[str]:
    return [each.call.messages[0].parts[0].content for each in found.steps]  # type: ignore[union-attr]


def test_live_calls_take_their_places_between_the_steps_that_answered() -> None:
    found = recorded(TRACE, contents(FIRST, SECOND), run(same(FIRST), live("new"), same(SECOND)), NOW)
    assert said(found) == ["a", "new", "b"]
    assert [each.index for each in found.steps] == [1, 2, 3]
    assert found.steps[1].answer.choices == answered("NEW").choices
    assert found.steps[1].end_ns - found.steps[1].start_ns == 500_000_000


def test_model_calls_that_were_not_made_any_more_are_gone_and_tools_stay() -> None:
    tool = step(replace(chat(), kind="tool"), Answer(), index=2, name="look_up")
    found = recorded(TRACE, contents(FIRST, tool, THIRD), run(same(THIRD)), NOW)
    assert [each.call.kind for each in found.steps] == ["tool", "chat"]
    assert found.steps[1].call == THIRD.call


def test_of_a_run_that_did_not_finish_all_steps_stay_and_errors_are_asked_again() -> None:
    failed = live("late", Answer(error=ApiError(status=429, message="slow down")))
    found = recorded(TRACE, contents(FIRST, SECOND), run(same(FIRST), live("new"), failed), NOW, finished=False)
    assert said(found) == ["a", "new", "b"]
    whole = recorded(TRACE, contents(FIRST, SECOND), run(same(FIRST), live("new"), failed), NOW)
    assert said(whole) == ["a", "new", "late"]


def test_a_trace_that_no_production_made_begins_when_the_run_did_and_has_the_same_ids_each_time() -> None:
    made = [recorded(TRACE, new_contents(TRACE, "test"), run(live("a")), NOW) for _ in range(2)]
    assert made[0] == made[1]
    assert made[0].spans[0].start_ns == NOW
    assert made[0].spans[0].end_ns == made[0].steps[0].end_ns
    assert made[0].steps[0].parent_id == made[0].spans[0].span_id
