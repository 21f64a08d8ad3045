"""What the page reads."""

import json
import zlib
from base64 import b64decode
from dataclasses import replace

from pytest_llmreplay.report.island import MOST_CHANGES, MOST_PROBLEMS, costs, packed_cases, run_island
from pytest_llmreplay.report.json import plain
from tests.report import reports


def test_no_html_parser_finds_an_element_in_it() -> None:
    island = run_island(reports.hostile_run())
    assert "<" not in island
    assert json.loads(island)["commit"] == reports.HOSTILE


def test_a_case_is_unpacked_as_it_was() -> None:
    report = reports.hostile_run()
    (packed,) = packed_cases(report)
    assert json.loads(zlib.decompress(b64decode(packed))) == json.loads(json.dumps(plain(report.cases[0])))


def test_a_row_holds_what_is_searched_and_filtered() -> None:
    rows = {row["case"].partition("[")[2]: row for row in json.loads(run_island(reports.run()))["rows"]}
    assert rows["what-does-the-warranty-7f03]"] == {
        "case": "tests/test_support.py::test_support[what-does-the-warranty-7f03]",
        "run": 0,
        "outcome": "failed",
        "message": 'contains_all: missing "24 months"; faithfulness 0.41 < 0.80; pii: a phone number',
        "stage": None,
        "newly": True,
        "evaluators": {
            "contains_all": "failed",
            "faithfulness": "failed",
            "pii": "failed",
            "tone": "skipped",
            "house_style": "error",
            "cost": "passed",
        },
        "words": " ".join(
            [
                "7f03d1aa90c200000000000000000000",
                "req-37515",
                "s-32815",
                "traces/support.openinference.jsonl",
                "retriever search",
                "model gpt-4o-mini",
                'contains_all missing "24 months"',
                "faithfulness 2 of 3 statements are not in the documents",
                "pii a phone number",
                "tone no judge recording",
                "house_style KeyError: 'greeting' (style.py:12)",
                "cost ",
            ]
        ),
    }


def test_costs_are_those_of_answers_the_dearest_first() -> None:
    dear = reports.model("Why?", [], "So.", name="gpt-4o", cost_usd=0.02, tokens_in=10, tokens_out=1)
    unknown = reports.model("Why?", [], "So.", name="house-model", cost_usd=None, tokens_in=7, tokens_out=2)
    never = reports.model("Why?", [], "So.", name="gpt-4o", state="not reached")
    forked = reports.model("Why?", [], "So.", name="gpt-4o-mini", state="diverged", live_answer="No.", cost_usd=0.01)
    report = reports.report(reports.case("a", 1, dear, unknown, never), reports.case("b", 2, dear, forked))
    assert [(each.name, each.calls, each.cost_usd, each.tokens_in) for each in costs(report)] == [
        ("gpt-4o", 2, 0.04, 20),
        ("gpt-4o-mini", 1, 0.01, 212),
        ("house-model", 1, None, 7),
    ]


def test_long_lists_are_cut_and_counted() -> None:
    changes = list(reports.COMPARISON.changes) * MOST_CHANGES
    many = reports.report(problems=["x"] * (MOST_PROBLEMS + 5), comparison=replace(reports.COMPARISON, changes=changes))
    island = json.loads(run_island(many))
    assert (len(island["problems"]), len(island["comparison"]["changes"])) == (MOST_PROBLEMS, MOST_CHANGES)
    assert island["unlisted"] == {"changes": 5 * MOST_CHANGES, "problems": 5}
