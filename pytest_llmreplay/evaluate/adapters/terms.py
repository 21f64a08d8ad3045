"""A run in the terms that libraries of evaluators share. PYTEST_DONT_REWRITE"""

from importlib.util import find_spec

from pytest_llmreplay.errors import MissingExtra
from pytest_llmreplay.evaluate.context import EvaluationContext
from pytest_llmreplay.evaluate.retrieval import text_of
from pytest_llmreplay.evaluate.values import as_text


def needed(module: str, package: str, what: str) -> None:
    """Raise MissingExtra where a library is not installed; its extra is named after it."""
    if find_spec(module) is None:
        raise MissingExtra(what, package, package)


def question(ctx: EvaluationContext) -> str:
    """The application's input as text: the one argument that it has, else all of them as JSON."""
    value = ctx.input
    if isinstance(value, dict) and len(value) == 1:
        (value,) = value.values()
    return as_text(value)


def reference(ctx: EvaluationContext) -> str | None:
    """What the output is held against, as text: what the test expects, else what production gave."""
    return None if ctx.reference is None else as_text(ctx.reference)


def contexts(ctx: EvaluationContext) -> list[str]:
    """The texts of the documents that the run retrieved."""
    return list(map(text_of, ctx.documents))


def one_line(reason: object) -> str:
    """A library's reason as one line."""
    return " ".join(str(reason or "").split())
