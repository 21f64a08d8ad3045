"""What a run prints before and after the tests."""

import pytest

from tests.builders import line, log_export, otlp_log, otlp_span
from tests.plugin.conftest import Project
from tests.sample import TEST, ask, rate_limited, traced


def test_nothing_is_printed_where_nothing_is_configured(project: Project) -> None:
    project.write(test_plain="def test_plain(): pass\n")
    output = project.run()
    assert "llm" not in "\n".join(each for each in output.lines if not each.startswith(("plugins:", "rootdir:")))


def test_the_header_is_one_line(project: Project) -> None:
    project.shop()
    output = project.run()
    assert output.header == ["llm: replay (drift fail), network blocked; 1 trace from traces.jsonl (otlp-json 1)"]


def test_the_header_names_what_could_not_be_read_and_what_was_passed_over(project: Project) -> None:
    project.shop(ini="llm_traces =\n    traces\n    more.jsonl\n")
    (project.path / "traces").mkdir()
    (project.path / "traces" / "notes.txt").write_text("hello")
    project.traces(traced(), traced(number=2), b"{oops\n", name="traces/a.jsonl")
    project.traces(traced(number=3), name="more.jsonl")
    output = project.run(status=1)
    assert output.header == [
        "llm: replay (drift fail), network blocked; 3 traces from traces, more.jsonl (otlp-json 3)",
        "llm: 1 record not read; passed over: traces/notes.txt",
    ]


def test_the_header_tells_of_an_open_network(project: Project) -> None:
    project.shop()
    assert project.run("--llm-network=allow").header == [
        "llm: replay (drift fail), network allowed; 1 trace from traces.jsonl (otlp-json 1)"
    ]


def test_q_is_silent_where_all_is_well(project: Project) -> None:
    project.shop()
    assert (
        project.run("-q")
        == """\
.                                                                        [100%]
1 passed in 0.00s
"""
    )


def test_q_is_not_silent_where_something_is_wrong(project: Project) -> None:
    project.shop(traced(ask(asked="Something else?")))
    assert (
        project.run("-q", status=1)
        == """\
D                                                                        [100%]
=================================== FAILURES ===================================
_____________________ test_answer[where-is-my-order-0001] ______________________
trace 0001916cd43d  recorded 2026-05-28 20:26 (genai)  traces.jsonl:1

  1 model      gpt-4o-mini              DIVERGED   <- first
step 1, model gpt-4o-mini, stage prompt
  messages[1].content   recorded Something else?, now Where is my order?
only this step:  pytest "test_shop.py::test_answer[where-is-my-order-0001]" --llm-until=1
================================= llm summary ==================================
1 trace replayed: 0 matched, 1 diverged; 1 step
0 model calls answered, 0 live; recorded steps: 1 model
=========================== short test summary info ============================
DIVERGED test_shop.py::test_answer[where-is-my-order-0001] - step 1 of 1, gpt...
1 failed in 0.00s
"""
    )


def test_the_summary_counts_what_became_of_each(project: Project) -> None:
    project.shop(
        traced(),
        traced(ask(asked="Something else?"), number=2),
        traced(output="Something else.", number=3),
        traced(ask(), ask(asked="And when?"), number=4),
        traced(ask(attributes={"gen_ai.output.messages": None}), number=5),
    )
    output = project.run(status=1)
    assert output.startswith("test_shop.py .DFDE ")
    assert (
        output.summary
        == """\
4 traces replayed: 1 matched, 2 diverged, 1 failed; 5 steps
3 model calls answered, 0 live; recorded steps: 5 model
1 case could not be replayed
"""
    )


def test_the_kinds_of_recorded_steps_are_counted(project: Project) -> None:
    tool = otlp_span(
        "lookup.tool", trace=traced().id, number=8, parent=1, start=1,
        attributes={"traceloop.span.kind": "tool", "traceloop.entity.name": "lookup",
                    "traceloop.entity.input": '{"args": [], "kwargs": {"id": "A-1"}}',
                    "traceloop.entity.output": '"sent"'},
    )  # fmt: skip
    project.shop(traced(ask(), extra=[tool]))
    assert (
        project.run().summary
        == """\
1 trace replayed: 1 matched; 2 steps
1 model call answered, 0 live; recorded steps: 1 tool, 1 model
"""
    )


def test_the_table_shows_every_step_and_what_became_of_it(project: Project) -> None:
    tool = otlp_span(
        "search.task", trace=traced().id, number=8, parent=1, start=1,
        attributes={"traceloop.span.kind": "task", "traceloop.entity.name": "search",
                    "traceloop.entity.input": '{"args": [], "kwargs": {"query": "x"}}',
                    "traceloop.entity.output": "[]"},
    )  # fmt: skip
    project.shop(
        traced(ask(), ask(asked="And when?"), ask(asked="Who pays?"), extra=[tool], request="req-1"),
        test="""
from shop import answer

def test_answer(llm_replay):
    answer("Where is my order?")
    answer("And how?")
""",
    )
    assert (
        project.run(status=1).failures
        == """\
_____________________ test_answer[where-is-my-order-0001] ______________________
trace 0001916cd43d  request req-1  recorded 2026-05-28 20:26 (genai)  traces.jsonl:1

  1 retriever  search                   not replayed
  2 model      gpt-4o-mini              same
  3 model      gpt-4o-mini              DIVERGED   <- first
  4 model      gpt-4o-mini              not reached
step 3, model gpt-4o-mini, stage prompt
  messages[1].content   recorded And when?, now And how?
only this step:  pytest "test_shop.py::test_answer[where-is-my-order-0001]" --llm-until=3
"""
    )


LONG = "\n".join(f"Rule {number}: be {'brief' if number % 9 else 'kind'}." for number in range(60))


@pytest.mark.parametrize(("option", "lines"), [("", 25), ("-v", 100), ("-vv", 127)])
def test_a_failure_takes_25_lines_and_more_where_asked_for(project: Project, option: str, lines: int) -> None:
    changed = LONG.replace(": be", ": do be")
    project.shop(
        traced(ask(system=changed)),
        app=f"""
from openai import OpenAI

def answer(question):
    OpenAI().chat.completions.create(model="gpt-4o-mini", temperature=0, messages=[
        {{"role": "system", "content": {LONG!r}}}, {{"role": "user", "content": question}},
    ])
""",
    )
    failures = project.run(*([option] if option else []), status=1).failures.rstrip("\n").split("\n")
    assert len(failures) == lines
    told = {"": "   102 more lines:  -vv", "-v": "   27 more lines:  -vv", "-vv": ""}[option]
    again = 'only this step:  pytest "test_shop.py::test_answer[where-is-my-order-0001]" --llm-until=1'
    assert failures[-1] == again + told


def test_under_vv_the_short_summary_is_whole(project: Project) -> None:
    project.shop(traced(ask(asked="Something else?")))
    assert (
        project.run("-vv", status=1).section("short test summary info")
        == """\
DIVERGED test_shop.py::test_answer[where-is-my-order-0001] - step 1 of 1, gpt-4o-mini: \
messages[1].content Something else? -> Where is my order?
"""
    )


def test_what_comes_from_outside_is_made_harmless(project: Project) -> None:
    project.shop(traced(ask(asked="\x1b[31mred\x07 \u202eright\n::error::x"), request="r\x1b[0m"))
    output = project.run("-vv", status=1)
    assert "\x1b" not in output
    assert "\x07" not in output
    assert "\u202e" not in output
    assert not [each for each in output.split("\n") if each.strip().startswith("::error")]


def test_records_that_could_not_be_read_are_named_with_their_line(project: Project) -> None:
    project.shop(traced(), b"{oops\n", b"[1]\n", line(log_export(otlp_log("gen_ai.user.message", "x", trace="9" * 32))))
    assert (
        project.run(status=1).summary
        == """\
1 trace replayed: 1 matched; 1 step
1 model call answered, 0 live; recorded steps: 1 model
3 records not read:
  traces.jsonl:2: not JSON; cut in half, or not a trace file
  traces.jsonl:3: not a trace: the record holds neither resourceSpans nor resourceLogs
  traces.jsonl:4: log records of a trace that has no spans here
exit status 1: 3 records could not be read as they are (llm_strict_load = false to accept that)
"""
    )


def test_of_many_records_the_first_ten_are_named(project: Project) -> None:
    project.shop(traced(), *([b"{oops\n"] * 12))
    brief, whole = project.run(status=1).summary, project.run("-v", status=1).summary
    assert brief.count("traces.jsonl:") == 10
    assert "  … and 2 more (-v)\n" in brief
    assert whole.count("traces.jsonl:") == 12


def test_junit_properties_name_the_trace_its_tokens_and_its_first_divergence(project: Project) -> None:
    from xml.etree import ElementTree

    project.shop(traced(), traced(ask(asked="Something else?"), number=2))
    project.run("--junitxml=out.xml", status=1)
    cases = ElementTree.parse(project.path / "out.xml").iter("testcase")  # noqa: S314  # our own file
    seen = {case.get("name"): {each.get("name"): each.get("value") for each in case.iter("property")} for case in cases}
    assert seen == {
        "test_answer[where-is-my-order-0001]": {
            "llm.trace_id": traced().id,
            "llm.tokens_in": "12",
            "llm.tokens_out": "6",
        },
        "test_answer[where-is-my-order-0002]": {
            "llm.trace_id": traced(number=2).id,
            "llm.first_divergence": "step 1 of 1, gpt-4o-mini: messages[1].content "
            "Something else? -> Where is my order?",
        },
    }


def test_an_ordinary_test_has_no_properties_of_ours(project: Project) -> None:
    project.shop(test=TEST + "\ndef test_plain(): pass\n")
    project.run("--junitxml=out.xml")
    assert (project.path / "out.xml").read_text().count("<properties>") == 1


def test_the_summary_is_printed_once_under_xdist_and_says_the_same(project: Project) -> None:
    project.shop(
        traced(),
        traced(ask(asked="Something else?"), number=2),
        rate_limited(number=3),
        b"{oops\n",
        test="""
from shop import answer

def test_answer(llm_trace, llm_replay):
    if llm_trace.status == "ok":
        llm_replay.run(answer)
""",
    )
    alone, shared = project.run(status=1, alone=True), project.run("-n2", status=1, alone=True)
    assert shared.summary == alone.summary
    assert "\n".join(shared.lines).count("llm summary") == 1


RERUN = """
from _pytest.runner import runtestprotocol

def pytest_runtest_protocol(item, nextitem):
    first = runtestprotocol(item, nextitem=nextitem, log=False)
    for report in first[:2]:
        report.outcome = "rerun" if report.when == "call" else report.outcome
        item.ihook.pytest_runtest_logreport(report=report)
    item._initrequest()
    for report in runtestprotocol(item, nextitem=nextitem, log=False):
        item.ihook.pytest_runtest_logreport(report=report)
    return True

def pytest_report_teststatus(report):
    if report.outcome == "rerun":
        return "rerun", "R", "RERUN"
"""
"""What pytest-rerunfailures does, in short."""


def test_a_case_that_is_run_again_counts_as_it_ended(project: Project) -> None:
    project.shop(
        test="""
from shop import answer

runs = []

def test_answer(llm_replay):
    llm_replay.run(answer)
    runs.append(1)
    assert len(runs) == 2
"""
    )
    project.write(conftest=RERUN)
    output = project.run()
    assert output.last == "1 passed, 1 rerun in 0.00s"
    assert output.summary.startswith("1 trace replayed: 1 matched; 1 step\n")
