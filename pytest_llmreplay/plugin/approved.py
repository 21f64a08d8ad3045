"""The snapshot of ``llm_replay.check``, as one judgement beside those of the evaluators. PYTEST_DONT_REWRITE"""

from collections.abc import Sequence
from typing import get_args

import pytest

from pytest_llmreplay.errors import UsageProblem, nearest
from pytest_llmreplay.model.evaluation import Evaluation
from pytest_llmreplay.model.recording import Recording
from pytest_llmreplay.plugin.snapshot import ItemSnapshots, check_run, headline, word_of
from pytest_llmreplay.snapshots.projection import Part

NAME = "snapshot"


def approved(
    item: pytest.Item, recording: Recording, wanted: bool | str | Sequence[str] | None, *, alone: bool
) -> Evaluation | None:
    """What came of a run's snapshot; None where none is wanted.

    Nothing said: it is held where one was approved, where this run writes them, and where nothing else judges the run
    (``alone``). Raises UsageProblem for a part that does not exist.
    """
    __tracebackhide__ = True
    if wanted is False:
        return None
    parts = parts_of(wanted)
    if wanted is None and not alone and not ItemSnapshots.of(item).wanted(word_of(parts)):
        return None
    found = check_run(item, recording, recording.output, parts)
    return Evaluation(
        name=NAME,
        judgement="passed" if found.passed else "failed",
        score=float(found.passed),
        reason="" if found.passed else headline(found),
        need="= approved",
    )


def parts_of(wanted: bool | str | Sequence[str] | None) -> tuple[Part, ...]:
    """The parts of a run that are approved: its output if nothing else is said. Raises UsageProblem."""
    if wanted is None or isinstance(wanted, bool):
        return ("output",)
    given = (wanted,) if isinstance(wanted, str) else tuple(wanted)
    for each in given:
        if each not in get_args(Part):
            raise UsageProblem(f"check(snapshot=…): no part {each!r}{nearest(str(each), get_args(Part))}")
    return given  # type: ignore[return-value]
