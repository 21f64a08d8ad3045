"""What an observed function does: held against the trace when it ends, generators item by item. PYTEST_DONT_REWRITE"""

from collections.abc import AsyncGenerator, Awaitable, Generator, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from pytest_llmreplay.replay.crossing import Crossing
from pytest_llmreplay.replay.plainvalue import UNSEEN, as_json
from pytest_llmreplay.replay.session import ReplaySession, active_span


class Watch:
    """One call of an observed function."""

    def __init__(self, session: ReplaySession, crossing: Crossing) -> None:
        self._session = session
        self._crossing = crossing

    @contextmanager
    def running(self) -> Iterator[None]:
        """While the real function's own code runs; what it raises is held against the trace."""
        token = active_span.set(self._crossing.step.span_id if self._crossing.step else None)
        try:
            yield
        except (StopIteration, StopAsyncIteration):  # a generator's end
            raise
        except Exception as error:
            self._session.functions.observed_failure(self._crossing, error)
            raise
        except GeneratorExit:  # of a coroutine that is thrown away
            self.left()
            raise
        finally:
            with suppress(ValueError):  # what is thrown away may end in another context than it began in
                active_span.reset(token)

    def returned(self, output: Any) -> None:
        """Hold what the real function returned against the trace."""
        self._session.functions.observed(self._crossing, as_json(output))

    def left(self) -> None:
        """The application wants no more of it; what it would have given is not known."""
        self._session.functions.observed(self._crossing, UNSEEN)


class Watched(Generator[Any, Any, Any]):
    """A generator of the application; what is sent or thrown in reaches it."""

    def __init__(self, watch: Watch, inner: Generator[Any, Any, Any]) -> None:
        self._watch = watch
        self._inner = inner
        self._given: list[Any] = []

    def send(self, value: Any) -> Any:
        """The next item."""
        return self._next(self._inner.send, value)

    def throw(self, *error: Any) -> Any:
        """The next item after an exception."""
        return self._next(self._inner.throw, *error)

    def close(self) -> None:
        """The application wants no more items."""
        with self._watch.running():
            self._inner.close()
        self._watch.left()

    def _next(self, step: Any, *args: Any) -> Any:
        try:
            with self._watch.running():
                item = step(*args)
        except StopIteration:
            self._watch.returned(self._given)
            raise
        self._given.append(item)
        return item


class WatchedAsync(AsyncGenerator[Any, Any]):
    """An async generator of the application; what is sent or thrown in reaches it."""

    def __init__(self, watch: Watch, inner: AsyncGenerator[Any, Any]) -> None:
        self._watch = watch
        self._inner = inner
        self._given: list[Any] = []

    async def asend(self, value: Any) -> Any:
        """The next item."""
        return await self._next(self._inner.asend(value))

    async def athrow(self, *error: Any) -> Any:
        """The next item after an exception."""
        return await self._next(self._inner.athrow(*error))

    async def aclose(self) -> None:
        """The application wants no more items."""
        with self._watch.running():
            await self._inner.aclose()
        self._watch.left()

    async def _next(self, step: Awaitable[Any]) -> Any:
        try:
            with self._watch.running():
                item = await step
        except StopAsyncIteration:
            self._watch.returned(self._given)
            raise
        self._given.append(item)
        return item
