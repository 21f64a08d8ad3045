"""A line now and then, where somebody looks on."""

import os
import pty
import re
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

    showfspath = showlongtestinfo = False

    def __init__(self, total: int) -> None:
        self.lines: list[str] = []
        self._session: Any = type("Session", (), {"testscollected": total})
        self._tw: Any = type("Writer", (), {"width_of_current_line": 0})

    def write_line(self, line: str) -> None:
        self.lines.append(line)


def told(total: int, seconds: float, **figures: Any) -> list[str]:
    """The lines of a run that is broken off one case before its end; its first test begins after ten minutes."""
    clock = [0.0]
    terminal = Terminal(total)
    progress = Progress(terminal, lambda: clock[0])  # type: ignore[arg-type]
    clock[0] = 600.0
    for _ in range(total - 1):
        progress.pytest_runtest_logstart()
        clock[0] += seconds
        for when in ("setup", "call", "teardown"):
            report = type("Report", (), {"when": when, **({"llm_case": figures} if when == "call" else {})})
            progress.pytest_runtest_logreport(report)  # type: ignore[arg-type]
    return terminal.lines


def test_a_long_run_tells_rate_and_time_left_every_few_seconds() -> None:
    lines = told(total=101, seconds=0.5)
    assert len(lines) == int(100 * 0.5 / EVERY) - 1, "of the last five seconds nothing is said"
    assert lines[0] == "llm: 10 of 101, 2.0/s, 46 s left"
    assert told(total=1001, seconds=0.5)[0] == "llm: 10 of 1,001, 2.0/s, 8 min left"


def test_a_run_with_live_calls_tells_what_they_cost() -> None:
    assert told(total=11, seconds=1, live=2, spent_usd=0.01)[0] == "llm: 5 of 11, 1.0/s, $0.0500 so far, 6 s left"


def test_a_short_run_tells_nothing() -> None:
    assert told(total=20, seconds=100) == []


def at_a_terminal(project: Project, *args: str, **environment: str) -> list[str]:
    """What a run of 60 cases prints below its header at a terminal, progress after each case; durations as 0."""
    project.shop(*(traced(number=number) for number in range(1, 61)))
    project.write(conftest="import pytest_llmreplay.plugin.progress as progress\nprogress.EVERY = 0\n")
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "pytest", *LEFT_OUT, "-p", "no:cacheprovider", "--color=no", *args]
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
    shown = re.sub(r"[\d.]+/s, \d+ (s|min) left *", "0/s, 0 s left ", text.decode().replace("\r\n", "\n"))
    lines = re.split(r"(?:collected \d+ items|\d workers \[.*\]) *\n", shown)[-1].split("\n")
    return [line.rstrip() for line in lines]


A_TERMINAL = pytest.mark.skipif(sys.platform == "win32", reason="a pseudo-terminal is needed")


@A_TERMINAL
def test_at_a_terminal_it_stands_between_the_lines_of_pytest(project: Project) -> None:
    lines = at_a_terminal(project)
    assert lines[:6] == [
        "",
        "test_shop.py .",
        "llm: 1 of 60, 0/s, 0 s left [  1%]",
        "test_shop.py .",
        "llm: 2 of 60, 0/s, 0 s left [  3%]",
        "test_shop.py .",
    ]
    last = lines.index("llm: 59 of 60, 0/s, 0 s left [ 98%]")
    assert lines[last + 1] == "test_shop.py .                                                           [100%]"
    assert "" not in lines[1:last]
    assert all(len(line) < 80 for line in lines[:last])


@A_TERMINAL
def test_with_the_tests_named_it_stands_between_them(project: Project) -> None:
    assert at_a_terminal(project, "-v")[1:5] == [
        "test_shop.py::test_answer[where-is-my-order-0001] PASSED  1 step         [  1%]",
        "llm: 1 of 60, 0/s, 0 s left",
        "test_shop.py::test_answer[where-is-my-order-0002] PASSED  1 step         [  3%]",
        "llm: 2 of 60, 0/s, 0 s left",
    ]


@A_TERMINAL
def test_with_workers_it_stands_between_their_dots(project: Project) -> None:
    lines = at_a_terminal(project, "-n2")
    until = next(number for number, line in enumerate(lines) if line.endswith("[100%]"))
    ours = [line for line in lines if line.startswith("llm: ") and " of 60, " in line]
    theirs = [line for line in lines[: until + 1] if line not in ours]
    assert "llm: 30 of 60, 0/s, 0 s left" in ours
    assert all(re.fullmatch(r"\.*( +\[ *\d+%\])?", line) for line in theirs)
    assert "".join(theirs).count(".") == 60


@A_TERMINAL
@pytest.mark.parametrize(("args", "environment"), [((), {"CI": "true"}), (("-q",), {})], ids=["CI", "-q"])
def test_in_ci_and_under_q_it_is_not_told(project: Project, args: tuple[str, ...], environment: dict[str, str]) -> None:
    assert not [line for line in at_a_terminal(project, *args, **environment) if " of 60, " in line]


def test_it_is_not_told_where_nobody_looks_on(project: Project) -> None:
    project.shop(*(traced(number=number) for number in range(1, 61)))
    assert " of 60, " not in "\n".join(project.run().lines)
