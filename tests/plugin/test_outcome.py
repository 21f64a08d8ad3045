"""What becomes of an item: D, F, E or a pass, whatever the application swallowed."""

import pytest

from tests.plugin.conftest import Project
from tests.sample import OPENAI, ask, traced

WRONG = """
import pytest
from shop import answer
"""
"""The head of a test that asks for something that is not recorded."""


def letter(project: Project, *args: str, status: int = 1) -> str:
    """The letters of the items."""
    return project.run(*args, status=status).partition("\n")[0].split()[1]


SWALLOWING = {
    "except Exception": """
def test_answer(llm_replay):
    try:
        said = answer("Something else?")
    except Exception:
        said = "sorry"
    assert said
""",
    "except BaseException": """
def test_answer(llm_replay):
    try:
        answer("Something else?")
    except BaseException:
        pass
""",
    "bare except, and an assertion of its own": """
def test_answer(llm_replay):
    try:
        said = answer("Something else?")
    except:
        said = "sorry"
    assert said == "It is on its way."
""",
    "finally that returns": """
def ask():
    try:
        return answer("Something else?")
    finally:
        return "sorry"

def test_answer(llm_replay):
    assert ask() == "sorry"
""",
    "contextlib.suppress": """
import contextlib

def test_answer(llm_replay):
    with contextlib.suppress(BaseException):
        answer("Something else?")
""",
    "pytest.raises": """
def test_answer(llm_replay):
    with pytest.raises(BaseException):
        answer("Something else?")
""",
    "tenacity": """
import tenacity

@tenacity.retry(wait=tenacity.wait_fixed(30))
def ask():
    return answer("Something else?")

def test_answer(llm_replay):
    ask()
""",
    "the retries of the SDK": """
import openai

def test_answer(llm_replay):
    openai.OpenAI(max_retries=50).chat.completions.create(model="gpt-4o-mini", messages=[])
""",
    "thread": """
import threading

def ask():
    try:
        answer("Something else?")
    except BaseException:
        pass

def test_answer(llm_replay):
    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()
""",
    "executor": """
from concurrent.futures import ThreadPoolExecutor

def test_answer(llm_replay):
    with ThreadPoolExecutor() as pool:
        pool.submit(answer, "Something else?").result()
""",
    "executor whose result nobody takes": """
from concurrent.futures import ThreadPoolExecutor

def test_answer(llm_replay):
    with ThreadPoolExecutor() as pool:
        pool.submit(answer, "Something else?")
""",
    "asyncio.gather that returns exceptions": """
import asyncio

def test_answer(llm_replay):
    async def main():
        return await asyncio.gather(asyncio.to_thread(answer, "Something else?"), return_exceptions=True)

    asyncio.run(main())
""",
    "asyncio.TaskGroup": """
import asyncio
import openai

def test_answer(llm_replay):
    async def ask():
        await openai.AsyncOpenAI().chat.completions.create(model="gpt-4o-mini", messages=[])

    async def main():
        async with asyncio.TaskGroup() as group:
            group.create_task(ask())

    asyncio.run(main())
""",
    "anyio task group": """
import anyio
import openai

def test_answer(llm_replay):
    async def ask():
        await openai.AsyncOpenAI().chat.completions.create(model="gpt-4o-mini", messages=[])

    async def main():
        async with anyio.create_task_group() as group:
            group.start_soon(ask)
            group.start_soon(ask)

    anyio.run(main)
""",
}


@pytest.mark.parametrize("way", SWALLOWING)
def test_a_divergence_cannot_be_swallowed(project: Project, way: str) -> None:
    project.shop(test=WRONG + SWALLOWING[way])
    output = project.run(status=1)
    assert output.startswith("test_shop.py D ")
    assert output.last == "1 failed in 0.00s"
    assert "FAILED" not in output


def test_what_the_test_ended_with_after_a_swallowed_divergence_is_told(project: Project) -> None:
    project.shop(test=WRONG + SWALLOWING["bare except, and an assertion of its own"])
    assert (
        project.run(status=1).failures
        == """\
_____________________ test_answer[where-is-my-order-0001] ______________________
trace 0001916cd43d  recorded 2026-05-28 20:26 (genai)  traces.jsonl:1

  1 model      gpt-4o-mini              DIVERGED   <- first
step 1, model gpt-4o-mini, stage prompt
  messages[1].content   recorded Where is my order?, now Something else?
the test itself then ended with AssertionError: assert 'sorry' == 'It is on its way.'\\n  \\n  - It is on its way.\\n\
  + sorry
only this step:  pytest "test_shop.py::test_answer[where-is-my-order-0001]" --llm-until=1
"""
    )


def test_the_first_divergence_is_the_message(project: Project) -> None:
    project.shop(
        traced(ask(asked="a"), ask(asked="b")),
        test=WRONG
        + """
def test_answer(llm_replay):
    for question in ("a!", "b!", "c!"):
        try:
            answer(question)
        except BaseException:
            pass
""",
    )
    output = project.run("-vv", status=1)
    assert "step 1 of 2, gpt-4o-mini: messages[1].content a -> a!" in output.section("short test summary info")


def test_asked_once_more_than_recorded(project: Project) -> None:
    project.shop(
        test=WRONG
        + """
def test_answer(llm_replay):
    answer("Where is my order?")
    answer("Where is my order?")
"""
    )
    assert (
        project.run(status=1).failures
        == """\
_____________________ test_answer[where-is-my-order-0001] ______________________
trace 0001916cd43d  recorded 2026-05-28 20:26 (genai)  traces.jsonl:1

  1 model      gpt-4o-mini              same
  + model      gpt-4o-mini              UNEXPECTED   <- first
gpt-4o-mini: asked once more than recorded
  asked:  user: Where is my order?
again:  pytest "test_shop.py::test_answer[where-is-my-order-0001]"
"""
    )


def test_a_call_after_the_last_recorded_one(project: Project) -> None:
    project.shop(
        test=WRONG
        + """
def test_answer(llm_replay):
    answer("Where is my order?")
    answer("Something else?")
"""
    )
    assert (
        project.run(status=1).failures
        == """\
_____________________ test_answer[where-is-my-order-0001] ______________________
trace 0001916cd43d  recorded 2026-05-28 20:26 (genai)  traces.jsonl:1

  1 model      gpt-4o-mini              same
  + model      gpt-4o-mini              UNEXPECTED   <- first
gpt-4o-mini: the one recorded chat call is answered already
  asked:  user: Something else?
again:  pytest "test_shop.py::test_answer[where-is-my-order-0001]"
"""
    )


def test_a_call_that_has_nothing_in_common_with_the_recorded_ones_comes_before_them(project: Project) -> None:
    project.shop(
        traced(ask(), ask(asked="And when?", system=None)),
        test="""
from shop import answer, client

def test_answer(llm_replay):
    client.chat.completions.create(model="gpt-4o-mini", messages=[{"role": "user", "content": "Was that it?"}])
    answer("Where is my order?")
""",
    )
    assert (
        project.run(status=1).failures
        == """\
_____________________ test_answer[where-is-my-order-0001] ______________________
trace 0001916cd43d  recorded 2026-05-28 20:26 (genai)  traces.jsonl:1

  1 model      gpt-4o-mini              not asked
  2 model      gpt-4o-mini              not asked
  + model      gpt-4o-mini              UNEXPECTED   <- first
gpt-4o-mini: a call that production did not make; the nearest recorded one, step 2, has nothing in common with it
  asked:  user: Was that it?
again:  pytest "test_shop.py::test_answer[where-is-my-order-0001]"
"""
    )


def test_a_recorded_call_that_is_never_asked(project: Project) -> None:
    project.shop(traced(ask(), ask(asked="And when?"), ask(asked="Who pays?")))
    assert (
        project.run(status=1).failures
        == """\
_____________________ test_answer[where-is-my-order-0001] ______________________
trace 0001916cd43d  recorded 2026-05-28 20:26 (genai)  traces.jsonl:1

  1 model      gpt-4o-mini              same
  2 model      gpt-4o-mini              NEVER ASKED   <- first
  3 model      gpt-4o-mini              not reached
step 2, model gpt-4o-mini, stage generator
  gpt-4o-mini: recorded, but never asked for, nor 1 after it
only this step:  pytest "test_shop.py::test_answer[where-is-my-order-0001]" --llm-until=2
"""
    )


def test_calls_that_production_made_one_after_the_other_are_held_to_their_order(project: Project) -> None:
    project.shop(
        traced(ask(asked="a"), ask(asked="b")),
        test=WRONG
        + """
def test_answer(llm_replay):
    answer("b")
    answer("a")
""",
    )
    assert (
        project.run(status=1).failures
        == """\
_____________________ test_answer[where-is-my-order-0001] ______________________
trace 0001916cd43d  recorded 2026-05-28 20:26 (genai)  traces.jsonl:1

  1 model      gpt-4o-mini              same
  2 model      gpt-4o-mini              DIVERGED   <- first
step 2, model gpt-4o-mini
  gpt-4o-mini: asked for before step 1, gpt-4o-mini, which production asked for first
only this step:  pytest "test_shop.py::test_answer[where-is-my-order-0001]" --llm-until=2
"""
    )


def test_calls_that_production_made_at_once_may_come_in_any_order(project: Project) -> None:
    project.shop(
        traced(ask(asked="a", told="1"), ask(asked="b", told="2"), together=True),
        test=WRONG
        + """
def test_answer(llm_replay):
    assert (answer("b"), answer("a")) == ("2", "1")
""",
    )
    assert project.run().last == "1 passed in 0.00s"


def test_a_wrong_output_is_a_failure_with_its_own_text(project: Project) -> None:
    project.shop(traced(output="Something else."))
    assert (
        project.run(status=1)
        == f"""\
test_shop.py F                                                           [100%]

=================================== FAILURES ===================================
_____________________ test_answer[where-is-my-order-0001] ______________________

llm_trace = <Trace 0001916cd43d of traces.jsonl:1>
llm_replay = <replay of trace 0001916cd43d>

    def test_answer(llm_trace, llm_replay):
>       assert llm_replay.run(answer) == llm_trace.output
E       AssertionError: assert 'It is on its way.' == 'Something else.'
E         {""}
E         - Something else.
E         + It is on its way.

test_shop.py:5: AssertionError
================================= llm summary ==================================
1 trace replayed: 0 matched, 1 failed; 1 step
1 model call answered, 0 live; recorded steps: 1 model
=========================== short test summary info ============================
FAILED test_shop.py::test_answer[where-is-my-order-0001] - AssertionError: as...
============================== 1 failed in 0.00s ===============================
"""
    )


def test_a_failed_assertion_goes_before_steps_that_were_not_reached(project: Project) -> None:
    project.shop(
        traced(ask(), ask(asked="And when?")),
        test=WRONG
        + """
def test_answer(llm_replay):
    assert llm_replay.run(answer) == "Something else."
    answer("And when?")
""",
    )
    assert letter(project) == "F"


def test_a_call_left_out_by_the_application_goes_before_the_assertion_on_what_came_of_it(project: Project) -> None:
    project.shop(
        app="def answer(question):\n    return 'Soon.'\n",
        test="""
from shop import answer

def test_answer(llm_trace, llm_replay):
    assert llm_replay.run(answer) == llm_trace.output
""",
    )
    output = project.run(status=1)
    assert "  1 model      gpt-4o-mini              NEVER ASKED   <- first\n" in output.failures
    assert "\nthe test itself then ended with AssertionError: assert 'Soon.' == 'It is on its way.'" in output.failures


def test_skip_inside_the_test_skips(project: Project) -> None:
    project.shop(
        test=WRONG
        + """
def test_answer(llm_replay):
    pytest.skip("not today")
"""
    )
    assert project.run("-rs").section("short test summary info") == "SKIPPED [1] test_shop.py:6: not today\n"


def test_a_skip_does_not_hide_a_divergence(project: Project) -> None:
    project.shop(
        test=WRONG
        + """
def test_answer(llm_replay):
    try:
        answer("Something else?")
    except BaseException:
        pytest.skip("no answer")
"""
    )
    assert letter(project) == "D"


def test_an_expected_failure_may_diverge(project: Project) -> None:
    project.shop(
        test=WRONG
        + """
@pytest.mark.xfail(reason="the prompt was changed")
def test_answer(llm_replay):
    answer("Something else?")
"""
    )
    assert project.run().last == "1 xfailed in 0.00s"


def test_an_expected_failure_that_does_not_fail(project: Project) -> None:
    project.shop(
        test=WRONG
        + """
@pytest.mark.xfail(strict=True)
def test_answer(llm_replay):
    llm_replay.run(answer)
"""
    )
    assert project.run(status=1).last == "1 failed in 0.00s"


def test_a_divergence_in_a_fixture_is_an_error_with_the_same_text(project: Project) -> None:
    project.shop(
        test=WRONG
        + """
@pytest.fixture
def said(llm_replay):
    return answer("Something else?")

def test_answer(said):
    pass
"""
    )
    output = project.run(status=1)
    assert output.startswith("test_shop.py E ")
    assert (
        "\n".join(output.section("ERRORS").split("\n")[1:5])
        == """\
trace 0001916cd43d  recorded 2026-05-28 20:26 (genai)  traces.jsonl:1

  1 model      gpt-4o-mini              DIVERGED   <- first
step 1, model gpt-4o-mini, stage prompt"""
    )


def test_a_divergence_that_a_fixture_swallows_fails_the_test(project: Project) -> None:
    project.shop(
        test=WRONG
        + """
@pytest.fixture
def said(llm_replay):
    try:
        return answer("Something else?")
    except BaseException:
        return "sorry"

def test_answer(said):
    pass
"""
    )
    assert letter(project) == "D"


def test_a_divergence_in_the_teardown_of_a_fixture_is_not_lost(project: Project) -> None:
    project.shop(
        test=WRONG
        + """
@pytest.fixture
def said(llm_replay):
    yield
    try:
        answer("Something else?")
    except BaseException:
        pass

def test_answer(said, llm_replay):
    llm_replay.run(answer)
"""
    )
    assert letter(project) == ".E"


def test_a_trace_without_content_is_an_error_that_names_step_and_lack(project: Project) -> None:
    project.shop(traced(ask(), ask(attributes={"gen_ai.output.messages": None})))
    assert (
        project.run(status=1)
        == """\
test_shop.py E                                                           [100%]

==================================== ERRORS ====================================
____________ ERROR at setup of test_answer[where-is-my-order-0001] _____________
trace 0001916cd43d of traces.jsonl:1 cannot be replayed
  step 2 of 2, model gpt-4o-mini: the span holds no answer (content capture was off, or lost)
================================= llm summary ==================================
1 case could not be replayed
=========================== short test summary info ============================
ERROR test_shop.py::test_answer[where-is-my-order-0001] - Failed: trace 00019...
=============================== 1 error in 0.00s ===============================
"""
    )


def test_the_file_may_change_between_collection_and_run(project: Project) -> None:
    project.shop(
        test="""
import pathlib

pathlib.Path(__file__).with_name("traces.jsonl").write_text("")

def test_answer(llm_replay):
    pass
"""
    )
    output = project.run(status=1)
    assert output.startswith("test_shop.py E ")
    assert "INTERNAL" not in "\n".join(output.lines)


def test_maxfail_and_exitfirst_stop_at_a_divergence(project: Project) -> None:
    project.shop(traced(ask(asked="Something else?")), traced(number=2))
    assert project.run("-x", status=1).last == "1 failed in 0.00s"


def test_keyboard_interrupt_is_left_alone(project: Project) -> None:
    project.shop(
        test=WRONG
        + """
def test_answer(llm_replay):
    raise KeyboardInterrupt
"""
    )
    assert "KeyboardInterrupt" in project.run(status=2, alone=True)


def test_threads_are_answered_too(project: Project) -> None:
    project.shop(
        traced(*(ask(asked=f"Question {number}?", told=str(number)) for number in range(40)), together=True),
        test=WRONG
        + """
from concurrent.futures import ThreadPoolExecutor

def test_answer(llm_replay):
    with ThreadPoolExecutor(8) as pool:
        said = list(pool.map(answer, [f"Question {number}?" for number in range(40)]))
    assert said == [str(number) for number in range(40)]
""",
    )
    assert project.run().last == "1 passed in 0.00s"


def test_a_thread_that_was_started_before_the_replay_is_answered(project: Project) -> None:
    project.shop(
        test=WRONG
        + """
import queue
import threading

asked, told = queue.Queue(), queue.Queue()
threading.Thread(target=lambda: told.put(answer(asked.get())), daemon=True).start()

def test_answer(llm_replay):
    asked.put("Where is my order?")
    assert told.get(timeout=10) == "It is on its way."
"""
    )
    assert project.run().last == "1 passed in 0.00s"


def test_tasks_are_answered_each_with_its_own(project: Project) -> None:
    project.shop(
        traced(*(ask(asked=f"Question {number}?", told=str(number)) for number in range(20)), together=True),
        app=OPENAI,
        test="""
import asyncio
import openai

def test_answer(llm_replay):
    client = openai.AsyncOpenAI()

    async def ask(number):
        messages = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": f"Question {number}?"}]
        done = await client.chat.completions.create(model="gpt-4o-mini", temperature=0, messages=messages)
        return done.choices[0].message.content

    async def main():
        return await asyncio.gather(*map(ask, reversed(range(20))))

    assert asyncio.run(main()) == [str(number) for number in reversed(range(20))]
""",
    )
    assert project.run().last == "1 passed in 0.00s"


def test_each_item_begins_anew(project: Project) -> None:
    project.shop(
        traced(ask(told="one"), output="one"),
        traced(ask(told="two"), number=2, output="two"),
        test=WRONG
        + """
def test_first(llm_trace, llm_replay):
    assert llm_replay.run(answer) == llm_trace.output

def test_second(llm_trace, llm_replay):
    assert llm_replay.run(answer) == llm_trace.output
""",
    )
    assert project.run().last == "4 passed in 0.00s"
