"""The command and its subcommands, each imported when it is asked for. PYTEST_DONT_REWRITE"""

import os
from importlib import import_module
from typing import Any

import click

from pytest_llmreplay.errors import LLMReplayError, nearest

SUBCOMMANDS = ("ls", "show", "add", "diff", "review", "noise", "refresh", "redact", "upgrade", "doctor")
"""Names, in the order of the help; each is a function of that name in the module of that name."""


class Subcommands(click.Group):
    """A group whose commands are imported when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order of the help."""
        return list(SUBCOMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a name."""
        if cmd_name not in SUBCOMMANDS:
            return None
        found: click.Command = getattr(import_module(f"pytest_llmreplay.cli.{cmd_name}"), cmd_name)
        return found

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        """The command that is meant; the nearest is named for one that does not exist."""
        if args and args[0] not in SUBCOMMANDS and not args[0].startswith("-"):
            ctx.fail(f"no command {args[0]!r}{nearest(args[0], SUBCOMMANDS)}")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; what cannot be used is said in one line, with exit status 2."""
        if os.environ.get("NO_COLOR"):
            ctx.color = False
        try:
            return super().invoke(ctx)
        except LLMReplayError as error:
            click.echo(f"llmreplay: {error}", err=True)
            ctx.exit(2)


@click.group(cls=Subcommands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="pytest-llmreplay", prog_name="llmreplay")
def llmreplay() -> None:
    """Production traces of LLM applications as deterministic tests.

    \b
    Examples:
      llmreplay ls traces/ --select status=error
      llmreplay show traces/ --select trace=96df
      llmreplay add traces/ --select request=req-5102 --into tests/llm
      llmreplay doctor traces/

    Exit status: 0 done and well, 1 done and something is not well, 2 the command line cannot be used.
    """
