"""The report for programs."""

import json
import math
from dataclasses import replace
from pathlib import Path

import jsonschema  # type: ignore[import-untyped]
import pytest

from pytest_llmreplay import registry
from pytest_llmreplay.errors import UsageProblem
from pytest_llmreplay.model.result import RunReport, Totals
from pytest_llmreplay.report.json import FORMAT, JsonReport, read
from tests.report import reports
from tests.report.schema import schema

ROOT = Path(__file__).resolve().parent.parent.parent
PUBLISHED = ROOT / "docs" / "reference" / "report.schema.json"
SHIPPED = ROOT / "pytest_llmreplay" / "report" / "report.schema.json"
RUNS = {"whole": reports.run(), "empty": reports.report(), "hostile": reports.hostile_run()}


@pytest.mark.parametrize("name", RUNS)
def test_a_report_is_valid_by_the_published_schema(name: str) -> None:
    value = json.loads(JsonReport().render(RUNS[name]))
    published = json.loads(PUBLISHED.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(published)
    jsonschema.validate(value, published)


@pytest.mark.parametrize(
    ("member", "value"), [("format", 2), ("created", None), ("cases", [{}]), ("totals", {}), ("gates", [{"gate": "x"}])]
)
def test_the_schema_refuses_what_is_no_report(member: str, value: object) -> None:
    report = json.loads(JsonReport().render(reports.run()))
    published = json.loads(PUBLISHED.read_text(encoding="utf-8"))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**report, member: value}, published)


def test_the_published_schema_is_that_of_the_types_and_is_shipped(request: pytest.FixtureRequest) -> None:
    text = json.dumps(schema(), indent=2) + "\n"
    if request.config.getoption("--update-docs"):
        PUBLISHED.write_text(text, encoding="utf-8")
        SHIPPED.write_text(text, encoding="utf-8")
    assert PUBLISHED.read_text(encoding="utf-8") == text
    assert SHIPPED.read_text(encoding="utf-8") == text


def test_the_schema_says_what_each_member_is() -> None:
    definitions = schema()["$defs"]
    assert definitions["StepResult"]["properties"]["seconds"]["description"] == "Recorded duration."
    assert definitions["RunReport"]["properties"]["format"]["const"] == FORMAT


@pytest.mark.parametrize("name", RUNS)
def test_what_was_written_is_read_back(name: str) -> None:
    back = read(JsonReport().render(RUNS[name]), "r.json")
    assert type(back) is RunReport
    assert JsonReport().render(back) == JsonReport().render(RUNS[name])


def test_members_stand_in_the_order_of_the_types() -> None:
    text = JsonReport().render(reports.run())
    assert list(json.loads(text)) == list(RunReport.__dataclass_fields__)
    assert text == JsonReport().render(reports.run())


def test_the_text_can_be_encoded_though_a_trace_holds_half_a_character() -> None:
    text = JsonReport().render(reports.report(commit="a\ud800b, Grüße"))
    assert '"commit": "a\\ud800b, Grüße"' in text.encode("utf-8").decode("utf-8")
    assert read(text, "r.json").commit == "a\ud800b, Grüße"


def test_a_number_that_is_not_finite_is_never_written() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        JsonReport().render(replace(reports.report(), totals=Totals(score=math.nan)))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "r.json is not JSON: line 1 column 1: Expecting value"),
        ('{\n"a": }', "r.json is not JSON: line 2 column 6: Expecting value"),
        ('{"a": NaN}', "r.json is not JSON: NaN is no JSON number"),
        ("[" * 200_000, "r.json is not JSON: nested too deeply"),
        ("[]", "r.json is not a report of pytest-llmreplay: it has no format number"),
        ('{"format": true}', "r.json is not a report of pytest-llmreplay: it has no format number"),
        ('{"format": 0}', "r.json has format 0; this version reads format 1"),
        ('{"format": 1}', "r.json is not a report of pytest-llmreplay: Object missing required field `created`"),
    ],
)
def test_what_is_no_report_is_one_error_that_says_what_to_do(text: str, problem: str) -> None:
    with pytest.raises(UsageProblem) as caught:
        read(text, "r.json")
    assert str(caught.value) in (
        f"{problem}; write it again with --llm-report json:PATH",
        f"{problem}: write it again with --llm-report json:PATH",
    )


def test_a_report_of_a_newer_version_is_an_error_that_names_its_writer() -> None:
    text = JsonReport().render(reports.report(format=2, versions={"pytest-llmreplay": "0.9.0"}))
    with pytest.raises(UsageProblem) as caught:
        read(text, "r.json")
    assert str(caught.value) == (
        "r.json has format 2, written by pytest-llmreplay 0.9.0; this version reads format 1: "
        "update pytest-llmreplay, or write it again with --llm-report json:PATH"
    )


def test_a_wrong_value_is_named_by_its_place() -> None:
    value = json.loads(JsonReport().render(reports.run()))
    value["cases"][2]["outcome"] = "great"
    with pytest.raises(UsageProblem, match=r"Invalid enum value 'great' - at `\$\.cases\[2\]\.outcome`; w"):
        read(json.dumps(value), "r.json")


def test_members_that_a_later_version_adds_are_passed_over() -> None:
    value = json.loads(JsonReport().render(reports.report()))
    assert read(json.dumps({**value, "later": 1}), "r.json").mode == "replay"


def test_the_reporter_is_registered() -> None:
    assert isinstance(registry.load("reporters", "json"), JsonReport)
