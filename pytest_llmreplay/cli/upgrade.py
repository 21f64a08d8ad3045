"""``llmreplay upgrade``: case files of an older format, and files that were edited by hand. PYTEST_DONT_REWRITE"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from pytest_llmreplay.errors import SourceError
from pytest_llmreplay.redaction.redactor import Redactor
from pytest_llmreplay.snapshots.caseread import CaseProblems
from pytest_llmreplay.snapshots.caseshape import SUFFIX
from pytest_llmreplay.snapshots.caseupgrade import upgraded
from pytest_llmreplay.traces.assemble import completed
from pytest_llmreplay.writing import Guard, update


@click.command(short_help="Write case files in today's format.")
@click.argument("paths", nargs=-1, required=True)
@click.option("--check", is_flag=True, help="Write nothing; exit status 1 where a file would change.")
@click.pass_context
def upgrade(ctx: click.Context, paths: Sequence[str], check: bool) -> None:
    """Write case files anew: an older format becomes today's, an edit by hand becomes what was recorded.

    \b
    Examples:
      llmreplay upgrade tests/llm
      llmreplay upgrade tests/llm/refund-96df90b1.llmcase.yaml --check
    """
    changed = wrong = False
    for path in case_files(paths):
        try:
            old = path.read_bytes()
            new = upgraded(old, completed)
        except CaseProblems as error:
            wrong = True
            for each in error.problems:
                click.echo(f"{path}:{each.line}: {each.reason}", err=True)
            continue
        if new == old:
            continue
        changed = True
        click.echo(f"{'would change' if check else 'upgraded'} {path}")
        if not check:
            update(path, lambda _, new=new: new, Guard(Redactor()))  # type: ignore[misc]
    ctx.exit(wrong or (check and changed))


def case_files(paths: Sequence[str]) -> Iterator[Path]:
    """The case files that are named, alone or by their folder. Raises SourceError where there is none."""
    for name in paths:
        path = Path(name)
        found = sorted(path.rglob(f"*{SUFFIX}")) if path.is_dir() else [path] if path.is_file() else []
        if not found:
            raise SourceError(f"{name}: no case file (*{SUFFIX})")
        yield from found
