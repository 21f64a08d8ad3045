"""Evaluators from what a test or a case file says of them: objects, functions or names. PYTEST_DONT_REWRITE"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from typing import Any, cast

from pytest_llmreplay import registry
from pytest_llmreplay.errors import MissingExtra, UsageProblem, nearest
from pytest_llmreplay.evaluate.context import StepFilter
from pytest_llmreplay.evaluate.function import Plain
from pytest_llmreplay.evaluate.protocol import Evaluator


def evaluators(given: object, where: str) -> tuple[Evaluator, ...]:
    """Evaluators from a list of them, of functions, of names, or of ``{name: arguments}``. Raises UsageProblem."""
    if isinstance(given, str | Mapping) or callable(given) or not isinstance(given, Sequence):
        given = [given]
    return tuple(one(each, where) for each in given)


def one(given: object, where: str) -> Evaluator:
    """One evaluator. Raises UsageProblem for a name or an argument that does not exist."""
    if isinstance(given, type) and issubclass(given, Evaluator):
        return built(given, {}, where)
    if isinstance(given, Evaluator):
        return given
    if isinstance(given, str):
        return built(registered(given, where), {}, where)
    if isinstance(given, Mapping) and len(given) == 1:
        ((name, arguments),) = given.items()
        return built(registered(str(name), where), arguments, where)
    if callable(given):
        return Plain(cast("Callable[..., Any]", given))
    raise UsageProblem(f"{where}: {given!r} is no evaluator: give a registered name, {{name: arguments}} or a callable")


def registered(name: str, where: str) -> type[Evaluator]:
    """The class behind a registered name. Raises UsageProblem that names the nearest."""
    try:
        return cast("type[Evaluator]", registry.find("evaluators", name))
    except UsageProblem as error:
        raise UsageProblem(f"{where}: {error}") from None


def built(kind: type[Evaluator], arguments: object, where: str) -> Evaluator:
    """An evaluator from its arguments: by name, or the first one alone. Raises UsageProblem."""
    known = [each.name for each in fields(kind)]
    title = kind.registered or kind.__name__
    if not isinstance(arguments, Mapping):
        own = [each.name for each in fields(kind) if not each.kw_only]
        if not own:
            raise UsageProblem(f"{where}: {title} takes no bare value; it takes {', '.join(known)}")
        arguments = {own[0]: arguments}
    for name in arguments:
        if name not in known:
            raise UsageProblem(f"{where}: {title} has no argument {name!r}{nearest(str(name), known)}")
    given = dict(arguments)
    if isinstance(given.get("steps"), Mapping):
        given["steps"] = step_filter(given["steps"], where)
    try:
        return kind(**given)
    except (TypeError, ValueError) as error:
        raise UsageProblem(f"{where}: {title}: {error}") from None
    except MissingExtra as error:
        raise UsageProblem(f"{where}: {error}") from None


def step_filter(given: Mapping[str, Any], where: str) -> StepFilter:
    """Which steps are meant. Raises UsageProblem."""
    known = [each.name for each in fields(StepFilter)]
    for name in given:
        if name not in known:
            raise UsageProblem(f"{where}: steps has no {name!r}{nearest(str(name), known)}")
    return StepFilter(**given)
