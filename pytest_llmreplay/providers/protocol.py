"""What a wire API must be able to do. PYTEST_DONT_REWRITE"""

from typing import Any, Protocol

from pytest_llmreplay.model.call import Answer, Call, Part
from pytest_llmreplay.model.jsonvalue import Object
from pytest_llmreplay.model.trace import Hints
from pytest_llmreplay.model.wire import WireRequest, WireResponse


class Provider(Protocol):
    """One wire API. ``name`` is its name in the registry; all methods are pure."""

    name: str

    def spoken_by(self, hints: Hints) -> bool:
        """Whether a span with these hints was recorded from this API."""

    def asks(self, body: Object) -> bool:
        """Whether a decoded object has the shape of a request of this API (or of its SDK's keyword arguments)."""

    def tells(self, body: Object) -> bool:
        """Whether a decoded object is a whole answer of this API."""

    def claims(self, request: WireRequest) -> bool:
        """Whether the request speaks this API, by path and body, never by host."""

    def call(self, request: WireRequest) -> Call:
        """The question that a request asks. Raises ValueError for a body that is not of this API."""

    def answer(self, call: Call, answer: Answer) -> WireResponse:
        """The response that gives an answer: a stream if the call asked for one, an error status for an error."""

    def read(self, response: WireResponse) -> Answer:
        """The answer that a response gives, stream or not. Raises ValueError for a body that is not of this API."""

    def call_of_body(self, body: Object) -> Call:
        """The question of a decoded request body (or of the SDK's keyword arguments, which traces hold)."""

    def answer_of_body(self, body: Object) -> Answer:
        """The answer of a decoded response body."""

    def pin(self, body: dict[str, Any], seed: int) -> tuple[dict[str, Any], tuple[str, ...]]:
        """A request body with ``seed`` and temperature 0, and the names of what the API does not take."""

    def parts(self, content: Any) -> tuple[Part, ...]:
        """Message content (text, or a list of this API's blocks) as parts."""
