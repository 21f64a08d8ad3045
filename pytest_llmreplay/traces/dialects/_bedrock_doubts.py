"""Whether what Bedrock's spans hold is all of an answer: the signs of what was dropped. PYTEST_DONT_REWRITE

Source: opentelemetry-instrumentation-bedrock (OpenLLMetry, 0.47 and 0.62) and the Bedrock extension of
opentelemetry-instrumentation-botocore 0.66 (``bedrock_utils.py``).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from pytest_llmreplay.model.call import Answer, Choice, Part, Proviso, Text, ToolCall, finish_class
from pytest_llmreplay.model.jsonvalue import items, members
from pytest_llmreplay.model.trace import Span
from pytest_llmreplay.traces.dialects._attributes import written
from pytest_llmreplay.traces.dialects.genai_events import CHOICE
from pytest_llmreplay.traces.dialects.protocol import Exchange

TRACELOOP: Final = "opentelemetry.instrumentation.bedrock"
"""Scope of OpenLLMetry's spans."""
OLD: Final = "bedrock.completion"
"""Name of its spans of InvokeModel in version 0.47."""
STREAM: Final = "InvokeModelWithResponseStream"
OVERHEAD: Final = 8
"""Tokens of an answer that no text shows."""
XML_CALL: Final = '<function_calls>\n<invoke name="">\n</invoke>\n</function_calls>'
"""What Claude writes around the name and the arguments of a call."""
JSON_CALL: Final = '{"name": "", "arguments": }'
"""What other models write around them; the words besides are tokens of their own."""
THOUGHT: Final = re.compile(r"\s*<thinking>(?:(?!</thinking>).)*</thinking>\s*\Z", re.DOTALL)
"""An answer of Nova's that is all thought: it thinks aloud before it calls a tool, and says nothing besides."""
SILENT: Final = ("answer.text", "text beside tool calls is not in the log records; the calls are given alone")
UNTOLD: Final = ("answer.arguments", "{} where today's tool takes no arguments; else the step cannot be replayed")
CALLS: Final = ("answer.tool_calls", "none where today's call offers no tools; else the step cannot be replayed")
"""What is lost, and what a replay does about it."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """A sign that an answer is not whole."""

    why: str = ""
    """Why it cannot be replayed, where there is no proviso."""
    proviso: Proviso | None = None
    """What today's question has to show, so that the answer is whole all the same."""


UNCAPTURED: Final = Doubt("the log records hold no content (capture was off)")


def doubted(span: Span, found: Exchange) -> Exchange:
    """An exchange with what speaks against its answer's being whole."""
    if found.incomplete:
        return found
    losses = (SILENT,) if span.logs and calls_alone(found.answer) else ()
    doubt = of_traceloop(span, found.answer) if span.scope == TRACELOOP else of_records(span, found.answer)
    if doubt is None:
        return replace(found, losses=losses)
    if doubt.proviso is None:
        return replace(found, incomplete=doubt.why)
    more = UNTOLD if doubt.proviso == "no arguments" else CALLS
    return replace(found, proviso=doubt.proviso, losses=(*losses, more))


def parts_of(answer: Answer) -> list[Part]:
    """All parts of an answer."""
    return [part for choice in answer.choices for part in choice.parts]


def calls_of(answer: Answer) -> list[ToolCall]:
    """The tool calls of an answer."""
    return [part for part in parts_of(answer) if isinstance(part, ToolCall)]


def calls_alone(answer: Answer) -> bool:
    """Whether an answer has tool calls and no text."""
    return bool(calls_of(answer)) and not any(isinstance(part, Text) for part in parts_of(answer))


def reason_of(choices: Iterable[Choice]) -> str | None:
    """Why the model stopped, in GenAI's word; None where that was not recorded."""
    return next((finish_class(each.finish_reason) for each in choices if each.finish_reason), None)


# --- OpenLLMetry ----------------------------------------------------------------------------------------------------


def of_traceloop(span: Span, answer: Answer) -> Doubt | None:
    """What speaks against an answer of OpenLLMetry's."""
    parts, calls, reason = parts_of(answer), calls_of(answer), reason_of(answer.choices)
    if reason == "tool_call" and not calls:
        return Doubt("the model called a tool, and the call is not in the span")
    texts_alone = "gen_ai.completion.0.role" in span.attributes
    if not parts and not texts_alone:
        return Doubt("the span holds no answer: it keeps the text of one only")
    if calls and all(each.arguments in ({}, None) for each in calls) and by_claude(span):
        return Doubt(proviso="no arguments")  # those of a stream are dropped
    if reason is not None or calls or (span.name == OLD and by_claude(span)):
        return None  # Claude's blocks are kept whole
    thoughtful = all(isinstance(part, Text) and THOUGHT.match(part.content) for part in parts)
    gap = texts_alone and "gen_ai.completion.0.content" not in span.attributes
    whole = answer.usage and answer.usage.output and not missing(answer)
    return None if whole and not (thoughtful or gap) else Doubt(proviso="no tools")


def by_claude(span: Span) -> bool:
    """Whether InvokeModel was asked for a model of Anthropic's; Converse's spans have the tools."""
    named = str(span.attributes.get("gen_ai.request.model"))
    return "claude" in named and "gen_ai.tool.definitions" not in span.attributes


def missing(answer: Answer, overhead: int = OVERHEAD) -> str | None:
    """Why an answer cannot be whole that took more tokens than its text has, at three bytes each."""
    tokens = answer.usage.output if answer.usage else None
    size = sum(len(part.content.encode("utf-8", "replace")) for part in parts_of(answer) if isinstance(part, Text))
    if tokens is None or tokens <= overhead + size / 3:
        return None
    return f"the answer took {tokens} tokens and its text has {size} bytes: the rest of it is not in the span"


# --- log records ----------------------------------------------------------------------------------------------------


def of_records(span: Span, answer: Answer) -> Doubt | None:
    """What speaks against an answer in the botocore package's log records.

    Text and thoughts beside tool calls are dropped always, all contents and arguments where content is not captured.
    """
    calls = calls_of(answer)
    if reason_of(answer.choices) == "tool_call" and not calls:
        return Doubt("the model called a tool, and the call is not in the span")
    captured = any(members(each.body).get("content") for each in span.logs) or spoke(span)
    if span.logs and not captured:
        counted = answer.usage is not None and answer.usage.output is not None
        alone = calls and counted and not silenced(span, answer)
        return Doubt(proviso="no arguments") if alone else UNCAPTURED
    if span.logs and calls_alone(answer):
        why = silenced(span, answer)
        return Doubt(why) if why else None
    if only_the_last_chunk(span) and (why := missing(answer, overhead=1)):
        return Doubt(why)
    return None


def spoke(span: Span) -> bool:
    """Whether the log record of the answer has content, or arguments of a call."""
    for each in span.logs:
        message = members(members(each.body).get("message"))
        functions = [members(members(call).get("function")) for call in items(message.get("tool_calls"))]
        if each.name == CHOICE and (message.get("content") or any(f.get("arguments") for f in functions)):
            return True
    return False


def silenced(span: Span, answer: Answer) -> str | None:
    """Why calls cannot be all of an answer: it took more tokens than they account for, at two bytes each.

    What is counted of a stream of Claude's by InvokeModel is the calls alone, whatever was said beside them.
    """
    model = str(span.attributes.get("gen_ai.request.model"))
    claude = "claude" in model or "arn:" in model
    if claude and span.attributes.get("rpc.method") == STREAM:
        return "what was said beside the tool calls is not in the span: a stream's log records drop it"
    tokens = answer.usage.output if answer.usage else None
    around = XML_CALL if claude else JSON_CALL
    calls = [f"{around}{each.name}{written(each.arguments or {})}" for each in calls_of(answer)]
    size = sum(len(each.encode("utf-8", "replace")) for each in calls)
    if tokens is None or tokens <= OVERHEAD + size / 2:
        return None
    return f"the answer took {tokens} tokens, more than its tool calls: what was said beside them is not in the span"


def only_the_last_chunk(span: Span) -> bool:
    """Whether a span is of a stream of Titan's, of which the last chunk's text is kept."""
    model = span.attributes.get("gen_ai.request.model")
    return "amazon.titan" in str(model) and span.attributes.get("rpc.method") == STREAM
