"""Which recorded step answers a live call. PYTEST_DONT_REWRITE"""

from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from pytest_llmreplay.compare.calls import distance, same_shape, share_words
from pytest_llmreplay.compare.canonical import Frozen, canonical
from pytest_llmreplay.model.call import Call, Kind, Known
from pytest_llmreplay.model.trace import Step

TEXT: Final[tuple[Kind, ...]] = ("chat", "completion")
KINDRED: Final[Mapping[Kind, tuple[Kind, ...]]] = {"chat": TEXT, "completion": TEXT}
"""Kinds of calls that stand for each other: a question may be asked in a chat, or be completed."""


def kindred(call: Call) -> tuple[Kind, ...]:
    """The kinds of steps that may stand for a call."""
    return KINDRED.get(call.kind, (call.kind,))


def ambiguity(step: Step, others: Sequence[Step]) -> str:
    """Names equal steps that overlapped in time and got other answers; empty where there is none."""
    rivals = [
        other.index
        for other in others
        if other is not step
        and other.start_ns < step.end_ns
        and step.start_ns < other.end_ns
        and (other.answer.choices, other.answer.error) != (step.answer.choices, step.answer.error)
    ]
    if not rivals:
        return ""
    listed = ", ".join(map(str, rivals))
    same = f"step {step.index} and step {listed} asked the same at the same time"
    return f"{same} and got different answers; answered in recorded order"


def chosen(queue: Sequence[Step], call: Call, inside: str | None) -> tuple[Step, str]:
    """Which of equal steps answers a call, and the ambiguity where nothing says which."""
    if len(queue) == 1:
        return queue[0], ""
    mine = [step for step in queue if inside in step.inside] if inside else []
    choice = mine or list(queue)
    step = next((each for each in choice if each.call.stream == call.stream), choice[0])
    return step, ambiguity(step, choice)


class StepIndex:
    """Recorded steps under the fingerprint of what each knows of its call.

    Steps that know the same share one table, so a lookup costs one fingerprint for each sort of knowledge in the trace
    (one or two in practice), however many steps there are.
    """

    def __init__(self, steps: Sequence[Step]) -> None:
        self._tables: dict[Known, dict[Frozen, deque[Step]]] = {}
        self._open: dict[int, Step] = {}
        self.size = len(steps)
        self._keys: dict[int, Frozen] = {}
        self._kinds = Counter(step.call.kind for step in steps)
        for step in steps:
            key = self._keys[step.index] = canonical(step.call, step.call.known)
            self._tables.setdefault(step.call.known, {}).setdefault(key, deque()).append(step)
            self._open[step.index] = step
        self._lenses = sorted(self._tables.items(), key=lambda each: "messages" not in each[0].fields)

    def take(self, call: Call, inside: str | None = None) -> tuple[Step | None, str]:
        """The first unanswered step that equals a call in all that the step knows; it is answered thereby.

        Of equal steps one recorded inside the same function goes first, then one that was streamed alike. The text
        names an ambiguity: equal calls that production made at the same time and that got different answers, of which
        nothing says which is which.
        """
        for known, table in self._lenses:
            queue = table.get(self._kept(canonical(call, known)))
            if queue:
                step, why = chosen(queue, call, inside)
                queue.remove(step)
                del self._open[step.index]
                return step, why
        return None, ""

    def _kept(self, key: Frozen) -> Frozen:
        """The key of the first open step in place of an equal one: long texts are hashed once, and cheap to compare."""
        first = next(iter(self._open), None)
        return self._keys[first] if first is not None and self._keys[first] == key else key

    def answered(self, call: Call) -> bool:
        """Whether an equal call is recorded, and was answered as often as it is."""
        return any(canonical(call, known) in table for known, table in self._tables.items())

    def none_left(self, call: Call) -> str:
        """Why no step is left for a call: all of its kind are answered, or the trace never had one."""
        count = sum(self._kinds[kind] for kind in kindred(call))
        if count == 0:
            return f"the trace holds no {call.kind} call; does production record this API?"
        if count == 1:
            return f"the one recorded {call.kind} call is answered already"
        return f"all {count} recorded {call.kind} calls are answered already"

    def close(self, step: Step) -> None:
        """Mark a step as answered."""
        self._open.pop(step.index, None)
        queue = self._tables[step.call.known][self._keys[step.index]]
        if step in queue:
            queue.remove(step)

    def unanswered(self) -> Iterator[Step]:
        """Steps that nobody asked for yet, in recorded order."""
        return iter(tuple(self._open.values()))

    def nearest(self, call: Call) -> Step | None:
        """The unanswered step of its kind that is most like a call; the earliest of equally near ones."""
        alike = (step for step in self.unanswered() if step.call.kind in kindred(call))
        return min(alike, key=lambda step: (distance(step.call, call), step.index), default=None)

    def akin(self, call: Call) -> bool:
        """Whether a call may stand for an open step: any that shares its words, or the next one of its shape."""
        alike = [step for step in self.unanswered() if step.call.kind in kindred(call)]
        return any(share_words(step.call, call) for step in alike) or any(same_shape(s.call, call) for s in alike[:1])
