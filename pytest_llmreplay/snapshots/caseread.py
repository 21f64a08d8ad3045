"""The bytes of a case file as its typed value, or all that is wrong with it, each with its line. PYTEST_DONT_REWRITE"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec

from pytest_llmreplay.errors import nearest
from pytest_llmreplay.model.jsonvalue import JSON
from pytest_llmreplay.model.trace import Contents
from pytest_llmreplay.snapshots.casecontents import contents_of
from pytest_llmreplay.snapshots.caseshape import VERSION, CaseFile, json_schema
from pytest_llmreplay.snapshots.yamltext import YamlProblem, line_of, read_with_nodes

if TYPE_CHECKING:
    import yaml

ValidationError: TypeAlias = Any
"""Of jsonschema, which has no types."""

MOST = 5
"""Faults of a file that are told at once."""
CONFLICT = (b"<<<<<<< ", b"=======\n", b">>>>>>> ")
TYPES = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "object": "an object",
    "array": "a list",
    "boolean": "true or false",
    "null": "null",
}


@dataclass(frozen=True, slots=True)
class CaseProblem:
    """One fault of a case file."""

    line: int
    reason: str
    """Path, what is wrong, and what was expected. The file's content is not quoted."""


class CaseProblems(ValueError):
    """A case file that cannot be read."""

    def __init__(self, problems: Sequence[CaseProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(f"line {each.line}: {each.reason}" for each in problems))


def read_case(data: bytes) -> tuple[CaseFile, Contents]:
    """The typed value of a case file, and its inside as a trace's. Raises CaseProblems."""
    value, node = read_value(data)
    check_version(value, node)
    try:
        file = msgspec.convert(value, CaseFile)
        contents = contents_of(file)
    except (msgspec.ValidationError, ValueError) as error:
        found = list(problems(value, node)) or [CaseProblem(*placed(str(error), node))]
        raise CaseProblems(found[:MOST]) from None
    check_count(file, node)
    return file, contents


def read_value(data: bytes) -> "tuple[dict[str, Any], yaml.Node | None]":
    """The plain value of a case file of any version, with the nodes that know its lines. Raises CaseProblems."""
    for number, line in enumerate(data.splitlines(keepends=True), 1) if b"\n<<<<<<< " in data else ():
        if line.startswith(CONFLICT):
            raise CaseProblems([CaseProblem(number, "a merge conflict that is not resolved")])
    try:
        value, node = read_with_nodes(data)
    except YamlProblem as problem:
        raise CaseProblems([CaseProblem(problem.line, problem.reason)]) from None
    if not isinstance(value, dict):
        raise CaseProblems([CaseProblem(1, "not a case file: an object was expected")])
    return value, node


def check_version(value: dict[str, JSON], node: "yaml.Node | None") -> None:
    """Raise CaseProblems for another version of the format than this one."""
    version = value.get("version")
    if isinstance(version, bool) or not isinstance(version, int):
        what = "must be a whole number" if "version" in value else "is missing"
        raise CaseProblems([CaseProblem(line_of(node, ["version"]), f"version {what}; this package writes {VERSION}")])
    if version > VERSION:
        words = f"version {version} is newer than this package, which reads {VERSION}; upgrade pytest-llmreplay"
        raise CaseProblems([CaseProblem(line_of(node, ["version"]), words)])
    if version < VERSION:
        words = f"version {version} is older than {VERSION}; llmreplay upgrade writes the file anew"
        raise CaseProblems([CaseProblem(line_of(node, ["version"]), words)])


def check_count(file: CaseFile, node: "yaml.Node | None") -> None:
    """Raise CaseProblems where steps were lost or came in, as in a merge."""
    written, here = file.end.steps, len(file.steps)
    if written != here:
        words = (
            f"end.steps: {written} {'step was' if written == 1 else 'steps were'} written, {here} "
            f"{'is' if here == 1 else 'are'} here; if that is right, write steps: {here}, else restore the file"
        )
        raise CaseProblems([CaseProblem(line_of(node, ["end", "steps"]), words)])


def placed(message: str, node: "yaml.Node | None") -> tuple[int, str]:
    """Line and words of a fault that only its message places."""
    path: list[str | int] = list(message.partition(":")[0].split("."))
    return line_of(node, path), message


def problems(value: JSON, node: "yaml.Node | None") -> Iterator[CaseProblem]:
    """Every fault that the JSON schema finds, in order of lines."""
    from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
    from referencing import Registry

    registry: Registry[Any] = Registry()  # one that fetches nothing
    found = [innermost(each) for each in Draft202012Validator(json_schema(), registry=registry).iter_errors(value)]
    told = [CaseProblem(line_of(node, path(each)), worded(each)) for each in found]
    yield from sorted(told, key=lambda each: each.line)


def innermost(error: ValidationError) -> ValidationError:
    """Of alternatives that all fail, the fault of the one that fits best."""
    from jsonschema.exceptions import best_match  # type: ignore[import-untyped]

    if error.validator == "anyOf" and error.context:
        return best_match(error.context) or error
    return error


def path(error: ValidationError) -> list[str | int]:
    """Where a fault is; an unknown key is a place of its own."""
    place = list(error.absolute_path)
    return [*place, unknown(error)[0]] if error.validator == "additionalProperties" else place


def unknown(error: ValidationError) -> list[str]:
    """The keys that a fault says are unknown."""
    return sorted(map(str, set(error.instance) - set(error.schema["properties"])))


def worded(error: ValidationError) -> str:
    """A fault in words: path, what was expected. Values of the file are not quoted."""
    where = shown(list(error.absolute_path))
    match error.validator:
        case "additionalProperties":
            key = unknown(error)[0]
            return f"{where}no key {key[:40]!r} is known here{nearest(key, list(error.schema['properties']))}"
        case "required":
            missing = next(name for name in error.validator_value if name not in error.instance)
            if where == "" and missing == "end":
                return "the last entry, end, is missing: the file was cut off"
            return f"{where}the key {missing!r} is missing"
        case "type":
            return f"{where}{TYPES[error.validator_value]} was expected, not {TYPES[type_of(error.instance)]}"
        case "enum":
            words = ", ".join(map(str, error.validator_value))
            given = error.instance if isinstance(error.instance, str) else ""
            return f"{where}one of {words} was expected{nearest(given[:40], list(map(str, error.validator_value)))}"
        case "oneOf":
            words = ", ".join(each["required"][0] for each in error.validator_value)
            return f"{where}exactly one of the keys {words} was expected"
    return f"{where}{error.validator} {error.validator_value} was expected"


def type_of(value: JSON) -> str:
    """The JSON type of a value."""
    kinds: list[tuple[type | tuple[type, ...], str]] = [
        (bool, "boolean"), (int, "integer"), (float, "number"), (str, "string"), (dict, "object"), (list, "array"),
    ]  # fmt: skip
    return next((name for kind, name in kinds if isinstance(value, kind)), "null")


def shown(place: Sequence[str | int]) -> str:
    """A path as ``steps[0].answer: ``."""
    words = "".join(f"[{each}]" if isinstance(each, int) else f".{each}" for each in place).lstrip(".")
    return f"{words}: " if words else ""
