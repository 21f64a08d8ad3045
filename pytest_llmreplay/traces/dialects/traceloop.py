"""Functions decorated for OpenLLMetry: tools, and tasks that retrieve. PYTEST_DONT_REWRITE

Source: traceloop-sdk (``traceloop.span.kind``, ``traceloop.entity.input``, ``traceloop.entity.output``).
"""

from pytest_llmreplay.model.call import Answer, Call, Kind
from pytest_llmreplay.model.jsonvalue import items, members, text
from pytest_llmreplay.model.trace import Span
from pytest_llmreplay.traces.dialects._common import CUT, opened
from pytest_llmreplay.traces.dialects.protocol import Exchange

RETRIEVES = ("retriev", "search", "lookup_doc", "fetch_doc")
"""Parts of a task's name that tell a retriever; there is no span kind for it."""


class TraceloopFunctions:
    """Spans of ``@tool`` and of ``@task`` functions that retrieve."""

    name = "traceloop-functions"

    def exchange(self, span: Span) -> Exchange | None:
        """The call and answer of a decorated function."""
        kind = kind_of(span)
        if kind is None:
            return None
        given, output = opened(span.attributes.get("traceloop.entity.input")), opened(span.attributes.get("traceloop.entity.output"))
        arguments = dict(members(members(None if given is CUT else given).get("kwargs")))
        if positional := items(members(None if given is CUT else given).get("args")):
            arguments["*"] = list(positional)
        name = text(span.attributes.get("traceloop.entity.name")) or span.name
        answer = Answer(raw=None if output is CUT else output)
        return Exchange(call=Call(kind=kind, model=name, parameters=arguments), answer=answer)


def kind_of(span: Span) -> Kind | None:
    """Tool, retrieval, or None for all other functions."""
    kind = span.attributes.get("traceloop.span.kind")
    if kind == "tool":
        return "tool"
    if kind == "task" and any(word in str(span.attributes.get("traceloop.entity.name")).lower() for word in RETRIEVES):
        return "retrieval"
    return None
