"""Names and the objects behind them."""

import re
from importlib.metadata import EntryPoint

import pytest

from pytest_llmreplay import registry
from pytest_llmreplay.errors import UsageProblem
from pytest_llmreplay.registry import Group

MADE_ONCE: tuple[Group, ...] = ("formats", "dialects", "providers", "reporters")
"""The groups of which one object each serves all."""
BUILT_IN = [(group, name) for group in MADE_ONCE for name in registry.BUILT_IN[group]]
EVALUATORS = list(registry.BUILT_IN["evaluators"])


@pytest.mark.parametrize(("group", "name"), BUILT_IN)
def test_an_object_bears_the_name_that_it_is_registered_under(group: Group, name: str) -> None:
    assert registry.load(group, name).name == name


@pytest.mark.parametrize(("group", "name"), BUILT_IN)
def test_an_object_is_made_once(group: Group, name: str) -> None:
    assert registry.load(group, name) is registry.load(group, name)


@pytest.mark.parametrize("name", EVALUATORS)
def test_an_evaluator_bears_the_name_that_it_is_registered_under(name: str) -> None:
    assert registry.find("evaluators", name).registered == name


@pytest.mark.parametrize("group", MADE_ONCE)
def test_every_object_of_a_group_comes_in_the_order_of_the_table(group: Group) -> None:
    names = [each.name for each in registry.every(group)]
    assert names[: len(registry.BUILT_IN[group])] == list(registry.BUILT_IN[group])


def test_an_unknown_name_is_an_error_that_names_the_nearest() -> None:
    with pytest.raises(UsageProblem, match=r"no provider is named 'openai.chats'; did you mean 'openai.chat'\?"):
        registry.load("providers", "openai.chats")


def test_a_name_like_no_other_is_an_error_without_a_guess() -> None:
    with pytest.raises(UsageProblem, match=r"no format is named 'zzzz'$"):
        registry.load("formats", "zzzz")


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("nowhere:House", "No module named 'nowhere'"),
        ("json:House", "module 'json' has no attribute 'House'"),
    ],
)
def test_what_another_distribution_registers_and_cannot_be_imported_is_named(
    monkeypatch: pytest.MonkeyPatch, value: str, why: str
) -> None:
    monkeypatch.setattr(registry, "targets", lambda group: {**registry.BUILT_IN["providers"], "house.api": value})
    told = f"the entry point 'house.api' of the group llmreplay.providers leads to {value}, which cannot be imported: "
    with pytest.raises(UsageProblem, match=f"{re.escape(told + why)}$"):
        registry.find.__wrapped__("providers", "house.api")


def test_another_distribution_adds_a_name_but_does_not_take_one_over(monkeypatch: pytest.MonkeyPatch) -> None:
    points = [
        EntryPoint("openai.chat", "elsewhere:Impostor", "llmreplay.providers"),
        EntryPoint("house.api", "elsewhere:House", "llmreplay.providers"),
    ]
    monkeypatch.setattr("importlib.metadata.entry_points", lambda group: points)
    found = registry.targets.__wrapped__("providers")
    assert found["openai.chat"] == registry.BUILT_IN["providers"]["openai.chat"]
    assert found["house.api"] == "elsewhere:House"
    assert list(found)[-1] == "house.api"
