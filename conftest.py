"""Shared by all tests of this repository."""

import contextlib

import pytest

with contextlib.suppress(ImportError):
    import numpy  # noqa: F401 - it cannot be imported twice, and pytester takes back what a run within a run imported

pytest_plugins = ["pytester"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare what the repository's own tests understand."""
    parser.addoption(
        "--update-docs",
        action="store_true",
        help="Write the real output of commands into README.md and docs/ where it is no longer what is shown.",
    )
