"""The command ``llmreplay``: a thin face over the functions that the plugin uses. PYTEST_DONT_REWRITE

Exit status: 0 done, and all is well; 1 done, and something is not well, which is said; 2 nothing done, for the command
line or what it names cannot be used.
"""

import sys


def main() -> None:
    """Run the command; without click say what to install."""
    try:
        from pytest_llmreplay.cli.command import llmreplay
    except ModuleNotFoundError as error:
        if error.name != "click":
            raise
        sys.stderr.write("The command llmreplay needs the package click: pip install 'pytest-llmreplay[cli]'\n")
        sys.exit(2)
    llmreplay(prog_name="llmreplay")
