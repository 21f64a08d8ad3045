"""Evaluators from what a test or a case file says of them: objects, functions or names. PYTEST_DONT_REWRITE"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields
from typing import Any, cast, get_args

from pytest_llmreplay import registry
from pytest_llmreplay.errors import MissingExtra, UsageProblem, nearest
from pytest_llmreplay.evaluate.context import StepFilter
from pytest_llmreplay.evaluate.function import Plain
from pytest_llmreplay.evaluate.protocol import Evaluator
from pytest_llmreplay.model.call import Kind

KINDS = ("model", "retriever", *get_args(Kind))
"""Kinds of steps, in the words of the step table and in those of traces."""


def evaluators(given: object, where: str) -> tuple[Evaluator, ...]:
    """Evaluators from a list of them, of functions, of names, or of ``{name: arguments}``. Raises UsageProblem."""
    if isinstance(given, str | Mapping) or callable(given) or not isinstance(given, Sequence):
        given = [given]
    return tuple(sound(one(each, where), where) for each in given)


def sound(evaluator: Evaluator, where: str) -> Evaluator:
    """An evaluator whose keywords are of their kind. Raises UsageProblem."""
    problem = next(problems(evaluator), None)
    if problem is not None:
        raise UsageProblem(f"{where}: {evaluator.registered or type(evaluator).__name__}: {problem}")
    return evaluator


def problems(evaluator: Evaluator) -> Iterator[str]:
    """What is wrong with the keywords that all evaluators take."""
    for name, least in (("threshold", -math.inf), ("weight", 0), ("not_worse", 0), ("limit", 0)):
        value = getattr(evaluator, name)
        if value is None and name in ("threshold", "not_worse"):
            continue
        number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
        if not number or value < least:
            yield f"{name} is a number{'' if least else ' from 0 on'}, not {value!r}"
    if not isinstance(evaluator.negate, bool):
        yield f"negate is True or False, not {evaluator.negate!r}"
    if not isinstance(evaluator.name, str | None):
        yield f"name is a text, not {evaluator.name!r}"
    if not isinstance(evaluator.steps, StepFilter | None):
        yield f"steps is a filter such as step(kind='model'), not {evaluator.steps!r}"
    elif evaluator.steps is not None and evaluator.steps.kind not in (None, *KINDS):
        yield f"no step is of kind {evaluator.steps.kind!r}{nearest(str(evaluator.steps.kind), KINDS)}"


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
