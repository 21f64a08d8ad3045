"""``@pytest.mark.llm_replay``: which tests replay, and what a marker says before the options."""

import pytest

from pytest_llmreplay.traces.select import KEYS
from tests.plugin.conftest import Project
from tests.sample import OPENAI, QUESTION, ask, traced

BODY = """
import pytest
from shop import answer
"""


@pytest.fixture
def shop(project: Project) -> Project:
    """An application and two traces in a folder beside the test, configured nowhere."""
    project.write(shop=OPENAI)
    (project.path / "tests" / "traces").mkdir(parents=True)
    project.traces(traced(), traced(number=2, request="req-2"), name="tests/traces/a.jsonl")
    project.ini("pythonpath = .\naddopts = --strict-markers\n")
    return project


def test_a_marker_alone_makes_a_test_a_replay(shop: Project) -> None:
    shop.write(
        **{
            "tests/test_shop": BODY
            + f"""
@pytest.mark.llm_replay(traces="traces")
def test_answer():
    assert answer({QUESTION!r}) == "It is on its way."
"""
        }
    )
    assert (
        shop.run("-v")
        == """\
tests/test_shop.py::test_answer[where-is-my-order-0001] PASSED  1 step   [ 50%]
tests/test_shop.py::test_answer[where-is-my-order-0002] PASSED  1 step   [100%]

================================= llm summary ==================================
2 traces replayed: 2 matched; 2 steps
2 model calls answered, 0 live; recorded steps: 2 model
============================== 2 passed in 0.00s ===============================
"""
    )


def test_the_marker_can_be_imported(shop: Project) -> None:
    shop.write(
        **{
            "tests/test_shop": BODY
            + """
from pytest_llmreplay import llm_replay as replay

assert replay == pytest.mark.llm_replay

@replay(traces="traces")
def test_answer(llm_trace):
    assert answer(llm_trace.input["question"]) == llm_trace.output
"""
        }
    )
    assert shop.run().last == "2 passed in 0.00s"


@pytest.mark.parametrize(
    "body",
    [
        """
pytestmark = pytest.mark.llm_replay(traces="traces")

def test_answer(llm_trace, llm_replay):
    assert llm_replay.run(answer) == llm_trace.output
""",
        """
@pytest.mark.llm_replay(traces="traces")
class TestShop:
    def test_answer(self, llm_trace, llm_replay):
        assert llm_replay.run(answer) == llm_trace.output
""",
        """
class TestShop:
    @pytest.mark.llm_replay(traces="traces")
    def test_answer(self):
        assert answer("Where is my order?") == "It is on its way."
""",
    ],
    ids=["module", "class", "method"],
)
def test_a_marker_may_stand_on_a_module_a_class_or_a_method(shop: Project, body: str) -> None:
    shop.write(**{"tests/test_shop": BODY + body})
    assert shop.run().last == "2 passed in 0.00s"


def test_the_nearest_marker_holds(shop: Project) -> None:
    shop.write(
        **{
            "tests/test_shop": BODY
            + """
pytestmark = pytest.mark.llm_replay(traces="traces")

@pytest.mark.llm_replay(traces="traces", select="request=req-2")
def test_one(llm_replay):
    llm_replay.run(answer)

def test_both(llm_replay):
    llm_replay.run(answer)
"""
        }
    )
    assert (
        shop.run("-v")
        == """\
tests/test_shop.py::test_one[where-is-my-order-0002] PASSED  1 step      [ 33%]
tests/test_shop.py::test_both[where-is-my-order-0001] PASSED  1 step     [ 66%]
tests/test_shop.py::test_both[where-is-my-order-0002] PASSED  1 step     [100%]

================================= llm summary ==================================
3 cases of 2 traces replayed: 3 matched; 3 steps
3 model calls answered, 0 live; recorded steps: 3 model
============================== 3 passed in 0.00s ===============================
"""
    )


def test_the_marker_goes_before_the_command_line(shop: Project) -> None:
    shop.write(
        **{
            "tests/test_shop": BODY
            + """
@pytest.mark.llm_replay(traces=["traces/a.jsonl"], select=["status=ok", "request=req-*"], drift="fail")
def test_answer(llm_replay):
    llm_replay.run(lambda question: answer("Something else?"))
"""
        }
    )
    shop.traces(traced(number=9), name="other.jsonl")
    output = shop.run("--llm-traces=other.jsonl", "--llm-drift=serve", "-v", status=1)
    assert output.startswith("tests/test_shop.py::test_answer[where-is-my-order-0002] DIVERGED")


def test_a_marker_inherits_what_it_does_not_say(shop: Project) -> None:
    shop.write(
        **{
            "tests/test_shop": BODY
            + """
@pytest.mark.llm_replay(drift="serve")
def test_answer(llm_replay):
    assert llm_replay.run(lambda question: answer("Something else?")) == "It is on its way."
"""
        }
    )
    assert shop.run("--llm-traces=tests/traces").last == "2 passed in 0.00s"


def test_paths_left_out_of_comparison(shop: Project) -> None:
    shop.write(
        **{
            "tests/test_shop": BODY
            + """
@pytest.mark.llm_replay(traces="traces", ignore=["messages[1].content"])
def test_answer(llm_replay):
    assert llm_replay.run(lambda question: answer("Something else?")) == "It is on its way."
"""
        }
    )
    assert shop.run().last == "2 passed in 0.00s"


@pytest.mark.parametrize(
    ("marker", "told"),
    [
        ("traces='nowhere'", "nowhere: no such file or folder (looked in {folder})"),
        ("traces='traces', select='request=req-9'", "none of 2 traces in traces is selected by request=req-9"),
    ],
)
def test_traces_that_are_not_there_are_a_collection_error(shop: Project, marker: str, told: str) -> None:
    shop.write(
        **{
            "tests/test_shop": BODY
            + f"""
@pytest.mark.llm_replay({marker})
def test_answer(llm_replay):
    llm_replay.run(answer)
"""
        }
    )
    assert (
        shop.run(status=2).section("ERRORS")
        == f"""\
_____________________ ERROR collecting tests/test_shop.py ______________________
tests/test_shop.py::test_answer: {told.format(folder=shop.path / "tests")}
"""
    )


@pytest.mark.parametrize(
    ("marker", "told"),
    [
        (
            "traces='traces', select='reqest=1'",
            f"@llm_replay(select=…) 'reqest=1': no key 'reqest' among {', '.join(KEYS)}; did you mean 'request'?",
        ),
        ("trace='traces'", "@llm_replay: no argument 'trace'; did you mean 'traces'?"),
        ("'traces'", "@llm_replay takes keyword arguments only, such as traces='traces'"),
        (
            "traces='traces', drift='serv'",
            "@llm_replay(drift=…): 'serv' is none of fail, serve, fork; did you mean 'serve'?",
        ),
    ],
)
def test_a_marker_that_cannot_be_used_is_a_usage_error(shop: Project, marker: str, told: str) -> None:
    shop.write(
        **{
            "tests/test_shop": BODY
            + f"""
@pytest.mark.llm_replay({marker})
def test_answer(llm_replay):
    llm_replay.run(answer)
"""
        }
    )
    assert shop.run(status=4).told == f"ERROR: tests/test_shop.py::test_answer: {told}\n"


def test_an_ordinary_test_beside_it_stays_ordinary(shop: Project) -> None:
    shop.write(
        **{
            "tests/test_shop": BODY
            + """
@pytest.mark.llm_replay(traces="traces", select="request=req-2")
def test_answer(llm_replay):
    llm_replay.run(answer)

def test_plain():
    pass
"""
        }
    )
    assert shop.run("-v").startswith("""\
tests/test_shop.py::test_answer[where-is-my-order-0002] PASSED  1 step   [ 50%]
tests/test_shop.py::test_plain PASSED                                    [100%]
""")


def test_other_parameters_multiply(shop: Project) -> None:
    shop.write(
        **{
            "tests/test_shop": BODY
            + """
@pytest.mark.parametrize("tone", ["kind", "curt"])
@pytest.mark.llm_replay(traces="traces")
def test_answer(llm_replay, tone):
    llm_replay.run(answer)
"""
        }
    )
    output = shop.run("--co", "-q")
    assert [each.rpartition("::")[2] for each in output.split("\n") if "::" in each] == [
        "test_answer[where-is-my-order-0001-kind]",
        "test_answer[where-is-my-order-0001-curt]",
        "test_answer[where-is-my-order-0002-kind]",
        "test_answer[where-is-my-order-0002-curt]",
    ]


def test_markers_are_listed(shop: Project) -> None:
    assert [line for line in shop.run("--markers").split("\n") if "llm_replay" in line] == [
        "@pytest.mark.llm_replay(traces=None, select=None, mode=None, seed=None, drift=None, by='trace', "
        "ignore=(), patch={}, evaluators=(), runs=None): "
        "replay each recorded trace as an item of its own; "
        "model calls get their recorded answers, and a call that differs fails the item"
    ]


def test_m_selects_replays(shop: Project) -> None:
    shop.write(
        **{
            "tests/test_shop": BODY
            + """
@pytest.mark.llm_replay(traces="traces")
def test_answer(llm_replay):
    llm_replay.run(answer)

def test_plain():
    pass
"""
        }
    )
    assert shop.run("-m", "llm_replay").last == "2 passed, 1 deselected in 0.00s"
    assert shop.run("-m", "not llm_replay").last == "1 passed, 2 deselected in 0.00s"


def test_steps_never_asked_count_for_a_marked_test(shop: Project) -> None:
    shop.traces(traced(ask(), ask(asked="And when?")), name="tests/traces/a.jsonl")
    shop.write(
        **{
            "tests/test_shop": BODY
            + """
@pytest.mark.llm_replay(traces="traces")
def test_answer():
    answer("Where is my order?")
"""
        }
    )
    assert "step 2 of 2, gpt-4o-mini: recorded, but never asked for" in shop.run("-vv", status=1)


def test_what_a_nearer_marker_leaves_open_the_ones_around_it_say(shop: Project) -> None:
    shop.write(
        **{
            "tests/test_shop": BODY
            + """
pytestmark = pytest.mark.llm_replay(traces="traces", drift="serve", select="request=req-1")

@pytest.mark.llm_replay(select="request=req-2")
class TestShop:
    @pytest.mark.llm_replay(seed=3)
    def test_answer(self, llm_replay):
        assert llm_replay.trace.request_id == "req-2"
        assert llm_replay.run(answer, question="Where is it?") == "It is on its way."
"""
        }
    )
    assert shop.run().last == "1 passed in 0.00s"


def test_methods_of_unittest_cannot_be_replayed_and_say_so(shop: Project) -> None:
    shop.write(
        **{
            "tests/test_shop": BODY
            + """
import unittest

@pytest.mark.llm_replay(traces="traces")
class ShopTest(unittest.TestCase):
    def test_answer(self):
        print("RUNS")
"""
        }
    )
    output = shop.run("-s", status=1)
    assert "RUNS" not in output
    assert (
        "@llm_replay: a method of unittest.TestCase cannot be run for each trace; make it a function, "
        "or a method of a class that does not inherit from TestCase\n" in output
    )
