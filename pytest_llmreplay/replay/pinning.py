"""Sources of chance and of time, held still for a while. PYTEST_DONT_REWRITE"""

import random
import secrets
import sys
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from itertools import count
from types import FunctionType
from typing import Any, Final, TypeAlias

from pytest_llmreplay.errors import MissingExtra, UsageProblem, nearest
from pytest_llmreplay.replay.trampoline import Detour

Handler: TypeAlias = Callable[[tuple[Any, ...], dict[str, Any]], Any]
"""Takes the arguments of the function in whose place it stands, as a detour hands them over."""
Pin: TypeAlias = Callable[[int, int], AbstractContextManager[None]]
"""Holds one source still, given a seed and a start in nanoseconds since the epoch."""

GREGORIAN: Final = 0x01B21DD213814000
"""Hundreds of nanoseconds from the Gregorian calendar's first day, where version-1 UUIDs count from, to the epoch."""
MULTICAST: Final = 1 << 40
"""The bit that marks a UUID's node as made up."""


def parse_pins(words: Iterable[str]) -> tuple[str, ...]:
    """The names of pins, each once; a word may hold several, parted by commas. Raises UsageProblem for an unknown."""
    names = tuple(name for word in words for name in map(str.strip, word.split(",")) if name)
    for name in names:
        if name not in PINS:
            near = nearest(name, tuple(PINS))
            raise UsageProblem(f"nothing to pin is named {name!r}{near}; there are {', '.join(PINS)}")
    return tuple(dict.fromkeys(names))


@contextmanager
def pinned(names: Sequence[str], seed: int, start_ns: int) -> Iterator[None]:
    """Hold the named sources still; all is as it was before in the end, also where one of them cannot be held.

    The sources belong to the process: threads share them, and several in one process have to be left in reverse order.
    """
    with ExitStack() as stack:
        for name in parse_pins(names):
            stack.enter_context(PINS[name](seed, start_ns))
        yield


@contextmanager
def pinned_random(seed: int, start_ns: int) -> Iterator[None]:  # noqa: ARG001  # every pin takes both
    """The functions of ``random``, which share one hidden generator."""
    before = random.getstate()
    try:
        random.seed(seed)
        yield
    finally:
        random.setstate(before)


@contextmanager
def pinned_numpy(seed: int, start_ns: int) -> Iterator[None]:  # noqa: ARG001  # every pin takes both
    """The functions of ``numpy.random``; an application that has not imported numpy by now is left alone."""
    numpy: Any = sys.modules.get("numpy")
    if numpy is None:
        yield
        return
    before = numpy.random.get_state(legacy=False)
    try:
        numpy.random.seed(seed % 2**32)
        yield
    finally:
        numpy.random.set_state(before)


@contextmanager
def pinned_uuid(seed: int, start_ns: int) -> Iterator[None]:
    """``uuid.uuid4`` and ``uuid.uuid1``."""
    chance = generator("uuid", seed)
    ticks = count(start_ns // 100 + GREGORIAN)
    node, clock = chance.getrandbits(48) | MULTICAST, chance.getrandbits(14)

    def uuid4(args: tuple[Any, ...], kwargs: dict[str, Any]) -> uuid.UUID:  # noqa: ARG001  # it takes none
        return uuid.UUID(int=chance.getrandbits(128), version=4)

    def uuid1(args: tuple[Any, ...], kwargs: dict[str, Any]) -> uuid.UUID:
        given = dict(zip(("node", "clock_seq"), args, strict=False)) | kwargs
        return time_uuid(next(ticks), given_or(given.get("clock_seq"), clock), given_or(given.get("node"), node))

    with detoured((uuid.uuid4, uuid4), (uuid.uuid1, uuid1)):
        yield


def time_uuid(ticks: int, clock: int, node: int) -> uuid.UUID:
    """A version-1 UUID: the hundreds of nanoseconds in three fields, low ones first, then clock sequence and node."""
    low, middle, high = ticks & 0xFFFFFFFF, ticks >> 32 & 0xFFFF, ticks >> 48 & 0x0FFF
    return uuid.UUID(fields=(low, middle, high, clock >> 8 & 0x3F, clock & 0xFF, node), version=1)


def given_or(given: int | None, other: int) -> int:
    """A number that may have been given."""
    return other if given is None else given


@contextmanager
def pinned_secrets(seed: int, start_ns: int) -> Iterator[None]:  # noqa: ARG001  # every pin takes both
    """``random.SystemRandom``, from which all functions of ``secrets`` take what they give."""
    chance = generator("secrets", seed)
    names = ("random", "getrandbits", "randbytes")
    with detoured(*((vars(secrets.SystemRandom)[name], method(getattr(chance, name))) for name in names)):
        yield


def method(function: Callable[..., Any]) -> Handler:
    """A function in the place of a method: the instance is dropped."""

    def handler(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        return function(*args[1:], **kwargs)

    return handler


@contextmanager
def pinned_clock(seed: int, start_ns: int) -> Iterator[None]:  # noqa: ARG001  # every pin takes both
    """The time of day, which starts anew and goes on from there; what measures durations is left alone."""
    try:
        import time_machine
    except ImportError:
        raise MissingExtra("a pinned clock", "time-machine", "clock") from None
    with time_machine.travel(start_ns / 1_000_000_000, tick=True):
        yield


def generator(purpose: str, seed: int) -> random.Random:
    """Numbers that follow from a seed, of their own for each purpose, the same under every version of Python."""
    return random.Random(f"{purpose}:{seed}")  # noqa: S311  # it is meant to be foreseen


@contextmanager
def detoured(*pairs: tuple[object, Handler]) -> Iterator[None]:
    """Handlers in the place of functions; what a test has put into a function's place already is left alone."""
    with ExitStack() as stack:
        for function, handler in pairs:
            if isinstance(function, FunctionType):
                detour = Detour(function, handler)
                detour.install()
                stack.callback(detour.remove)
        yield


PINS: Final[Mapping[str, Pin]] = {
    "random": pinned_random,
    "numpy": pinned_numpy,
    "uuid": pinned_uuid,
    "secrets": pinned_secrets,
    "clock": pinned_clock,
}
"""What can be held still, by name."""
