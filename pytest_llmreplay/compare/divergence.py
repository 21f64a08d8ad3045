"""The first place where a run left its trace. PYTEST_DONT_REWRITE"""

from collections.abc import Sequence

from pytest_llmreplay.compare.stages import stage_of
from pytest_llmreplay.model.recording import Difference, Divergence, Match, Recording
from pytest_llmreplay.model.trace import Step

HEADLINE_WIDTH = 60


def first_divergence(
    recording: Recording, steps: Sequence[Step], *, finished: bool = True, engaged: bool = True
) -> Divergence | None:
    """The first divergence of a run, or None.

    A run that broke off (``finished=False``) is not held to the steps that it did not reach, nor is one that never
    meant to replay (``engaged=False``) and asked nothing.
    """
    for match in recording.matches:
        if match.verdict == "diverged":
            return changed(match, len(steps))
    if recording.refusals:
        first = recording.refusals[0]
        return Divergence(reason="refused", step=None, total=len(steps), detail=f"{first.what} was refused: {first.why}")
    if finished and (engaged or recording.matches):
        return never_asked(recording, steps)
    return None


def changed(match: Match, total: int) -> Divergence:
    """The divergence of a call that no step answers."""
    step = match.step
    if step is None:
        detail = match.reason or "a call that the trace does not hold"
        return Divergence(reason="unexpected", step=None, total=total, call=match.call, detail=detail)
    paths = ", ".join(dict.fromkeys(brief(each) for each in match.differences[:3]))
    more = f" and {len(match.differences) - 3} more" if len(match.differences) > 3 else ""
    return Divergence(
        reason="changed",
        step=step,
        total=total,
        stage=stage_of(step, match.differences),
        differences=match.differences,
        call=match.call,
        detail=f"{step.name}: {paths}{more}" if paths else f"{step.name}: {match.reason}",
    )


def never_asked(recording: Recording, steps: Sequence[Step]) -> Divergence | None:
    """The divergence of a recorded step that the run did not ask for."""
    asked = {match.step.index for match in recording.matches if match.step is not None}
    missing = [step for step in steps if step.asked_by_http and step.index not in asked]
    if not missing:
        return None
    rest = f", nor {len(missing) - 1} after it" if len(missing) > 1 else ""
    return Divergence(
        reason="missing",
        step=missing[0],
        total=len(steps),
        stage=stage_of(missing[0], ()),
        detail=f"{missing[0].name}: recorded, but never asked for{rest}",
    )


def brief(difference: Difference) -> str:
    """A difference in a few words: path, and the values where they are short."""
    old, new = difference.recorded, difference.live
    if len(str(old)) + len(str(new)) <= HEADLINE_WIDTH and "\n" not in f"{old}{new}":
        if old is None:
            return f"{difference.path} {new!s} added"
        if new is None:
            return f"{difference.path} {old!s} lost"
        return f"{difference.path} {old!s} -> {new!s}"
    return f"{difference.path} changed"
