"""Let applications answer one question each in front of the stand-in provider, and write their traces.

    python record.py traces.jsonl agent graph

The applications are modules of the current folder. They are traced from outside: OpenInference's instrumentation of
OpenAI's SDK, and a span around ``answer``. Instrumentations patch the SDK, so this is a process of its own.

The SDK keeps the provider's own address, for some frameworks ask otherwise elsewhere; only where a request goes to is
changed, when it is made.
"""

import asyncio
import inspect
import os
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from openai._base_client import BaseClient
from openinference.instrumentation import TracerProvider
from openinference.instrumentation.openai import OpenAIInstrumentor
from opentelemetry.exporter.otlp.json.file import FileSpanExporter
from opentelemetry.sdk.trace.export import SimpleSpanProcessor

from provider_double import ProviderDouble, Reply, Rule, ToolCall

QUESTION = "Where is my order A-1042?"
ANSWER = "Your order A-1042 is on its way with DHL."
RULES = (
    Rule(QUESTION, Reply(tool_calls=(ToolCall("lookup_order", '{"order_id":"A-1042"}', "call_Zk3vT9aQ1nXw"),))),
    Rule("DHL", Reply(ANSWER), role="tool"),
)


QUIET = {
    "OPENAI_API_KEY": "not-a-key",
    "LITELLM_LOCAL_MODEL_COST_MAP": "true",
    "OPENAI_AGENTS_DISABLE_TRACING": "true",
}
"""What keeps frameworks from calling home by themselves. A replay sets it where nothing is set."""


def main() -> None:
    """Ask each application once."""
    os.environ.update(QUIET)
    sys.path.insert(0, str(Path.cwd()))
    with ProviderDouble(RULES) as double, Path(sys.argv[1]).open("w", encoding="utf-8") as file:
        send_to(double)
        provider = TracerProvider()
        provider.add_span_processor(SimpleSpanProcessor(FileSpanExporter(stream=file)))
        OpenAIInstrumentor().instrument(tracer_provider=provider)
        for name in sys.argv[2:]:
            ask(name, provider)
        assert len(double.requests) == 2 * len(sys.argv[2:]), double.requests
        provider.shutdown()


def ask(name: str, provider: TracerProvider) -> None:
    """Ask one application, within a span of its name."""
    output = provider.get_tracer("shop").chain(name=name)(import_module(name).answer)(question=QUESTION)
    if inspect.iscoroutine(output):
        output = asyncio.run(output)
    assert output == ANSWER, output


def send_to(double: ProviderDouble) -> None:
    """Let what the SDK sends go to the stand-in."""
    prepare: Callable[..., Any] = BaseClient._prepare_url
    here = {"scheme": "http", "host": "127.0.0.1", "port": urlsplit(double.base_url).port}

    def prepared(self: Any, url: str) -> Any:
        return prepare(self, url).copy_with(**here)

    BaseClient._prepare_url = prepared  # type: ignore[method-assign]


if __name__ == "__main__":
    main()
