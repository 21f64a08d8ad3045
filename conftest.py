"""Shared by all tests of this repository."""

import pytest

pytest_plugins = ["pytester"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare what the repository's own tests understand."""
    parser.addoption(
        "--update-docs",
        action="store_true",
        help="Write the real output of commands into README.md and docs/ where it is no longer what is shown.",
    )
