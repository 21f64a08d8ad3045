"""What a snapshot file looks like, as a type; the JSON schema for editors is made from it. PYTEST_DONT_REWRITE"""

import json
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from pytest_llmreplay.snapshots.store import SCHEMA


class SnapshotFile(msgspec.Struct, forbid_unknown_fields=True):
    """Values that somebody approved, as pytest-llmreplay keeps them beside the tests."""

    format: Annotated[Literal[1], Meta(description="Version of this format.")]
    entries: Annotated[dict[str, Any], Meta(description="Approved values by the names of their tests, in order.")]
    count: Annotated[int, Meta(ge=0, description="How many entries were written.")]
    checksum: Annotated[
        Annotated[str, Meta(pattern="^[0-9a-f]{16}$")] | int | float,
        Meta(description="Over all lines above count; of digits alone it is a number to YAML."),
    ]
    schema: Annotated[str, Meta(description="The schema that editors check the file with.")] = msgspec.field(
        default=SCHEMA, name="$schema"
    )
    salt: Annotated[str, Meta(description="The key of the marks that stand for secrets.")] = ""


def json_schema() -> dict[str, Any]:
    """The JSON schema of a snapshot file (draft 2020-12)."""
    _, definitions = msgspec.json.schema_components([SnapshotFile])
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA,
        **definitions["SnapshotFile"],
    }


def schema_text() -> str:
    """The JSON schema as it is shipped and published."""
    return json.dumps(json_schema(), indent=2) + "\n"
