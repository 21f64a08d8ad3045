"""``llmreplay show``."""

import json
from pathlib import Path

from tests.builders import export, line, otlp_span
from tests.cli.conftest import Command


def test_a_trace_is_a_tree_with_kinds_times_tokens_and_errors(run: Command) -> None:
    assert (
        run("show", "traces.jsonl", "-s", "request=req-3").output
        == """\
where-is-my-parcel-00000000000000000000000000000003  00000000000000000000000000000003
error  2 steps  1,000 tokens  4.00 s  $0.003250  request req-3  recorded 2026-05-28 20:26  traces.j…
input   {"question": "Where is my parcel?"}
output  Hello.

  0.000s   4.000s     ask  ERROR boom
  1.000s   0.500s   1   tool search  2 items
  2.000s   1.000s   2   model gpt-4o  900 in, 100 out

"""
    )


def test_a_long_trace_stays_readable(run: Command, tmp_path: Path) -> None:
    tool = {"traceloop.span.kind": "tool", "traceloop.entity.name": "search", "traceloop.entity.output": "[]"}
    spans = [otlp_span("search", number=n, parent=1, start=n, attributes=tool) for n in range(2, 201)]
    (tmp_path / "long.jsonl").write_bytes(line(export(otlp_span("agent"), *spans)))
    told = run("show", "long.jsonl").output
    assert told.count("tool search") == 2
    assert "tool search  … and 197 more like it  0 items" in told
    assert run("show", "long.jsonl", "--all").output.count("tool search") == 199


def test_one_step_is_no_steps(run: Command, tmp_path: Path) -> None:
    tool = {"traceloop.span.kind": "tool", "traceloop.entity.name": "search", "traceloop.entity.output": "[]"}
    spans = (otlp_span("agent"), otlp_span("search", number=2, parent=1, attributes=tool))
    (tmp_path / "short.jsonl").write_bytes(line(export(*spans)))
    assert "  1 step  0 tokens  " in run("show", "short.jsonl").output


def test_what_is_lost_is_shown_when_asked_for(run: Command) -> None:
    assert "lost: step 2: call.tools is not in the trace; not compared" in run("show", "traces.jsonl", "--lost").output


def test_json_is_for_scripts(run: Command) -> None:
    (one,) = json.loads(run("show", "traces.jsonl", "-s", "request=req-1", "--json").output)
    assert [span["name"] for span in one["spans"]] == ["ask", "search", "gpt-4o"]
    assert one["output"] == "Hello."
