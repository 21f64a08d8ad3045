"""The command as a whole: help, errors, exit status."""

import subprocess
import sys

import pytest

from pytest_llmreplay.cli.command import SUBCOMMANDS
from tests.cli.conftest import Command


def test_the_help_lists_every_command_with_examples_and_exit_status(run: Command) -> None:
    told = run("--help").output
    assert [name for name in SUBCOMMANDS if f"\n  {name} " not in told] == []
    assert "Examples:\n    llmreplay ls traces/ --select status=error\n" in told
    assert "Exit status: 0 done and well, 1 done and something is not well, 2 the" in told


@pytest.mark.parametrize("name", SUBCOMMANDS)
def test_each_command_has_help_with_examples(run: Command, name: str) -> None:
    assert f"  Examples:\n    llmreplay {name}" in run(name, "--help").output


def test_a_command_that_does_not_exist_is_an_error_that_names_the_nearest(run: Command) -> None:
    assert "no command 'shw'; did you mean 'show'?" in run("shw", status=2).output


def test_what_cannot_be_used_is_one_line_and_exit_status_2(run: Command) -> None:
    assert run("ls", "nothing.jsonl", status=2).output.startswith("llmreplay: nothing.jsonl: no such file or folder")
    assert run("ls", "traces.jsonl", "-s", "name=x", status=2).output == (
        "llmreplay: none of 3 traces is selected by name=x\n"
    )


def test_without_click_it_says_what_to_install() -> None:
    code = "import sys; sys.modules['click'] = None; from pytest_llmreplay.cli import main; main()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (
        2, "", "The command llmreplay needs the package click: pip install 'pytest-llmreplay[cli]'\n",
    )  # fmt: skip
