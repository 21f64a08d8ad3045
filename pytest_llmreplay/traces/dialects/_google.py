"""What instrumentations make of Google Gemini, taken back where it can be. PYTEST_DONT_REWRITE

Source: opentelemetry-instrumentation-google-generativeai (OpenLLMetry, 0.47 and 0.62),
opentelemetry-instrumentation-google-genai 1.3 and openinference-instrumentation-google-genai 1.4.
"""

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from pytest_llmreplay.model.call import (
    EVERYTHING,
    Answer,
    Call,
    Choice,
    Known,
    Other,
    Part,
    Reasoning,
    Text,
    Tool,
    ToolCall,
    ToolResult,
    Usage,
    finish_class,
)
from pytest_llmreplay.model.jsonvalue import integer, items, members
from pytest_llmreplay.model.trace import Span
from pytest_llmreplay.registry import load
from pytest_llmreplay.traces.dialects._attributes import CUT, first_integer, opened, written
from pytest_llmreplay.traces.dialects._parts import tools_of
from pytest_llmreplay.traces.dialects.protocol import Exchange

NAME = "google.gemini"
EMBEDDINGS = "google.embeddings"
TRACELOOP = "opentelemetry.instrumentation.google_generativeai"
"""Scope of OpenLLMetry's spans."""
MADE_UP = re.compile(r"(.*)_\d+\Z", re.DOTALL)
"""A tool call's id where the provider gave none: the OpenTelemetry package numbers the parts."""
PRINTED_PART = re.compile(r"\A[a-z_]+=.*\bfunction_call=.*\bthought_signature=", re.DOTALL)
"""A part of the SDK as Python prints it, which OpenLLMetry takes for text."""
PRINTED_FIELD = re.compile(
    r"(\w+)=(?:(None|True|False|-?\d+(?:\.\d+)?|'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")|<\w+\.\w+: '(\w+)'>)(?: |\Z)"
)
PRINTED_KINDS = {
    frozenset({"code", "language"}): "executableCode",
    frozenset({"outcome", "output"}): "codeExecutionResult",
}
"""Parts by the fields that they are printed with."""
PRINTED_NONE = re.compile(
    r"\A(?:None)+\Z|NoneNone|\ANone(?=[A-Z\d*#{\[])(?!Type)|(?<=[^\s=:,(\[])None\Z|\nNone(?=[A-Z])(?!Type)"
)
"""Where a piece of a stream had no text, version 0.47 wrote ``None``."""
GOES_ON = ".,;:!?)]}"
"""What a sentence does not begin with."""
CALL = 12
"""Tokens of a tool call besides its name and arguments, of which two bytes are a token at the most."""
SERVER_CALLS = ("server_tool_call", "server_tool_call_response")


def mended(span: Span, exchange: Exchange) -> Exchange:
    """An exchange as the API has it; one that is not Gemini's stays as it is."""
    if exchange.call.provider != NAME:
        return exchange
    call = asked(span, exchange.call)
    if exchange.answer.error is not None:
        return replace(exchange, call=call)
    answer = told(span, call, exchange.answer)
    why = exchange.incomplete
    if not any(choice.parts for choice in answer.choices):
        answer, why = without_parts(span, answer, why)
    return replace(exchange, call=call, answer=answer, incomplete=why or part_of_it(span, answer))


def embedded(span: Span, exchange: Exchange) -> Exchange:
    """An embedding call with all that was asked, where the request was captured, and with the width of its vectors."""
    if exchange.call.provider != EMBEDDINGS:
        return exchange
    call, width = exchange.call, integer(span.attributes.get("gen_ai.embeddings.dimension.count"))
    raw, vocabulary = members(opened(span.attributes.get("input.value"))), load("providers", EMBEDDINGS)
    if vocabulary.asks(raw):
        whole = vocabulary.call_of_body(raw)
        known = Known(fields=frozenset({"model", "messages"}), lost=frozenset({"key_case"}))
        call = replace(call, messages=whole.messages, parameters=whole.parameters, known=known)
    call = replace(call, model=plain_model(call.model))
    answer = exchange.answer if width is None else replace(exchange.answer, details={"dimensions": width})
    return replace(exchange, call=call, answer=answer)


def asked(span: Span, call: Call) -> Call:
    """The question: plain model, results as the provider reads them, and what the instrumentation drops or respells."""
    lost = {"key_case", "tool_ids"} | ({"system_messages"} if hides_system(span, call) else set())
    if span.scope == TRACELOOP:
        lost |= {"turn_borders"} | ({"media"} if is_indexed(span) else set())
    fields = call.known.fields
    messages = tuple(replace(each, parts=tuple(map(asked_part, each.parts))) for each in call.messages)
    if roles_lost(span) or any(is_printed(part) for each in call.messages for part in each.parts):
        fields -= {"messages"}
    tools = defined(span, call.tools)
    if any(not (each.description or each.parameters or each.options) for each in tools):
        lost.add("tool_parameters")
    known = replace(call.known, fields=fields, lost=call.known.lost | lost)
    return replace(call, model=plain_model(call.model), messages=messages, tools=tools, known=known)


def respelled(call: Call) -> Call:
    """A question as OpenInference captures it: all member names in snake_case, the application's own as well."""
    if call.provider != NAME:
        return call
    known = replace(call.known, lost=call.known.lost | {"key_case"})
    if known.parameters == EVERYTHING:
        return replace(call, known=known)
    parameters = load("providers", NAME).call_of_body({"generationConfig": call.parameters}).parameters
    return replace(call, parameters=parameters, known=replace(known, parameters=frozenset(parameters)))


def plain_model(name: str | None) -> str | None:
    """A model's name without the path to it."""
    return name.rpartition("models/")[2] if name and not name.startswith("tunedModels/") else name


def hides_system(span: Span, call: Call) -> bool:
    """Whether a system text may have been there: OpenLLMetry does not see it in a config that is a dictionary."""
    return span.scope == TRACELOOP and not any(each.role == "system" for each in call.messages)


def roles_lost(span: Span) -> bool:
    """Whether a turn has no role: the OpenTelemetry package knows the user's and the model's only."""
    asked = opened(span.attributes.get("gen_ai.input.messages"))
    return asked is not CUT and any(members(each).get("role") == "" for each in items(asked))


def asked_part(part: Part) -> Part:
    """A part of a question; a tool's result is compact JSON."""
    if isinstance(part, ToolResult):
        found = opened(part.content)
        return part if found is CUT else replace(part, content=written(found))
    return (printed(part.content) or part) if isinstance(part, Text) else part


def is_printed(part: Part) -> bool:
    """Whether a part is no text, but stands there as Python prints it."""
    return isinstance(part, Text) and PRINTED_PART.search(part.content) is not None


def printed(words: str) -> Other | None:
    """A piece of code or its result that Python printed, as the part that it was."""
    found = {}
    end = 0
    for field in PRINTED_FIELD.finditer(words):
        if field.start() != end:
            return None
        end = field.end()
        found[field[1]] = ast.literal_eval(field[2]) if field[2] else field[3]
    if not found or end != len(words):
        return None
    kind = next((kind for names, kind in PRINTED_KINDS.items() if names <= found.keys() <= names | {"id"}), None)
    return Other(kind, {name: value for name, value in found.items() if value is not None}) if kind else None


def defined(span: Span, tools: tuple[Tool, ...]) -> tuple[Tool, ...]:
    """The tools in the order of a request: OpenLLMetry keeps them as the SDK has them, others flatten them."""
    definitions = opened(span.attributes.get("gen_ai.tool.definitions"))
    if definitions is CUT or definitions is None:
        return tools
    whole = [each for each in items(definitions) if "name" not in members(each)]
    flat = [each for each in items(definitions) if "name" in members(each)]
    flat.sort(key=lambda each: members(each).get("type") in (None, "function"))
    return (*load("providers", NAME).call_of_body({"tools": whole}).tools, *tools_of(flat))


def is_indexed(span: Span) -> bool:
    """Whether a span is of OpenLLMetry's old form, with an attribute for each message."""
    return span.scope == TRACELOOP and "gen_ai.prompt.0.role" in span.attributes


def told(span: Span, call: Call, answer: Answer) -> Answer:
    """The answer: parts and counters as the API has them."""
    choices = tuple(
        replace(choice, parts=tuple(part for each in choice.parts for part in told_part(each)))
        for choice in answer.choices
    )
    total = first_integer(span.attributes, "gen_ai.usage.total_tokens", "llm.usage.total_tokens")
    if span.scope != TRACELOOP or answer.usage is None or total is None:
        return replace(answer, choices=choices)
    details = {**answer.details, "usageMetadata": {"totalTokenCount": total}}
    usage = answer.usage if is_indexed(span) or served(call) else with_thoughts(answer.usage, total)
    return replace(answer, choices=choices, details=details, usage=usage)


def served(call: Call) -> bool:
    """Whether a tool of the provider's own was offered, whose tokens are counted in the total, too."""
    return any(each.description is None and each.parameters is None for each in call.tools)


def with_thoughts(usage: Usage, total: int) -> Usage:
    """Counters with the thoughts, which OpenLLMetry leaves out of all but the total."""
    thoughts = total - (usage.input or 0) - (usage.output or 0)
    if usage.input is None or thoughts <= 0:
        return usage
    return replace(usage, output=(usage.output or 0) + thoughts, reasoning=thoughts)


def told_part(part: Part) -> Iterator[Part]:
    """A part of an answer, without an id that the provider did not give; nothing for one that was only printed."""
    if isinstance(part, ToolCall) and part.id and (numbered := MADE_UP.match(part.id)) and numbered[1] == part.name:
        yield replace(part, id=None)
    elif isinstance(part, Other) and part.type in SERVER_CALLS:
        yield server_part(members(part.data))
    elif not is_printed(part):
        yield (printed(part.content) or part) if isinstance(part, Text) else part


def server_part(data: Mapping[str, Any]) -> Part:
    """What the provider's own tools did, as the part that it was."""
    response = "server_tool_call_response" in data
    inner = {k: v for k, v in members(data.get(str(data.get("type")))).items() if v is not None}
    kind = str(inner.pop("type", ""))
    if data.get("id"):
        inner["id"] = data["id"]
    if kind == "code_execution":
        return Other("codeExecutionResult" if response else "executableCode", inner)
    if "arguments" in inner:
        inner["args"] = inner.pop("arguments")
    return Other("toolResponse" if response else "toolCall", {"toolType": kind.upper(), **inner})


def without_parts(span: Span, answer: Answer, why: str | None) -> tuple[Answer, str | None]:
    """An answer of which no part is recorded: there was none where nothing was counted, else it is lost."""
    attributes = span.attributes
    captured = "gen_ai.input.messages" in attributes or "gen_ai.prompt.0.content" in attributes
    usage = answer.usage or Usage()
    said = (usage.output or 0) - (usage.reasoning or 0)
    if not captured or answer.raw is not None or span.status == "error":
        return answer, why
    reasons = [str(each) for each in items(attributes.get("gen_ai.response.finish_reasons"))]
    choices = answer.choices or tuple(Choice(finish_reason=each) for each in reasons)
    if said > 0 or any(finish_class(each.finish_reason or "") == "tool_call" for each in choices):
        return answer, why or "the model answered, and what it said is not in the span"
    return replace(answer, choices=choices), None


def part_of_it(span: Span, answer: Answer) -> str | None:
    """Why OpenLLMetry's answer is only a part of what was said, or None: of a stream it keeps the last piece.

    The last piece has fewer characters than the whole has tokens, or begins with a blank or within a sentence; or its
    tool calls do not account for the tokens.
    """
    words = ["".join(part.content for part in each.parts if isinstance(part, Text)) for each in answer.choices]
    if span.scope != TRACELOOP or len(words) != 1:
        return None
    usage = answer.usage or Usage()
    said = (usage.output or 0) - (usage.reasoning or 0)
    calls = [part for part in answer.choices[0].parts if isinstance(part, ToolCall)]
    size = sum(len(f"{each.name}{written(each.arguments or {})}".encode("utf-8", "replace")) for each in calls)
    if calls and said > CALL * len(calls) + size / 2 + len(words[0]):
        return "the span holds only the last piece of a stream"
    if not words[0]:
        return None
    if "gen_ai.output.messages" not in span.attributes:
        lost = said > len(words[0]) or PRINTED_NONE.search(words[0]) is not None
        return "the model's answer had parts that are no text, and they are not in the span" if lost else None
    if any(not isinstance(part, Text | Reasoning) for part in answer.choices[0].parts):
        return None
    if words[0][0].isspace() or words[0][0] in GOES_ON or said > len(words[0]):
        return "the span holds only the last piece of a stream"
    return None
