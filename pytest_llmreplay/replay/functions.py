"""Functions at the application's boundary: found by name, detoured, answered or observed. PYTEST_DONT_REWRITE"""

import inspect
import sys
import typing
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cached_property, partial
from importlib import import_module
from types import FunctionType, SimpleNamespace
from typing import Any

from pytest_llmreplay.errors import UsageProblem, nearest
from pytest_llmreplay.model.call import Arguments, Call, Known
from pytest_llmreplay.replay import active
from pytest_llmreplay.replay.boundaries import Boundary
from pytest_llmreplay.replay.crossing import Crossing
from pytest_llmreplay.replay.plainvalue import UNSEEN, Restorer, as_json
from pytest_llmreplay.replay.session import ReplaySession
from pytest_llmreplay.replay.trampoline import Detour, kind_of
from pytest_llmreplay.replay.watched import Watch, Watched, WatchedAsync


@dataclass(eq=False)
class Target:
    """A function of the application with the boundary that it is."""

    boundary: Boundary
    function: FunctionType
    bound: bool
    """Whether its first parameter is the instance or the class."""
    caches: tuple[Callable[[], object], ...] = ()
    """What empties the caches around it."""
    detour: Detour = field(init=False)

    def __post_init__(self) -> None:
        kinds = {
            "function": self.call,
            "coroutine": self.call_async,
            "generator": self.iterate,
            "async generator": self.iterate_async,
        }
        self.detour = Detour(self.function, kinds[kind_of(self.function)])

    @cached_property
    def signature(self) -> inspect.Signature:
        """The parameters that a trace knows of: without the instance."""
        signature = inspect.signature(self.function)
        parameters = list(signature.parameters.values())[1 if self.bound else 0 :]
        return signature.replace(parameters=parameters)

    @cached_property
    def variadic(self) -> Mapping[str, Any]:
        """The parameters that take any number of arguments, with their kind."""
        kinds = {name: parameter.kind for name, parameter in self.signature.parameters.items()}
        variadic = (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
        return {name: kind for name, kind in kinds.items() if kind in variadic}

    @cached_property
    def restorer(self) -> Restorer:
        """Makes the function's return type of a recorded value."""
        annotation = return_type(self.function)
        if kind_of(self.function).endswith("generator"):
            items = typing.get_args(annotation)
            annotation = list[items[0]] if items else None  # type: ignore[valid-type]
        return Restorer(annotation, self.boundary.codec)

    def named(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> dict[str, Any] | None:
        """Arguments by name, with defaults; None where the function does not take them."""
        try:
            taken = self.signature.bind(*args, **kwargs)
        except TypeError:
            return None
        taken.apply_defaults()
        flat: dict[str, Any] = {}
        for name, value in taken.arguments.items():
            kind = self.variadic.get(name)
            if kind is inspect.Parameter.VAR_KEYWORD:
                flat |= value
            elif kind is None or value:
                flat[name] = value
        return flat

    def recorded(self, call: Call) -> Call:
        """A recorded call with its arguments by name, as this function would take them today."""
        given = call.arguments
        if given is None:
            return replaced(call, {}, Known(fields=frozenset(), parameters=frozenset()))
        named = None if self.instance_first(given) else self.named(given.positional, given.named)
        if named is None and self.bound and given.positional:
            named = self.named(given.positional[1:], given.named)
        if named is None:
            named = {**{f"argument {index}": each for index, each in enumerate(given.positional)}, **given.named}
        return replaced(call, plain(named), Known(fields=frozenset()))

    def instance_first(self, given: Arguments) -> bool:
        """Whether the first recorded argument is the instance, of which instrumentations write the class name."""
        names = self.function.__qualname__.split(".")
        return self.bound and given.positional[:1] in ((names[-2],), (f"<{names[-2]}>",))

    def live(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Call:
        """A live call with its arguments by name; what has no JSON form is left out and not compared."""
        named = self.named(args[1 if self.bound else 0 :], kwargs) or dict(kwargs)
        values = {name: as_json(value) for name, value in named.items()}
        seen = {name: value for name, value in values.items() if value is not UNSEEN}
        unseen = frozenset(values) - frozenset(seen)
        known = Known(fields=frozenset(), lost=frozenset(f"argument {name}" for name in unseen))
        return Call(
            kind="function", model=self.boundary.name, parameters=seen, arguments=Arguments(named=seen), known=known
        )

    def begin(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> "tuple[ReplaySession, Crossing] | None":
        """Ask the session of this call.

        None where there is none, where an evaluator calls, or where the call lies inside another answered one.
        """
        session = active.find()
        if session is None or session.beside:
            return None
        return session, session.functions.cross(self.boundary, self.live(args, kwargs))

    def recorded_value(self, session: ReplaySession, crossing: Crossing) -> Any:
        """The recorded output. Raises the recorded exception, or the session's signal where it cannot be restored."""
        if crossing.step is not None and crossing.step.answer.failure is not None:
            return session.functions.output(
                crossing, self.restorer
            )  # raises; a recorded ValueError is the application's own
        try:
            return session.functions.output(crossing, self.restorer)
        except ValueError as error:
            why = f"{error}; give answer(span, codec=…) in patch"
            raise session.refuse(f"{self.boundary.path}, span {self.boundary.name}", why, outward=False) from None

    def call(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """A call of a plain function."""
        begun = self.begin(args, kwargs)
        if begun is None:
            return self.detour.original(*args, **kwargs)
        session, crossing = begun
        if crossing.answers:
            return self.recorded_value(session, crossing)
        watch = Watch(session, crossing)
        with watch.running():
            output = self.detour.original(*args, **kwargs)
        watch.returned(output)
        return output

    async def call_async(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """A call of a coroutine function."""
        begun = self.begin(args, kwargs)
        original: Callable[..., Awaitable[Any]] = self.detour.original
        if begun is None:
            return await original(*args, **kwargs)
        session, crossing = begun
        if crossing.answers:
            return self.recorded_value(session, crossing)
        watch = Watch(session, crossing)
        with watch.running():
            output = await original(*args, **kwargs)
        watch.returned(output)
        return output

    def iterate(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Iterable[Any]:
        """A call of a generator function, when its first item is wanted."""
        inner: Generator[Any, Any, Any] = self.detour.original(*args, **kwargs)
        begun = self.begin(args, kwargs)
        if begun is None:
            return inner
        session, crossing = begun
        if crossing.answers:
            return listed(self.recorded_value(session, crossing))
        return Watched(Watch(session, crossing), inner)

    def iterate_async(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> AsyncGenerator[Any, Any]:
        """A call of an async generator function, when its first item is wanted."""
        inner: AsyncGenerator[Any, Any] = self.detour.original(*args, **kwargs)
        begun = self.begin(args, kwargs)
        if begun is None:
            return inner
        session, crossing = begun
        if crossing.answers:
            return given(listed(self.recorded_value(session, crossing)))
        return WatchedAsync(Watch(session, crossing), inner)


def return_type(function: FunctionType) -> Any:
    """The type that a function is annotated to return; None where that says nothing.

    It is evaluated alone: names that only type checkers import may stand in the annotations of the parameters.
    """
    try:
        annotation, names = function.__annotations__.get("return"), getattr(function, "__type_params__", ())
        alone = SimpleNamespace(__annotations__={"return": annotation}, __type_params__=names)
        return typing.get_type_hints(alone, function.__globals__)["return"]
    except Exception:  # an annotation is any expression
        return None


async def given(items: Sequence[Any]) -> AsyncGenerator[Any, Any]:
    """The recorded items of an async generator."""
    for item in items:
        yield item


def replaced(call: Call, parameters: dict[str, Any], known: Known) -> Call:
    """A call with its arguments as parameters, which is how calls are compared."""
    from dataclasses import replace

    return replace(call, parameters=parameters, known=known)


def plain(named: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments as JSON; defaults of the application may be of any type."""
    values = {name: as_json(value) for name, value in named.items()}
    return {name: value for name, value in values.items() if value is not UNSEEN}


def listed(value: Any) -> list[Any]:
    """The items that a generator gave; a recorded value that is no list is its only one."""
    return value if isinstance(value, list) else [value]


def target(boundary: Boundary) -> Target:
    """The function that a boundary's path names. Raises UsageProblem, naming the nearest, where there is none."""
    owner, found, static = resolved(boundary.path)
    if isinstance(found, staticmethod | classmethod):
        static, found = isinstance(found, staticmethod), found.__func__
    function = inspect.unwrap(found) if callable(found) else found
    if not isinstance(function, FunctionType):
        raise UsageProblem(f"patch: {boundary.path!r} is {described(found)}")
    return Target(boundary, function, isinstance(owner, type) and not static, tuple(caches(found)))


def described(found: Any) -> str:
    """What stands in the place of a function, and what to name instead."""
    if isinstance(found, type):
        return "a class; name one of its methods"
    if isinstance(found, partial):
        return f"a partial; name the function in it, {found.func.__module__}.{found.func.__qualname__}"
    return f"no Python function ({type(found).__name__})"


def caches(found: Any) -> Iterator[Callable[[], object]]:
    """What empties the caches (``functools.cache`` and its like) among the decorators of a function."""
    while found is not None:
        clear = vars(type(found)).get("cache_clear") or getattr(found, "__dict__", {}).get("cache_clear")
        if clear is not None:
            yield found.cache_clear
        found = getattr(found, "__wrapped__", None)


def resolved(path: str) -> tuple[Any, Any, bool]:
    """Owner, attribute as it stands in the owner, and whether it is static. Raises UsageProblem."""
    parts = path.split(".")
    module: Any = None
    taken = 0
    for count in range(len(parts) - 1, 0, -1):
        name = ".".join(parts[:count])
        try:
            module = sys.modules.get(name) or import_module(name)
        except ModuleNotFoundError as error:
            if error.name and not (name == error.name or name.startswith(error.name + ".")):
                raise UsageProblem(f"patch: importing {name!r} failed: {error}") from None
            continue
        taken = count
        break
    if len(parts) == 1:
        raise UsageProblem(f"patch: {path!r} is no function with its module, such as shop.rag.search")
    if module is None:
        raise UsageProblem(f"patch: {path!r}: no module {parts[0]!r}{nearest(parts[0], sorted(sys.modules))}")
    owner = module
    for index, name in enumerate(parts[taken:], taken + 1):
        names = vars(owner) if isinstance(owner, type) else None
        if not hasattr(owner, name):
            known = [each for each in dir(owner) if not each.startswith("__")]
            raise UsageProblem(f"patch: {'.'.join(parts[: index - 1])} has no {name!r}{nearest(name, known)}")
        raw = inspect.getattr_static(owner, name) if names is not None else getattr(owner, name)
        if index == len(parts):
            return owner, raw, False
        owner = getattr(owner, name)
    raise UsageProblem(f"patch: {path!r} is a module; name a function in it")


@contextmanager
def detoured(targets: "tuple[Target, ...]") -> Iterator[None]:
    """The functions answer from the trace, or are observed, while this lasts.

    Caches around them are empty at its beginning and in the end: they would carry values from one trace to the next.
    """
    with ExitStack() as stack:
        for each in targets:
            each.detour.install()
            stack.callback(each.detour.remove)
            for clear in each.caches:
                clear()
                stack.callback(clear)
        yield
