"""Printing for people and for scripts: width and colour follow the terminal. PYTEST_DONT_REWRITE"""

import json
import os
import shutil
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import click

from pytest_llmreplay.report.text import safe

ENDLESS = 100_000


def width() -> int:
    """Columns of the terminal; a pipe or a file cuts nothing off."""
    if sys.stdout.isatty() or os.environ.get("COLUMNS"):
        return shutil.get_terminal_size().columns
    return ENDLESS


def fitted(text: str, room: int) -> str:
    """A text on one line, cut to the room there is."""
    line = safe(text.replace("\n", " "))
    return line if len(line) <= room else line[: max(room - 1, 0)] + "…"


def print_as_json(value: Any) -> None:
    """Print a value for a script."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False, default=str))


def paged(lines: Iterable[str]) -> None:
    """Print lines, through a pager where they do not fit on the terminal."""
    text = "\n".join(lines) + "\n"
    if sys.stdout.isatty() and text.count("\n") >= shutil.get_terminal_size().lines:
        click.echo_via_pager(text)
    else:
        click.echo(text, nl=False)


def when(time_ns: int) -> str:
    """A moment to the minute, in UTC."""
    return datetime.fromtimestamp(time_ns / 1e9, UTC).strftime("%Y-%m-%d %H:%M") if time_ns else "unknown time"
