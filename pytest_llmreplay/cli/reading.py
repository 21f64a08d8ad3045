"""What most commands take: traces, conditions, JSON. PYTEST_DONT_REWRITE"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click

from pytest_llmreplay.cli.configured import redactor
from pytest_llmreplay.errors import LLMReplayError
from pytest_llmreplay.model.trace import Trace
from pytest_llmreplay.redaction.redactor import Redactor
from pytest_llmreplay.traces.catalog import Catalog, Handle, identifiers, load_catalog
from pytest_llmreplay.traces.select import Selection, parse

Command = TypeVar("Command", bound=Callable[..., Any])
CACHE = Path(".llm/cache")


@dataclass(frozen=True, slots=True)
class Chosen:
    """Traces that were named and selected."""

    catalog: Catalog
    handles: list[Handle]
    redactor: Redactor
    """The rules of the project, by which what is printed and written is redacted."""

    def named(self) -> Iterator[tuple[str, Handle]]:
        """Test id and handle of each."""
        names = dict(zip(map(id, self.catalog.handles), identifiers(self.catalog.handles), strict=True))
        yield from ((names[id(handle)], handle) for handle in self.handles)

    def shown(self, handle: Handle) -> Trace:
        """A trace as it is printed: without secrets."""
        return Trace(handle.trace_id, handle.source, lambda: self.redactor.value(handle.contents()))

    def tell_problems(self) -> bool:
        """Say what could not be read; returns whether anything was lost."""
        for problem in self.catalog.problems:
            click.echo(f"{'repaired' if problem.repaired else 'not read'}: {problem}", err=True)
        return any(not problem.repaired for problem in self.catalog.problems)


def traces_argument(command: Command) -> Command:
    """The argument TRACES: files, folders or globs."""
    return click.argument("traces", nargs=-1, required=True)(command)


def select_option(command: Command) -> Command:
    """The option ``--select``, repeatable."""
    help_text = "Only traces that meet the condition, such as status=error or latency>5s (repeatable, all must hold)."
    return click.option("--select", "-s", multiple=True, metavar="EXPR", help=help_text)(command)


def json_option(command: Command) -> Command:
    """The option ``--json``."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON.")(command)


def conditions(expressions: Sequence[str]) -> list[Selection]:
    """The conditions. Raises UsageProblem."""
    return [parse(each, "--select") for each in expressions]


def chosen(traces: Sequence[str], expressions: Sequence[str]) -> Chosen:
    """The traces that are named and selected. Raises LLMReplayError where there is none."""
    selections = conditions(expressions)
    catalog = load_catalog(traces, Path.cwd(), CACHE)
    if not catalog.handles:
        details = "".join(f"\n  {each}" for each in catalog.problems[:5])
        raise LLMReplayError(f"no trace found in {', '.join(traces)}{details}")
    handles = catalog.selected(selections)
    if not handles:
        wanted = ", ".join(map(str, selections))
        raise LLMReplayError(f"none of {len(catalog.handles)} traces is selected by {wanted}")
    return Chosen(catalog, handles, redactor())
