"""Which commit of the project a run is of. PYTEST_DONT_REWRITE"""

import subprocess
from pathlib import Path

NAME = ("git", "rev-parse", "--abbrev-ref", "HEAD")
HASH = ("git", "rev-parse", "--short", "HEAD")


def commit(folder: Path) -> str:
    """``branch@hash``; empty where the folder is in no repository, or git is not there."""
    branch, short = said(NAME, folder), said(HASH, folder)
    return f"{branch}@{short}" if branch and short else ""


def said(command: tuple[str, ...], folder: Path) -> str:
    """What git says; nothing where it fails."""
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=5, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
