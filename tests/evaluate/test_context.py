from dataclasses import dataclass
from typing import Any

from pytest_llmreplay.evaluate.context import ToolUse, context, exchange, plain
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


def test_what_the_application_gives_is_seen_as_json() -> None:
    @dataclass
    class Reply:
        text: str
        sources: tuple[str, ...]

    assert plain(Reply("a", ("b",))) == {"text": "a", "sources": ["b"]}
    assert run(output={"b": 1, "a": "ä"}).text == '{"a": "ä", "b": 1}'
