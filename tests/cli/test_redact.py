"""``llmreplay redact``."""

from pathlib import Path

import pytest

from tests.cli.conftest import Command, request

KEY = "sk-proj-" + "Ab3" * 16


@pytest.fixture
def traces(run: Command, tmp_path: Path) -> Path:
    """A trace file that holds a key."""
    path = tmp_path / "traces.jsonl"
    path.write_bytes(request(1, f"Use {KEY}.") + request(2))
    return path


def test_a_check_names_kind_and_line_and_writes_nothing(run: Command, traces: Path) -> None:
    before = traces.read_bytes()
    told = run("redact", "traces.jsonl", "--check", status=1).output
    assert told.startswith("traces.jsonl: ")
    assert "in line 1\n" in told
    assert KEY not in told
    assert traces.read_bytes() == before


def test_a_trace_file_has_no_secrets_afterwards_and_other_lines_stay(run: Command, traces: Path) -> None:
    other = traces.read_bytes().splitlines()[1]
    assert run("redact", "traces.jsonl").output == "redacted traces.jsonl\n"
    assert KEY.encode() not in traces.read_bytes()
    assert traces.read_bytes().splitlines()[1] == other
    assert run("redact", "traces.jsonl", "--check").output == ""


def test_a_case_file_has_none_and_its_checksum_is_right(run: Command, tmp_path: Path) -> None:
    run("add", "traces.jsonl", "-s", "request=req-1", "--into", "cases")
    path = next((tmp_path / "cases").iterdir())
    path.write_text(path.read_text("utf-8").replace("Hello?", f"Use {KEY}"), "utf-8")
    run("redact", "cases")
    assert KEY not in path.read_text("utf-8")
    assert run("upgrade", "cases", "--check").output == ""


def test_patterns_of_ones_own(run: Command, traces: Path) -> None:
    run("redact", "traces.jsonl", "--pattern", "parcel")
    assert b"parcel" not in traces.read_bytes()


def test_what_is_no_text_is_left_and_told(run: Command, tmp_path: Path) -> None:
    (tmp_path / "x.bin").write_bytes(b"\xff\xfe\x00")
    assert "x.bin: left as it is" in run("redact", "x.bin", status=1).output
    assert "no such file or folder" in run("redact", "nothing", status=2).output
