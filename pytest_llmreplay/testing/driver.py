"""How the suite asks through a real SDK, and what it wants to see of the answer. PYTEST_DONT_REWRITE"""

from collections.abc import Sequence
from dataclasses import dataclass

from hypothesis import strategies as st

from pytest_llmreplay import registry
from pytest_llmreplay.model.call import Answer, Call, Choice, Message, Reasoning, Refusal, Text, Tool, ToolCall
from pytest_llmreplay.model.jsonvalue import JSON
from pytest_llmreplay.model.wire import WireRequest, WireResponse
from pytest_llmreplay.providers.protocol import Provider
from pytest_llmreplay.testing import conversations


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What an application asks: a conversation and tools, or the texts to embed or to rank (one message each)."""

    messages: tuple[Message, ...]
    tools: tuple[Tool, ...] = ()
    stream: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenChoice:
    """What an application sees of one choice: joined texts, and each call's name, arguments and id."""

    text: str = ""
    refusal: str = ""
    reasoning: str = ""
    calls: tuple[tuple[str, JSON, str | None], ...] = ()
    finish_reason: str | None = None

    @classmethod
    def of(cls, choice: Choice) -> "SeenChoice":
        """What there is to see of a recorded choice."""
        return cls(
            text="".join(part.content for part in choice.parts if isinstance(part, Text)),
            refusal="".join(part.content for part in choice.parts if isinstance(part, Refusal)),
            reasoning="".join(part.content for part in choice.parts if isinstance(part, Reasoning)),
            calls=tuple((part.name, part.arguments, part.id) for part in choice.parts if isinstance(part, ToolCall)),
            finish_reason=choice.finish_reason,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What an application sees of an answer, put together from its pieces where it was a stream."""

    choices: tuple[SeenChoice, ...] = ()
    usage: tuple[int | None, int | None] | None = None
    """Tokens read and written; None where the API tells none."""
    vectors: tuple[tuple[float, ...], ...] = ()
    more: JSON = None
    """All else that a stream and a whole must have in common: ids, models, the provider's own members."""


class Wire:
    """The far end of an SDK: keeps what was asked, and answers all with one answer."""

    def __init__(self, provider: str, answer: Answer) -> None:
        self.provider: Provider = registry.load("providers", provider)
        self.answer = answer
        self.requests: list[WireRequest] = []
        self.calls: list[Call] = []
        self.responses: list[WireResponse] = []

    def respond(self, request: WireRequest) -> WireResponse:
        """The response to a request, which the provider must claim. Raises AssertionError, ValueError."""
        assert self.provider.claims(request), f"{request.method} {request.path} is not claimed"
        self.requests.append(request)
        self.calls.append(self.provider.call(request))
        self.responses.append(self.provider.answer(self.calls[-1], self.answer))
        return self.responses[-1]

    @property
    def call(self) -> Call:
        """The only call."""
        (found,) = self.calls
        return found


class Driver:
    """One SDK for one wire API. A subclass says how it is asked; all else has a default."""

    provider: str
    """Registered name."""
    path: str
    """Path (and query) of a request that the provider claims, if its body is right."""
    streams = True
    """Whether the API can stream."""
    counts = True
    """Whether the SDK shows how many tokens were read and written."""
    failure: type[Exception] = Exception
    """What the SDK raises for an answer of status 400."""
    lost: frozenset[str] = frozenset()
    """What of a question the API cannot carry, in the words of ``Known.lost``."""

    @property
    def label(self) -> str:
        """What tests call it."""
        return self.provider

    def questions(self) -> st.SearchStrategy[Question]:
        """Questions that the SDK can ask."""
        return conversations.questions()

    def answers(self) -> st.SearchStrategy[Answer]:
        """Answers that the API can give, with the provider's own name and words, and with nothing left out."""
        return conversations.answers(self.provider)

    def ask(self, wire: Wire, question: Question) -> Seen:
        """Ask through the SDK, whose transport ends at ``wire``, and gather what it shows."""
        raise NotImplementedError

    def stripped(self, answer: Answer) -> Answer:
        """An answer that was read, without what the API adds by itself: sums of counters, made-up ids."""
        return answer


def plain_words(messages: Sequence[Message]) -> list[str]:
    """The text of each message, for APIs that know no conversation."""
    return ["".join(part.content for part in each.parts if isinstance(part, Text)) for each in messages]
