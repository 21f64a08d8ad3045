"""A question that crossed the application's boundary, and what came back. PYTEST_DONT_REWRITE

The shapes follow the OpenTelemetry GenAI message model (semantic conventions 1.41).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from pytest_llmreplay.model.jsonvalue import JSON

Kind: TypeAlias = Literal["chat", "completion", "embedding", "rerank", "http", "retrieval", "tool", "function"]
"""What was asked. ``chat`` is every message API, whoever the provider is; ``http`` a request that is no model call;
``function`` a step of the application's own code that calls nothing else, such as a prompt builder or a parser."""

Proviso: TypeAlias = Literal["no arguments", "no tools"]
"""What today's question has to show before an answer that a trace holds in part counts as whole.

That the tools which the answer calls take no arguments, or that there are no tools to call.
"""

EVERYTHING: frozenset[str] = frozenset({"*"})
"""All names, as a set: what a live call and an untruncated raw request know of their parameters."""


@dataclass(frozen=True, slots=True)
class Text:
    """Plain text."""

    content: str


@dataclass(frozen=True, slots=True)
class Reasoning:
    """Thinking that the model showed; ``signature`` is the provider's opaque seal on it."""

    content: str
    signature: str | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """The model's words for declining."""

    content: str


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A request to run a tool. ``arguments`` is decoded JSON, or the text itself where it is not JSON."""

    name: str
    arguments: JSON
    id: str | None = None
    legacy: bool = False
    """OpenAI's ``function_call``, which has no id."""


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What a tool gave back, as the model was told."""

    content: str
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Media:
    """An image, sound or file; ``reference`` is its URI, or ``sha256:<hex>`` of inline data."""

    kind: str
    reference: str


@dataclass(frozen=True, slots=True)
class Other:
    """A block that only its provider understands, kept as it came."""

    type: str
    data: JSON


Part: TypeAlias = Text | Reasoning | Refusal | ToolCall | ToolResult | Media | Other


@dataclass(frozen=True, slots=True)
class Message:
    """One turn: who speaks, and the parts in order."""

    role: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool that the model may call."""

    name: str
    description: str | None = None
    parameters: JSON = None
    """JSON schema of the arguments."""
    options: JSON = None
    """All else that stood beside these: ``strict``, cache marks, a provider's own tool."""


@dataclass(frozen=True, slots=True)
class Known:
    """Which parts of a call its source knows. Only these may be compared."""

    fields: frozenset[str] = frozenset({"model", "messages", "tools"})
    """Of ``model``, ``messages``, ``tools``."""
    parameters: frozenset[str] = EVERYTHING
    """Names of the request parameters that were seen, or EVERYTHING where absence is knowledge, too."""
    lost: frozenset[str] = frozenset()
    """Details that this source drops: ``media``, ``documents``, ``other`` parts, ``reasoning``, ``developer_messages``,
    ``system_messages``, ``assistant_messages``, ``history`` (all messages but the last),
    ``key_case`` (member names are all in snake_case), ``turn_borders``,
    ``tool_ids``, ``tool_turns`` (calls and results in messages), ``tool_options``, ``tool_descriptions``,
    ``tool_parameters``, ``other_tools`` (those that are no functions), ``after_silence`` (all messages from the first
    without content on), ``model_vendor``."""


FULLY_KNOWN = Known()


@dataclass(frozen=True, slots=True)
class Arguments:
    """The arguments of a function, as they were passed. Defaults that were not passed are not there."""

    positional: tuple[JSON, ...] = ()
    named: Mapping[str, JSON] = field(default_factory=dict)

    @property
    def value(self) -> JSON:
        """By name where names are known; else the one value, or the list of them."""
        if self.named or not self.positional:
            return dict(self.named)
        return self.positional[0] if len(self.positional) == 1 else list(self.positional)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A question that crossed the application's boundary."""

    kind: Kind
    provider: str | None = None
    """Registered name of the wire API (``openai.chat``, ``anthropic.messages``), where it is known."""
    model: str | None = None
    """The model asked for; for a tool or a retriever its name."""
    messages: tuple[Message, ...] = ()
    tools: tuple[Tool, ...] = ()
    parameters: Mapping[str, JSON] = field(default_factory=dict)
    """Request parameters under their GenAI names (``temperature``, ``max_tokens``, ``stop_sequences`` …)."""
    stream: bool | None = None
    arguments: Arguments | None = None
    """Of a tool, a retriever or a function; None where they were not recorded."""
    options: Mapping[str, JSON] = field(default_factory=dict)
    """How the answer shall be delivered (``include_usage``); no part of the question."""
    known: Known = FULLY_KNOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Token counts. ``input`` holds cached tokens as well, as in the GenAI conventions."""

    input: int | None = None
    output: int | None = None
    cache_read: int | None = None
    cache_write: int | None = None
    reasoning: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiError:
    """An error that the provider answered with."""

    status: int
    type: str | None = None
    message: str = ""
    body: JSON = None
    """The decoded body where it is known; the provider's usual shape is made from the rest otherwise."""


@dataclass(frozen=True, slots=True)
class Failure:
    """An exception that a function ended with."""

    type: str
    """Qualified name, as ``module.Class`` or ``Class``."""
    message: str


@dataclass(frozen=True, slots=True)
class Returned:
    """What a function returned, as JSON."""

    value: JSON
    as_text: bool = field(default=False, compare=False)
    """Whether the source writes numbers, truth values and None as text, so that it cannot tell them from texts."""

    def told(self, live: JSON) -> bool:
        """Whether a live value would be written as the text that this is."""
        return self.as_text and (live is None or isinstance(live, int | float)) and str(live) == self.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One of the alternatives that a model offered."""

    parts: tuple[Part, ...] = ()
    finish_reason: str | None = None
    """The provider's own word, else the GenAI one (stop, length, tool_call, content_filter, error)."""
    role: str = "assistant"
    details: Mapping[str, JSON] = field(default_factory=dict)
    """Members of the provider's own: ``logprobs``, ``annotations``, ``stop_sequence``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back: choices, or an error."""

    choices: tuple[Choice, ...] = ()
    provider: str | None = None
    """Registered name of the wire API that it came from, where it is known."""
    model: str | None = None
    id: str | None = None
    usage: Usage | None = None
    usage_in_stream: bool = False
    """Whether a stream tells the usage even where the application did not ask for it, as some compatible hosts do."""
    error: ApiError | None = None
    returned: Returned | None = None
    """Of a tool, a retriever or a function."""
    failure: Failure | None = None
    """Of a tool, a retriever or a function that raised."""
    vectors: tuple[tuple[float, ...], ...] = ()
    """Embeddings, one for each input; empty where the trace has none."""
    created: int = 0
    """Seconds since the epoch."""
    seed: str = ""
    """What made-up values are derived from, so that they are the same in every run: trace and span id."""
    details: Mapping[str, JSON] = field(default_factory=dict)
    """Members of the provider's own: ``system_fingerprint``, ``service_tier``."""
    raw: JSON = None
    """The provider's whole body where the trace holds it; it is given back as it is."""


FINISH_CLASSES: Mapping[str, frozenset[str]] = {
    "stop": frozenset({"stop", "end_turn", "completed", "complete", "stop_sequence", "finish", "eos", "endoftext"}),
    "length": frozenset({"length", "max_tokens", "max_output_tokens", "model_length", "incomplete"}),
    "tool_call": frozenset({"tool_call", "tool_calls", "tool_use", "function_call"}),
    "content_filter": frozenset(
        {"content_filter", "content_filtered", "refusal", "safety", "guardrail_intervened", "recitation"}
    ),
    "error": frozenset({"error"}),
}


def finish_class(word: str) -> str:
    """The GenAI finish reason for a provider's own word; an unknown word stays as it is."""
    lowered = word.lower()
    for name, words in FINISH_CLASSES.items():
        if lowered in words:
            return name
    return word
