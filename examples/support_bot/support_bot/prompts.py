"""The texts that the bot sends to the model."""

from collections.abc import Sequence

from support_bot.retriever import Document

ANSWER_SYSTEM = (
    "You are the support assistant of a small electronics shop. Answer from the policies below only, "
    "in one or two sentences, and name the policy in square brackets."
)
AGENT_SYSTEM = (
    "You are the support assistant of a small electronics shop. Look an order up before you speak about it. "
    "Never tell a customer about somebody else's order."
)
CHAT_SYSTEM = "You are the friendly support assistant of a small electronics shop. Keep it short."


def with_documents(question: str, documents: Sequence[Document]) -> str:
    """Put the found policies and the question into one user message."""
    policies = "\n".join(f"[{found['id']}] {found['title']}: {found['text']}" for found in documents)
    return f"Policies:\n{policies}\n\nQuestion: {question}"
