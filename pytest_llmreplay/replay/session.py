"""One run of the application against one trace. PYTEST_DONT_REWRITE"""

from collections.abc import Callable, Sequence
from contextvars import ContextVar
from functools import cache
from typing import Any, ClassVar, NamedTuple

from pytest_llmreplay.compare.calls import differences
from pytest_llmreplay.model.call import Answer, Call
from pytest_llmreplay.model.policy import Drift, Mode
from pytest_llmreplay.model.recording import Match
from pytest_llmreplay.model.trace import Step
from pytest_llmreplay.model.wire import RawExchange, WireResponse
from pytest_llmreplay.replay.boundaries import Boundary
from pytest_llmreplay.replay.crossing import Crossings
from pytest_llmreplay.replay.ledger import Ledger, Signal, lane
from pytest_llmreplay.replay.matching import StepIndex
from pytest_llmreplay.replay.plan import Plan, Reader, plan
from pytest_llmreplay.replay.provisos import unmet
from pytest_llmreplay.replay.seeded import SeededAnswers

active_span: ContextVar[str | None] = ContextVar("llm_replay_span", default=None)
"""Id of the recorded span of the observed function that runs here."""


class Given(NamedTuple):
    """What a call is answered with."""

    answer: Answer
    raw: WireResponse | None = None
    """The recorded response, where the same was asked over the same API in the same way."""


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
        drift: Drift = "fail",
        mode: Mode = "replay",
        seeded: SeededAnswers | None = None,
        seed: int = 0,
        anew: bool = False,
        ignore: Sequence[str] = (),
        until: int | None = None,
        passes: Callable[[str], bool] = lambda host: False,
        view: Callable[[Any], Any] = lambda value: value,
    ) -> None:
        self._ledger = Ledger(
            signal=signal,
            mode=mode,
            drift=drift,
            ignore=tuple(pattern.removeprefix("$.") for pattern in ignore),
            until=until,
            view=view,
            live=mode == "live" or anew,
        )
        self.recording = self._ledger.recording
        self._plan = cache(lambda: plan(steps(), boundaries))
        self.functions = Crossings(self._ledger, self._plan)
        """The calls of functions at the application's boundary."""
        self.passes = passes
        """Whether HTTP to a ``host:port`` that no provider claims may go out."""
        self.seed = seed
        self._index: StepIndex | None = None
        self._plain: StepIndex | None = None
        self._seeded = seeded
        self._out: dict[int, int] = {}
        """The place of each call that a provider is answering, by the identity of the call."""

    @property
    def live(self) -> bool:
        """Whether model calls go to the provider from now on."""
        return self._ledger.live

    @property
    def stopped(self) -> bool:
        """Whether the run was stopped behind the last step that was asked for (``until``)."""
        return self._ledger.stopped

    @property
    def plan(self) -> Plan:
        """What the run is expected to ask; read when it is first needed."""
        return self._plan()

    @property
    def expected(self) -> tuple[Step, ...]:
        """The steps that the run has to ask for: up to the one behind which it stops."""
        until = self._ledger.until
        return tuple(step for step in self.plan.expected if until is None or step.index <= until)

    @property
    def index(self) -> StepIndex:
        """The recorded model calls; indexed when the first live one comes."""
        if self._index is None:
            self._index = StepIndex([step for step in self.plan.http_steps if step.call.kind != "http"])
        return self._index

    @property
    def plain(self) -> StepIndex:
        """The recorded requests that are no model calls."""
        if self._plain is None:
            with self._ledger.lock:
                self._plain = self._plain or StepIndex([s for s in self.plan.http_steps if s.call.kind == "http"])
        return self._plain

    @property
    def pins(self) -> bool:
        """Whether what goes out is pinned by seed and temperature."""
        return self._ledger.mode == "live"

    @property
    def in_order(self) -> bool:
        """Whether the order of calls counts."""
        return self._ledger.drift == "fail"

    @property
    def bound(self) -> bool:
        """Whether the run is held to all steps of the trace: not after a fork, and not in other modes than replay."""
        return self._ledger.mode == "replay" and not self.live and not self.stopped

    def ask(self, call: Call) -> Given | None:
        """The answer to a model call; None where the provider itself is to be asked.

        Raises the signal where the trace has none that the policy allows.
        """
        with self._ledger.lock:
            self._ledger.stop_if_done()
            place = self.recording.reserve()
            if self._ledger.mode == "seeded" and self._ledger.drift != "fork":
                return self._chosen(place, call)
            if self.live:
                return self._beyond(place, Match(call, None, (), "live"))
            match = self._match(call)
            if match.verdict == "diverged" and self._ledger.mode == "record":
                return self._beyond(place, Match(call, None, (), "live"))
            if match.verdict == "diverged" and self._ledger.drift == "fork":
                self._ledger.live = True
                return self._beyond(place, match._replace(verdict="forked"))
            self.recording.places[place] = match if match.moment else match._replace(moment=self.recording.now())
        if match.verdict == "diverged" or match.step is None:
            raise self._ledger.signal(match.reason or "the call differs from the recorded one")
        if lacking := unmet(match.step, call):
            where = f"step {match.step.index}, {match.step.name}"
            raise self.refuse(where, f"cannot be answered: {lacking}", outward=False)
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
        with self._ledger.lock:
            self._ledger.stop_if_done()
            call = self._ledger.view(call)
            step, ambiguous = self.plain.take(call, active_span.get())
            if step is not None:
                self.recording.ambiguities += [ambiguous] if ambiguous else []
                match = Match(call, step, lane=lane())
            elif only_equal or self._ledger.mode == "record":
                return None
            else:
                match = self._unlike_plain(call)
            if match.step is None and not match.reason:
                return None
            self.recording.places[self.recording.reserve()] = match._replace(moment=self.recording.now())
        if match.verdict == "diverged" or match.step is None:
            raise self._ledger.signal(match.reason or "the request differs from the recorded one")
        return given(match.step, call)

    def _unlike_plain(self, call: Call) -> Match:
        """A request held against the likest one that is open at its address."""
        if self.plain.answered(call):
            return Match(call, None, (), "diverged", f"{call.model}: asked once more than recorded")
        there = [step for step in self.plain.unanswered() if step.call.model == call.model]
        each = [(step, self._ledger.unlike(differences(step.call, call))) for step in there]
        if not each:
            return Match(call, None)
        nearest, found = min(each, key=lambda pair: len(pair[1]))
        if found and self._ledger.drift != "serve":
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
            raise self._ledger.signal("the seeded mode has no answers to choose from")
        try:
            answer, step = self._seeded.answer(self._ledger.view(call))
        except ValueError as error:
            why = f"no answer can be made up for it: {error}"
            raise self.refuse(f"{call.kind} {call.model}", why, outward=False) from None
        self.recording.places[place] = Match(call, step, (), "same" if step else "synthetic", answer=answer)
        return given(step, call) if step else Given(answer)

    def keep(self, call: Call, answer: Answer, raw: RawExchange | None = None) -> None:
        """Write down what the provider answered to a live call."""
        with self._ledger.lock:
            self.recording.kept.append((call, answer))
            place = self._out.pop(id(call), None)
            match = None if place is None else self.recording.places[place]
            if place is not None and match is not None:
                self.recording.places[place] = match._replace(answer=answer, seconds=self._ledger.since(place), raw=raw)

    def _match(self, call: Call) -> Match:
        call = self._ledger.view(call)
        step, ambiguous = self.index.take(call, active_span.get())
        if step is not None:
            if ambiguous:
                self.recording.ambiguities.append(ambiguous)
            return Match(call, step, lane=lane(), moment=self.recording.now())
        repeated = self.index.answered(call)
        nearest = self.index.nearest(call)
        if nearest is None:
            reason = "asked once more than recorded" if repeated else self.index.none_left(call)
            return Match(call, None, (), "diverged", f"{call.model or call.kind}: {reason}")
        if self._ledger.drift == "fail" and not repeated and not self.index.akin(call):
            there = f"the nearest recorded one, step {nearest.index}, has nothing in common with it"
            reason = f"a call that production did not make; {there}"
            return Match(call, None, (), "diverged", f"{call.model or call.kind}: {reason}")
        found = self._ledger.unlike(differences(nearest.call, call))
        if not found or self._ledger.drift == "serve":
            self.index.close(nearest)
            return Match(call, nearest, found, "drift" if found else "same", lane=lane())
        reason = "asked once more than recorded; the nearest open step differs" if repeated else ""
        return Match(call, nearest, found, "diverged", reason)

    def refuse(self, what: str, why: str, *, outward: bool = True) -> BaseException:
        """Write down that something was not let out; returns the signal to raise."""
        return self._ledger.refuse(what, why, outward=outward)


def given(step: Step, call: Call) -> Given:
    """What a step answers an equal call with: its raw response too, where API, stream and options are the same."""
    if step.raw is None:
        return Given(step.answer)
    ways = [(each.kind, each.provider, bool(each.stream)) for each in (step.call, call)]
    same = ways[0] == ways[1] and step.call.options.items() <= call.options.items()
    return Given(step.answer, step.raw.response if same else None)
