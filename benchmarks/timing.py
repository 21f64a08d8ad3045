"""Interleaved samples, ratios of medians, and what a child process used."""

import math
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median


@dataclass(slots=True)
class Pair:
    """Samples of a floor and of ours, taken in turns."""

    floor: list[float] = field(default_factory=list)
    ours: list[float] = field(default_factory=list)

    @property
    def ratio(self) -> float:
        """Median of ours in floors, each in the one beside it: what slows the machine for a while slows both."""
        return median(ours / floor for ours, floor in zip(self.ours, self.floor, strict=True))

    def add(self, floor: Callable[[], object], ours: Callable[[], object]) -> None:
        """One sample of each; who goes first changes from sample to sample."""
        if len(self.floor) % 2:
            self.ours.append(seconds(ours))
            self.floor.append(seconds(floor))
        else:
            self.floor.append(seconds(floor))
            self.ours.append(seconds(ours))


def seconds(work: Callable[[], object]) -> float:
    """CPU time of this thread for one call."""
    begin = time.thread_time()
    work()
    return time.thread_time() - begin


def slope(sizes: Sequence[float], costs: Sequence[float]) -> float:
    """Least-squares slope of log(cost) in log(size): 0 is flat, 1 is linear."""
    x, y = [math.log(each) for each in sizes], [math.log(each) for each in costs]
    mean_x, mean_y = sum(x) / len(x), sum(y) / len(y)
    above = sum((a - mean_x) * (b - mean_y) for a, b in zip(x, y, strict=True))
    return above / sum((a - mean_x) ** 2 for a in x)


@dataclass(frozen=True, slots=True)
class Child:
    """What a finished child process used and said."""

    cpu: float
    peak_mb: float
    out: str
    err: str


def child(arguments: Sequence[str], folder: Path, **environment: str) -> Child:
    """Run a program to its end. Raises RuntimeError with its last words where it fails."""
    with (
        (folder / ".out").open("w+", encoding="utf-8") as out,
        (folder / ".err").open("w+", encoding="utf-8") as err,
    ):
        variables = {**plain_environment(), **environment}
        process = subprocess.Popen(arguments, cwd=folder, stdout=out, stderr=err, env=variables)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = code = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        said, cried = out.read(), err.read()
    if code not in (0, 5):  # 5: pytest collected nothing
        raise RuntimeError(f"{' '.join(arguments)} ended with {code}:\n{said[-2000:]}\n{cried[-2000:]}")
    return Child(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, said, cried)


def plain_environment() -> Mapping[str, str]:
    """This process's environment without what changes how Python and pytest start."""
    changing = ("PYTHON", "PYTEST_", "COVERAGE_")
    return {name: value for name, value in os.environ.items() if not name.startswith(changing)}


def others_off(python: str = sys.executable) -> list[str]:
    """Options that switch off every pytest plugin of another distribution."""
    code = "from importlib.metadata import entry_points as e; print(*(each.name for each in e(group='pytest11')))"
    names = subprocess.run([python, "-c", code], check=True, capture_output=True, text=True).stdout.split()
    return [word for name in sorted({*names} - {"llmreplay"}) for word in ("-p", f"no:{name}")]


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a Markdown table."""
    lines = [[str(cell) for cell in row] for row in (head, *rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    lines.insert(1, ["-" * width for width in widths])
    for line in lines:
        print("| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |", flush=True)


def met(value: float, goal: float) -> str:
    """Whether a figure is within its goal."""
    return f"{'yes' if value <= goal else 'NO'} (≤ {goal:g})"
