"""One run of the application against one trace. PYTEST_DONT_REWRITE"""

import asyncio
import threading
import time
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal, TypeAlias

from pytest_llmreplay.compare.calls import differences, value_differences
from pytest_llmreplay.compare.canonical import canonical, frozen
from pytest_llmreplay.compare.documents import document_difference
from pytest_llmreplay.compare.paths import covers
from pytest_llmreplay.model.call import EVERYTHING, Answer, Call, Failure, Kind, Returned
from pytest_llmreplay.model.recording import Difference, Match, Recording, Refusal, Verdict
from pytest_llmreplay.model.trace import Step
from pytest_llmreplay.model.wire import RawExchange, WireResponse
from pytest_llmreplay.replay.boundaries import Boundary
from pytest_llmreplay.replay.matching import StepIndex
from pytest_llmreplay.replay.plainvalue import UNSEEN, Restorer, exception
from pytest_llmreplay.replay.plan import Plan, Reader, plan
from pytest_llmreplay.replay.provisos import unmet
from pytest_llmreplay.replay.seeded import SeededAnswers

active_span: ContextVar[str | None] = ContextVar("llm_replay_span", default=None)
"""Id of the recorded span of the observed function that runs here."""
Signal: TypeAlias = Callable[[str], BaseException]
"""Makes the exception that leaves the application: one that ``except Exception`` does not catch."""


@dataclass(frozen=True, slots=True)
class Given:
    """What a call is answered with."""

    answer: Answer
    raw: WireResponse | None = None
    """The recorded response, where the same was asked over the same API in the same way."""


@dataclass(frozen=True, slots=True)
class Crossing:
    """One live call of a boundary function, held against a step, or against none."""

    place: int
    call: Call
    step: Step | None
    differences: tuple[Difference, ...]
    answers: bool
    """Whether the recorded output is given; else the real function runs and is observed."""
    reason: str = ""
    moment: int = 0
    """When its arguments were found to differ; 0 where they do not."""


class ReplaySession:
    """Holds live calls against recorded steps, and writes down every one of them before anything is raised."""

    beside: ClassVar[bool] = False
    """Whether it stands beside the application's run, whose functions are none of its business."""

    def __init__(
        self,
        steps: Callable[[], Sequence[Step]],
        *,
        signal: Signal,
        boundaries: Sequence[tuple[Boundary, Reader]] = (),
        drift: Literal["fail", "serve", "fork"] = "fail",
        mode: Literal["replay", "seeded", "live", "record"] = "replay",
        seeded: SeededAnswers | None = None,
        seed: int = 0,
        anew: bool = False,
        ignore: Sequence[str] = (),
        until: int | None = None,
        passes: Callable[[str], bool] = lambda host: False,
        view: Callable[[Any], Any] = lambda value: value,
    ) -> None:
        self.recording = Recording()
        self.passes = passes
        """Whether HTTP to a ``host:port`` that no provider claims may go out."""
        self.stopped = False
        """Whether the run was stopped behind the last step that was asked for (``until``)."""
        self._view = view
        """Makes of a live call or value what the trace would hold of it: without secrets, where it was redacted."""
        self._read = steps
        self._boundaries = boundaries
        self._plan: Plan | None = None
        self._index: StepIndex | None = None
        self._plain: StepIndex | None = None
        self._functions: dict[str, list[Step]] = {}
        self._signal = signal
        self._drift = drift
        self._mode = mode
        self._seeded = seeded
        self.seed = seed
        self.live = mode == "live" or anew
        """Whether model calls go to the provider from now on."""
        self._ignore = tuple(pattern.removeprefix("$.") for pattern in ignore)
        self._until = until
        self._out: dict[int, int] = {}
        """The place of each call that a provider is answering, by the identity of the call."""
        self._lock = threading.RLock()

    @property
    def plan(self) -> Plan:
        """What the run is expected to ask; read when it is first needed."""
        if self._plan is None:
            self._plan = plan(self._read(), self._boundaries)
            self._functions = {path: list(steps) for path, steps in self._plan.functions.items()}
        return self._plan

    @property
    def expected(self) -> tuple[Step, ...]:
        """The steps that the run has to ask for: up to the one behind which it stops."""
        return tuple(step for step in self.plan.expected if self._until is None or step.index <= self._until)

    @property
    def index(self) -> StepIndex:
        """The recorded model calls; indexed when the first live one comes."""
        if self._index is None:
            self._index = StepIndex([step for step in self.plan.http_steps if step.call.kind != "http"])
        return self._index

    @property
    def plain(self) -> StepIndex:
        """The recorded requests that are no model calls."""
        with self._lock:
            if self._plain is None:
                self._plain = StepIndex([step for step in self.plan.http_steps if step.call.kind == "http"])
            return self._plain

    @property
    def pins(self) -> bool:
        """Whether what goes out is pinned by seed and temperature."""
        return self._mode == "live"

    @property
    def in_order(self) -> bool:
        """Whether the order of calls counts."""
        return self._drift == "fail"

    @property
    def bound(self) -> bool:
        """Whether the run is held to all steps of the trace: not after a fork, and not in other modes than replay."""
        return self._mode == "replay" and not self.live and not self.stopped

    def ask(self, call: Call) -> Given | None:
        """The answer to a model call; None where the provider itself is to be asked.

        Raises the signal where the trace has none that the policy allows.
        """
        with self._lock:
            self._stop_if_done()
            place = self.recording.reserve()
            if self._mode == "seeded" and self._drift != "fork":
                return self._chosen(place, call)
            if self.live:
                return self._beyond(place, Match(call, None, (), "live"))
            match = self._match(call)
            if match.verdict == "diverged" and self._mode == "record":
                return self._beyond(place, Match(call, None, (), "live"))
            if match.verdict == "diverged" and self._drift == "fork":
                self.live = True
                return self._beyond(place, replace(match, verdict="forked"))
            self.recording.places[place] = match if match.moment else replace(match, moment=self.recording.now())
        if match.verdict == "diverged" or match.step is None:
            raise self._signal(match.reason or "the call differs from the recorded one")
        if lacking := unmet(match.step, call):
            raise self.refuse(f"step {match.step.index}, {match.step.name}", f"cannot be answered: {lacking}")
        return given(match.step, call) if match.verdict == "same" else Given(match.step.answer)

    @property
    def holds_plain(self) -> bool:
        """Whether requests that are no model calls are answered from the trace: not beyond a fork, and not live."""
        return not self.live and self.plain.size > 0

    def ask_plain(self, call: Call, *, only_equal: bool) -> Given | None:
        """The answer to a request that is no model call; None where the trace has none like it.

        ``only_equal`` leaves one alone that differs. Otherwise raises the signal for a request to a recorded address
        that differs from what was recorded there, unless the policy serves it.
        """
        with self._lock:
            self._stop_if_done()
            call = self._view(call)
            step, ambiguous = self.plain.take(call, active_span.get())
            if step is not None:
                self.recording.ambiguities += [ambiguous] if ambiguous else []
                match = Match(call, step, lane=lane())
            elif only_equal or self._mode == "record":
                return None
            else:
                match = self._unlike_plain(call)
            if match.step is None and not match.reason:
                return None
            self.recording.places[self.recording.reserve()] = replace(match, moment=self.recording.now())
        if match.verdict == "diverged" or match.step is None:
            raise self._signal(match.reason or "the request differs from the recorded one")
        return given(match.step, call)

    def _unlike_plain(self, call: Call) -> Match:
        """A request held against the likest one that is open at its address."""
        if self.plain.answered(call):
            return Match(call, None, (), "diverged", f"{call.model}: asked once more than recorded")
        there = [step for step in self.plain.unanswered() if step.call.model == call.model]
        each = [(step, self._unlike(differences(step.call, call))) for step in there]
        if not each:
            return Match(call, None)
        nearest, found = min(each, key=lambda pair: len(pair[1]))
        if found and self._drift != "serve":
            return Match(call, nearest, found, "diverged")
        self.plain.close(nearest)
        return Match(call, nearest, found, "drift" if found else "same", lane=lane())

    def _beyond(self, place: int, match: Match) -> Given | None:
        if self._seeded is not None:
            return self._chosen(place, match.call)
        self.recording.places[place] = match
        self._out[id(match.call)] = place
        return None

    def _chosen(self, place: int, call: Call) -> Given:
        if self._seeded is None:
            raise self._signal("the seeded mode has no answers to choose from")
        try:
            answer, step = self._seeded.answer(self._view(call))
        except ValueError as error:
            raise self.refuse(f"{call.kind} {call.model}", f"no answer can be made up for it: {error}") from None
        self.recording.places[place] = Match(call, step, (), "same" if step else "synthetic", answer=answer)
        return given(step, call) if step else Given(answer)

    def keep(self, call: Call, answer: Answer, raw: RawExchange | None = None) -> None:
        """Write down what the provider answered to a live call."""
        with self._lock:
            self.recording.kept.append((call, answer))
            place = self._out.pop(id(call), None)
            match = None if place is None else self.recording.places[place]
            if place is not None and match is not None:
                self.recording.places[place] = replace(match, answer=answer, seconds=self._since(place), raw=raw)

    def _match(self, call: Call) -> Match:
        call = self._view(call)
        step, ambiguous = self.index.take(call, active_span.get())
        if step is not None:
            if ambiguous:
                self.recording.ambiguities.append(ambiguous)
            return Match(call, step, lane=lane(), moment=self.recording.now())
        repeated = self.index.answered(call)
        nearest = self.index.nearest(call)
        if nearest is None:
            reason = (
                "asked once more than recorded"
                if repeated
                else f"no recorded {call.kind} call is left for it"
                if any(self.index.unanswered())
                else f"all {self.index.size} recorded model calls are answered already"
            )
            return Match(call, None, (), "diverged", f"{call.model or call.kind}: {reason}")
        found = self._unlike(differences(nearest.call, call))
        if not found or self._drift == "serve":
            self.index.close(nearest)
            return Match(call, nearest, found, "drift" if found else "same", lane=lane())
        reason = "asked once more than recorded; the nearest open step differs" if repeated else ""
        return Match(call, nearest, found, "diverged", reason)

    def _unlike(self, found: Sequence[Difference]) -> tuple[Difference, ...]:
        return tuple(each for each in found if not any(covers(pattern, each.path) for pattern in self._ignore))

    def _stop_if_done(self) -> None:
        if self._until is not None and any(m.step and m.step.index >= self._until for m in self.recording.matches):
            self.stopped = True
            raise self._signal(f"stopped after step {self._until}")

    def cross(self, boundary: Boundary, call: Call) -> Crossing:
        """How a live call of a boundary function goes on: with the recorded output, or with the real function.

        A tool that is called otherwise than recorded is not run, for it may do things: the signal is raised. A
        retriever is run, so that what follows from the difference can be shown.
        """
        with self._lock:
            self._stop_if_done()
            recorded = self.plan.functions.get(boundary.path, ())
            waiting = self._functions.get(boundary.path, [])
            place = self.recording.reserve()
            call = self._view(call)
            step, found = self._nearest(waiting, call)
            kind = step.call.kind if step else recorded[0].call.kind if recorded else self._kind_of_new(boundary)
            call = replace(call, kind=kind)
            answers = boundary.answers(kind)
            if step is None:
                count = len(recorded)
                words = f"called more often than recorded ({count})" if count else "the trace has no such step"
                if self._goes_on(place, Match(call, None, (), "forked", f"{boundary.name}: {words}")):
                    return Crossing(place, call, None, (), answers=False)
                return self._unmatched(place, boundary, call, answers, kind, words)
            waiting.remove(step)
            if answers and step.incomplete:
                raise self.refuse(f"step {step.index}, {step.name}", f"cannot be answered: {step.incomplete}")
            if not found:
                return self._settled(Crossing(place, call, step, (), answers), "same")
            if self._drift == "serve":
                return self._settled(Crossing(place, call, step, found, answers), "drift")
            if self._goes_on(place, Match(call, step, found, "forked")):
                return Crossing(place, call, None, (), answers=False)
            return self._unlike_crossing(Crossing(place, call, step, found, answers=False), answers and kind == "tool")

    def _kind_of_new(self, boundary: Boundary) -> Kind:
        """What a function is of which the trace knows nothing: what is recorded of it is to be answered later."""
        return "tool" if self._mode == "record" and boundary.policy != "observed" else "function"

    def _goes_on(self, place: int, match: Match) -> bool:
        """Whether a function that differs runs for real without being held to the trace: beyond a fork, and live."""
        if self._mode == "replay" and self._drift != "fork":
            return False
        beyond = self.live or self._mode != "replay"
        self.recording.places[place] = replace(match, verdict="live") if beyond else match
        self.live = self.live or self._drift == "fork"
        return True

    def _nearest(self, waiting: Sequence[Step], call: Call) -> tuple[Step | None, tuple[Difference, ...]]:
        best: tuple[Step | None, tuple[Difference, ...]] = (None, ())
        for step in waiting:
            known = step.call.known
            if call.known.lost and known.parameters == EVERYTHING:
                hidden = {name.removeprefix("argument ") for name in call.known.lost}
                known = replace(known, parameters=frozenset({*step.call.parameters, *call.parameters} - hidden))
            if canonical(step.call, known)[-1] == canonical(call, known)[-1]:
                return step, ()
            found = self._unlike(differences(replace(step.call, known=known), call))
            if best[0] is None or len(found) < len(best[1]):
                best = step, found
        return best

    def _settled(self, crossing: Crossing, verdict: Verdict) -> Crossing:
        if crossing.answers:
            match = Match(crossing.call, crossing.step, crossing.differences, verdict, lane=lane())
            self.recording.places[crossing.place] = match
        return crossing

    def _unmatched(self, place: int, boundary: Boundary, call: Call, answers: bool, kind: Kind, words: str) -> Crossing:
        reason = f"{boundary.name}: {words}"
        self.recording.places[place] = Match(call, None, (), "diverged", reason, moment=self.recording.now())
        if answers and kind == "tool":
            raise self._signal(reason)
        return Crossing(place, call, None, (), answers=False, reason=reason)

    def _unlike_crossing(self, crossing: Crossing, stops: bool) -> Crossing:
        crossing = replace(crossing, moment=self.recording.now())
        self.recording.places[crossing.place] = Match(
            crossing.call, crossing.step, crossing.differences, "diverged", moment=crossing.moment
        )
        if stops:
            raise self._signal("the tool was called otherwise than recorded")
        return crossing

    def output(self, crossing: Crossing, restorer: Restorer) -> Any:
        """The recorded output of an answered call.

        Raises the recorded exception, or ValueError where it has no such type.
        """
        answer = crossing.step.answer if crossing.step else Answer()
        if answer.failure is not None:
            raise exception(answer.failure)
        return restorer.restored(answer.returned.value if answer.returned else None)

    def observed(self, crossing: Crossing, output: Any) -> None:
        """Hold what a real function returned against its step."""
        step = crossing.step
        if step is None:
            self._beside(crossing, Answer(returned=None if output is UNSEEN else Returned(output)))
            return
        output = output if output is UNSEEN else self._view(output)
        found: list[Difference] = list(crossing.differences)
        failure, returned = step.answer.failure, step.answer.returned
        if failure is not None:
            now = "returned" if output is UNSEEN else output
            found.append(Difference("output", f"raised {failure.type}: {failure.message}", now))
        elif returned is not None and output is not UNSEEN and frozen(returned.value) != frozen(output):
            documents = document_difference(returned.value, output) if step.call.kind == "retrieval" else None
            found += [documents] if documents else value_differences("output", returned.value, output)
        real = step.answer if output is UNSEEN else Answer(returned=Returned(output))
        self._observed(crossing, self._unlike(found), real)

    def observed_failure(self, crossing: Crossing, error: Exception) -> None:
        """Hold what a real function raised against its step."""
        step = crossing.step
        if step is None:
            self._beside(crossing, Answer(failure=Failure(type(error).__qualname__, str(error))))
            return
        raised = f"raised {type(error).__name__}: {self._view(str(error))}"
        failure = step.answer.failure
        same = failure is not None and failure.type.rpartition(".")[2] == type(error).__name__
        expected = f"raised {failure.type}: {failure.message}" if failure else "returned"
        found = crossing.differences if same else (*crossing.differences, Difference("output", expected, raised))
        self._observed(crossing, self._unlike(found), Answer(failure=Failure(type(error).__qualname__, str(error))))

    def _observed(self, crossing: Crossing, found: tuple[Difference, ...], real: Answer) -> None:
        with self._lock:
            verdict: Verdict = "same" if not found else "drift" if self._drift == "serve" else "diverged"
            moment = crossing.moment or self.recording.now()
            took = self._since(crossing.place)
            self.recording.places[crossing.place] = Match(
                crossing.call, crossing.step, found, verdict, moment=moment, answer=real, seconds=took
            )

    def _beside(self, crossing: Crossing, real: Answer) -> None:
        """Write down what a function gave that no step stands for."""
        with self._lock:
            match = self.recording.places[crossing.place]
            if match is not None:
                took = self._since(crossing.place)
                self.recording.places[crossing.place] = replace(match, answer=real, seconds=took)

    def _since(self, place: int) -> float:
        """Seconds since a call began."""
        return time.perf_counter() - self.recording.times[place]

    def refuse(self, what: str, why: str) -> BaseException:
        """Write down that something was not let out; returns the signal to raise."""
        with self._lock:
            self.recording.refusals.append(Refusal(what, why))
        return self._signal(f"{what}: {why}")


def given(step: Step, call: Call) -> Given:
    """What a step answers an equal call with: its raw response too, where API, stream and options are the same."""
    ways = [(each.kind, each.provider, bool(each.stream)) for each in (step.call, call)]
    same = ways[0] == ways[1] and step.call.options.items() <= call.options.items()
    return Given(step.answer, step.raw.response if step.raw and same else None)


def lane() -> str:
    """Name of the thread and, in an event loop, of the task that runs here."""
    try:
        task = asyncio.current_task()
    except RuntimeError:
        task = None
    return f"{threading.current_thread().name} {task.get_name() if task else ''}"
