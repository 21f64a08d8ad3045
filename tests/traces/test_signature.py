"""Traces that took the same way have one signature, whatever was said."""

import pytest

from pytest_llmreplay.model.call import Answer, Call, Failure
from pytest_llmreplay.model.trace import Step
from pytest_llmreplay.traces import signature
from tests.builders import answered, called, chat, contents, step, user

FIND = step(Call(kind="retrieval"), Answer(), name="search")
ASK = step(chat(user("a")), answered("1"))
LOOK_UP = step(chat(user("a")), answered(called("look_up", {"id": 7})))
WAY = (FIND, LOOK_UP, ASK)


@pytest.mark.parametrize(
    "steps",
    [
        (FIND, step(chat(user("b")), answered(called("look_up", {"id": 8}))), step(chat(user("c")), answered("2"))),
        (FIND, FIND, LOOK_UP, LOOK_UP, LOOK_UP, ASK),
    ],
    ids=["other words", "more often in a row"],
)
def test_the_same_way_has_the_same_signature(steps: tuple[Step, ...]) -> None:
    assert signature.of(contents(*steps)) == signature.of(contents(*WAY))


@pytest.mark.parametrize(
    "steps",
    [
        (LOOK_UP, FIND, ASK),
        (FIND, ASK),
        (FIND, step(chat(user("a")), answered(called("cancel", {"id": 7}))), ASK),
        (step(Call(kind="retrieval"), Answer(), name="find"), LOOK_UP, ASK),
        (step(Call(kind="retrieval"), Answer(failure=Failure("TimeoutError", "late")), name="search"), LOOK_UP, ASK),
    ],
    ids=["order", "a step less", "another tool", "another retriever", "a failure"],
)
def test_another_way_has_another_signature(steps: tuple[Step, ...]) -> None:
    assert signature.of(contents(*steps)) != signature.of(contents(*WAY))


def test_name_and_status_of_the_request_belong_to_its_way() -> None:
    told = {signature.of(contents(*WAY, **more)) for more in ({}, {"name": "chat"}, {"status": "error"})}
    assert len(told) == 3
