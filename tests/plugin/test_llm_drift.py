"""``--llm-drift``: a call that differs from its recorded step fails the item, or gets the recorded answer."""

from tests.plugin.conftest import Project
from tests.sample import ANTHROPIC, ask, traced

PROMPT = """
from openai import OpenAI

client = OpenAI()

def answer(question):
    done = client.chat.completions.create(
        model="gpt-4o",
        temperature=1,
        messages=[{"role": "system", "content": "Be kind."}, {"role": "user", "content": question}],
    )
    return done.choices[0].message.content
"""
"""The plain application with another model, prompt and temperature."""


def test_fail_is_the_default_and_names_each_difference(project: Project) -> None:
    project.shop(app=PROMPT)
    assert (
        project.run(status=1)
        == """\
test_shop.py D                                                           [100%]

=================================== FAILURES ===================================
_____________________ test_answer[where-is-my-order-0001] ______________________
trace 0001916cd43d  recorded 2026-05-28 20:26 (genai)  traces.jsonl:1

  1 model      gpt-4o-mini              DIVERGED   <- first
step 1, model gpt-4o-mini, stage prompt
  model   recorded gpt-4o-mini, now gpt-4o
  messages[0].content   recorded Be brief., now Be kind.
  temperature   recorded 0, now 1
only this step:  pytest "test_shop.py::test_answer[where-is-my-order-0001]" --llm-until=1
================================= llm summary ==================================
1 trace replayed: 0 matched, 1 diverged; 1 step
0 model calls answered, 0 live; recorded steps: 1 model
=========================== short test summary info ============================
DIVERGED test_shop.py::test_answer[where-is-my-order-0001] - step 1 of 1, gpt...
============================== 1 failed in 0.00s ===============================
"""
    )


def test_serve_gives_the_recorded_answer_and_reports_the_drift(project: Project) -> None:
    project.shop(app=PROMPT)
    assert (
        project.run("--llm-drift=serve")
        == """\
test_shop.py .                                                           [100%]

================================= llm summary ==================================
1 trace replayed: 0 matched, 1 drifted; 1 step
1 model call answered, 0 live; recorded steps: 1 model
1 call drifted in 1 trace:
  trace 0001916cd43d: step 1 of 1, gpt-4o-mini: model gpt-4o-mini -> gpt-4o, \
messages[0].content Be brief. -> Be kind., temperature 0 -> 1
============================== 1 passed in 0.00s ===============================
"""
    )


def test_serve_takes_the_step_that_is_most_like_the_call(project: Project) -> None:
    project.shop(
        traced(
            ask(asked="Where is the nearest shop?", told="Here"),
            ask(asked="What is the price of a lamp?", told="20"),
            together=True,
        ),
        test="""
from shop import answer

def test_answer(llm_replay):
    assert answer("What is the price of a red lamp?") == "20"
    assert answer("Where is the nearest shop now?") == "Here"
""",
    )
    assert project.run("--llm-drift=serve").last == "1 passed in 0.00s"


def test_serve_answers_no_call_twice(project: Project) -> None:
    project.shop(
        test="""
from shop import answer

def test_answer(llm_replay):
    answer("Where is it?")
    answer("Where is it?")
"""
    )
    output = project.run("--llm-drift=serve", "-vv", status=1)
    assert "the one recorded chat call is answered already" in output.failures


def test_serve_still_wants_every_step_to_be_asked_for(project: Project) -> None:
    project.shop(traced(ask(), ask(asked="And when?")))
    output = project.run("--llm-drift=serve", "-vv", status=1)
    assert (
        output.failures
        == """\
_____________________ test_answer[where-is-my-order-0001] ______________________
trace 0001916cd43d  recorded 2026-05-28 20:26 (genai)  traces.jsonl:1

  1 model      gpt-4o-mini              same
  2 model      gpt-4o-mini              NEVER ASKED   <- first
step 2, model gpt-4o-mini, stage generator
  gpt-4o-mini: recorded, but never asked for
only this step:  pytest "test_shop.py::test_answer[where-is-my-order-0001]" --llm-drift=serve --llm-until=2
"""
    )


def test_a_failing_assertion_says_which_steps_drifted(project: Project) -> None:
    project.shop(
        app=PROMPT,
        test="""
from shop import answer

def test_answer(llm_replay):
    assert llm_replay.run(answer) == "Something else."
""",
    )
    output = project.run("--llm-drift=serve", status=1)
    assert output.startswith("test_shop.py F")
    assert "llm: the calls of step 1 differ from the trace and got its answers (--llm-drift=serve)" in output.failures


def test_an_application_that_moved_to_the_other_provider(project: Project) -> None:
    project.shop(traced(ask(attributes={"gen_ai.request.temperature": None})), app=ANTHROPIC)
    assert (
        project.run(status=1).failures
        == """\
_____________________ test_answer[where-is-my-order-0001] ______________________
trace 0001916cd43d  recorded 2026-05-28 20:26 (genai)  traces.jsonl:1

  1 model      gpt-4o-mini              DIVERGED   <- first
step 1, model gpt-4o-mini, stage generator
  provider   recorded openai.chat, now anthropic.messages
  model   recorded gpt-4o-mini, now claude-sonnet-5
only this step:  pytest "test_shop.py::test_answer[where-is-my-order-0001]" --llm-until=1
"""
    )


def test_an_application_that_moved_to_the_other_provider_is_served(project: Project) -> None:
    project.shop(app=ANTHROPIC)
    assert project.run("--llm-drift=serve").last == "1 passed in 0.00s"


def test_and_back(project: Project) -> None:
    project.shop(traced(ask("anthropic")))
    assert project.run("--llm-drift=serve").last == "1 passed in 0.00s"


def test_the_ini_key(project: Project) -> None:
    project.shop(app=PROMPT, ini="llm_traces = traces.jsonl\nllm_drift = serve\n")
    assert project.run().header == [
        "llm: replay (drift serve), network blocked; 1 trace from traces.jsonl (otlp-json 1)"
    ]


def test_a_word_that_does_not_exist_is_a_usage_error(project: Project) -> None:
    project.shop()
    told = "ERROR: --llm-drift: 'serv' is none of fail, serve, fork; did you mean 'serve'?\n"
    assert project.run("--llm-drift=serv", status=4).told == told


def test_paths_in_the_ini_key_are_left_out_of_comparison(project: Project) -> None:
    project.shop(
        app=PROMPT,
        ini="""llm_traces = traces.jsonl
llm_ignore =
    $.model
    messages[*].content
    temperature
""",
    )
    assert (
        project.run().summary
        == """\
1 trace replayed: 1 matched; 1 step
1 model call answered, 0 live; recorded steps: 1 model
"""
    )
