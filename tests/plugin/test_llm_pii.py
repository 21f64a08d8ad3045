"""``llm_pii`` and the hook ``pytest_llm_redact``: what is taken out besides secrets."""

from importlib.util import find_spec

import pytest

from tests.plugin.conftest import Project

TEST = """
def test_a(llm_snapshot):
    assert {"who": "Ada Lovelace", "what": "tea for Ada Lovelace"} == llm_snapshot
"""
REPLAYED = """
from shop import answer

def test_answer(llm_replay):
    llm_replay.run(answer)
    print("Ada Lovelace asked")
    assert "Ada Lovelace" == "Charles Babbage"
"""
HOOK = """
def pytest_llm_redact(text):
    return [(at, at + 12, "Full name") for at in range(len(text)) if text.startswith("Ada Lovelace", at)]
"""


def test_a_conftest_takes_more_out_of_files(project: Project) -> None:
    project.write(conftest=HOOK, test_shop=TEST)
    project.run("--llm-update")
    text = (project.path / "__llm__" / "test_shop.yaml").read_text(encoding="utf-8")
    assert "Ada Lovelace" not in text
    assert text.count("[redacted:full-name:") == 2
    project.run()


def test_a_conftest_takes_more_out_of_what_is_printed_of_a_replayed_item(project: Project) -> None:
    project.shop(test=REPLAYED)
    project.write(conftest=HOOK)
    output = project.run(status=1)
    assert "[redacted:full-name:" in output.failures
    assert "Ada Lovelace asked" not in output
    assert "Charles Babbage" in output.failures


@pytest.mark.parametrize("answer", ["(0, 999, 'x')", "'x'", "(2, 1, 'x')"])
def test_an_answer_that_is_no_place_fails_the_test_and_nothing_is_written_or_told(
    project: Project, answer: str
) -> None:
    project.shop(test=REPLAYED)
    project.write(conftest=f"def pytest_llm_redact(text):\n    return [{answer}]\n", test_plain=TEST)
    output = project.run("--llm-update", status=1)
    assert output.count(" is no (start, end, kind) within a text of ") >= 2
    assert "Traceback" not in output
    assert "Ada Lovelace asked" not in output
    assert not (project.path / "__llm__" / "test_plain.yaml").exists()
    assert output.last == "2 failed, 1 error in 0.00s"


@pytest.mark.skipif(find_spec("presidio_analyzer") is not None, reason="presidio is installed")
def test_without_presidio_the_key_is_a_usage_error(project: Project) -> None:
    project.write(test_shop=TEST)
    project.ini("llm_pii = en")
    output = project.run(status=4)
    assert "llm_pii needs the package presidio-analyzer: pip install 'pytest-llmreplay[pii]'" in output.told
