"""What one run may do, and all that it did. PYTEST_DONT_REWRITE"""

import asyncio
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any, ClassVar, Final, TypeAlias

from pytest_llmreplay.compare.paths import covers
from pytest_llmreplay.model.policy import Drift, Mode
from pytest_llmreplay.model.recording import Difference, Recording, Refusal

Signal: TypeAlias = Callable[[str], BaseException]
"""Makes the exception that leaves the application: one that ``except Exception`` does not catch."""


@dataclass(eq=False)
class Ledger:
    """The policy of a run, its recording, and the lock that both are changed under.

    What answers model calls and what answers functions share it.
    """

    signal: Signal
    mode: Mode
    drift: Drift
    ignore: Sequence[str]
    """JSON paths, or patterns of them, that are left out of comparison."""
    until: int | None
    """Number of the step behind which the run stops."""
    view: Callable[[Any], Any]
    """Makes of a live call or value what the trace would hold of it: without secrets, where it was redacted."""
    live: bool
    """Whether model calls go to the provider from now on."""
    stopped: bool = False
    """Whether the run was stopped behind the last step that was asked for (``until``)."""
    recording: Recording = field(default_factory=Recording)
    lock: threading.RLock = field(default_factory=threading.RLock)

    def unlike(self, found: Sequence[Difference]) -> tuple[Difference, ...]:
        """The differences that count."""
        return tuple(each for each in found if not any(covers(pattern, each.path) for pattern in self.ignore))

    def stop_if_done(self) -> None:
        """Raise the signal where the last step that was asked for is answered."""
        if self.until is not None and any(m.step and m.step.index >= self.until for m in self.recording.matches):
            self.stopped = True
            raise self.signal(f"stopped after step {self.until}")

    def since(self, place: int) -> float:
        """Seconds since a call began."""
        return time.perf_counter() - self.recording.times[place]

    def refuse(self, what: str, why: str, *, outward: bool = True) -> BaseException:
        """Write down that something was not let out, or has no answer; returns the signal to raise."""
        with self.lock:
            self.recording.refusals.append(Refusal(what, why, outward))
        return self.signal(f"{what}: {why}")


class Lane(threading.local):
    """A name for each thread, which none after it gets again."""

    numbers: ClassVar = count(1)

    def __init__(self) -> None:
        self.name = f"thread {next(self.numbers)}"


_here: Final = Lane()


def lane() -> str:
    """Name of the thread and, in an event loop, of the task that runs here."""
    loop = asyncio._get_running_loop()
    task = asyncio.current_task(loop) if loop else None
    return f"{_here.name}, {task.get_name()}" if task else _here.name
