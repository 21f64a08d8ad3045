"""Functions at the application's boundary: found by name, answered or observed, whatever kind of function they are."""

import asyncio
import datetime
import functools
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from pytest_llmreplay.compare.divergence import first_divergence
from pytest_llmreplay.errors import UsageProblem
from pytest_llmreplay.model.call import Answer, Arguments, Call, Failure, Kind, Returned
from pytest_llmreplay.model.recording import Divergence
from pytest_llmreplay.model.trace import Step
from pytest_llmreplay.replay.active import active
from pytest_llmreplay.replay.boundaries import Boundary, answer, observe, parse
from pytest_llmreplay.replay.functions import Target, detoured, target
from pytest_llmreplay.replay.session import ReplaySession, active_span
from pytest_llmreplay.replay.watched import Watch
from tests.builders import answered, at, chat, span_id, step, user

if TYPE_CHECKING:
    from collections.abc import Hashable as Order

HERE = __name__


class Signal(BaseException):
    """Leaves the application."""


RAN: list[str] = []
"""What ran for real."""


@pytest.fixture(autouse=True)
def nothing_ran() -> None:
    RAN.clear()


# --- the application -------------------------------------------------------------------------------------------------


def search(query: str, top_k: int = 3) -> list[str]:
    RAN.append(f"search {query} {top_k}")
    return [query] * top_k


def due(order: "Order") -> "datetime.date":
    RAN.append("due")
    return datetime.date.max


def spread(first: int, *rest: int, flag: bool = False, **more: int) -> int:
    RAN.append("spread")
    return first + sum(rest) + sum(more.values())


async def fetch(url: str) -> str:
    await asyncio.sleep(0)
    RAN.append(f"fetch {url}")
    return url.upper()


def stream(count: int) -> Iterator[int]:
    RAN.append("stream")
    yield from range(count)


async def stream_async(count: int) -> AsyncIterator[int]:
    RAN.append("stream_async")
    for index in range(count):
        yield index


def dialogue(first: str) -> Generator[str, str, str]:
    said = yield first
    try:
        yield f"heard {said}"
    except KeyError as error:
        yield f"caught {error}"
    return "done"


async def dialogue_async(first: str) -> AsyncGenerator[str, str]:
    said = yield first
    try:
        yield f"heard {said}"
    except KeyError as error:
        yield f"caught {error}"


@functools.cache
def cached(query: str) -> str:
    RAN.append("cached")
    return query


def logged(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def inner(*args: Any, **kwargs: Any) -> Any:
        RAN.append("logged")
        return function(*args, **kwargs)

    return inner


@logged
@functools.lru_cache(maxsize=2)
def cached_below(query: str) -> str:
    RAN.append("cached_below")
    return query


@logged
@logged
def decorated(query: str) -> str:
    RAN.append("decorated")
    return query


def factor(by: int) -> Callable[[int], int]:
    def multiply(value: int) -> int:
        RAN.append("multiply")
        return by * value

    return multiply


double = factor(2)


def outer(query: str) -> list[str]:
    return ["outer", *search(query)]


def failing(query: str) -> str:
    raise KeyError(query)


def product(a: int, b: int) -> int:
    RAN.append("product")
    return a * b


def factorial(number: int) -> int:
    return 1 if number == 0 else number * factorial(number - 1)


class Store:
    """Where things are found."""

    limit = 5

    def find(self, key: str, limit: int | None = None) -> str:
        RAN.append("find")
        return key

    @classmethod
    def opened(cls, name: str) -> str:
        RAN.append("opened")
        return f"{cls.__name__} {name}"

    @staticmethod
    def cleaned(name: str) -> str:
        RAN.append("cleaned")
        return name.strip()

    @property
    def size(self) -> int:
        return 1

    class Shelf:
        """A class inside a class."""

        def top(self) -> str:
            RAN.append("top")
            return "top"


class SubStore(Store):
    """Inherits all of it."""


STORE = Store()
PART = functools.partial(search, "a")
HELD = {"search": search}
"""A registry that took the function when the module was imported."""


# --- helpers ---------------------------------------------------------------------------------------------------------


def recorded(
    name: str, returned: Any = None, /, *args: Any, kind: Kind = "tool", index: int = 1, **kwargs: Any
) -> Step:
    """A step of a function that was called with these arguments."""
    call = Call(kind=kind, model=name, arguments=Arguments(args, kwargs))
    return step(call, Answer(returned=Returned(returned)), index=index, name=name, span_name=name)


def raised(name: str, kind: str, words: str, /, *args: Any, **kwargs: Any) -> Step:
    """A step of a function that raised."""
    call = Call(kind="tool", model=name, arguments=Arguments(args, kwargs))
    return step(call, Answer(failure=Failure(kind, words)), name=name, span_name=name)


@contextmanager
def replaying(patch: object, *steps: Step, **more: Any) -> Iterator[ReplaySession]:
    """A replay of these steps with functions of this module as boundaries; paths without a dot are of this module."""
    boundaries = [Boundary(f"{HERE}.{each.path}", each.span, each.policy, each.codec) for each in parse(patch, "here")]
    targets = tuple(map(target, boundaries))
    readers = [(each.boundary, each.recorded) for each in targets]
    session = ReplaySession(lambda: steps, signal=Signal, boundaries=readers, **more)
    with active(session), detoured(targets):
        yield session


def divergence(session: ReplaySession, *steps: Step) -> Divergence | None:
    """The first divergence of a run that came to its end."""
    return first_divergence(session.recording, steps, session.plan.expected)


def index(found: Divergence) -> int | None:
    """Number of the step that diverged."""
    return found.step.index if found.step else None


def verdicts(session: ReplaySession) -> list[tuple[int | None, str]]:
    return [(match.step.index if match.step else None, match.verdict) for match in session.recording.matches]


def paths(session: ReplaySession) -> list[str]:
    return [each.path for match in session.recording.matches for each in match.differences]


# --- answered --------------------------------------------------------------------------------------------------------


async def everything(items: AsyncIterator[Any]) -> list[Any]:
    return [item async for item in items]


CALLS: dict[str, Callable[[], Any]] = {
    "search": lambda: search("a"),
    "fetch": lambda: asyncio.run(fetch("a")),
    "stream": lambda: list(stream(3)),
    "stream_async": lambda: asyncio.run(everything(stream_async(3))),
    "Store.find": lambda: Store().find("a"),
    "SubStore.find": lambda: SubStore().find("a"),
    "Store.opened": lambda: Store.opened("a"),
    "Store.cleaned": lambda: Store.cleaned("a"),
    "Store.Shelf.top": lambda: Store.Shelf().top(),
    "double": lambda: double(4),
}
GIVEN: dict[str, tuple[dict[str, Any], Any, Any]] = {
    "search": ({"query": "a"}, ["recorded"], ["a", "a", "a"]),
    "fetch": ({"url": "a"}, "recorded", "A"),
    "stream": ({"count": 3}, [7, 8], [0, 1, 2]),
    "stream_async": ({"count": 3}, [7, 8], [0, 1, 2]),
    "Store.find": ({"key": "a"}, "recorded", "a"),
    "SubStore.find": ({"key": "a"}, "recorded", "a"),
    "Store.opened": ({"name": "a"}, "recorded", "Store a"),
    "Store.cleaned": ({"name": "a"}, "recorded", "a"),
    "Store.Shelf.top": ({}, "recorded", "top"),
    "double": ({"value": 4}, 99, 8),
}
"""Arguments, recorded output and real output."""


@pytest.mark.parametrize("path", CALLS)
def test_every_kind_of_function_is_answered_and_not_run(path: str) -> None:
    arguments, told, _ = GIVEN[path]
    one = recorded("step", told, **arguments)
    with replaying({path: "step"}, one) as session:
        assert CALLS[path]() == told
    assert RAN == []
    assert verdicts(session) == [(1, "same")]
    assert divergence(session, one) is None


@pytest.mark.parametrize("path", CALLS)
def test_every_kind_of_function_is_observed_and_run(path: str) -> None:
    arguments, _, real = GIVEN[path]
    one = recorded("step", real, kind="function", **arguments)
    with replaying({path: "step"}, one) as session:
        assert CALLS[path]() == real
    assert len(RAN) == 1
    assert verdicts(session) == [(1, "same")]
    assert divergence(session, one) is None


@pytest.mark.parametrize("path", CALLS)
def test_an_observed_function_that_returns_something_else_diverges(path: str) -> None:
    arguments, told, real = GIVEN[path]
    one = recorded("step", told, kind="function", **arguments)
    with replaying({path: "step"}, one) as session:
        assert CALLS[path]() == real
    found = divergence(session, one)
    assert found is not None
    assert (found.reason, index(found), found.stage) == ("changed", 1, "prompt")
    assert {each.path.partition("[")[0] for each in found.differences} == {"output"}


@pytest.mark.parametrize("path", CALLS)
def test_functions_are_their_own_again_after_the_replay(path: str) -> None:
    arguments, told, real = GIVEN[path]
    with replaying({path: "step"}, recorded("step", told, **arguments)):
        pass
    assert CALLS[path]() == real


def test_names_that_were_taken_before_are_answered_too() -> None:
    with replaying(["search"], recorded("search", ["r"], query="a"), recorded("search", ["s"], query="b", index=2)):
        assert HELD["search"]("a") == ["r"]
        assert functools.partial(search, top_k=3)("b") == ["s"]
    assert RAN == []


def test_below_decorators_the_innermost_function_is_the_boundary() -> None:
    with replaying(["decorated"], recorded("decorated", "r", query="a")) as session:
        assert decorated("a") == "r"
    assert RAN == ["logged", "logged"]
    assert verdicts(session) == [(1, "same")]


@pytest.mark.parametrize(
    ("args", "kwargs"),
    [
        (("a",), {}),
        (("a", 3), {}),
        ((), {"query": "a"}),
        ((), {"top_k": 3, "query": "a"}),
        (("a",), {"top_k": 3}),
        (("a",), {"top_k": 3.0}),
    ],
)
@pytest.mark.parametrize("given", [Arguments(("a",)), Arguments(("a", 3)), Arguments(named={"query": "a", "top_k": 3})])
def test_positions_names_and_defaults_are_alike(
    args: tuple[Any, ...], kwargs: dict[str, Any], given: Arguments
) -> None:
    one = step(Call(kind="tool", model="search", arguments=given), Answer(returned=Returned(["r"])), name="search")
    with replaying(["search"], one):
        assert search(*args, **kwargs) == ["r"]


@pytest.mark.parametrize("given", [Arguments(("<Store>", "a")), Arguments(("a",)), Arguments(named={"key": "a"})])
def test_an_instance_that_was_recorded_is_no_argument(given: Arguments) -> None:
    one = step(Call(kind="tool", model="find", arguments=given), Answer(returned=Returned("r")), name="find")
    with replaying(["Store.find"], one):
        assert Store().find("a") == "r"


@pytest.mark.parametrize(
    ("args", "kwargs", "same"),
    [
        ((1, 2, 3), {}, True),
        ((1, 2, 3), {"flag": False}, True),
        ((1, 2), {}, False),
        ((1, 3, 2), {}, False),
        ((1, 2, 3), {"flag": True}, False),
        ((1, 2, 3), {"x": 1}, False),
    ],
)
def test_arguments_without_a_number_are_compared_as_well(args: Any, kwargs: Any, same: bool) -> None:
    with replaying(["spread"], recorded("spread", 42, 1, 2, 3)) as session:
        if same:
            assert spread(*args, **kwargs) == 42
        else:
            with pytest.raises(Signal):
                spread(*args, **kwargs)
    assert (verdicts(session) == [(1, "same")]) is same


def test_arguments_that_were_not_recorded_are_not_compared() -> None:
    one = step(Call(kind="tool", model="search"), Answer(returned=Returned(["r"])), name="search")
    with replaying(["search"], one):
        assert search("whatever", top_k=9) == ["r"]


def test_arguments_without_a_json_form_are_not_compared() -> None:
    with replaying(["search"], recorded("search", ["r"], query="<object>", top_k=3)) as session:
        assert search(object()) == ["r"]  # type: ignore[arg-type]
    assert verdicts(session) == [(1, "same")]


def test_those_beside_them_are() -> None:
    with replaying(["search"], recorded("search", ["r"], query="<object>", top_k=3)) as session, pytest.raises(Signal):
        search(object(), top_k=4)  # type: ignore[arg-type]
    assert paths(session) == ["top_k"]


def test_repeats_are_answered_in_recorded_order() -> None:
    steps = [recorded("search", [str(index)], query="a", index=index) for index in (1, 2, 3)]
    with replaying(["search"], *steps) as session:
        assert [search("a") for _ in range(3)] == [["1"], ["2"], ["3"]]
    assert divergence(session, *steps) is None


def test_parallel_calls_are_answered_by_content() -> None:
    steps = [recorded("search", [str(index)], query=f"q{index}", index=index) for index in range(1, 51)]
    with replaying(["search"], *steps) as session, ThreadPoolExecutor(8) as pool:
        asked = [f"q{index}" for index in range(50, 0, -1)]
        assert list(pool.map(search, asked)) == [[each[1:]] for each in asked]
    assert {verdict for _, verdict in verdicts(session)} == {"same"}
    assert len(session.recording.matches) == 50


def test_a_tool_called_otherwise_is_not_run_and_diverges() -> None:
    one = recorded("search", ["r"], query="a", top_k=3)
    with replaying(["search"], one) as session, pytest.raises(Signal):
        search("a", top_k=4)
    assert RAN == []
    found = divergence(session, one)
    assert found is not None
    assert (found.stage, found.headline) == ("tool", "step 1 of 1, search: top_k 3 -> 4")


def test_a_tool_called_once_more_is_not_run_and_diverges() -> None:
    one = recorded("search", ["r"], query="a")
    with replaying(["search"], one) as session:
        search("a")
        with pytest.raises(Signal):
            search("a")
    assert RAN == []
    found = divergence(session, one)
    assert found is not None
    assert (found.reason, found.headline) == ("unexpected", "search: called more often than recorded (1)")


def test_a_retriever_called_otherwise_is_run_and_diverges() -> None:
    one = recorded("search", ["a", "a", "a"], kind="retrieval", query="a", top_k=3)
    with replaying(["search"], one) as session:
        assert search("a", top_k=2) == ["a", "a"]
    assert RAN == ["search a 2"]
    found = divergence(session, one)
    assert found is not None
    assert (found.stage, found.cause) == ("retriever", "argument top_k changed before the output did")
    assert found.headline == "step 1 of 1, search: top_k 3 -> 2, documents in another order"


def test_a_function_that_the_trace_does_not_hold_is_run_and_diverges() -> None:
    with replaying(["search"]) as session:
        assert search("a", top_k=1) == ["a"]
    found = divergence(session)
    assert found is not None
    assert found.headline == "search: the trace has no such step"


def test_a_function_that_is_never_called_is_missing() -> None:
    steps = (recorded("search", ["r"], query="a"), recorded("search", ["s"], query="b", index=2))
    with replaying(["search"], *steps) as session:
        search("b")
    found = divergence(session, *steps)
    assert found is not None
    assert (found.reason, found.stage) == ("missing", "tool")
    assert found.headline == "step 1 of 2, search: recorded, but never asked for"


def test_tools_that_change_places_are_reordered() -> None:
    steps = (recorded("search", ["r"], query="a"), recorded("search", ["s"], query="b", index=2))
    with replaying(["search"], *steps) as session:
        assert (search("b"), search("a")) == (["s"], ["r"])
    found = divergence(session, *steps)
    assert found is not None
    assert (found.reason, index(found)) == ("reordered", 2)


def test_a_method_of_an_instance_that_lies_in_the_module_is_answered_by_its_class() -> None:
    with replaying(["Store.find"], recorded("find", "r", key="a", limit=None)):
        assert STORE.find("a") == "r"


def test_recursion_is_observed_call_by_call() -> None:
    steps = [
        recorded("factorial", value, kind="function", number=n, index=i)
        for i, (n, value) in enumerate([(2, 2), (1, 1), (0, 1)], 1)
    ]
    with replaying(["factorial"], *steps) as session:
        assert factorial(2) == 2
    assert verdicts(session) == [(1, "same"), (2, "same"), (3, "same")]


def test_outside_of_a_replay_a_detoured_function_does_its_work() -> None:
    made = target(Boundary(f"{HERE}.search"))
    with detoured((made,)):
        assert search("a", top_k=1) == ["a"]


def test_with_several_replays_a_thread_of_none_of_them_runs_the_function() -> None:
    with ThreadPoolExecutor(1) as pool:
        pool.submit(int).result()
        with (
            replaying(["search"], recorded("search", ["r"], query="a")) as first,
            active(ReplaySession(lambda: (), signal=Signal)),
        ):
            assert pool.submit(search, "a", 1).result() == ["a"]
    assert verdicts(first) == []


# --- observed --------------------------------------------------------------------------------------------------------


def test_the_innermost_cause_comes_first() -> None:
    steps = (
        recorded("outer", ["outer", "b", "b", "b"], kind="function", query="a"),
        recorded("search", ["b", "b", "b"], kind="retrieval", query="a", index=2),
    )
    with replaying({"outer": "outer", "search": observe()}, *steps) as session:
        outer("a")
    assert verdicts(session) == [(1, "diverged"), (2, "diverged")]
    found = divergence(session, *steps)
    assert found is not None
    assert (index(found), found.stage) == (2, "retriever")


def test_arguments_that_differ_come_before_all_that_follows() -> None:
    steps = (
        recorded("outer", ["outer"], kind="function", query="b"),
        recorded("search", ["b", "b", "b"], kind="retrieval", query="b", index=2),
    )
    with replaying({"outer": "outer", "search": observe()}, *steps) as session:
        outer("a")
    found = divergence(session, *steps)
    assert found is not None
    assert (index(found), found.stage) == (1, "prompt")


def test_an_observed_retriever_names_its_documents() -> None:
    documents = [{"id": "d1", "text": "x"}, {"id": "d2", "text": "y"}]
    one = recorded("search", documents, kind="retrieval", query="a", top_k=1)
    with replaying({"search": observe()}, one) as session:
        search("a", top_k=1)
    found = divergence(session, one)
    assert found is not None
    assert found.headline == "step 1 of 1, search: 2 documents lost, 1 document new"
    assert [(each.path, each.recorded, each.live) for each in found.differences] == [("documents", ["d1", "d2"], ["a"])]


def test_what_an_observed_function_raises_is_compared_by_its_type() -> None:
    same, other = (
        raised("failing", "builtins.KeyError", "'x'", query="a"),
        raised("failing", "ValueError", "x", query="a"),
    )
    for one, verdict in ((same, "same"), (other, "diverged"), (recorded("failing", "r", query="a"), "diverged")):
        with replaying({"failing": observe()}, one) as session, pytest.raises(KeyError, match="a"):
            failing("a")
        assert verdicts(session) == [(1, verdict)]


@pytest.mark.parametrize(("written", "verdict"), [("6", "same"), ("7", "diverged"), ("six", "diverged")])
def test_a_number_that_was_written_as_text_is_the_same(written: str, verdict: str) -> None:
    call = Call(kind="tool", model="product", arguments=Arguments((2, 3)))
    one = step(call, Answer(returned=Returned(written, as_text=True)), name="product", span_name="product")
    with replaying({"product": observe()}, one) as session:
        product(2, 3)
    assert verdicts(session) == [(1, verdict)]


def test_a_text_that_is_now_a_number_diverges() -> None:
    with replaying({"product": observe()}, recorded("product", "6", 2, 3)) as session:
        product(2, 3)
    assert verdicts(session) == [(1, "diverged")]


def test_a_function_that_raised_and_now_returns_diverges() -> None:
    one = raised("search", "ValueError", "no index", query="a", top_k=1)
    with replaying({"search": observe()}, one) as session:
        search("a", top_k=1)
    (match,) = session.recording.matches
    assert [(each.path, each.recorded, each.live) for each in match.differences] == [
        ("output", "raised ValueError: no index", ["a"])
    ]


def test_an_observed_generator_that_is_not_taken_to_its_end_was_called() -> None:
    one = recorded("stream", [0, 1, 2], kind="function", count=3)
    with replaying(["stream"], one) as session:
        items = stream(3)
        assert next(items) == 0
        items.close()  # type: ignore[attr-defined]  # an Iterator that is a generator
    assert divergence(session, one) is None


SPOKEN = ["a", "heard b", "caught 'c'"]


def test_what_is_sent_and_thrown_reaches_an_observed_generator_and_its_value_comes_back() -> None:
    def talk() -> Generator[str, str, None]:
        ends.append((yield from dialogue("a")))

    ends: list[str] = []
    one = recorded("dialogue", SPOKEN, kind="function", first="a")
    with replaying(["dialogue"], one) as session:
        talking = talk()
        assert [next(talking), talking.send("b"), talking.throw(KeyError("c"))] == SPOKEN
        assert list(talking) == []
    assert (ends, verdicts(session)) == (["done"], [(1, "same")])


def test_and_an_observed_async_generator() -> None:
    async def talk() -> list[str]:
        talking = dialogue_async("a")
        said = [await anext(talking), await talking.asend("b"), await talking.athrow(KeyError("c"))]
        return [*said, *[item async for item in talking]]

    one = recorded("dialogue_async", SPOKEN, kind="function", first="a")
    with replaying(["dialogue_async"], one) as session:
        assert asyncio.run(talk()) == SPOKEN
    assert verdicts(session) == [(1, "same")]


def test_an_exception_that_an_observed_generator_does_not_catch_is_its_own() -> None:
    def sync() -> None:
        talking = dialogue("a")
        next(talking)
        talking.throw(ValueError("no"))

    async def asynchronous() -> None:
        talking = dialogue_async("a")
        await anext(talking)
        await talking.athrow(ValueError("no"))

    steps = tuple(
        step(
            Call(kind="function", model=name, arguments=Arguments(("a",))),
            Answer(failure=Failure("ValueError", "no")),
            index=index,
            name=name,
        )
        for index, name in enumerate(("dialogue", "dialogue_async"), 1)
    )
    with replaying(["dialogue", "dialogue_async"], *steps) as session:
        with pytest.raises(ValueError, match="no"):
            sync()
        with pytest.raises(ValueError, match="no"):
            asyncio.run(asynchronous())
    assert verdicts(session) == [(1, "same"), (2, "same")]


def test_an_observed_async_generator_that_is_not_taken_to_its_end_was_called() -> None:
    async def take() -> None:
        items = stream_async(3)
        assert await anext(items) == 0
        await items.aclose()  # type: ignore[attr-defined]  # an AsyncIterator that is a generator

    one = recorded("stream_async", [0, 1, 2], kind="function", count=3)
    with replaying(["stream_async"], one) as session:
        asyncio.run(take())
    assert divergence(session, one) is None


def test_what_the_application_does_between_two_items_is_not_inside_the_generator() -> None:
    with replaying(["stream"], recorded("stream", [0, 1], kind="function", count=2)):
        inside = [active_span.get() for _ in stream(2)]
    assert inside == [None, None]


@pytest.mark.parametrize(("path", "function"), [("cached", cached), ("cached_below", cached_below)])
def test_caches_around_a_function_carry_nothing_from_one_trace_to_the_next(path: str, function: Any) -> None:
    assert function("a") == "a"
    RAN.clear()
    for told in ("first", "second"):
        with replaying([path], recorded(path, told, query="a")) as session:
            assert [function("a"), function("a")] == [told, told]
        assert verdicts(session) == [(1, "same")]
    assert "cached" not in " ".join(RAN)
    assert function("a") == "a"


def test_a_signal_inside_an_observed_function_leaves_it_unjudged() -> None:
    steps = (
        recorded("outer", ["outer"], kind="function", query="a"),
        recorded("search", ["r"], query="b", index=2),
    )
    with replaying(["outer", "search"], *steps) as session, pytest.raises(Signal):
        outer("a")
    assert verdicts(session) == [(2, "diverged")]


def test_model_calls_inside_an_observed_function_find_their_own_answers() -> None:
    def asked(index: int, told: str, inside: int) -> Step:
        return step(
            chat(user("same")), answered(told), index=index, inside=(span_id(inside),), start_ns=at(0), end_ns=at(9)
        )

    steps = (
        recorded("search", ["a"], query="a", top_k=1),
        recorded("search", ["b"], query="b", top_k=1, index=2),
        asked(3, "first", 1),
        asked(4, "second", 2),
    )
    with replaying({"search": observe()}, *steps) as session:
        said = []
        for query in ("b", "a"):
            crossing = session.functions.cross(
                Boundary(f"{HERE}.search", "", "observed"), Call(kind="tool", parameters={"query": query, "top_k": 1})
            )
            watch = Watch(session, crossing)
            with watch.running():
                told = session.ask(chat(user("same")))
                assert told is not None
                said.append(told.answer.choices[0].parts[0].content)  # type: ignore[union-attr]
            watch.returned([query])
    assert said == ["second", "first"]
    assert session.recording.ambiguities == []


# --- drift, ignore, until --------------------------------------------------------------------------------------------


def test_under_serve_a_tool_called_otherwise_gets_the_recorded_output() -> None:
    with replaying(["search"], recorded("search", ["r"], query="a", top_k=3), drift="serve") as session:
        assert search("a", top_k=4) == ["r"]
    assert RAN == []
    assert (verdicts(session), paths(session)) == ([(1, "drift")], ["top_k"])


def test_under_serve_an_observed_function_runs_and_drifts() -> None:
    one = recorded("search", ["b"], kind="function", query="a", top_k=1)
    with replaying(["search"], one, drift="serve") as session:
        assert search("a", top_k=1) == ["a"]
    assert verdicts(session) == [(1, "drift")]


def test_of_several_steps_the_most_like_one_is_served() -> None:
    steps = (recorded("spread", 1, 1, x=1, y=1), recorded("spread", 2, 2, x=2, y=2, index=2))
    with replaying(["spread"], *steps, drift="serve") as session:
        assert spread(2, x=2, y=3) == 2
    assert verdicts(session) == [(2, "drift")]


def test_arguments_and_outputs_that_are_left_out_are_not_compared() -> None:
    steps = (recorded("search", ["r"], query="a", top_k=3), recorded("spread", 9, 1, kind="function", index=2))
    with replaying(["search", "spread"], *steps, ignore=["top_k", "$.output"]) as session:
        assert search("a", top_k=4) == ["r"]
        assert spread(1) == 1
    assert verdicts(session) == [(1, "same"), (2, "same")]


def test_behind_the_last_step_asked_for_nothing_is_called() -> None:
    steps = (recorded("search", ["r"], query="a"), recorded("search", ["s"], query="b", index=2))
    with replaying(["search"], *steps, until=1) as session:
        assert search("a") == ["r"]
        with pytest.raises(Signal, match="stopped after step 1"):
            search("something else")
    assert (session.stopped, session.bound) == (True, False)
    assert verdicts(session) == [(1, "same")]


# --- what is given back ----------------------------------------------------------------------------------------------


def test_the_recorded_exception_is_raised() -> None:
    one = raised("search", "builtins.TimeoutError", "too slow", query="a")
    with replaying(["search"], one) as session, pytest.raises(TimeoutError) as caught:
        search("a")
    assert (type(caught.value), str(caught.value)) == (TimeoutError, "too slow")
    assert verdicts(session) == [(1, "same")]


def test_of_a_generator_as_well() -> None:
    with replaying(["stream"], raised("stream", "ValueError", "no", count=1)), pytest.raises(ValueError, match="no"):
        list(stream(1))


def test_a_codec_makes_the_value() -> None:
    with replaying({"search": answer("find", codec=set)}, recorded("find", ["x", "y", "x"], query="a")):
        assert search("a") == {"x", "y"}  # type: ignore[comparison-overlap]


def test_a_function_that_is_answered_though_it_is_no_tool() -> None:
    one = recorded("search", ["r"], kind="function", query="a")
    with replaying({"search": answer()}, one):
        assert search("a") == ["r"]
    assert RAN == []


def test_a_return_type_is_restored_where_other_annotations_are_known_to_type_checkers_alone() -> None:
    with replaying(["due"], recorded("due", "2026-11-30", "A-1")):
        assert due("A-1") == datetime.date(2026, 11, 30)
    assert RAN == []


def test_what_cannot_be_restored_is_refused_and_names_function_and_type() -> None:
    with replaying(["search"], recorded("search", {"not": "a list"}, query="a")) as session, pytest.raises(Signal):
        search("a")
    (refusal,) = session.recording.refusals
    assert refusal.what == f"{HERE}.search, span search"
    assert refusal.why.startswith("the recorded output does not make a list")
    assert refusal.why.endswith("; give answer(span, codec=…) in patch")
    assert not refusal.outward


def test_an_answer_that_the_trace_lacks_is_refused_and_names_the_step() -> None:
    call = Call(kind="tool", model="search", arguments=Arguments(("a",)))
    one = step(call, Answer(), name="search", incomplete="the output was cut off by an attribute length limit")
    with replaying(["search"], one) as session, pytest.raises(Signal):
        search("a")
    assert [(each.what, each.why) for each in session.recording.refusals] == [
        ("step 1, search", "cannot be answered: the output was cut off by an attribute length limit")
    ]
    assert RAN == []


def test_observed_it_may_lack_it() -> None:
    call = Call(kind="tool", model="search", arguments=Arguments(("a", 1)))
    one = step(call, Answer(), name="search", incomplete="the output was not recorded")
    with replaying({"search": observe()}, one) as session:
        assert search("a", 1) == ["a"]
    assert verdicts(session) == [(1, "same")]


# --- names -----------------------------------------------------------------------------------------------------------


def found(path: str) -> Target:
    return target(Boundary(path))


@pytest.mark.parametrize(
    ("path", "bound"),
    [
        ("search", False),
        ("Store.find", True),
        ("Store.opened", True),
        ("Store.cleaned", False),
        ("Store.Shelf.top", True),
    ],
)
def test_a_function_is_found_by_its_path(path: str, bound: bool) -> None:
    made = found(f"{HERE}.{path}")
    assert (made.function.__qualname__, made.bound) == (path, bound)


def test_a_module_that_is_not_loaded_is_imported(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "shop_unloaded.py").write_text("def work(): return 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert found("shop_unloaded.work").function() == 1
    monkeypatch.delitem(sys.modules, "shop_unloaded")


@pytest.mark.parametrize(
    ("path", "told"),
    [
        (f"{HERE}.serch", f"patch: {HERE} has no 'serch'; did you mean 'search'?"),
        (f"{HERE}.Store.fnd", f"patch: {HERE}.Store has no 'fnd'; did you mean 'find'?"),
        (f"{HERE}.Stroe.find", f"patch: {HERE} has no 'Stroe'; did you mean 'Store'?"),
        ("json.lodas", "patch: json has no 'lodas'; did you mean 'loads'?"),
        ("jsn.loads", "patch: 'jsn.loads': no module 'jsn'; did you mean 'json'?"),
        ("search", "patch: 'search' is no function with its module, such as shop.rag.search"),
        (f"{HERE}.PART", f"patch: '{HERE}.PART' is a partial; name the function in it, {HERE}.search"),
        (f"{HERE}.Store", f"patch: '{HERE}.Store' is a class; name one of its methods"),
        (f"{HERE}.Store.size", f"patch: '{HERE}.Store.size' is no Python function (property)"),
        (f"{HERE}.HELD", f"patch: '{HERE}.HELD' is no Python function (dict)"),
        ("builtins.len", "patch: 'builtins.len' is no Python function (builtin_function_or_method)"),
        ("os.path", "patch: 'os.path' is no Python function (module)"),
    ],
)
def test_a_name_that_leads_nowhere_is_a_usage_problem_that_names_the_nearest(path: str, told: str) -> None:
    with pytest.raises(UsageProblem) as caught:
        found(path)
    assert str(caught.value).startswith(told)


def test_a_module_whose_own_import_fails_says_so(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "shop_broken.py").write_text("import no_such_package_at_all\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(UsageProblem, match=r"importing 'shop_broken' failed: No module named 'no_such_package_at_all'"):
        found("shop_broken.work")
