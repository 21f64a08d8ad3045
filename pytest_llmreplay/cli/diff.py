"""``llmreplay diff``: how two traces differ. PYTEST_DONT_REWRITE"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from difflib import SequenceMatcher
from pathlib import Path

import click

from pytest_llmreplay.cli.configured import redactor
from pytest_llmreplay.cli.printing import fitted, paged, print_as_json, width
from pytest_llmreplay.cli.reading import CACHE, json_option
from pytest_llmreplay.compare.calls import differences, value_differences
from pytest_llmreplay.errors import UsageProblem
from pytest_llmreplay.model.recording import Difference
from pytest_llmreplay.model.trace import Contents, Step
from pytest_llmreplay.report.divergence import difference_lines, kind_of
from pytest_llmreplay.snapshots.casefile import answer_value
from pytest_llmreplay.traces.catalog import load_catalog
from pytest_llmreplay.traces.select import parse

NOT_SAID = ("id", "created", "seed", "usage", "raw", "usage_in_stream")
"""Members of an answer that differ from call to call whatever was said."""


@click.command(short_help="Show how two traces differ.")
@click.argument("one", metavar="A")
@click.argument("other", metavar="B")
@json_option
@click.pass_context
def diff(ctx: click.Context, one: str, other: str, as_json: bool) -> None:
    """Show how two traces differ, step by step: calls, answers, output.

    A and B are files of one trace each, or FILE#ID, where ID is the beginning of a trace id. Exit status 1 where
    they differ.

    \b
    Examples:
      llmreplay diff old/refund-96df90b1.llmcase.yaml tests/llm/refund-96df90b1.llmcase.yaml
      llmreplay diff traces.jsonl#96df traces.jsonl#0af7
    """
    found = [(title, tuple(each)) for title, each in compared(*without_secrets(named(one), named(other)))]
    tell(found, as_json)
    ctx.exit(bool(found))


def named(name: str) -> Contents:
    """The one trace that is named. Raises LLMReplayError where there is none, or more than one."""
    path, _, trace_id = name.partition("#")
    catalog = load_catalog([path], Path.cwd(), CACHE)
    handles = catalog.selected([parse(f"trace={trace_id}")] if trace_id else [])
    if len(handles) != 1:
        ids = ", ".join(each.trace_id[:12] for each in (handles or catalog.handles)[:5]) or "none"
        raise UsageProblem(f"{name}: {len(handles)} traces; name one as {path}#ID (there are {ids})")
    return handles[0].contents()


def without_secrets(one: Contents, other: Contents) -> tuple[Contents, Contents]:
    """Both with the same marks: one that was redacted already says with which salt."""
    salt = next((each.redacted_with for each in (one, other) if each.redacted_with is not None), "")
    redact = redactor().salted(salt).value
    return redact(one), redact(other)


def compared(one: Contents, other: Contents) -> Iterator[tuple[str, Sequence[Difference]]]:
    """What differs, by step."""
    if given := tuple(value_differences("input", plain_input(one), plain_input(other))):
        yield "input", given
    ways = [[f"{step.call.kind} {step.name}" for step in each.steps] for each in (one, other)]
    for op, a1, a2, b1, b2 in SequenceMatcher(None, ways[0], ways[1], autojunk=False).get_opcodes():
        pairs = min(a2 - a1, b2 - b1) if op in ("equal", "replace") else 0
        for old, new in zip(one.steps[a1 : a1 + pairs], other.steps[b1 : b1 + pairs], strict=True):
            if found := step_differences(old, new):
                yield f"{title(old)}{'' if old.index == new.index else f' (there {new.index})'}", found
        yield from ((f"{title(step)}: only in A", ()) for step in one.steps[a1 + pairs : a2])
        yield from ((f"{title(step)}: only in B", ()) for step in other.steps[b1 + pairs : b2])
    if gave := tuple(value_differences("output", one.output, other.output)):
        yield "output", gave


def plain_input(contents: Contents) -> object:
    """The application's input."""
    return contents.arguments.value if contents.arguments else None


def title(step: Step) -> str:
    """A step in a few words."""
    return f"step {step.index}, {kind_of(step.call)} {step.name}"


def step_differences(old: Step, new: Step) -> tuple[Difference, ...]:
    """How two steps differ: what was asked, and what was said."""
    a, b = (
        {name: value for name, value in answer_value(step.answer, "").items() if name not in NOT_SAID}
        for step in (old, new)
    )
    return (*differences(old.call, new.call), *value_differences("answer", a, b))


def tell(found: Sequence[tuple[str, Sequence[Difference]]], as_json: bool) -> None:
    """Say what differs: as JSON for a script, else for a person."""
    if as_json:
        print_as_json([{"where": title, "differences": [asdict(each) for each in some]} for title, some in found])
    else:
        paged(lines(found))


def lines(found: Sequence[tuple[str, Sequence[Difference]]]) -> Iterator[str]:
    """The differences for a person."""
    for title, each in found:
        yield click.style(fitted(title, width()), bold=True)
        for difference in each:
            for line in difference_lines(difference):
                sign = line.strip()[:1]
                yield click.style(line, fg={"-": "red", "+": "green"}.get(sign)) if sign in "+-" else line
    if not found:
        yield "no difference"
