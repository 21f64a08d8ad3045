"""The one form in which calls of any source are held against each other. PYTEST_DONT_REWRITE

A canonical call is a nested tuple: hashable, equal exactly when nothing that both sides know differs. It serves as the
fingerprint under which recorded steps are indexed, so a lookup costs one hash however many steps there are.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from functools import lru_cache
from typing import Any, TypeAlias

from pytest_llmreplay.model.call import (
    EVERYTHING,
    Call,
    Known,
    Media,
    Message,
    Other,
    Part,
    Reasoning,
    Refusal,
    Text,
    Tool,
    ToolCall,
    ToolResult,
)

Frozen: TypeAlias = Any
"""A JSON value with tuples for its containers."""
Turn: TypeAlias = tuple[str, tuple[Frozen, ...]]
"""Role and parts of one message."""


class Flag(Enum):
    """A JSON truth value; unlike Python's it never equals a number."""

    FALSE = False
    TRUE = True


SEEN_AND_HEARD = frozenset({"image", "audio", "video"})
"""Kinds of media that are no documents."""
VENDOR = re.compile(r"\A(?:[a-z][a-z0-9-]*\.)+(?=[a-z])")
"""What stands before a model's name on Bedrock: ``us.anthropic.``, ``amazon.``."""
ROLES: Mapping[str, str] = {"developer": "system", "function": "tool", "model": "assistant"}


UNHEARD = frozenset({"history", "after_silence", "developer_messages", "system_messages", "assistant_messages"})
"""What a source loses of whole messages."""
PLAIN = frozenset({"user", "system"})
"""Roles whose turns are never joined with their neighbours'."""


def frozen(value: Any) -> Frozen:
    """A JSON value as a hashable one.

    Members in the order of their names, whole floats as integers, null members left out.
    """
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return Flag(value)
    if isinstance(value, int | float):
        return int(value) if isinstance(value, float) and value.is_integer() else value
    if isinstance(value, list | tuple):
        return ("[]", *map(frozen, value))
    if isinstance(value, Mapping):
        return tuple([(key, frozen(value[key])) for key in sorted(value) if value[key] is not None])
    return value


def folded(value: Any, lost: frozenset[str]) -> Any:
    """A JSON value whose member names are all in snake_case, where the source spells them so; else the value itself."""
    if "key_case" not in lost:
        return value
    if isinstance(value, Mapping):
        return {snake(str(key)): folded(each, lost) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [folded(each, lost) for each in value]
    return value


def snake(name: str) -> str:
    """A name in snake_case."""
    return re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", name)).lower()


def canonical(call: Call, known: Known) -> Frozen:
    """What ``known`` lets us compare of a call."""
    fields = known.fields
    return (
        call.kind,
        model_name(call.model, known) if "model" in fields else None,
        turns(call.messages, known.lost) if "messages" in fields else None,
        tuple(tool(each, known.lost) for each in tools(call, known)) if "tools" in fields else None,
        parameters(call, known),
    )


def model_name(name: str | None, known: Known) -> str | None:
    """The model's name, without the vendor's prefix (and Bedrock's region) where the source drops it."""
    return bare(name) if name and "model_vendor" in known.lost else name


@lru_cache(256)
def bare(name: str) -> str:
    """A model's name alone."""
    return VENDOR.sub("", name.rpartition("/")[2])


def parameters(call: Call, known: Known) -> Frozen:
    """The request parameters that the source knows, by name."""
    named = call.parameters
    if known.parameters is not EVERYTHING and known.parameters != EVERYTHING:
        named = {name: named.get(name) for name in known.parameters}
    if "key_case" in known.lost:
        named = {name: folded(value, known.lost) for name, value in named.items()}
    return frozen(named)


def tools(call: Call, known: Known) -> tuple[Tool, ...]:
    """The tools of a call, as far as the source keeps their kind."""
    if "other_tools" not in known.lost:
        return call.tools
    return tuple(each for each in call.tools if is_function(each))


def is_function(each: Tool) -> bool:
    """Whether a tool is a function of the application; the provider's own tools have a type beside their name."""
    return not (isinstance(each.options, Mapping) and "type" in each.options)


def tool(each: Tool, lost: frozenset[str]) -> Frozen:
    """A tool's definition, as far as the source keeps it; one that drops options keeps the provider's own by name."""
    if "tool_options" in lost and not is_function(each):
        return each.name, None, None, None
    description = None if "tool_descriptions" in lost else (each.description or None)
    schema = None if "tool_parameters" in lost else frozen(folded(each.parameters, lost) or None)
    options = None if "tool_options" in lost else frozen(folded(each.options, lost) or None)
    return each.name, description, schema, options


def turns(messages: Iterable[Message], lost: frozenset[str]) -> tuple[Turn, ...]:
    """Messages in a form that does not depend on how a provider nests them.

    Tool results become turns of their own, neighbouring texts are joined, empty texts and empty turns fall away, and
    what the model said in one go is one turn.
    """
    out: list[Turn] = []
    for message in messages if lost.isdisjoint(UNHEARD) else heard(messages, lost):
        role = ROLES.get(message.role, message.role)
        only = message.parts[0] if len(message.parts) == 1 else None
        if isinstance(only, Text) and role in PLAIN and "turn_borders" not in lost:  # what most messages are
            if only.content:
                out.append((role, (only.content,)))
            continue
        texts: list[str] = []
        parts: list[Frozen] = []
        results: list[Turn] = []
        for part in message.parts:
            if isinstance(part, Text | Refusal):
                texts.append(part.content)
            elif isinstance(part, ToolResult) and "tool_turns" in lost:
                continue
            elif isinstance(part, ToolResult):
                results.append(("tool", (result(part, lost),)))
            else:
                item = part_form(part, lost)
                if item is None:
                    continue
                flush(texts, parts)
                parts.append(item)
        flush(texts, parts)
        if role == "tool" and not results and parts:
            results, parts = [("tool", tuple(parts))], []
        out += results
        if parts and (role == "assistant" or "turn_borders" in lost) and out and out[-1][0] == role != "tool":
            out[-1] = (role, spliced(out[-1][1], tuple(parts)))
        elif parts:
            out.append((role, tuple(parts)))
    return tuple(out)


def heard(messages: Iterable[Message], lost: frozenset[str]) -> Iterator[Message]:
    """The messages that the source keeps."""
    for message in tuple(messages)[-1:] if "history" in lost else messages:
        if f"{message.role}_messages" in lost:
            continue
        if "after_silence" in lost and not any(isinstance(part, Text | Media) for part in message.parts):
            return
        yield message


def spliced(before: tuple[Frozen, ...], after: tuple[Frozen, ...]) -> tuple[Frozen, ...]:
    """The parts of two turns as those of one; a text that goes on is one text."""
    if isinstance(before[-1], str) and isinstance(after[0], str):
        return (*before[:-1], before[-1] + after[0], *after[1:])
    return before + after


def flush(texts: list[str], parts: list[Frozen]) -> None:
    """Move the texts collected so far into the parts, as one."""
    joined = "".join(texts)
    if joined:
        parts.append(joined)
    texts.clear()


def result(part: ToolResult, lost: frozenset[str]) -> Frozen:
    """A tool's result."""
    content: str = part.content
    if "key_case" in lost and content[:1] in ("{", "["):
        try:
            content = json.dumps(folded(json.loads(content), lost))
        except (ValueError, RecursionError):
            content = part.content
    return ("result", content, None if "tool_ids" in lost else part.id)


def part_form(part: Part, lost: frozenset[str]) -> Frozen:
    """One part that is not text, or None where the source does not keep its kind."""
    if isinstance(part, ToolCall):
        if "tool_turns" in lost:
            return None
        return ("call", part.name, frozen(folded(part.arguments, lost)), None if "tool_ids" in lost else part.id)
    if isinstance(part, Reasoning):
        return None if "reasoning" in lost or not part.content else ("reasoning", part.content)
    if isinstance(part, Media):
        dropped = "media" in lost or ("documents" in lost and part.kind not in SEEN_AND_HEARD)
        return None if dropped else ("media", part.kind, part.reference)
    if isinstance(part, Other):
        return None if "other" in lost else ("other", part.type, frozen(folded(part.data, lost)))
    return None
