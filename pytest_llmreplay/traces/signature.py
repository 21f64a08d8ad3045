"""What traces have in common that took the same way. PYTEST_DONT_REWRITE"""

import hashlib
from collections.abc import Iterator

from pytest_llmreplay.model.call import ToolCall
from pytest_llmreplay.model.trace import Contents, Step


def of(contents: Contents) -> str:
    """Equal for traces of equal ways: the same steps one after another, the same tools called, the same outcome.

    What was said is not in it, nor how often the same step came in a row.
    """
    way: list[str] = [contents.name, contents.status]
    for step in contents.steps:
        words = f"{step.call.kind} {step.name} {'/'.join(tools_called(step))} {outcome(step)}"
        if words != way[-1]:
            way.append(words)
    return hashlib.sha256("\n".join(way).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def tools_called(step: Step) -> Iterator[str]:
    """The tools that a model's answer calls."""
    for choice in step.answer.choices:
        yield from (part.name for part in choice.parts if isinstance(part, ToolCall))


def outcome(step: Step) -> str:
    """How a step ended: the status of an error, the type of an exception, or nothing."""
    answer = step.answer
    return str(answer.error.status) if answer.error else answer.failure.type if answer.failure else ""
