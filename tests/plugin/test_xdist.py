"""Under ``pytest -n``: the same items, the same verdicts, one summary."""

from xml.etree import ElementTree

import pytest

from tests.foreign import LEFT_OUT
from tests.plugin.conftest import Project
from tests.sample import ask, traced

NOT_READ = b"{oops\n"


@pytest.fixture
def shop(project: Project) -> Project:
    """Six requests, of which one diverges and one fails."""
    many = [traced(number=number) for number in range(1, 5)]
    project.shop(*many, traced(ask(asked="Something else?"), number=5), traced(output="Something else.", number=6))
    return project


def test_workers_find_what_one_process_finds(shop: Project) -> None:
    alone, shared = shop.run("-v", status=1), shop.run("-n2", "-v", status=1, alone=True)
    assert (
        shared.summary
        == alone.summary
        == """\
6 traces replayed: 4 matched, 1 diverged, 1 failed; 6 steps
5 model calls answered, 0 live; recorded steps: 6 model
"""
    )
    assert shared.header == alone.header
    assert shared.last == "2 failed, 4 passed in 0.00s"
    assert sum("] DIVERGED test_shop.py::test_answer[where-is-my-order-0005]" in line for line in shared.lines) == 1


def test_a_divergence_has_its_whole_text(shop: Project) -> None:
    assert (
        """\
trace 0005916cd43d  recorded 2026-05-28 20:26 (genai)  traces.jsonl:5

  1 model      gpt-4o-mini              DIVERGED   <- first
step 1, model gpt-4o-mini, stage prompt
  messages[1].content   recorded Something else?, now Where is my order?
only this step:  pytest "test_shop.py::test_answer[where-is-my-order-0005]" --llm-until=1
"""
        in shop.run("-n2", status=1, alone=True).failures
    )


def test_junit_properties_survive(shop: Project) -> None:
    shop.run("-n2", "--junitxml=out.xml", status=1, alone=True)
    cases = ElementTree.parse(shop.path / "out.xml").iter("testcase")  # noqa: S314  # our own file
    seen = {case.get("name"): {each.get("name") for each in case.iter("property")} for case in cases}
    assert seen["test_answer[where-is-my-order-0001]"] >= {"llm.trace_id", "llm.tokens_in", "llm.tokens_out"}
    assert seen["test_answer[where-is-my-order-0005]"] == {"llm.trace_id", "llm.first_divergence"}


def test_traces_that_are_not_there_stop_the_run_before_it_begins(shop: Project) -> None:
    output = shop.run("-n2", "--llm-traces=nowhere.jsonl", status=4, alone=True)
    assert output.told == f"ERROR: nowhere.jsonl: no such file or folder (looked in {shop.path})\n"


def test_traces_of_a_marker_that_are_not_there_are_a_collection_error(shop: Project) -> None:
    shop.write(
        test_shop="""
import pytest

@pytest.mark.llm_replay(traces="nowhere")
def test_answer(llm_replay):
    pass
"""
    )
    output = shop.run("-n2", status=1, alone=True)
    assert f"test_shop.py::test_answer: nowhere: no such file or folder (looked in {shop.path})" in output


MARKED = """
import pytest
import shop

@pytest.mark.llm_replay(traces="traces.jsonl")
def test_answer(llm_replay):
    llm_replay.run(shop.answer)
"""


def test_a_record_that_only_workers_read_is_not_lost(project: Project) -> None:
    project.shop(traced(number=1), NOT_READ, traced(ask(asked="Something else?"), number=2), test=MARKED, ini="")
    alone, shared = project.run(status=1), project.run("-n2", status=1, alone=True)
    assert (
        shared.summary
        == alone.summary
        == """\
2 traces replayed: 1 matched, 1 diverged; 2 steps
1 model call answered, 0 live; recorded steps: 2 model
1 record not read:
  traces.jsonl:2: not JSON; cut in half, or not a trace file
"""
    )
    assert shared.last == "1 failed, 1 passed in 0.00s"


def test_a_record_that_only_workers_read_raises_the_exit_status(project: Project) -> None:
    project.shop(traced(number=1), NOT_READ, test=MARKED, ini="")
    alone, shared = project.run(status=1), project.run("-n2", status=1, alone=True)
    assert "exit status 1: 1 record could not be read as it is (llm_strict_load = false to accept that)" in alone
    assert shared.summary == alone.summary
    assert shared.last == "1 passed in 0.00s"


def test_a_marker_that_cannot_be_used_stops_the_run(shop: Project) -> None:
    shop.write(
        test_shop="""
import pytest

@pytest.mark.llm_replay(trace="traces")
def test_answer(llm_replay):
    pass
"""
    )
    result = shop.pytester.runpytest_subprocess(*LEFT_OUT, "-n2")
    assert result.ret != 0
    assert "no argument 'trace'; did you mean 'traces'?" in result.stdout.str() + result.stderr.str()


def test_the_order_of_items_is_the_same_in_all_workers(project: Project) -> None:
    project.shop(*(traced(number=number) for number in range(1, 40)))
    assert project.run("-n2", "--dist=loadscope", alone=True).last == "39 passed in 0.00s"
