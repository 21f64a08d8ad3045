"""The JSON schema of snapshot files."""

from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
import yaml

import pytest_llmreplay.snapshots
from pytest_llmreplay.redaction.redactor import Redactor
from pytest_llmreplay.snapshots.store import SCHEMA, change
from pytest_llmreplay.snapshots.storeshape import json_schema, schema_text
from pytest_llmreplay.writing import Guard

ROOT = Path(__file__).parents[2]


@pytest.fixture
def document(tmp_path: Path) -> dict[str, Any]:
    """A snapshot file as an editor reads it."""
    path = tmp_path / "__llm__" / "test_shop.yaml"
    change(path, {"test_a": {"text": "Hi.", "n": [1, None]}, "test_b": None}, Guard(Redactor(environment={})))
    found: dict[str, Any] = yaml.safe_load(path.read_bytes())
    return found


def test_the_schema_is_shipped_and_published_as_the_type_says() -> None:
    shipped = Path(pytest_llmreplay.snapshots.__file__).parent / "snapshots-1.json"
    for path in (shipped, ROOT / "docs" / "schema" / "snapshots-1.json"):
        assert path.read_text(encoding="utf-8") == schema_text()


def test_it_is_a_schema_and_holds_for_a_file_that_names_it(document: dict[str, Any]) -> None:
    jsonschema.Draft202012Validator.check_schema(json_schema())
    jsonschema.Draft202012Validator(json_schema()).validate(document)
    assert document["$schema"] == SCHEMA == json_schema()["$id"]


@pytest.mark.parametrize(
    ("name", "value"),
    [("format", 2), ("entries", []), ("count", -1), ("checksum", "3f"), ("salt", 1), ("other", 1)],
)
def test_what_is_wrong_is_found(document: dict[str, Any], name: str, value: object) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(json_schema()).validate({**document, name: value})


@pytest.mark.parametrize("name", ["format", "entries", "count", "checksum"])
def test_what_is_missing_is_found(document: dict[str, Any], name: str) -> None:
    del document[name]
    with pytest.raises(jsonschema.ValidationError, match=f"'{name}' is a required property"):
        jsonschema.Draft202012Validator(json_schema()).validate(document)
