"""One run of an application against a trace."""

import pytest

from pytest_llmreplay.replay.session import Given, ReplaySession
from tests.builders import answered, chat, step, user


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
