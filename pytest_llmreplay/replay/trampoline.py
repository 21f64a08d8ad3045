"""One function's code in place of another's, so that whoever holds the function calls the new one. PYTEST_DONT_REWRITE

The object stays the same: names imported elsewhere before, registries and closures all reach the replacement.
"""

import inspect
from collections.abc import Callable
from functools import cache
from types import CodeType, FunctionType
from typing import Any, Final

MARK: Final = "llm_replay:handler"
BODIES: Final = {
    "function": "def jump(*args, **kwargs):\n  {free}handler = {mark!r}\n  return handler(args, kwargs)",
    "coroutine": "async def jump(*args, **kwargs):\n  {free}handler = {mark!r}\n  return await handler(args, kwargs)",
    "generator": "def jump(*args, **kwargs):\n  {free}handler = {mark!r}\n  return (yield from handler(args, kwargs))",
    "async generator": (
        "async def jump(*args, **kwargs):\n  {free}handler = {mark!r}\n  inner = handler(args, kwargs)\n"
        "  try:\n"
        "    item = await inner.__anext__()\n"
        "    while True:\n"
        "      try:\n        sent = yield item\n"
        "      except GeneratorExit:\n        await inner.aclose()\n        raise\n"
        "      except BaseException as error:\n        item = await inner.athrow(error)\n"
        "      else:\n        item = await inner.asend(sent)\n"
        "  except StopAsyncIteration:\n    pass"
    ),
}


def kind_of(function: FunctionType) -> str:
    """``function``, ``coroutine``, ``generator`` or ``async generator``."""
    if inspect.isasyncgenfunction(function):
        return "async generator"
    if inspect.iscoroutinefunction(function):
        return "coroutine"
    return "generator" if inspect.isgeneratorfunction(function) else "function"


@cache
def template(kind: str, free: int) -> CodeType:
    """Code that hands all arguments to a handler; with as many free variables as the code whose place it takes."""
    names = [f"free_{index}" for index in range(free)]
    mention = f"if False: {', '.join(names)}\n  " if names else ""
    body = BODIES[kind].format(free=mention, mark=MARK).replace("\n", "\n  ")
    source = f"def outer({', '.join(names)}):\n  {body}\n  return jump"
    scope: dict[str, Any] = {}
    exec(compile(source, "<pytest-llmreplay>", "exec"), scope)  # noqa: S102 - our own text, built above
    jump: FunctionType = scope["outer"](*names)
    return jump.__code__


class Detour:
    """A function that hands its calls to a handler while the detour is in."""

    def __init__(self, function: FunctionType, handler: Callable[[tuple[Any, ...], dict[str, Any]], Any]) -> None:
        self._function = function
        self._code = function.__code__
        self._defaults, self._kwdefaults = function.__defaults__, function.__kwdefaults__
        self._signature = function.__dict__.get("__signature__")
        self.original = FunctionType(
            self._code, function.__globals__, function.__name__, self._defaults, function.__closure__
        )
        self.original.__kwdefaults__ = self._kwdefaults
        self.original.__annotations__ = function.__annotations__
        self.original.__qualname__ = function.__qualname__
        self.original.__module__ = function.__module__
        self._handler = handler

    def install(self) -> None:
        """Put the handler in the function's place."""
        function, code = self._function, self._code
        jump = template(kind_of(function), len(code.co_freevars))
        function.__dict__["__signature__"] = inspect.signature(self.original)
        function.__defaults__ = function.__kwdefaults__ = None
        function.__code__ = jump.replace(
            co_consts=tuple(self._handler if each == MARK else each for each in jump.co_consts),
            co_name=code.co_name,
            co_filename=code.co_filename,
            co_firstlineno=code.co_firstlineno,
        )

    def remove(self) -> None:
        """Give the function its own code back."""
        function = self._function
        function.__code__ = self._code
        function.__defaults__, function.__kwdefaults__ = self._defaults, self._kwdefaults
        if self._signature is None:
            function.__dict__.pop("__signature__", None)
        else:
            function.__dict__["__signature__"] = self._signature
