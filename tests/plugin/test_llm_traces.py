"""``--llm-traces``: which files are replayed, and what is told where there is nothing to replay."""

import gzip

import pytest

from tests.builders import line
from tests.plugin.conftest import Project
from tests.sample import OPENAI, TEST, ask, traced

LATE = traced(ask(asked="Is it late?"), number=2, question="Is it late?")


def collected(project: Project, *args: str) -> list[str]:
    """The ids of the items that are collected, without their file."""
    output = project.run("--co", "-q", *args)
    return [each.rpartition("::")[2] for each in output.split("\n") if "::" in each]


@pytest.fixture
def shop(project: Project) -> Project:
    """An application and its test; two traces lie beside them and are configured nowhere."""
    project.write(shop=OPENAI, test_shop=TEST)
    project.traces(traced(), LATE)
    return project


def test_each_trace_becomes_one_item(shop: Project) -> None:
    assert (
        shop.run("--llm-traces=traces.jsonl", "-v")
        == """\
test_shop.py::test_answer[where-is-my-order-0001] PASSED  1 step         [ 50%]
test_shop.py::test_answer[is-it-late-0002] PASSED  1 step                [100%]

================================= llm summary ==================================
2 traces replayed: 2 matched; 2 steps
2 model calls answered, 0 live; recorded steps: 2 model
============================== 2 passed in 0.00s ===============================
"""
    )


def test_without_traces_the_test_is_skipped_and_says_how_to_give_some(shop: Project) -> None:
    assert (
        shop.run("-rs")
        == """\
test_shop.py s                                                           [100%]

=========================== short test summary info ============================
SKIPPED [1] test_shop.py: no traces given: use --llm-traces=PATH, the ini key llm_traces, \
or @pytest.mark.llm_replay(traces=PATH)
============================== 1 skipped in 0.00s ==============================
"""
    )


def test_ids_do_not_depend_on_the_order_of_the_file(shop: Project) -> None:
    before = collected(shop, "--llm-traces=traces.jsonl")
    shop.traces(LATE, traced())
    assert sorted(collected(shop, "--llm-traces=traces.jsonl")) == sorted(before)


def test_ids_are_lengthened_until_they_are_unique(shop: Project) -> None:
    shop.traces(traced(id="ab12cd10" * 4), traced(id="ab12cd1f" * 4), traced(id="ffff0000" * 4))
    assert collected(shop, "--llm-traces=traces.jsonl") == [
        "test_answer[where-is-my-order-ab12cd10]",
        "test_answer[where-is-my-order-ab12cd1f]",
        "test_answer[where-is-my-order-ffff0000]",
    ]


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("Grüße aus Köln", "grue-aus-koln-0001"),
        ("Where in the world would I find the nearest of your shops?", "where-in-the-world-would-0001"),
        ("\x1b[31m::error::", "31m-error-0001"),
        ("注文はどこですか", "support-workflow-0001"),
        ("x" * 300, "x" * 24 + "-0001"),
        (None, "support-workflow-0001"),
    ],
)
def test_an_id_is_made_of_plain_words(shop: Project, question: str | None, name: str) -> None:
    shop.traces(traced(question=question))
    assert collected(shop, "--llm-traces=traces.jsonl") == [f"test_answer[{name}]"]


def test_k_selects_by_words_of_the_input(shop: Project) -> None:
    assert collected(shop, "--llm-traces=traces.jsonl", "-k", "late") == ["test_answer[is-it-late-0002]"]


def test_last_failed_runs_the_failed_trace_alone(shop: Project) -> None:
    shop.traces(traced(), traced(ask(asked="Something else?"), number=2, question="Is it late?"))
    assert shop.run("--llm-traces=traces.jsonl", status=1).last == "1 failed, 1 passed in 0.00s"
    assert shop.run("--llm-traces=traces.jsonl", "--lf", status=1).last == "1 failed in 0.00s"


def test_collect_only_opens_no_trace_and_prints_no_summary(shop: Project) -> None:
    assert (
        shop.run("--llm-traces=traces.jsonl", "--co")
        == f"""\
<Dir {shop.path.name}>
  <Module test_shop.py>
    <Function test_answer[where-is-my-order-0001]>
    <Function test_answer[is-it-late-0002]>

========================== 2 tests collected in 0.00s ==========================
"""
    )


def test_folders_globs_and_repetition_add_up_and_no_file_counts_twice(shop: Project) -> None:
    (shop.path / "more" / "deep").mkdir(parents=True)
    shop.traces(traced(number=3), name="more/a.jsonl")
    shop.traces(traced(number=4), name="more/deep/b.jsonl")
    assert collected(shop, "--llm-traces=more", "--llm-traces=more/*.jsonl", "--llm-traces=traces.jsonl") == [
        "test_answer[where-is-my-order-0003]",
        "test_answer[where-is-my-order-0004]",
        "test_answer[where-is-my-order-0001]",
        "test_answer[is-it-late-0002]",
    ]


def test_a_format_is_told_by_content_not_by_name(shop: Project) -> None:
    shop.traces(name="traces.txt")
    (shop.path / "packed").write_bytes(gzip.compress(line(LATE.exports())))
    assert collected(shop, "--llm-traces=traces.txt", "--llm-traces=packed") == [
        "test_answer[where-is-my-order-0001]",
        "test_answer[is-it-late-0002]",
    ]


def test_the_ini_key_is_relative_to_the_configuration_file(shop: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.ini("llm_traces =\n    traces.jsonl\n")
    (shop.path / "below").mkdir()
    monkeypatch.chdir(shop.path / "below")
    assert len(collected(shop, "..")) == 2


def test_the_option_is_relative_to_where_pytest_was_started(shop: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.ini("")
    (shop.path / "below").mkdir()
    shop.traces(LATE, name="below/late.jsonl")
    monkeypatch.chdir(shop.path / "below")
    assert collected(shop, "--llm-traces=late.jsonl", "..") == ["test_answer[is-it-late-0002]"]


def test_the_command_line_takes_the_place_of_the_ini_key(shop: Project) -> None:
    shop.ini("llm_traces = nowhere.jsonl\n")
    assert len(collected(shop, "--llm-traces=traces.jsonl")) == 2


@pytest.mark.parametrize("option", [True, False], ids=["option", "ini"])
@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("nowhere.jsonl", "nowhere.jsonl: no such file or folder (looked in {path})"),
        ("*.gz", "*.gz: no file matches"),
        ("folder", "folder: the folder has no files; name a trace file, a folder that has some, or a glob"),
        ("empty.jsonl", "empty.jsonl: the file is empty"),
        ("notes.txt", "notes.txt: not a trace file (no known format begins like this)"),
        ("bad.jsonl", "no trace found in bad.jsonl\n  bad.jsonl:2: not JSON; cut in half, or not a trace file"),
    ],
)
def test_traces_given_and_none_found_is_a_usage_error(shop: Project, path: str, told: str, option: bool) -> None:
    (shop.path / "folder").mkdir()
    (shop.path / "empty.jsonl").write_bytes(b"")
    (shop.path / "notes.txt").write_bytes(b"hello")
    (shop.path / "bad.jsonl").write_bytes(b'{"resourceSpans":[]}\n{"resourceSpans": oops\n')
    shop.ini("" if option else f"llm_traces = {path}\n")
    output = shop.run(*([f"--llm-traces={path}"] if option else []), status=4)
    assert output.told == f"ERROR: {told.format(path=shop.path)}\n"


def test_a_misspelt_ini_key_is_a_usage_error_that_names_the_nearest(shop: Project) -> None:
    shop.ini("llm_traces = traces.jsonl\nllm_drifts = serve\n")
    told = shop.run(status=4).told
    assert told == f"ERROR: {shop.path / 'pytest.ini'}: no key 'llm_drifts'; did you mean 'llm_drift'?\n"


@pytest.mark.parametrize(
    ("file", "text"),
    [
        (
            "pyproject.toml",
            '[tool.shop]\nllm_model = "gpt-4o"\n[tool.pytest.ini_options]\nllm_traces = ["traces.jsonl"]',
        ),
        ("setup.cfg", "[shop]\nllm_model = gpt-4o\n[tool:pytest]\nllm_traces = traces.jsonl"),
        ("tox.ini", "[testenv:live]\nset_env =\n    llm_model = gpt-4o\n[pytest]\nllm_traces = traces.jsonl"),
    ],
)
def test_a_key_of_another_section_is_the_applications_own(shop: Project, file: str, text: str) -> None:
    (shop.path / file).write_text(text + "\n")
    assert shop.run().last == "2 passed in 0.00s"


def test_native_toml_takes_lists(shop: Project) -> None:
    (shop.path / "pyproject.toml").write_text('[tool.pytest]\nllm_traces = ["traces.jsonl"]\nllm_drift = "serve"\n')
    assert shop.run().header == ["llm: replay (drift serve), network blocked; 2 traces from traces.jsonl (otlp-json 2)"]


def test_an_ordinary_suite_beside_it_is_told_of_the_traces_and_no_more(shop: Project) -> None:
    shop.write(test_plain="def test_plain(): pass\n")
    assert (
        shop.run("--llm-traces=traces.jsonl", "test_plain.py")
        == """\
test_plain.py .                                                          [100%]

============================== 1 passed in 0.00s ===============================
"""
    )
