"""``--llm-report FORMAT:PATH``."""

import json
import re
from pathlib import Path

import pytest

from pytest_llmreplay.report.json import read
from tests.plugin.conftest import Project
from tests.report.test_html import cases
from tests.sample import ask, traced

MIXED = """
from pytest_llmreplay import llm_replay
from shop import answer

@llm_replay(evaluators=["exact"])
def test_answer(llm_replay):
    llm_replay.run(answer)
"""


def mixed(project: Project) -> None:
    """A case that passes, one that diverges, and one that fails."""
    other = traced(ask(told="Tomorrow."), number=3)
    project.shop(traced(), traced(ask(asked="Something else?"), number=2), other, test=MIXED)


def test_a_json_report_holds_every_case_step_by_step(project: Project) -> None:
    mixed(project)
    output = project.run("--llm-report=json:out/report.json", status=1)
    report = read((project.path / "out/report.json").read_text(encoding="utf-8"), "report.json")
    assert "written: " in output.summary
    assert [case.outcome for case in report.cases] == ["passed", "diverged", "failed"]
    assert (report.totals.cases, report.totals.passed, report.totals.diverged, report.totals.failed) == (3, 1, 1, 1)
    passed, diverged, failed = report.cases
    assert [(step.kind, step.state, step.answer) for step in passed.details] == [("model", "same", "It is on its way.")]
    assert [(each.path, each.recorded, each.live) for each in diverged.details[0].differences] == [
        ("messages[1].content", "Something else?", "Where is my order?")
    ]
    assert (diverged.stage, diverged.step, diverged.details[0].state) == ("prompt", 1, "diverged")
    assert failed.message.startswith("exact: from character 1 on")
    assert failed.output == "Tomorrow."
    assert [each.judgement for each in passed.evaluations] == ["passed"]


def test_without_a_terminal_the_report_holds_as_much(project: Project) -> None:
    mixed(project)
    project.run("-p", "no:terminal", "--llm-report=json:report.json", status=1)
    report = read((project.path / "report.json").read_text(encoding="utf-8"), "report.json")
    assert [case.outcome for case in report.cases] == ["passed", "diverged", "failed"]


@pytest.mark.parametrize("workers", [(), ("-n2",)])
def test_a_run_whose_tests_could_not_be_collected_has_not_passed(project: Project, workers: tuple[str, ...]) -> None:
    project.shop()
    project.write(test_broken="import nothing_of_this_name\n")
    more = ("--continue-on-collection-errors", *workers)
    project.run("--llm-report=json:r.json", "--llm-report=md:r.md", *more, status=1, alone=bool(workers))
    report = read((project.path / "r.json").read_text(encoding="utf-8"), "r.json")
    assert [case.outcome for case in report.cases] == ["passed"]
    assert report.exit_reason == "exit status 1: 1 error while collecting"
    assert (project.path / "r.md").read_text(encoding="utf-8").startswith("## llm replay FAILED: the run failed\n")


def test_a_run_of_nothing_has_not_passed(project: Project) -> None:
    project.shop()
    project.run("--llm-report=json:r.json", "-k", "nothing_of_this_name", status=5)
    report = read((project.path / "r.json").read_text(encoding="utf-8"), "r.json")
    assert report.exit_reason == "exit status 5: no tests collected"


def timeless(text: str) -> str:
    """A report without what differs from run to run."""
    value = json.loads(text)
    value["created"] = ""
    for case in value["cases"]:
        case["seconds"] = 0
        for each in case["evaluations"]:
            each["seconds"] = 0
        for each in case["details"]:
            each["live_start"] = each["live_seconds"] = 0
    return json.dumps(value, indent=1)


def test_with_workers_the_reports_are_the_same_but_for_times(project: Project) -> None:
    mixed(project)
    names = ("json", "md")
    project.run(*(f"--llm-report={name}:one.{name}" for name in names), status=1, alone=True)
    project.run(*(f"--llm-report={name}:two.{name}" for name in names), "-n2", status=1, alone=True)
    one, two = ((project.path / f"{each}.json").read_text(encoding="utf-8") for each in ("one", "two"))
    assert timeless(one) == timeless(two)
    first, second = (
        re.sub(r"\d{4}-\d\d-\d\dT[\d:+]*", "", (project.path / f"{each}.md").read_text(encoding="utf-8"))
        for each in ("one", "two")
    )
    assert first == second


def test_a_summary_for_a_pull_request_is_written_where_github_wants_it(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(project.path / "step.md"))
    (project.path / "step.md").write_text("before\n", encoding="utf-8")
    mixed(project)
    project.run(status=1)
    text = (project.path / "step.md").read_text(encoding="utf-8")
    assert text.startswith("before\n")
    assert "2 of 3 cases fail" in text


def test_a_trace_that_cannot_be_replayed_stands_in_the_report(project: Project) -> None:
    project.shop(traced(ask(attributes={"gen_ai.output.messages": None})), test=MIXED)
    project.run("--llm-report=json:report.json", status=1)
    report = read((project.path / "report.json").read_text(encoding="utf-8"), "report.json")
    (case,) = report.cases
    assert (case.outcome, case.trace_id) == ("error", traced().id)
    assert "cannot be replayed" in case.message


@pytest.mark.parametrize("given", ["jsn:report.json", "json", "json:"])
def test_a_format_that_does_not_exist_is_a_usage_error(project: Project, given: str) -> None:
    project.shop()
    assert f"--llm-report {given!r}: write FORMAT:PATH" in project.run(f"--llm-report={given}", status=4).told


def test_a_report_that_cannot_be_written_raises_the_exit_status_and_the_run_still_reports(project: Project) -> None:
    project.shop()
    Path(project.path / "taken").write_text("", encoding="utf-8")
    output = project.run("--llm-report=json:taken/report.json", status=1)
    assert "1 trace replayed: 1 matched" in output.summary
    assert re.search(r"exit status 1: --llm-report json: \S+taken/report.json cannot be written", output.summary)


@pytest.mark.parametrize("given", ["--llm-report=json:folder", "--llm-baseline-save=folder"])
def test_a_path_that_is_a_folder_raises_the_exit_status_and_says_why_with_q_as_well(
    project: Project, given: str
) -> None:
    project.shop()
    (project.path / "folder").mkdir()
    summary = project.run("-q", given, status=1).summary
    assert re.search(r"^exit status 1: --llm-\S+( json)?: \S+folder", summary, re.MULTILINE)
    assert "written" not in summary.replace("cannot be written", "")


def test_two_files_of_a_run_have_paths_of_their_own(project: Project) -> None:
    project.shop()
    told = project.run("--llm-report=json:out", "--llm-baseline-save=out", status=4).told
    assert re.search(r"ERROR: --llm-baseline-save: \S+out is written by --llm-report already", told)


def test_no_report_holds_a_secret_of_an_output_an_evaluator_or_a_divergence(project: Project) -> None:
    key = "sk-" + "proj-" + "Zx81Qm0bT7vLr4WnKd92" * 2
    project.shop(
        traced(ask(asked=f"My key is {key}")),
        traced(ask(told=f"Your key is {key}"), number=2),
        test="""
from pytest_llmreplay import llm_replay
from pytest_llmreplay.evaluate import Score
from shop import answer

def quotes(ctx):
    return Score(ctx.text, f"it says {ctx.text}", passed=False)

@llm_replay(evaluators=[quotes])
def test_answer(llm_replay):
    llm_replay.run(answer)
""",
    )
    paths = [f"--llm-report={each}:out.{each}" for each in ("json", "md", "html")]
    output = project.run(*paths, "--junitxml=out.xml", "--llm-baseline-save=base.json", "-vv", status=1)
    assert output.last == "2 failed in 0.00s"
    names = ("out.json", "out.md", "out.html", "out.xml", "base.json")
    texts = {name: (project.path / name).read_text(encoding="utf-8") for name in names}
    texts["terminal"] = "\n".join(output.lines)
    texts["cases"] = json.dumps(cases(texts["out.html"]))
    assert [name for name, text in texts.items() if key in text] == []
    assert all("redacted" in texts[name] for name in ("out.xml", "cases"))


def test_nothing_is_written_where_nothing_is_run(project: Project) -> None:
    project.shop()
    project.run("--llm-report=json:report.json", "--collect-only")
    assert not (project.path / "report.json").exists()
