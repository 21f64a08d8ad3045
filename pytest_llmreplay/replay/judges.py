"""The model calls of evaluators, held apart from those of the application. PYTEST_DONT_REWRITE"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from typing import Any, ClassVar, TypeAlias

from pytest_llmreplay.compare.canonical import Frozen, canonical
from pytest_llmreplay.model.call import FULLY_KNOWN, Answer, Call
from pytest_llmreplay.model.wire import RawExchange
from pytest_llmreplay.replay.ledger import Signal
from pytest_llmreplay.replay.session import Given, ReplaySession

Asked: TypeAlias = tuple[Call, Answer]


class JudgeCalls:
    """The recorded calls of the judges of one test module: to each question as many answers as it was asked for."""

    def __init__(self, recorded: Iterable[Asked] = ()) -> None:
        self._answers: dict[Frozen, list[Answer]] = defaultdict(list)
        for call, answer in recorded:
            self._answers[canonical(call, FULLY_KNOWN)].append(answer)

    def answer(self, question: Frozen, number: int) -> Answer | None:
        """The answer that a question got when it was asked for the n-th time (from 0), or None."""
        answers = self._answers.get(question, ())
        return answers[number] if number < len(answers) else None

    def keep(self, question: Frozen, answer: Answer) -> int:
        """Keep another answer to a question; returns its number, from 1."""
        self._answers[question].append(answer)
        return len(self._answers[question])


class JudgeSession(ReplaySession):
    """Answers the model calls of evaluators from their recordings.

    They are no steps of the application. ``asks`` says whether a call without a recording goes out to its provider;
    where it does not, the signal is raised, and ``missing`` holds it whatever becomes of the signal.
    """

    beside: ClassVar[bool] = True

    def __init__(
        self,
        calls: JudgeCalls,
        *,
        asks: bool,
        signal: Signal,
        passes: Callable[[str], bool] = lambda host: False,
        view: Callable[[Any], Any] = lambda value: value,
    ) -> None:
        super().__init__(lambda: (), signal=signal, mode="record", passes=passes, view=view)
        self.missing: list[Call] = []
        """Calls that have no recording."""
        self.kept: list[tuple[Call, Answer, int]] = []
        """New answers, each with its number among those to its question, from 1."""
        self.replayed: list[Asked] = []
        """Calls that were answered from their recordings."""
        self._calls = calls
        self._asks = asks
        self._count: Counter[Frozen] = Counter()

    def ask(self, call: Call) -> Given | None:
        """The recorded answer to a call; None where its provider is to be asked. Raises the signal."""
        with self._ledger.lock:
            seen = self._ledger.view(call)
            question = canonical(seen, FULLY_KNOWN)
            answer = self._calls.answer(question, self._count[question])
            self._count[question] += 1
            if answer is not None:
                self.replayed.append((seen, answer))
                return Given(answer)
            if self._asks:
                return None
            self.missing.append(seen)
        raise self._ledger.signal(f"no judge recording of a call of {call.model or call.kind}")

    def keep(self, call: Call, answer: Answer, raw: RawExchange | None = None) -> None:
        """Keep what a provider answered. An error is not kept: the call may be made again."""
        with self._ledger.lock:
            seen, said = self._ledger.view(call), self._ledger.view(answer)
            question = canonical(seen, FULLY_KNOWN)
            if answer.error is not None:
                self._count[question] -= 1
                return
            self.kept.append((seen, said, self._calls.keep(question, said)))
