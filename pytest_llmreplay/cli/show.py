"""``llmreplay show``: a trace as a tree. PYTEST_DONT_REWRITE"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict

import click

from pytest_llmreplay.cli.printing import fitted, paged, print_as_json, when, width
from pytest_llmreplay.cli.reading import Chosen, chosen, json_option, select_option, traces_argument
from pytest_llmreplay.evaluate.context import Exchange
from pytest_llmreplay.evaluate.cost import installed, total
from pytest_llmreplay.model.trace import Contents, Trace
from pytest_llmreplay.report.summary import plural
from pytest_llmreplay.report.text import shown
from pytest_llmreplay.report.tree import Branch, branches
from pytest_llmreplay.traces.catalog import Handle
from pytest_llmreplay.traces.select import latency, tokens


@click.command(short_help="Show a trace as a tree.")
@traces_argument
@select_option
@click.option("--all", "-a", "whole", is_flag=True, help="Show every span, those that are alike as well.")
@click.option("--lost", is_flag=True, help="Show what the trace does not hold.")
@json_option
@click.pass_context
def show(
    ctx: click.Context, traces: Sequence[str], select: Sequence[str], whole: bool, lost: bool, as_json: bool
) -> None:
    """Show traces as trees: steps with kind, time, tokens, errors, and what they cost.

    \b
    Examples:
      llmreplay show traces/ --select trace=96df
      llmreplay show tests/llm/refund-96df90b1.llmcase.yaml --lost
    """
    found = chosen(traces, select)
    if as_json:
        print_json(found)
    else:
        paged(
            line
            for name, handle in found.named()
            for line in (*told(name, handle, found.shown(handle), whole, lost), "")
        )
    ctx.exit(found.tell_problems())


def print_json(found: Chosen) -> None:
    """Print the trees for a script."""
    out = [
        {
            "id": name,
            "trace_id": handle.trace_id,
            "status": handle.status,
            "input": trace.input,
            "output": trace.output,
            "spans": [asdict(each) for each in branches(trace.contents, whole=True)],
            "lost": [asdict(each) for each in trace.fidelity],
        }
        for name, handle in found.named()
        for trace in (found.shown(handle),)
    ]
    print_as_json(out)


def told(name: str, handle: Handle, trace: Trace, whole: bool, lost: bool) -> Iterator[str]:
    """The lines of one trace."""
    contents = trace.contents
    room = width()
    yield click.style(fitted(f"{name}  {handle.trace_id}", room), bold=True)
    yield fitted(facts(handle, contents), room)
    for word, value in (("input", trace.input), ("output", contents.output)):
        if value is not None:
            yield fitted(f"{word:<7} {shown(value)}", room)
    yield ""
    yield from map(line, branches(contents, whole=whole))
    if lost:
        yield ""
        yield from (fitted(f"lost: {each}", room) for each in contents.fidelity)


def facts(handle: Handle, contents: Contents) -> str:
    """Status, size, origin."""
    words = [contents.status, plural(len(contents.steps), "step"), plural(int(tokens(handle)), "token")]
    seconds = latency(handle)
    words += [f"{seconds:.2f} s"] if seconds else []
    cost = total(Exchange(step.call, step.answer, step) for step in contents.steps) if installed() else None
    words += [f"${cost.known:.6f}"] if cost and cost.known else []
    words += [f"request {contents.request_id}"] if contents.request_id else []
    words += [f"session {contents.session_id}"] if contents.session_id else []
    words += [f"tags {', '.join(contents.tags)}"] if contents.tags else []
    return "  ".join([*words, f"recorded {when(handle.head.start)}", handle.source])


def line(branch: Branch) -> str:
    """One line of the tree."""
    start = "        " if branch.start is None else f"{branch.start:7.3f}s"
    number = f"{branch.number:>3}" if branch.number is not None else "   "
    words = f"{branch.kind} {branch.name}" if branch.kind else branch.name
    more = f"  … and {branch.more} more like it" if branch.more else ""
    head = f"{start} {branch.seconds:7.3f}s {number} {'  ' * min(branch.depth, 12)}{words}"
    text = fitted(f"{head}{more}  {branch.detail}".rstrip(), width())
    return click.style(text, fg="red") if branch.failed else text if branch.kind else click.style(text, dim=True)
