from typing import Any

from pytest_llmreplay.evaluate.context import Absent, ToolUse, context, exchange, step
from pytest_llmreplay.evaluate.function import check
from pytest_llmreplay.evaluate.run import evaluate
from pytest_llmreplay.model.call import Arguments, Call, Returned
from pytest_llmreplay.model.recording import Match
from tests import builders


def tool(name: str, index: int = 1, **arguments: Any) -> Any:
    call = Call(kind="tool", model=name, arguments=Arguments(named=arguments))
    return builders.step(call, builders.answered(returned=Returned("done")), index=index, name=name)


def run(*steps: Any, output: Any = None) -> Any:
    return context(builders.trace(*steps), [Match(each.call, each) for each in steps], output, mode="replay")


def test_the_tools_are_the_functions_that_ran_or_else_those_that_the_models_asked_for() -> None:
    asks = builders.step(builders.chat(builders.user("a")), builders.answered(builders.called("find", {"q": "x"})))
    assert run(asks).tools == (ToolUse("find", {"q": "x"}, 1),)
    assert run(asks, tool("find", 2, q="y")).tools == (ToolUse("find", {"q": "y"}, 2),)


def test_the_documents_are_what_the_retrievers_gave() -> None:
    call = Call(kind="retrieval", model="search")
    found = run(builders.step(call, builders.answered(returned=Returned([{"id": "a"}, {"id": "b"}]))))
    assert found.documents == ({"id": "a"}, {"id": "b"})


def test_a_call_without_an_answer_is_no_exchange() -> None:
    step = tool("find")
    assert exchange(Match(step.call, step, (), "diverged")) is None
    live = exchange(Match(step.call, step, (), "diverged", answer=builders.answered("x")))
    assert live is not None
    assert not live.recorded


def test_a_live_call_has_its_own_answer_and_time() -> None:
    found = exchange(Match(builders.chat(), None, (), "live", answer=builders.answered("x"), seconds=1.5))
    assert found is not None
    assert (found.output, found.seconds) == ("x", 1.5)


def test_an_output_that_nobody_told_is_missed_where_it_is_looked_at_and_nowhere_else() -> None:
    def ask(function: Any, absent: Absent) -> Any:
        (found,) = evaluate([check(function)], run(tool("find"), output=absent)).evaluations
        return found.judgement, found.reason

    why = Absent("no output: use llm_replay.run(app) or llm_replay.check(output)")
    assert ask(lambda ctx: "x" not in ctx.text, why) == ("error", why.why)
    assert ask(lambda ctx: ctx.output is None, why) == ("error", why.why)
    assert ask(lambda ctx: len(ctx.tools) == 1, why) == ("passed", "holds: len(ctx.tools) == 1")
    assert ask(lambda ctx: ctx.of_production().output is None, why)[0] == "passed"
    assert ask(lambda ctx: ctx.limited(step(kind="tool"))[0].output == "done", why)[0] == "passed"
    excused = Absent("no output: the application raised X, as in production", as_in_production=True)
    assert ask(lambda ctx: "x" not in ctx.text, excused) == ("skipped", excused.why)
