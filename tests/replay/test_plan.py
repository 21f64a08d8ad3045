"""What a run is expected to ask of a trace, given which functions are boundaries."""

from dataclasses import replace

import pytest

from pytest_llmreplay.model.call import Arguments, Call, Kind
from pytest_llmreplay.model.trace import Step
from pytest_llmreplay.replay.boundaries import Boundary
from pytest_llmreplay.replay.plan import Plan, plan
from tests.builders import chat, span_id, step

SEARCH = Boundary("shop.search")
LOOKUP = Boundary("shop.lookup")


def recorded(name: str, index: int, kind: Kind = "tool", inside: tuple[int, ...] = (), span: str = "") -> Step:
    call = Call(kind=kind, model=name)
    around = tuple(map(span_id, inside))
    return step(call, index=index, name=name, span_name=span or name, inside=around)


def planned(*steps: Step, boundaries: tuple[Boundary, ...] = ()) -> Plan:
    return plan(steps, [(each, lambda call: call) for each in boundaries])


def indices(steps: tuple[Step, ...]) -> list[int]:
    return [each.index for each in steps]


def test_without_boundaries_only_model_calls_count() -> None:
    found = planned(recorded("search", 1, "retrieval"), step(index=2), recorded("parse", 3, "function"), step(index=4))
    assert indices(found.http_steps) == indices(found.expected) == [2, 4]
    assert found.functions == {}


def test_a_boundary_has_the_steps_of_its_name_in_recorded_order() -> None:
    steps = (
        recorded("search", 1, "retrieval"),
        recorded("lookup", 2),
        step(index=3),
        recorded("search", 4, "retrieval"),
    )
    found = planned(*steps, boundaries=(LOOKUP, SEARCH))
    assert {path: indices(mine) for path, mine in found.functions.items()} == {
        "shop.lookup": [2],
        "shop.search": [1, 4],
    }
    assert indices(found.expected) == [1, 2, 3, 4]
    assert indices(found.http_steps) == [3]


@pytest.mark.parametrize("name", ["search", "search.task", "retriever search", "retriever search.task"])
def test_a_step_goes_by_its_name_its_spans_name_and_either_behind_its_kind(name: str) -> None:
    found = planned(recorded("search", 1, "retrieval", span="search.task"), boundaries=(Boundary("shop.find", name),))
    assert indices(found.expected) == [1]


@pytest.mark.parametrize("name", ["tool search", "Search", "sear", "gpt-4o"])
def test_it_does_not_go_by_another(name: str) -> None:
    steps = (recorded("search", 1, "retrieval"), step(index=2))
    found = planned(*steps, boundaries=(Boundary("shop.find", name),))
    assert found.functions == {"shop.find": ()}
    assert indices(found.expected) == [2]


def test_what_lies_inside_an_answered_function_belongs_to_it() -> None:
    steps = (recorded("search", 1), step(index=2, inside=(span_id(1), span_id(9))), step(index=3, inside=(span_id(9),)))
    found = planned(*steps, boundaries=(SEARCH,))
    assert (indices(found.http_steps), indices(found.expected)) == ([3], [1, 3])
    assert found.inside == {2: 1}


def test_of_several_answered_functions_around_it_the_innermost_holds_it() -> None:
    steps = (recorded("search", 1), recorded("lookup", 2, inside=(1,)), step(index=3, inside=(span_id(2), span_id(1))))
    found = planned(*steps, boundaries=(SEARCH, LOOKUP))
    assert found.inside == {2: 1, 3: 2}


def test_so_do_the_steps_of_another_boundary() -> None:
    steps = (recorded("search", 1), recorded("lookup", 2, inside=(1,)), recorded("lookup", 3))
    found = planned(*steps, boundaries=(SEARCH, LOOKUP))
    assert {path: indices(mine) for path, mine in found.functions.items()} == {"shop.search": [1], "shop.lookup": [3]}


def test_what_lies_inside_an_observed_function_is_asked_for() -> None:
    steps = (recorded("search", 1), step(index=2, inside=(span_id(1),)))
    found = planned(*steps, boundaries=(replace(SEARCH, policy="observed"),))
    assert indices(found.expected) == [1, 2]
    assert found.inside == {}


def test_a_call_of_a_function_gets_its_arguments_by_name() -> None:
    named = Arguments(named={"query": "a"})
    steps = (recorded("search", 1), step(chat(), index=2))
    found = plan(steps, [(SEARCH, lambda call: replace(call, arguments=named))])
    assert [each.call.arguments for each in found.expected] == [named, None]
