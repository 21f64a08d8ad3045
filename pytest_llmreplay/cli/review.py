"""``llmreplay review``: decide on the values of the last run that nobody approved yet. PYTEST_DONT_REWRITE"""

import os
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import click

from pytest_llmreplay.cli.configured import redactor
from pytest_llmreplay.cli.printing import print_as_json
from pytest_llmreplay.cli.reading import json_option
from pytest_llmreplay.errors import UsageProblem
from pytest_llmreplay.report.text import safe
from pytest_llmreplay.settings import ci_variable
from pytest_llmreplay.snapshots.pending import Pending, accept, folder, named, reject, waiting
from pytest_llmreplay.snapshots.review import brief, whole
from pytest_llmreplay.snapshots.review import review as decide
from pytest_llmreplay.writing import Guard

root_option = click.option("--root", metavar="DIR", help="The root folder of the tests, which holds .llm.")
allow_option = click.option(
    "--allow-secrets", is_flag=True, help="Write although the final scan finds what looks like a secret."
)
ids_argument = click.argument("ids", nargs=-1, required=True, metavar="ID...")


@click.group(invoke_without_command=True, short_help="Decide on values that wait for approval.")
@root_option
@allow_option
@click.pass_context
def review(ctx: click.Context, root: str | None, allow_secrets: bool) -> None:
    """Decide on the values of the last run that are not approved, without a run.

    Without a command it asks of each value at a terminal, and lists them elsewhere.

    \b
    Examples:
      llmreplay review
      llmreplay review list --json
      llmreplay review accept 1f3a90c2
    """
    ctx.obj = place(root), Guard(redactor(), allow_secrets)
    if ctx.invoked_subcommand is not None:
        return
    if sys.stdin.isatty() and sys.stdout.isatty():
        ask_of_each(ctx, *ctx.obj)
    else:
        ctx.invoke(list_all)


def place(root: str | None) -> Path:
    """The root folder: the one that is named, or the nearest above this one where values wait."""
    here = Path.cwd() if root is None else Path(root)
    if not here.is_dir():
        raise UsageProblem(f"--root {root}: no such folder")
    above = (here, *here.resolve().parents) if root is None else ()
    return next((each for each in above if folder(each).is_dir()), here)


def ask_of_each(ctx: click.Context, root: Path, guard: Guard) -> None:
    """Ask at the terminal."""
    refuse_under_ci()
    found = waiting(root)
    if not found:
        click.echo("no pending values")
        return

    def ask(question: str) -> str:
        click.echo(question, nl=False)
        if line := sys.stdin.readline():
            return line
        raise EOFError

    ctx.exit(bool(decide(root, found, ask, lambda words: click.echo(safe(words)), guard)))


@review.command("list", short_help="List them.")
@click.option("--diff", "-d", "all_lines", is_flag=True, help="Show every line, those of long values as well.")
@json_option
@click.pass_context
def list_all(ctx: click.Context, all_lines: bool = False, as_json: bool = False) -> None:
    """List the values that wait: id, name, kind, file, and what changed."""
    found = waiting(ctx.obj[0])
    if as_json:
        print_as_json([{"id": each.id, **asdict(each)} for each in found])
        return
    for each in found:
        click.echo(safe(f"{each.id}  {each.name}  ({each.kind}, {each.file})"))
        for line in whole(each) if all_lines else brief(each, "review list --diff shows them"):
            click.echo(safe(f"  {line}"))
    if not found:
        click.echo("no pending values")


@review.command("accept", short_help="Approve some.")
@ids_argument
@json_option
@click.pass_context
def accept_some(ctx: click.Context, ids: Sequence[str], as_json: bool) -> None:
    """Approve values by their ids, or the beginnings of ids."""
    take(ctx, by_ids(ctx.obj[0], ids), as_json)


@review.command("accept-all", short_help="Approve all.")
@json_option
@click.pass_context
def accept_all(ctx: click.Context, as_json: bool) -> None:
    """Approve all values."""
    take(ctx, waiting(ctx.obj[0]), as_json)


@review.command("reject", short_help="Forget some.")
@ids_argument
@json_option
@click.pass_context
def reject_some(ctx: click.Context, ids: Sequence[str], as_json: bool) -> None:
    """Forget values by their ids; the approved ones stay."""
    found = by_ids(ctx.obj[0], ids)
    reject(ctx.obj[0], found)
    tell("rejected", found, [], as_json)


def by_ids(root: Path, ids: Sequence[str]) -> list[Pending]:
    """The values of some ids, each once. Raises LLMReplayError, before anything is done."""
    found = waiting(root)
    return list({each.id: each for each in (named(found, id_) for id_ in ids)}.values())


def take(ctx: click.Context, found: Sequence[Pending], as_json: bool) -> None:
    """Approve values, and say what could not be; exit status 1 for that."""
    refuse_under_ci()
    root, guard = ctx.obj
    problems = accept(root, found, guard)
    left = {each.id for each in waiting(root)}
    tell("accepted", [each for each in found if each.id not in left], problems, as_json)
    ctx.exit(bool(problems))


def tell(word: str, done: Sequence[Pending], problems: Sequence[str], as_json: bool) -> None:
    """Say what was done, and what was not."""
    if as_json:
        print_as_json({word: [each.id for each in done], "problems": problems})
        return
    for each in done:
        click.echo(safe(f"{word} {each.id}  {each.name}"))
    for line in problems:
        click.echo(safe(f"not {word}: {line}"), err=True)
    if not done and not problems:
        click.echo("no pending values")


def refuse_under_ci() -> None:
    """Raise UsageProblem where nobody looks at what is approved."""
    if name := ci_variable(os.environ):
        raise UsageProblem(
            f"review: refused under CI ({name} is set); approve snapshots where somebody looks at them, and commit them"
        )
