"""Functions decorated for OpenLLMetry: tools and tasks, and the workflows and agents around them. PYTEST_DONT_REWRITE

Source: traceloop-sdk (``traceloop.span.kind``, ``traceloop.entity.input``, ``traceloop.entity.output``).
"""

import re
from collections.abc import Mapping
from dataclasses import replace

from pytest_llmreplay.model.call import Arguments, Call, Kind
from pytest_llmreplay.model.jsonvalue import items, members, text
from pytest_llmreplay.model.trace import Span
from pytest_llmreplay.traces.dialects._attributes import opened
from pytest_llmreplay.traces.dialects._exchanges import function_exchange
from pytest_llmreplay.traces.dialects.protocol import Exchange

RETRIEVES = re.compile(r"retriev|(?<!re)search|lookup_doc|fetch_doc")
"""Parts of a task's name that tell a retriever; there is no span kind for it."""
HOLDERS = ("workflow", "agent")


class TraceloopFunctions:
    """Spans of ``@tool``, ``@task``, ``@workflow`` and ``@agent`` functions."""

    name = "traceloop-functions"

    def exchange(self, span: Span) -> Exchange | None:
        """The call and answer of a decorated function."""
        kind = kind_of(span)
        if kind is None:
            return None
        given = opened(span.attributes.get("traceloop.entity.input"))
        output = opened(span.attributes.get("traceloop.entity.output"))
        arguments = None
        if isinstance(given, Mapping):
            arguments = Arguments(tuple(items(given.get("args"))), dict(members(given.get("kwargs"))))
        name = text(span.attributes.get("traceloop.entity.name")) or span.name
        nothing = span.attributes.get("traceloop.entity.output") == "null"  # what a function without return gives
        exchange = function_exchange(span, Call(kind=kind, model=name, arguments=arguments), output, nothing=nothing)
        return replace(exchange, holds=span.attributes.get("traceloop.span.kind") in HOLDERS)


def kind_of(span: Span) -> Kind | None:
    """Tool, retrieval or function; None for what is none of them."""
    kind = span.attributes.get("traceloop.span.kind")
    if kind == "tool":
        return "tool"
    if kind in HOLDERS:
        return "function"
    if kind != "task":
        return None
    named = str(span.attributes.get("traceloop.entity.name")).lower()
    return "retrieval" if RETRIEVES.search(named) else "function"
