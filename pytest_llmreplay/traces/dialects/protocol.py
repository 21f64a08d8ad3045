"""What an attribute vocabulary must be able to do. PYTEST_DONT_REWRITE"""

from dataclasses import dataclass
from typing import Any, Protocol

from pytest_llmreplay.model.call import Answer, Call, Part, Proviso
from pytest_llmreplay.model.jsonvalue import Object
from pytest_llmreplay.model.trace import Hints, Span
from pytest_llmreplay.model.wire import RawExchange


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A call with its answer, as one span tells of it."""

    call: Call
    answer: Answer
    incomplete: str | None = None
    """Why it cannot be replayed from this span alone."""
    proviso: Proviso | None = None
    """What the question has to show when it comes; else it cannot be replayed."""
    supplement: bool = False
    """Made by the SDK itself beside an instrumentation's span: it adds to that one and does not count."""
    raw: RawExchange | None = None
    """Request and response byte for byte; beside them call and answer of other spans count no more."""
    holds: bool = False
    """Of a workflow or an agent: there for the calls inside it, and no call of itself."""
    losses: tuple[tuple[str, str], ...] = ()
    """Path of what is missing, and what a replay does about it.

    Only what the assembled step does not show by itself.
    """


class Vocabulary(Protocol):
    """What a dialect needs of a wire API: the part of a registered provider that reads decoded bodies."""

    name: str

    def spoken_by(self, hints: Hints) -> bool:
        """Whether a span with these hints was recorded from this API."""

    def asks(self, body: Object) -> bool:
        """Whether an object has the shape of a request."""

    def tells(self, body: Object) -> bool:
        """Whether an object is a whole answer."""

    def call_of_body(self, body: Object) -> Call:
        """The question of a request."""

    def answer_of_body(self, body: Object) -> Answer:
        """The answer of a response."""

    def parts(self, content: Any) -> tuple[Part, ...]:
        """Message content as parts."""


class Dialect(Protocol):
    """One attribute vocabulary. ``name`` is its name in the registry; ``exchange`` is pure."""

    name: str

    def exchange(self, span: Span) -> Exchange | None:
        """The call and answer of a span, or None where it is no call or not of this vocabulary."""
