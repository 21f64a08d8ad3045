"""What production did for one request. PYTEST_DONT_REWRITE"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, NamedTuple, TypeAlias

from pytest_llmreplay.model.call import Answer, Arguments, Call, Proviso
from pytest_llmreplay.model.jsonvalue import JSON
from pytest_llmreplay.model.wire import RawExchange

Status: TypeAlias = Literal["ok", "error", "unset"]
MODEL_KINDS = frozenset({"chat", "completion", "embedding", "rerank"})
"""Kinds of calls that are asked of a model."""
HTTP_KINDS = MODEL_KINDS | {"http"}
"""Kinds of calls that are asked over HTTP: of a model, or plain ones."""
NOTHING: Final[Mapping[str, Any]] = {}
"""The attributes of what has none."""


@dataclass(frozen=True, slots=True)
class Hints:
    """What a span says of the wire API that it was recorded from."""

    system: str = ""
    """``gen_ai.provider.name``, ``gen_ai.system``, ``llm.system`` or ``llm.provider``, in lower case."""
    scope: str = ""
    """Name of the instrumentation scope."""
    name: str = ""
    """Name of the span."""
    operation: str = ""
    """``gen_ai.operation.name``, ``llm.request.type`` or ``openinference.span.kind``, in lower case."""
    api: str = ""
    """``openai.api.type`` and the like."""
    address: str = ""
    """``server.address``, or the base URL."""


class Event(NamedTuple):
    """Something that happened at one moment within a span."""

    name: str
    time_ns: int
    attributes: Mapping[str, Any]


class LogRecord(NamedTuple):
    """A log record that names a span by its ids (GenAI events, conventions 1.28 to 1.36)."""

    trace_id: str
    span_id: str
    name: str
    time_ns: int
    attributes: Mapping[str, Any]
    body: Any


class Span(NamedTuple):
    """One timed node of a trace, as its file holds it. Times are nanoseconds since the epoch.

    A named tuple as all that readers make by the million: a frozen dataclass of so many fields costs ten times as much.
    """

    trace_id: str
    span_id: str
    parent_id: str | None
    name: str
    start_ns: int
    end_ns: int
    status: Status = "unset"
    status_message: str = ""
    attributes: Mapping[str, Any] = NOTHING
    events: tuple[Event, ...] = ()
    logs: tuple[LogRecord, ...] = ()
    scope: str = ""
    scope_version: str = ""
    resource: Mapping[str, Any] = NOTHING
    dropped_attributes: int = 0
    """How many attributes the SDK's limits took away."""


@dataclass(frozen=True, slots=True)
class Loss:
    """One thing that a step had in production and the trace does not hold."""

    step: int
    """Number of the step, from 1."""
    field: str
    """Path of what is missing, such as ``answer.usage``."""
    remedy: str
    """What a replay does instead."""

    def __str__(self) -> str:
        return f"step {self.step}: {self.field} is not in the trace; {self.remedy}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A recorded call with its answer, and its place in the trace."""

    index: int
    """From 1, in order of start."""
    span_id: str
    parent_id: str | None
    name: str
    """The model's name, or the function's."""
    call: Call
    answer: Answer
    start_ns: int
    end_ns: int
    dialect: str
    span_name: str = ""
    incomplete: str | None = None
    """Why this step cannot be replayed, or None."""
    proviso: Proviso | None = None
    """What the question has to show when it comes; else the step cannot be replayed."""
    losses: tuple[tuple[str, str], ...] = ()
    """Path of what its span is known to drop, and what a replay does about it."""
    inside: tuple[str, ...] = ()
    """Ids of the spans around it, innermost first."""
    raw: RawExchange | None = None
    """Request and response byte for byte, where the trace holds them."""
    hints: Hints = Hints()
    """What its span says of who answered."""

    @property
    def asked_by_http(self) -> bool:
        """Whether the application asks this over HTTP, of a provider at an endpoint that is known or of any server."""
        return self.call.kind in HTTP_KINDS

    @property
    def names(self) -> frozenset[str]:
        """What the step may be called by: its name, its span's name, and either behind its kind."""
        words = {"retrieval": "retriever"}
        kind = words.get(self.call.kind, self.call.kind)
        plain = {self.name, self.span_name, self.span_name.rpartition(".")[0] or self.span_name}
        return frozenset(plain | {f"{kind} {name}" for name in plain})


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectations:
    """What people said in a case file: what it expects of a run, and why it is there."""

    output: JSON = None
    """The expected output; None where nobody approved one."""
    evaluators: tuple[JSON, ...] = ()
    """Registered names, or objects of one name with its arguments."""
    because: str | None = None
    """Why no output is expected."""
    title: str | None = None
    """Names the test in place of the input's first words."""
    note: str | None = None
    """Why the case is there."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a case file's trace was read from."""

    source: str
    """``file:line``."""
    instrumentation: tuple[str, ...]
    """Names and versions of what recorded it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """All that is inside a trace, decoded."""

    name: str
    spans: tuple[Span, ...]
    steps: tuple[Step, ...]
    arguments: Arguments | None
    output: JSON
    status: Status
    request_id: str | None = None
    session_id: str | None = None
    tags: tuple[str, ...] = ()
    scores: Mapping[str, JSON] = field(default_factory=dict)
    fidelity: tuple[Loss, ...] = ()
    notes: tuple[str, ...] = ()
    redacted_with: str | None = None
    """Salt of the marks that stand for secrets in it; None where nothing was redacted. A live call is redacted with
    the same salt before it is held against a step."""
    expectations: Expectations = Expectations()
    origin: Origin | None = None
    """Of a case file: where its trace was read from."""
    groups: tuple[Step, ...] = ()
    """Functions that hold other calls, without numbers: steps only where a test names them (``traces.groups``)."""


class Trace:
    """What production did for one request.

    A value: equal ids and sources are equal traces. The inside is decoded when it is first looked at, so that a suite
    of many thousand traces collects without opening them.
    """

    __slots__ = ("_contents", "_read", "source", "trace_id")

    def __init__(self, trace_id: str, source: str, read: Callable[[], Contents]) -> None:
        self.trace_id = trace_id
        self.source = source
        """``file:line`` of the first record that belongs to it."""
        self._read = read
        self._contents: Contents | None = None

    def __repr__(self) -> str:
        return f"<Trace {self.trace_id[:12]} of {self.source}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Trace) and (self.trace_id, self.source) == (other.trace_id, other.source)

    def __hash__(self) -> int:
        return hash((self.trace_id, self.source))

    @property
    def contents(self) -> Contents:
        """The decoded inside. Raises TraceError where the file no longer holds the trace."""
        if self._contents is None:
            self._contents = self._read()
        return self._contents

    @property
    def name(self) -> str:
        """Name of the root span."""
        return self.contents.name

    @property
    def input(self) -> JSON:
        """The root's input as the application got it: arguments by name, or the bare value. None where not recorded."""
        arguments = self.contents.arguments
        return None if arguments is None else arguments.value

    @property
    def arguments(self) -> Arguments | None:
        """The root's arguments, positional and named. None where not recorded."""
        return self.contents.arguments

    @property
    def output(self) -> JSON:
        """The root's output. None where not recorded."""
        return self.contents.output

    @property
    def spans(self) -> tuple[Span, ...]:
        """All spans: parents before children, siblings by start."""
        return self.contents.spans

    @property
    def steps(self) -> tuple[Step, ...]:
        """The recorded calls with their answers, in order of start."""
        return self.contents.steps

    @property
    def status(self) -> Status:
        """``error`` if the root or, where the root says nothing, any model call failed; else ``ok`` or ``unset``."""
        return self.contents.status

    @property
    def request_id(self) -> str | None:
        """The application's own id of the request."""
        return self.contents.request_id

    @property
    def session_id(self) -> str | None:
        """The conversation that the request belongs to."""
        return self.contents.session_id

    @property
    def tags(self) -> tuple[str, ...]:
        """Labels given in production."""
        return self.contents.tags

    @property
    def scores(self) -> Mapping[str, JSON]:
        """Scores given in production, by name."""
        return self.contents.scores

    @property
    def fidelity(self) -> tuple[Loss, ...]:
        """What the trace lacks, by step and field, and what a replay does about it."""
        return self.contents.fidelity

    @property
    def expectations(self) -> Expectations:
        """What a case file expects of a run; nothing for a trace of another kind."""
        return self.contents.expectations
