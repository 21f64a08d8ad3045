"""What a browser makes of the page."""

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from pytest_llmreplay.model.result import (
    CaseResult,
    DifferenceResult,
    GateResult,
    RunReport,
    ScoreTotal,
    StepResult,
    Totals,
)
from pytest_llmreplay.report.island import packed_cases
from tests.report import reports
from tests.report.conftest import Open, chromium
from tests.report.example import broken_example

IMAGE = Path(__file__).resolve().parent.parent.parent / "docs" / "images" / "report.png"


def rows(page: Page) -> list[str]:
    return page.locator("#list .row-name").all_inner_texts()


def shown(page: Page) -> str:
    number = str(page.evaluate("location.hash")).removeprefix("#case-")
    expect(page.locator("#case")).to_have_attribute("data-case", number)
    return page.locator("#case h2").first.inner_text()


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.id || document.activeElement.getAttribute('aria-label')"))


GOOD = reports.case("good", 1, reports.retriever("Why?", ["warranty"]))


# The first screen


def test_the_first_screen_says_which_step_broke_and_why(opened: Open) -> None:
    page = opened(reports.run())
    assert page.title() == "llm replay: 4 of 11 cases fail, 1 gate failed"
    reason = page.get_by_label("Why")
    assert [line for line in reason.inner_text().split("\n") if line] == [
        "Step 1 retriever search diverged first stage retriever",
        "top_k 3 → 1",
        "documents lost 2 lines: refund-2024 ⏎ shipping-times",
        "Likely cause: argument top_k changed before the output did",
        'pytest "tests/test_support.py::test_support[how-many-days-do-i-have-9e03]" --llm-until=1',
    ]
    box = reason.bounding_box()
    assert box
    assert box["y"] + box["height"] < 450
    expect(page.locator("#state")).to_have_text("FAILED")


def test_a_good_run_says_so(opened: Open) -> None:
    page = opened(reports.report(reports.passed("good", 1, "Why?", "So.", ["warranty"])))
    expect(page.locator("#state")).to_have_text("PASSED")
    expect(page.locator("h1")).to_have_text("1 case holds")
    assert page.get_by_label("Why").count() == 0


def test_a_run_without_cases(opened: Open) -> None:
    page = opened(reports.report())
    expect(page.locator("#case")).to_have_text("No case was run.")


def test_figures_stand_beside_those_of_the_baseline(opened: Open) -> None:
    page = opened(reports.run())
    tiles = page.locator(".tile")
    assert tiles.nth(0).inner_text().split("\n") == ["pass rate", "60.0%-30.9 pt", "was 90.9%", ">= 90% failed"]
    chart = page.get_by_role("img", name="pass rate: 60.0%, baseline 90.9%")
    assert [each.get_attribute("width") for each in chart.locator("rect").all()] == ["90.9090909090909", "60"]
    page.locator("#more > summary").click()
    assert "score.faithfulness >= -0.05" in page.get_by_label("Gates", exact=True).inner_text()
    assert page.get_by_label("Cost by step").locator("tbody tr").all_inner_texts() == [
        "model gpt-4o-mini\t\n\t$0.000387\t8 calls\t1,696 in, 199 out"
    ]


@pytest.mark.parametrize("width", [420, 800, 1440])
def test_no_figure_runs_into_the_next(opened: Open, width: int) -> None:
    figures = Totals(cases=1, passed=1, cost_usd=0.0000741, pass_rate=1.0, latency_p50=1.0, latency_p95=2.0, score=0.5)
    page = opened(reports.report(GOOD, totals=figures, comparison=reports.COMPARISON), width=width)
    wide = page.locator(".tile .value").evaluate_all("all => all.filter((each) => each.scrollWidth > each.clientWidth)")
    assert wide == []


def test_a_gate_stands_at_the_figure_that_it_limits(opened: Open) -> None:
    cost = reports.good("cost", 0.01, "<= 0.02")
    case = reports.case("good", 1, reports.model("Why?", [], "So."), evaluations=[cost])
    mean = ScoreTotal(mean=0.01, judged=1, passed=1, failed=0, skipped=0, errors=0)
    figures = Totals(cases=1, passed=1, cost_usd=1.0, score=0.5, scores={"cost": mean})
    gates = [GateResult(gate=gate, state="ok", now="") for gate in ("cost <= $2", "score.cost <= 1", "score >= 0.5")]
    page = opened(reports.report(case, totals=figures, gates=gates))
    assert [each.inner_text().split("\n")[::2] for each in page.locator(".tile").all()] == [
        ["cost", "<= $2 ok"],
        ["tokens"],
        ["score", ">= 0.5 ok"],
        ["score cost", "<= 1 ok"],
    ]


def test_a_change_against_the_baseline_leads_to_its_case(opened: Open) -> None:
    page = opened(reports.run())
    page.fill("#search", "warranty")
    page.locator("#more > summary").click()
    page.get_by_role("button", name="tests/test_support.py::test_support[is-water-covered-1a04]").click()
    assert shown(page) == "is-water-covered-1a04"


# Search and filters


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("9250", ["where-is-my-order-a-1042-9250"]),
        ("REQ-42456", ["where-is-my-order-a-1042-9250"]),
        ("lookup_order", ["where-is-my-order-a-1042-9250"]),
        ("phone number", ["what-does-the-warranty-7f03"]),
        ("diverged retriever", ["how-many-days-do-i-have-9e03"]),
        ("  ", None),
        ("nothing like it", []),
    ],
)
def test_search(opened: Open, words: str, found: list[str] | None) -> None:
    page = opened(reports.run())
    every = rows(page)
    page.fill("#search", words)
    assert rows(page) == (every if found is None else found)
    expect(page.locator("#found")).to_have_text("11 cases" if found is None else f"{len(found)} of 11 cases")


def test_filters_by_outcome_stage_and_evaluator(opened: Open) -> None:
    page = opened(reports.run())
    page.get_by_role("button", name="diverged 2").click()
    assert rows(page) == ["how-many-days-do-i-have-9e03", "where-is-my-order-a-1042-9250"]
    page.get_by_role("button", name="failed 1").click()
    assert len(rows(page)) == 3
    page.get_by_label("Filter by stage").select_option("prompt")
    assert rows(page) == ["where-is-my-order-a-1042-9250"]
    page.get_by_label("Filter by stage").select_option("")
    page.get_by_label("Filter by failed evaluator").select_option("house_style")
    assert rows(page) == ["what-does-the-warranty-7f03"]
    page.get_by_role("button", name="diverged 2").click()
    page.get_by_role("button", name="failed 1").click()
    page.get_by_label("Filter by failed evaluator").select_option("")
    page.get_by_role("button", name="newly failing 2").click()
    assert rows(page) == ["how-many-days-do-i-have-9e03", "what-does-the-warranty-7f03"]


def test_where_nothing_matches_one_click_brings_all_back(opened: Open) -> None:
    page = opened(reports.run())
    page.fill("#search", "nothing like it")
    page.get_by_role("button", name="Clear search and filters").click()
    assert len(rows(page)) == 11
    assert shown(page) == "how-many-days-do-i-have-9e03"


def test_of_thousands_of_cases_only_those_in_sight_are_rows(opened: Open) -> None:
    cases = [reports.passed(f"case-{number}", number, "Why?", "So.", ["warranty"]) for number in range(3000)]
    page = opened(reports.report(*cases))
    assert len(rows(page)) < 60
    page.locator("#list").focus()
    page.keyboard.press("End")
    assert shown(page) == "case-2999-0bb7"
    assert rows(page)[-1] == "case-2999-0bb7"
    active = page.locator("#list").get_attribute("aria-activedescendant")
    assert page.locator(f"#{active}").get_attribute("aria-posinset") == "3000"


# Keys


def test_everything_is_reached_by_keys(opened: Open) -> None:
    page = opened(reports.run())
    page.keyboard.press("j")
    assert shown(page) == "what-does-the-warranty-7f03"
    page.keyboard.press("ArrowDown")
    assert shown(page) == "where-is-my-order-a-1042-9250"
    page.keyboard.press("k")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    assert shown(page) == "how-many-days-do-i-have-9e03"
    page.keyboard.press("Enter")
    assert focused(page) == "Step 1, retriever search, diverged, first divergence"
    page.keyboard.press("j")
    assert focused(page) == "Step 2, model gpt-4o-mini, follows"
    page.keyboard.press("Enter")
    expect(page.locator(".step-detail h3")).to_contain_text("Step 2: model gpt-4o-mini")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Differences 1"
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.textContent") == "Request, both"
    page.keyboard.press("Escape")
    assert focused(page) == "Step 2, model gpt-4o-mini, follows"
    page.keyboard.press("Escape")
    assert focused(page) == "list"


def test_search_by_keys(opened: Open) -> None:
    page = opened(reports.run())
    page.keyboard.press("/")
    assert focused(page) == "search"
    page.keyboard.type("jk")
    expect(page.locator("#search")).to_have_value("jk")
    page.keyboard.press("Escape")
    expect(page.locator("#search")).to_have_value("")
    page.keyboard.type("warranty")
    page.keyboard.press("Enter")
    assert focused(page) == "list"
    assert shown(page) == "what-does-the-warranty-7f03"
    page.keyboard.press("Escape")
    assert len(rows(page)) == 11


def test_the_keys_are_told(opened: Open) -> None:
    page = opened(reports.run())
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Keys")).to_be_hidden()


def test_the_focus_can_be_seen(opened: Open) -> None:
    page = opened(reports.run())
    for _ in range(12):
        page.keyboard.press("Tab")
        style = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert (style, page.evaluate("document.activeElement.tagName")) == (
            "solid",
            page.evaluate("document.activeElement.tagName"),
        )


def test_a_case_has_an_address(opened: Open) -> None:
    page = opened(reports.run(), at="#case-6")
    assert shown(page) == "where-is-my-order-a-1042-9250"
    page.keyboard.press("k")
    assert page.url.endswith("#case-7")
    page.evaluate("location.hash = '#case-2'")
    assert shown(page) == "how-many-days-do-i-have-9e03"
    assert shown(opened(reports.run(), at="#case-99")) == "how-many-days-do-i-have-9e03"


def test_a_damaged_case_says_so_and_the_others_are_there(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    def damaged(report: RunReport) -> Iterator[str]:
        for at, each in enumerate(packed_cases(report)):
            yield each[: len(each) // 8 * 4] if at == 2 else each

    monkeypatch.setattr("pytest_llmreplay.report.html.packed_cases", damaged)
    page = opened(reports.run())
    expect(page.locator("#case")).to_contain_text("This case cannot be unpacked")
    page.keyboard.press("j")
    assert shown(page) == "what-does-the-warranty-7f03"


# Light and dark


def background(page: Page) -> int:
    colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
    return sum(map(int, re.findall(r"\d+", colour)[:3]))


def test_light_and_dark_follow_the_system_and_can_be_chosen(opened: Open) -> None:
    light, dark = opened(reports.run(), color_scheme="light"), opened(reports.run(), color_scheme="dark")
    assert background(light) > 600
    assert background(dark) < 150
    light.keyboard.press("t")
    assert background(light) < 150
    expect(light.locator("#theme")).to_have_text("Theme: dark")
    light.reload()
    light.wait_for_selector("html[data-ready] #case > *")
    assert background(light) < 150
    dark.get_by_role("button", name="Theme: auto").click()
    assert background(dark) > 600


CONTRAST = """() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgb = (text) => {
    canvas.fillStyle = text;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const linear = (c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
  const light = (colour) => colour.slice(0, 3).map((c) => linear(c / 255))
    .reduce((sum, c, at) => sum + c * [0.2126, 0.7152, 0.0722][at], 0);
  const behind = (node) => {
    for (let at = node; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if (!/, 0\\)$|transparent/.test(colour)) return colour;
    }
    return "white";
  };
  const found = [];
  for (const node of document.querySelectorAll("body *")) {
    const told = [...node.childNodes].some((each) => each.nodeType === 3 && each.data.trim());
    if (!told || !node.checkVisibility() || node.closest("script, option")) continue;
    const [a, b] = [light(rgb(getComputedStyle(node).color)), light(rgb(behind(node)))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) found.push([node.tagName, node.className, node.textContent.slice(0, 30), ratio]);
  }
  return found;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("case", [2, 6, 7])
def test_every_text_has_enough_contrast(opened: Open, scheme: str, case: int) -> None:
    page = opened(reports.run(), at=f"#case-{case}", color_scheme=scheme)
    page.locator("#more > summary").click()
    assert page.evaluate(CONTRAST) == []


# Waterfall


def test_the_waterfall_shows_both_runs_and_marks_the_first_divergence(opened: Open) -> None:
    page = opened(reports.run(), at="#case-6")
    steps = page.locator("button.step")
    assert [each.inner_text().split("\n") for each in steps.all()] == [
        ["1", "model gpt-4o-mini", "910 ms", "diverged ← first", "180 → 18", "$0.0000378"],
        ["2", "tool lookup_order", "40 ms", "not reached"],
        ["3", "model gpt-4o-mini", "1.63 s", "not reached", "261 → 31", "$0.0000577"],
    ]
    assert page.locator("button.step.first").count() == 1
    bars = [each.bounding_box() for each in page.locator(".lane.recorded .bar").all()]
    lane = page.locator(".lane.recorded").first.bounding_box()
    assert lane
    shares = [((b["x"] - lane["x"]) / lane["width"], b["width"] / lane["width"]) for b in bars if b]
    whole = 0.98 + 1.63
    expected = [(0, 0.91 / whole), (0.93 / whole, 0.04 / whole), (0.98 / whole, 1.63 / whole)]
    assert shares == [pytest.approx(each, abs=0.02) for each in expected]
    stopped = page.locator(".lane.live .bar")
    assert stopped.count() == 1
    assert stopped.evaluate("(node) => node.closest('button').classList.contains('first')")


def test_a_live_run_has_its_own_bars(opened: Open) -> None:
    page = opened(reports.run(), at="#case-7")
    assert page.locator(".lane.live .bar").count() == 2
    assert page.locator(".lane.live .took").all_inner_texts() == ["4.0 ms", "1.77 s"]


def test_calls_that_no_step_stands_for_are_rows(opened: Open) -> None:
    beside = StepResult(index=0, kind="model", name="gpt-5", state="unexpected", live_request="Why?", live_seconds=0.2)
    case = reports.case("more", 1, reports.retriever("Why?", ["warranty"]), beside, outcome="diverged", diverged="x")
    page = opened(reports.report(case))
    assert page.get_by_label("Why").inner_text().startswith("A call beside the trace model gpt-5 unexpected")
    assert focused_row(page) == "Call beside the trace, model gpt-5, unexpected, first divergence"
    page.get_by_role("tab", name="Request").click()
    assert page.get_by_role("tabpanel").inner_text().split("\n") == ["this run alone", "", "Why?"]


def focused_row(page: Page) -> str:
    return str(page.locator("button.step.first").get_attribute("aria-label"))


# Diff


def sides(page: Page, at: int) -> tuple[str, str]:
    """Both texts of a diff, folded lines unfolded."""
    diff = page.locator(".diff").nth(at)
    while diff.locator(".fold").count():
        diff.locator(".fold").first.click()
    old = diff.locator(".side.old .line").evaluate_all("all => all.map((each) => each.textContent)")
    now = diff.locator(".side.now .line").evaluate_all("all => all.map((each) => each.textContent)")
    return "\n".join(old), "\n".join(now)


def with_differences(pairs: Sequence[tuple[str, str]]) -> CaseResult:
    differences = [DifferenceResult(path=f"d[{at}]", recorded=a, live=b) for at, (a, b) in enumerate(pairs)]
    step = reports.retriever("Why?", ["warranty"], state="diverged", differences=differences)
    return reports.case("diff", 1, step, outcome="diverged", diverged="x")


def test_a_diff_stands_side_by_side_with_the_words_that_differ(opened: Open) -> None:
    page = opened(reports.run(), at="#case-6")
    assert page.locator("#detail del").all_inner_texts() == ["an", " about it"]
    assert page.locator("#detail ins").all_inner_texts() == ["each"]
    left, right = page.locator("#detail .changed .side").all()
    a, b = left.bounding_box(), right.bounding_box()
    assert a
    assert b
    assert a["y"] == b["y"]
    assert a["x"] + a["width"] <= b["x"]


def test_both_sides_of_any_diff_hold_the_whole_texts(opened: Open) -> None:
    chance = random.Random(7)  # noqa: S311

    def text(source: Sequence[str] = ()) -> str:
        lines = list(source) or ["".join(chance.choices("ab c", k=5)) for _ in range(chance.randrange(1, 40))]
        for _ in range(chance.randrange(6)):
            at = chance.randrange(len(lines) + 1)
            lines[at : at + chance.randrange(3)] = ["".join(chance.choices("ab c", k=4))] * chance.randrange(3)
        return "\n".join(lines)

    pairs = [(a, text(a.split("\n"))) for a in (text() for _ in range(40))]
    pairs = [(a, b) for a, b in pairs if a != b and a and b]
    page = opened(reports.report(with_differences(pairs)))
    assert [sides(page, at) for at in range(len(pairs))] == pairs


def test_texts_with_nothing_in_common_and_far_too_long_to_compare(opened: Open) -> None:
    a = "\n".join(f"old {number}" for number in range(4000))
    b = "\n".join(f"{number} new" for number in range(4000))
    page = opened(reports.report(with_differences([(a, b)])))
    assert sides(page, 0) == (a, b)


def test_equal_lines_are_folded(opened: Open) -> None:
    lines = [f"line {number}" for number in range(100)]
    page = opened(reports.report(with_differences([("\n".join(lines), "\n".join([*lines[:50], "more", *lines[50:]]))])))
    assert page.locator(".fold").all_inner_texts() == ["47 equal lines", "47 equal lines"]
    assert page.locator(".added .now .line").all_inner_texts() == ["more"]


def test_json_is_compared_member_by_member_and_no_number_is_changed(opened: Open) -> None:
    a = '{"id": 12345678901234567890, "text": "a, {b}", "none": {}, "list": [1, 2.50]}'
    page = opened(reports.report(with_differences([(a, a.replace("2.50", "3"))])))
    old, now = sides(page, 0)
    assert old.split("\n") == [
        "{",
        '  "id": 12345678901234567890,',
        '  "text": "a, {b}",',
        '  "none": {},',
        '  "list": [',
        "    1,",
        "    2.50",
        "  ]",
        "}",
    ]
    assert now == old.replace("2.50", "3")


def test_an_item_that_a_list_loses_is_all_that_differs(opened: Open) -> None:
    page = opened(reports.report(with_differences([('["a", "b", "c"]', '["a"]')])))
    assert page.locator("#detail .lost .old .line").all_inner_texts() == ['  "b",', '  "c"']
    assert page.locator("#detail .changed").count() == 0
    assert sides(page, 0) == ('[\n  "a",\n  "b",\n  "c"\n]', '[\n  "a"\n]')
    assert page.get_by_label("Why").locator("li").inner_text() == 'd[0] lost 2 lines: "b", ⏎ "c"'


# Evaluators


def test_evaluators_say_why(opened: Open) -> None:
    page = opened(reports.run(), at="#case-7")
    table = [each.split("\t") for each in page.get_by_label("Evaluators").locator("tbody tr").all_inner_texts()]
    assert [row[:2] for row in table] == [
        ["contains_all", "failed"],
        ["faithfulness", "failed"],
        ["pii", "failed"],
        ["house_style", "error"],
        ["tone", "skipped"],
        ["cost", "passed"],
    ]
    assert [each.strip() for each in table[1][2:5]] == ["0.41", ">= 0.8", "0.93"]
    assert table[1][5].strip().split("\n") == [
        "2 of 3 statements are not in the documents",
        "output.sentences[0] Everything is covered for 12 months",
        "step 1",
    ]


# What a trace may hold


def visible(text: str) -> str:
    """A text with what cannot be seen as escapes, as the page shows it."""
    seen = text.replace("\x1b", "\\x1b").replace("\x07", "\\x07").replace("\x00", "\\x00")
    return seen.replace("\u202e", "\\u202e").replace("\ud800", "\\ud800")


def test_no_script_of_a_trace_runs_no_request_leaves_and_its_text_is_read(opened: Open) -> None:
    page = opened(reports.hostile_run())
    page.locator("#more > summary").click()
    assert page.evaluate("window.broken") is None
    for name in ("Request", "Answer", "Differences"):
        page.get_by_role("tab", name=name).click()
        assert page.evaluate("window.broken") is None
        assert visible(reports.HOSTILE) in sides(page, 0)[0]
    whole = str(page.evaluate("document.body.textContent"))
    for line in reports.HOSTILE.split("\n"):
        assert visible(line) in whole
    assert page.locator("main img, main script, main style, main h1, main iframe, main a").count() == 0
    page.get_by_label("Filter by stage").select_option(index=1)
    page.get_by_label("Filter by failed evaluator").select_option(index=1)
    page.fill("#search", "<script>")
    assert len(rows(page)) == 1
    assert page.evaluate("window.broken") is None


@pytest.mark.parametrize(
    "attack",
    [
        "document.body.innerHTML += '<img src=x>'",
        "document.createElement('img').setAttribute('onerror', 'window.broken = 1')",
        "document.body.append(Object.assign(document.createElement('script'), { text: 'window.broken = 1' }))",
    ],
)
def test_what_would_make_a_script_of_text_is_refused_by_the_browser(opened: Open, attack: str) -> None:
    page = opened(reports.report(), watched=False)
    said = page.evaluate(f"() => {{ try {{ {attack}; return 'done'; }} catch (error) {{ return error.name; }} }}")
    assert (said, page.evaluate("window.broken")) == ("TypeError", None)


def test_what_would_load_something_is_refused_by_the_browser(opened: Open) -> None:
    page = opened(reports.report(), watched=False)
    refused = page.evaluate(
        """async () => {
            const found = [];
            addEventListener("securitypolicyviolation", (event) => found.push(event.effectiveDirective));
            document.body.append(Object.assign(new Image(), { src: "https://example.invalid/x.png" }));
            await fetch("https://example.invalid/").catch(() => {});
            await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
            return found.sort();
        }"""
    )
    assert refused == ["connect-src", "img-src"]


@pytest.mark.parametrize(
    "line", ["word " * 20, "x" * 1_000_000, reports.HOSTILE + "\n"], ids=["lines", "one", "hostile"]
)
def test_a_text_of_a_megabyte_is_there_to_the_last_character(opened: Open, line: str) -> None:
    text = (line.rstrip() + "\n") * (1_000_000 // len(line)) + "END"
    step = StepResult(index=1, kind="model", name="m", state="same", request=text, answer=text)
    page = opened(reports.report(replace(reports.case("long", 1, step), output="", recorded_output="")))
    page.locator("button.step").click()
    panel = page.get_by_role("tabpanel")
    assert panel.evaluate("(node) => node.textContent") == visible(text)
    page.locator(".text").evaluate("(node) => (node.lastElementChild ?? node).scrollIntoView({ block: 'end' })")
    end = page.locator(".text").evaluate(
        """(node) => {
            const range = document.createRange();
            const last = node.lastElementChild ?? node;
            range.setStart(last.lastChild, last.lastChild.length - 3);
            range.setEnd(last.lastChild, last.lastChild.length);
            return range.getBoundingClientRect().toJSON();
        }"""
    )
    assert 0 < end["bottom"] <= 900
    assert end["width"] > 0


# Paper and small screens


def test_a_small_screen_is_not_scrolled_sideways(opened: Open) -> None:
    page = opened(reports.run(), width=420)
    assert page.evaluate("document.documentElement.scrollWidth") <= 420


def test_on_paper_all_cases_are_listed(opened: Open) -> None:
    cases = [reports.passed(f"case-{number}", number, "Why?", "So.", ["warranty"]) for number in range(100)]
    page = opened(reports.report(*cases))
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert len(rows(page)) == 100
    height = page.locator("#case").bounding_box()
    listed = page.locator("#list").bounding_box()
    assert height
    assert listed
    assert listed["height"] >= 100 * 46
    assert height["y"] >= listed["y"] + listed["height"]
    expect(page.locator("#search")).to_be_hidden()


# Where there is no browser


def test_without_a_browser_the_page_is_not_tested_but_ci_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name: None)
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="no Chromium is installed"):
        chromium()
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="apt-get install chromium"):
        chromium()


# The picture in the documentation


def test_the_picture_in_the_documentation_is_that_of_the_example_after_a_change(
    browser: Browser, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.goto(broken_example(tmp_path).as_uri())
    expect(page.locator("h1")).to_have_text("3 of 4 cases fail, 2 gates failed")
    assert rows(page) == [
        "how-many-days-do-i-have-9e03",
        "how-many-working-days-7d3b",
        "hi-can-you-recommend-d36d",
        "where-is-my-order-a-1042-9250",
    ]
    assert page.get_by_label("Why").locator("li").all_inner_texts() == [
        "top_k 3 → 1",
        'documents lost 2 lines: "refund-2026", ⏎ "shipping-times"',
    ]
    if request.config.getoption("--update-docs"):
        IMAGE.parent.mkdir(exist_ok=True)
        page.screenshot(path=IMAGE)
    page.close()
    assert IMAGE.read_bytes().startswith(b"\x89PNG")
