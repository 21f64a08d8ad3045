"""A folder with traces, and the command run in it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from pytest_llmreplay.cli.command import llmreplay
from tests.builders import chat_attributes, export, line, otlp_span, question, trace_id

Command = Callable[..., Result]


def request(number: int, told: str = "Hello.", **more: Any) -> bytes:
    """A request with a tool and a model call."""
    trace = trace_id(number)
    tool = {"traceloop.span.kind": "tool", "traceloop.entity.name": "search", "traceloop.entity.output": "[1, 2]"}
    usage = {"gen_ai.usage.input_tokens": 900, "gen_ai.usage.output_tokens": 100}
    root = {
        **question("Where is my parcel?"),
        "request_id": f"req-{number}",
        "traceloop.entity.output": json.dumps(told),
    }
    return line(
        export(
            otlp_span("ask", trace=trace, end=4, attributes=root, **more),
            otlp_span("search.tool", trace=trace, number=2, parent=1, start=1, end=1.5, attributes=tool),
            otlp_span("chat", trace=trace, number=3, parent=1, start=2, attributes=chat_attributes(told=told, **usage)),
        )
    )


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Runs the command in a folder that holds three traces, one of which failed; checks the exit status."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    (tmp_path / "traces.jsonl").write_bytes(
        request(1) + request(2, "Bye.") + request(3, status={"code": 2, "message": "boom"})
    )

    def run(*args: str, status: int = 0) -> Result:
        result = CliRunner().invoke(llmreplay, args, prog_name="llmreplay")
        assert result.exit_code == status, result.output
        return result

    return run
