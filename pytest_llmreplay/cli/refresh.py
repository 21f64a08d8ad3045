"""``llmreplay refresh``: record case files anew, and show what the providers say now. PYTEST_DONT_REWRITE"""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from pytest_llmreplay.cli.diff import compared, tell
from pytest_llmreplay.cli.reading import chosen, json_option, select_option, traces_argument
from pytest_llmreplay.errors import LLMReplayError, UsageProblem
from pytest_llmreplay.traces.catalog import Handle

CONTAINER = "case-file"


@click.command(short_help="Record case files anew.")
@traces_argument
@select_option
@click.option("--app", metavar="MODULE:CALLABLE", help="The application, where no conftest names it.")
@click.option("--test", "tests", multiple=True, metavar="PATH", help="Run the cases by these tests (repeatable).")
@json_option
@click.pass_context
def refresh(
    ctx: click.Context,
    traces: Sequence[str],
    select: Sequence[str],
    app: str | None,
    tests: Sequence[str],
    as_json: bool,
) -> None:
    """Ask the providers anew for case files, and show how what they say differs from what was recorded.

    Every model call goes out and costs what it costs; functions are answered from the file. A case whose run fails
    stays as it was. What a file expects stays, too: look at it when the output is another. Exit status 1 where
    something differs.

    \b
    Examples:
      llmreplay refresh tests/llm --select request=req-5102 --app shop.app:answer
      llmreplay refresh tests/llm --test tests/test_support.py
    """
    handles = chosen(traces, select).handles
    files = [case_file(handle) for handle in handles]
    before = [handle.contents() for handle in handles]
    told = run(files, app, tests)
    after = [chosen([str(file)], ()).handles[0].contents() for file in files]
    if not any(old != new for old, new in zip(before, after, strict=True)):
        raise LLMReplayError(f"refresh: no case was recorded anew\n{told.rstrip()}")
    found = [
        (f"{file}: {title}", tuple(each))
        for file, old, new in zip(files, before, after, strict=True)
        for title, each in compared(old, new)
    ]
    tell(found, as_json)
    ctx.exit(bool(found))


def case_file(handle: Handle) -> Path:
    """The file of a case. Raises UsageProblem for a trace of another kind."""
    file, _ = handle.rows[0]
    if file.container != CONTAINER:
        raise UsageProblem(f"refresh: {file.source.name} is no case file; make one with llmreplay add")
    return file.source.path


def run(files: Sequence[Path], app: str | None, tests: Sequence[str]) -> str:
    """Run the cases before their providers; returns what pytest said. Raises LLMReplayError where one fails."""
    names = list(map(str, files))
    command = [sys.executable, "-m", "pytest", *(tests or names), "--llm-mode=record", "--llm-refresh"]
    command += [f"--llm-traces={name}" for name in names] if tests else []
    command += [f"--llm-app={app}"] if app else []
    done = subprocess.run(command, capture_output=True, encoding="utf-8", errors="replace", check=False)  # noqa: S603
    if done.returncode != 0:
        raise LLMReplayError(
            f"refresh: pytest ended with status {done.returncode}\n{(done.stdout + done.stderr).rstrip()}"
        )
    return done.stdout
