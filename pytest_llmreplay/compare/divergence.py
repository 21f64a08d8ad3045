"""The first place where a run left its trace. PYTEST_DONT_REWRITE"""

from collections.abc import Sequence

from pytest_llmreplay.compare.documents import PATH, in_words
from pytest_llmreplay.compare.stages import SHORTEST_DOCUMENT, stage_of, stage_of_unasked
from pytest_llmreplay.model.recording import Difference, Divergence, Match, Recording
from pytest_llmreplay.model.trace import Step

HEADLINE_WIDTH = 60


def first_divergence(
    recording: Recording,
    steps: Sequence[Step],
    expected: Sequence[Step],
    *,
    finished: bool = True,
    in_order: bool = True,
) -> Divergence | None:
    """The first divergence of a run, or None.

    ``steps`` is all that the trace holds, ``expected`` what the run has to ask for. A run that broke off
    (``finished=False``) is not held to the steps that it did not reach; ``in_order=False`` leaves their order alone.
    """
    diverged = [match for match in recording.matches if match.verdict == "diverged"]
    if diverged:
        earliest = min(diverged, key=lambda match: match.moment)
        return left_out(recording, steps, expected, earliest.step) or changed(earliest, steps)
    if recording.refusals:
        detail = recording.refusals[0].sentence
        return Divergence(reason="refused", step=None, total=len(steps), detail=detail)
    if not finished:
        return None
    missing = never_asked(recording, steps, expected)
    return missing or (reordered(recording, steps) if in_order else None)


def left_out(
    recording: Recording, steps: Sequence[Step], expected: Sequence[Step], step: Step | None
) -> Divergence | None:
    """The divergence of a step that the run passed by: production had finished it before the one that differs."""
    if step is None:
        return None
    missing = [each for each in unasked(recording, expected) if 0 < each.end_ns <= step.start_ns]
    return not_asked(missing[0], steps, f" before step {step.index}, {step.name}") if missing else None


def changed(match: Match, steps: Sequence[Step]) -> Divergence:
    """The divergence of a call that differs from its step, or has none."""
    step = match.step
    if step is None:
        detail = match.reason or "a call that the trace does not hold"
        return Divergence(reason="unexpected", step=None, total=len(steps), call=match.call, detail=detail)
    paths = ", ".join(dict.fromkeys(brief(each) for each in match.differences[:3]))
    more = f" and {len(match.differences) - 3} more" if len(match.differences) > 3 else ""
    return Divergence(
        reason="changed",
        step=step,
        total=len(steps),
        stage=stage_of(step, match.differences, steps),
        differences=match.differences,
        call=match.call,
        detail=f"{step.name}: {paths}{more}" if paths else f"{step.name}: {match.reason}",
        cause=likely_cause(step, match.differences, steps),
    )


def never_asked(recording: Recording, steps: Sequence[Step], expected: Sequence[Step]) -> Divergence | None:
    """The divergence of a recorded step that the run did not ask for."""
    missing = unasked(recording, expected)
    if not missing:
        return None
    return not_asked(missing[0], steps, f", nor {len(missing) - 1} after it" if len(missing) > 1 else "")


def unasked(recording: Recording, expected: Sequence[Step]) -> list[Step]:
    """The steps that the run has to ask for and did not.

    What production did beside a call that failed may be left out: the error comes at once in a replay, and ends the
    application before it begins the others.
    """
    asked = {match.step.index: match.step for match in recording.matches if match.step is not None}
    failed = [step for step in asked.values() if step.answer.error or step.answer.failure]
    return [step for step in expected if step.index not in asked and not any(beside(step, each) for each in failed)]


def beside(step: Step, other: Step) -> bool:
    """Whether production was at two steps at the same time, neither within the other."""
    overlap = step.start_ns < other.end_ns and other.start_ns < step.end_ns
    return overlap and other.span_id not in step.inside and step.span_id not in other.inside


def not_asked(step: Step, steps: Sequence[Step], more: str) -> Divergence:
    """The divergence of a step that nobody asked for."""
    return Divergence(
        reason="missing",
        step=step,
        total=len(steps),
        stage=stage_of_unasked(step),
        detail=f"{step.name}: recorded, but never asked for{more}",
    )


def reordered(recording: Recording, steps: Sequence[Step]) -> Divergence | None:
    """The divergence of a step that was asked for before one that production had finished earlier.

    Calls of different threads or tasks have no order: answers are instant in a replay, so they overtake each other.
    """
    furthest: dict[str, Step] = {}
    for match in recording.matches:
        step = match.step
        if step is None or step.call.kind == "function":
            continue
        latest = furthest.get(match.lane)
        if latest is not None and step.end_ns <= latest.start_ns:
            detail = f"{latest.name}: asked for before step {step.index}, {step.name}, which production asked for first"
            return Divergence(reason="reordered", step=latest, total=len(steps), call=match.call, detail=detail)
        if latest is None or step.start_ns > latest.start_ns:
            furthest[match.lane] = step
    return None


def likely_cause(step: Step, differences: Sequence[Difference], steps: Sequence[Step]) -> str | None:
    """A cause, only where a fixed rule gives one.

    An argument changed before the output did; or lines of a prompt came, went or moved that may be documents, and the
    trace has no retriever to tell.
    """
    outputs = [each for each in differences if each.path.startswith(("output", PATH))]
    arguments = [each for each in differences if not each.path.startswith(("output", PATH))]
    if not step.asked_by_http and arguments and outputs:
        return f"argument {arguments[0].path} changed before the output did"
    if any(each.call.kind == "retrieval" for each in steps) or not any(map(lines_moved, differences)):
        return None
    return (
        "whole lines came, went or moved: the prompt's own, or documents of a retriever, of which the trace has no step"
    )


def lines_moved(difference: Difference) -> bool:
    """Whether two texts of a message differ in longer lines alone, which one of them lacks or has elsewhere."""
    old, new = difference.recorded, difference.live
    if not (difference.path.startswith("messages") and isinstance(old, str) and isinstance(new, str)):
        return False
    lines = [[line for line in text.split("\n") if line.strip()] for text in (old, new)]
    gone, come = (set(a) - set(b) for a, b in (lines, lines[::-1]))
    whole = all(len(line) >= SHORTEST_DOCUMENT for line in gone | come)
    return lines[0] != lines[1] and whole and not (gone and come)


def brief(difference: Difference) -> str:
    """A difference in a few words: path, and the values where they are short."""
    old, new = difference.recorded, difference.live
    if difference.path == PATH and isinstance(old, list) and isinstance(new, list):
        return in_words(old, new)
    if len(str(old)) + len(str(new)) <= HEADLINE_WIDTH and "\n" not in f"{old}{new}":
        if old is None:
            return f"{difference.path} {new!s} added"
        if new is None:
            return f"{difference.path} {old!s} lost"
        return f"{difference.path} {old!s} -> {new!s}"
    return f"{difference.path} changed"
