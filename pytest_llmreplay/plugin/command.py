"""The command that runs one item alone. PYTEST_DONT_REWRITE"""

import shlex

import pytest


def command(item: pytest.Item, trace_id: str) -> str:
    """What to type to run an item alone, with what was said of it on the command line."""
    said = item.config.getoption
    words = [f"--llm-{name}={value}" for name in ("mode", "drift", "runs", "app") if (value := said(f"llm_{name}"))]
    words += [f"--llm-{name}={value}" for name in ("traces", "seed") for value in said(f"llm_{name}") or ()]
    if hasattr(item, "callspec") or isinstance(item.parent, pytest.File):
        return " ".join(["pytest", f'"{item.nodeid}"', *map(shlex.quote, words)])
    return " ".join(["pytest", *map(shlex.quote, words), f"--llm-select=trace={trace_id[:12]}"])
