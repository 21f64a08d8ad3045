"""What stands below a failure: answers that were given without the trace saying all of them. PYTEST_DONT_REWRITE"""

from collections.abc import Iterator

from pytest_llmreplay.model.recording import Recording
from pytest_llmreplay.model.trace import Step


def doubts(recording: Recording) -> Iterator[str]:
    """A line for each: of equal calls which answer is whose, and vectors that are not in the trace."""
    yield from (f"ambiguous: {words}" for words in dict.fromkeys(recording.ambiguities))
    answered = [match.step for match in recording.matches if match.step and match.verdict in ("same", "drift")]
    if steps := [step for step in answered if vectors_made_up(step)]:
        named = ", ".join(dict.fromkeys(f"step {step.index}, {step.name}" for step in steps[:3]))
        more = f" and {len(steps) - 3} more" if len(steps) > 3 else ""
        yield (
            f"made up: the vectors of {named}{more}; the trace does not hold them, so what is ranked by them may come "
            "otherwise than in production. Have the retriever answered (patch), or record vectors (raw capture)"
        )


def vectors_made_up(step: Step) -> bool:
    """Whether an embedding is answered with vectors that the trace does not hold."""
    answer = step.answer
    return step.call.kind == "embedding" and step.raw is None and not answer.vectors and answer.error is None
