"""Where an option may be said: marker, command line, ``PYTEST_ADDOPTS``, configuration file."""

import pytest

from tests.plugin.conftest import Project
from tests.sample import OPENAI, traced

MARKED = """
import pytest
import shop

def test_plain(llm_replay):
    llm_replay.run(shop.answer)
    print("VERDICT", llm_replay.recording.matches[0].verdict)

@pytest.mark.llm_replay(mode="replay")
def test_marked(llm_replay):
    llm_replay.run(shop.answer)
    print("VERDICT", llm_replay.recording.matches[0].verdict)
"""


@pytest.fixture
def configured(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project whose configuration file says one thing and whose environment another."""
    project.shop(ini="llm_traces = traces.jsonl\nllm_drift = serve\nllm_mode = record")
    monkeypatch.setenv("PYTEST_ADDOPTS", "--llm-mode=seeded")
    return project


def test_the_environment_goes_before_the_configuration_file(configured: Project) -> None:
    assert configured.run("--llm-seed=1").header[0].startswith("llm: seeded (drift serve)")


def test_the_command_line_goes_before_the_environment(configured: Project) -> None:
    assert configured.run("--llm-mode=replay").header[0].startswith("llm: replay (drift serve)")


def test_a_marker_goes_before_them_all(configured: Project) -> None:
    configured.write(shop=OPENAI.replace("Be brief.", "Be polite."), test_shop=MARKED)
    assert "VERDICT synthetic" in configured.run("-k", "plain", "--llm-seed=1", "-s")
    output = configured.run("--llm-mode=seeded", "--llm-seed=1", "-s", "-k", "marked")
    assert "VERDICT drift" in output


def test_lists_of_the_environment_and_of_the_command_line_add_up(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.shop()
    project.traces(traced(number=2), name="more.jsonl")
    monkeypatch.setenv("PYTEST_ADDOPTS", "--llm-traces=more.jsonl")
    assert "2 traces from more.jsonl, traces.jsonl" in project.run("--llm-traces=traces.jsonl").header[0]


def test_a_misspelt_option_in_the_environment_is_told_with_the_nearest(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.shop()
    monkeypatch.setenv("PYTEST_ADDOPTS", "--llm-trace=more.jsonl")
    assert "no option --llm-trace; did you mean '--llm-traces'?" in project.run(status=4).told
