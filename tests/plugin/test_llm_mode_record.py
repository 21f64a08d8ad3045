"""``--llm-mode record``: what was asked live is in the case file afterwards, and is replayed."""

from pathlib import Path
from typing import Any

import pytest

from tests.plugin.conftest import Project
from tests.plugin.test_llm_mode import app, double  # noqa: F401 - a fixture

RUN = """
import shop

def test_answer(llm_replay):
    print("SAID", llm_replay.run(shop.talk))
"""
ALONE = """
import shop

def test_talk(llm_replay):
    assert llm_replay.run(shop.talk, "Where is my order?")
"""


@pytest.fixture
def shop(project: Project, double: Any) -> Project:  # noqa: F811
    """An application that asks one question more than production did, before the double."""
    text = app(double) + "\n\ndef talk(question):\n    return [answer(question), answer('And when?')]\n"
    project.shop(app=text, test=RUN)
    return project


def cases(project: Project) -> list[Path]:
    return sorted((project.path / "__llm__").glob("*.llmcase.yaml"))


def test_what_is_known_is_replayed_and_the_rest_is_kept_in_a_case_file(shop: Project) -> None:
    found = shop.run("--llm-mode=record", "-s")
    (path,) = cases(shop)
    assert f"case file new: __llm__/{path.name}" in found.summary
    text = path.read_text("utf-8")
    assert "text: It is on its way." in text
    assert "text: Never." in text
    assert "expected: null\nbecause: recorded by a test; nobody has looked at the output\n" in text
    assert "/chat/completions" in text  # the raw exchange


def test_the_recorded_case_is_replayed_without_a_provider(shop: Project) -> None:
    shop.run("--llm-mode=record")
    found = shop.run("--llm-traces=__llm__", "-s")
    assert "SAID ['It is on its way.', 'Never.']" in found
    assert "2 model calls answered, 0 live" in found.summary


def test_recorded_again_nothing_is_asked_and_the_file_stays(shop: Project) -> None:
    shop.run("--llm-mode=record")
    before = cases(shop)[0].read_bytes()
    found = shop.run("--llm-mode=record", "--llm-traces=__llm__")
    assert "2 model calls answered, 0 live" in found.summary
    assert cases(shop)[0].read_bytes() == before


def test_headers_with_keys_are_not_kept(shop: Project) -> None:
    shop.run("--llm-mode=record")
    text = cases(shop)[0].read_text("utf-8").lower()
    assert "authorization" not in text
    assert "set-cookie" not in text


def test_a_test_without_traces_records_its_own_and_replays_it_from_then_on(
    project: Project,
    double: Any,  # noqa: F811
) -> None:
    text = app(double) + "\n\ndef talk(question):\n    return [answer(question), answer('And when?')]\n"
    project.write(shop=text, test_shop=ALONE)
    assert "1 skipped" in project.run()
    found = project.run("--llm-mode=record")
    (path,) = cases(project)
    assert path.name.startswith("test_talk-")
    assert "0 model calls answered, 2 live" in found.summary
    asked = len(double.requests)
    assert "1 passed" in project.run()
    assert len(double.requests) == asked


def test_functions_at_the_boundary_are_recorded_and_answered_from_then_on(
    project: Project,
    double: Any,  # noqa: F811
) -> None:
    text = (
        "import pathlib\n"
        + app(double)
        + "\n\ndef look_up(order):\n    return {'order': order, 'state': pathlib.Path('state').read_text()}\n"
    )
    text += "\ndef talk(question):\n    return [look_up(order=7), answer(question)]\n"
    patched = ALONE.replace(
        "def test_talk", "import pytest\n\n@pytest.mark.llm_replay(patch=['shop.look_up'])\ndef test_talk"
    )
    project.write(shop=text, test_shop=patched)
    (project.path / "state").write_text("lost", "utf-8")
    project.run("--llm-mode=record")
    (project.path / "state").unlink()
    assert "1 passed" in project.run()
