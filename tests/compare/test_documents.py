"""How two lists of documents differ."""

from typing import Any

import pytest

from pytest_llmreplay.compare.documents import document_difference, in_words, label
from pytest_llmreplay.model.recording import Difference


@pytest.mark.parametrize(
    ("document", "known_by"),
    [
        ({"id": "d1", "text": "words"}, "d1"),
        ({"id": 7, "text": "words"}, "7"),
        ({"id": "", "doc_id": "d2"}, "d2"),
        ({"id": None, "document_id": "d3"}, "d3"),
        ({"page_content": "words", "metadata": {"source": "a.md"}}, "a.md"),
        ({"id": "d1", "metadata": {"source": "a.md"}}, "d1"),
        ({"page_content": "  Some\n words ", "metadata": None}, "Some words"),
        ({"content": "words"}, "words"),
        ({"title": "A title", "text": "words"}, "words"),
        ("a text", "a text"),
        ("x" * 100, "x" * 60),
        ({"score": 1}, "{'score': 1}"),
        (7, "7"),
        (None, "None"),
    ],
)
def test_a_document_is_known_by_its_id_or_its_first_words(document: Any, known_by: str) -> None:
    assert label(document) == known_by


def test_a_difference_is_told_in_labels() -> None:
    old, new = [{"id": "a"}, {"id": "b"}], [{"id": "b"}, {"id": "c"}]
    assert document_difference(old, new) == Difference("documents", ["a", "b"], ["b", "c"])
    assert document_difference(old, [*reversed(old)]) == Difference("documents", ["a", "b"], ["b", "a"])
    assert document_difference(old, []) == Difference("documents", ["a", "b"], [])


@pytest.mark.parametrize(
    ("recorded", "live"),
    [
        ([{"id": "a", "score": 1}], [{"id": "a", "score": 2}]),
        ([], []),
        ({"id": "a"}, [{"id": "a"}]),
        ([{"id": "a"}], None),
        ("a", "b"),
    ],
)
def test_where_the_labels_are_the_same_or_are_none_there_is_nothing_to_tell(recorded: Any, live: Any) -> None:
    assert document_difference(recorded, live) is None


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("abc", "a", "2 documents lost"),
        ("a", "ab", "1 document new"),
        ("ab", "bc", "1 document lost, 1 document new"),
        ("ab", "ba", "documents in another order"),
        ("aab", "ab", "documents in another order"),
        ("", "abc", "3 documents new"),
    ],
)
def test_in_a_few_words(old: str, new: str, words: str) -> None:
    assert in_words(old, new) == words
