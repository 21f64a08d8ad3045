"""Size of the HTML report, and how long it takes to write and to open in Chromium.

Run: ``python -m benchmarks.report [--cases 1000] [--steps 10] [--kb 4]``
"""

import argparse
import random
import shutil
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.timing import met, table
from pytest_llmreplay.model.evaluation import Evaluation
from pytest_llmreplay.model.result import CaseResult, DifferenceResult, RunReport, StepResult, Totals
from pytest_llmreplay.report.html import HtmlReport

GOAL_MB = 15.0
GOAL_SECONDS = 2.0
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")
OPENED = """() => {
    const [page] = performance.getEntriesByType("navigation");
    return [page.domInteractive, page.domContentLoadedEventEnd, performance.now()];
}"""
"""Milliseconds behind the start: parsed, script run, and the case shown."""


def words(chance: random.Random, size: int) -> str:
    """Text of made-up words of about so many bytes."""
    vocabulary = ["".join(chance.choices("etaoinshrdlu", k=chance.randrange(2, 11))) for _ in range(3000)]
    return " ".join(chance.choices(vocabulary, k=size // 7))


def run(cases: int, steps: int, size: int) -> RunReport:
    """A run of agents: each step's request holds the ones before it; every tenth case diverges."""
    chance = random.Random(1)
    vocabulary = words(chance, 200_000).split()
    system = " ".join(chance.choices(vocabulary, k=200))
    made = [case(number, steps, size, system, vocabulary, chance) for number in range(cases)]
    diverged = sum(each.outcome == "diverged" for each in made)
    totals = Totals(cases=cases, passed=cases - diverged, diverged=diverged, pass_rate=1 - diverged / cases)
    return RunReport(
        created="2026-11-22T00:00:00Z", versions={"pytest-llmreplay": "0"}, mode="replay", totals=totals, cases=made
    )


def case(number: int, steps: int, size: int, system: str, vocabulary: list[str], chance: random.Random) -> CaseResult:
    """One of them."""
    history, details = system, []
    bad = number % 10 == 0
    for index in range(1, steps + 1):
        turn = " ".join(chance.choices(vocabulary, k=size // 7))
        history = f"{history}\n\n[user]\n{turn}" if len(history) < 4 * size else f"{system}\n\n[user]\n{turn}"
        answer = " ".join(chance.choices(vocabulary, k=size // 20))
        differs = bad and index == steps // 2
        details.append(
            StepResult(
                index=index,
                kind=("retriever", "model", "tool")[index % 3],
                name=f"step-{index}",
                state="diverged" if differs else "same",
                span_id=f"{number:08x}{index:08x}",
                start=index * 0.5,
                seconds=0.4,
                live_seconds=0.001,
                request=history,
                live_request=history + " more" if differs else None,
                answer=answer,
                differences=[DifferenceResult(path="messages[1]", recorded=turn, live=turn + " more")] * differs,
                tokens_in=len(history) // 4,
                tokens_out=len(answer) // 4,
                cost_usd=0.0001,
            )
        )
    return CaseResult(
        trace_id=f"{number:032x}",
        steps=steps,
        asked=steps,
        functions=0,
        diverged="step differs" if bad else None,
        case=f"tests/test_agent.py::test_agent[question-{number}-{number:04x}]",
        outcome="diverged" if bad else "passed",
        step=steps // 2 if bad else None,
        evaluations=[Evaluation(name=f"e{at}", judgement="passed", score=1.0, need="= 1") for at in range(4)],
        details=details,
    )


def opening(path: Path, rounds: int) -> list[list[float]] | None:
    """Milliseconds until the page is parsed, its script has run and a case is shown; None without Chromium."""
    chromium = next(filter(None, map(shutil.which, CHROMIUMS)), None)
    if chromium is None:
        return None
    from playwright.sync_api import sync_playwright

    found = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        for _ in range(rounds):
            page = browser.new_page()
            page.goto(path.as_uri(), wait_until="commit")
            page.wait_for_selector("#case h2")
            found.append(page.evaluate(OPENED))
            page.close()
        browser.close()
    return found


def main() -> int:
    """Write a report, open it some times, and say what that took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=1000)
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--kb", type=int, default=1, help="what each step adds to the conversation")
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    report = run(given.cases, given.steps, given.kb * 1000)
    texts = sum(len(each.request) + len(each.answer) for found in report.cases for each in found.details)
    began = time.perf_counter()
    page = HtmlReport().render(report)
    took = time.perf_counter() - began
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "report.html"
        path.write_text(page, encoding="utf-8")
        size = path.stat().st_size / 1e6
        opened = opening(path, given.rounds)
    table(["cases", "steps", "texts", "page", "written in"], [
        [f"{given.cases:,}", str(given.steps), f"{texts / 1e6:.1f} MB", f"{size:.1f} MB", f"{took:.2f} s"],
    ])  # fmt: skip
    print(f"size in MB: {met(size, GOAL_MB)}")
    if opened is None:
        print("opening: no Chromium is installed")
        return 0
    table(["parsed", "script run", "case shown"], [[f"{each:.0f} ms" for each in row] for row in opened])
    print(f"seconds to the case shown, worst: {met(max(row[-1] for row in opened) / 1000, GOAL_SECONDS)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
