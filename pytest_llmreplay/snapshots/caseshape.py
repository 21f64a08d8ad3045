"""What a case file looks like, as types; the JSON schema for editors is made from them. PYTEST_DONT_REWRITE

The order of the fields is the order in the file: what a person reviews comes first, what only a replay needs last.
"""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from pytest_llmreplay.model.call import Kind, Proviso

VERSION = 1
SUFFIX = ".llmcase.yaml"
SCHEMA = f"https://pytest-llmreplay.readthedocs.io/schema/llmcase-{VERSION}.json"
Status = Literal["ok", "error", "unset"]


class Shape(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True, gc=False):
    """Base of all objects in a case file: a field that is left out has its default; an unknown one is an error."""


class Part(Shape):
    """One part of a message: text, or exactly one of the other kinds."""

    text: str | UnsetType = UNSET
    reasoning: str | UnsetType = UNSET
    signature: str | None = None
    refusal: str | UnsetType = UNSET
    tool_call: str | UnsetType = UNSET
    tool_result: str | UnsetType = UNSET
    media: str | UnsetType = UNSET
    other: str | UnsetType = UNSET
    arguments: Any = UNSET
    id: str | None = None
    legacy: bool = False
    reference: str = ""
    data: Any = UNSET


PART_KINDS = ("text", "reasoning", "refusal", "tool_call", "tool_result", "media", "other")
OnePart = Annotated[Part, Meta(extra_json_schema={"oneOf": [{"required": [name]} for name in PART_KINDS]})]
Text = Annotated[str, Meta(description="In place of parts, where there is one part and it is text.")]


class Message(Shape):
    """One turn of a conversation."""

    role: str
    text: Text | UnsetType = UNSET
    parts: list[OnePart] | UnsetType = UNSET


class Tool(Shape):
    """A tool that the model may call."""

    name: str
    description: str | None = None
    parameters: Any = None
    options: Any = None


class Choice(Shape):
    """One answer that the model offered."""

    role: str = "assistant"
    text: Text | UnsetType = UNSET
    parts: list[OnePart] | UnsetType = UNSET
    finish_reason: str | None = None
    details: dict[str, Any] = {}


class Usage(Shape):
    """Token counts."""

    input: int | None = None
    output: int | None = None
    cache_read: int | None = None
    cache_write: int | None = None
    reasoning: int | None = None


class Raised(Shape):
    """An exception that a function ended with."""

    type: str
    message: str


class Error(Shape):
    """An error that the provider answered with."""

    status: int
    type: str | None = None
    message: str = ""
    body: Any = None


class Answer(Shape):
    """What came back."""

    choices: list[Choice] = []
    returns: Annotated[Any, Meta(description="What the function returned.")] = UNSET
    raises: Raised | None = None
    error: Error | None = None
    vectors: list[list[float]] = []
    usage: Usage | None = None
    usage_in_stream: bool = False
    model: str | None = None
    provider: str | None = None
    id: str | None = None
    created: int = 0
    details: dict[str, Any] = {}
    seed: Annotated[str | UnsetType, Meta(description="What made-up values are derived from.")] = UNSET
    raw: Annotated[Any, Meta(description="The provider's whole body.")] = None


class Known(Shape):
    """Which parts of the call the trace knows; only these are compared."""

    fields: tuple[str, ...] = ("messages", "model", "tools")
    parameters: Annotated[tuple[str, ...], Meta(description="Names, or * where absence is knowledge, too.")] = ("*",)
    lost: tuple[str, ...] = ()


class Loss(Shape):
    """Something that the span is known to drop."""

    field: str
    remedy: str


Seconds = Annotated[float | int | None, Meta(description="Seconds since the trace began; as an integer nanoseconds.")]


class Hints(Shape):
    """What the span says of who answered."""

    system: str = ""
    scope: str = ""
    name: str = ""
    operation: str = ""
    api: str = ""
    address: str = ""


class Place(Shape):
    """Where and when the step was recorded, and what of it is known."""

    span: str
    within: Annotated[list[str], Meta(description="Ids of the spans around it, innermost first.")] = []
    name: Annotated[str, Meta(description="Name of the span.")] = ""
    start: Seconds = None
    took: Seconds = None
    dialect: str = ""
    known: Known = msgspec.field(default_factory=Known)
    losses: list[Loss] = []
    hints: Hints = msgspec.field(default_factory=Hints)
    incomplete: Annotated[str | None, Meta(description="Why the step cannot be replayed.")] = None
    proviso: Annotated[
        Proviso | None, Meta(description="What today's question has to show; else the step cannot be replayed.")
    ] = None


class Body(Shape):
    """Base of what has a body: text, or any bytes."""

    body: str = ""
    base64: Annotated[str | None, Meta(description="In place of the body where it is no text.")] = None


class RawRequest(Body, kw_only=True):
    """The request as the SDK sent it."""

    method: str
    url: str
    headers: dict[str, str] = {}


class RawResponse(Body, kw_only=True):
    """The response as the SDK got it."""

    status: int
    headers: dict[str, str] = {}
    again: Annotated[list[tuple[str, str]], Meta(description="Headers that came more than once.")] = []


class Raw(Shape):
    """One HTTP exchange, byte for byte."""

    request: RawRequest
    response: RawResponse


class Step(Shape):
    """A recorded call with its answer."""

    kind: Kind
    name: Annotated[str | None, Meta(description="The model, or the function.")] = None
    called: Annotated[str | UnsetType, Meta(description="What the step is called where that is not its name.")] = UNSET
    provider: str | None = None
    arguments: Annotated[dict[str, Any] | UnsetType, Meta(description="By name.")] = UNSET
    positional: Annotated[list[Any], Meta(description="Arguments without a name.")] = []
    messages: list[Message] = []
    tools: list[Tool] = []
    parameters: dict[str, Any] = {}
    stream: bool | None = None
    options: dict[str, Any] = {}
    answer: Answer = msgspec.field(default_factory=Answer)
    raw: Raw | None = None
    recorded: Place | None = None


class Span(Shape):
    """A span around the steps."""

    id: str
    parent: str | None = None
    name: str = ""
    status: Status = "unset"
    start: Seconds = None
    took: Seconds = None


class Origin(Shape):
    """The request in production."""

    id: Annotated[str, Meta(min_length=1)]
    name: str = ""
    request: str | None = None
    session: str | None = None
    status: Status = "ok"
    time: Annotated[str | None, Meta(description="When it began: RFC 3339, to the nanosecond.")] = None
    source: Annotated[str, Meta(description="File and line that it was read from.")] = ""
    instrumentation: list[str] = []
    scores: dict[str, Any] = {}


class End(Shape):
    """The last entry: a file without it was cut off."""

    steps: Annotated[int, Meta(ge=0)]
    sha256: Annotated[str, Meta(description="Over all that was recorded; other than written means edited by hand.")]


class CaseFile(Shape):
    """One recorded request of an application, as a test of pytest-llmreplay."""

    version: Annotated[int, Meta(description="Version of this format.")]
    trace: Origin
    end: End
    schema: Annotated[str, Meta(description="The schema that editors check the file with.")] = msgspec.field(
        default=SCHEMA, name="$schema"
    )
    title: Annotated[str | None, Meta(description="Names the test in place of the input's first words.")] = None
    note: Annotated[str | None, Meta(description="Why this case is here; yours.")] = None
    input: Annotated[dict[str, Any] | UnsetType, Meta(description="What the application is called with.")] = UNSET
    positional: Annotated[list[Any], Meta(description="Arguments of the application without a name.")] = []
    output: Annotated[Any, Meta(description="What the application answered in production.")] = None
    expected: Annotated[Any, Meta(description="What it shall answer; null where nobody has said so yet.")] = None
    because: Annotated[str | None, Meta(description="Why nothing is expected.")] = None
    evaluators: Annotated[
        list[str | dict[str, Any]], Meta(description="Registered names, or a name with its options.")
    ] = []
    tags: list[str] = []
    lost: Annotated[list[str], Meta(description="What the trace does not hold, and what a replay does instead.")] = []
    steps: list[Step] = []
    groups: Annotated[list[Step], Meta(description="Functions that hold steps; for tests that name them.")] = []
    spans: list[Span] = []


def json_schema() -> dict[str, Any]:
    """The JSON schema of a case file (draft 2020-12)."""
    (reference,), definitions = msgspec.json.schema_components([CaseFile], ref_template="#/$defs/{name}")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA,
        **reference,
        "$defs": {name: definitions[name] for name in sorted(definitions)},
    }


def schema_text() -> str:
    """The JSON schema as it is shipped and published."""
    import json

    return json.dumps(json_schema(), indent=2) + "\n"
