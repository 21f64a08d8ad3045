"""Loading 1,000 case files: against libYAML's loader alone, and again while nothing has changed.

Run: ``python -m benchmarks.casefiles [--cases 1000]``
"""

import argparse
import sys
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time

import yaml

from benchmarks.timing import table
from pytest_llmreplay.snapshots.casefile import case_text, expected_of
from pytest_llmreplay.traces.catalog import load_catalog

TRACES = Path(__file__).parents[1] / "examples" / "support_bot" / "traces"


def write(folder: Path, count: int) -> int:
    """Case files of the example's traces, each under an id of its own; returns their bytes."""
    found = load_catalog([str(TRACES)], Path(), folder / ".cache").handles
    texts = []
    for handle in found:
        inside = handle.contents()
        said = replace(inside, expectations=expected_of(inside))
        texts.append((handle.trace_id, case_text(handle.trace_id, said, handle.source)))
    for number in range(count):
        trace_id, text = texts[number % len(texts)]
        path = folder / f"case-{number}.llmcase.yaml"
        path.write_text(text.replace(trace_id, f"{number:031x}a", 1), encoding="utf-8")
    return sum(path.stat().st_size for path in folder.glob("*.yaml"))


def plain(folder: Path) -> float:
    """CPU seconds of libYAML's loader over the files."""
    start = process_time()
    for path in folder.glob("*.yaml"):
        yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader)
    return process_time() - start


def ours(folder: Path, cache: Path) -> float:
    """CPU seconds of loading and opening every case."""
    start = process_time()
    catalog = load_catalog([str(folder)], Path(), cache)
    steps = sum(len(handle.open().steps) for handle in catalog.handles)
    assert steps
    assert not catalog.problems
    return process_time() - start


def main() -> int:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=1000)
    count = parser.parse_args().cases
    with TemporaryDirectory() as name:
        folder = Path(name) / "cases"
        folder.mkdir()
        size = write(folder, count)
        ours(folder, Path(name) / "warm-up")
        base = min(plain(folder) for _ in range(3))
        first = min(ours(folder, Path(name) / f"cache-{number}") for number in range(3))
        again = min(ours(folder, Path(name) / "cache-0") for _ in range(3))
    rows = [
        ("yaml.CSafeLoader alone", base),
        ("loaded for the first time", first),
        ("loaded again, unchanged", again),
    ]
    print(f"{count} case files, {size / count / 1024:.1f} kB each\n")
    table(("", "CPU, ms", "x"), [(what, f"{cpu * 1000:.0f}", f"{cpu / base:.2f}") for what, cpu in rows])
    return 0


if __name__ == "__main__":
    sys.exit(main())
