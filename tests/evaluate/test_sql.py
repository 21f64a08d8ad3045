from typing import Any

import pytest

from pytest_llmreplay.errors import MissingExtra, UsageProblem
from pytest_llmreplay.evaluate import sql
from pytest_llmreplay.evaluate.spec import evaluators
from pytest_llmreplay.evaluate.sql import SqlEqual
from tests.evaluate.judging import judge

QUERY = "SELECT id, total FROM orders WHERE customer = 7 AND status = 'open'"


@pytest.mark.parametrize(
    "output",
    [
        QUERY,
        "select ID, Total\n  from ORDERS -- all of them\n where (status = 'open') and customer=7;",
        "```sql\nSELECT \"id\", total FROM orders WHERE customer = 7 AND status = 'open'\n```",
    ],
)
def test_the_same_statement_in_other_words_is_equal(output: str) -> None:
    assert judge(SqlEqual(QUERY, dialect="postgres"), output=output).judgement == "passed"


@pytest.mark.parametrize(
    ("output", "reason"),
    [
        (QUERY.replace("7", "8"), 'after "…l FROM orders WHERE customer =": "7 AND status = \'open\'" was expected, got "8 AND status'),  # noqa: E501
        (QUERY.partition(" AND")[0], 'after "…FROM orders WHERE customer = 7": "AND status = \'open\'" was expected, got nothing'),  # noqa: E501
        ("DELETE FROM orders", '"SELECT'),
        ("SELEC id FRO orders", "it is no SQL at line 1 column 12: Invalid expression / Unexpected token"),
        ("I cannot", "it is no SQL: there is no statement"),
        ("", "it is no SQL: there is no statement"),
        ("SELECT 'a", "it is no SQL: "),
    ],
)  # fmt: skip
def test_another_statement_differs_and_what_is_none_is_said(output: str, reason: str) -> None:
    found = judge(SqlEqual(QUERY), output=output)
    assert found.judgement == "failed"
    assert found.reason.startswith(reason)


def test_sql_is_held_against_production_where_nothing_is_expected() -> None:
    assert judge(SqlEqual(), output="select 1", recorded="SELECT 1").judgement == "passed"
    assert judge(SqlEqual(), output="select 1", recorded=None).judgement == "skipped"
    found = judge(SqlEqual(), output="select 1", recorded="no query")
    assert (found.judgement, found.reason) == ("error", "ValueError: it is no SQL: there is no statement")


def test_several_statements_are_compared_in_order() -> None:
    assert judge(SqlEqual("select 1; select 2"), output="SELECT 1;\nSELECT 2;").judgement == "passed"
    assert judge(SqlEqual("select 1; select 2"), output="SELECT 2; SELECT 1").judgement == "failed"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"sql_equal": "SELEC 1 FRO"}, "here: sql_equal: it is no SQL at line 1"),
        ({"sql_equal": {"dialect": "postgre"}}, "no dialect is named 'postgre'; did you mean 'postgres'?"),
        ({"sql_equal": 3}, "SQL is a text, not 3"),
    ],
)
def test_an_argument_that_cannot_be_used_is_named_at_collection(given: Any, message: str) -> None:
    with pytest.raises(UsageProblem) as caught:
        evaluators(given, "here")
    assert message in str(caught.value)


def test_without_the_package_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sql, "find_spec", lambda name: None)
    with pytest.raises(MissingExtra, match=r"sql_equal needs the package sqlglot: pip install '.*\[sql\]'"):
        SqlEqual(QUERY)
