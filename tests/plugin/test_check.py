"""``llm_replay.check(output)``: evaluators, and the snapshot of a run."""

from tests.plugin.conftest import Project
from tests.sample import ask, traced

CHECKED = """
from pytest_llmreplay import llm_replay
from shop import answer

def polite(ctx):
    return "please" in ctx.text
"""
ALONE = """
def test_answer(llm_replay):
    llm_replay.check(llm_replay.run(answer))
"""
JUDGED = """
@llm_replay(evaluators=[polite])
def test_answer(llm_replay):
    llm_replay.check(llm_replay.run(answer))
"""


def test_without_evaluators_a_run_needs_an_approved_snapshot(project: Project) -> None:
    project.shop(test=CHECKED + ALONE)
    output = project.run(status=1)
    assert "no snapshot yet; it would be\n  It is on its way.\n" in output.failures
    project.run("--llm-update-new")
    project.run()
    project.traces(traced(ask(told="It is there.")))
    failures = project.run(status=1).failures
    assert "recorded It is on its way., now It is there." in failures
    assert "accept:  pytest --llm-review (id " in failures


def test_a_failed_check_cannot_be_swallowed(project: Project) -> None:
    project.shop(
        test=CHECKED
        + """
def test_answer(llm_replay):
    try:
        llm_replay.check(llm_replay.run(answer))
    except BaseException:
        pass
"""
    )
    assert "no snapshot yet" in project.run(status=1).failures


def test_with_evaluators_the_snapshot_counts_once_it_is_approved(project: Project) -> None:
    kind = ask(told="Wait, please.")
    project.shop(traced(kind), test=CHECKED + JUDGED)
    project.run()
    assert not (project.path / "__llm__").exists()
    project.run("--llm-update")
    project.run()
    project.traces(traced(ask(told="Wait a bit.")))
    failures = project.run(status=1).failures
    assert "  polite             0.00     = 1            FAILED   " in failures
    assert "  snapshot           0.00     = approved     FAILED   differs from the snapshot: the value" in failures


def test_more_of_a_run_may_be_approved_than_its_output(project: Project) -> None:
    project.shop(
        test=CHECKED
        + """
def test_answer(llm_replay):
    llm_replay.check(llm_replay.run(answer), snapshot=["output", "trajectory", "prompts"])
"""
    )
    project.run("--llm-update-new")
    text = (project.path / "__llm__" / "test_shop.yaml").read_text(encoding="utf-8")
    assert "- chat gpt-4o-mini" in text
    assert "Where is my order?" in text
    project.run()


def test_a_part_that_does_not_exist_is_named_with_the_nearest(project: Project) -> None:
    project.shop(
        test=CHECKED
        + """
def test_answer(llm_replay):
    llm_replay.check(llm_replay.run(answer), snapshot="trajectories")
"""
    )
    assert "check(snapshot=…): no part 'trajectories'; did you mean 'trajectory'?" in project.run(status=1).failures


def test_a_test_may_do_without_a_snapshot(project: Project) -> None:
    project.shop(
        test=CHECKED
        + """
def test_answer(llm_replay):
    llm_replay.check(llm_replay.run(answer), snapshot=False)
"""
    )
    project.run()
