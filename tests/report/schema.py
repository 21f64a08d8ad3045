"""The JSON schema of a report, made from its types and what they say about their members."""

import ast
import inspect
from types import ModuleType
from typing import Any, TypeGuard

import msgspec

from pytest_llmreplay.model import evaluation, result
from pytest_llmreplay.report.json import FORMAT


def schema() -> dict[str, Any]:
    """The schema; each member is required, for the writer leaves none out."""
    made = msgspec.json.schema(result.RunReport)
    said = {**descriptions(evaluation), **descriptions(result)}
    for name, definition in made["$defs"].items():
        definition["required"] = list(definition["properties"])
        for member, value in definition["properties"].items():
            value.pop("default", None)
            if words := said.get((name, member)):
                value["description"] = words
    made["$defs"]["RunReport"]["properties"]["format"] = {"const": FORMAT, "description": "Of this schema."}
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Report of pytest-llmreplay"}
    return {**head, **made}


def descriptions(module: ModuleType) -> dict[tuple[str, str], str]:
    """What stands below each member of a module's classes, by class and member."""
    found = {}
    for each in ast.parse(inspect.getsource(module)).body:
        if not isinstance(each, ast.ClassDef):
            continue
        for member, words in zip(each.body, each.body[1:], strict=False):
            if isinstance(member, ast.AnnAssign) and isinstance(member.target, ast.Name) and is_text(words):
                found[each.name, member.target.id] = inspect.cleandoc(ast.literal_eval(words.value)).replace("\n", " ")
    return found


def is_text(node: ast.stmt) -> TypeGuard[ast.Expr]:
    """Whether a statement is a string alone."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
