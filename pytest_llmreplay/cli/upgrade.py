"""``llmreplay upgrade``: case and snapshot files of an older format, or edited by hand. PYTEST_DONT_REWRITE"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from pytest_llmreplay.cli.configured import redactor
from pytest_llmreplay.errors import DamagedFile, SourceError
from pytest_llmreplay.snapshots import caseupgrade, storeupgrade
from pytest_llmreplay.snapshots.caseread import CaseProblems
from pytest_llmreplay.snapshots.caseshape import SUFFIX
from pytest_llmreplay.snapshots.store import FOLDER
from pytest_llmreplay.snapshots.storeupgrade import is_snapshot
from pytest_llmreplay.traces.assemble import completed
from pytest_llmreplay.writing import Guard, update


@click.command(short_help="Write case and snapshot files in today's format.")
@click.argument("paths", nargs=-1, required=True)
@click.option("--check", is_flag=True, help="Write nothing; exit status 1 where a file would change.")
@click.pass_context
def upgrade(ctx: click.Context, paths: Sequence[str], check: bool) -> None:
    """Write case and snapshot files anew.

    An older format becomes today's; an edit by hand becomes what was recorded or approved.

    \b
    Examples:
      llmreplay upgrade tests
      llmreplay upgrade tests/llm/refund-96df90b1.llmcase.yaml --check
    """
    changed = wrong = False
    guard = Guard(redactor())
    for path in files(paths):
        try:
            old = path.read_bytes()
            new = upgraded(path, old)
        except CaseProblems as error:
            wrong = True
            for each in error.problems:
                click.echo(f"{path}:{each.line}: {each.reason}", err=True)
            continue
        except DamagedFile as error:
            wrong = True
            click.echo(str(error), err=True)
            continue
        if new == old:
            continue
        changed = True
        click.echo(f"{'would change' if check else 'upgraded'} {path}")
        if not check:
            update(path, lambda _, new=new: new, guard)  # type: ignore[misc]
    ctx.exit(wrong or (check and changed))


def upgraded(path: Path, data: bytes) -> bytes:
    """The bytes of a file in today's format. Raises CaseProblems for a case file, DamagedFile for snapshots."""
    return storeupgrade.upgraded(data, path) if is_snapshot(path) else caseupgrade.upgraded(data, completed)


def files(paths: Sequence[str]) -> Iterator[Path]:
    """The files that are named, alone or by their folder. Raises SourceError where there is none."""
    for name in paths:
        path = Path(name)
        below = (each for each in sorted(path.rglob("*.yaml")) if each.name.endswith(SUFFIX) or is_snapshot(each))
        found = list(below) if path.is_dir() else [path] if path.is_file() else []
        if not found:
            raise SourceError(f"{name}: no case file (*{SUFFIX}) and no snapshots ({FOLDER}/*.yaml)")
        yield from found
