"""A case step by step, as written reports show it."""

from typing import Any

from pytest_llmreplay.model.call import ApiError, Arguments, Call, Media, Message, Returned, Text, Usage
from pytest_llmreplay.model.recording import Difference, Divergence, Match, Recording
from pytest_llmreplay.model.result import StepResult
from pytest_llmreplay.model.trace import Step
from pytest_llmreplay.report.steps import part_text, question, reply, step_results
from tests import builders


def tool(index: int, name: str = "find", **arguments: Any) -> Step:
    call = Call(kind="tool", model=name, arguments=Arguments(named=arguments))
    return builders.step(call, builders.answered(returned=Returned({"found": 1})), index=index, name=name)


def asks(index: int, text: str = "Hello?") -> Step:
    return builders.step(
        builders.chat(builders.user(text)), builders.answered("Hello.", usage=Usage(input=5, output=2)), index=index
    )


def shown(steps: list[Step], matches: list[Match | None], divergence: Divergence | None = None) -> list[StepResult]:
    recording = Recording()
    for match in matches:
        recording.places[recording.reserve()] = match
    return list(step_results(builders.trace(*steps), recording, divergence))


def test_a_step_that_was_asked_as_recorded_says_so_and_shows_no_second_text() -> None:
    step = asks(1)
    (row,) = shown([step], [Match(step.call, step)])
    assert (row.state, row.kind, row.answer) == ("same", "model", "Hello.")
    assert (row.live_request, row.live_answer, row.differences) == (None, None, ())
    assert (row.tokens_in, row.tokens_out) == (5, 2)
    assert row.live_start is not None
    assert row.live_start >= 0


def test_the_first_divergence_and_what_follows_from_it_are_told_apart() -> None:
    first, second, third = asks(1), asks(2), asks(3)
    difference = Difference("messages[0].content", "Hello?", "Bye?")
    live = builders.chat(builders.user("Bye?"))
    rows = shown(
        [first, second, third],
        [Match(live, first, (difference,), "diverged"), Match(live, second, (difference,), "diverged")],
        Divergence(reason="changed", step=first, total=3),
    )
    assert [row.state for row in rows] == ["diverged", "follows", "not reached"]
    assert [(each.path, each.recorded, each.live) for each in rows[0].differences] == [
        ("messages[0].content", "Hello?", "Bye?")
    ]
    assert "Bye?" in (rows[0].live_request or "")


def test_a_step_that_nobody_asked_for_is_missing_and_a_call_without_a_step_unexpected() -> None:
    step = asks(1)
    rows = shown(
        [step],
        [Match(builders.chat(builders.user("Else?")), None, (), "diverged", "too many")],
        Divergence(reason="missing", step=step, total=1),
    )
    assert [(row.index, row.state) for row in rows] == [(1, "missing"), (0, "unexpected")]
    assert rows[1].live_request == "[user]\nElse?"


def test_a_live_call_shows_what_came_back_and_how_long_it_took() -> None:
    answer = builders.answered("Live.", usage=Usage(input=1, output=9))
    (row,) = shown([], [Match(builders.chat(), None, (), "live", answer=answer, seconds=1.25)])
    assert (row.state, row.live_answer, row.live_seconds, row.tokens_out) == ("live", "Live.", 1.25, 9)


def test_functions_that_were_not_replayed_or_drifted() -> None:
    one, other = tool(1), tool(2, sku=3)
    rows = shown([one, other], [Match(other.call, other, (Difference("arguments.sku", 3, 4),), "drift")])
    assert [row.state for row in rows] == ["not replayed", "drifted"]


def test_a_function_that_is_to_be_answered_and_was_not_called_is_not_reached() -> None:
    first, later = asks(1), tool(2)
    trace = builders.trace(first, later)
    rows = step_results(trace, Recording(), Divergence(reason="missing", step=first, total=2), functions={2})
    assert [row.state for row in rows] == ["missing", "not reached"]


def test_a_call_that_never_ended_leaves_its_step_as_it_was() -> None:
    step = asks(1)
    assert [row.state for row in shown([step], [None, Match(step.call, step)])] == ["same"]


def test_times_are_behind_the_beginning_of_the_request() -> None:
    step = builders.step(builders.chat(), builders.answered("x"), start_ns=builders.at(3), end_ns=builders.at(5))
    trace = builders.trace(step, spans=(builders.span(start=1),))
    (row,) = step_results(trace, Recording(), None)
    assert (row.start, row.seconds) == (2.0, 2.0)


def test_questions_and_answers_read_well() -> None:
    call = builders.chat(
        builders.system("Be brief."),
        builders.user("Where?"),
        builders.assistant(builders.called("find", {"id": 7})),
        builders.result("not there"),
        Message("user", (Text("And this?"), Media("image", "sha256:ab"))),
        parameters={"temperature": 0},
    )
    assert question(call) == (
        '[system]\nBe brief.\n\n[user]\nWhere?\n\n[assistant]\n→ find({"id": 7})\n\n[tool]\n← not there\n\n'
        '[user]\nAnd this?\n(image) sha256:ab\n\n[parameters] {"temperature": 0}'
    )
    assert question(tool(1, sku=3).call) == '{"sku": 3}'
    assert (
        reply(builders.answered(error=ApiError(status=429, type="rate_limit", message="slow"))) == "429 rate_limit slow"
    )
    assert reply(builders.answered(vectors=((0.1, 0.2), (0.3, 0.4)))) == "2 vectors of 2 numbers"
    assert part_text(Text("x")) == "x"
