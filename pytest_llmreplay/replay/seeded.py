"""Answers that a seed chooses among all that were ever recorded for a question. PYTEST_DONT_REWRITE

Nothing depends on the order of files, on the process or on the version of Python: questions and choices are hashed as
text, and candidates stand in the order of their traces' ids.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from threading import Lock

from pytest_llmreplay.compare.canonical import Flag, Frozen, canonical
from pytest_llmreplay.model.call import Answer, Call, Known
from pytest_llmreplay.model.trace import Step
from pytest_llmreplay.replay.stable import stable_number
from pytest_llmreplay.replay.synthetic import synthetic


def fingerprint(call: Call) -> str:
    """The sha256 of all that a call knows of itself, in hex; equal for calls that are the same question."""
    form = json.dumps(canonical(call, call.known), separators=(",", ":"), default=truth)
    return hashlib.sha256(form.encode()).hexdigest()


def truth(flag: object) -> bool:
    """A truth value of the canonical form as JSON has it. Raises TypeError for anything else."""
    if isinstance(flag, Flag):
        return flag is Flag.TRUE
    raise TypeError(f"{type(flag).__name__} is no part of a canonical call")


class AnswerPool:
    """Recorded answers under the canonical form of their calls, from any number of traces."""

    def __init__(self, steps: Iterable[Step]) -> None:
        self._tables: dict[Known, dict[Frozen, list[Step]]] = {}
        for step in steps:
            if answered(step):
                table = self._tables.setdefault(step.call.known, {})
                table.setdefault(canonical(step.call, step.call.known), []).append(step)

    def candidates(self, call: Call) -> Sequence[Step]:
        """The steps that equal a call in all that they know, in an order that is the same in every run.

        Those that know no messages, and so equal almost any call, count only where there are no others.
        """
        equal = [s for known, table in self._tables.items() for s in table.get(canonical(call, known), ())]
        knowing = [step for step in equal if "messages" in step.call.known.fields]
        return sorted(knowing or equal, key=lambda step: (step.answer.seed, step.index))

    def choose(self, call: Call, seed: int, occurrence: int) -> Step | None:
        """The step that answers a call asked for the n-th time (from 0); None where no equal one is recorded."""
        found = self.candidates(call)
        return found[stable_number(seed, fingerprint(call), occurrence) % len(found)] if found else None


def answered(step: Step) -> bool:
    """Whether a step has an answer that can be given; an error is one, too."""
    answer = step.answer
    single = (answer.raw, answer.error, answer.returned, answer.failure)
    return (
        step.incomplete is None
        and step.proviso is None
        and bool(answer.choices or answer.vectors or any(each is not None for each in single))
    )


class SeededAnswers:
    """Answers of one run. Calls may come from several threads; equal ones get their answers in the order they come."""

    def __init__(self, pool: AnswerPool, seed: int) -> None:
        self._pool = pool
        self._seed = seed
        self._asked: Counter[str] = Counter()
        self._lock = Lock()

    def answer(self, call: Call) -> tuple[Answer, Step | None]:
        """An answer and the step that it is from; a made-up one and None where no equal call is recorded.

        Raises ValueError where an answer would have to be made up, and cannot be.
        """
        question = fingerprint(call)
        with self._lock:
            occurrence = self._asked[question]
            self._asked[question] += 1
        step = self._pool.choose(call, self._seed, occurrence)
        if step is not None:
            return step.answer, step
        return synthetic(call, f"{self._seed}:{question}:{occurrence}"), None
