"""One run of the application against one trace. PYTEST_DONT_REWRITE"""

from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase
from threading import Lock
from typing import Literal, TypeAlias

from pytest_llmreplay.compare.calls import differences
from pytest_llmreplay.model.call import Answer, Call
from pytest_llmreplay.model.recording import Difference, Match, Recording, Refusal
from pytest_llmreplay.model.trace import Step
from pytest_llmreplay.replay.matching import StepIndex

Signal: TypeAlias = Callable[[str], BaseException]
"""Makes the exception that leaves the application: one that ``except Exception`` does not catch."""


class ReplaySession:
    """Holds live calls against recorded steps, and writes down every one of them before anything is raised."""

    def __init__(
        self,
        steps: Callable[[], Sequence[Step]],
        *,
        signal: Signal,
        drift: Literal["fail", "serve"] = "fail",
        ignore: Sequence[str] = (),
        passes: Callable[[str], bool] = lambda host: False,
    ) -> None:
        self._read = steps
        self.recording = Recording()
        self.passes = passes
        """Whether HTTP to a ``host:port`` that no provider claims may go out."""
        self._index: StepIndex | None = None
        self._signal = signal
        self._drift = drift
        self._ignore = tuple(pattern.removeprefix("$.") for pattern in ignore)
        self._lock = Lock()

    def ask(self, call: Call) -> Answer:
        """The recorded answer to a call. Raises the signal where the trace has none that the policy allows."""
        with self._lock:
            match = self._match(call)
            self.recording.matches.append(match)
        if match.verdict == "diverged" or match.step is None:
            raise self._signal(match.reason or "the call differs from the recorded one")
        return match.step.answer

    @property
    def index(self) -> StepIndex:
        """The recorded model calls; read when the first live one comes."""
        if self._index is None:
            self._index = StepIndex([step for step in self._read() if step.asked_by_http])
        return self._index

    def _match(self, call: Call) -> Match:
        step = self.index.take(call)
        if step is not None:
            return Match(call, step)
        repeated = self.index.answered(call)
        nearest = self.index.nearest(call)
        if nearest is None:
            reason = "asked once more than recorded" if repeated else f"all {self.index.size} recorded model calls are answered already"
            return Match(call, None, (), "diverged", f"{call.model or call.kind}: {reason}")
        found = self._unlike(nearest.call, call)
        if not found or self._drift == "serve":
            self.index.close(nearest)
            return Match(call, nearest, found, "drift" if found else "same")
        reason = "asked once more than recorded; the nearest open step differs" if repeated else ""
        return Match(call, nearest, found, "diverged", reason)

    def _unlike(self, recorded: Call, live: Call) -> tuple[Difference, ...]:
        found = differences(recorded, live)
        return tuple(each for each in found if not any(covers(pattern, each.path) for pattern in self._ignore))

    def refuse(self, what: str, why: str) -> BaseException:
        """Write down that something was not let out; returns the signal to raise."""
        with self._lock:
            self.recording.refusals.append(Refusal(what, why))
        return self._signal(f"{what}: {why}")


def covers(pattern: str, path: str) -> bool:
    """Whether a pattern means a path, or something that the path lies in. Brackets are literal."""
    literal = pattern.replace("[*]", "\0").replace("[", "[[]").replace("\0", "[[]*]")
    return fnmatchcase(path, literal) or fnmatchcase(path, literal + ".*") or fnmatchcase(path, literal + "[[]*")
