"""Conversations, tools and answers of every shape, as hypothesis draws them. PYTEST_DONT_REWRITE"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from pytest_llmreplay.model.call import Answer, Choice, Message, Part, Text, Tool, ToolCall, ToolResult, Usage
from pytest_llmreplay.model.jsonvalue import JSON

if TYPE_CHECKING:
    from pytest_llmreplay.testing.driver import Question

NASTY: Sequence[str] = (
    "\u2028\u2029", "\x85", "event: x\ndata: y\n\n", "data: [DONE]", "\r\n\r", "\0", "👩‍👩‍👧", "\x1b[31m", "é\u0301",
    "\\ud800", '"}]}', "</s>", "\ufeff", "\u202e", " ",
)  # fmt: skip
"""Texts that mean something to a framing, a terminal or a decoder."""
NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,15}", fullmatch=True)
LONG = st.builds(str.__mul__, st.sampled_from(["word ", "長い文", "no_blank"]), st.integers(200, 900))
WORDS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=120), st.sampled_from(NASTY), LONG
)
"""Texts of at least one character, of any script, some of them long. No lone surrogates: SDKs cannot send them."""
PROSE = st.just("") | WORDS
ARGUMENTS = st.dictionaries(
    st.text(max_size=8),
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers(-(2**53), 2**53)
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(max_size=30),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
        max_leaves=6,
    ),
    max_size=4,
)
"""Arguments of a tool: an object of any JSON."""
SCHEMAS: st.SearchStrategy[JSON] = st.dictionaries(
    NAMES, st.fixed_dictionaries({"type": st.sampled_from(["string", "integer", "boolean"])}), min_size=1, max_size=3
).map(lambda properties: {"type": "object", "properties": properties})
TOOLS = st.lists(
    st.builds(Tool, NAMES, WORDS.filter(str.strip), SCHEMAS), max_size=12, unique_by=lambda each: each.name
).map(tuple)
COUNTS = st.integers(1, 10**6)
NONE: st.SearchStrategy[str | None] = st.none()


def calls(most: int = 4, ids: st.SearchStrategy[str] | None = NAMES) -> st.SearchStrategy[list[ToolCall]]:
    """Up to so many parallel calls, each with an id of its own; ``ids=None`` for an API that has none."""
    if ids is None:
        return st.lists(st.builds(ToolCall, NAMES, ARGUMENTS), max_size=most)
    return st.lists(st.builds(ToolCall, NAMES, ARGUMENTS, ids), max_size=most, unique_by=lambda each: each.id)


@st.composite
def messages(draw: st.DrawFn, *, empty: bool = True, ids: bool = True, results: bool = True) -> tuple[Message, ...]:
    """A conversation: perhaps a system text, then turns of user, assistant and tools, and a question at the end.

    ``empty``: turns may say nothing. ``ids``: calls and results are joined by ids. ``results``: calls are followed by
    what the tools gave back.
    """
    said = PROSE if empty else WORDS
    words = draw(st.none() | WORDS)
    out = [] if words is None else [Message("system", (Text(words),))]
    for _ in range(draw(st.integers(0, 3))):
        out.append(Message("user", (Text(draw(said)),)))
        made = draw(calls(ids=NAMES if ids else None))
        spoken = draw(PROSE if made else said)
        parts: tuple[Part, ...] = (*([Text(spoken)] if spoken else []), *made)
        out.append(Message("assistant", parts))
        out += [Message("tool", (ToolResult(draw(said), each.id),)) for each in made if results]
    return (*out, Message("user", (Text(draw(WORDS)),)))


def questions(
    *,
    empty: bool = True,
    ids: bool = True,
    results: bool = True,
    tools: st.SearchStrategy[tuple[Tool, ...]] = TOOLS,
) -> "st.SearchStrategy[Question]":
    """Conversations with tools to call; ids of calls are unique within one turn only."""
    from pytest_llmreplay.testing.driver import Question

    return st.builds(Question, messages=messages(empty=empty, ids=ids, results=results), tools=tools)


def texts() -> "st.SearchStrategy[Question]":
    """One to five texts, each a message of its own."""
    from pytest_llmreplay.testing.driver import Question

    each = WORDS.map(lambda words: Message("user", (Text(words),)))
    return st.builds(Question, messages=st.lists(each, min_size=1, max_size=5).map(tuple))


def usages() -> st.SearchStrategy[Usage]:
    """Counts of tokens."""
    return st.builds(Usage, input=COUNTS, output=COUNTS)


def answers(
    provider: str,
    *,
    reasons: Sequence[str] = ("stop", "length"),
    parts: st.SearchStrategy[tuple[Part, ...]] | None = None,
    most: int = 1,
    named: bool = True,
    usage: st.SearchStrategy[Usage] | None = None,
) -> st.SearchStrategy[Answer]:
    """Answers: up to ``most`` choices, each ending for one of the provider's own reasons.

    ``named``: the API gives an answer an id and a model.
    """
    said = st.tuples(st.lists(WORDS.map(Text), max_size=1), calls()).map(lambda pair: (*pair[0], *pair[1]))
    choice = st.builds(Choice, parts=said if parts is None else parts, finish_reason=st.sampled_from(reasons))
    return st.builds(
        Answer,
        choices=st.lists(choice, min_size=1, max_size=most).map(tuple),
        provider=st.just(provider),
        model=NAMES if named else NONE,
        id=NAMES if named else NONE,
        usage=usages() if usage is None else usage,
    )


def vectors(
    provider: str,
    *,
    most: int = 5,
    model: st.SearchStrategy[str | None] = NONE,
    identity: st.SearchStrategy[str | None] = NONE,
) -> st.SearchStrategy[Answer]:
    """Up to ``most`` embeddings in 32-bit floats, which survive every encoding."""
    vector = st.lists(st.floats(-1, 1, width=32), min_size=4, max_size=4).map(tuple)
    return st.builds(
        Answer,
        provider=st.just(provider),
        vectors=st.lists(vector, min_size=1, max_size=most).map(tuple),
        usage=st.builds(Usage, input=COUNTS),
        model=model,
        id=identity,
    )


MEMBERS = st.sampled_from(
    ["role", "content", "type", "text", "message", "messages", "tool_calls", "function", "id", "arguments", "name",
     "prompt", "thinking", "choices", "delta", "usage", "tokens", "meta", "results", "documents", "query", "embeddings",
     "embedding", "input", "texts", "inputs", "images", "options", "stream", "stream_options", "tools", "parameters",
     "chat_history", "tool_results", "response", "done", "error", "detail", "index", "created_at", "data", "event_type",
     "source", "image_url", "file", "url", "reasoning", "output", "system", "functions", "contents", "parts",
     "candidates", "usageMetadata", "instances", "requests", "predictions", "toolConfig", "item", "output_index",
     "content_block", "extra_body", "config", "generationConfig", "functionCall", "metadata", "stop_reason", "query"]
)  # fmt: skip
JUNK: st.SearchStrategy[JSON] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(MEMBERS, inner, max_size=5),
    max_leaves=20,
)
"""JSON that has the members of wire APIs in places where they do not belong."""
OBJECTS = st.dictionaries(MEMBERS, JUNK, max_size=6)
