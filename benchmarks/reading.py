"""Reading a trace file: time against a typed msgspec decoder alone, and memory for files of two sizes.

Run: ``python -m benchmarks.reading [--traces-file FILE] [--megabytes 1000]``

The floor reads the file line by line and decodes each into msgspec's structs. ``one pass`` does the same with our
decoder: plain spans with ids in lower case, times and numbers as numbers, and every attribute, event and resource in
a mapping; nothing is put off until it is looked at. ``trace by trace`` does so as replays do: it opens the file for
each trace, at the place that the index has, and hands on the spans one by one.
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import msgspec

from benchmarks.timing import Pair, child, met, table
from benchmarks.traces import write
from pytest_llmreplay import registry
from pytest_llmreplay.traces.catalog import Catalog, load_catalog
from pytest_llmreplay.traces.formats._lines import lines
from pytest_llmreplay.traces.formats.protocol import Plain, Problem, TraceFormat
from pytest_llmreplay.traces.opening import items

GOAL = 1.5
WHOLE_FILE = "spans, one pass"
READ = """
import sys
from pathlib import Path
from pytest_llmreplay.traces.catalog import load_catalog

def peak():
    return next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM"))

load_catalog(["small.jsonl"], Path(), Path("cache")).handles[0].contents()
before = peak()
catalog = load_catalog([sys.argv[1]], Path(), Path("cache"))
indexed = peak()
for handle in catalog.handles:
    handle.contents()
print(before, indexed, peak(), len(catalog.handles))
"""


class Value(msgspec.Struct):
    """An attribute's value."""

    stringValue: str | None = None
    intValue: int | str | None = None
    doubleValue: float | str | None = None
    boolValue: bool | None = None
    arrayValue: "Values | None" = None
    kvlistValue: "Attributes | None" = None
    bytesValue: str | None = None


class Values(msgspec.Struct):
    """Several values."""

    values: list[Value] = []


class Attribute(msgspec.Struct):
    """An attribute."""

    key: str
    value: Value | None = None


class Attributes(msgspec.Struct):
    """Attributes within a value."""

    values: list[Attribute] = []


class Event(msgspec.Struct):
    """A span's event."""

    name: str = ""
    timeUnixNano: str = ""
    attributes: list[Attribute] = []


class Status(msgspec.Struct):
    """How a span ended."""

    code: int | str = 0
    message: str = ""


class Span(msgspec.Struct):
    """All of a span that ours holds."""

    traceId: str
    spanId: str
    name: str
    startTimeUnixNano: str
    endTimeUnixNano: str
    parentSpanId: str = ""
    attributes: list[Attribute] = []
    events: list[Event] = []
    status: Status | None = None
    droppedAttributesCount: int = 0


class Scope(msgspec.Struct):
    """An instrumentation."""

    name: str = ""
    version: str = ""


class ScopeSpans(msgspec.Struct):
    """The spans of one instrumentation."""

    spans: list[Span]
    scope: Scope | None = None


class Resource(msgspec.Struct):
    """A service."""

    attributes: list[Attribute] = []


class ResourceSpans(msgspec.Struct):
    """The spans of one service."""

    scopeSpans: list[ScopeSpans]
    resource: Resource | None = None


class Export(msgspec.Struct):
    """One line."""

    resourceSpans: list[ResourceSpans]


def typed(path: Path) -> None:
    """The floor: every line decoded into types that hold what our spans hold, and dropped."""
    decode = msgspec.json.Decoder(Export).decode
    with path.open("rb", buffering=1 << 20) as file:
        for line in file:
            decode(line)


def newlines(path: Path) -> None:
    """What touching every line costs."""
    with path.open("rb", buffering=1 << 20) as file:
        for _ in file:
            pass


def catalog_of(path: Path, cache: Path) -> Catalog:
    """The index of a file, made anew."""
    for kept in cache.rglob("*.msgpack"):
        kept.unlink()
    return load_catalog([str(path)], path.parent, cache)


def one_pass(path: Path) -> None:
    """Every line as spans."""
    container: TraceFormat = registry.load("formats", "otlp-json")
    for item in lines(Plain(path, path.name, path.stat().st_size)):
        assert not isinstance(item, Problem)
        container.decode(item[2], None)


def spans(catalog: Catalog) -> None:
    """Every trace as spans."""
    for handle in catalog.handles:
        for _ in items(handle):
            pass


def contents(catalog: Catalog) -> None:
    """Every trace whole: spans in order, calls, answers, what is lost."""
    for handle in catalog.handles:
        handle.contents()


def time_of(path: Path, cache: Path, rounds: int) -> None:
    """Print the cost of each stage in floors."""
    catalog = catalog_of(path, cache)
    stages: dict[str, Callable[[], object]] = {
        "lines alone": lambda: newlines(path),
        "index, made": lambda: catalog_of(path, cache),
        "index, kept": lambda: load_catalog([str(path)], path.parent, cache),
        WHOLE_FILE: lambda: one_pass(path),
        "spans, trace by trace": lambda: spans(catalog),
        "every trace whole": lambda: contents(catalog),
    }
    pairs = {name: Pair() for name in stages}
    for _ in range(rounds):
        for name, work in stages.items():
            pairs[name].add(lambda: typed(path), work)
    size, count = path.stat().st_size / 1e6, len(catalog.handles)
    print(f"\nReading {count:,} traces, {size:.0f} MB; each stage beside its floor")
    floor = median(each for pair in pairs.values() for each in pair.floor)
    rows = [row("msgspec, typed (floor)", floor, 1.0, size, count)]
    rows += [row(name, median(pair.ours), pair.ratio, size, count) for name, pair in pairs.items()]
    table(["stage", "CPU", "ratio", "speed", "per trace"], rows)
    print(f"full decode: {met(pairs[WHOLE_FILE].ratio, GOAL)}")


def row(name: str, spent: float, ratio: float, megabytes: float, traces: int) -> list[str]:
    """A stage of the table."""
    speed, per_trace = f"{megabytes / spent:,.0f} MB/s", f"{spent / traces * 1e6:.0f} µs"
    return [name, f"{spent:.2f} s", f"{ratio:.2f}", speed, per_trace]


def memory_of(folder: Path, megabytes: float) -> None:
    """Print peak memory for a file and for one of a tenth of its size."""
    write(folder / "small.jsonl", 1)
    rows, added = [], []
    for size in (megabytes / 10, megabytes):
        write(folder / "big.jsonl", 10**9, size)
        before, indexed, whole, count = map(int, child([sys.executable, "-c", READ, "big.jsonl"], folder).out.split())
        (folder / "big.jsonl").unlink()
        added.append((whole - before, count))
        peaks = [f"{each / 1024:.1f} MB" for each in (before, indexed - before, whole - before)]
        rows.append([f"{size:.0f} MB, {count:,} traces", *peaks, f"{(whole - before) / count:.2f} kB"])
    print("\nPeak memory (VmHWM) of reading a file whole, trace by trace")
    table(["file", "imports, one trace", "added by the index", "by reading all", "per trace"], rows)
    growth = (added[1][0] - added[0][0]) / (added[1][1] - added[0][1])
    share = growth * 1024 / (megabytes * 1e6 / added[1][1])
    print(f"growth: {growth:.2f} kB a trace, {share:.1%} of the bytes read")


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--traces", type=int, default=4_000)
    parser.add_argument("--traces-file", type=Path, help="measure with this file instead of a made-up one")
    parser.add_argument("--megabytes", type=float, default=1000, help="larger file of the memory table; 0 for none")
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    with TemporaryDirectory() as name:
        folder = Path(name)
        path = given.traces_file.resolve() if given.traces_file else folder / "traces.jsonl"
        if not given.traces_file:
            write(path, given.traces)
        time_of(path, folder / "cache", given.rounds)
        if given.megabytes:
            memory_of(folder, given.megabytes)


if __name__ == "__main__":
    main()
