"""How two lists of documents differ: which were lost or new, and their order. PYTEST_DONT_REWRITE"""

from collections.abc import Mapping, Sequence
from typing import Any

from pytest_llmreplay.model.recording import Difference

IDS = ("id", "doc_id", "document_id", "source", "uri", "url")
TEXTS = ("page_content", "content", "text", "body", "title")
LABEL_LENGTH = 60
PATH = "documents"


def label(document: Any) -> str:
    """What a reader knows a document by: its id, or how its text begins."""
    if isinstance(document, Mapping):
        inner = document.get("metadata")
        for each in (document, inner if isinstance(inner, Mapping) else {}):
            for name in IDS:
                if each.get(name) not in (None, ""):
                    return str(each[name])
        for name in TEXTS:
            if isinstance(document.get(name), str):
                return beginning(document[name])
    return beginning(document if isinstance(document, str) else str(document))


def beginning(text: str) -> str:
    """The first words of a text."""
    return " ".join(text.split())[:LABEL_LENGTH]


def document_difference(recorded: Any, live: Any) -> Difference | None:
    """One difference between two lists of documents, as labels.

    None where these are no lists, or the labels are the same.
    """
    if not isinstance(recorded, list) or not isinstance(live, list):
        return None
    old, new = [label(each) for each in recorded], [label(each) for each in live]
    return Difference(PATH, old, new) if old != new else None


def in_words(old: Sequence[str], new: Sequence[str]) -> str:
    """A difference between two lists of labels in a few words."""
    lost, found = [each for each in old if each not in new], [each for each in new if each not in old]
    words = [counted(len(lost), "lost")] * bool(lost) + [counted(len(found), "new")] * bool(found)
    return ", ".join(words) or "documents in another order"


def counted(count: int, word: str) -> str:
    """``1 document lost``, ``2 documents lost``."""
    return f"{count} document{'' if count == 1 else 's'} {word}"
