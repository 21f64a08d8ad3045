"""Texts, arguments and JSON of any shape, for tests of what goes out and comes back."""

from hypothesis import strategies as st

from pytest_llmreplay.model.call import Text, ToolCall

NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,15}", fullmatch=True)
WORDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=120)
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
TEXT = st.lists(WORDS.map(Text), max_size=1)
CALLS = st.lists(st.builds(ToolCall, NAMES, ARGUMENTS, NAMES), max_size=4, unique_by=lambda each: each.id)
CALLS_WITHOUT_ID = st.lists(st.builds(ToolCall, NAMES, ARGUMENTS), max_size=4)
MEMBERS = st.sampled_from(
    ["role", "content", "type", "text", "message", "messages", "tool_calls", "function", "id", "arguments", "name",
     "prompt", "thinking", "choices", "delta", "usage", "tokens", "meta", "results", "documents", "query", "embeddings",
     "embedding", "input", "texts", "inputs", "images", "options", "stream", "tools", "parameters", "chat_history",
     "tool_results", "response", "done", "error", "detail", "index", "created_at", "data", "event_type"]
)  # fmt: skip
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(MEMBERS, inner, max_size=5),
    max_leaves=20,
)
"""JSON that has the members of wire APIs in places where they do not belong."""
OBJECTS = st.dictionaries(MEMBERS, JUNK, max_size=6)
