"""A process with a tracer provider, as an application has it; alone: one under an instrumentation.

    python -m tests.capture.production PACKAGE:INSTRUMENTOR ...

prints for each application what became of its exchanges, as JSON. Instrumentations patch SDKs and do not take all of it
back, so each family of them has a process of its own.
"""

import json
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from pytest_llmreplay import capture
from pytest_llmreplay.model.trace import Contents, Span
from pytest_llmreplay.replay.active import active
from pytest_llmreplay.replay.cassette import patches
from pytest_llmreplay.replay.session import ReplaySession
from pytest_llmreplay.traces.assemble import assemble
from tests import loopback

CALLS: list[Callable[[str], Any]] = [
    loopback.completion, loopback.completion_stream, loopback.completion_async, loopback.completion_of_no_model,
    loopback.completions_that_differ, loopback.completions_at_once, loopback.embedding, loopback.response_of_openai,
    loopback.message, loopback.message_stream, loopback.message_while_busy, loopback.converse,
    loopback.converse_stream,
]  # fmt: skip


class Signal(BaseException):
    """Leaves the application."""


class Production:
    """A tracer provider whose spans stay here."""

    def __init__(self) -> None:
        self.exporter = InMemorySpanExporter()
        self.provider = TracerProvider()
        self.provider.add_span_processor(SimpleSpanProcessor(self.exporter))
        self.tracer = self.provider.get_tracer("app")

    @property
    def spans(self) -> list[ReadableSpan]:
        """All that was exported, capture's spans as well."""
        assert capture.flush()
        return list(self.exporter.get_finished_spans())

    @property
    def exchanges(self) -> list[dict[str, Any]]:
        """The attributes of the captured exchanges, in order of their end."""
        return [dict(each.attributes or {}) for each in self.spans if each.name == "llmreplay.exchange"]

    @property
    def exchange(self) -> dict[str, Any]:
        """The only one."""
        (only,) = self.exchanges
        return only

    @property
    def contents(self) -> Contents:
        """The one trace."""
        return assemble("t", [read(each) for each in self.spans])


def read(span: ReadableSpan) -> Span:
    """A span of the SDK as a trace file gives it."""
    context, parent, scope = span.get_span_context(), span.parent, span.instrumentation_scope
    assert context is not None
    values = {
        name: list(value) if isinstance(value, tuple) else value for name, value in (span.attributes or {}).items()
    }
    return Span(
        trace_id="t",
        span_id=f"{context.span_id:016x}",
        parent_id=f"{parent.span_id:016x}" if parent else None,
        name=span.name,
        start_ns=span.start_time or 0,
        end_ns=span.end_time or 0,
        attributes=values,
        scope=scope.name if scope else "",
    )


@contextmanager
def capturing(production: Production | None = None, **more: Any) -> Iterator[Production]:
    """A production whose model calls are captured."""
    found = production or Production()
    capture.install(tracer_provider=found.provider, **more)
    try:
        yield found
    finally:
        capture.uninstall()


@contextmanager
def replaying(contents: Contents) -> Iterator[ReplaySession]:
    """A replay of one trace."""
    session = ReplaySession(lambda: contents.steps, signal=Signal)
    patches.install()
    try:
        with active(session):
            yield session
    finally:
        patches.remove()


def produced(
    application: Callable[[str], Any], production: Production | None = None, **more: Any
) -> tuple[str, Any, Production]:
    """The address of a server that is gone, what an application said, and what production has of it."""
    loopback.COUNTS.clear()
    with loopback.served() as url, capturing(production, **more) as found:
        with found.tracer.start_as_current_span("answer"):
            said = application(url)
        assert found.contents
        assert capture.lost() == 0
    return url, said, found


def told(application: Callable[[str], Any], production: Production) -> dict[str, Any]:
    """What became of an application's exchanges, and whether a replay gives it the same again."""
    production.exporter.clear()
    url, said, _ = produced(application, production)
    contents = production.contents
    production.exporter.clear()
    with replaying(contents) as session:
        same = application(url) == said
    return {
        "dialects": [step.dialect for step in contents.steps],
        "losses": len(contents.fidelity),
        "exchanges": sum(each.name == "llmreplay.exchange" for each in contents.spans),
        "verdicts": [match.verdict for match in session.recording.matches],
        "same": same,
    }


def main() -> None:
    """Instrument, and let every application run."""
    warnings.simplefilter("ignore")
    production = Production()
    for path in sys.argv[1:]:
        module, _, name = path.partition(":")
        getattr(import_module(module), name)().instrument(tracer_provider=production.provider)
    print(json.dumps({each.__name__: told(each, production) for each in CALLS}))


if __name__ == "__main__":
    main()
