"""Cost per test of entering and leaving a replay, and what the first one pays once.

Run: ``python -m benchmarks.enter_leave [--traces 400]``

The floor of the first table is what a cassette costs each test in vcrpy itself: ``use_cassette`` entered and left.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import pytest

from benchmarks.timing import Pair, child, met, others_off, table
from benchmarks.traces import write

GOAL_MS = 0.5
TESTS = """
def test_reads(llm_trace): ...
def test_replays(llm_replay): ...
"""
STAGES = (
    ("import vcr", "", "import vcr"),
    ("put the patches in", "from pytest_llmreplay.replay.cassette import patches", "patches.install()"),
    ("look for SDKs that are not seen", "from pytest_llmreplay.replay.transports import unseen", "list(unseen())"),
    (
        "take the patches out",
        "from pytest_llmreplay.replay.cassette import patches; patches.install()",
        "patches.remove()",
    ),
)


class Timed:
    """Begins and ends the replay of every collected item, and runs none."""

    def __init__(self) -> None:
        self.pairs: dict[str, Pair] = {}

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Take the samples: each item beside an empty cassette of vcrpy's."""
        import vcr

        from pytest_llmreplay.plugin import case

        folder = session.config.rootpath

        def floor() -> None:
            with vcr.use_cassette(str(folder / "none.yaml"), record_mode="none"):
                pass

        def ours(item: pytest.Item) -> None:
            case.begin(item)
            case.end(item)

        ours(session.items[0])  # puts the patches in
        for item in session.items[1:]:
            name = item.name.partition("[")[0]
            self.pairs.setdefault(name, Pair()).add(floor, lambda item=item: ours(item))  # type: ignore[misc]
        return True


def per_test(folder: Path, traces: int) -> None:
    """Print what each test pays."""
    write(folder / "traces.jsonl", traces)
    (folder / "test_it.py").write_text(TESTS, encoding="utf-8")
    timed = Timed()
    options = ["-qq", "-p", "no:cacheprovider", "--llm-traces", "traces.jsonl", "--rootdir", str(folder)]
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        assert pytest.main([*options, *others_off(), str(folder)], plugins=[timed]) == 0
    labels = {"test_reads": "llm_trace, trace not looked at", "test_replays": "llm_replay, trace of 23 kB decoded"}
    rows = [
        [labels[name], f"{median(pair.floor) * 1e3:.2f} ms", f"{median(pair.ours) * 1e3:.3f} ms", f"{pair.ratio:.2f}"]
        for name, pair in timed.pairs.items()
    ]
    print("\nEntering and leaving, per test")
    table(["test", "vcrpy's cassette (floor)", "ours", "ratio"], rows)
    print(f"entering and leaving: {met(median(timed.pairs['test_reads'].ours) * 1e3, GOAL_MS)} ms")


def once(folder: Path, rounds: int, sdk: str) -> None:
    """Print what a process pays once, beside the import of pytest in the same kind of process."""
    before = f"import {sdk}" if sdk else ""
    floor = median(spent(folder, "", "import pytest") for _ in range(rounds))
    rows: list[Sequence[object]] = []
    for label, prepared, work in STAGES:
        cost = median(spent(folder, f"{before}\n{prepared}", work) for _ in range(rounds))
        rows.append([label, f"{cost * 1e3:.1f} ms", f"{cost / floor:.2f}"])
    print(f"\nOnce per process{f', with {sdk} imported before' if sdk else ''}")
    table(["what", "CPU", f"ratio to the import of pytest ({floor * 1e3:.0f} ms)"], rows)


def spent(folder: Path, before: str, work: str) -> float:
    """CPU seconds of some work in a fresh process."""
    lines = ["import time", before, "begin = time.process_time()", work, "print(time.process_time() - begin)"]
    return float(child([sys.executable, "-c", "\n".join(lines)], folder).out)


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--traces", type=int, default=400)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--sdk", default="openai", help="what the application has imported; empty for nothing")
    given = parser.parse_args()
    with TemporaryDirectory() as folder:
        per_test(Path(folder), given.traces)
    with TemporaryDirectory() as folder:
        for sdk in dict.fromkeys(("", given.sdk)):
            once(Path(folder), given.rounds, sdk)


if __name__ == "__main__":
    main()
