"""What of a run is approved: its output and, if wanted, what it asked on the way. PYTEST_DONT_REWRITE"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, TypeAlias

from pytest_llmreplay.model.call import Call
from pytest_llmreplay.model.recording import Match, Recording

Part: TypeAlias = Literal["output", "trajectory", "prompts", "arguments"]
"""``trajectory``: which models and functions were called, in order; ``prompts``: the messages to models;
``arguments``: what tools, retrievers and functions were called with."""
MODEL_KINDS = ("chat", "completion")


def projection(recording: Recording, output: Any, parts: Sequence[Part] = ("output",)) -> Any:
    """The approved part of a run: the bare output where nothing else is wanted, else a mapping of the parts."""
    if tuple(parts) == ("output",):
        return output
    made: dict[Part, Any] = {"output": output}
    for part in parts:
        if part != "output":
            made[part] = PARTS[part](recording)
    return {part: made[part] for part in parts}


def trajectory(recording: Recording) -> list[str]:
    """Each call in order: its kind and its name."""
    return [f"{match.call.kind} {name_of(match)}" for match in recording.matches]


def prompts(recording: Recording) -> list[list[dict[str, Any]]]:
    """The messages of each call to a model."""
    return [messages(match.call) for match in recording.matches if match.call.kind in MODEL_KINDS]


def arguments(recording: Recording) -> list[dict[str, Any]]:
    """What each tool, retriever and function was called with."""
    found = [match for match in recording.matches if match.call.arguments is not None]
    return [{name_of(match): match.call.arguments.value} for match in found if match.call.arguments is not None]


def name_of(match: Match) -> str:
    """The name of a call: the function's, or the model's."""
    return match.step.name if match.step else match.call.model or ""


def messages(call: Call) -> list[dict[str, Any]]:
    """The messages of a call as they read: a text by itself, other parts by their fields."""
    return [{"role": message.role, "content": [content(part) for part in message.parts]} for message in call.messages]


def content(part: Any) -> Any:
    """A part of a message."""
    fields = {name: getattr(part, name) for name in part.__slots__ if getattr(part, name) not in (None, False)}
    return fields["content"] if fields.keys() == {"content"} else fields


PARTS: Mapping[Part, Callable[[Recording], Any]] = {
    "trajectory": trajectory,
    "prompts": prompts,
    "arguments": arguments,
}
"""What is made of a recording for each part."""
