"""What the marker of a test says, over the settings of the run. PYTEST_DONT_REWRITE"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_llmreplay.errors import UsageProblem, nearest
from pytest_llmreplay.model.policy import Drift, Mode
from pytest_llmreplay.settings import By, Settings, one_of, seed, whole_number

if TYPE_CHECKING:
    from pytest_llmreplay.replay.boundaries import Boundary

KNOWN = ("traces", "select", "mode", "seed", "drift", "by", "ignore", "patch", "evaluators", "runs")
WORDS = {"mode": Mode, "drift": Drift, "by": By}


def settings_for(node: pytest.Item, settings: Settings) -> Settings:
    """The settings of one test: what its markers say goes first, the nearest before all. Raises UsageProblem."""
    for marker in reversed([*node.iter_markers("llm_replay")]):
        for name in marker.kwargs:
            if name not in KNOWN:
                raise UsageProblem(f"@llm_replay: no argument {name!r}{nearest(name, KNOWN)}")
        if marker.args:
            raise UsageProblem("@llm_replay takes keyword arguments only, such as traces='traces'")
        given = {name: value for name, value in marker.kwargs.items() if value is not None}
        settings = replace(settings, **changes(given, settings, node.path.parent))
    return settings


def changes(given: Mapping[str, Any], settings: Settings, folder: Path) -> dict[str, Any]:
    """The fields of the settings that a marker's arguments change."""
    out: dict[str, Any] = {
        name: one_of(str(given[name]), kind, f"@llm_replay({name}=…)") for name, kind in WORDS.items() if name in given
    }
    if out.get("mode") in ("live", "record") and settings.mode not in ("live", "record"):
        out["network"] = "allow"
    if "traces" in given:
        out |= {"traces": as_tuple(given["traces"]), "base": folder}
    if "select" in given:
        from pytest_llmreplay.traces.select import parse as parse_selection

        out["select"] = tuple(parse_selection(each, "@llm_replay(select=…)") for each in as_tuple(given["select"]))
    if "seed" in given:
        out["seeds"] = tuple(seed(each) for each in as_tuple(given["seed"]))
    if "ignore" in given:
        out["ignore"] = (*settings.ignore, *as_tuple(given["ignore"]))
    if "evaluators" in given:
        from pytest_llmreplay.evaluate.spec import evaluators

        out["evaluators"] = evaluators(given["evaluators"], "@llm_replay(evaluators=…)")
    if "runs" in given:
        out["runs"] = whole_number(str(given["runs"]), "@llm_replay(runs=…)") or 1
    if "patch" in given:
        out["patch"] = patches(given["patch"], settings.patch)
    return out


def patches(patch: object, general: "tuple[Boundary, ...]") -> "tuple[Boundary, ...]":
    """A marker's boundaries, and those of the run that it does not name."""
    from pytest_llmreplay.replay.boundaries import parse

    own = parse(patch, "@llm_replay")
    paths = {each.path for each in own}
    return (*(each for each in general if each.path not in paths), *own)


def as_tuple(value: Any) -> tuple[str, ...]:
    """One path, text or number, or several."""
    return (str(value),) if isinstance(value, str | int | Path) else tuple(map(str, value))
