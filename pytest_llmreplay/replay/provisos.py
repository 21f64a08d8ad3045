"""Answers that a trace holds in part, and that today's question shows to be whole all the same. PYTEST_DONT_REWRITE"""

from pytest_llmreplay.model.call import Call, Tool, ToolCall
from pytest_llmreplay.model.jsonvalue import members
from pytest_llmreplay.model.trace import Step


def unmet(step: Step, call: Call) -> str | None:
    """Why the answer of a step cannot be given to a call; None where it can."""
    if step.proviso == "no tools" and call.tools:
        return "the model may have called a tool, and its span keeps no calls"
    if step.proviso != "no arguments":
        return None
    parts = [part for choice in step.answer.choices for part in choice.parts]
    called = {part.name for part in parts if isinstance(part, ToolCall)}
    free = called - {tool.name for tool in call.tools if takes_none(tool)}
    if not free:
        return None
    return f"the arguments of its tool calls were not recorded, and {', '.join(sorted(free))} takes some"


def takes_none(tool: Tool) -> bool:
    """Whether the only arguments that a tool's schema provides for are an empty object."""
    schema = members(tool.parameters)
    more = schema.get("additionalProperties", "properties" not in schema)
    elsewhere = {"$ref", "anyOf", "oneOf", "allOf", "patternProperties", "if"} & schema.keys()
    return schema.get("type") == "object" and not (schema.get("properties") or more or elsewhere)
