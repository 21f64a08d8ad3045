"""One run of an application against a trace."""

import gc
import weakref
from dataclasses import replace

import pytest

from pytest_llmreplay.model.call import Call, Tool
from pytest_llmreplay.redaction.redactor import Redactor
from pytest_llmreplay.replay.session import Given, ReplaySession
from tests.builders import answered, assistant, called, chat, result, step, user


class Signal(BaseException):
    """Leaves the application."""


def session(**more: object) -> ReplaySession:
    steps = (step(chat(user("a")), answered("1")), step(chat(user("b")), answered("2"), index=2))
    return ReplaySession(lambda: steps, signal=Signal, **more)  # type: ignore[arg-type]


def told(given: Given | None) -> str:
    assert given is not None
    part = given.answer.choices[0].parts[0]
    return str(getattr(part, "content", ""))


def verdicts(found: ReplaySession) -> list[tuple[int | None, str]]:
    return [(match.step.index if match.step else None, match.verdict) for match in found.recording.matches]


def test_recorded_calls_get_their_answers_and_are_written_down() -> None:
    found = session()
    assert [told(found.ask(chat(user(text)))) for text in "ab"] == ["1", "2"]
    assert verdicts(found) == [(1, "same"), (2, "same")]


def test_a_call_that_differs_is_written_down_before_the_signal_is_raised() -> None:
    found = session()
    with pytest.raises(Signal):
        found.ask(chat(user("c")))
    assert verdicts(found) == [(1, "diverged")]
    assert [each.path for each in found.recording.matches[0].differences] == ["messages[0].content"]


def test_it_is_gone_when_nobody_holds_it_any_more() -> None:
    found = session()
    assert found.plan.expected
    gone = weakref.ref(found)
    gc.disable()
    try:
        del found
        assert gone() is None
    finally:
        gc.enable()


def test_under_serve_it_gets_the_answer_of_the_nearest_step() -> None:
    found = session(drift="serve")
    assert told(found.ask(chat(user("b"), model="gpt-5"))) == "2"
    assert verdicts(found) == [(2, "drift")]


def test_a_difference_that_is_left_out_is_none() -> None:
    found = session(ignore=["$.model"])
    assert told(found.ask(chat(user("a"), model="gpt-5"))) == "1"
    assert verdicts(found) == [(1, "same")]


def test_a_refusal_is_written_down_and_gives_the_signal() -> None:
    found = session()
    assert isinstance(found.refuse("connection to 10.0.0.1:443", "no"), Signal)
    assert [(each.what, each.why) for each in found.recording.refusals] == [("connection to 10.0.0.1:443", "no")]


@pytest.mark.parametrize("drift", ["fail", "serve", "fork"])
def test_an_answer_that_is_not_shown_to_be_whole_is_refused(drift: str) -> None:
    partly = step(chat(user("a")), answered(called("now", {})), proviso="no arguments", name="gpt-4o")
    found = ReplaySession(lambda: (partly,), signal=Signal, drift=drift)  # type: ignore[arg-type]
    with pytest.raises(Signal):
        found.ask(chat(user("a")))
    assert [(each.what, each.why) for each in found.recording.refusals] == [
        ("step 1, gpt-4o", "cannot be answered: the arguments of its tool calls were not recorded, and now takes some")
    ]
    tool = Tool("now", None, {"type": "object", "properties": {}})
    found = ReplaySession(lambda: (replace(partly, call=chat(user("a"), tools=(tool,))),), signal=Signal)
    given = found.ask(chat(user("a"), tools=(tool,)))
    assert given is not None
    assert given.answer == partly.answer


def test_a_call_with_a_secret_equals_the_redacted_one_that_held_the_same() -> None:
    def with_key(key: str) -> Call:
        turns = user(f"My key is {key}"), assistant(called("login", {"password": key})), result(f'{{"token": "{key}"}}')
        return chat(*turns)

    key = "ghp_" + "16C7e42F292c6912E7710c838347Ae178B4a"
    redactor = Redactor("trace 1", environment={})
    recorded = redactor.value(step(with_key(key), answered("1")))
    assert key not in repr(recorded)
    found = ReplaySession(lambda: (recorded,), signal=Signal, view=redactor.value)
    assert told(found.ask(with_key(key))) == "1"
    assert verdicts(found) == [(1, "same")]
    assert key not in repr(found.recording)
    found = ReplaySession(lambda: (recorded,), signal=Signal, view=redactor.value)
    assert told(found.ask(recorded.call)) == "1"  # the marks come back from a recorded input or tool
    for other in (key.replace("16", "17"), "no secret"):
        found = ReplaySession(lambda: (recorded,), signal=Signal, view=redactor.value)
        with pytest.raises(Signal):
            found.ask(with_key(other))
