"""A line now and then, where somebody looks on."""

import os
import pty
import subprocess
import sys
from typing import Any

import pytest

from pytest_llmreplay.plugin.progress import EVERY, Progress
from tests.foreign import LEFT_OUT
from tests.plugin.conftest import Project
from tests.sample import traced


class Terminal:
    """What a terminal reporter would have printed."""

    def __init__(self, total: int) -> None:
        self.lines: list[str] = []
        self._session: Any = type("Session", (), {"testscollected": total})

    def ensure_newline(self) -> None: ...

    def write_line(self, line: str) -> None:
        self.lines.append(line)


def told(total: int, seconds: float, **figures: Any) -> list[str]:
    """The lines of a run that is broken off one case before its end."""
    clock = [0.0]
    terminal = Terminal(total)
    progress = Progress(terminal, lambda: clock[0])  # type: ignore[arg-type]
    for _ in range(total - 1):
        clock[0] += seconds
        for when in ("setup", "call", "teardown"):
            report = type("Report", (), {"when": when, **({"llm_case": figures} if when == "call" else {})})
            progress.pytest_runtest_logreport(report)  # type: ignore[arg-type]
    return terminal.lines


def test_a_long_run_tells_rate_and_time_left_every_few_seconds() -> None:
    lines = told(total=101, seconds=0.5)
    assert len(lines) == int(100 * 0.5 / EVERY)
    assert lines[0] == "llm: 10 of 101, 2.0/s, 46 s left"
    assert told(total=1001, seconds=0.5)[0] == "llm: 10 of 1,001, 2.0/s, 8 min left"


def test_a_run_with_live_calls_tells_what_they_cost() -> None:
    assert told(total=11, seconds=1, live=2, spent_usd=0.01)[0] == "llm: 5 of 11, 1.0/s, $0.0500 so far, 6 s left"


def test_a_short_run_tells_nothing() -> None:
    assert told(total=20, seconds=100) == []


def at_a_terminal(project: Project, **environment: str) -> str:
    """What a run of 60 cases prints at a terminal, a line for each case."""
    project.shop(*(traced(number=number) for number in range(1, 61)))
    project.write(conftest="import pytest_llmreplay.plugin.progress as progress\nprogress.EVERY = 0\n")
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "pytest", *LEFT_OUT, "-p", "no:cacheprovider"]
    env = {**os.environ, **environment}
    with subprocess.Popen(command, cwd=project.path, stdout=theirs, stderr=theirs, env=env) as process:
        os.close(theirs)
        text = b""
        while True:
            try:
                part = os.read(ours, 65536)
            except OSError:
                break
            if not part:
                break
            text += part
    os.close(ours)
    assert process.returncode == 0, text.decode()
    return text.decode()


@pytest.mark.skipif(sys.platform == "win32", reason="a pseudo-terminal is needed")
def test_it_is_told_at_a_terminal_and_not_in_ci(project: Project) -> None:
    assert "llm: 30 of 60, " in at_a_terminal(project)
    assert "llm: 30 of 60, " not in at_a_terminal(project, CI="true")


def test_it_is_not_told_where_nobody_looks_on(project: Project) -> None:
    project.shop(*(traced(number=number) for number in range(1, 61)))
    assert " of 60, " not in "\n".join(project.run().lines)
