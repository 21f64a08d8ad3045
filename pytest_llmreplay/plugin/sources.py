"""What the settings of a run name, read once: traces, the functions in them, answers. PYTEST_DONT_REWRITE"""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from pytest_llmreplay.errors import LLMReplayError
from pytest_llmreplay.plugin.problems import Problems
from pytest_llmreplay.settings import Settings
from pytest_llmreplay.traces.catalog import Catalog, load_catalog

if TYPE_CHECKING:
    from pytest_llmreplay.replay.boundaries import Boundary
    from pytest_llmreplay.replay.functions import Target
    from pytest_llmreplay.replay.seeded import AnswerPool, SeededAnswers

Place: TypeAlias = tuple[tuple[str, ...], Path]
"""Paths, and what they are relative to."""


@dataclass(frozen=True, slots=True)
class Functions:
    """The functions of all traces, by name."""

    calls: frozenset[str]
    groups: frozenset[str]
    """Those that hold other calls."""
    words: frozenset[str]
    """All that either may be called by."""


class Sources:
    """All that the tests of a run replay from."""

    def __init__(self, problems: Problems) -> None:
        self.problems = problems
        """Where it is noted what could not be read."""
        self._catalogs: dict[Place, Catalog] = {}
        self._targets: dict[Boundary, Target] = {}
        self._functions: dict[Place, Functions] = {}
        self._pools: dict[Place, AnswerPool] = {}
        self._traced: dict[tuple[Place, int], tuple[Boundary, ...]] = {}

    def catalog(self, settings: Settings) -> Catalog:
        """The traces that the settings name; each set of paths is read once. Raises SourceError."""
        if place_of(settings) not in self._catalogs:
            self.problems.note(self.case_files(settings).problems)
        return self._catalogs[place_of(settings)]

    def case_files(self, settings: Settings) -> Catalog:
        """The case files of a folder; what is wrong with one is said by its own item. Raises SourceError."""
        place = place_of(settings)
        if place not in self._catalogs:
            self._catalogs[place] = load_catalog(settings.traces, settings.base, settings.cache)
            ignore_cache(settings.cache)
        return self._catalogs[place]

    def handles(self, settings: Settings) -> list[Any]:
        """The selected traces. Raises LLMReplayError where there is none: an empty suite must not be green."""
        catalog = self.catalog(settings)
        where = ", ".join(settings.traces)
        if not catalog.handles:
            details = "".join(f"\n  {each}" for each in catalog.problems[:5])
            raise LLMReplayError(f"no trace found in {where}{details}")
        found = catalog.selected(settings.select)
        if not found:
            wanted = ", ".join(map(str, settings.select))
            raise LLMReplayError(f"none of {len(catalog.handles)} traces in {where} is selected by {wanted}")
        return found

    def targets(self, settings: Settings) -> "tuple[Target, ...]":
        """The functions that the settings name as boundaries; each is looked up once. Raises UsageProblem."""
        if not settings.patch:
            return ()
        from pytest_llmreplay.replay.boundaries import AUTO
        from pytest_llmreplay.replay.functions import target

        named = tuple(boundary for boundary in settings.patch if boundary.path != AUTO)
        if len(named) < len(settings.patch):
            paths = {boundary.path for boundary in named}
            named += tuple(each for each in self._traced_by(settings) if each.path not in paths)
        for boundary in named:
            if boundary not in self._targets:
                self._targets[boundary] = target(boundary)
        return tuple(self._targets[boundary] for boundary in named)

    def _traced_by(self, settings: Settings) -> "tuple[Boundary, ...]":
        """The functions of the application that the traces name; sought anew when modules came."""
        from pytest_llmreplay.replay.auto import traced

        key = (place_of(settings), len(sys.modules))
        if key not in self._traced:
            self._traced = {key: traced(self.functions(settings).calls)}
        return self._traced[key]

    def seeded(self, settings: Settings, seed: int) -> "SeededAnswers":
        """A fresh choice of recorded answers for one item; the pool of all loaded traces is made once."""
        from pytest_llmreplay.replay.seeded import AnswerPool, SeededAnswers

        place = place_of(settings)
        if place not in self._pools:
            steps = (step for handle in self.catalog(settings).handles for step in handle.open().steps)
            self._pools[place] = AnswerPool(step for step in steps if step.asked_by_http and not step.incomplete)
        return SeededAnswers(self._pools[place], seed)

    def functions(self, settings: Settings) -> Functions:
        """What the functions in the traces that the settings name are called; opens up to 1,000 of them, once."""
        place = place_of(settings)
        if place not in self._functions:
            traces = [handle.open().contents for handle in self.catalog(settings).handles[:1000]]
            calls = [step for trace in traces for step in trace.steps if not step.asked_by_http]
            groups = [group for trace in traces for group in trace.groups]
            self._functions[place] = Functions(
                calls=frozenset(step.name for step in calls),
                groups=frozenset(group.name for group in groups),
                words=frozenset(word for step in (*calls, *groups) for word in step.names),
            )
        return self._functions[place]


def place_of(settings: Settings) -> Place:
    """Where the traces of the settings lie."""
    return settings.traces, settings.base


def ignore_cache(cache: Path) -> None:
    """Keep the cache folder out of version control, if it was made."""
    if cache.is_dir() and not (cache.parent / ".gitignore").exists():
        from pytest_llmreplay.writing import keep_unversioned

        keep_unversioned(cache.parent)
