"""``--llm-drift=fork``: go live from the first call that differs."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.plugin.conftest import Project
from tests.plugin.test_llm_mode import provider
from tests.plugin.test_llm_patch import APP, marked, rag
from tests.sample import OPENAI, ask, traced

sys.path.insert(0, str(Path(__file__).parents[2] / "examples" / "support_bot"))

from provider_double import ProviderDouble, Reply, Rule

THREE = """
import json
import shop

def test_answer(llm_replay):
    print("SAID", json.dumps([shop.answer(each) for each in ("a", "b", "c")]))
"""


@pytest.fixture
def double() -> Iterator[ProviderDouble]:
    rules = [Rule(each, Reply(f"live {each}")) for each in "abc"]
    with ProviderDouble([*rules, Rule("", Reply("live"))]) as found:
        yield found


def three(project: Project, double: ProviderDouble, changed: str = "b", test: str = THREE) -> None:
    """Three recorded calls, one of which the application makes otherwise now."""
    app = OPENAI.replace("OpenAI()", provider("OpenAI", double))
    app = app.replace("temperature=0", f'temperature=1 if question == "{changed}" else 0')
    steps = [ask(asked=each, told=f"recorded {each}") for each in "abc"]
    project.shop(traced(*steps), app=app, test=test)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ("a", ["live a", "live b", "live c"]),
        ("b", ["recorded a", "live b", "live c"]),
        ("c", ["recorded a", "recorded b", "live c"]),
        ("none", ["recorded a", "recorded b", "recorded c"]),
    ],
)
def test_answers_are_recorded_up_to_the_fork_and_live_from_it(
    project: Project, double: ProviderDouble, changed: str, said: list[str]
) -> None:
    three(project, double, changed)
    output = project.run("--llm-drift=fork", "-s")
    assert f"SAID {json.dumps(said)}" in output
    live = sum(each.startswith("live") for each in said)
    assert len(double.requests) == live
    assert f"{live} live" in output.summary


def test_where_it_forked_is_told(project: Project, double: ProviderDouble) -> None:
    three(project, double)
    output = project.run("--llm-drift=fork")
    assert output.last == "1 passed in 0.00s"
    assert "trace 0001916cd43d: step 2 of 3, gpt-4o-mini: temperature 0 -> 1" in output.summary


def test_nothing_is_pinned_that_the_application_did_not_ask_for(project: Project, double: ProviderDouble) -> None:
    three(project, double)
    project.run("--llm-drift=fork")
    assert [(each.get("seed"), each["temperature"]) for each in double.requests] == [(None, 1), (None, 0)]


def test_behind_the_fork_the_trace_does_not_bind(project: Project, double: ProviderDouble) -> None:
    three(project, double, test=THREE.replace('("a", "b", "c")', '("a", "b")'))
    assert project.run("--llm-drift=fork").last == "1 passed in 0.00s"
    three(project, double, test=THREE.replace('("a", "b", "c")', '("a", "b", "c", "c", "else")'))
    assert project.run("--llm-drift=fork").last == "1 passed in 0.00s"


def test_without_a_fork_it_does(project: Project, double: ProviderDouble) -> None:
    three(project, double, "none", THREE.replace('("a", "b", "c")', '("a", "b")'))
    assert project.run("--llm-drift=fork", status=1).startswith("test_shop.py D ")


def test_an_assertion_about_the_live_answer_fails_as_usual(project: Project, double: ProviderDouble) -> None:
    three(
        project,
        double,
        test="""
import shop

def test_answer(llm_replay):
    shop.answer("a")
    assert shop.answer("b") == "recorded b"
""",
    )
    output = project.run("--llm-drift=fork", status=1)
    assert output.startswith("test_shop.py F ")
    assert "AssertionError: assert 'live b' == 'recorded b'" in output


def test_one_item_forks_for_itself(project: Project, double: ProviderDouble) -> None:
    three(
        project, double, test=THREE.replace("test_answer", "test_first") + THREE.replace("test_answer", "test_second")
    )
    output = project.run("--llm-drift=fork", "-s")
    assert output.count('SAID ["recorded a", "live b", "live c"]') == 2


def test_by_the_marker(project: Project, double: ProviderDouble) -> None:
    three(
        project,
        double,
        test=THREE.replace("def test", "import pytest\n\n@pytest.mark.llm_replay(drift='fork')\ndef test"),
    )
    assert project.run().last == "1 passed in 0.00s"


def test_until_the_fork_functions_are_answered(project: Project, double: ProviderDouble) -> None:
    app = APP.replace("OpenAI()", provider("OpenAI", double)).replace("temperature=0", "temperature=1")
    project.shop(
        rag(), app=app, test=marked('patch=["shop.search"]', "assert llm_replay.run(answer).startswith('live')")
    )
    output = project.run("--llm-drift=fork", "-s")
    assert "SEARCHED" not in output
