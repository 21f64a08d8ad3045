"""Answers that a seed chooses."""

import re
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from pytest_llmreplay.model.call import Answer, ApiError, Call, Returned, Text, Tool
from pytest_llmreplay.model.trace import Step
from pytest_llmreplay.replay.seeded import AnswerPool, SeededAnswers, fingerprint
from pytest_llmreplay.replay.synthetic import PREFIX, synthetic
from tests.builders import answered, chat, partly, result, shuffled, step, system, user


def told(answer: Answer) -> str:
    part = answer.choices[0].parts[0]
    assert isinstance(part, Text)
    return part.content


def recorded(words: str, call: Call | None = None, *, trace: str = "", index: int = 1, **more: Any) -> Step:
    return step(call, answered(words, seed=trace or words), index=index, **more)


MANY = [recorded(f"answer {number}") for number in range(6)]


def run(pool: AnswerPool, seed: int, times: int = 12, call: Call | None = None) -> list[str]:
    answers = SeededAnswers(pool, seed)
    return [told(answers.answer(call or chat())[0]) for _ in range(times)]


def test_an_answer_is_one_of_those_recorded_for_the_question() -> None:
    pool = AnswerPool([*MANY, recorded("another", chat(user("Bye?")))])
    assert set(run(pool, 7, 100)) == {f"answer {number}" for number in range(6)}
    assert set(run(pool, 7, 3, chat(user("Bye?")))) == {"another"}


def test_an_equal_seed_gives_equal_answers_and_another_gives_others() -> None:
    assert run(AnswerPool(MANY), 7) == run(AnswerPool(MANY), 7)
    assert len({tuple(run(AnswerPool(MANY), seed)) for seed in range(10)}) == 10


def test_the_order_of_the_files_does_not_matter() -> None:
    traces = [recorded(f"{trace}{index}", trace=trace, index=index) for trace in "cab" for index in (2, 1)]
    assert len({tuple(run(AnswerPool(order), 7)) for order in shuffled(traces)}) == 1


def test_candidates_stand_in_the_order_of_their_traces() -> None:
    traces = [recorded(f"{trace}{index}", trace=trace, index=index) for trace in "cab" for index in (10, 9)]
    assert [told(each.answer) for each in AnswerPool(traces).candidates(chat())] == [
        "a9",
        "a10",
        "b9",
        "b10",
        "c9",
        "c10",
    ]


def test_the_step_is_given_with_its_answer() -> None:
    answer, found = SeededAnswers(AnswerPool(MANY), 7).answer(chat())
    assert found in MANY
    assert found is not None
    assert answer is found.answer
    assert AnswerPool(MANY).choose(chat(), 7, 0) is found


def test_occurrences_are_counted_for_each_question() -> None:
    pool = AnswerPool([*MANY, *(recorded(f"bye {n}", chat(user("Bye?"))) for n in range(6))])
    answers = SeededAnswers(pool, 7)
    mixed = [told(answers.answer(each)[0]) for _ in range(8) for each in (chat(), chat(user("Bye?")))]
    assert mixed[::2] == run(pool, 7, 8)
    assert mixed[1::2] == run(pool, 7, 8, chat(user("Bye?")))
    assert len(set(mixed)) > 4


def test_threads_get_the_answers_of_one_sequence() -> None:
    answers = SeededAnswers(AnswerPool(MANY), 7)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: told(answers.answer(chat())[0]), range(200)))
    assert Counter(found) == Counter(run(AnswerPool(MANY), 7, 200))


def test_a_question_that_nobody_recorded_gets_a_made_up_answer() -> None:
    answers = SeededAnswers(AnswerPool(MANY), 7)
    (first, none), (second, _) = answers.answer(chat(user("Bye?"))), answers.answer(chat(user("Bye?")))
    assert none is None
    assert told(first).startswith(PREFIX)
    assert told(first) != told(second)
    assert SeededAnswers(AnswerPool([]), 7).answer(chat(user("Bye?"))) == (first, None)
    assert SeededAnswers(AnswerPool([]), 8).answer(chat(user("Bye?"))) != (first, None)
    assert first == synthetic(chat(user("Bye?")), first.seed)


def test_a_made_up_answer_that_cannot_be_is_an_error() -> None:
    call = chat(parameters={"response_format": {"type": "json_schema", "schema": {"type": "string", "pattern": "a"}}})
    with pytest.raises(ValueError, match=re.escape("'pattern' at $")):
        SeededAnswers(AnswerPool([]), 7).answer(call)


@pytest.mark.parametrize(
    "unanswered",
    [
        recorded("half", incomplete="the answer was cut off"),
        recorded("partly", proviso="no tools"),
        step(answer=Answer(seed="1")),
    ],
    ids=["cut", "partly", "empty"],
)
def test_a_step_without_an_answer_is_no_candidate(unanswered: Step) -> None:
    assert AnswerPool([unanswered]).choose(chat(), 7, 0) is None


@pytest.mark.parametrize(
    "answer",
    [
        Answer(error=ApiError(status=429)),
        Answer(raw={"id": "1"}),
        Answer(vectors=((0.5,),)),
        Answer(returned=Returned(None)),
    ],
    ids=["error", "raw", "vectors", "returned"],
)
def test_an_answer_of_any_sort_is_one(answer: Answer) -> None:
    found = step(answer=answer)
    assert AnswerPool([found]).choose(chat(), 7, 0) is found


def test_only_what_a_step_knows_has_to_be_equal() -> None:
    poor = recorded("poor", chat(known=partly(parameters=["temperature"])), trace="b")
    rich = recorded("rich", chat(parameters={"seed": 1}), trace="a")
    pool = AnswerPool([poor, rich])
    assert pool.candidates(chat(parameters={"seed": 1})) == [rich, poor]
    assert pool.candidates(chat(parameters={"seed": 2})) == [poor]
    assert pool.candidates(chat(parameters={"temperature": 1})) == []


def test_a_step_that_knows_no_messages_comes_last() -> None:
    blind = recorded("blind", chat(known=partly(fields=["model"])), trace="a")
    pool = AnswerPool([blind, recorded("seeing", trace="b")])
    assert [told(each.answer) for each in pool.candidates(chat())] == ["seeing"]
    assert pool.candidates(chat(user("Bye?"))) == [blind]


def test_a_streamed_question_is_the_same_question() -> None:
    assert run(AnswerPool(MANY), 7) == run(AnswerPool(MANY), 7, call=chat(stream=True))


CALLS = {
    "plain": chat(),
    "other words": chat(user("Bye?")),
    "as the system": chat(system("Hello?")),
    "other model": chat(model="gpt-5"),
    "whole number": chat(parameters={"temperature": 1}),
    "broken number": chat(parameters={"temperature": 1.5}),
    "truth": chat(parameters={"temperature": True}),
    "number as text": chat(parameters={"temperature": "1"}),
    "list": chat(parameters={"stop": ["a", "b"]}),
    "one text": chat(parameters={"stop": "ab"}),
    "tool": chat(tools=(Tool("search", None, {"type": "object"}),)),
    "result": chat(user("Hello?"), result("found")),
    "lone surrogate": chat(user("\udc80")),
    "other letters": chat(user("Où ça ? 東京")),
}


def test_different_questions_have_different_fingerprints() -> None:
    prints = {name: fingerprint(call) for name, call in CALLS.items()}
    assert len(set(prints.values())) == len(CALLS)
    assert all(re.fullmatch("[0-9a-f]{64}", each) for each in prints.values())


def test_equal_questions_have_equal_fingerprints() -> None:
    one = chat(parameters={"a": 1.0, "b": {"x": None, "y": False}})
    other = chat(parameters={"b": {"y": False}, "a": 1}, provider="openai.chat", stream=True)
    assert fingerprint(one) == fingerprint(other)
    assert fingerprint(chat(user("Hel"), user("lo?"))) != fingerprint(chat())


SCRIPT = """
from tests.replay.test_seeded import AnswerPool, CALLS, MANY, SeededAnswers, fingerprint, run
print([fingerprint(call) for call in CALLS.values()])
print(run(AnswerPool(MANY), 7))
print(SeededAnswers(AnswerPool([]), 7).answer(CALLS["other words"]))
"""


def test_nothing_depends_on_the_process(request: pytest.FixtureRequest) -> None:
    def output(hash_seed: str) -> bytes:
        return subprocess.run(
            [sys.executable, "-c", SCRIPT],
            cwd=request.config.rootpath,
            env={"PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(request.config.rootpath), "PYTHONIOENCODING": "utf-8"},
            capture_output=True,
            check=True,
        ).stdout

    assert output("0") == output("1") == output("2")
    assert str(run(AnswerPool(MANY), 7)).encode() in output("3")


def test_a_fingerprint_stays_what_it_is() -> None:
    assert fingerprint(chat(user("Hi"), parameters={"n": 1.0, "x": [True, None, 0.5]})) == FIXED


FIXED = "8334f26edf63738a9d9e372e1ee9f4ccc7dc04cdbb984148174a041eef38a46b"
"""Runs of other versions must be repeatable with the same seed."""
