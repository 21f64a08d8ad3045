"""``patch="auto"``: functions that a tracing library decorates, by span name. PYTEST_DONT_REWRITE"""

import inspect
import sys
from collections.abc import Iterable, Iterator
from types import FunctionType, ModuleType
from typing import Any, Final

from pytest_llmreplay.replay.boundaries import Boundary

DECORATORS: Final = ("traceloop", "openinference", "langsmith", "langfuse", "mlflow", "opentelemetry", "wrapt")
"""Packages whose wrappers mark a traced function."""
WRAPPERS: Final = frozenset({"function", "FunctionWrapper", "_lru_cache_wrapper"})
"""Types of what a decorator makes of a function: a function, wrapt's wrapper, a cache around either."""


def traced(names: Iterable[str]) -> tuple[Boundary, ...]:
    """A boundary for each loaded, decorated function whose name is one of the names."""
    wanted = frozenset(names)
    found: dict[int, Boundary] = {}
    for module in application_modules():
        for path, value in members_of(module):
            function = innermost(value)
            if function is not None and function.__name__ in wanted and decorated(value):
                found.setdefault(id(function), Boundary(path, function.__name__))
    return tuple(found.values())


def innermost(value: Any) -> FunctionType | None:
    """The Python function within a decorator's wrappers; None where there is none.

    Only functions and known wrappers are looked into: a lazy object would load what it stands for.
    """
    if WRAPPERS.isdisjoint(each.__name__ for each in type(value).__mro__):
        return None
    function = inspect.unwrap(value)
    return function if type(function) is FunctionType else None


def application_modules() -> Iterator[ModuleType]:
    """Loaded modules that are neither of the standard library nor of the tracing libraries."""
    for name, module in sorted(sys.modules.items()):
        top = name.partition(".")[0]
        if (
            isinstance(module, ModuleType)
            and top not in sys.stdlib_module_names
            and top not in (*DECORATORS, "pytest_llmreplay")
        ):
            yield module


def members_of(module: ModuleType) -> Iterator[tuple[str, Any]]:
    """Functions of a module and methods of its classes, with their paths.

    Names imported from elsewhere are left out.
    """
    for name, value in list(vars(module).items()):
        if getattr(value, "__module__", None) != module.__name__:
            continue
        if issubclass(type(value), type):
            for each, held in list(vars(value).items()):
                plain = held.__func__ if type(held) in (staticmethod, classmethod) else held
                yield f"{module.__name__}.{name}.{each}", plain
        else:
            yield f"{module.__name__}.{name}", value


def decorated(value: Any) -> bool:
    """Whether a callable is a tracing library's wrapper, at any depth."""
    while hasattr(value, "__wrapped__"):
        if hasattr(value, "_self_wrapper"):  # wrapt's wrapper looks like the function that it wraps
            return True
        code = getattr(value, "__code__", None)
        origin = getattr(code, "co_filename", "") if code else type(value).__module__
        if any(part in DECORATORS for part in origin.replace("\\", "/").replace(".", "/").split("/")):
            return True
        value = value.__wrapped__
    return False
