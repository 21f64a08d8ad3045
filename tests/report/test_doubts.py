"""What stands below a failure: answers that were given without the trace saying all of them."""

from dataclasses import replace

import pytest

from pytest_llmreplay.model.call import Answer, ApiError
from pytest_llmreplay.model.recording import Divergence, Match, Recording, Verdict
from pytest_llmreplay.model.trace import Step
from pytest_llmreplay.report.divergence import Detail, failure_lines
from pytest_llmreplay.report.doubts import doubts
from tests.builders import chat, contents, span, step, trace, user


def embedding(index: int = 1, answer: Answer | None = None) -> Step:
    return step(chat(user("a"), kind="embedding"), answer or Answer(), index=index, name="embed-3")


def recording(*steps: Step, verdict: Verdict = "same") -> Recording:
    return Recording([Match(each.call, each, verdict=verdict) for each in steps])


def test_vectors_that_the_trace_does_not_hold_are_told_once_for_all_steps() -> None:
    assert list(doubts(recording(*(embedding(index) for index in range(1, 6))))) == [
        "made up: the vectors of step 1, embed-3, step 2, embed-3, step 3, embed-3 and 2 more; the trace does not hold "
        "them, so what is ranked by them may come otherwise than in production. Have the retriever answered (patch), "
        "or record vectors (raw capture)"
    ]


@pytest.mark.parametrize(
    "found",
    [
        recording(step()),
        recording(embedding(answer=Answer(vectors=((1.0, 0.0),)))),
        recording(embedding(answer=Answer(error=ApiError(status=429)))),
        recording(embedding(), verdict="live"),
    ],
    ids=["chat", "recorded", "error", "live"],
)
def test_nothing_is_told_of_answers_that_are_recorded_or_real(found: Recording) -> None:
    assert list(doubts(found)) == []


def test_an_ambiguity_is_told_once() -> None:
    assert list(doubts(Recording(ambiguities=["step 1 and step 2", "step 1 and step 2"]))) == [
        "ambiguous: step 1 and step 2"
    ]


def test_a_failure_says_so_in_the_row_of_the_step_and_at_its_end() -> None:
    first, second = embedding(), step(index=2)
    run = recording(first)
    run.places.append(Match(chat(), second, (), "diverged"))
    found = trace(first, second)
    found._contents = replace(contents(first, second), spans=(span(),))
    lines = failure_lines(found, run, Divergence(reason="changed", step=second, total=2), "pytest x", Detail(0))
    assert lines[2] == "  1 embedding  embed-3                  same, vectors made up"
    assert lines[-2].startswith("made up: the vectors of step 1, embed-3; ")
    assert lines[-1].startswith("only this step:  pytest x")
