"""What a wrongly edited case file is told: line, path, and what was expected."""

import json
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
import yaml

import pytest_llmreplay.snapshots
from pytest_llmreplay.snapshots.caseread import CaseProblems, read_case
from pytest_llmreplay.snapshots.caseshape import json_schema, schema_text

CASE = (Path(__file__).parent / "rag.llmcase.yaml").read_text(encoding="utf-8")
ROOT = Path(__file__).parents[2]


def faults(*edits: tuple[str, str]) -> list[str]:
    text = CASE
    for old, new in edits:
        assert old in text
        text = text.replace(old, new, 1)
    with pytest.raises(CaseProblems) as problem:
        read_case(text.encode())
    return [f"{each.line}: {each.reason}" for each in problem.value.problems]


def line_of(words: str) -> int:
    """The line of the case on which these words begin."""
    return CASE.count("\n", 0, CASE.index(words)) + 1


KINDS = "chat, completion, embedding, function, http, rerank, retrieval, tool"
PART_KINDS = "text, reasoning, refusal, tool_call, tool_result, media, other"


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("    answer:", "    anser:", "steps[0]: no key 'anser' is known here; did you mean 'answer'?"),
        (
            "kind: retrieval",
            "kind: retreival",
            f"steps[0].kind: one of {KINDS} was expected; did you mean 'retrieval'?",
        ),
        ("role: system", "role: [x]", "steps[1].messages[0].role: text was expected, not a list"),
        (
            "finish_reason: stop",
            "finish_reason: 3",
            "steps[1].answer.choices[0].finish_reason: text was expected, not a whole number",
        ),
        (
            "text: How long do I have?",
            "parts: [{text: a, refusal: b}]",
            f"steps[1].messages[1].parts[0]: exactly one of the keys {PART_KINDS} was expected",
        ),
        ("id: 0af7651916cd43dd8448eb211c80319c", "id: ''", "trace.id: minLength 1 was expected"),
        (
            "time: '2026-05-28T20:26:40.000000000Z'",
            "time: yesterday",
            "trace.time: 'yesterday' is not a time such as 2026-11-18T09:14:03.120000000Z",
        ),
        ("status: ok", "status: good", "trace.status: one of error, ok, unset was expected"),
        ("version: 1", "version: 0", "version 0 is older than 1; llmreplay upgrade writes the file anew"),
        (
            "version: 1",
            "version: 2",
            "version 2 is newer than this package, which reads 1; upgrade pytest-llmreplay",
        ),
        ("version: 1", "version: one", "version must be a whole number; this package writes 1"),
        ("output: Thirty", "<<<<<<< HEAD\noutput: Thirty", "a merge conflict that is not resolved"),
        ("input:", "version: x\ninput:", "the key 'version' is there twice"),
    ],
)
def test_a_wrong_edit_is_told_by_line_and_path_with_what_was_expected(old: str, new: str, fault: str) -> None:
    assert faults((old, new)) == [f"{line_of(old)}: {fault}"]


def test_what_is_missing_is_told() -> None:
    assert faults(("version: 1\n", "")) == ["1: version is missing; this package writes 1"]
    assert faults(("end: {", "note: x\nextra: {"))[0] == "1: the last entry, end, is missing: the file was cut off"
    assert faults(("  id: 0af7651916cd43dd8448eb211c80319c\n", "")) == [
        f"{line_of('trace:')}: trace: the key 'id' is missing"
    ]


def test_a_step_that_was_lost_is_told() -> None:
    lost = CASE[CASE.index("  - kind: chat") : CASE.index("spans:")]
    line = CASE[: CASE.index("\nend: {")].count("\n") + 2 - lost.count("\n")
    assert faults((lost, "")) == [
        f"{line}: end.steps: 2 steps were written, 1 is here; if that is right, write steps: 1, else restore the file"
    ]
    assert faults((lost, lost * 2)) == [
        f"{line + 2 * lost.count(chr(10))}: end.steps: 2 steps were written, 3 are here; "
        "if that is right, write steps: 3, else restore the file"
    ]
    read_case(CASE.replace(lost, "").replace("end: {steps: 2", "end: {steps: 1").encode())


def test_text_beside_parts_is_told() -> None:
    (fault,) = faults(("role: user", "role: user\n        parts: []"))
    assert fault.endswith("a message has either text or parts")


def test_all_faults_of_a_file_are_told_in_order_of_lines() -> None:
    found = faults(("role: system", "rle: x"), ("status: ok", "status: 1"))
    assert [int(fault.partition(":")[0]) for fault in found] == [line_of("status: ok"), *[line_of("role: system")] * 2]


def test_a_file_that_was_cut_off_anywhere_is_never_taken_for_whole() -> None:
    data = CASE.encode()
    for length in range(len(data) - 1):
        with pytest.raises(CaseProblems):
            read_case(data[:length])


def test_values_of_the_file_are_not_quoted_at_length() -> None:
    (fault,) = faults(("role: user", f"role: user\n        {'s3cret' * 20}: x"))
    assert "s3cret" * 7 not in fault


def test_what_is_no_object_is_no_case() -> None:
    for text in ("", "[]", "just words"):
        with pytest.raises(CaseProblems, match="not a case file"):
            read_case(text.encode())


def test_the_schema_is_shipped_and_published_as_the_types_say() -> None:
    shipped = Path(pytest_llmreplay.snapshots.__file__).parent / "llmcase-1.json"
    assert shipped.read_bytes() == (ROOT / "docs" / "schema" / "llmcase-1.json").read_bytes()
    assert in_any_order(json.loads(shipped.read_text(encoding="utf-8"))) == in_any_order(json.loads(schema_text()))


def in_any_order(schema: Any) -> Any:
    """A schema whose alternatives are sorted: the versions of msgspec list them in orders of their own."""
    if isinstance(schema, list):
        return [in_any_order(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    found = {name: in_any_order(each) for name, each in schema.items()}
    return {**found, "anyOf": sorted(found["anyOf"], key=json.dumps)} if "anyOf" in found else found


def test_the_schema_holds_for_a_case_and_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(json_schema())
    jsonschema.Draft202012Validator(json_schema()).validate(yaml.safe_load(CASE))
