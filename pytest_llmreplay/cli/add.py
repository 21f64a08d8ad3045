"""``llmreplay add``: traces to case files. PYTEST_DONT_REWRITE"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click

from pytest_llmreplay.cli.printing import print_as_json
from pytest_llmreplay.cli.reading import chosen, json_option, select_option, traces_argument
from pytest_llmreplay.errors import UsageProblem
from pytest_llmreplay.model.trace import Contents
from pytest_llmreplay.snapshots.casefile import expected_of
from pytest_llmreplay.snapshots.casestore import Saved, Store
from pytest_llmreplay.traces.catalog import Handle
from pytest_llmreplay.writing import Guard

LEFT = {
    "edited": "its recorded part was edited by hand; --overwrite writes it anew",
    "damaged": "it cannot be read; mend it, or write it anew with --overwrite",
}
"""Why a file was left as it is."""


@click.command(short_help="Write traces as case files.")
@traces_argument
@select_option
@click.option("--into", default="tests/llm", show_default=True, metavar="DIR", help="Folder of the case files.")
@click.option("--name", metavar="NAME", help="Title of the case and name of its file; for one trace.")
@click.option("--overwrite", is_flag=True, help="Write files anew whose recorded part was edited by hand.")
@click.option("--allow-secrets", is_flag=True, help="Write although the final scan finds what looks like a secret.")
@json_option
@click.pass_context
def add(
    ctx: click.Context,
    traces: Sequence[str],
    select: Sequence[str],
    into: str,
    name: str | None,
    overwrite: bool,
    allow_secrets: bool,
    as_json: bool,
) -> None:
    """Write each selected trace as a case file, redacted: NAME.llmcase.yaml.

    A trace that is there already changes nothing; what people said in its file stays. The output of a request that
    failed or was scored low is never taken for the expected one.

    \b
    Examples:
      llmreplay add traces/ --select request=req-5102 --into tests/llm
      llmreplay add traces/ --select status=error --select dedupe=signature --select sample=20
    """
    found = chosen(traces, select)
    if name and len(found.handles) != 1:
        raise UsageProblem(f"--name is for one trace; {len(found.handles)} are selected")
    store = Store(Path(into), Guard(found.redactor, allow_secrets))
    saved = [save(store, handle, name, overwrite) for handle in found.handles]
    tell(saved, as_json)
    ctx.exit(found.tell_problems() or any(each.state in LEFT for each in saved))


def save(store: Store, handle: Handle, name: str | None, overwrite: bool) -> Saved:
    """Write one trace's case file."""
    contents = with_title(handle.contents(), name)
    return store.save(handle.trace_id, contents, handle.source, name or handle.slug, overwrite=overwrite)


def with_title(contents: Contents, name: str | None) -> Contents:
    """Contents with what is expected of them, and a title."""
    said = expected_of(contents)
    return replace(contents, expectations=replace(said, title=name) if name else said)


def tell(saved: Sequence[Saved], for_scripts: bool) -> None:
    """Say what became of each file."""
    if for_scripts:
        print_as_json([{"path": str(each.path), "state": each.state} for each in saved])
        return
    for each in saved:
        why = f"; left as it is: {LEFT[each.state]}" if each.state in LEFT else ""
        click.echo(f"{each.state:<8} {each.path}{why}")
