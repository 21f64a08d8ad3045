"""``--llm-mode``: real calls, pinned or kept, before a provider on this machine."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.plugin.conftest import Project
from tests.plugin.test_llm_patch import function
from tests.sample import ANTHROPIC, OPENAI, ask, traced

sys.path.insert(0, str(Path(__file__).parents[2] / "examples" / "support_bot"))

from provider_double import ProviderDouble, Reply, Rule

TEST = """
import json
import shop

def test_answer(llm_trace, llm_replay):
    said = llm_replay.run(shop.answer)
    kept = [answer.choices[0].parts[0].content for _, answer in llm_replay.recording.kept]
    print("KEPT", json.dumps([said, kept]))
"""


@pytest.fixture
def double() -> Iterator[ProviderDouble]:
    """A provider that says other things than production's did."""
    rules = [Rule("Where is my order?", Reply("It was lost.")), Rule("And when?", Reply("Never."))]
    with ProviderDouble(rules) as found:
        yield found


def provider(client: str, double: ProviderDouble) -> str:
    """An SDK's client before the double, that leaves no connection open."""
    return f'{client}(base_url="{double.base_url}", max_retries=0, default_headers={{"connection": "close"}})'


def app(double: ProviderDouble, text: str = OPENAI) -> str:
    """An application whose provider is the double."""
    return text.replace("OpenAI()", provider("OpenAI", double))


def sent(double: ProviderDouble) -> list[tuple[Any, Any]]:
    """Seed and temperature of each request."""
    return [(each.get("seed"), each.get("temperature")) for each in double.requests]


def test_live_asks_the_provider_with_seed_and_temperature_pinned(project: Project, double: ProviderDouble) -> None:
    project.shop(app=app(double).replace("temperature=0", "temperature=0.8"), test=TEST)
    output = project.run("--llm-mode=live", "--llm-seed=7", "-s")
    assert 'KEPT ["It was lost.", ["It was lost."]]' in output
    assert sent(double) == [(7, 0)]
    assert output.header == ["llm: live (drift fail), network allowed; 1 trace from traces.jsonl (otlp-json 1)"]
    assert "0 model calls answered, 1 live" in output.summary


def test_the_seed_is_0_if_none_is_given(project: Project, double: ProviderDouble) -> None:
    project.shop(app=app(double), test=TEST)
    project.run("--llm-mode=live")
    assert sent(double) == [(0, 0)]


def test_each_seed_is_an_item_of_its_own(project: Project, double: ProviderDouble) -> None:
    project.shop(app=app(double), test=TEST)
    output = project.run("--llm-mode=live", "--llm-seed=7", "--llm-seed=8", "-v")
    assert "test_shop.py::test_answer[where-is-my-order-0001-seed7] PASSED" in output
    assert "test_shop.py::test_answer[where-is-my-order-0001-seed8] PASSED" in output
    assert sent(double) == [(7, 0), (8, 0)]


def test_the_traces_steps_need_not_be_asked_for(project: Project, double: ProviderDouble) -> None:
    project.shop(traced(ask(), ask(asked="And when?")), app=app(double), test=TEST)
    assert project.run("--llm-mode=live").last == "1 passed in 0.00s"
    assert project.run(status=1).startswith("test_shop.py D ")


def test_what_was_not_pinned_is_said(project: Project, double: ProviderDouble) -> None:
    reasons = app(double).replace('model="gpt-4o-mini"', 'model="o3-mini"').replace("temperature=0,", "")
    project.shop(app=reasons, test=TEST)
    output = project.run("--llm-mode=live", "--llm-seed=7")
    assert "not pinned: openai.chat takes no temperature" in output.summary
    assert sent(double) == [(7, None)]


def test_anthropic_takes_no_seed(project: Project, double: ProviderDouble) -> None:
    own = ANTHROPIC.replace("Anthropic()", provider("Anthropic", double))
    project.shop(
        traced(ask("anthropic")),
        app=own,
        test="""
import anthropic
import pytest
import shop

def test_answer(llm_trace, llm_replay):
    with pytest.raises(anthropic.NotFoundError):  # the double speaks OpenAI's language alone
        llm_replay.run(shop.answer)
""",
    )
    output = project.run("--llm-mode=live")
    assert "not pinned: anthropic.messages takes no seed" in output.summary


def test_record_replays_what_is_known_and_keeps_the_rest(project: Project, double: ProviderDouble) -> None:
    text = app(double) + "\n\ndef talk(question):\n    return [answer(question), answer('And when?')]\n"
    project.shop(app=text, test=TEST.replace("shop.answer", "shop.talk"))
    output = project.run("--llm-mode=record", "-s")
    assert 'KEPT [["It is on its way.", "Never."], ["Never."]]' in output
    assert "1 model call answered, 1 live" in output.summary
    assert sent(double) == [(None, 0)]


def test_record_calls_for_what_differs(project: Project, double: ProviderDouble) -> None:
    project.shop(app=app(double).replace("Be brief.", "Be kind."), test=TEST)
    output = project.run("--llm-mode=record", "-s")
    assert 'KEPT ["It was lost.", ["It was lost."]]' in output
    assert output.last == "1 passed in 0.00s"


def test_a_marker_makes_one_test_live_among_others(project: Project, double: ProviderDouble) -> None:
    test = (
        TEST.replace("test_answer", "test_first")
        + """
import pytest

@pytest.mark.llm_replay(mode="MODE")
def test_second(llm_trace, llm_replay):
    assert shop.answer("And when?") == "Never."

def test_third(llm_trace, llm_replay):
    assert llm_replay.run(shop.answer) == llm_trace.output
"""
    )
    for number, mode in enumerate(("live", "record"), 1):
        project.shop(app=app(double), test=test.replace("MODE", mode))
        assert project.run().last == "3 passed in 0.00s"
        assert len(double.requests) == number


def test_the_ini_key(project: Project, double: ProviderDouble) -> None:
    project.shop(app=app(double), test=TEST, ini="llm_traces = traces.jsonl\nllm_mode = live\nllm_seed = 5\n")
    project.run()
    assert sent(double) == [(5, 0)]


def test_replay_is_the_default_and_asks_nobody(project: Project, double: ProviderDouble) -> None:
    project.shop(app=app(double), test=TEST)
    assert 'KEPT ["It is on its way.", []]' in project.run("-s")
    assert double.requests == []


def test_an_answered_tool_is_answered_in_live_runs_as_well(project: Project, double: ProviderDouble) -> None:
    text = app(double) + "\n\ndef lookup(order):\n    raise AssertionError('ran')\n"
    lookup = function("lookup", {"order": "A-1"}, "sent", start=10)
    project.shop(
        traced(ask(), extra=(lookup,)),
        app=text,
        test="""
import pytest
import shop

@pytest.mark.llm_replay(patch=["shop.lookup"])
def test_answer(llm_trace, llm_replay):
    assert (llm_replay.run(shop.answer), shop.lookup("A-1")) == ("It was lost.", "sent")
""",
    )
    assert project.run("--llm-mode=live").last == "1 passed in 0.00s"


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (["--llm-mode=lve"], "--llm-mode: 'lve' is none of replay, seeded, live, record; did you mean 'live'?"),
        (["--llm-mode=live", "--llm-seed=x"], "--llm-seed: 'x' is no whole number"),
        (["--llm-mode=live", "--llm-seed=--5"], "--llm-seed: '--5' is no whole number"),
        (["--llm-mode=live", "--llm-seed=²"], "--llm-seed: '²' is no whole number"),
    ],
)
def test_a_word_that_does_not_exist_is_a_usage_error(project: Project, args: list[str], told: str) -> None:
    project.shop()
    assert project.run(*args, status=4).told == f"ERROR: {told}\n"
