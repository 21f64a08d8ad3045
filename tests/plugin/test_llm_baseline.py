"""``--llm-baseline`` and ``--llm-baseline-save``."""

import json
import re

from tests.plugin.conftest import Project
from tests.sample import ask, traced

JUDGED = """
from pytest_llmreplay import llm_replay
from shop import answer

def brevity(ctx):
    return 1 / len(ctx.text)

@llm_replay(evaluators=[brevity])
def test_answer(llm_replay):
    llm_replay.run(answer)
"""
CASE = "test_shop.py::test_answer[where-is-my-order-0001]"


SAVED = {"created": "2026-11-20T01:02:03+00:00", "commit": "main@3f2a9c1"}


def base(project: Project) -> str:
    """The baseline's text."""
    return (project.path / "base.json").read_text(encoding="utf-8")


def saved(project: Project, *, alone: bool = False) -> None:
    """A project with two cases, and its run as a baseline."""
    project.shop(traced(), traced(number=2), test=JUDGED)
    project.run("--llm-baseline-save=base.json", alone=alone)


def test_a_baseline_holds_verdicts_scores_and_figures_and_no_text_of_a_trace(project: Project) -> None:
    saved(project)
    text = (project.path / "base.json").read_text(encoding="utf-8")
    value = json.loads(text)
    assert value["cases"][CASE] == {
        "trace_id": traced().id,
        "passed": 1,
        "runs": 1,
        "outcome": "passed",
        "diverged": "",
        "scores": {"brevity": 0.058824},
        "tokens_in": 12,
        "tokens_out": 6,
        "cost_usd": None,
        "recorded_seconds": value["cases"][CASE]["recorded_seconds"],
    }
    assert "on its way" not in text
    assert text.count("\n") > 20


def test_the_header_names_the_baseline_in_its_second_line(project: Project) -> None:
    saved(project)
    text = re.sub(r'"(created|commit)": "[^"]*"', lambda found: f'"{found[1]}": "{SAVED[found[1]]}"', base(project))
    (project.path / "base.json").write_text(text, encoding="utf-8")
    lines = project.run("--llm-baseline=base.json").lines
    assert [line for line in lines if line.startswith("llm")] == [
        "llm: replay (drift fail), network blocked; 2 traces from traces.jsonl (otlp-json 2)",
        "llm baseline: base.json, main@3f2a9c1, 2026-11-20, 2 traces",
    ]


def test_what_could_not_be_read_stands_behind_the_baseline(project: Project) -> None:
    saved(project)
    project.traces(traced(), traced(number=2), b"{oops\n")
    lines = project.run("--llm-baseline=base.json", status=1).lines
    assert [line for line in lines if line.startswith("llm")][1].endswith(", 2 traces; 1 record not read")


def test_an_equal_run_shows_that_nothing_changed(project: Project) -> None:
    saved(project)
    output = project.run("--llm-baseline=base.json")
    assert re.search(r"pass rate +100.0% +100.0% +0 pt\n", output.summary)
    assert "newly" not in output.summary


def test_what_newly_fails_vanishes_or_is_new_is_named(project: Project) -> None:
    saved(project)
    project.traces(traced(ask(asked="Something else?")), traced(number=3))
    output = project.run("--llm-baseline=base.json", status=1)
    assert f"newly failing: {CASE}  passed -> step 1 of 1" in output.summary
    assert "vanished: test_shop.py::test_answer[where-is-my-order-0002]  passed" in output.summary
    assert "new: test_shop.py::test_answer[where-is-my-order-0003]  passed" in output.summary
    assert re.search(r"pass rate +100.0% +50.0% +-50.0 pt\n", output.summary)


def test_a_changed_score_is_named(project: Project) -> None:
    saved(project)
    project.traces(traced(ask(told="It is on its way to you.")), traced(number=2))
    output = project.run("--llm-baseline=base.json")
    assert f"score: {CASE}  brevity 0.05882 -> 0.04167" in output.summary


VERDICTS = """
from pytest_llmreplay import llm_replay
from shop import answer

def brevity(ctx):
    return 1 / len(ctx.text)

def short(ctx):
    return len(ctx.text) < 20

@llm_replay(evaluators=[brevity, short])
def test_answer(llm_replay):
    llm_replay.run(answer)
"""
LONGER = "It is on its way to you."


PAIRED = """\
kpi          baseline  now      change    limit
pass rate    100.0%    25.0%    -75.0 pt  >= 20%  ok
latency p50  60.00 s   60.00 s  0%
latency p95  60.00 s   60.00 s  0%
tokens       144       144      0%
score        1.000     0.250    -0.750
brevity      0.059     0.046    -0.013
short        1.000     0.250    -0.750
baseline base.json …
  change of verdicts: p = 0.031 (McNemar, exact)
  change of brevity: p = 0.031 (sign test)
  change of short: p = 0.031 (sign test)
"""


def paired(project: Project, changed: int) -> str:
    """What is said of eight cases beside their baseline, of which some have a longer answer, and so no longer pass."""
    cases = range(1, 9)
    ini = "llm_traces = traces.jsonl\nllm_tolerate = failed\nllm_gate = pass_rate >= 20%\n"
    project.shop(*(traced(number=number) for number in cases), test=VERDICTS, ini=ini)
    project.run("--llm-baseline-save=base.json")
    project.traces(*(traced(ask(told=LONGER), number=n) if n <= changed else traced(number=n) for n in cases))
    found = project.run("--llm-baseline=base.json")
    return re.sub(r"(?m)^baseline base.json .*$", "baseline base.json …", found.summary[found.summary.index("kpi ") :])


def test_paired_tests_say_what_chance_would_do(project: Project) -> None:
    assert paired(project, changed=6) == PAIRED


def test_too_few_pairs_are_not_tested(project: Project) -> None:
    assert "p = " not in paired(project, changed=5)


def test_a_part_of_the_cases_is_compared_without_calling_the_others_vanished(project: Project) -> None:
    saved(project)
    output = project.run("--llm-baseline=base.json", "-k", "0001")
    assert "vanished:" not in output.summary
    assert "not all cases were run" in output.summary


def test_a_part_of_the_cases_is_not_saved(project: Project) -> None:
    saved(project)
    before = (project.path / "base.json").read_bytes()
    output = project.run("--llm-baseline-save=base.json", "-k", "0001", status=1)
    assert "base.json was left as it is: not all cases were run" in output.summary
    assert (project.path / "base.json").read_bytes() == before


def test_a_baseline_that_is_not_there_is_an_error_unless_this_run_makes_it(project: Project) -> None:
    project.shop(test=JUDGED)
    told = project.run("--llm-baseline=base.json", status=4).told
    assert "base.json cannot be read (No such file or directory); save a new one with --llm-baseline-save" in told
    project.run("--llm-baseline=base.json", "--llm-baseline-save=base.json")


def test_a_baseline_of_another_format_or_with_conflict_markers_is_named(project: Project) -> None:
    saved(project)
    path = project.path / "base.json"
    path.write_text('{"format": 0}', encoding="utf-8")
    told = project.run("--llm-baseline=base.json", status=4).told
    assert "has format 0, this version reads 1; save a new one with --llm-baseline-save" in told
    path.write_text('{"format": 2}', encoding="utf-8")
    told = project.run("--llm-baseline=base.json", status=4).told
    assert "this version reads 1; update pytest-llmreplay, or save a new one with --llm-baseline-save" in told
    path.write_text("<<<<<<< ours\n{}\n=======\n{}\n>>>>>>> theirs\n", encoding="utf-8")
    assert "(it holds merge-conflict markers)" in project.run("--llm-baseline=base.json", status=4).told


def test_with_workers_the_comparison_is_the_same(project: Project) -> None:
    saved(project, alone=True)
    project.traces(traced(ask(asked="Something else?")), traced(number=3))
    alone = project.run("--llm-baseline=base.json", status=1, alone=True)
    together = project.run("--llm-baseline=base.json", "-n2", status=1, alone=True)
    assert alone.summary == together.summary


def test_a_baseline_of_a_run_that_fails_says_what_it_accepts(project: Project) -> None:
    project.shop(
        traced(),
        traced(ask(asked="Something else?"), number=2),
        traced(ask(told="No."), number=3),
        test=JUDGED.replace("[brevity]", '[brevity, {"contains": "way"}]'),
    )
    output = project.run("--llm-baseline-save=base.json", status=1)
    assert (
        "written: base.json\n"
        "  it accepts cases that did not pass: 1 diverged, 1 failed; compared with it they are not newly failing\n"
    ) in output.summary
    assert "newly failing" not in project.run("--llm-baseline=base.json", status=1).summary
    project.traces(traced())
    assert "it accepts" not in project.run("--llm-baseline-save=base.json").summary
