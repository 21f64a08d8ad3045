"""The hooks ``pytest_llm_evaluators``, ``pytest_llm_case`` and ``pytest_llm_report``."""

from tests.plugin.conftest import Project
from tests.sample import ask, traced


def test_a_conftest_may_judge_every_case(project: Project) -> None:
    project.shop(traced(), traced(ask(told="No."), number=2))
    project.write(
        conftest="""
def long_enough(ctx):
    return len(ctx.text) > 9

def pytest_llm_evaluators(item, trace):
    return [long_enough] if trace.trace_id.startswith("0002") else None
""",
        test_shop="""
from shop import answer

def test_answer(llm_replay):
    llm_replay.run(answer)
""",
    )
    output = project.run(status=1)
    assert "FAILED test_shop.py::test_answer[where-is-my-order-0002] - long_enough: do" in output
    assert output.last.startswith("1 failed, 1 passed")


def test_a_conftest_sees_each_case_and_the_whole_run(project: Project) -> None:
    project.shop(traced(), traced(ask(asked="Something else?"), number=2))
    project.write(
        conftest="""
seen = []

def pytest_llm_case(item, result):
    seen.append((item.name, result.outcome, result.tokens_in))

def pytest_llm_report(config, report):
    print("cases", report.totals.cases, "of which passed", report.totals.passed)
    print(*seen, sep="\\n")
"""
    )
    output = project.run("-s", status=1)
    assert "cases 2 of which passed 1\n" in output
    assert "('test_answer[where-is-my-order-0001]', 'passed', 12)" in output
    assert "('test_answer[where-is-my-order-0002]', 'diverged', None)" in output


def test_an_evaluator_of_a_hook_that_does_not_exist_is_named(project: Project) -> None:
    project.shop()
    project.write(conftest="def pytest_llm_evaluators(item, trace): return ['exakt']")
    output = project.run(status=1)
    assert "pytest_llm_evaluators: no evaluator is named 'exakt'; did you mean 'exact'?" in output
