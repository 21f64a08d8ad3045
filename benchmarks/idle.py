"""What the installed but unused plugin adds to a start of pytest in an empty folder.

Run: ``python -m benchmarks.idle [--python PYTHON ...] [--rounds 25]``

Best measured in clean environments: one with a regular installation, one with an editable one. pytest compiles the
modules of a distribution that has a plugin itself, and keeps that byte code apart from Python's own; where byte code is
not written (usual in containers) it does so at every start. That is the second case; the kept byte code of pytest's is
removed before it.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks.timing import Child, Pair, child, met, others_off, table

GOAL_MS = 10.0
HEAVY = ("vcr", "deepdiff", "jsonschema", "yaml", "msgspec", "httpx2", "openai")
LIST = "import sys, pytest; pytest.main(sys.argv[1:]); print(*sys.modules, file=sys.stderr)"
"""``-X importtime`` does not show what entry points load."""
WHERE = "import pytest_llmreplay, os; print(os.path.dirname(pytest_llmreplay.__file__))"
ENVIRONMENTS: dict[str, dict[str, str]] = {"byte code kept": {}, "byte code off": {"PYTHONDONTWRITEBYTECODE": "1"}}


class Start:
    """Starts pytest in an empty folder."""

    def __init__(self, python: str, folder: Path, environment: dict[str, str]) -> None:
        self.python, self.folder, self.environment = python, folder, environment
        self.others = others_off(python)

    def run(self, *options: str, python: Sequence[str] = ("-m", "pytest")) -> Child:
        """One start."""
        line = [self.python, *python, "--co", "-q", "-p", "no:cacheprovider", *self.others, *options]
        return child(line, self.folder, **self.environment)

    def modules(self, *options: str) -> frozenset[str]:
        """The modules that a start imports."""
        return frozenset(self.run(*options, python=("-c", LIST)).err.split())


def forget_byte_code(python: str, folder: Path) -> None:
    """Remove the byte code that pytest keeps of this package."""
    package = Path(child([python, "-c", WHERE], folder).out.strip())
    for kept in package.rglob("__pycache__/*-pytest-*.pyc"):
        kept.unlink()


def measured(python: str, rounds: int, folder: Path, environment: dict[str, str]) -> tuple[Pair, frozenset[str]]:
    """CPU of starts with and without the plugin, in turns; and the modules that it adds."""
    start = Start(python, folder, environment)
    if environment:
        forget_byte_code(python, folder)
    pair = Pair()
    for number in range(rounds + 1):
        sides: list[tuple[str, ...]] = [("-p", "no:llmreplay"), ()]
        spent = {options: start.run(*options).cpu for options in (sides if number % 2 else reversed(sides))}
        if number:  # the first one fills the caches
            pair.floor.append(spent[sides[0]])
            pair.ours.append(spent[sides[1]])
    return pair, start.modules() - start.modules("-p", "no:llmreplay")


def main() -> None:
    """Print what each environment pays."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--python", nargs="*", default=[sys.executable], help="interpreters to measure")
    parser.add_argument("--rounds", type=int, default=40)
    given = parser.parse_args()
    rows, worst, loaded, names = [], 0.0, set(), frozenset[str]()
    for python in given.python:
        for label, environment in ENVIRONMENTS.items():
            with TemporaryDirectory() as folder:
                pair, added = measured(python, given.rounds, Path(folder), environment)
            more = median(b - a for a, b in zip(pair.floor, pair.ours, strict=True)) * 1e3
            worst = max(worst, more)
            names |= added
            loaded |= {name for name in added if name.partition(".")[0] in HEAVY}
            name = Path(python).parent.parent.name
            floor = median(pair.floor) * 1e3
            rows.append([name, label, f"{floor:.0f} ms", f"{more:+.1f} ms", f"{1 + more / floor:.3f}", len(added)])
    print("\nA start of pytest with the plugin installed and not in use")
    table(["environment", "", "without (floor)", "added CPU", "ratio", "modules added"], rows)
    print(f"added: {', '.join(sorted(names))}")
    print(f"heavy modules loaded: {', '.join(sorted(loaded)) or 'none'}")
    print(f"worst {worst:.1f} ms: {met(worst, GOAL_MS)} ms")


if __name__ == "__main__":
    main()
