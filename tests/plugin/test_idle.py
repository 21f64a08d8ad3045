"""Unused, the plugin prints nothing, imports nothing and changes nothing; used, it leaves nothing behind."""

import json
import os

from pytest_llmreplay.traces.index import WORTH_KEEPING
from tests.plugin.conftest import Project
from tests.sample import TEST

SPY = """
import json
import os
import sys

def pytest_unconfigure(config):
    with open("seen.json", "w") as file:
        json.dump([sorted(sys.modules), dict(os.environ)], file)
"""


def seen(project: Project, *args: str) -> tuple[set[str], dict[str, str]]:
    """Modules and environment at the end of a run in a process of its own."""
    project.write(conftest=SPY)
    project.run("-p", "no:xdist", "-p", "no:anyio", *args, alone=True)
    modules, environment = json.loads((project.path / "seen.json").read_text())
    return set(modules), environment


def own(modules: set[str]) -> set[str]:
    """The plugin's modules by their names inside it."""
    return {each.removeprefix("pytest_llmreplay.") for each in modules if each.startswith("pytest_llmreplay.")}


def test_unused_it_imports_itself_alone(project: Project) -> None:
    project.write(test_plain="def test_plain(): pass\n")
    with_plugin, environment = seen(project)
    without, other = seen(project, "-p", "no:llmreplay")
    own = {"pytest_llmreplay", "pytest_llmreplay.plugin"}
    assert with_plugin - without == own | {f"pytest_llmreplay.plugin.{name}" for name in ("hookspecs", "options")}
    assert environment == other


def test_a_suite_that_has_replays_imports_nothing_for_the_other_tests(project: Project) -> None:
    project.shop(ini="", test=TEST)
    project.write(test_plain="def test_plain(): pass\n")
    modules, _ = seen(project, "test_plain.py")
    assert not {each for each in modules if each.partition(".")[0] in {"vcr", "deepdiff", "msgspec", "openai", "yaml"}}


def test_collecting_imports_neither_patches_nor_comparison(project: Project) -> None:
    project.shop()
    modules, _ = seen(project, "--co")
    assert not {each for each in modules if each.partition(".")[0] in {"vcr", "deepdiff", "jsonschema", "yaml"}}


def test_collecting_from_a_kept_index_imports_neither_formats_nor_what_a_trace_is_made_of(project: Project) -> None:
    project.shop(test="def test_answer(llm_trace): pass\n")
    traces = project.path / "traces.jsonl"
    traces.write_bytes(traces.read_bytes().rstrip() + b" " * WORTH_KEEPING + b"\n")
    before, _ = seen(project, "--co")
    after, _ = seen(project, "--co")
    needed = {"model.call", "model.trace", "traces.formats.otlp_json"}
    assert needed <= own(before)
    assert not needed & own(after)
    assert not {"compare", "evaluate", "providers", "redaction", "report", "snapshots"} & own(after)


def test_a_passing_replay_does_not_import_what_only_a_failing_one_needs(project: Project) -> None:
    project.shop()
    modules, _ = seen(project)
    assert "vcr" in modules
    assert not {each for each in modules if each.partition(".")[0] in {"deepdiff", "jsonschema"}}


def test_the_environment_is_as_before(project: Project) -> None:
    project.shop(
        test=TEST
        + """
import os

def test_keys(llm_replay):
    llm_replay.run(answer)
    assert os.environ["OPENAI_API_KEY"]
    assert os.environ["ANTHROPIC_API_KEY"]
    assert "HTTPS_PROXY" not in os.environ
"""
    )
    before = {**os.environ, "HTTPS_PROXY": "http://proxy.example.com:8080"}
    os.environ["HTTPS_PROXY"] = before["HTTPS_PROXY"]
    try:
        project.run()
        assert {**os.environ, "PYTEST_CURRENT_TEST": before["PYTEST_CURRENT_TEST"]} == before
    finally:
        del os.environ["HTTPS_PROXY"]


def test_a_key_that_is_set_is_left_alone(project: Project) -> None:
    project.shop(
        test=TEST
        + """
import os

def test_keys():
    assert os.environ["OPENAI_API_KEY"] == "own"
"""
    )
    os.environ["OPENAI_API_KEY"] = "own"
    try:
        project.run()
    finally:
        del os.environ["OPENAI_API_KEY"]


def test_switched_off_it_is_not_there(project: Project) -> None:
    project.write(test_shop="def test_answer(llm_trace): pass\n")
    assert "fixture 'llm_trace' not found" in project.run("-p", "no:llmreplay", "-Wignore", status=1)


def test_no_file_is_written(project: Project) -> None:
    project.shop()
    project.run("-p", "no:cacheprovider")
    assert sorted(each.name for each in project.path.iterdir() if each.name != "__pycache__") == [
        "pytest.ini",
        "shop.py",
        "test_shop.py",
        "traces.jsonl",
    ]


def test_fixtures_are_described(project: Project) -> None:
    text = "\n".join(project.run("--fixtures", "-p", "no:anyio").lines)
    assert "llm_trace -- " in text
    assert "llm_replay -- " in text


def test_options_are_described(project: Project) -> None:
    text = "\n".join(project.run("--help").lines)
    for option in ("traces", "select", "drift", "app", "network", "strict-load"):
        assert f"--llm-{option}" in text
    for key in ("llm_network_allow", "llm_ignore"):
        assert key in text
