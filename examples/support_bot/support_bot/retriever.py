"""Lexical search over the shop's policies."""

import json
import re
from pathlib import Path
from typing import TypedDict

POLICIES = Path(__file__).with_name("policies.json")
STOP_WORDS = frozenset(
    ("a", "an", "and", "do", "does", "for", "have", "how", "i", "is", "it", "of", "or", "the", "to", "what")
)


class Document(TypedDict):
    """One policy as the prompt gets it."""

    id: str
    title: str
    text: str
    score: float


def search(query: str, top_k: int = 3) -> list[Document]:
    """Return the policies that share most words with the query, best first."""
    wanted = _words(query)
    found: list[Document] = []
    for policy in json.loads(POLICIES.read_text(encoding="utf-8")):
        shared = wanted & _words(f"{policy['title']} {policy['text']}")
        if shared:
            score = round(len(shared) / len(wanted), 3)
            found.append(Document(id=policy["id"], title=policy["title"], text=policy["text"], score=score))
    return sorted(found, key=lambda document: (-document["score"], document["id"]))[:top_k]


def _words(text: str) -> set[str]:
    return set(re.findall(r"[a-z0-9]+", text.lower())) - STOP_WORDS
