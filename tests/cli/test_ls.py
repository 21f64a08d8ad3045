"""``llmreplay ls``."""

import json
from pathlib import Path

import pytest

from tests.builders import trace_id
from tests.cli.conftest import Command


def test_a_line_for_each_trace(run: Command) -> None:
    assert (
        run("ls", "traces.jsonl").output
        == """\
where-is-my-parcel-00000000000000000000000000000001  ok     2026-05-28 20:26  ask  req-1
where-is-my-parcel-00000000000000000000000000000002  ok     2026-05-28 20:26  ask  req-2
where-is-my-parcel-00000000000000000000000000000003  error  2026-05-28 20:26  ask  req-3
"""
    )


def test_long_lines_say_what_is_inside(run: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "150")
    told = run("ls", "traces.jsonl", "--long", "-s", "request=req-1").output
    title, row = told.splitlines()
    assert title.split() == ["id", "status", "recorded", "steps", "tokens", "seconds", "name", "request"]
    assert row.split()[1:] == ["ok", "2026-05-28", "20:26", "2", "1000", "4.0", "ask", "req-1"]
    assert title.index("steps") + len("steps") == row.index(" 2 ") + 2


def test_lines_are_cut_to_the_width_of_the_terminal(run: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    assert {len(line) for line in run("ls", "traces.jsonl").output.splitlines()} == {40}


def test_json_is_for_scripts(run: Command) -> None:
    (one,) = json.loads(run("ls", "traces.jsonl", "--json", "-s", "status=error").output)
    assert one["trace_id"] == trace_id(3)
    assert (one["status"], one["steps"], one["tokens"], one["seconds"]) == ("error", 2, 1000, 4.0)


def test_what_cannot_be_read_is_told_and_raises_the_exit_status(run: Command, tmp_path: Path) -> None:
    with (tmp_path / "traces.jsonl").open("ab") as file:
        file.write(b'{"resourceSpans": [')
    assert "not read: traces.jsonl:4: " in run("ls", "traces.jsonl", status=1).output


def test_a_pipe_cuts_nothing_off(run: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS")
    assert "…" not in run("ls", "traces.jsonl", "--long").output
