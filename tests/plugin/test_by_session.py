"""``by="session"``: one item per conversation, its turns in order."""

from typing import Any

from tests.plugin.conftest import Project
from tests.sample import Traced, ask, rate_limited, traced

APP = """
from openai import OpenAI

client = OpenAI(max_retries=0)
history = []

def answer(question):
    history.append({"role": "user", "content": question})
    done = client.chat.completions.create(
        model="gpt-4o-mini", temperature=0, messages=[{"role": "system", "content": "Be brief."}, *history]
    )
    history.append({"role": "assistant", "content": done.choices[0].message.content})
    return history[-1]["content"]
"""
"""An application that remembers what was said."""
TEST = """
import pytest
import shop

@pytest.fixture(autouse=True)
def forget():
    shop.history.clear()

@pytest.mark.llm_replay(by="session")
def test_talk(llm_trace, llm_replay):
    said = llm_replay.run(shop.answer)
    assert said == [turn.output for turn in llm_replay.turns]
"""


def turn(
    number: int, asked: str, told: str, session: str | None = "s-1", before: tuple[str, ...] = (), **more: Any
) -> Traced:
    """A turn of a conversation; what was said before stands in its messages."""
    said = [
        {"role": role, "parts": [{"type": "text", "content": words}]}
        for role, words in zip(("user", "assistant") * len(before), before, strict=False)
    ]
    made = ask(asked=[*said, {"role": "user", "parts": [{"type": "text", "content": asked}]}], told=told)
    return talk(traced(made, number=number, question=asked, output=told, **more), session)


def talk(trace: Traced, session: str | None) -> Traced:
    """The same trace as part of a conversation, each of which begins a hundred seconds after the one before."""
    plain = trace.exports

    def exports() -> dict[str, Any]:
        whole = plain()
        for each in whole["resourceSpans"]:
            for span in each["scopeSpans"][0]["spans"]:
                for key in ("startTimeUnixNano", "endTimeUnixNano"):
                    span[key] = str(int(span[key]) + trace.number * 100_000_000_000)
                if session is not None and "parentSpanId" not in span:
                    name = "traceloop.association.properties.session_id"
                    span["attributes"].append({"key": name, "value": {"stringValue": session}})
        return whole

    trace.exports = exports  # type: ignore[method-assign]
    return trace


def conversation(session: str = "s-1", first: int = 1) -> list[Traced]:
    """Three turns."""
    return [
        turn(first, "a", "1", session),
        turn(first + 1, "b", "2", session, ("a", "1")),
        turn(first + 2, "c", "3", session, ("a", "1", "b", "2")),
    ]


def test_a_session_is_one_item_whose_turns_run_in_order(project: Project) -> None:
    project.shop(*reversed(conversation()), app=APP, test=TEST)
    output = project.run("-v")
    assert output.startswith("test_shop.py::test_talk[s-1-0001] PASSED")
    assert output.summary.splitlines()[0] == "1 trace replayed: 1 matched; 3 steps"


def test_each_session_is_an_item(project: Project) -> None:
    project.shop(*conversation("late", 4), *conversation("early"), turn(9, "x", "y", None), app=APP, test=TEST)
    output = project.run("-v")
    ids = [line.partition(" ")[0] for line in output.splitlines() if line.startswith("test_shop.py::")]
    assert ids == ["test_shop.py::test_talk[early-0001]", "test_shop.py::test_talk[late-0004]"]


def test_by_trace_the_same_file_gives_an_item_for_each(project: Project) -> None:
    test = TEST.replace('by="session"', 'by="trace"').replace("assert said ==", "assert [said] ==")
    project.shop(turn(1, "a", "1"), turn(2, "b", "2"), app=APP, test=test)
    assert project.run().last == "2 passed in 0.00s"


def test_a_turn_that_differs_is_named_by_its_step_in_the_session(project: Project) -> None:
    app = APP.replace('history.append({"role": "assistant"', 'len(history) < 3 and history.append({"role": "assistant"')
    project.shop(
        *conversation(),
        app=app.replace('return history[-1]["content"]', "return done.choices[0].message.content"),
        test=TEST,
    )
    output = project.run("-vv", status=1)
    assert (
        "  1 model      gpt-4o-mini              same\n"
        "  2 model      gpt-4o-mini              same\n"
        "  3 model      gpt-4o-mini              DIVERGED   <- first\n"
        "step 3, model gpt-4o-mini, stage prompt\n"
    ) in output.failures


def test_evaluators_judge_the_list_of_what_all_turns_gave(project: Project) -> None:
    test = """
import shop
from pytest_llmreplay import llm_replay
from pytest_llmreplay.evaluate import check

def turns(ctx):
    return len(ctx.output)

@llm_replay(by="session", evaluators=["exact", check(turns, threshold=4), {"contains": "2"}])
def test_talk(llm_trace, llm_replay):
    shop.history.clear()
    assert llm_replay.run(shop.answer) == llm_trace.output == ["1", "2", "3"]
"""
    project.shop(*conversation(), app=APP, test=test)
    output = project.run(status=1)
    assert (
        """
  turns              3.00     >= 4           FAILED
  exact              1.00     = 1            passed"""
        in output.failures
    )
    assert "  contains           1.00     = 1            passed" in output.failures


GIVEN = """
from openai import OpenAI

def answer(question, history=()):
    done = OpenAI().chat.completions.create(
        model="gpt-4o-mini",
        temperature=0,
        messages=[{"role": "system", "content": "Be brief."}, *history, {"role": "user", "content": question}],
    )
    return done.choices[0].message.content.upper()
"""
"""An application that is given what was said, and by now says it in capitals."""
LIVE = """
import pytest
import shop

@pytest.mark.llm_replay(by="session")
def test_talk(llm_replay):
    history = []
    for turn in llm_replay.turns:
        said = shop.answer(turn.input["question"], history)
        history += [{"role": "user", "content": turn.input["question"]}, {"role": "assistant", "content": said}]
"""
RECORDED = """
import pytest
import shop

@pytest.mark.llm_replay(by="session")
def test_talk(llm_replay):
    assert llm_replay.run(shop.answer) == ["ONE", "TWO"]
"""


def given() -> list[Traced]:
    """Two turns; the second was given the first as its history."""
    before = [{"role": "user", "content": "a"}, {"role": "assistant", "content": "one"}]
    arguments = {"question": "b", "history": before}
    return [turn(1, "a", "one"), turn(2, "b", "two", before=("a", "one"), arguments=arguments)]


def test_an_application_that_is_given_the_history_gets_the_recorded_one(project: Project) -> None:
    project.shop(*given(), app=GIVEN, test=RECORDED)
    assert project.run().last == "1 passed in 0.00s"


def test_handed_on_by_the_test_the_history_is_that_of_this_run(project: Project) -> None:
    project.shop(*given(), app=GIVEN, test=LIVE)
    assert "step 2, model gpt-4o-mini, stage prompt" in project.run(status=1).failures
    project.write(shop=GIVEN.replace(".upper()", ""))
    assert project.run().last == "1 passed in 0.00s"


def test_an_application_that_remembers_can_be_given_the_recorded_history(project: Project) -> None:
    test = """
import pytest
import shop

@pytest.mark.llm_replay(by="session")
def test_talk(llm_replay):
    for turn in llm_replay.turns:
        said = turn.steps[0].call.messages[1:]
        *before, asked = [{"role": each.role, "content": each.parts[0].content} for each in said]
        shop.history[:] = before
        shop.answer(asked["content"])
"""
    app = APP.replace('return history[-1]["content"]', 'history[-1]["content"] = "forgotten"')
    project.shop(*conversation(), app=app, test=test)
    assert project.run().last == "1 passed in 0.00s"
    project.shop(*conversation(), app=app, test=TEST)
    assert "step 2, model gpt-4o-mini, stage prompt" in project.run(status=1).failures


def test_a_turn_that_is_left_out_is_missing(project: Project) -> None:
    test = TEST.replace("    said = llm_replay.run(shop.answer)\n    assert said ==", "    shop.answer('a')\n    _ =")
    project.shop(*conversation(), app=APP, test=test)
    output = project.run("-vv", status=1)
    assert "gpt-4o-mini: recorded, but never asked for, nor 1 after it" in output.failures


def test_a_turn_that_failed_in_production_gives_its_exception(project: Project) -> None:
    test = """
import openai
import pytest
import shop

@pytest.mark.llm_replay(by="session")
def test_talk(llm_trace, llm_replay):
    shop.history.clear()
    first, second = llm_replay.run(shop.answer)
    assert isinstance(first, openai.RateLimitError)
    assert second == "2"
    assert [turn.status for turn in llm_replay.turns] == ["error", "ok"]
    assert llm_trace.status == "error"
"""
    failed = talk(rate_limited(number=1, question="Where is my order?"), "s-1")
    second = turn(2, "b", "2")
    app = APP.replace("*history]", "history[-1]]")
    project.shop(failed, second, app=app, test=test)
    assert project.run().last == "1 passed in 0.00s"


def test_an_exception_in_a_turn_that_went_well_is_a_failure(project: Project) -> None:
    app = APP.replace(
        "def answer(question):", 'def answer(question):\n    if question == "b":\n        raise ValueError("b")'
    )
    project.shop(*conversation(), app=app, test=TEST)
    output = project.run(status=1)
    assert output.startswith("test_shop.py F ")
    assert "ValueError: b" in output


def test_the_trace_is_the_whole_conversation(project: Project) -> None:
    test = """
import pytest

@pytest.mark.llm_replay(by="session")
def test_talk(llm_trace):
    assert (llm_trace.session_id, llm_trace.input, llm_trace.output) == ("s-1", {"question": "a"}, ["1", "2", "3"])
    assert [step.index for step in llm_trace.steps] == [1, 2, 3]
"""
    project.shop(
        *conversation(),
        app=APP,
        test=test.replace("(llm_trace)", "(llm_trace)")
        .replace('@pytest.mark.llm_replay(by="session")', "")
        .replace("def test_talk", '@pytest.mark.llm_replay(by="session")\ndef test_talk'),
    )
    output = project.run("-vv", status=1)
    assert "recorded, but never asked for, nor 2 after it" in output.failures
    assert "AssertionError" not in output


def test_traces_without_a_session_are_an_error(project: Project) -> None:
    project.shop(traced(), traced(number=2), test=TEST)
    output = project.run(status=2)
    assert output.section("ERRORS").splitlines()[1:] == [
        "test_shop.py::test_talk: none of 2 traces belongs to a session (session.id, gen_ai.conversation.id)"
    ]


def test_a_word_that_does_not_exist_is_a_usage_error(project: Project) -> None:
    project.shop(test=TEST.replace('by="session"', 'by="sesion"'))
    assert "'sesion' is none of trace, session; did you mean 'session'?" in project.run(status=4).told
