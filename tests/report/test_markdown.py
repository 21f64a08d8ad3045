"""The report for a pull request."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from pytest_llmreplay import registry
from pytest_llmreplay.model.result import DifferenceResult
from pytest_llmreplay.report.markdown import MOST_BYTES, MarkdownReport
from tests.report import reports

SEEN = Path(__file__).with_name("report.md")


def rendered(text: str) -> list[Token]:
    """All tokens, the inline ones, too, as GitHub's dialect reads them."""
    found = MarkdownIt("commonmark", {"html": True}).enable("table").parse(text)
    return [each for token in found for each in (token, *(token.children or ()))]


def test_the_whole_report(request: pytest.FixtureRequest) -> None:
    text = MarkdownReport().render(reports.run())
    if request.config.getoption("--update-docs"):
        SEEN.write_text(text, encoding="utf-8")
    assert text == SEEN.read_text(encoding="utf-8")


def test_a_run_in_which_all_is_well() -> None:
    text = MarkdownReport().render(reports.report(reports.case("good", 1, reports.retriever("Why?", ["warranty"]))))
    assert text.startswith("## llm replay passed: 1 case holds\n\n1 passed; mode `replay`, commit `8c41e0d`\n")
    assert "###" not in text


def test_a_rate_of_several_runs_has_its_interval() -> None:
    report = reports.run()
    several = replace(report, totals=replace(report.totals, pass_interval=(0.38, 0.96)))
    assert "(95% CI 38-96%) |" in MarkdownReport().render(several)
    assert "95% CI" not in MarkdownReport().render(report)


def test_nothing_of_a_trace_is_markdown_or_html() -> None:
    tokens = rendered(MarkdownReport().render(reports.hostile_run()))
    kinds = {each.type for each in tokens}
    assert not kinds & {"link_open", "image", "html_block", "heading_setext", "blockquote_open", "hr"}
    html = {each.content for each in tokens if each.type == "html_inline"}
    assert html <= {"<code>", "</code>", "<sub>", "</sub>"}
    plain = " ".join(each.content for each in tokens if each.type == "text")
    outside = re.sub(r"<code>.*?</code>", "", MarkdownReport().render(reports.hostile_run()))
    assert "window.broken" in plain
    assert "@everyone" not in re.sub(r"^(`{3,})\w*\n.*?^\1$", "", outside, flags=re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("text", ["a|b", "`", "``` ```", "\\|", "a\\", " a ", "", "@me", "<b>", "*x*", "a\nb", "$x$"])
def test_every_character_of_a_cell_stands_for_itself(text: str) -> None:
    case = reports.hostile(text)
    tokens = rendered(MarkdownReport().render(reports.report(case)))
    rows = [each for each in tokens if each.type == "tr_open"]
    cells = [each for each in tokens if each.type in ("th_open", "td_open")]
    assert len(cells) % len(rows) in (0, 1, 2)
    told = "".join(each.content for each in tokens if each.type in ("code_inline", "text"))
    assert text.replace("\n", "\\n") in told


def test_no_line_is_a_command_to_a_ci_server() -> None:
    lines = MarkdownReport().render(reports.hostile_run()).splitlines()
    assert [line for line in lines if line.lstrip().startswith("::")] == []
    assert [line for line in lines if "##[" in line or "##vso[" in line] == []


def test_a_fence_is_longer_than_any_in_it() -> None:
    text = MarkdownReport().render(reports.report(problems=["`````", "x"]))
    assert "\n``````\n`````\nx\n``````\n" in text


@pytest.mark.parametrize("text", ["Grüße " * 40, reports.HOSTILE])
def test_it_is_never_too_long_for_a_comment_and_counts_what_it_leaves_out(text: str) -> None:
    cases = [reports.hostile(text, f"case-{number}") for number in range(500)]
    told = MarkdownReport().render(reports.report(*cases, gates=reports.GATES * 50, problems=[text] * 500))
    assert MOST_BYTES - 10_000 < len(told.encode("utf-8")) <= MOST_BYTES
    left_out = re.search(r"… and (\d+) more that fail; the JSON and HTML reports hold them all\.", told)
    assert left_out
    assert told.count("### diverged") + int(left_out[1]) == 500


@pytest.mark.parametrize(
    ("recorded", "live", "lines"),
    [
        ('["a", "b"]', '["a"]', "  a\n- b"),
        ('{"a": 1, "b": [2]}', '{"a": 1, "b": [3]}', "  a: 1\n- b: [2]\n+ b: [3]"),
        ("[1]", '["1"]', '- [1]\n+ ["1"]'),
        ("[broken", "[", "- [broken\n+ ["),
        ("3", "1", "- 3\n+ 1"),
    ],
)
def test_a_list_is_compared_item_by_item(recorded: str, live: str, lines: str) -> None:
    difference = DifferenceResult(path="documents", recorded=recorded, live=live)
    case = reports.case(
        "x", 1, reports.retriever("Why?", [], state="diverged", differences=[difference]), outcome="diverged"
    )
    assert f"```diff\n@@ documents @@\n{lines}\n```" in MarkdownReport().render(reports.report(case))


def test_the_reporter_is_registered() -> None:
    assert isinstance(registry.load("reporters", "md"), MarkdownReport)
