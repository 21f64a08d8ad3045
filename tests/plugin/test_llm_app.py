"""``--llm-app``: traces are replayed without a test file."""

import pytest

from tests.plugin.conftest import Project
from tests.sample import OPENAI, ask, rate_limited, traced


@pytest.fixture
def shop(project: Project) -> Project:
    """An application and a trace; no test file."""
    project.write(shop=OPENAI)
    project.traces()
    return project


APP = ("--llm-app=shop:answer", "--llm-traces=traces.jsonl")


def test_one_item_for_each_trace(shop: Project) -> None:
    shop.traces(traced(), traced(number=2))
    assert (
        shop.run(*APP, "-v")
        == """\
shop:answer[where-is-my-order-0001] PASSED  1 step                       [ 50%]
shop:answer[where-is-my-order-0002] PASSED  1 step                       [100%]

================================= llm summary ==================================
2 traces replayed: 2 matched; 2 steps
2 model calls answered, 0 live; recorded steps: 2 model
============================== 2 passed in 0.00s ===============================
"""
    )


def test_a_divergence_says_how_to_run_it_again(shop: Project) -> None:
    shop.traces(traced(ask(asked="Something else?")))
    assert (
        shop.run(*APP, status=1).failures
        == """\
_____________________ shop:answer[where-is-my-order-0001] ______________________
trace 0001916cd43d  recorded 2026-05-28 20:26 (genai)  traces.jsonl:1

  1 model      gpt-4o-mini              DIVERGED   <- first
step 1, model gpt-4o-mini, stage prompt
  messages[1].content   recorded Something else?, now Where is my order?
only this step:  pytest --llm-app=shop:answer --llm-traces=traces.jsonl --llm-select=trace=0001916cd43d --llm-until=1
"""
    )


def test_a_request_that_failed_in_production_may_fail_again(shop: Project) -> None:
    shop.traces(rate_limited())
    assert shop.run(*APP).last == "1 passed in 0.00s"


def test_a_request_that_succeeded_in_production_may_not_fail(shop: Project) -> None:
    shop.write(
        shop=OPENAI
        + "\n    raise KeyError('stock')\n".replace(
            "    raise", "def broken(question):\n    answer(question)\n    raise"
        )
    )
    output = shop.run("--llm-app=shop:broken", "--llm-traces=traces.jsonl", status=1)
    assert "KeyError: 'stock'" in output.failures
    assert output.last == "1 failed in 0.00s"


def test_the_output_is_not_compared(shop: Project) -> None:
    shop.traces(traced(output="Something else."))
    assert shop.run(*APP).last == "1 passed in 0.00s"


def test_coroutines_and_attributes_of_objects(shop: Project) -> None:
    shop.write(
        shop=OPENAI
        + """

class Bot:
    async def reply(self, question):
        return answer(question)

bot = Bot()
"""
    )
    assert shop.run("--llm-app=shop:bot.reply", "--llm-traces=traces.jsonl").last == "1 passed in 0.00s"


def test_the_ini_key(shop: Project) -> None:
    shop.ini("llm_traces = traces.jsonl\nllm_app = shop:answer\n")
    assert shop.run().last == "1 passed in 0.00s"


def test_k_and_select_choose(shop: Project) -> None:
    shop.traces(traced(), traced(ask(asked="Is it late?"), number=2, question="Is it late?"))
    assert shop.run(*APP, "-k", "late").last == "1 passed, 1 deselected in 0.00s"
    assert shop.run(*APP, "--llm-select=trace=0002").last == "1 passed in 0.00s"


@pytest.mark.parametrize(
    ("target", "told"),
    [
        ("shop:anser", "--llm-app 'shop:anser': shop has no 'anser'; did you mean 'answer'?"),
        ("shop", "--llm-app 'shop': write MODULE:CALLABLE, such as shop.app:answer"),
        ("shop:", "--llm-app 'shop:': write MODULE:CALLABLE, such as shop.app:answer"),
        ("shp:answer", "--llm-app 'shp:answer': No module named 'shp' (looked in {path} and sys.path)"),
        ("shop:__name__", "--llm-app 'shop:__name__' is not callable"),
    ],
)
def test_an_application_that_cannot_be_found_is_a_usage_error(shop: Project, target: str, told: str) -> None:
    output = shop.run(f"--llm-app={target}", "--llm-traces=traces.jsonl", status=4)
    assert output.told == f"ERROR: {told.format(path=shop.path)}\n"


def test_an_application_that_cannot_be_imported_is_a_usage_error(shop: Project) -> None:
    shop.write(shop="import nothing_of_this_name\n")
    assert shop.run(*APP, status=4).told == (
        f"ERROR: --llm-app 'shop:answer': No module named 'nothing_of_this_name' (looked in {shop.path} and sys.path)\n"
    )


def test_without_traces_it_is_a_usage_error(shop: Project) -> None:
    assert shop.run("--llm-app=shop:answer", status=4).told == (
        "ERROR: --llm-app: no traces given: use --llm-traces=PATH, the ini key llm_traces, "
        "or @pytest.mark.llm_replay(traces=PATH)\n"
    )


def test_under_xdist(shop: Project) -> None:
    shop.traces(traced(), traced(number=2))
    assert shop.run(*APP, "-n2", alone=True).last == "2 passed in 0.00s"
