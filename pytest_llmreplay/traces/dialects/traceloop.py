"""Functions decorated for OpenLLMetry: tools and tasks. PYTEST_DONT_REWRITE

Source: traceloop-sdk (``traceloop.span.kind``, ``traceloop.entity.input``, ``traceloop.entity.output``).
"""

from collections.abc import Mapping

from pytest_llmreplay.model.call import Arguments, Call, Kind
from pytest_llmreplay.model.jsonvalue import items, members, text
from pytest_llmreplay.model.trace import Span
from pytest_llmreplay.traces.dialects._common import function_exchange, opened
from pytest_llmreplay.traces.dialects.protocol import Exchange

RETRIEVES = ("retriev", "search", "lookup_doc", "fetch_doc")
"""Parts of a task's name that tell a retriever; there is no span kind for it."""


class TraceloopFunctions:
    """Spans of ``@tool`` and ``@task`` functions."""

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
        return function_exchange(span, Call(kind=kind, model=name, arguments=arguments), output)


def kind_of(span: Span) -> Kind | None:
    """Tool, retrieval, function, or None for workflows and agents, which hold the others."""
    kind = span.attributes.get("traceloop.span.kind")
    if kind == "tool":
        return "tool"
    if kind != "task":
        return None
    named = str(span.attributes.get("traceloop.entity.name")).lower()
    return "retrieval" if any(word in named for word in RETRIEVES) else "function"
