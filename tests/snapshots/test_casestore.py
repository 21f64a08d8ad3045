"""Case files in a folder: found again, written once, never over what people put in."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from pytest_llmreplay.model.trace import Contents, Expectations
from pytest_llmreplay.redaction.protocol import Found
from pytest_llmreplay.redaction.redactor import Redactor
from pytest_llmreplay.snapshots.caseread import read_value
from pytest_llmreplay.snapshots.casestore import Saved, Store, file_name
from pytest_llmreplay.writing import Guard
from tests.builders import TRACE, chat, contents, step, user

HELLO = contents(step(), output="Hello.", expectations=Expectations(output="Hello."))
GUARD = Guard(Redactor(environment={}))
OTHER = contents(step(chat(user("Bye?"))), output="Hello.")


def save(
    folder: Path, inside: Contents = HELLO, *, trace: str = TRACE, words: str = "Say hello!", over: bool = False
) -> Saved:
    return Store(folder, GUARD).save(trace, inside, "t.jsonl:1", words, overwrite=over)


def test_a_file_is_named_after_what_was_asked_and_the_trace(tmp_path: Path) -> None:
    saved = save(tmp_path / "llm")
    assert saved == Saved(tmp_path / "llm" / "say-hello-0af76519.llmcase.yaml", "new")
    assert saved.path.read_text(encoding="utf-8").startswith("# A recorded request as a test")


def test_the_same_trace_again_changes_nothing(tmp_path: Path) -> None:
    first = save(tmp_path)
    before = first.path.read_bytes()
    assert save(tmp_path, words="other words") == replace(first, state="same")
    assert first.path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [first.path]


def test_a_renamed_file_is_found_by_its_trace(tmp_path: Path) -> None:
    path = save(tmp_path).path.rename(tmp_path / "mine.llmcase.yaml")
    assert save(tmp_path) == Saved(path, "same")


def test_ids_that_begin_alike_get_longer_names(tmp_path: Path) -> None:
    near = TRACE[:-1] + "0"
    assert [save(tmp_path, trace=each).path.name for each in (TRACE, near)] == [
        "say-hello-0af76519.llmcase.yaml", "say-hello-0af765191.llmcase.yaml",
    ]  # fmt: skip


def test_what_people_said_stays_when_the_trace_changes(tmp_path: Path) -> None:
    path = save(tmp_path).path
    text = path.read_text(encoding="utf-8").replace(
        "expected: Hello.", "expected: Hi.\nnote: shorter\ntags: [greeting]"
    )
    path.write_text(text, encoding="utf-8")
    assert save(tmp_path, OTHER).state == "changed"
    changed = path.read_text(encoding="utf-8")
    assert "expected: Hi.\n" in changed
    assert "note: shorter\n" in changed
    assert "  - greeting\n" in changed
    assert "Bye?" in changed


def test_what_was_recorded_and_then_edited_is_left_alone(tmp_path: Path) -> None:
    path = save(tmp_path).path
    edited = path.read_text(encoding="utf-8").replace("Hello?", "Good morning?")
    path.write_text(edited, encoding="utf-8")
    assert save(tmp_path).state == "edited"
    assert path.read_text(encoding="utf-8") == edited
    assert save(tmp_path, over=True).state == "changed"
    assert "Hello?" in path.read_text(encoding="utf-8")


def test_a_file_that_cannot_be_read_is_left_alone(tmp_path: Path) -> None:
    path = save(tmp_path).path
    path.write_bytes(path.read_bytes()[:-20])
    assert save(tmp_path).state == "damaged"


def test_secrets_are_not_written_and_the_same_secret_is_the_same_word(tmp_path: Path) -> None:
    key = "sk-proj-" + "Ab3" * 16
    secret = contents(step(chat(user(f"My key is {key}."), user(f"Again: {key}"))), output="Hello.")
    saved = save(tmp_path, secret)
    text = saved.path.read_text(encoding="utf-8")
    assert key not in text
    marks = re.findall(r"\[redacted:[^\]]+\]", text)
    assert len(marks) == 2
    assert len(set(marks)) == 1
    assert save(tmp_path, secret).state == "same"


def test_a_name_is_one_that_every_file_system_takes() -> None:
    assert file_name("../Où est?\x00 " + "x" * 200) == "ou-est-" + "x" * 72
    assert file_name("***") == "case"


class Digits:
    """Another tool, which takes all digits for somebody's."""

    def find(self, text: str, lowered: str) -> Iterator[Found]:
        yield from (Found(*each.span(), "number") for each in re.finditer(r"(?<![:\w])\d+", text))


def test_other_tools_see_what_was_said_and_nothing_that_is_the_machines(tmp_path: Path) -> None:
    inside = contents(step(chat(user("I am number 12, born 1815."))), output="Hello 12.")
    plain = Store(tmp_path / "plain", GUARD).save(TRACE, inside, "t.jsonl:1", "x").path
    other = Store(tmp_path / "other", Guard(Redactor(finders=[Digits()], environment={})))
    found = other.save(TRACE, inside, "t.jsonl:1", "x").path
    assert found.read_text(encoding="utf-8").count("[redacted:number:") == 3
    for key in ("trace", "spans"):
        assert read_value(found.read_bytes())[0].get(key) == read_value(plain.read_bytes())[0].get(key)
    one, two = (read_value(path.read_bytes())[0]["steps"][0] for path in (found, plain))
    assert (one["recorded"], one["name"]) == (two["recorded"], two["name"])
    assert other.save(TRACE, inside, "t.jsonl:1", "x").state == "same"
