"""``*.llmcase.yaml`` files are collected by themselves, once an application is named."""

from dataclasses import replace
from pathlib import Path

import pytest

from pytest_llmreplay.snapshots.casefile import case_text, expected_of
from pytest_llmreplay.traces.catalog import load_catalog
from tests.plugin.conftest import Project
from tests.sample import OPENAI, rate_limited, traced

FIXTURE = """
import pytest

@pytest.fixture
def llm_app():
    from shop import answer
    return answer
"""
PLAIN = "def llm_app(question):\n    from shop import answer\n    return answer(question)\n"
NAMED = "llm_app = 'shop:answer'\n"


@pytest.fixture
def shop(project: Project) -> Project:
    """An application and two case files."""
    project.write(shop=OPENAI)
    project.traces(traced(), traced(number=2))
    cases(project)
    return project


def cases(project: Project) -> list[Path]:
    """The traces of a project as case files in the folder ``llm``."""
    folder = project.path / "llm"
    folder.mkdir(exist_ok=True)
    paths = []
    for handle in load_catalog(["traces.jsonl"], project.path, project.path / ".cache").handles:
        inside = handle.contents()
        text = case_text(handle.trace_id, replace(inside, expectations=expected_of(inside)), handle.source)
        paths.append(folder / f"case-{handle.trace_id[:4]}.llmcase.yaml")
        paths[-1].write_text(text, encoding="utf-8")
    return paths


def edit(project: Project, old: str, new: str, name: str = "case-0001") -> None:
    path = project.path / "llm" / f"{name}.llmcase.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_one_item_for_each_file(shop: Project) -> None:
    assert (
        shop.run("--llm-app=shop:answer", "-v")
        == """\
llm/case-0001.llmcase.yaml::where-is-my-order-0001 PASSED  1 step        [ 50%]
llm/case-0002.llmcase.yaml::where-is-my-order-0002 PASSED  1 step        [100%]

================================= llm summary ==================================
2 traces replayed: 2 matched; 2 steps
2 model calls answered, 0 live; recorded steps: 2 model
============================== 2 passed in 0.00s ===============================
"""
    )


@pytest.mark.parametrize("conftest", [FIXTURE, PLAIN, NAMED], ids=["fixture", "callable", "name"])
def test_the_application_is_named_in_conftest(shop: Project, conftest: str) -> None:
    shop.write(conftest=conftest)
    assert "2 passed" in shop.run()


def test_without_an_application_case_files_are_no_tests(shop: Project) -> None:
    shop.run(status=5)
    found = shop.run("llm/case-0001.llmcase.yaml", status=2)
    assert "no application to replay it against: use --llm-app=MODULE:CALLABLE" in found


def test_an_output_that_is_not_the_expected_one_fails(shop: Project) -> None:
    edit(shop, "expected: It is on its way.", "expected: It has arrived.")
    found = shop.run("--llm-app=shop:answer", status=1)
    assert "exact" in found.failures
    assert '"has arrived." was expected' in found.failures
    assert "1 failed, 1 passed" in found


def test_where_nothing_is_expected_the_steps_decide(shop: Project) -> None:
    edit(shop, "expected: It is on its way.", "expected: null\nbecause: nobody has looked")
    assert "2 passed" in shop.run("--llm-app=shop:answer")


def test_evaluators_of_the_file_judge(shop: Project) -> None:
    edit(shop, "expected: It is on its way.", "expected: null\nevaluators: [{contains: refund}]")
    found = shop.run("--llm-app=shop:answer", status=1)
    assert "contains" in found.failures


def test_a_changed_application_diverges_and_the_command_runs_the_file_again(shop: Project) -> None:
    shop.write(shop=OPENAI.replace("Be brief.", "Be kind."))
    found = shop.run("--llm-app=shop:answer", "llm/case-0001.llmcase.yaml", status=1)
    assert 'pytest "llm/case-0001.llmcase.yaml::where-is-my-order-0001" --llm-app=shop:answer' in found.failures
    assert "DIVERGED llm/case-0001.llmcase.yaml::where-is-my-order-0001" in found


def test_a_broken_file_is_an_error_with_line_and_path_and_the_other_runs(shop: Project) -> None:
    edit(shop, "kind: chat", "kind: chart")
    found = shop.run("--llm-app=shop:answer", status=1)
    assert (
        "llm/case-0001.llmcase.yaml:24: steps[0].kind: one of chat, completion, embedding, function, http, rerank, "
        "retrieval, tool was expected; did you mean 'chat'?"
    ) in found
    assert "1 passed, 1 error" in found


WRONG = {
    "a-type": ("version: 1", "version: one"),
    "a-newer-version": ("version: 1", "version: 99"),
    "an-older-version": ("version: 1", "version: 0"),
    "an-unknown-key": ("output:", "outputt:"),
    "a-key-twice": ("output:", "output: x\noutput:"),
    "a-tab": ("  id:", "\tid:"),
    "a-conflict": ("output:", "<<<<<<< HEAD\noutput: a\n=======\noutput: b\n>>>>>>> other\noutput:"),
    "aliases": ("input:", "x: &a [1, 1]\ny: [*a, *a]\ninput:"),
    "a-tag": ("version: 1", "version: !!python/object:os.system 1"),
    "a-kind": ("kind: chat", "kind: chatt"),
    "a-role": ("role: user", "role: 5"),
    "a-part": ("text: Be brief.", "texts: Be brief."),
    "a-time": ("time: '2026", "time: '2026-13"),
    "an-indent": ("  name:", "   name:"),
    "a-quote": ("output: It", 'output: "It'),
    "a-list": ("steps:\n", "steps: {a: 1}\nother:\n"),
    "no-id": ("  id:", "  no:"),
    "evaluators": ("trace:\n", "evaluators: {contains: x}\ntrace:\n"),
    "no-end": ("end: {", "ends: {"),
    "a-count": ("end: {steps: 1", "end: {steps: 2"),
    "two-documents": ("trace:\n", "---\ntrace:\n"),
}
NO_CASE = {
    "binary": bytes(range(256)),
    "empty": b"",
    "comment": b"# nothing\n",
    "null": b"null\n",
    "list": b"- 1\n",
    "utf-16": "version: 1".encode("utf-16"),
}
NOT_ONE = "not a case file: keys such as $schema, version, trace and steps were expected"
TOLD = f"""\
a-conflict:6: a merge conflict that is not resolved
a-count:48: end.steps: 2 steps were written, 1 is here; if that is right, write steps: 1, else restore the file
a-key-twice:7: the key 'output' is there twice
a-kind:24: steps[0].kind: one of chat, completion, embedding, function, http, rerank, retrieval, tool was expected; \
did you mean 'chat'?
a-list:23: steps: a list was expected, not an object
a-list:24: no key 'other' is known here; did you mean 'note'?
a-newer-version:3: version 99 is newer than this package, which reads 1; upgrade pytest-llmreplay
a-part:29: steps[0].messages[0]: no key 'texts' is known here; did you mean 'text'?
a-quote:49: not YAML: found unexpected end of stream
a-role:30: steps[0].messages[1].role: text was expected, not a whole number
a-tab:9: not YAML: a tab; indent with spaces
a-tag:3: the tag tag:yaml.org,2002:python/object:os.system is not read
a-time:12: trace.time: '2026-13-05-28T20:26:40.000000000Z' is not a time such as 2026-11-18T09:14:03.120000000Z
a-type:3: version must be a whole number; this package writes 1
aliases:4: anchors and aliases (& and *) are not read; write the value out
an-indent:10: not YAML: mapping values are not allowed in this context
an-older-version:3: version 0 is older than 1; llmreplay upgrade writes the file anew
an-unknown-key:6: no key 'outputt' is known here; did you mean 'output'?
binary: {NOT_ONE}
comment: {NOT_ONE}
cut:1: the last entry, end, is missing: the file was cut off
empty: the file is empty
evaluators:8: evaluators: a list was expected, not an object
latin:29: no UTF-8 at byte 1025
list: {NOT_ONE}
no-end:1: the last entry, end, is missing: the file was cut off
no-end:48: no key 'ends' is known here; did you mean 'end'?
no-id:8: trace: the key 'id' is missing
no-id:9: trace: no key 'no' is known here
null: {NOT_ONE}
two-documents:8: not YAML: but found another document
utf-16: {NOT_ONE}
"""


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "workers"])
def test_files_that_are_wrong_in_many_ways_are_each_told_and_the_others_run(
    shop: Project, workers: tuple[str, ...]
) -> None:
    good = (shop.path / "llm" / "case-0001.llmcase.yaml").read_text(encoding="utf-8")
    for name, (old, new) in WRONG.items():
        assert old in good, name
        (shop.path / "llm" / f"{name}.llmcase.yaml").write_text(good.replace(old, new, 1), encoding="utf-8")
    (shop.path / "llm" / "latin.llmcase.yaml").write_bytes(good.replace("brief", "bri\xe9f").encode("latin-1"))
    (shop.path / "llm" / "cut.llmcase.yaml").write_text(good[: good.index("parameters:")], encoding="utf-8")
    for name, data in NO_CASE.items():
        (shop.path / "llm" / f"{name}.llmcase.yaml").write_bytes(data)
    output = shop.run("--llm-app=shop:answer", "-vv", *workers, status=1)
    told = sorted({line for line in output.splitlines() if line.startswith("llm/") and "::" not in line})
    assert "".join(f"{line[4:]}\n" for line in told).replace(".llmcase.yaml", "") == TOLD
    assert "Traceback" not in output
    assert output.last.startswith("2 passed, 29 errors")


def test_a_file_among_the_traces_has_one_item(shop: Project) -> None:
    found = shop.run("--llm-app=shop:answer", "--llm-traces=llm", "-v")
    assert "2 passed" in found
    assert "shop:answer[where-is-my-order-0001] PASSED" in found


def test_conditions_hold(shop: Project) -> None:
    assert "1 passed" in shop.run("--llm-app=shop:answer", "--llm-select=trace=0002")


def test_fixtures_of_conftest_are_set_up_around_a_case(shop: Project) -> None:
    shop.write(
        conftest=FIXTURE
        + "\n@pytest.fixture(autouse=True)\ndef database():\n    print('opened')\n    yield\n    print('closed')\n"
    )
    found = shop.run("-s")
    assert found.count("opened") == found.count("closed") == 2


def test_workers_run_the_same_items(shop: Project) -> None:
    assert "2 passed" in shop.run("--llm-app=shop:answer", "-n2")


def test_a_request_that_failed_is_to_fail_again(shop: Project) -> None:
    shop.traces(rate_limited())
    cases(shop)
    text = (shop.path / "llm" / "case-0001.llmcase.yaml").read_text(encoding="utf-8")
    assert "expected: null\nbecause: >-\n  the request failed in production: Error code: 429" in text
    assert "1 passed" in shop.run("--llm-app=shop:answer", "llm/case-0001.llmcase.yaml")


def test_a_request_that_failed_and_shall_not_is_held_to_what_is_expected(shop: Project) -> None:
    shop.traces(rate_limited())
    cases(shop)
    path = shop.path / "llm" / "case-0001.llmcase.yaml"
    path.write_text(path.read_text("utf-8").replace("expected: null", "expected: Later, please."), "utf-8")
    found = shop.run("--llm-app=shop:answer", "llm/case-0001.llmcase.yaml", status=1)
    assert "exact" in found.failures
    assert "Later, please." in found.failures
