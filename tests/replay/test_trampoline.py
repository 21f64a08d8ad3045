"""One function's code in place of another's: whoever holds the function reaches the replacement."""

import asyncio
import functools
import inspect
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest

from pytest_llmreplay.replay.trampoline import Detour, kind_of


def plain(a: int, b: int = 2, *rest: int, c: int = 3, **more: int) -> tuple[Any, ...]:
    return ("real", a, b, rest, c, more)


async def coroutine(a: int) -> tuple[Any, ...]:
    return ("real", a)


def generator(a: int) -> Iterator[Any]:
    yield "real"
    yield a


async def async_generator(a: int) -> AsyncIterator[Any]:
    yield "real"
    yield a


HELD: dict[str, Callable[..., Any]] = {"plain": plain}
"""A registry that held the function before any detour."""
PARTIAL = functools.partial(plain, 1)


def counted(first: int) -> Callable[[], int]:
    total = first

    def count() -> int:
        nonlocal total
        total += 1
        return total

    return count


def given(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    return "instead", args, kwargs


@pytest.mark.parametrize(
    ("function", "kind"),
    [
        (plain, "function"),
        (coroutine, "coroutine"),
        (generator, "generator"),
        (async_generator, "async generator"),
        (lambda: 1, "function"),
    ],
)
def test_the_kind_of_a_function(function: Any, kind: str) -> None:
    assert kind_of(function) == kind


def test_every_holder_of_the_function_reaches_the_handler_and_gets_it_back() -> None:
    other = plain
    detour = Detour(plain, given)  # type: ignore[arg-type]  # mypy takes a function for a callable only
    detour.install()
    try:
        assert plain(1, c=2) == other(1, c=2) == HELD["plain"](1, c=2) == ("instead", (1,), {"c": 2})
        assert PARTIAL() == ("instead", (1,), {})
        assert detour.original(1, c=2) == ("real", 1, 2, (), 2, {})
    finally:
        detour.remove()
    assert plain(1, c=2) == HELD["plain"](1, c=2) == ("real", 1, 2, (), 2, {})
    assert PARTIAL(5, 6, d=7) == ("real", 1, 5, (6,), 3, {"d": 7})


def test_the_function_looks_as_before_while_the_detour_is_in() -> None:
    before = str(inspect.signature(plain))
    detour = Detour(plain, given)  # type: ignore[arg-type]
    detour.install()
    try:
        assert str(inspect.signature(plain)) == before
        assert (plain.__name__, plain.__code__.co_name) == ("plain", "plain")
        assert plain.__code__.co_filename == __file__
        assert (detour.original.__qualname__, detour.original.__module__) == ("plain", __name__)
        assert str(inspect.signature(detour.original)) == before
    finally:
        detour.remove()
    assert str(inspect.signature(plain)) == before
    assert "__signature__" not in vars(plain)
    assert (plain.__defaults__, plain.__kwdefaults__) == ((2,), {"c": 3})


def test_a_signature_of_its_own_is_given_back() -> None:
    def work(*args: int) -> None: ...

    own = inspect.signature(lambda a, b: None)
    work.__signature__ = own  # type: ignore[attr-defined]
    detour = Detour(work, given)  # type: ignore[arg-type]
    detour.install()
    detour.remove()
    assert inspect.signature(work) is own


@pytest.mark.parametrize("free", [0, 1, 2, 5])
def test_closures_keep_their_variables(free: int) -> None:
    names = [f"v{index}" for index in range(free)]
    scope: dict[str, Any] = {}
    source = f"def outer({', '.join(names)}):\n    def inner():\n        return [{', '.join(names)}]\n    return inner"
    exec(source, scope)  # noqa: S102  # as many variables as the case says
    inner = scope["outer"](*range(free))
    detour = Detour(inner, lambda args, kwargs: ["seen", *detour.original(*args, **kwargs)])
    detour.install()
    try:
        assert inner() == ["seen", *range(free)]
    finally:
        detour.remove()
    assert inner() == list(range(free))


def test_a_closure_shares_its_variables_with_its_original() -> None:
    count = counted(0)
    detour = Detour(count, lambda args, kwargs: -detour.original())  # type: ignore[arg-type]
    assert count() == 1
    detour.install()
    try:
        assert count() == -2
    finally:
        detour.remove()
    assert count() == 3


def test_coroutines_and_generators_stay_what_they_are() -> None:
    async def told(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        return given(args, kwargs)

    def yielded(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Iterator[Any]:
        yield "instead"

    async def streamed(args: tuple[Any, ...], kwargs: dict[str, Any]) -> AsyncIterator[Any]:
        yield "instead"
        yield args

    async def all_of(items: AsyncIterator[Any]) -> list[Any]:
        return [item async for item in items]

    detours = [Detour(coroutine, told), Detour(generator, yielded), Detour(async_generator, streamed)]  # type: ignore[arg-type]
    for each in detours:
        each.install()
    try:
        assert inspect.iscoroutinefunction(coroutine)
        assert inspect.isgeneratorfunction(generator)
        assert inspect.isasyncgenfunction(async_generator)
        assert asyncio.run(coroutine(1)) == ("instead", (1,), {})
        assert list(generator(1)) == ["instead"]
        assert asyncio.run(all_of(async_generator(1))) == ["instead", (1,)]
    finally:
        for each in detours:
            each.remove()
    assert asyncio.run(coroutine(1)) == ("real", 1)
    assert list(generator(1)) == ["real", 1]
    assert asyncio.run(all_of(async_generator(1))) == ["real", 1]


def test_methods_hand_on_their_instance() -> None:
    class Store:
        def __init__(self) -> None:
            self.name = "shop"

        def find(self, key: str) -> str:
            return f"{self.name}:{key}"

    store = Store()
    bound = store.find
    detour = Detour(Store.find, lambda args, kwargs: (args[0] is store, args[1:], kwargs))  # type: ignore[arg-type]
    detour.install()
    try:
        seen: Any = bound("a")
        assert seen == (True, ("a",), {})
    finally:
        detour.remove()
    assert bound("a") == "shop:a"
