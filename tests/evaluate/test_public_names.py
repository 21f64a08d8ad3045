"""``from pytest_llmreplay.evaluate import …``."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from pytest_llmreplay import evaluate, registry

EVALUATORS = [registry.find("evaluators", name) for name in registry.BUILT_IN["evaluators"]]


@pytest.mark.parametrize("kind", EVALUATORS, ids=lambda each: each.registered)
def test_every_evaluator_is_public_under_the_name_of_its_class(kind: type) -> None:
    assert getattr(evaluate, kind.__name__) is kind


def test_a_registered_name_is_that_of_the_class_in_snake_case() -> None:
    for kind in EVALUATORS:
        assert kind.__name__.lower() == kind.registered.replace("_", "")


@pytest.mark.parametrize("name", evaluate.__all__)
def test_every_public_name_is_there_and_known_to_type_checkers(name: str) -> None:
    assert getattr(evaluate, name).__name__ == name
    tree = ast.parse(Path(evaluate.__file__).read_text(encoding="utf-8"))
    typed = {each.asname for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for each in node.names}
    assert name in typed


def test_another_name_is_not_there() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'Contain'"):
        _ = evaluate.Contain  # type: ignore[attr-defined]


def test_a_name_is_imported_when_it_is_asked_for() -> None:
    code = "import sys, pytest_llmreplay.evaluate as e; print('pytest_llmreplay.evaluate.text' in sys.modules); e.Exact"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
