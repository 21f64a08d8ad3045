"""JSON as YAML that reads well: what is written comes back as it was, and nothing else is taken for JSON."""

import math
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from pytest_llmreplay.snapshots.yamltext import InLine, YamlProblem, line_of, plain, read, read_with_nodes, written

AWKWARD = st.text(" \n\t\r\x85\u2028ab#:-'\"|>{}[]&*!%@`?,=~0123456789.e_+é", max_size=30)
TEXTS = st.text(st.characters(exclude_categories=["Cs"])) | AWKWARD
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner),
    max_leaves=15,
)


@given(st.dictionaries(TEXTS, VALUES))
def test_every_json_object_comes_back_as_it_was(value: dict[str, Any]) -> None:
    assert read(written(value).encode()) == value


@given(st.dictionaries(TEXTS, VALUES))
def test_what_is_written_reads_the_same_by_any_yaml_library(value: dict[str, Any]) -> None:
    assert yaml.safe_load(written(value)) == value


def test_text_of_several_lines_is_a_block_and_long_text_is_folded() -> None:
    value = {
        "prompt": "Be brief. \n\tName the policy.\n\nThanks.",
        "answer": "Send it back within thirty days, " * 4 + "says our policy.",
        "place": InLine({"span": "5d1f", "took": 0.25}),
        "words": ["yes", "1e5", "010", "2026-01-01", "null"],
    }
    assert written(value) == (
        "prompt: |-\n"
        "  Be brief. \n"
        "  \tName the policy.\n"
        "\n"
        "  Thanks.\n"
        "answer: >-\n"
        "  Send it back within thirty days, Send it back within thirty days, Send it back within thirty days, "
        "Send it back within thirty\n"
        "  days, says our policy.\n"
        "place: {span: 5d1f, took: 0.25}\n"
        "words:\n"
        "  - 'yes'\n"
        "  - '1e5'\n"
        "  - '010'\n"
        "  - '2026-01-01'\n"
        "  - 'null'\n"
    )


def test_what_no_file_can_hold_becomes_what_json_has() -> None:
    value = {"a": math.inf, "b": (1, math.nan), "c": "x\ud800", "d\udfff": {}}
    assert plain(value) == {"a": None, "b": [1, None], "c": "x\ufffd", "d\ufffd": {}}


def test_a_plain_word_means_what_it_means_in_json() -> None:
    text = b"a: yes\nb: 010\nc: 2026-01-01\nd: 1e3\ne: ~\n404: x\ng: .5\nh: 0x1F\ni: TRUE\n"
    assert read(text) == {
        "a": "yes", "b": 10, "c": "2026-01-01", "d": 1000.0, "e": None, "404": "x", "g": 0.5, "h": "0x1F", "i": True,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("a: 1\na: 2\n", 2, "the key 'a' is there twice"),
        (
            "x: 1\ny: &bomb [1, 2]\nz: [*bomb, *bomb]\n",
            2,
            "anchors and aliases (& and *) are not read; write the value out",
        ),
        (
            "a: !!python/object/apply:os.system [ls]\n",
            1,
            "the tag tag:yaml.org,2002:python/object/apply:os.system is not read",
        ),
        ("a: 1\nb: !!str {c: d}\n", 2, "the tag tag:yaml.org,2002:str is not read"),
        ("a:\n  b: 1\n c: 2\n", 3, "not YAML: did not find expected key"),
        ("a:\n\tb: 1\n", 2, "not YAML: a tab; indent with spaces"),
        ("a: 1\n---\nb: 2\n", 2, "not YAML: but found another document"),
        ("? [1]\n: 2\n", 1, "a key is a word, not a list or an object"),
        ("a: 1e999\n", 1, "a number that is too large"),
        (f"a: {'9' * 5000}\n", 1, "a number that is too large"),
    ],
)
def test_what_is_no_plain_json_is_refused_with_its_line(text: str, line: int, reason: str) -> None:
    with pytest.raises(YamlProblem) as problem:
        read(text.encode())
    assert (problem.value.line, problem.value.reason) == (line, reason)


def test_bytes_that_are_no_text_and_endless_nesting_are_refused() -> None:
    with pytest.raises(YamlProblem, match=r"^line 2: no UTF-8 at byte 9$"):
        read(b"a: 1\nb: x\xe9y\n")
    with pytest.raises(YamlProblem, match=r"nested|nesting|not YAML"):
        read(b"a: " + b"[" * 5000)


def test_words_that_look_like_aliases_are_words() -> None:
    assert read(b"a: '**bold** &amp; *x'\nb: |\n  * item\n  *x\n") == {"a": "**bold** &amp; *x", "b": "* item\n*x\n"}


def test_a_path_has_the_line_of_what_it_leads_to_or_of_what_is_nearest_above() -> None:
    _, node = read_with_nodes(b"a: 1\nsteps:\n  - kind: x\n    answer:\n      id: y\n  - kind: z\n")
    assert line_of(node, ["steps", 0, "answer", "id"]) == 5
    assert line_of(node, ["steps", 1]) == 6
    assert line_of(node, ["steps", 0, "answer", "model"]) == 4
    assert line_of(node, ["nothing"]) == 1
