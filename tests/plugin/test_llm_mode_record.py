"""``--llm-mode record``: what was asked live is in the case file afterwards, and is replayed."""

from pathlib import Path
from typing import Any

import pytest

from tests.plugin.conftest import Project
from tests.plugin.test_by_session import talk
from tests.plugin.test_llm_mode import app, double  # noqa: F401 - a fixture
from tests.sample import ask, traced

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


FAILING = """
import shop

def test_talk(llm_replay):
    assert llm_replay.run(shop.talk, "Where is my order?") == "what was hoped for"
"""


def test_what_a_failing_test_asked_is_kept_and_said_and_never_expected(project: Project, double: Any) -> None:  # noqa: F811
    text = app(double) + "\n\ndef talk(question):\n    return [answer(question), answer('And when?')]\n"
    project.write(shop=text, test_shop=FAILING)
    found = project.run("--llm-mode=record", status=1)
    (path,) = cases(project)
    assert f"case file new (its test failed): __llm__/{path.name}" in found.summary
    kept = path.read_text("utf-8")
    assert "expected: null\nbecause: its test failed when it was recorded\n" in kept
    assert "text: It was lost." in kept
    asked = len(double.requests)
    again = project.run("--llm-mode=record", status=1)
    assert "2 model calls answered, 0 live" in again.summary
    assert "case file" not in again.summary
    assert len(double.requests) == asked


def test_a_test_that_breaks_off_loses_no_step_of_its_case(shop: Project) -> None:
    shop.run("--llm-mode=record")
    (path,) = cases(shop)
    before = path.read_text("utf-8")
    shop.write(
        shop=(shop.path / "shop.py").read_text("utf-8")
        + "\ndef talk(question):\n    answer('And when?')\n    answer('And who?')\n    raise RuntimeError\n"
    )
    found = shop.run("--llm-mode=record", "--llm-traces=__llm__", status=1)
    assert "case file" not in found.summary, "the double knows no answer to that, and errors are asked again"
    assert path.read_text("utf-8") == before


def test_a_refresh_of_a_failing_test_keeps_nothing(project: Project, double: Any) -> None:  # noqa: F811
    text = app(double) + "\n\ndef talk(question):\n    return [answer(question), answer('And when?')]\n"
    project.write(shop=text, test_shop=ALONE)
    project.run("--llm-mode=record")
    (path,) = cases(project)
    before = path.read_text("utf-8")
    project.write(shop=text.replace("Be brief.", "Be kind."), test_shop=FAILING)
    project.run("--llm-mode=record", "--llm-refresh", status=1)
    assert path.read_text("utf-8") == before


SESSION = """
import pytest
import shop

@pytest.mark.llm_replay(by="session")
def test_talk(llm_replay):
    llm_replay.run(shop.talk)
"""


def test_the_turns_of_a_session_are_recorded_each_in_its_own_file(project: Project, double: Any) -> None:  # noqa: F811
    text = app(double) + "\n\ndef talk(question):\n    return [answer(question), answer('And when?')]\n"
    asked = "What do you sell?"
    project.shop(
        talk(traced(ask(), number=1), "s-1"),
        talk(traced(ask(asked=asked, told="Tea."), number=2, question=asked, output="Tea."), "s-1"),
        app=text,
        test=SESSION,
    )
    found = project.run("--llm-mode=record")
    second, first = cases(project)
    assert found.summary.count("case file new: ") == 2
    for path, own, other in ((first, "It is on its way.", "Tea."), (second, "Tea.", "It is on its way.")):
        kept = path.read_text("utf-8")
        assert f"text: {own}" in kept
        assert other not in kept
        assert kept.count("text: Never.") == 1
        assert "session: s-1" in kept
    count = len(double.requests)
    assert "1 passed" in project.run("--llm-traces=__llm__")
    assert len(double.requests) == count


def test_a_session_whose_turns_a_test_runs_by_hand_is_refused_in_words(project: Project, double: Any) -> None:  # noqa: F811
    text = app(double) + "\n\ndef talk(question):\n    return [answer(question), answer('And when?')]\n"
    by_hand = SESSION.replace(
        "llm_replay.run(shop.talk)", "[shop.talk(turn.input['question']) for turn in llm_replay.turns]"
    )
    project.shop(talk(traced(ask(), number=1), "s-1"), app=text, test=by_hand)
    found = project.run("--llm-mode=record", status=1)
    assert (
        "case file not written: 0001916cd43d: the calls of a session can be told apart only where llm_replay.run() runs"
        in found.summary
    )
    assert "exit status 1: 1 file not written" in found
    assert not cases(project)
