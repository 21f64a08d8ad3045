"""Live calls of functions at the application's boundary, held against recorded steps. PYTEST_DONT_REWRITE"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pytest_llmreplay.compare.calls import differences, value_differences
from pytest_llmreplay.compare.canonical import frozen, parameters
from pytest_llmreplay.compare.documents import document_difference
from pytest_llmreplay.model.call import EVERYTHING, Answer, Call, Failure, Kind, Returned
from pytest_llmreplay.model.recording import Difference, Match, Verdict
from pytest_llmreplay.model.trace import Step
from pytest_llmreplay.replay.boundaries import Boundary
from pytest_llmreplay.replay.ledger import Ledger, lane
from pytest_llmreplay.replay.plainvalue import UNSEEN, Restorer, exception
from pytest_llmreplay.replay.plan import Plan


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


class Crossings:
    """All calls of boundary functions in one run."""

    def __init__(self, ledger: Ledger, plan: Callable[[], Plan]) -> None:
        self._ledger = ledger
        self._recording = ledger.recording
        self._plan = plan
        self._waiting: dict[str, list[Step]] = {}
        """The steps of each boundary, by its path, that no call has taken."""

    def cross(self, boundary: Boundary, call: Call) -> Crossing:
        """How a live call of a boundary function goes on: with the recorded output, or with the real function.

        A tool that is called otherwise than recorded is not run, for it may do things: the signal is raised. A
        retriever is run, so that what follows from the difference can be shown.
        """
        with self._ledger.lock:
            self._ledger.stop_if_done()
            recorded = self._plan().functions.get(boundary.path, ())
            waiting = self._waiting.setdefault(boundary.path, list(recorded))
            place = self._recording.reserve()
            call = self._ledger.view(call)
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
                where = f"step {step.index}, {step.name}"
                raise self._ledger.refuse(where, f"cannot be answered: {step.incomplete}", outward=False)
            if not found:
                return self._settled(Crossing(place, call, step, (), answers), "same")
            if self._ledger.drift == "serve":
                return self._settled(Crossing(place, call, step, found, answers), "drift")
            if self._goes_on(place, Match(call, step, found, "forked")):
                return Crossing(place, call, None, (), answers=False)
            return self._unlike_crossing(Crossing(place, call, step, found, answers=False), answers and kind == "tool")

    def _kind_of_new(self, boundary: Boundary) -> Kind:
        """What a function is of which the trace knows nothing: what is recorded of it is to be answered later."""
        return "tool" if self._ledger.mode == "record" and boundary.policy != "observed" else "function"

    def _goes_on(self, place: int, match: Match) -> bool:
        """Whether a function that differs runs for real without being held to the trace: beyond a fork, and live."""
        if self._ledger.mode == "replay" and self._ledger.drift != "fork":
            return False
        beyond = self._ledger.live or self._ledger.mode != "replay"
        self._recording.places[place] = match._replace(verdict="live") if beyond else match
        self._ledger.live = self._ledger.live or self._ledger.drift == "fork"
        return True

    def _nearest(self, waiting: Sequence[Step], call: Call) -> tuple[Step | None, tuple[Difference, ...]]:
        best: tuple[Step | None, tuple[Difference, ...]] = (None, ())
        for step in waiting:
            known = step.call.known
            if call.known.lost and known.parameters == EVERYTHING:
                hidden = {name.removeprefix("argument ") for name in call.known.lost}
                known = replace(known, parameters=frozenset({*step.call.parameters, *call.parameters} - hidden))
            if parameters(step.call, known) == parameters(call, known):
                return step, ()
            found = self._ledger.unlike(differences(replace(step.call, known=known), call))
            if best[0] is None or len(found) < len(best[1]):
                best = step, found
        return best

    def _settled(self, crossing: Crossing, verdict: Verdict) -> Crossing:
        if crossing.answers:
            match = Match(crossing.call, crossing.step, crossing.differences, verdict, lane=lane())
            self._recording.places[crossing.place] = match
        return crossing

    def _unmatched(self, place: int, boundary: Boundary, call: Call, answers: bool, kind: Kind, words: str) -> Crossing:
        reason = f"{boundary.name}: {words}"
        self._recording.places[place] = Match(call, None, (), "diverged", reason, moment=self._recording.now())
        if answers and kind == "tool":
            raise self._ledger.signal(reason)
        return Crossing(place, call, None, (), answers=False, reason=reason)

    def _unlike_crossing(self, crossing: Crossing, stops: bool) -> Crossing:
        crossing = replace(crossing, moment=self._recording.now())
        self._recording.places[crossing.place] = Match(
            crossing.call, crossing.step, crossing.differences, "diverged", moment=crossing.moment
        )
        if stops:
            raise self._ledger.signal("the tool was called otherwise than recorded")
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
        output = output if output is UNSEEN else self._ledger.view(output)
        found: list[Difference] = list(crossing.differences)
        failure, returned = step.answer.failure, step.answer.returned
        if failure is not None:
            now = "returned" if output is UNSEEN else output
            found.append(Difference("output", f"raised {failure.type}: {failure.message}", now))
        elif (
            returned and output is not UNSEEN and frozen(returned.value) != frozen(output) and not returned.told(output)
        ):
            documents = document_difference(returned.value, output) if step.call.kind == "retrieval" else None
            found += [documents] if documents else value_differences("output", returned.value, output)
        real = step.answer if output is UNSEEN else Answer(returned=Returned(output))
        self._observed(crossing, self._ledger.unlike(found), real)

    def observed_failure(self, crossing: Crossing, error: Exception) -> None:
        """Hold what a real function raised against its step."""
        step = crossing.step
        if step is None:
            self._beside(crossing, Answer(failure=Failure(type(error).__qualname__, str(error))))
            return
        raised = f"raised {type(error).__name__}: {self._ledger.view(str(error))}"
        failure = step.answer.failure
        same = failure is not None and failure.type.rpartition(".")[2] == type(error).__name__
        expected = f"raised {failure.type}: {failure.message}" if failure else "returned"
        found = crossing.differences if same else (*crossing.differences, Difference("output", expected, raised))
        real = Answer(failure=Failure(type(error).__qualname__, str(error)))
        self._observed(crossing, self._ledger.unlike(found), real)

    def _observed(self, crossing: Crossing, found: tuple[Difference, ...], real: Answer) -> None:
        with self._ledger.lock:
            verdict: Verdict = "same" if not found else "drift" if self._ledger.drift == "serve" else "diverged"
            moment = crossing.moment or self._recording.now()
            took = self._ledger.since(crossing.place)
            self._recording.places[crossing.place] = Match(
                crossing.call, crossing.step, found, verdict, moment=moment, answer=real, seconds=took
            )

    def _beside(self, crossing: Crossing, real: Answer) -> None:
        """Write down what a function gave that no step stands for."""
        with self._ledger.lock:
            match = self._recording.places[crossing.place]
            if match is not None:
                took = self._ledger.since(crossing.place)
                self._recording.places[crossing.place] = match._replace(answer=real, seconds=took)
