"""``llm_replay``: running the application with what production gave it."""

import pytest

from tests.plugin.conftest import Project
from tests.sample import QUESTION, ask, traced


def body(text: str) -> str:
    """A test module with one test."""
    return f"import pytest\nfrom shop import answer\n\n{text}"


@pytest.mark.parametrize(
    "arguments",
    [{"question": QUESTION}, {"*": [QUESTION]}],
    ids=["named", "positional"],
)
def test_the_recorded_arguments_are_given_as_they_were(project: Project, arguments: dict[str, object]) -> None:
    project.shop(traced(arguments=arguments))
    assert project.run().last == "1 passed in 0.00s"


def test_positional_and_named_arguments_together(project: Project) -> None:
    project.shop(
        traced(arguments={"*": [QUESTION, 3], "tone": "kind", "tags": ["a"]}),
        test=body("""
def serve(question, /, times, *, tone, tags):
    assert (times, tone, tags) == (3, "kind", ["a"])
    return answer(question)

def test_answer(llm_trace, llm_replay):
    assert llm_replay.run(serve) == llm_trace.output
"""),
    )
    assert project.run().last == "1 passed in 0.00s"


def test_a_bare_input_is_one_positional_argument(project: Project) -> None:
    plain = traced()
    export = plain.exports()
    export["resourceSpans"][0]["scopeSpans"][0]["spans"][0]["attributes"] = [
        {"key": "input.value", "value": {"stringValue": QUESTION}},
        {"key": "output.value", "value": {"stringValue": "It is on its way."}},
    ]
    from tests.builders import line

    project.shop(line(export))
    assert project.run().last == "1 passed in 0.00s"


def test_arguments_given_by_hand_go_before_the_recorded_ones(project: Project) -> None:
    project.shop(
        traced(arguments={"question": "Nobody asks this.", "tone": "kind"}),
        test=body(f"""
def serve(question, tone):
    assert tone == "kind"
    return answer(question)

def test_answer(llm_replay):
    assert llm_replay.run(serve, question={QUESTION!r}) == "It is on its way."
"""),
    )
    assert project.run().last == "1 passed in 0.00s"


def test_a_coroutine_function_is_run_to_its_end(project: Project) -> None:
    project.shop(
        app="""
from openai import AsyncOpenAI

client = AsyncOpenAI()

async def answer(question):
    done = await client.chat.completions.create(
        model="gpt-4o-mini",
        temperature=0,
        messages=[{"role": "system", "content": "Be brief."}, {"role": "user", "content": question}],
    )
    return done.choices[0].message.content
"""
    )
    assert project.run().last == "1 passed in 0.00s"


def test_a_function_that_does_not_take_the_recorded_arguments_is_named(project: Project) -> None:
    project.shop(
        test=body("""
def serve(message, tone="kind"):
    return answer(message)

def test_answer(llm_replay):
    llm_replay.run(serve)
""")
    )
    assert (
        project.run(status=1)
        == """\
test_shop.py F                                                           [100%]

=================================== FAILURES ===================================
_____________________ test_answer[where-is-my-order-0001] ______________________
serve(message, tone='kind') does not take the recorded input (question): missing a required argument: 'message'
================================= llm summary ==================================
1 trace replayed: 0 matched, 1 failed; 1 step
0 model calls answered, 0 live; recorded steps: 1 model
=========================== short test summary info ============================
FAILED test_shop.py::test_answer[where-is-my-order-0001] - Failed: serve(mess...
============================== 1 failed in 0.00s ===============================
"""
    )


def test_a_trace_without_input_says_what_to_do(project: Project) -> None:
    project.shop(traced(question=None))
    assert (
        project.run(status=1).failures
        == """\
______________________ test_answer[support-workflow-0001] ______________________
trace 0001916cd43d: no span recorded the application's input; call the application yourself, or give \
llm_replay.run() the arguments
"""
    )


def test_a_trace_without_input_runs_with_arguments_by_hand(project: Project) -> None:
    project.shop(
        traced(question=None),
        test=body(f"""
def test_answer(llm_trace, llm_replay):
    assert llm_replay.run(answer, {QUESTION!r}) == llm_trace.output
"""),
    )
    assert project.run().last == "1 passed in 0.00s"


def test_the_session_tells_what_it_saw(project: Project) -> None:
    project.shop(
        traced(ask(), ask(asked="And when?", told="Soon.")),
        test=body(f"""
def test_answer(llm_trace, llm_replay):
    assert llm_replay.trace is llm_trace
    assert llm_replay.steps == llm_trace.steps
    assert llm_replay.recording.matches == []
    assert llm_replay.run(answer) == "It is on its way."
    assert llm_replay.recording.output == "It is on its way."
    assert llm_replay.divergence is None
    assert answer("And when?") == "Soon."
    assert [(match.step.index, match.verdict) for match in llm_replay.recording.matches] == [(1, "same"), (2, "same")]
    assert [match.call.messages[-1].parts[0].content for match in llm_replay.recording.matches] == [
        {QUESTION!r}, "And when?"
    ]
"""),
    )
    assert project.run().last == "1 passed in 0.00s"


def test_an_exception_of_the_application_comes_through(project: Project) -> None:
    project.shop(
        test=body("""
def test_answer(llm_replay):
    def serve(question):
        answer(question)
        raise KeyError("stock")

    with pytest.raises(KeyError, match="stock"):
        llm_replay.run(serve)
""")
    )
    assert project.run().last == "1 passed in 0.00s"


def test_clients_made_at_import_time_in_a_fixture_and_in_the_test_are_all_seen(project: Project) -> None:
    project.shop(
        traced(ask(), ask(), ask()),
        test="""
import openai
import pytest
import shop

@pytest.fixture(scope="module")
def early():
    return openai.OpenAI()

def test_answer(llm_replay, early, monkeypatch):
    llm_replay.run(shop.answer)
    monkeypatch.setattr(shop, "client", early)
    llm_replay.run(shop.answer)
    monkeypatch.setattr(shop, "client", openai.OpenAI(base_url="https://models.example.com/v1", api_key="other"))
    llm_replay.run(shop.answer)
""",
    )
    assert project.run().last == "1 passed in 0.00s"


def test_anyio_tests_replay(project: Project) -> None:
    project.shop(
        test="""
import pytest
from openai import AsyncOpenAI

@pytest.fixture
def anyio_backend():
    return "asyncio"

@pytest.mark.anyio
async def test_answer(llm_trace, llm_replay):
    done = await AsyncOpenAI().chat.completions.create(
        model="gpt-4o-mini",
        temperature=0,
        messages=[{"role": "system", "content": "Be brief."}, {"role": "user", "content": llm_trace.input["question"]}],
    )
    assert done.choices[0].message.content == llm_trace.output
"""
    )
    assert project.run().last == "1 passed in 0.00s"


def test_anyio_tests_diverge(project: Project) -> None:
    project.shop(
        test="""
import pytest
from openai import AsyncOpenAI

@pytest.fixture
def anyio_backend():
    return "asyncio"

@pytest.mark.anyio
async def test_answer(llm_trace, llm_replay):
    await AsyncOpenAI().chat.completions.create(model="gpt-4o-mini", messages=[])
"""
    )
    assert project.run("-v", status=1).startswith("test_shop.py::test_answer[where-is-my-order-0001] DIVERGED")


def test_without_traces_the_fixture_alone_skips_the_test(project: Project) -> None:
    project.shop(ini="")
    assert project.run().last == "1 skipped in 0.00s"


def test_unittest_classes_cannot_replay_and_are_left_alone(project: Project) -> None:
    project.shop(
        test="""
import unittest

class TestPlain(unittest.TestCase):
    def test_plain(self):
        pass
"""
    )
    assert project.run().last == "1 passed in 0.00s"
