"""Which stage of an application a difference belongs to: retriever, prompt, generator or tool. PYTEST_DONT_REWRITE"""

from collections.abc import Sequence

from pytest_llmreplay.model.recording import Difference, Stage
from pytest_llmreplay.model.trace import Step


def stage_of(step: Step | None, differences: Sequence[Difference]) -> Stage | None:
    """The stage that the first difference of a call belongs to, or None where nothing says so."""
    if step is not None and step.call.kind == "retrieval":
        return "retriever"
    if step is not None and step.call.kind == "tool":
        return "tool"
    if not differences:
        return None
    return "prompt" if any(each.path.startswith("messages") for each in differences) else "generator"
