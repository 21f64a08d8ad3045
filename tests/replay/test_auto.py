"""``patch="auto"``: functions that a tracing library decorates are found by the names of their spans."""

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pytest_llmreplay.replay.auto import traced
from pytest_llmreplay.replay.boundaries import Boundary

WRAPS = """
import functools

def tool(name=None):
    def decorate(function):
        @functools.wraps(function)
        def wrapper(*args, **kwargs):
            return function(*args, **kwargs)
        return wrapper
    return decorate
"""
"""A decorator as a tracing library writes it."""
SHOP = """
import functools

import wrapt
from json import dumps
from traceloop.decorators import tool
from shop_auto_other import elsewhere

@wrapt.decorator
def traced(wrapped, instance, args, kwargs):
    return wrapped(*args, **kwargs)

def own(function):
    @functools.wraps(function)
    def wrapper(*args):
        return function(*args)
    return wrapper

@tool()
def search(query): ...

@traced
def lookup(order): ...

@own
@tool()
def nested(query): ...

@own
def retried(query): ...

def plain(query): ...

class Store:
    limit = 5

    @tool()
    def find(self, key): ...

    @staticmethod
    @tool()
    def cleaned(key): ...

    @classmethod
    @tool()
    def opened(cls, key): ...

    @traced
    def weighed(self, key): ...

alias = search
"""


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The name of a loaded application."""
    (tmp_path / "traceloop").mkdir()
    (tmp_path / "traceloop" / "decorators.py").write_text(WRAPS)
    (tmp_path / "shop_auto.py").write_text(SHOP)
    (tmp_path / "shop_auto_other.py").write_text(
        "from traceloop.decorators import tool\n@tool()\ndef elsewhere(query): ...\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    before = set(sys.modules)
    importlib.import_module("shop_auto")
    yield "shop_auto"
    for name in set(sys.modules) - before:
        del sys.modules[name]


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("search", "shop_auto.search"),
        ("lookup", "shop_auto.lookup"),
        ("nested", "shop_auto.nested"),
        ("find", "shop_auto.Store.find"),
        ("cleaned", "shop_auto.Store.cleaned"),
        ("opened", "shop_auto.Store.opened"),
        ("weighed", "shop_auto.Store.weighed"),
        ("elsewhere", "shop_auto_other.elsewhere"),
    ],
)
def test_a_decorated_function_is_found_by_its_name(shop: str, name: str, path: str) -> None:
    assert traced([name]) == (Boundary(path, name),)


@pytest.mark.parametrize("name", ["plain", "retried", "alias", "Store", "dumps", "nobody"])
def test_what_no_tracing_library_decorates_is_left_alone(shop: str, name: str) -> None:
    assert traced([name]) == ()


def test_several_are_found_at_once_each_once(shop: str) -> None:
    assert {each.path for each in traced(["search", "find", "plain"])} == {"shop_auto.search", "shop_auto.Store.find"}


def test_no_name_finds_nothing(shop: str) -> None:
    assert traced([]) == ()
