"""``llmreplay diff``."""

import json

from tests.builders import trace_id
from tests.cli.conftest import Command

A, B = f"traces.jsonl#{trace_id(1)}", f"traces.jsonl#{trace_id(2)}"


def test_two_traces_differ_by_step_and_path(run: Command) -> None:
    assert (
        run("diff", A, B, status=1).output
        == """\
step 2, model gpt-4o
  answer.choices[0].text   recorded Hello., now Bye.
output
  output   recorded Hello., now Bye.
"""
    )


def test_a_trace_and_its_case_file_do_not_differ(run: Command) -> None:
    run("add", "traces.jsonl", "-s", "request=req-1", "--into", "cases")
    assert run("diff", A, "cases").output == "no difference\n"


def test_one_trace_is_to_be_named(run: Command) -> None:
    told = run("diff", "traces.jsonl", A, status=2).output
    assert "traces.jsonl: 3 traces; name one as traces.jsonl#ID (there are 000000000000, " in told


def test_json_is_for_scripts(run: Command) -> None:
    found = json.loads(run("diff", A, B, "--json", status=1).output)
    assert [each["where"] for each in found] == ["step 2, model gpt-4o", "output"]
