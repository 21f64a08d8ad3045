"""The first HTTP library of a process is told of once, when it can be patched."""

import sys
from collections.abc import Iterator
from importlib import import_module
from importlib.machinery import SourceFileLoader
from pathlib import Path

import pytest

from pytest_llmreplay.replay import arrival as module
from pytest_llmreplay.replay.arrival import Arrival


@pytest.fixture
def arrival(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Arrival]:
    """One that waits for ``library``, which an application imports between two lines of its own."""
    monkeypatch.setattr(module, "LIBRARIES", ("library",))
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "library.py").write_text("import part\nready = True\n")
    (tmp_path / "part.py").write_text("")
    (tmp_path / "shop.py").write_text("import library\nready = True\n")
    (tmp_path / "broken.py").write_text("import library\nraise ImportError('no')\n")
    made = Arrival()
    yield made
    made.forget()
    for name in ("library", "part", "shop", "broken"):
        sys.modules.pop(name, None)


def ready() -> list[bool]:
    """Of each module that is loaded, whether it is whole."""
    return [hasattr(sys.modules[name], "ready") for name in ("shop", "library") if name in sys.modules]


def test_the_call_comes_when_the_outermost_module_is_whole(arrival: Arrival) -> None:
    told: list[list[bool]] = []
    arrival.await_library(lambda: told.append(ready()))
    import_module("part")
    assert told == []
    import_module("shop")
    assert told == [[True, True]]


def test_it_comes_once(arrival: Arrival) -> None:
    told: list[str] = []
    arrival.await_library(lambda: told.append("first"))
    arrival.await_library(lambda: told.append("second"))
    import_module("library")
    import_module("shop")
    assert told == ["second"]
    assert arrival not in sys.meta_path


def test_it_comes_behind_an_import_that_fails(arrival: Arrival) -> None:
    told: list[list[bool]] = []
    arrival.await_library(lambda: told.append(ready()))
    with pytest.raises(ImportError, match="no"):
        import_module("broken")
    assert told == [[True]]


def test_it_comes_at_once_where_a_library_is_loaded(arrival: Arrival) -> None:
    import_module("library")
    told: list[list[bool]] = []
    arrival.await_library(lambda: told.append(ready()))
    assert told == [[True]]
    assert arrival not in sys.meta_path


def test_it_does_not_come_after_forgetting(arrival: Arrival) -> None:
    told: list[list[bool]] = []
    arrival.await_library(lambda: told.append(ready()))
    arrival.forget()
    import_module("library")
    assert told == []


def test_a_module_is_as_it_would_be_without(arrival: Arrival) -> None:
    arrival.await_library(lambda: None)
    part = import_module("part")
    assert isinstance(part.__loader__, SourceFileLoader)
    assert part.__spec__ is not None
    assert part.__spec__.loader is part.__loader__


def test_a_module_that_is_only_looked_for_is_found(arrival: Arrival) -> None:
    from importlib.util import find_spec

    told: list[list[bool]] = []
    arrival.await_library(lambda: told.append(ready()))
    found = find_spec("library")
    assert found is not None
    assert found.loader is not None
    assert not found.loader.is_package("library")  # type: ignore[attr-defined]
    assert find_spec("no_such_module") is None
    assert told == []
