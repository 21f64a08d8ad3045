"""Answers that nobody recorded: they obey the request, and follow from a seed alone. PYTEST_DONT_REWRITE"""

import json
from typing import Final

from pytest_llmreplay.model.call import Answer, Call, Choice, Part, Text, Tool, ToolCall, Usage
from pytest_llmreplay.model.jsonvalue import JSON, Object, integer, items, members, text
from pytest_llmreplay.replay.schema_keywords import Schema
from pytest_llmreplay.replay.schema_values import satisfying
from pytest_llmreplay.replay.stable import WORDS, stable_number

PREFIX: Final = "[synthetic]"
"""What every plain text begins with."""


def synthetic(call: Call, seed: str) -> Answer:
    """An answer that obeys a call. Raises ValueError for a demand that cannot be met, naming it."""
    if call.kind == "embedding":  # its vectors follow from the texts, so that equal texts lie in one place
        return Answer(provider=call.provider, model=call.model, seed="synthetic")
    if call.kind not in ("chat", "completion"):
        raise ValueError(f"no answer to a call of kind {call.kind!r} can be made up")
    alternatives = max(1, integer(call.parameters.get("choice.count")) or 1)
    choices = tuple(choice(call, f"{seed}:{index}") for index in range(alternatives))
    asked = sum(size(part) for message in call.messages for part in message.parts)
    told = sum(size(part) for each in choices for part in each.parts)
    return Answer(
        choices=choices,
        provider=call.provider,
        model=call.model,
        id=f"synthetic-{stable_number(seed, 'id'):016x}",
        usage=Usage(input=max(1, asked), output=told),
        seed=seed,
    )


def choice(call: Call, seed: str) -> Choice:
    """One of the alternatives: a call of the demanded tool, JSON of the demanded schema, or text."""
    tool = demanded_tool(call, seed)
    if tool is not None:
        part = ToolCall(tool.name, arguments(tool, seed), legacy="function_call" in call.parameters)
        return Choice(parts=(part,), finish_reason="tool_call")
    schema = demanded_schema(call.parameters)
    words = plain_text(call, seed) if schema is None else json.dumps(satisfying(schema, seed))
    return Choice(parts=(Text(words),), finish_reason="stop")


def size(part: Part) -> int:
    """How many tokens a part has, where each word is one."""
    if isinstance(part, ToolCall):
        return max(1, len(json.dumps(part.arguments).split()))
    return len(getattr(part, "content", "").split())


def demanded_tool(call: Call, seed: str) -> Tool | None:
    """The tool that the answer has to call, or None where the model is free."""
    demand = call.parameters.get("tool_choice", call.parameters.get("function_call"))
    allowed = members(members(demand).get("allowed_tools"))
    name = tool_name(demand)
    any_of_them = demand == "required" or members(demand).get("type") == "any" or allowed.get("mode") == "required"
    if name is None and not any_of_them:
        return None
    names = {name} if name else {tool_name(each) for each in items(allowed.get("tools"))}
    functions = [tool for tool in call.tools if "type" not in members(tool.options)]
    fitting = [tool for tool in functions if not names or tool.name in names]
    if not fitting:
        raise ValueError(f"tool_choice demands {name or 'a tool'}, and the call offers no such function")
    return fitting[stable_number(seed, "tool") % len(fitting)]


def tool_name(demand: JSON) -> str | None:
    """The one tool that a choice names."""
    outer = members(demand)
    inner = members(outer.get("function")) or members(outer.get("custom")) or outer
    return text(inner.get("name"))


def arguments(tool: Tool, seed: str) -> JSON:
    """Arguments that a tool's schema allows; they are an object always."""
    schema = {} if tool.parameters is None else tool.parameters
    try:
        return satisfying(schema, seed, {"type": "object"})
    except ValueError as error:
        raise ValueError(f"tool {tool.name!r}: {error}") from None


def demanded_schema(parameters: Object) -> Schema | None:
    """The schema that the answer's text has to satisfy, or None where the text is free."""
    config = members(parameters.get("output_config"))
    for each in (parameters.get("response_format"), parameters.get("output_format"), config.get("format"), config):
        demand = members(each)
        if demand.get("type") == "json_object":
            return {"required": ["synthetic"], "properties": {"synthetic": {"const": True}}}
        if demand.get("type") == "json_schema":
            inner = members(demand.get("json_schema"))
            return inner.get("schema") or demand.get("schema") or {"type": "object"}
    return None


def plain_text(call: Call, seed: str) -> str:
    """A text that is no longer than the call allows, and ends before anything that it is to stop at."""
    wanted = 6 + stable_number(seed, "length") % 10
    limit = integer(call.parameters.get("max_tokens")) or wanted
    told = [WORDS[stable_number(seed, index) % len(WORDS)] for index in range(min(limit, wanted) - 1)]
    whole = " ".join([PREFIX, *told])
    stops = call.parameters.get("stop_sequences")
    for stop in [stops] if isinstance(stops, str) else items(stops):
        found = whole.find(stop, len(PREFIX)) if stop else -1
        whole = whole if found < 0 else whole[:found]
    return whole
