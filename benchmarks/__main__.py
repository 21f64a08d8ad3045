"""Every benchmark with its defaults, one after the other; a few minutes. Run: ``python -m benchmarks``"""

import subprocess
import sys

NAMES = ("replay", "enter_leave", "functions", "idle", "collect", "reading", "report", "capture", "casefiles")


def main() -> int:
    """Run each in a process of its own; the number of those that broke."""
    return sum(
        subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=False).returncode != 0 for name in NAMES
    )


if __name__ == "__main__":
    sys.exit(main())
