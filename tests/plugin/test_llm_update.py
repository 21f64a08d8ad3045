import errno
import json
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from pytest_llmreplay.snapshots.store import load
from tests.plugin.conftest import Project
from tests.redaction.secrets import TOKENS, plain

PLAIN = """
import json
from pathlib import Path

def test_answer(llm_snapshot):
    assert json.loads(Path("value.json").read_text()) == llm_snapshot

def test_number(llm_snapshot):
    assert 1 == llm_snapshot
"""


def files(project: Project) -> dict[str, dict[str, object]]:
    """The entries of all snapshot files."""
    found = sorted(project.path.rglob("__llm__/*.yaml"))
    return {path.relative_to(project.path).as_posix(): dict(load(path).values) for path in found}


@pytest.fixture
def value(project: Project) -> Callable[[object], Path]:
    def write(value: object) -> Path:
        path = project.path / "value.json"
        path.write_text(json.dumps(value), encoding="utf-8")
        return path

    project.write(test_shop=PLAIN)
    write({"text": "It is on its way.", "items": [1, 2]})
    return write


def test_a_missing_snapshot_fails_and_shows_what_would_be_written(project: Project, value: object) -> None:
    said = project.run("test_shop.py", status=1)
    first = next(each for each in pending(project) if f"id {each}" in said.failures.partition("test_number")[0])
    assert said.failures.partition("_ test_number _")[0].split("\n", 1)[1].rstrip("_") == (
        "__llm__/test_shop.yaml: test_answer\n"
        "no snapshot yet; it would be\n"
        "  items:\n"
        "    - 1\n"
        "    - 2\n"
        "  text: It is on its way.\n"
        f"accept:  pytest --llm-review (id {first}), or run again with --llm-update-new\n"
    )
    assert "FAILED test_shop.py::test_answer - no snapshot 'test_answer' in __llm__/test_..." in said
    assert said.section("llm snapshots") == (
        "2 not approved: pytest --llm-review decides one by one, --llm-update takes all\n"
    )
    assert files(project) == {}


def test_update_writes_what_is_missing_and_what_differs(project: Project, value: Callable[[object], Path]) -> None:
    said = project.run("--llm-update")
    assert said.section("llm snapshots") == "__llm__/test_shop.yaml: 2 written\n"
    text = (project.path / "__llm__" / "test_shop.yaml").read_text(encoding="utf-8")
    assert re.sub(r"checksum: \w+", "checksum: …", text) == (
        "$schema: https://pytest-llmreplay.readthedocs.io/schema/snapshots-1.json\n"
        "format: 1\n"
        "salt: test_shop\n"
        "entries:\n"
        "  test_answer:\n"
        "    items:\n"
        "      - 1\n"
        "      - 2\n"
        "    text: It is on its way.\n"
        "  test_number: 1\n"
        "count: 2\n"
        "checksum: …\n"
    )
    project.run()
    value({"text": "It is lost.", "items": [1, 2]})
    project.run(status=1)
    project.run("--llm-update")
    assert "It is lost." in (project.path / "__llm__" / "test_shop.yaml").read_text(encoding="utf-8")
    before = (project.path / "__llm__" / "test_shop.yaml").stat()
    project.run("--llm-update")
    assert (project.path / "__llm__" / "test_shop.yaml").stat() == before


def test_update_new_leaves_what_differs(project: Project, value: Callable[[object], Path]) -> None:
    project.run("--llm-update-new", "-k", "number")
    value({"text": "x"})
    project.run("--llm-update-new")
    value({"text": "y"})
    project.run("--llm-update-new", status=1)
    assert files(project) == {"__llm__/test_shop.yaml": {"test_answer": {"text": "x"}, "test_number": 1}}


def test_a_mismatch_is_shown_by_its_paths(project: Project, value: Callable[[object], Path]) -> None:
    project.run("--llm-update")
    value({"text": "It is lost.", "items": [1, 3], "more": True})
    said = project.run("--tb=short", status=1)
    assert said.failures.partition("\n")[2] == (
        "__llm__/test_shop.yaml: test_answer\n"
        "  items[1]   recorded 2, now 3\n"
        "  text   recorded It is on its way., now It is lost.\n"
        "  more\n"
        "    + true\n"
        f"accept:  pytest --llm-review (id {pending(project)[0]}), or run again with --llm-update\n"
    )
    assert "FAILED test_shop.py::test_answer - differs from the snapshot: items[1], text,..." in said


def test_a_large_mismatch_has_at_most_25_lines(project: Project, value: Callable[[object], Path]) -> None:
    value([f"item {n}" for n in range(5_000)])
    project.run("--llm-update")
    value([f"item {n}{'!' * (n % 7 == 0)}" for n in range(5_001)])
    said = project.run(status=1)
    body = said.failures.splitlines()[1:]
    assert len(body) == 25
    assert body[-1].endswith("more lines:  -vv")


def pending(project: Project) -> list[str]:
    return sorted(path.stem for path in (project.path / ".llm" / "pending").glob("*.json"))


def test_values_of_a_failing_run_wait_and_go_when_it_passes(project: Project, value: Callable[[object], Path]) -> None:
    project.run(status=1)
    assert len(pending(project)) == 2
    assert (project.path / ".llm" / "pending" / ".gitignore").read_text(encoding="utf-8").endswith("\n*\n")
    project.run("--llm-update")
    assert pending(project) == []


READ_ONLY = """
import errno, os

real = os.open

def refusing(path, flags, *args, **kwargs):
    if ".llm" in str(path) and flags & (os.O_WRONLY | os.O_RDWR):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), path)
    return real(path, flags, *args, **kwargs)

def pytest_configure():
    os.open = refusing

def pytest_unconfigure():
    os.open = real
"""


@pytest.mark.parametrize("where", ["read-only", "a file in the way"])
def test_where_nothing_can_be_kept_no_review_is_promised(project: Project, value: object, where: str) -> None:
    if where == "read-only":
        project.write(conftest=READ_ONLY)
    else:
        (project.path / ".llm").write_text("", encoding="utf-8")
    why = os.strerror(errno.EROFS if where == "read-only" else errno.ENOTDIR)
    said = project.run("-k", "number", status=1)
    assert said.failures.partition("\n")[2] == (
        "__llm__/test_shop.yaml: test_number\n"
        "no snapshot yet; it would be\n"
        "  1\n"
        f"not kept for --llm-review: .llm/pending cannot be written: {why}\n"
        "accept:  run again with --llm-update-new where files can be written\n"
    )
    assert "exit status 1: 1 file not written" in said.summary
    assert said.section("llm snapshots") == f"{project.path}/.llm/pending/1489d78b.json: cannot be written: {why}\n"
    project.run("--llm-update")
    assert len(files(project)["__llm__/test_shop.yaml"]) == 2


@pytest.mark.parametrize("option", ["--llm-update", "--llm-update-new", "--llm-review", "--llm-prune"])
@pytest.mark.parametrize("variable", ["CI", "BUILD_NUMBER"])
def test_under_ci_nothing_is_approved(
    project: Project, value: object, option: str, variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, "1")
    told = "approve snapshots where somebody looks at them, and commit them"
    said = project.run(option, status=4)
    assert said.told == f"ERROR: {option}: refused under CI ({variable} is set); {told}\n"
    assert files(project) == {}


def test_a_value_is_kept_without_its_secrets_and_still_equals(
    project: Project, value: Callable[[object], Path]
) -> None:
    key = plain(TOKENS["github-token"])
    value({"text": f"Use {key}", "password": "hunter2"})
    project.run("--llm-update")
    text = (project.path / "__llm__" / "test_shop.yaml").read_text(encoding="utf-8")
    assert key not in text
    assert "hunter2" not in text
    project.run()
    value({"text": f"Use {key.replace('16', '17')}", "password": "hunter2"})
    said = project.run(status=1)
    assert key.replace("16", "17") not in "\n".join(said.lines)


def test_names_rules_and_several_in_one_test(project: Project) -> None:
    project.write(
        test_shop="""
import uuid, datetime

def test_many(llm_snapshot):
    assert [1, 2] == llm_snapshot
    assert [3] == llm_snapshot
    assert "named" == llm_snapshot("by name")
    assert {"id": str(uuid.uuid4()), "at": str(datetime.datetime.now())} == llm_snapshot(normalise=["uuid", "date"])
    assert {"keep": 1, "drop": str(uuid.uuid4())} == llm_snapshot("less", ignore="drop")
    assert {"score": 0.5 + uuid.uuid4().int % 100 / 10000} == llm_snapshot("near", normalise="number=0.02")
    assert "b a" == llm_snapshot("own", normalise=lambda value: sorted(value.split()))
"""
    )
    project.run("--llm-update")
    entries = files(project)["__llm__/test_shop.yaml"]
    assert {name: entries[name] for name in sorted(entries) if name != "test_many near"} == {
        "test_many": [1, 2],
        "test_many 2": [3],
        "test_many 3": {"at": "<date>", "id": "<uuid>"},
        "test_many by name": "named",
        "test_many less": {"keep": 1},
        "test_many own": ["a", "b"],
    }
    project.run()


def test_rules_for_all_stand_in_the_configuration_file(project: Project) -> None:
    project.ini("llm_snapshot_ignore = drop\nllm_snapshot_normalise = uuid number=1%\n")
    project.write(
        test_shop="""
import uuid

def test_it(llm_snapshot):
    noise = uuid.uuid4()
    assert {"id": str(noise), "drop": str(noise), "n": 1000 + noise.int % 9} == llm_snapshot
"""
    )
    project.run("--llm-update")
    project.run()
    project.ini("llm_snapshot_normalise = uid\n")
    told = "normalise: 'uid' is none of uuid, date, number=0.01, number=1%; did you mean 'uuid'?"
    assert project.run(status=4).told == f"ERROR: {told}\n"


def test_what_is_no_json_value_is_named(project: Project) -> None:
    project.write(test_shop="def test_it(llm_snapshot):\n    assert {'a': [object()]} == llm_snapshot\n")
    said = project.run(status=1)
    told = "a object at a[0] is no JSON value; give llm_snapshot what of it is to be kept"
    assert told in said.failures
    assert "approval.py" not in said.failures


MANY = """
import pytest

@pytest.mark.parametrize("n", range({count}))
def test_many(n, llm_snapshot):
    assert {{"n": n}} == llm_snapshot
"""


def test_no_entry_is_lost_with_workers(project: Project) -> None:
    project.write(test_one=MANY.format(count=40), test_two=MANY.format(count=40))
    project.run("--llm-update", "-n", "2", alone=True)
    assert {name: len(entries) for name, entries in files(project).items()} == {
        "__llm__/test_one.yaml": 40,
        "__llm__/test_two.yaml": 40,
    }
    project.run("-n", "2", alone=True)


def test_workers_leave_pending_values_and_say_so_once(project: Project) -> None:
    project.write(test_one=MANY.format(count=6))
    said = project.run("-n", "2", alone=True, status=1)
    assert len(pending(project)) == 6
    assert said.section("llm snapshots").startswith("6 not approved")


UNUSED = "1 unused snapshot in 1 file (--llm-prune deletes them):\n  __llm__/test_shop.yaml: test_answer\n"
ONE = "def test_number(llm_snapshot):\n    assert 1 == llm_snapshot\n"


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "workers"])
def test_a_snapshot_that_no_test_asks_for_is_named_and_can_be_deleted(
    project: Project, value: object, workers: tuple[str, ...]
) -> None:
    project.run("--llm-update")
    project.write(test_shop=ONE)
    assert project.run(*workers, alone=bool(workers)).section("llm snapshots") == UNUSED
    project.ini("llm_unused = error\n")
    said = project.run(*workers, status=1, alone=bool(workers))
    assert said.section("llm snapshots") == UNUSED
    assert "exit status 1: 1 unused snapshot in 1 file (llm_unused = error)" in said
    said = project.run("--llm-prune", *workers, alone=bool(workers))
    assert said.section("llm snapshots") == "__llm__/test_shop.yaml: 1 deleted\n"
    assert files(project) == {"__llm__/test_shop.yaml": {"test_number": 1}}


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "workers"])
@pytest.mark.parametrize(
    ("arguments", "body"),
    [
        (("-k", "number"), ONE + "def test_other(): pass\n"),
        (("test_shop.py::test_number",), ONE),
        (("-x",), "def test_bad(): assert 0\n" + ONE),
        ((), "def test_answer(llm_snapshot):\n    assert 0\n    assert 1 == llm_snapshot\n" + ONE),
        ((), "import pytest\n@pytest.mark.skip\ndef test_answer(llm_snapshot): pass\n" + ONE),
    ],
    ids=["-k", "one item", "-x", "failed", "skipped"],
)
def test_a_partial_run_says_nothing_of_what_it_did_not_ask_for_and_deletes_nothing(
    project: Project, value: object, workers: tuple[str, ...], arguments: tuple[str, ...], body: str
) -> None:
    project.run("--llm-update")
    project.write(test_shop=body)
    result = project.pytester.runpytest_subprocess("-p", "no:hypothesispytest", "--llm-prune", *arguments, *workers)
    assert "unused" not in result.stdout.str()
    assert len(files(project)["__llm__/test_shop.yaml"]) == 2


def test_the_snapshots_of_a_module_that_is_gone_are_unused(project: Project, value: object) -> None:
    project.run("--llm-update")
    (project.path / "test_shop.py").rename(project.path / "test_other.py")
    project.write(test_other="def test_it(llm_snapshot):\n    assert 1 == llm_snapshot\n")
    project.run("--llm-update", "--llm-prune", str(project.path))
    assert files(project) == {"__llm__/test_other.yaml": {"test_it": 1}}


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (
            lambda data: data.replace(b"  test_number: 1\n", b"<<<<<<< HEAD\n  test_number: 1\n=======\n>>>>>>> x\n"),
            ":10: marks of a merge conflict; resolve the conflict, then run the tests again",
        ),
        (
            lambda data: data.replace(b"on its way", b"lost"),
            ":11: is not what was written: cut off, or edited by hand; "
            "--llm-update takes it as it is and writes it anew",
        ),
        (
            lambda data: data[: data.index(b"  test_number")],
            ":10: has no end: cut off, or edited by hand; --llm-update takes it as it is and writes it anew",
        ),
        (
            lambda data: data.replace(b"format: 1", b"format: 0"),
            ":1: snapshot format 0, and this version reads 1; use llmreplay upgrade",
        ),
        (
            lambda data: data.replace(b"format: 1", b"format: 9"),
            ":1: snapshot format 9, and this version reads 1; use a newer pytest-llmreplay",
        ),
        (lambda data: b"a: [\n", ":2: not YAML: did not find expected node content"),
    ],
    ids=["conflict", "edited", "cut", "older", "newer", "no YAML"],
)
def test_a_file_that_is_not_what_was_written_fails_its_tests_and_says_why(
    project: Project, value: object, damage: Callable[[bytes], bytes], told: str
) -> None:
    project.run("--llm-update")
    path = project.path / "__llm__" / "test_shop.yaml"
    path.write_bytes(damage(path.read_bytes()))
    damaged = path.read_bytes()
    said = project.run(status=1)
    assert f"{path}{told}\n" in said.failures
    assert "test_shop.py F" in said
    assert path.read_bytes() == damaged


def test_an_edit_that_is_meant_is_taken_over_by_an_update(project: Project, value: Callable[[object], Path]) -> None:
    project.run("--llm-update")
    path = project.path / "__llm__" / "test_shop.yaml"
    path.write_bytes(path.read_bytes().replace(b"on its way", b"lost"))
    value({"text": "It is lost.", "items": [1, 2]})
    project.run("--llm-update")
    project.run()


def test_a_file_that_cannot_be_written_is_named_and_the_run_still_reports(project: Project, value: object) -> None:
    (project.path / "__llm__" / ".test_shop.yaml.lock").mkdir(parents=True)
    said = project.run("--llm-update", status=1)
    file = project.path / "__llm__" / "test_shop.yaml"
    assert said.section("llm snapshots") == f"{file}: cannot be written: Is a directory\n"
    assert said.last == "2 passed in 0.00s"
    assert files(project) == {}


def test_a_folder_that_cannot_be_read_fails_each_test_with_its_name(project: Project, value: object) -> None:
    (project.path / "__llm__").write_text("in the way", encoding="utf-8")
    said = project.run("--llm-update", status=1)
    told = f"{project.path / '__llm__' / 'test_shop.yaml'}:1: cannot be read: Not a directory\n"
    assert said.failures.count(told) == 2
    assert said.last == "2 failed in 0.00s"


def test_an_unchanged_megabyte_is_checked_without_a_diff(
    project: Project, value: Callable[[object], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    from pytest_llmreplay.snapshots import check

    value({"rows": [{"n": n, "text": f"row {n} " + "x" * 80} for n in range(10_000)]})
    project.run("--llm-update")
    assert (project.path / "__llm__" / "test_shop.yaml").stat().st_size > 1_000_000
    monkeypatch.setattr(check, "differences", lambda *_: pytest.exit("a diff was made"))
    project.run()
