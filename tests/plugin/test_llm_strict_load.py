"""``--llm-strict-load``: what could not be read raises the exit status."""

import json

import pytest

from tests.plugin.conftest import Project
from tests.sample import jsonl, traced

REASON = "exit status 1: 1 record could not be read as it is (llm_strict_load = false to accept that)"
DROPPED = b'{"resourceSpans": [{"scopeSpans": oops\n'


def repaired() -> bytes:
    """A trace in which a number is none."""
    export = traced(number=2).exports()
    span = export["resourceSpans"][0]["scopeSpans"][0]["spans"][0]
    span["attributes"].append({"key": "score", "value": {"doubleValue": 0.25}})
    return json.dumps(export).replace("0.25", "NaN").encode() + b"\n"


def test_a_dropped_record_raises_the_exit_status_and_says_so(project: Project) -> None:
    project.shop(traced(), DROPPED)
    assert (
        project.run(status=1)
        == f"""\
test_shop.py .                                                           [100%]

================================= llm summary ==================================
1 trace replayed: 1 matched; 1 step
1 model call answered, 0 live; recorded steps: 1 model
1 record not read:
  traces.jsonl:2: not JSON; cut in half, or not a trace file
{REASON}
============================== 1 passed in 0.00s ===============================
"""
    )


def test_a_malformed_span_counts_once(project: Project) -> None:
    broken = traced(number=2).exports()
    broken["resourceSpans"][0]["scopeSpans"][0]["spans"][-1]["attributes"] = 5
    project.shop(traced(), json.dumps(broken).encode() + b"\n")
    summary = project.run(status=1).summary
    assert "1 record not read:\n  traces.jsonl:2: span 1 of the record is malformed: " in summary


def test_a_time_beyond_all_clocks_costs_no_run(project: Project) -> None:
    late = json.loads(jsonl(traced(number=2)))
    for scope in late["resourceSpans"][0]["scopeSpans"]:
        for span in scope["spans"]:
            span["startTimeUnixNano"] = "9" * 30
    project.shop(traced(), json.dumps(late).encode() + b"\n")
    assert project.run().last == "2 passed in 0.00s"


def test_under_q_too(project: Project) -> None:
    project.shop(traced(), DROPPED)
    assert (
        project.run("-q", status=1).summary.removesuffix("1 passed in 0.00s\n")
        == f"""\
1 trace replayed: 1 matched; 1 step
1 model call answered, 0 live; recorded steps: 1 model
1 record not read:
  traces.jsonl:2: not JSON; cut in half, or not a trace file
{REASON}
"""
    )


@pytest.mark.parametrize("word", ["false", "0", "False"])
def test_the_ini_key_accepts_it(project: Project, word: str) -> None:
    project.shop(traced(), DROPPED, ini=f"llm_traces = traces.jsonl\nllm_strict_load = {word}\n")
    assert (
        project.run().summary
        == """\
1 trace replayed: 1 matched; 1 step
1 model call answered, 0 live; recorded steps: 1 model
1 record not read:
  traces.jsonl:2: not JSON; cut in half, or not a trace file
"""
    )


def test_a_word_that_does_not_exist_is_a_usage_error(project: Project) -> None:
    project.shop(ini="llm_traces = traces.jsonl\nllm_strict_load = fals\n")
    assert project.run(status=4).told == (
        "ERROR: llm_strict_load: 'fals' is none of true, false; did you mean 'false'?\n"
    )


def test_a_repaired_record_is_named_and_accepted(project: Project) -> None:
    project.shop(traced(), repaired())
    output = project.run()
    assert "1 record repaired:\n  traces.jsonl:2: " in output.summary
    assert output.last == "2 passed in 0.00s"


def test_the_option_does_not_accept_a_repaired_one(project: Project) -> None:
    project.shop(traced(), repaired())
    assert project.run("--llm-strict-load", status=1).summary.endswith(f"{REASON}\n")


@pytest.mark.parametrize("variable", ["CI", "BUILD_NUMBER"])
def test_nor_does_a_ci(project: Project, variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    project.shop(traced(), repaired())
    monkeypatch.setenv(variable, "1")
    assert project.run(status=1).summary.endswith(f"{REASON}\n")


def test_the_exit_status_is_never_lowered(project: Project) -> None:
    project.shop(traced(), DROPPED)
    assert "exit status" not in project.run("-k", "nothing", status=5).summary
    project.write(test_shop="oops")
    project.run(status=2)


def test_a_run_that_failed_anyway_gives_no_second_reason(project: Project) -> None:
    project.shop(traced(output="Something else."), DROPPED)
    summary = project.run(status=1).summary
    assert "1 record not read:" in summary
    assert "exit status" not in summary


def test_records_of_a_marker_count_too(project: Project) -> None:
    project.shop(
        traced(),
        DROPPED,
        ini="",
        test="""
import pytest
from shop import answer

@pytest.mark.llm_replay(traces="traces.jsonl")
def test_answer(llm_replay):
    llm_replay.run(answer)
""",
    )
    assert project.run(status=1).summary.endswith(f"{REASON}\n")


def test_under_xdist_each_record_is_named_once(project: Project) -> None:
    project.shop(traced(), traced(number=3), DROPPED)
    assert (
        project.run("-n2", status=1, alone=True).summary
        == f"""\
2 traces replayed: 2 matched; 2 steps
2 model calls answered, 0 live; recorded steps: 2 model
1 record not read:
  traces.jsonl:3: not JSON; cut in half, or not a trace file
{REASON}
"""
    )
