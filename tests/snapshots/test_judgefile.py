"""What judges answered, in a file beside the tests."""

from pathlib import Path
from typing import Any

import pytest

from pytest_llmreplay.errors import DamagedFile
from pytest_llmreplay.model.call import Answer, Call, Tool, Usage
from pytest_llmreplay.redaction.redactor import Redactor
from pytest_llmreplay.snapshots.judgefile import SEED, entry_of, file_of, key_of, name_of, read
from pytest_llmreplay.snapshots.store import change
from pytest_llmreplay.writing import Guard
from tests.builders import answered, assistant, called, chat, result, user

GUARD = Guard(Redactor(environment={}))


def saved(path: Path, *calls: tuple[Call, Answer, int]) -> list[tuple[Call, Answer]]:
    """The calls of a file that was written and read."""
    change(path, {name_of(call, number): entry_of(call, answer) for call, answer, number in calls}, GUARD)
    return list(read(path))


def test_a_call_and_its_answer_come_back_as_they_were(tmp_path: Path) -> None:
    asked = chat(
        user("a\nb"),
        assistant(called("look", {"x": [1, None]})),
        result("found"),
        parameters={"temperature": 0, "response_format": {"type": "json_object"}},
        tools=(Tool("look", None, {"type": "object"}),),
        stream=True,
        provider="openai.chat",
    )
    said = answered("Yes.", usage=Usage(input=3, output=1), model="gpt-4o-1", id="x", seed=SEED)
    ((call, answer),) = saved(tmp_path / "f.yaml", (asked, said, 1))
    assert key_of(call) == key_of(asked)
    assert answer == said


def test_the_answers_to_one_question_keep_their_order(tmp_path: Path) -> None:
    calls = [(chat(user("a")), answered(str(number), seed=SEED), number) for number in range(1, 13)]
    found = saved(tmp_path / "f.yaml", *reversed(calls))
    assert [answer for _, answer in found] == [answer for _, answer, _ in calls]


def test_each_module_has_a_file_of_its_own_away_from_its_snapshots(tmp_path: Path) -> None:
    assert file_of(tmp_path / "test_a.py") == tmp_path / "__llm__" / "judges" / "test_a.yaml"
    assert file_of(tmp_path / "__llm__" / "x.llmcase.yaml") == tmp_path / "__llm__" / "judges" / "x.yaml"
    assert file_of(tmp_path) == tmp_path / "__llm__" / "judges" / "app.yaml"


def test_a_file_reads_well(tmp_path: Path) -> None:
    saved(tmp_path / "f.yaml", (chat(user("Is it?")), answered('{"score": 1}', seed=SEED), 1))
    text = (tmp_path / "f.yaml").read_text(encoding="utf-8")
    name = name_of(chat(user("Is it?")), 1)
    assert f"  {name}:\n" in text
    assert "    messages:\n      - role: user\n        text: Is it?\n" in text
    assert "        - finish_reason: stop\n          text: '{\"score\": 1}'\n" in text


@pytest.mark.parametrize("value", ["text", {"kind": "chat", "answr": {}}, {"messages": []}])
def test_an_entry_that_is_no_call_is_named(tmp_path: Path, value: Any) -> None:
    change(tmp_path / "f.yaml", {"gpt-4o 0123": value}, GUARD)
    with pytest.raises(DamagedFile, match=r"f\.yaml:1: gpt-4o 0123: .*; delete the entry and record it anew"):
        list(read(tmp_path / "f.yaml"))
