"""A run in the terms that libraries of evaluators share."""

from typing import Any

import pytest

from pytest_llmreplay import evaluate
from pytest_llmreplay.errors import MissingExtra
from pytest_llmreplay.evaluate.adapters import autoevals, deepeval, openevals, pydantic_evals, ragas, terms
from pytest_llmreplay.model.call import Arguments
from tests.evaluate.judging import run


@pytest.mark.parametrize(
    ("named", "question"),
    [
        ({"question": "How long?"}, "How long?"),
        ({"question": {"text": "How long?"}}, '{"text": "How long?"}'),
        ({"question": "How long?", "user": 7}, '{"question": "How long?", "user": 7}'),
    ],
)
def test_the_question_is_the_one_argument_or_all_of_them(named: Any, question: str) -> None:
    assert terms.question(run(arguments=Arguments(named=named))) == question


def test_the_reference_is_what_production_gave() -> None:
    assert terms.reference(run(recorded={"a": 1})) == '{"a": 1}'
    assert terms.reference(run(recorded=None)) is None


@pytest.mark.parametrize(
    ("kind", "package"),
    [
        (autoevals.Autoevals, "autoevals"),
        (deepeval.DeepEval, "deepeval"),
        (openevals.OpenEvals, "openevals"),
        (pydantic_evals.PydanticEvals, "pydantic-evals"),
        (ragas.Ragas, "ragas"),
    ],
)
def test_a_missing_library_is_one_sentence_that_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, kind: type, package: str
) -> None:
    assert getattr(evaluate, kind.__name__) is kind
    monkeypatch.setattr(terms, "find_spec", lambda name: None)
    with pytest.raises(MissingExtra) as caught:
        kind(object())
    said = f"{kind.__name__} needs the package {package}: pip install 'pytest-llmreplay[{package}]'"
    assert str(caught.value) == said
