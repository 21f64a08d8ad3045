"""``llmreplay ls``: which traces there are. PYTEST_DONT_REWRITE"""

from collections.abc import Sequence
from typing import Any

import click

from pytest_llmreplay.cli.printing import fitted, paged, print_as_json, when, width
from pytest_llmreplay.cli.reading import chosen, json_option, select_option, traces_argument
from pytest_llmreplay.traces.catalog import Handle
from pytest_llmreplay.traces.select import latency, tokens


@click.command(short_help="List traces.")
@traces_argument
@select_option
@click.option("--long", "-l", "long", is_flag=True, help="Open each trace: steps, tokens and time.")
@json_option
@click.pass_context
def ls(ctx: click.Context, traces: Sequence[str], select: Sequence[str], long: bool, as_json: bool) -> None:
    """List traces: test id, status, when, name, request and session.

    \b
    Examples:
      llmreplay ls traces/
      llmreplay ls traces/ -l --select 'latency>5s' --select dedupe=signature
      llmreplay ls traces/ --json | jq -r '.[].trace_id'
    """
    found = chosen(traces, select)
    rows = [row(name, handle, long or as_json) for name, handle in found.named()]
    print_rows(found.redactor.value(rows), as_json, titled=long)
    ctx.exit(found.tell_problems())


def row(name: str, handle: Handle, long: bool) -> dict[str, Any]:
    """What is listed of a trace."""
    out: dict[str, Any] = {"id": name, "status": handle.status, "recorded": when(handle.head.start)}
    if long:
        seconds = latency(handle)
        out |= {"steps": len(handle.open().steps), "tokens": tokens(handle), "seconds": round(seconds or 0, 3)}
    out |= {"name": handle.name, "request": handle.head.request or "", "session": handle.head.session or ""}
    if long:
        out |= {"trace_id": handle.trace_id, "source": handle.source}
    return out


def print_rows(rows: Sequence[dict[str, Any]], for_scripts: bool, *, titled: bool) -> None:
    """Print the list, under titles where there are bare numbers."""
    if for_scripts:
        print_as_json(rows)
        return
    shown = [name for name in rows[0] if name not in ("trace_id", "source") and any(row[name] != "" for row in rows)]
    titles = [dict(zip(shown, shown, strict=True))] if titled else []
    widths = {name: max(len(str(row[name])) for row in (*titles, *rows)) for name in shown}
    right = {"steps", "tokens", "seconds"}
    lines = []
    for each in (*titles, *rows):
        cells = [
            str(each[name]).rjust(widths[name]) if name in right else str(each[name]).ljust(widths[name])
            for name in shown
        ]
        line = fitted("  ".join(cells).rstrip(), width())
        lines.append(click.style(line, fg="red") if each["status"] == "error" else line)
    paged(lines)
