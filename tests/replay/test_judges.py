"""The model calls of evaluators, apart from those of the application."""

import pytest

from pytest_llmreplay.model.call import ApiError
from pytest_llmreplay.replay.judges import JudgeCalls, JudgeSession
from tests.builders import answered, chat, user
from tests.replay.test_session import Signal, told

RECORDED = (
    (chat(user("a")), answered("1")),
    (chat(user("a")), answered("2")),
    (chat(user("b")), answered("3")),
)


def session(calls: JudgeCalls | None = None, *, asks: bool = False) -> JudgeSession:
    return JudgeSession(calls or JudgeCalls(RECORDED), asks=asks, signal=Signal)


def test_a_question_that_is_asked_again_gets_the_next_answer_and_each_verdict_begins_anew() -> None:
    calls = JudgeCalls(RECORDED)
    for _ in range(2):
        found = session(calls)
        assert [told(found.ask(chat(user(text)))) for text in "aba"] == ["1", "3", "2"]


def test_one_without_a_recording_is_written_down_before_the_signal_is_raised() -> None:
    found = session()
    with pytest.raises(Signal, match="no judge recording of a call of gpt-4o"):
        found.ask(chat(user("c")))
    assert found.missing == [chat(user("c"))]
    found.ask(chat(user("b")))
    with pytest.raises(Signal):
        found.ask(chat(user("b")))
    assert found.missing == [chat(user("c")), chat(user("b"))]


def test_what_is_known_is_answered_and_the_rest_goes_out_and_is_kept() -> None:
    calls = JudgeCalls(RECORDED)
    found = session(calls, asks=True)
    assert told(found.ask(chat(user("b")))) == "3"
    for text, answer in (("b", "4"), ("c", "5")):
        assert found.ask(chat(user(text))) is None
        found.keep(chat(user(text)), answered(answer))
    assert [number for _, _, number in found.kept] == [2, 1]
    later = session(calls)
    assert [told(later.ask(chat(user(text)))) for text in "bbc"] == ["3", "4", "5"]


def test_an_error_of_the_provider_is_not_kept_and_the_next_try_is_the_same_question() -> None:
    calls = JudgeCalls()
    found = session(calls, asks=True)
    for answer in (answered(error=ApiError(status=429)), answered("1")):
        assert found.ask(chat(user("a"))) is None
        found.keep(chat(user("a")), answer)
    assert told(session(calls).ask(chat(user("a")))) == "1"


def test_secrets_are_no_part_of_what_is_kept_and_compared() -> None:
    calls = JudgeCalls()

    def view(value: object) -> object:
        return chat(user("x")) if value == chat(user("secret")) else value

    found = JudgeSession(calls, asks=True, signal=Signal, view=view)
    found.ask(chat(user("secret")))
    found.keep(chat(user("secret")), answered("1"))
    assert found.kept == [(chat(user("x")), answered("1"), 1)]
    assert told(session(calls).ask(chat(user("x")))) == "1"
