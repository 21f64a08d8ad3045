import math
from typing import Any

import pytest

from pytest_llmreplay.errors import UsageProblem
from pytest_llmreplay.evaluate.context import StepFilter
from pytest_llmreplay.evaluate.function import Plain, check
from pytest_llmreplay.evaluate.spec import evaluators
from pytest_llmreplay.evaluate.text import Exact


def function(ctx: Any) -> bool:
    return True


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("exact", Exact()),
        (["exact"], Exact()),
        (Exact, Exact()),
        (Exact("a"), Exact("a")),
        ([{"exact": "a"}], Exact("a")),
        ({"exact": {"expected": "a", "negate": True}}, Exact("a", negate=True)),
        ({"exact": {"steps": {"kind": "tool"}}}, Exact(steps=StepFilter("tool"))),
        (function, Plain(function)),
    ],
)
def test_an_evaluator_is_an_object_a_class_a_function_or_a_name_with_arguments(given: Any, expected: Any) -> None:
    assert evaluators(given, "here") == (expected,)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("exakt", "here: no evaluator is named 'exakt'; did you mean 'exact'?"),
        ({"exact": {"negated": True}}, "here: exact has no argument 'negated'; did you mean 'negate'?"),
        ({"exact": {"steps": {"kin": "tool"}}}, "here: steps has no 'kin'; did you mean 'kind'?"),
        ({"exact": {"threshold": "0.5"}}, "here: exact: threshold is a number, not '0.5'"),
        (check(function, threshold=math.nan), "here: Plain: threshold is a number, not nan"),
        (Exact(weight=-1), "here: exact: weight is a number from 0 on, not -1"),
        (Exact(weight=True), "here: exact: weight is a number from 0 on, not True"),
        (Exact(not_worse="x"), "here: exact: not_worse is a number from 0 on, not 'x'"),  # type: ignore[arg-type]
        (Exact(limit=-1), "here: exact: limit is a number from 0 on, not -1"),
        (Exact(limit=None), "here: exact: limit is a number from 0 on, not None"),  # type: ignore[arg-type]
        ({"exact": {"negate": "no"}}, "here: exact: negate is True or False, not 'no'"),
        (Exact(name=3), "here: exact: name is a text, not 3"),  # type: ignore[arg-type]
        (
            Exact(steps="model"),  # type: ignore[arg-type]
            "here: exact: steps is a filter such as step(kind='model'), not 'model'",
        ),
        ({"exact": {"steps": {"kind": "modle"}}}, "here: exact: no step is of kind 'modle'; did you mean 'model'?"),
        (3, "here: 3 is no evaluator: give a registered name, {name: arguments} or a callable"),
    ],
)
def test_what_is_no_evaluator_is_named_with_the_nearest_one(given: Any, message: str) -> None:
    with pytest.raises(UsageProblem) as caught:
        evaluators(given, "here")
    assert str(caught.value) == message
