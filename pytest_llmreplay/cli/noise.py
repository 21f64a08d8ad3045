"""``llmreplay noise``: what of snapshots differs between two runs of the same tests. PYTEST_DONT_REWRITE"""

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from pytest_llmreplay.cli.printing import fitted, print_as_json, width
from pytest_llmreplay.cli.reading import json_option
from pytest_llmreplay.compare.values import short
from pytest_llmreplay.errors import LLMReplayError
from pytest_llmreplay.snapshots import noise as noises
from pytest_llmreplay.snapshots.noise import FUNCTION, Noise, Values

RAN = (0, 1)
"""Exit statuses of pytest after which there are values: all passed, or some failed."""


@click.command(short_help="Find what differs from run to run.", context_settings={"ignore_unknown_options": True})
@click.argument("pytest_args", nargs=-1, type=click.UNPROCESSED, metavar="[PYTEST ARGUMENTS]...")
@json_option
@click.pass_context
def noise(ctx: click.Context, pytest_args: Sequence[str], as_json: bool) -> None:
    """Run tests twice and say what of their snapshots differs, and how to leave it out.

    The arguments are those of pytest. Nothing is approved, and nothing waits afterwards. Exit status 1 where
    something differs, or stood in one run alone.

    \b
    Examples:
      llmreplay noise tests/test_support.py
      llmreplay noise tests -k refund
    """
    with TemporaryDirectory() as folder:
        first, second = (values_of(pytest_args, Path(folder, f"{number}.json")) for number in (1, 2))
    found = noises.noise(first, second)
    alone = sorted(first.keys() ^ second.keys())
    if as_json:
        print_as_json({"noise": [asdict(each) for each in found], "alone": alone, "compared": len(first)})
    else:
        tell(found, alone, len(first))
    ctx.exit(bool(found or alone))


def values_of(args: Sequence[str], path: Path) -> Values:
    """The values of one run. Raises LLMReplayError where pytest could not run, or no snapshot was asked for."""
    command = [sys.executable, "-m", "pytest", *args, "--llm-values", str(path)]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", errors="replace", check=False)  # noqa: S603
    values = noises.kept(path)
    if done.returncode not in RAN or not values:
        why = "no snapshot was asked for" if done.returncode in RAN else f"ended with status {done.returncode}"
        raise LLMReplayError(f"noise: pytest {' '.join(args)}: {why}\n{(done.stdout + done.stderr).rstrip()}")
    return values


def tell(found: Sequence[Noise], alone: Sequence[tuple[str, str]], compared: int) -> None:
    """Say it for a person."""
    heads = dict.fromkeys((each.file, each.name) for each in found)
    for head in heads:
        click.echo(fitted(": ".join(head), width()))
        for each in found:
            if (each.file, each.name) == head:
                click.echo(fitted(f"  {each.path or 'the value'}   {advice(each)}", width()))
                click.echo(fitted(f"    1 {short(each.first, 200)}", width()))
                click.echo(fitted(f"    2 {short(each.second, 200)}", width()))
        if rules := noises.rules([each for each in found if (each.file, each.name) == head]):
            click.echo(fitted(f"  in this test alone:  llm_snapshot({rules})", width()))
    for file, name in alone:
        click.echo(fitted(f"{file}: {name}: in one run alone; its test passed or failed by chance", width()))
    if lines := list(noises.configuration(found)):
        click.echo("\n".join(("", "# for every snapshot of the project", "[tool.pytest.ini_options]", *lines)))
    if not found and not alone:
        click.echo(f"no difference in {compared} value{'' if compared == 1 else 's'}")


def advice(each: Noise) -> str:
    """What leaves one place out."""
    if each.normalise == (FUNCTION,):
        return "give llm_snapshot what of it is to be kept, or normalise=function"
    return f"normalise: {', '.join(each.normalise)}" if each.normalise else "ignore"
