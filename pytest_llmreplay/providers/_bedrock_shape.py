"""How one maker of models writes the bodies of InvokeModel. PYTEST_DONT_REWRITE"""

from collections.abc import Iterator
from typing import Any, Protocol

from pytest_llmreplay.model.call import Answer, Call
from pytest_llmreplay.model.jsonvalue import JSON, Object


class Shape(Protocol):
    """How one maker writes requests and answers."""

    @property
    def name(self) -> str:
        """Names the shape."""

    def call(self, body: Object) -> Call:
        """The question of a request."""

    def body(self, call: Call, answer: Answer) -> JSON:
        """A whole answer."""

    def chunks(self, body: Object) -> Iterator[dict[str, Any]]:
        """An answer as the chunks of a stream."""

    def tells(self, body: Object) -> bool:
        """Whether a body is an answer of this shape."""

    def answer(self, body: Object) -> Answer:
        """The answer of a whole body."""

    def joined(self, chunks: list[Object]) -> Object:
        """The chunks of a stream put together to a whole body."""
