"""``@llm_replay(evaluators=[...])``, ``llm_replay.check`` and ``llm_replay.evaluate``."""

import pytest

from pytest_llmreplay.report.json import read
from tests.plugin.conftest import Project
from tests.sample import ask, rate_limited, traced

JUDGED = """
from pytest_llmreplay import llm_replay
from shop import answer

def polite(ctx):
    return "please" in ctx.text

def length(ctx):
    return len(ctx.text) / 100

def broken(ctx):
    raise RuntimeError("no connection")

def promises(ctx):
    return True
"""


def test_all_evaluators_run_before_the_test_fails_and_failures_come_first(project: Project) -> None:
    project.shop(
        test=JUDGED
        + """
@llm_replay(evaluators=[length, promises, broken, polite, {"exact": "It is there."}])
def test_answer(llm_replay):
    llm_replay.run(answer)
"""
    )
    output = project.run(status=1)
    assert (
        output.failures
        == """\
_____________________ test_answer[where-is-my-order-0001] ______________________
trace 0001916cd43d  recorded 2026-05-28 20:26 (genai)  traces.jsonl:1

  evaluator          score    need           verdict
  polite             0.00     = 1            FAILED   does not hold: "please" in ctx.text
  exact              0.00     = 1            FAILED   from character 7 on: "there." was expected, got "on its way."
  broken             -        -              ERROR    RuntimeError: no connection
  length             0.17     -              passed
  promises           1.00     = 1            passed
output
  It is on its way.
only this case:  pytest "test_shop.py::test_answer[where-is-my-order-0001]"
"""
    )
    short = output.section("short test summary info")
    assert short.startswith("FAILED test_shop.py::test_answer[where-is-my-order-0001] - polite: does n")


def test_a_function_that_leaves_its_asserts_to_a_helper_passes_as_a_test_would(project: Project) -> None:
    project.shop(
        test="""
from pytest_llmreplay import llm_replay
from shop import answer

def says(text, words):
    assert words in text

def on_its_way(ctx):
    says(ctx.text, "on its way")

def lost(ctx):
    says(ctx.text, "lost")

def forgetful(ctx):
    "lost" in ctx.text

@llm_replay(evaluators=[on_its_way, lost, forgetful])
def test_answer(llm_replay):
    llm_replay.run(answer)
"""
    )
    assert (
        project.run(status=1).failures
        == """\
_____________________ test_answer[where-is-my-order-0001] ______________________
trace 0001916cd43d  recorded 2026-05-28 20:26 (genai)  traces.jsonl:1

  evaluator          score    need           verdict
  lost               0.00     = 1            FAILED   assert 'lost' in 'It is on its way.'
  forgetful          -        -              skipped  it gave no value
  on_its_way         1.00     = 1            passed
output
  It is on its way.
only this case:  pytest "test_shop.py::test_answer[where-is-my-order-0001]"
"""
    )


def test_a_test_may_check_an_output_itself_and_cannot_swallow_that_it_fails(project: Project) -> None:
    project.shop(
        test=JUDGED
        + """
@llm_replay(evaluators=[polite])
def test_answer(llm_replay, llm_trace):
    try:
        llm_replay.check(answer(llm_trace.input["question"]) + " Bye.")
    except BaseException:
        pass
"""
    )
    output = project.run(status=1)
    assert "  polite             0.00     = 1            FAILED" in output.failures
    assert "  - It is on its way.\n  + It is on its way. Bye." in output.failures


def test_evaluate_gives_the_judgements_and_leaves_the_verdict_to_the_test(project: Project) -> None:
    project.shop(
        test=JUDGED
        + """
def test_answer(llm_replay):
    verdict = llm_replay.evaluate(llm_replay.run(answer), polite, "exact")
    assert [each.judgement for each in verdict.evaluations] == ["failed", "passed"]
    assert [each.name for each in verdict.failures] == ["polite"]
"""
    )
    project.run()


def test_a_divergence_goes_before_what_evaluators_would_say(project: Project) -> None:
    project.shop(
        test=JUDGED
        + """
@llm_replay(evaluators=[polite])
def test_answer(llm_replay):
    llm_replay.run(answer, question="Something else?")
"""
    )
    output = project.run(status=1)
    assert output.split("\n")[0] == "test_shop.py D                                                           [100%]"
    assert "evaluator" not in output.failures


def test_an_evaluator_that_nobody_registered_is_a_usage_error_with_the_nearest_name(project: Project) -> None:
    project.shop(
        test=JUDGED
        + """
@llm_replay(evaluators=["exakt"])
def test_answer(llm_replay):
    llm_replay.run(answer)
"""
    )
    told = project.run(status=4).told
    assert "@llm_replay(evaluators=…): no evaluator is named 'exakt'; did you mean 'exact'?" in told


def test_an_output_that_the_test_does_not_tell_is_an_error_where_it_is_looked_at(project: Project) -> None:
    project.shop(
        test=JUDGED
        + """
from pytest_llmreplay.evaluate import Contains, ModelCalls

@llm_replay(evaluators=[Contains("sorry", negate=True), "pii", polite, promises, ModelCalls(1)])
def test_answer(llm_trace):
    answer(llm_trace.input["question"])
"""
    )
    output = project.run(status=1)
    assert (
        output.failures.partition("verdict\n")[2]
        == """\
  contains           -        -              ERROR    no output: use llm_replay.run(app) or llm_replay.check(output)
  pii                -        -              ERROR    no output: use llm_replay.run(app) or llm_replay.check(output)
  polite             -        -              ERROR    no output: use llm_replay.run(app) or llm_replay.check(output)
  promises           1.00     = 1            passed
  model_calls        1        <= 1           passed   1 call
only this case:  pytest "test_shop.py::test_answer[where-is-my-order-0001]"
"""
    )


RAISES = """
import pytest
from pytest_llmreplay import llm_replay

def answer(question):
    raise LookupError(question)

@llm_replay(evaluators=["pii"])
def test_answer(llm_replay):
    with pytest.raises(LookupError):
        llm_replay.run(answer)
"""


def test_there_is_no_output_where_the_application_raised(project: Project) -> None:
    project.shop(rate_limited(), test=RAISES)
    assert project.run("--llm-mode=seeded").last == "1 passed in 0.00s"
    project.traces(traced())
    output = project.run("--llm-mode=seeded", status=1)
    assert (
        "  pii                -        -              ERROR    no output: the application raised LookupError\n"
        in output.failures
    )


OBJECTS = """
import numpy
from pytest_llmreplay import llm_replay
from pytest_llmreplay.evaluate import Contains, Evidence, Score
from shop import answer

class Reply:
    def __init__(self, text): self.text = text
    def __repr__(self): return f"<reply {self.text}>"

class Silent(Reply):
    def __repr__(self): raise ValueError("no words")

def shown(ctx):
    return Score(numpy.bool_(False), "as an object", (Evidence("output", ctx.output),))

def half(ctx):
    return Score(False, "half a pair: \\ud83d", (Evidence("\\ud83d", "\\ud83d"),))

@llm_replay(evaluators=[Contains("please"), shown, half])
def test_answer(llm_replay, llm_trace):
    llm_replay.check((Silent if "Silent" in llm_trace.input["question"] else Reply)(llm_replay.run(answer)))
"""


@pytest.mark.parametrize("workers", [(), ("-n2",)])
def test_an_application_may_give_objects_that_are_no_json(project: Project, workers: tuple[str, ...]) -> None:
    project.shop(traced(), traced(ask(asked="Silent?"), number=2, question="Silent?"), test=OBJECTS)
    reports = [f"--llm-report={name}:out.{name}" for name in ("json", "md", "html")]
    output = project.run(*workers, *reports, "--llm-baseline-save=base.json", status=1, alone=bool(workers))
    assert "  shown              0.00     = 1            FAILED   as an object\n" in output.failures
    assert "  + <reply It is on its way.>\n" in output.failures
    assert "  + <Silent>\n" in output.failures
    report = read((project.path / "out.json").read_text(encoding="utf-8"), "out.json")
    assert {each.evaluations[1].evidence[0].found for each in report.cases} == {"<reply It is on its way.>", "<Silent>"}
    assert {each.evaluations[2].reason for each in report.cases} == {"half a pair: \\ud83d"}
    assert {each.output for each in report.cases} == {"<reply It is on its way.>", "<Silent>"}


def test_an_application_that_raises_gave_no_output(project: Project) -> None:
    project.shop(
        app="def answer(question):\n    raise KeyError(question)\n",
        test=JUDGED
        + """
import pytest

@llm_replay(evaluators=[{"contains": "refund"}])
def test_answer(llm_replay):
    with pytest.raises(KeyError):
        llm_replay.run(answer)
""",
    )
    assert "no output was judged: the application raised KeyError" in project.run("--llm-mode=live", status=1).failures


def test_scores_are_junit_properties(project: Project) -> None:
    from xml.etree import ElementTree

    project.shop(
        test=JUDGED
        + """
@llm_replay(evaluators=[length, promises])
def test_answer(llm_replay):
    llm_replay.run(answer)
"""
    )
    project.run("--junitxml=out.xml")
    found = ElementTree.parse(project.path / "out.xml").iter("property")  # noqa: S314  # our own file
    told = {each.get("name"): each.get("value") for each in found}
    assert (told["llm.score.length"], told["llm.score.promises"]) == ("0.17", "1.0")
