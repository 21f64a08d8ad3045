"""The evaluator of JSON by its schema. PYTEST_DONT_REWRITE

Nothing is ever fetched: a ``$ref`` leads to the schema's own definitions, or it is an error.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from pytest_llmreplay.compare.values import short
from pytest_llmreplay.evaluate.context import EvaluationContext
from pytest_llmreplay.evaluate.structure import MOST_EVIDENCE, NoJSON, OfJSON
from pytest_llmreplay.model.evaluation import Evidence, Score


@dataclass(frozen=True)
class JsonSchema(OfJSON):
    """The output is JSON that a schema allows."""

    registered: ClassVar[str] = "json_schema"

    schema: Any
    """A JSON schema (2020-12, or what its ``$schema`` says), or a class with ``model_json_schema()``."""

    def __post_init__(self) -> None:
        super().__post_init__()
        validator(self.decoded())

    def decoded(self) -> Any:
        """The schema itself."""
        made = getattr(self.schema, "model_json_schema", None)
        return made() if callable(made) else self.schema

    def __call__(self, ctx: EvaluationContext) -> Score:
        """Validate. Raises ValueError for a reference that leads out of the schema."""
        try:
            value = self.part(ctx.output)
        except NoJSON as error:
            return Score(False, str(error), (Evidence("output", ctx.output),))
        found = errors(self.decoded(), value)
        if not found:
            return Score(True, "valid")
        more = f" and {len(found) - 1} more" if len(found) > 1 else ""
        evidence = tuple(Evidence(self.place(path), value) for path, _, value in found[:MOST_EVIDENCE])
        return Score(False, f"{self.place(found[0][0])}: {found[0][1]}{more}", evidence)


def validator(schema: Any) -> Any:
    """The judge of a schema's values. Raises TypeError and ValueError for what is no schema."""
    import jsonschema  # type: ignore[import-untyped]
    from referencing import Registry

    if not isinstance(schema, bool | Mapping):
        raise TypeError(f"a schema is an object, not {short(schema)}")
    kind = jsonschema.validators.validator_for(schema, default=jsonschema.Draft202012Validator)
    try:
        kind.check_schema(schema)
    except jsonschema.SchemaError as error:
        raise ValueError(f"the schema is not valid at {error.json_path}: {error.message[:200]}") from None
    return kind(schema, registry=Registry())


def errors(schema: Any, value: Any) -> list[tuple[str, str, Any]]:
    """Path, message and value of all errors, those nearest to the root first. Raises ValueError."""
    from referencing.exceptions import Unresolvable

    try:
        found = sorted(validator(schema).iter_errors(value), key=lambda each: (len(each.path), each.json_path))
    except Unresolvable as error:
        raise ValueError(f"the schema's reference {error.ref!r} leads out of it, and nothing is fetched") from None
    return [(each.json_path.removeprefix("$").removeprefix("."), said(each), each.instance) for each in found]


def said(error: Any) -> str:
    """What is wrong, on one line, without the whole value."""
    whole = repr(error.instance)
    message = str(error.message)
    if len(whole) > 60:
        message = message.replace(whole, short(error.instance))
    return " ".join(message.split())[:200]
