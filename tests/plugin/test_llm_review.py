import sys
from pathlib import Path

import pytest

from pytest_llmreplay.errors import LLMReplayError
from pytest_llmreplay.redaction.redactor import Redactor
from pytest_llmreplay.snapshots.pending import Pending, accept, keep, named, reject, waiting
from pytest_llmreplay.snapshots.review import review
from pytest_llmreplay.snapshots.store import change, load
from pytest_llmreplay.writing import Guard
from tests.foreign import LEFT_OUT
from tests.plugin.conftest import Project

GUARD = Guard(Redactor(environment={}))
FILE = "__llm__/test_shop.yaml"
TEST = """
import pytest

@pytest.mark.parametrize("n", range(3))
def test_n(n, llm_snapshot):
    assert {"n": n, "text": "TEXT"} == llm_snapshot
"""


def pend(root: Path, name: str, old: object, new: object) -> Pending:
    found = Pending(file=FILE, name=name, kind="new" if old is None else "changed", old=old, new=new)  # type: ignore[arg-type]
    keep(root, found, GUARD)
    return found


def entries(root: Path) -> dict[str, object]:
    return dict(load(root / FILE).values)


@pytest.fixture
def three(tmp_path: Path) -> Path:
    """Two values that changed alike, and a new one."""
    change(tmp_path / FILE, {"a": {"x": 1}, "b": {"x": 1}}, GUARD)
    pend(tmp_path, "a", {"x": 1}, {"x": 2})
    pend(tmp_path, "b", {"x": 1}, {"x": 3})
    pend(tmp_path, "c", None, "new")
    return tmp_path


@pytest.mark.parametrize(
    ("answers", "after", "left"),
    [
        ("aaa", {"a": {"x": 2}, "b": {"x": 3}, "c": "new"}, ""),
        ("A", {"a": {"x": 2}, "b": {"x": 3}}, "c"),
        ("rsa", {"a": {"x": 1}, "b": {"x": 1}, "c": "new"}, "b"),
        ("dq", {"a": {"x": 1}, "b": {"x": 1}}, "abc"),
        ("", {"a": {"x": 1}, "b": {"x": 1}}, "abc"),
    ],
    ids=["accept", "all of a kind", "reject, skip, accept", "diff, quit", "nobody answers"],
)
def test_each_answer_does_what_it_says(three: Path, answers: str, after: object, left: str) -> None:
    given = iter(answers)

    def ask(question: str) -> str:
        for answer in given:
            return answer + "\n"
        raise EOFError

    assert review(three, waiting(three), ask, lambda line: None, GUARD) == []
    assert entries(three) == after
    assert "".join(each.name for each in waiting(three)) == left


def test_what_is_asked_reads_well(three: Path) -> None:
    said: list[str] = []
    review(three, waiting(three), lambda question: "d" if len(said) < 5 else "A", said.append, GUARD)
    ids = [each.id for each in (Pending(file=FILE, name=n, kind="new", old=None, new=None) for n in "abc")]
    assert said == [
        f"[1/3] {ids[0]}  a  (changed, {FILE})",
        "  x",
        "    - 1",
        "    + 2",
        "  x",
        "    - 1",
        "    + 2",
        f"[3/3] {ids[2]}  c  (new, {FILE})",
        "  new",
        "3 accepted, 0 rejected, 0 skipped",
    ]


def test_an_approved_value_that_changed_since_is_left_alone(three: Path) -> None:
    change(three / FILE, {"a": "otherwise"}, GUARD)
    found = waiting(three)
    told = f"{found[0].id} a: the approved value was changed since; run the test again"
    assert accept(three, found, GUARD) == [told]
    assert entries(three) == {"a": "otherwise", "b": {"x": 3}, "c": "new"}
    assert [each.name for each in waiting(three)] == ["a"]


def test_a_pending_value_names_no_file_outside(tmp_path: Path) -> None:
    root = tmp_path / "root"
    keep(root, Pending(file="../x.yaml", name="a", kind="new", old=None, new=1), GUARD)
    assert accept(root, waiting(root), GUARD) == [f"../x.yaml: lies outside {root}"]
    assert not (tmp_path / "x.yaml").exists()


def test_values_are_found_by_the_beginning_of_their_id(three: Path) -> None:
    found = waiting(three)
    assert named(found, found[1].id[:6]) == found[1]
    with pytest.raises(LLMReplayError, match=r"^zz: no pending value; there are "):
        named(found, "zz")
    reject(three, found)
    assert waiting(three) == []


def test_a_run_is_decided_on_without_running_anything(project: Project) -> None:
    project.write(test_shop=TEST)
    project.run(status=1)
    (project.path / "test_shop.py").write_text("raise SystemExit('it runs')", encoding="utf-8")
    command = ["-m", "pytest", *LEFT_OUT, "--llm-review"]
    result = project.pytester.run(sys.executable, *command, stdin=b"a\nr\ns\n")
    assert result.ret == 0
    assert result.outlines[-1].endswith("1 accepted, 1 rejected, 1 skipped")
    assert entries(project.path) == {"test_n[0]": {"n": 0, "text": "TEXT"}}
    assert [each.name for each in waiting(project.path)] == ["test_n[2]"]


def test_nothing_to_decide_is_said(project: Project) -> None:
    result = project.pytester.run(sys.executable, "-m", "pytest", *LEFT_OUT, "--llm-review")
    assert (result.ret, result.outlines[-1]) == (0, "no pending values; a run whose snapshots differ leaves some")
