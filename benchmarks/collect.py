"""Collecting and running one trivial test for each of many traces, against plain ``parametrize`` with the same ids.

Run: ``python -m benchmarks.collect [--traces 10000] [--traces-file FILE] [--rounds 5]``

The cost of an empty session is taken off both sides, so the ratio is that of the items alone.
"""

import argparse
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks.timing import Child, child, met, others_off, table
from benchmarks.traces import write

GOALS = {"collect, warm": 1.3, "run": 1.4}
OURS = "def test(llm_trace):\n    assert llm_trace.trace_id\n"
PLAIN = """
import pathlib
import pytest
IDS = pathlib.Path(__file__).with_name("ids.txt").read_text().splitlines()
@pytest.mark.parametrize("trace_id", IDS, ids=IDS)
def test(trace_id):
    assert trace_id
"""


class Suite:
    """A folder with both test files."""

    def __init__(self, folder: Path, traces: Path) -> None:
        self.folder, self.traces = folder, traces
        self.options = ["-qq", "-p", "no:cacheprovider", "--rootdir", str(folder), *others_off()]
        (folder / "test_ours.py").write_text(OURS, encoding="utf-8")
        (folder / "test_plain.py").write_text(PLAIN, encoding="utf-8")
        (folder / "test_empty.py").write_text("", encoding="utf-8")
        listed = self.start("ours", "--co", "-v").out.splitlines()  # -qq -v is -q: one id a line
        ids = [line.partition("[")[2].removesuffix("]") for line in listed if line.startswith("test_ours.py::")]
        (folder / "ids.txt").write_text("\n".join(ids), encoding="utf-8")
        self.count = len(ids)

    def start(self, name: str, *options: str) -> Child:
        """Run pytest on one of the files, in a process of its own."""
        mine = ["--llm-traces", str(self.traces)] if name == "ours" else ["-p", "no:llmreplay"]
        return child([sys.executable, "-m", "pytest", *self.options, *mine, *options, f"test_{name}.py"], self.folder)

    def cold(self) -> Child:
        """Collect without a kept index."""
        shutil.rmtree(self.folder / ".llm", ignore_errors=True)
        return self.start("ours", "--co")


def measured(suite: Suite, rounds: int) -> list[dict[str, Child]]:
    """Every kind of start, in turns."""
    return [one_round(suite) for _ in range(rounds)]


def one_round(suite: Suite) -> dict[str, Child]:
    """Each kind of start once."""
    found = {"empty": suite.start("empty", "--co"), "collect, cold": suite.cold()}
    found |= {"collect, plain": suite.start("plain", "--co"), "collect, warm": suite.start("ours", "--co")}
    return found | {"run, plain": suite.start("plain"), "run": suite.start("ours")}


def rows_of(rounds: Sequence[dict[str, Child]], count: int) -> tuple[list[Sequence[object]], dict[str, float]]:
    """A row for each kind, and the ratios: medians of those within a round, for the machine changes between them."""
    rows: list[Sequence[object]] = []
    ratios: dict[str, float] = {}
    for name, floor in (
        ("collect, plain", "collect, plain"),
        ("collect, warm", "collect, plain"),
        ("collect, cold", "collect, plain"),
        ("run, plain", "run, plain"),
        ("run", "run, plain"),
    ):
        ratios[name] = median(added_cpu(each, name) / added_cpu(each, floor) for each in rounds)
        memory = median(added_mb(each, name) / added_mb(each, floor) for each in rounds)
        each_item = median(added_cpu(each, name) for each in rounds) / count * 1e6
        peak = median(each[name].peak_mb for each in rounds)
        rows.append([name, f"{each_item:.0f} µs", f"{ratios[name]:.2f}", f"{peak:.0f} MB", f"{memory:.2f}"])
    return rows, ratios


def added_cpu(found: dict[str, Child], name: str) -> float:
    """CPU seconds beyond an empty session's."""
    return found[name].cpu - found["empty"].cpu


def added_mb(found: dict[str, Child], name: str) -> float:
    """Megabytes beyond an empty session's."""
    return found[name].peak_mb - found["empty"].peak_mb


def main() -> None:
    """Print a ratio for collecting and for running."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--traces", type=int, default=10_000)
    parser.add_argument("--traces-file", type=Path, help="measure with this file instead of a made-up one")
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    with TemporaryDirectory() as folder, TemporaryDirectory() as data:
        traces = given.traces_file.resolve() if given.traces_file else Path(data) / "traces.jsonl"
        if not given.traces_file:
            write(traces, given.traces)
        suite = Suite(Path(folder), traces)
        rows, ratios = rows_of(measured(suite, given.rounds), suite.count)
        size = traces.stat().st_size / 1e6
    print(f"\n{suite.count:,} items from {size:.0f} MB of traces; an empty session is taken off")
    table(["what", "CPU per item", "ratio", "peak memory", "ratio of what is added"], rows)
    for name, goal in GOALS.items():
        print(f"{name}: {met(ratios[name], goal)}")


if __name__ == "__main__":
    main()
