"""Which stage of an application a difference belongs to."""

import pytest

from pytest_llmreplay.compare.stages import stage_of, stage_of_unasked
from pytest_llmreplay.model.call import Answer, Returned
from pytest_llmreplay.model.recording import Difference, Stage
from tests.builders import assistant, called, chat, result, step, user


@pytest.mark.parametrize(
    ("kind", "paths", "stage"),
    [
        ("retrieval", [], "retriever"),
        ("retrieval", ["messages[0]"], "retriever"),
        ("tool", ["messages[0]"], "tool"),
        ("tool", [], "tool"),
        ("chat", ["messages[1].content"], "prompt"),
        ("chat", ["model", "messages[1].content"], "prompt"),
        ("chat", ["model"], "generator"),
        ("chat", ["temperature", "tools.search"], "generator"),
        ("chat", [], None),
        ("embedding", ["messages[0].content"], "retriever"),
        ("rerank", ["messages[0].content"], "retriever"),
        ("embedding", ["model"], "generator"),
    ],
)
def test_a_difference_belongs_to_a_stage(kind: str, paths: list[str], stage: Stage | None) -> None:
    differences = [Difference(path, "a", "b") for path in paths]
    assert stage_of(step(chat(kind=kind)), differences) == stage


@pytest.mark.parametrize(
    ("kind", "stage"),
    [
        ("chat", "generator"),
        ("completion", "generator"),
        ("embedding", "retriever"),
        ("rerank", "retriever"),
        ("retrieval", "retriever"),
        ("tool", "tool"),
        ("function", "prompt"),
        ("http", None),
    ],
)
def test_a_step_that_is_no_longer_asked_for_belongs_to_the_stage_that_asked(kind: str, stage: Stage | None) -> None:
    assert stage_of_unasked(step(chat(kind=kind))) == stage


@pytest.mark.parametrize("paths", [[], ["messages[0]"], ["model"]])
def test_without_a_step_nothing_tells_the_stage(paths: list[str]) -> None:
    assert stage_of(None, [Difference(path, "a", "b") for path in paths]) is None


@pytest.mark.parametrize(
    ("path", "stage"),
    [
        ("messages[0].content", "prompt"),
        ("messages[2].content", "tool"),
        ("messages[3].content", "prompt"),
        ("messages[9]", "prompt"),
    ],
)
def test_a_changed_tool_result_belongs_to_the_tool(path: str, stage: Stage) -> None:
    recorded = chat(user("a"), assistant(called("f", {})), result("old"), user("b"))
    assert stage_of(step(recorded), [Difference(path, "old", "new")]) == stage


DOCUMENT = "Shoes can be returned within thirty days."


@pytest.mark.parametrize(
    ("recorded", "live", "stage"),
    [
        (f"Use this: {DOCUMENT}", "Use this: nothing", "retriever"),
        (f"Use this: {DOCUMENT}", f"Use that: {DOCUMENT}", "prompt"),
        ("Use this: nothing", f"Use this: {DOCUMENT}", "prompt"),
    ],
)
def test_a_document_that_is_gone_from_the_messages_belongs_to_the_retriever(
    recorded: str, live: str, stage: Stage
) -> None:
    found = Answer(returned=Returned([{"id": "d1", "text": [DOCUMENT, "x"]}]))
    steps = (step(chat(kind="retrieval"), found, index=1), step(index=2))
    assert stage_of(steps[1], [Difference("messages[0].content", recorded, live)], steps) == stage


def test_a_document_that_is_found_later_tells_nothing() -> None:
    steps = (step(index=1), step(chat(kind="retrieval"), Answer(returned=Returned(DOCUMENT)), index=2))
    assert stage_of(steps[0], [Difference("messages[0].content", DOCUMENT, "x")], steps) == "prompt"


def test_a_function_of_the_application_makes_the_prompt() -> None:
    assert stage_of(step(chat(kind="function")), []) == "prompt"
