"""The errors that users meet."""

import pytest

from pytest_llmreplay import errors
from pytest_llmreplay.errors import LLMReplayError, MissingExtra, nearest

TREE = [value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, Exception)]


@pytest.mark.parametrize("kind", TREE)
def test_every_error_is_of_one_family(kind: type[Exception]) -> None:
    assert issubclass(kind, LLMReplayError)


@pytest.mark.parametrize("kind", TREE)
def test_every_error_stands_in_the_drawing_of_the_tree(kind: type[Exception]) -> None:
    assert kind.__name__ in (errors.__doc__ or "")


def test_a_missing_package_is_told_with_the_command_that_installs_it() -> None:
    shown = str(MissingExtra("a zst file", "zstandard", "zstd"))
    assert shown == "a zst file needs the package zstandard: pip install 'pytest-llmreplay[zstd]'"


def test_the_nearest_word_is_suggested() -> None:
    assert nearest("statsu", ["status", "name"]) == "; did you mean 'status'?"


def test_nothing_is_suggested_where_nothing_is_near() -> None:
    assert nearest("qqq", ("status", "name")) == ""
