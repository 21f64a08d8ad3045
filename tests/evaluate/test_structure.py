from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_llmreplay.errors import UsageProblem
from pytest_llmreplay.evaluate.spec import evaluators
from pytest_llmreplay.evaluate.structure import JsonEqual, Number, numbers
from tests.evaluate.judging import judge

ORDER = {"order": "A-7", "items": [{"sku": "x", "price": 19.9}, {"sku": "y", "price": 5}], "id": "r-1"}


@pytest.mark.parametrize(
    ("evaluator", "output", "judgement", "reason"),
    [
        (JsonEqual({"a": 1}), {"a": 1.0}, "passed", "equal"),
        (JsonEqual({"a": 1}), '{"a": 1}', "passed", "equal"),
        (JsonEqual('{"a": 1}'), {"a": 1}, "passed", "equal"),
        (JsonEqual({"a": 1}), {"a": 2}, "failed", "output.a: 1 was expected, got 2"),
        (JsonEqual({"a": [1, 2]}), {"a": [1]}, "failed", "output.a[1] is missing, 2 was expected"),
        (JsonEqual({}), {"a": 1}, "failed", "output.a is there and was not expected: 1"),
        (JsonEqual([1]), [2, 3], "failed", "output[0]: 1 was expected, got 2 and 1 more"),
        (JsonEqual(1.0, tolerance=0.1), 1.05, "passed", "equal"),
        (JsonEqual(100, relative=0.01), 102, "failed", "output: 100 was expected, got 102"),
        (JsonEqual({"a": 1}, ignore=["b"]), {"a": 1, "b": 2}, "passed", "equal"),
        (JsonEqual([1, 2], any_order=True), [2, 1], "passed", "equal"),
        (JsonEqual([1, 2]), [2, 1], "failed", "output[0]: 1 was expected, got 2 and 1 more"),
        (JsonEqual(5, path="items[1].price"), ORDER, "passed", "equal"),
        (JsonEqual(6, path="items[1].price"), ORDER, "failed", "output.items[1].price: 6 was expected, got 5"),
        (JsonEqual({"sku": "z", "price": 5}, path="items[1]"), ORDER, "failed", 'output.items[1].sku: "z" was expected, got "y"'),  # noqa: E501
        (JsonEqual(6, path="items[2].price"), ORDER, "failed", "there is no items[2]"),
        (JsonEqual({"a": 1}), '{"a": 1', "failed", "the text is no JSON at line 1 column 8: Expecting ',' delimiter: \"{\\\"a\\\": 1\""),  # noqa: E501
        (JsonEqual({"a": 1}), "", "failed", "the text is no JSON at line 1 column 1: Expecting value: nothing"),
        (JsonEqual([1]), "[NaN]", "failed", 'the text is no JSON: NaN is no value of JSON: "[NaN]"'),
    ],
)  # fmt: skip
def test_json_is_compared_and_the_first_path_is_the_reason(
    evaluator: Any, output: Any, judgement: str, reason: str
) -> None:
    found = judge(evaluator, output=output)
    assert (found.judgement, found.reason) == (judgement, reason)


def test_json_is_held_against_production_where_nothing_is_expected() -> None:
    assert judge(JsonEqual(), output={"a": 1}, recorded={"a": 1}).judgement == "passed"
    assert judge(JsonEqual(), output={"a": 1}, recorded='{"a": 2}').reason == "output.a: 2 was expected, got 1"
    assert judge(JsonEqual(path="a"), output={"a": 1, "b": 1}, recorded={"a": 1, "b": 2}).judgement == "passed"
    assert judge(JsonEqual(), output={"a": 1}, recorded=None).judgement == "skipped"


def test_the_evidence_holds_what_was_found_at_each_place() -> None:
    found = judge(JsonEqual({"a": 1, "b": 2}), output={"a": 3})
    assert [(each.path, each.found) for each in found.evidence] == [("output.a", 3), ("output.b", None)]


@pytest.mark.parametrize(
    ("evaluator", "output", "judgement", "reason"),
    [
        (Number(30), "The window is 30 days.", "passed", "found 30"),
        (Number(30), "The window is 14 days, fee 3.", "failed", "no 30: found 14 3"),
        (Number(30, tolerance=1), "about 29.5", "passed", "found 29.5"),
        (Number(30, tolerance=0.2), "about 29.5", "failed", "no 30 within 0.2: found 29.5"),
        (Number(200, relative=0.01), "202 or 203", "passed", "found 202 203"),
        (Number(200, tolerance=0.5, relative=0.001), "201", "failed", "no 200 within 0.5 or 0.1 %: found 201"),
        (Number(30), "thirty", "failed", "no 30: found no number"),
        (Number(30), 30.0, "passed", "found 30"),
        (Number("30 days or 14"), "14 ... 30", "passed", "found 14 30"),
        (Number("30 or 14, 15"), "14", "failed", "no 30 and no 15: found 14"),
        (Number(1234.5), "1,234.50 USD", "passed", "found 1234.5"),
        (Number(1234.5, decimal=","), "1.234,50 EUR", "passed", "found 1234.5"),
        (Number(5, path="items[1].price"), ORDER, "passed", "found 5"),
        (Number(6, path="items[1].price"), ORDER, "failed", "no 6: found 5"),
        (Number(6, path="total"), ORDER, "failed", "there is no total"),
        (Number(19.9), ORDER, "passed", "found 7 19.9 5 1"),
    ],
)
def test_a_number_is_looked_for_in_text_or_at_a_path(evaluator: Any, output: Any, judgement: str, reason: str) -> None:
    found = judge(evaluator, output=output)
    assert (found.judgement, found.reason) == (judgement, reason)


def test_the_numbers_of_production_must_be_there_where_nothing_is_expected() -> None:
    assert judge(Number(), output="5 of 7", recorded="7 of 5").judgement == "passed"
    assert judge(Number(), output="5 of 8", recorded="7 of 5").reason == "no 7: found 5 8"
    assert judge(Number(), output="5", recorded="none").reason == "what is expected holds no number"
    assert judge(Number(), output="5", recorded=None).judgement == "skipped"


@pytest.mark.parametrize(
    ("text", "decimal", "expected"),
    [
        ("1,234,567.89 and 1e3 and -2 and \u22123 and +4", ".", [1234567.89, 1000, -2, -3, 4]),
        ("1.234,5; 1 234,5; 3,14", ",", [1234.5, 1234.5, 3.14]),
        ("1\u00a0234.5 and 12'345", ".", [1234.5, 12345]),
        ("12,34", ".", [12, 34]),
        ("v1.2.3, A1, 3rd, 30%, $5.", ".", [30, 5]),
        ("1-2", ".", [1, 2]),
        ("", ".", []),
    ],
)
def test_numbers_are_read_as_people_write_them(text: str, decimal: str, expected: list[float]) -> None:
    assert numbers(text, decimal) == expected


@given(st.integers(-(10**15), 10**15) | st.floats(-1e6, 1e6).map(lambda each: round(each, 4)))
def test_a_number_is_read_back_from_a_sentence(number: float) -> None:
    assert numbers(f"It is {number:,} now", ".") == [number]
    assert numbers(f"It is {number} now", ".") == [number]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"json_equal": {"tolerance": -1}}, "here: json_equal: a tolerance is a number from 0 on, not -1"),
        ({"json_equal": {"ignore": "a"}}, "ignore is a list of paths, not 'a'"),
        ({"json_equal": {"path": "a["}}, "'a[' is no path such as items[2].price: it breaks off at character 2"),
        ({"json_equal": {"tolerence": 1}}, "json_equal has no argument 'tolerence'; did you mean 'tolerance'?"),
        ({"number": "none"}, "here: number: expected holds no number: 'none'"),
        ({"number": {"expected": 1, "decimal": ";"}}, "decimal is '.' or ',', not ';'"),
    ],
)
def test_an_argument_that_cannot_be_used_is_named_at_collection(given: Any, message: str) -> None:
    with pytest.raises(UsageProblem) as caught:
        evaluators(given, "here")
    assert message in str(caught.value)
