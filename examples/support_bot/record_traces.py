"""Record traces/: run the unmodified bot under two real instrumentations, against the stand-in provider.

    python record_traces.py

Each instrumentation patches the SDK, so each has a process of its own. What is written is OTLP/JSON, one
TracesData object per line, as the OpenTelemetry Collector's file exporter writes it. The SDK believes that
it speaks to the provider: its address is the real one, but for http, and the stand-in is set as the proxy.
On the way out the address gets its https, this machine's directories become those of a container, and the
ids are renumbered, so that they are the same each time.
"""

import contextlib
import contextvars
import hashlib
import io
import os
import re
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import openai

from provider_double import ProviderDouble
from scenarios import RULES, SCENARIOS, Scenario
from support_bot import app, retriever, tools

HERE = Path(__file__).resolve().parent
PLAIN_URL = "http://api.openai.com/v1"
SERVICE = {
    "service.name": "support-bot",
    "service.version": "1.4.0",
    "service.instance.id": "support-bot-1",
    "deployment.environment.name": "production",
}

Decorator = Callable[[Any], Any]
Run = Callable[[Scenario, str], None]


def main() -> None:
    """Record one family in this process, or, without an argument, all in one process each."""
    for family in sys.argv[1:]:
        record(family)
    if len(sys.argv) == 1:
        foreign = re.compile("(OTEL|TRACELOOP|OPENAI)_|(ALL|HTTPS?|NO)_PROXY$", re.IGNORECASE)
        clean = {name: value for name, value in os.environ.items() if not foreign.match(name)}
        for family in FAMILIES:
            subprocess.run([sys.executable, __file__, family], check=True, env=clean)


def record(family: str) -> None:
    """Run every scenario and write traces/support.<family>.jsonl."""
    set_up, first_request = FAMILIES[family]
    lines = io.StringIO()
    with ProviderDouble(RULES, delay=0.4) as double:
        os.environ.update(OPENAI_BASE_URL=PLAIN_URL, OPENAI_API_KEY="not-a-key", http_proxy=double.base_url)
        run, flush = set_up(lines)
        for number, scenario in enumerate(SCENARIOS, first_request):
            with contextlib.suppress(openai.RateLimitError):
                contextvars.copy_context().run(run, scenario, f"req-{number}")
            flush()
    text = renumber(without_machine(lines.getvalue()), family)
    path = HERE / "traces" / f"support.{family}.jsonl"
    path.write_text(text, encoding="utf-8")
    print(f"{path.relative_to(HERE)}: {text.count(chr(10))} traces")


def traceloop(lines: io.StringIO) -> tuple[Run, Callable[[], object]]:
    """Instrument with OpenLLMetry: its OpenAI instrumentation and the decorators of traceloop-sdk."""
    os.environ.update(TRACELOOP_TELEMETRY="false", TRACELOOP_METRICS_ENABLED="false", TRACELOOP_LOGGING_ENABLED="false")
    from opentelemetry.exporter.otlp.json.file import FileSpanExporter
    from opentelemetry.sdk.trace.export import BatchSpanProcessor
    from traceloop.sdk import Traceloop
    from traceloop.sdk.decorators import agent, task, tool, workflow
    from traceloop.sdk.instruments import Instruments

    processor = BatchSpanProcessor(FileSpanExporter(stream=lines))
    with contextlib.redirect_stdout(io.StringIO()):
        Traceloop.init(
            app_name=SERVICE["service.name"],
            resource_attributes=dict(SERVICE),
            processor=processor,
            instruments={Instruments.OPENAI},
        )
    decorate(app, "support", workflow(name="support"))
    decorate(app, "answer", task(name="answer"))
    decorate(app, "agent", agent(name="agent"))
    decorate(app, "chat", task(name="chat"))
    decorate(retriever, "search", task(name="search"))
    decorate(tools, "lookup_order", tool(name="lookup_order"))

    def run(scenario: Scenario, request_id: str) -> None:
        properties = {"request_id": request_id, "session_id": scenario.session_id}
        if scenario.customer_id is not None:
            properties["user_id"] = scenario.customer_id
        Traceloop.set_association_properties(properties)
        call_support(scenario)

    return run, processor.force_flush


def openinference(lines: io.StringIO) -> tuple[Run, Callable[[], object]]:
    """Instrument with OpenInference: its OpenAI instrumentation and its tracer's decorators."""
    from openinference.instrumentation import (
        Document,
        TracerProvider,
        get_retriever_attributes,
        using_attributes,
    )
    from openinference.instrumentation.openai import OpenAIInstrumentor
    from opentelemetry import trace
    from opentelemetry.exporter.otlp.json.file import FileSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    processor = BatchSpanProcessor(FileSpanExporter(stream=lines))
    provider = TracerProvider(resource=Resource.create(SERVICE))
    provider.add_span_processor(processor)
    OpenAIInstrumentor().instrument(tracer_provider=provider)
    tracer = provider.get_tracer("support_bot")
    plain_search = retriever.search

    def search(query: str, top_k: int = 3) -> list[retriever.Document]:
        found = plain_search(query, top_k)
        documents = [
            Document(id=one["id"], content=one["text"], score=one["score"], metadata={"title": one["title"]})
            for one in found
        ]
        trace.get_current_span().set_attributes(get_retriever_attributes(documents=documents))
        return found

    retriever.search = search
    decorate(app, "support", tracer.chain(name="support"))
    decorate(app, "answer", tracer.chain(name="answer"))
    decorate(app, "agent", tracer.agent(name="agent"))
    decorate(app, "chat", tracer.chain(name="chat"))
    decorate(retriever, "search", tracer.retriever(name="search"))
    decorate(tools, "lookup_order", tracer.tool(name="lookup_order"))

    def run(scenario: Scenario, request_id: str) -> None:
        metadata = {"request_id": request_id}
        with using_attributes(session_id=scenario.session_id, user_id=scenario.customer_id or "", metadata=metadata):
            call_support(scenario)

    return run, processor.force_flush


FAMILIES = {"traceloop": (traceloop, 5101), "openinference": (openinference, 5201)}


def decorate(module: ModuleType, name: str, decorator: Decorator) -> None:
    """Put the decorator around a function of the bot, from outside."""
    setattr(module, name, decorator(getattr(module, name)))


def call_support(scenario: Scenario) -> None:
    """Send one request to the bot, with its arguments by name."""
    arguments = {"request_kind": scenario.request_kind, "question": scenario.question}
    if scenario.customer_id is not None:
        arguments["customer_id"] = scenario.customer_id
    app.support(**arguments)


def without_machine(text: str) -> str:
    """Give the provider's address its https, and replace this machine's directories."""
    libraries = f"/srv/support-bot/.venv/lib/python{sys.version_info.major}.{sys.version_info.minor}"
    places = {
        PLAIN_URL: PLAIN_URL.replace("http:", "https:"),
        sysconfig.get_path("purelib"): f"{libraries}/site-packages",
        sysconfig.get_path("stdlib"): libraries,
        str(HERE): "/srv/support-bot",
    }
    for place, instead in places.items():
        text = text.replace(place, instead)
    return text


def renumber(text: str, family: str) -> str:
    """Give every trace and span an id that depends on nothing but its place."""
    ids: dict[str, str] = {}

    def new_id(match: re.Match[str]) -> str:
        old = match["id"]
        if old not in ids:
            ids[old] = hashlib.sha256(f"{family} {len(ids)}".encode()).hexdigest()[: len(old)]
        return f'"{match["key"]}":"{ids[old]}"'

    return re.sub(r'"(?P<key>traceId|spanId|parentSpanId)":"(?P<id>[0-9a-f]+)"', new_id, text)


if __name__ == "__main__":
    main()
