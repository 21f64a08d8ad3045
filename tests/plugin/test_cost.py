"""What a run would have cost, where a price table is installed."""

import pytest

from pytest_llmreplay.evaluate import cost
from pytest_llmreplay.report.json import read
from tests.builders import otlp_span
from tests.plugin.conftest import Project
from tests.sample import ask, traced


@pytest.fixture(autouse=True)
def priced(bare: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cost, "installed", lambda: True)


def test_the_summary_tells_the_recorded_cost_that_was_not_spent(project: Project) -> None:
    many = {"gen_ai.usage.input_tokens": 1_000_000, "gen_ai.usage.output_tokens": 0}
    project.shop(traced(ask(attributes=many)), traced(ask(attributes=many), number=2))
    assert "recorded cost $0.300 not spent\n" in project.run().summary


def test_an_unknown_model_has_no_cost_and_is_not_free(project: Project) -> None:
    names = {"gen_ai.request.model": "house-7", "gen_ai.response.model": "house-7"}
    project.shop(traced(ask(attributes=names)))
    output = project.run("--llm-drift=serve", "--llm-report=json:report.json")
    assert "recorded cost" not in output.summary
    report = read((project.path / "report.json").read_text(encoding="utf-8"), "report.json")
    assert (report.cases[0].cost_usd, report.totals.unpriced) == (None, 1)


def test_a_report_names_the_price_table_and_the_cost_of_each_step(project: Project) -> None:
    project.shop(traced())
    project.run("--llm-report=json:report.json", "--junitxml=out.xml")
    report = read((project.path / "report.json").read_text(encoding="utf-8"), "report.json")
    assert report.versions["prices"].startswith("genai-prices ")
    (case,) = report.cases
    assert case.details[0].cost_usd == case.cost_usd == pytest.approx((12 * 0.15 + 6 * 0.6) / 1e6)
    assert "llm.cost_usd" in (project.path / "out.xml").read_text(encoding="utf-8")


def test_a_function_that_ran_is_no_live_call_that_was_paid_for(project: Project) -> None:
    search = otlp_span(
        "search.task",
        trace="0001916cd43dd8448eb211c80319c000",
        number=20,
        parent=1,
        start=1.2,
        attributes={
            "traceloop.span.kind": "task",
            "traceloop.entity.name": "search",
            "traceloop.entity.input": '{"args": [], "kwargs": {}}',
            "traceloop.entity.output": '["a"]',
        },
    )
    test = """
import pytest
from pytest_llmreplay import observe
import shop

@pytest.mark.llm_replay(patch={"shop.search": observe("search")})
def test_answer(llm_replay):
    shop.search()
    llm_replay.run(shop.answer)
"""
    project.shop(traced(ask(), extra=(search,)), test=test)
    path = project.path / "shop.py"
    path.write_text(path.read_text(encoding="utf-8") + "\ndef search():\n    return ['a']\n", encoding="utf-8")
    summary = project.run().summary
    assert "1 model call and 1 function call answered, 0 live" in summary
    assert "spent on live calls" not in summary
