"""``--llm-until``: stop behind a step, without a verdict on the rest."""

import pytest

from tests.plugin.conftest import Project
from tests.plugin.test_llm_patch import APP, marked, rag
from tests.sample import OPENAI, ask, traced

TWO = """
from shop import answer

def test_answer(llm_replay):
    assert answer("a") == "1"
    assert answer("b") == "2"
"""


def two(project: Project, test: str = TWO, ini: str = "") -> None:
    project.shop(
        traced(ask(asked="a", told="1"), ask(asked="b", told="2")), test=test, ini=f"llm_traces = traces.jsonl\n{ini}\n"
    )


def test_the_run_stops_behind_the_step(project: Project) -> None:
    two(project, TWO.replace('answer("b")', 'answer("something else")'))
    assert project.run(status=1).startswith("test_shop.py D ")
    output = project.run("--llm-until=1")
    assert output.last == "1 passed in 0.00s"
    assert "1 model call answered, 0 live" in output.summary


def test_what_comes_before_is_judged(project: Project) -> None:
    two(project, TWO.replace('answer("a")', 'answer("x")'))
    assert project.run("--llm-until=1", status=1).startswith("test_shop.py D ")
    two(project, TWO.replace('== "1"', '== "3"'))
    assert project.run("--llm-until=1", status=1).startswith("test_shop.py F ")


def test_behind_the_last_step_all_is_judged(project: Project) -> None:
    two(project, TWO.replace('answer("b")', 'answer("something else")'))
    assert project.run("--llm-until=2", status=1).startswith("test_shop.py D ")
    two(project, TWO.replace('    assert answer("b") == "2"\n', ""))
    output = project.run("--llm-until=2", "-vv", status=1)
    assert "gpt-4o-mini: recorded, but never asked for" in output.failures


def test_steps_behind_it_are_not_missing(project: Project) -> None:
    two(project, TWO.replace('    assert answer("b") == "2"\n', ""))
    assert project.run(status=1).startswith("test_shop.py D ")
    assert project.run("--llm-until=1").last == "1 passed in 0.00s"


def test_the_command_that_a_divergence_prints_shows_it_again(project: Project) -> None:
    two(project, TWO.replace('answer("b")', 'answer("something else")'))
    first = project.run("-vv", status=1)
    command = next(line for line in first.failures.splitlines() if line.startswith("only this step:"))
    again = project.run(*command.split("pytest ", 1)[1].replace('"', "").split(), "-vv", status=1)
    assert again.failures == first.failures


def test_an_application_that_swallows_the_stop_gets_no_further(project: Project) -> None:
    body = """
from shop import answer

def test_answer(llm_replay):
    assert answer("a") == "1"
    for _ in range(3):
        try:
            answer("b")
        except BaseException:
            pass
        else:
            raise AssertionError("answered")
"""
    two(project, body)
    assert project.run("--llm-until=1").last == "1 passed in 0.00s"


def test_functions_count(project: Project) -> None:
    project.shop(rag(), app=APP.replace("Be brief.", "Be kind."), test=marked('patch=["shop.search"]'))
    assert project.run(status=1).startswith("test_shop.py D ")
    output = project.run("--llm-until=1")
    assert "0 model calls and 1 function call answered" in output.summary


def test_the_ini_key(project: Project) -> None:
    two(project, TWO.replace('answer("b")', 'answer("something else")'), "llm_until = 1")
    assert project.run().last == "1 passed in 0.00s"


@pytest.mark.parametrize("value", ["0", "-1", "two", "1.5", "²"])
def test_what_is_no_number_from_1_is_a_usage_error(project: Project, value: str) -> None:
    project.shop(app=OPENAI)
    assert (
        project.run(f"--llm-until={value}", status=4).told
        == f"ERROR: --llm-until: {value!r} is no whole number from 1\n"
    )
