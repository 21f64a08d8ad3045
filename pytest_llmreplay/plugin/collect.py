"""Test functions become one item per trace. PYTEST_DONT_REWRITE"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from pytest_llmreplay.errors import LLMReplayError, UsageProblem
from pytest_llmreplay.plugin.markers import settings_for
from pytest_llmreplay.plugin.options import PARAMETERS
from pytest_llmreplay.plugin.run import Plan, Run
from pytest_llmreplay.settings import Settings
from pytest_llmreplay.traces.catalog import Handle, identifiers

if TYPE_CHECKING:
    from pytest_llmreplay.plugin.scratch import NewCase
    from pytest_llmreplay.traces.sessions import SessionHandle

NO_TRACES = "no traces given: use --llm-traces=PATH, the ini key llm_traces, or @pytest.mark.llm_replay(traces=PATH)"


class CaseHandle:
    """The parameter of an item: where its trace or session lies, and the seed.

    Made for each of many thousand items, and therefore plain.
    """

    __slots__ = ("run", "seed", "unit")

    def __init__(self, unit: "Handle | SessionHandle | NewCase", seed: int, run: int = 0) -> None:
        self.unit = unit
        self.seed = seed
        self.run = run
        """Which of several runs this is, from 1; 0 where there is one."""

    def __repr__(self) -> str:
        return repr(self.unit)


def plan_of(item: pytest.Item, run: Run) -> Plan:
    """How an item is replayed; worked out once for all items of a test function."""
    key = key_of(item)
    if key not in run.plans:
        settings = settings_for(item, run.settings)
        run.plans[key] = Plan(settings, engages(item, getattr(item, "fixturenames", ())))
    return run.plans[key]


def key_of(item: pytest.Item) -> tuple[str, str]:
    """What all items of one test function have in common."""
    return item.parent.nodeid if item.parent else "", getattr(item, "originalname", None) or item.name


def engages(item: pytest.Item, names: Sequence[str]) -> bool:
    """Whether a test means to replay, so that steps that it never asks for count."""
    return "llm_replay" in names or item.get_closest_marker("llm_replay") is not None


def parametrise(metafunc: pytest.Metafunc) -> None:
    """Give a test function the handle of each trace; without any configured, the test is skipped and says so."""
    run = Run.of(metafunc.config)
    try:
        settings = settings_for(metafunc.definition, run.settings)
        settings = with_own_case(metafunc.definition, settings)
        handles = run.sources.handles(settings) if settings.traces else []
        run.sources.targets(settings)
        ids, cases = cases_of(handles, settings) if handles else ([], [])
    except UsageProblem as error:
        message = f"{metafunc.definition.nodeid}: {error}"
        if hasattr(metafunc.config, "workerinput"):
            raise pytest.Collector.CollectError(message) from None
        run.usage_problems.append(message)
        return
    except LLMReplayError as error:
        raise pytest.Collector.CollectError(f"{metafunc.definition.nodeid}: {error}") from None
    if not handles and settings.mode == "record":
        from pytest_llmreplay.plugin.scratch import NewCase

        give(metafunc, [CaseHandle(NewCase(metafunc.definition), 0)], ["new"])
        return
    if not handles:
        skip = pytest.mark.skip(reason=NO_TRACES)
        give(metafunc, [pytest.param(None, marks=skip)], ["no-traces"])
        return
    run.plans[key_of(metafunc.definition)] = Plan(settings, engages(metafunc.definition, metafunc.fixturenames))
    give(metafunc, cases, ids)


def with_own_case(node: pytest.Item, settings: Settings) -> Settings:
    """The settings with the case that the test recorded itself, where no traces are named."""
    if settings.traces:
        return settings
    from pytest_llmreplay.plugin.scratch import own_case

    path = own_case(node)
    return settings if path is None else replace(settings, traces=(path.name,), base=path.parent)


def give(metafunc: pytest.Metafunc, cases: Sequence[object], ids: Sequence[str]) -> None:
    """Parametrise with handles."""
    name = next((name for name in PARAMETERS if name in metafunc.fixturenames), PARAMETERS[-1])
    fixture = name in metafunc.fixturenames
    if not fixture:
        metafunc.fixturenames.append(name)
    metafunc.parametrize(name, cases, ids=ids, indirect=fixture)


def cases_of(handles: Sequence[Handle], settings: Settings) -> tuple[list[str], list[CaseHandle]]:
    """Ids and parameters of the items: a trace or a session each, and of a seeded or live run one for each seed."""
    units: Sequence[Handle | SessionHandle] = handles
    if settings.by == "session":
        from pytest_llmreplay.traces.sessions import sessions

        units = sessions(handles)
    names = identifiers(units)
    varies = settings.mode in ("live", "seeded")
    seeds = settings.seeds if varies and len(settings.seeds) > 1 else settings.seeds[:1] or (0,)
    runs = settings.runs if varies else 1
    if runs == len(seeds) == 1:
        return names, [CaseHandle(unit, seeds[0]) for unit in units]
    each = list(repeats(seeds, runs))
    return (
        [f"{name}{ending}" for name in names for ending, _, _ in each],
        [CaseHandle(unit, seed, run) for unit in units for _, seed, run in each],
    )


def repeats(seeds: Sequence[int], runs: int) -> Iterator[tuple[str, int, int]]:
    """End of the id, seed and number of each repeat; a run has a seed of its own: the given one and those after it."""
    for seed in seeds:
        of_seed = f"-seed{seed}" if len(seeds) > 1 else ""
        for run in range(1, runs + 1):
            yield (f"{of_seed}-run{run}", seed + run - 1, run) if runs > 1 else (of_seed, seed, 0)
