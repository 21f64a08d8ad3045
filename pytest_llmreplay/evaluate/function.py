"""Plain functions as evaluators, and why one of them did not hold. PYTEST_DONT_REWRITE"""

import ast
import functools
import inspect
import linecache
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import CodeType
from typing import Any

from pytest_llmreplay.evaluate.context import EvaluationContext
from pytest_llmreplay.evaluate.judge import awaited
from pytest_llmreplay.evaluate.judgement import scalar
from pytest_llmreplay.evaluate.protocol import Evaluator, Said
from pytest_llmreplay.model.evaluation import Evidence, Score, Skip


@dataclass(frozen=True)
class Plain(Evaluator):
    """A plain function ``def f(ctx)`` as an evaluator; an ``async def`` is run in an event loop of its own."""

    function: Callable[[EvaluationContext], Any]

    @property
    def title(self) -> str:
        """The function's name, if it was given no other."""
        return self.name or str(getattr(self.function, "__name__", type(self.function).__name__))

    def __call__(self, ctx: EvaluationContext) -> Said:
        """What the function says. An ``assert`` that fails is a no, with pytest's words for it."""
        try:
            said = self.function(ctx)
            said = awaited(said) if inspect.isawaitable(said) else said
        except AssertionError as error:
            return refuted(error)
        if said is None and may_raise(self.function):
            return Score(True)
        value = None if isinstance(said, Score | Skip) else scalar(said)
        return Score(value, reason(self.function, holds=value)) if isinstance(value, bool) else said


def check(function: Callable[[EvaluationContext], Any], **policy: Any) -> Evaluator:
    """A plain function with a threshold, a weight or another of the keywords that all evaluators take."""
    return Plain(function, **policy)


def refuted(error: AssertionError) -> Score:
    """An assertion that failed: pytest's first line of it, else the line of the source; and where it stands."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return Score(False, str(error))
    file, number = trace.tb_frame.f_code.co_filename, trace.tb_lineno
    line = linecache.getline(file, number).strip()
    told = str(error).splitlines() or [line]
    return Score(False, told[0], (Evidence(f"{Path(file).name}:{number}", line),))


def reason(function: Callable[..., Any], *, holds: bool) -> str:
    """Why a function said yes or no: what its docstring says, else what it returns, else where it stands."""
    code = code_of(function)
    if code is None:
        return ""
    doc = inspect.cleandoc(innermost(function).__doc__ or "").partition("\n")[0]
    if told := doc or returned(code):
        return f"{'holds' if holds else 'does not hold'}: {told}"
    return "" if holds else f"it returned False ({Path(code.co_filename).name}:{code.co_firstlineno})"


def says_more(value: ast.expr) -> bool:
    """Whether it is a ``Score(…)``, a ``Skip(…)`` or several by name, and no bare bool."""
    return isinstance(value, ast.Dict) or (
        isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id in ("Score", "Skip")
    )


def may_raise(function: Callable[..., Any]) -> bool:
    """Whether a function says no by raising, so that it says yes by returning nothing, as a test does.

    It has an ``assert``; or it raises or calls something for nothing but that, and returns no value anywhere.
    """
    found = [node for body in bodies(code_of(function)) for node in within(body)]
    if any(isinstance(each, ast.Assert) for each in found):
        return True
    tells = any(isinstance(each, ast.Return) and each.value is not None for each in found)
    return not tells and any(map(checks, found))


def checks(node: ast.AST) -> bool:
    """Whether a node raises, or is a call whose value nobody takes."""
    if isinstance(node, ast.Raise):
        return True
    value = node.value if isinstance(node, ast.Expr) else None
    return isinstance(value.value if isinstance(value, ast.Await) else value, ast.Call)


def code_of(function: Any) -> CodeType | None:
    """What a function runs, where that is Python."""
    code = getattr(innermost(function), "__code__", None)
    return code if isinstance(code, CodeType) else None


def innermost(function: Any) -> Any:
    """The function itself: below ``partial`` and decorators, and of a callable object its class's."""
    while isinstance(function, functools.partial):
        function = function.func
    function = inspect.unwrap(function)
    return function if hasattr(function, "__code__") else inspect.unwrap(type(function).__call__)


def returned(code: CodeType) -> str:
    """The expression that a function returns, as its source has it; empty where it has several, or no source."""
    found = [value for body in bodies(code) for value in results(body) if not says_more(value)]
    if len(found) != 1 or isinstance(found[0], ast.Constant | ast.Name):
        return ""
    source = "".join(linecache.getlines(code.co_filename))
    return " ".join((ast.get_source_segment(source, found[0]) or "").split())


def bodies(code: CodeType | None) -> Sequence[ast.AST]:
    """The functions of a code object's name that begin on its first line; none without its source."""
    if code is None:
        return ()
    try:
        tree = ast.parse("".join(linecache.getlines(code.co_filename)))
    except (SyntaxError, ValueError, RecursionError):
        return ()
    here = [node for node in ast.walk(tree) if begins(node) == code.co_firstlineno]
    return [node for node in here if getattr(node, "name", "<lambda>") == code.co_name]


def begins(node: ast.AST) -> int | None:
    """The first line of a function, as its code object has it: that of the first decorator."""
    if isinstance(node, ast.Lambda):
        return node.lineno
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return min([node.lineno, *(each.lineno for each in node.decorator_list)])
    return None


def results(function: ast.AST) -> Iterator[ast.expr]:
    """What a function may return."""
    if isinstance(function, ast.Lambda):
        yield function.body
    else:
        yield from (each.value for each in within(function) if isinstance(each, ast.Return) and each.value is not None)


def within(function: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a function's body; of functions within it none."""
    rest = list(ast.iter_child_nodes(function))
    while rest:
        node = rest.pop()
        yield node
        if not isinstance(node, ast.Lambda | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            rest.extend(ast.iter_child_nodes(node))
