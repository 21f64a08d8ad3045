"""``llm_trace``: what production did, as a value."""

import pytest

from tests.plugin.conftest import Project
from tests.sample import ask, rate_limited, traced

BARE = ("-p", "no:xdist", "-p", "no:anyio")
"""Without the plugins that load HTTP libraries themselves."""


def test_a_trace_tells_what_production_did(project: Project) -> None:
    labels = {"traceloop.association.properties.session_id": "s-1"}
    project.shop(
        traced(ask(attributes=labels), request="req-1"),
        test=f"""
def test_trace(llm_trace):
    assert llm_trace.trace_id == {traced().id!r}
    assert llm_trace.name == "support.workflow"
    assert llm_trace.input == {{"question": "Where is my order?"}}
    assert llm_trace.output == "It is on its way."
    assert llm_trace.status == "ok"
    assert llm_trace.request_id == "req-1"
    assert llm_trace.session_id == "s-1"
    assert llm_trace.tags == ()
    assert llm_trace.scores == {{}}
    assert llm_trace.source == "traces.jsonl:1"
    assert [span.name for span in llm_trace.spans] == ["support.workflow", "openai.chat"]
    [step] = llm_trace.steps
    assert (step.index, step.name, step.call.model) == (1, "gpt-4o-mini", "gpt-4o-mini")
    assert [message.role for message in step.call.messages] == ["system", "user"]
    assert step.answer.choices[0].parts[0].content == "It is on its way."
    assert [loss.field for loss in llm_trace.fidelity] == [loss.field for loss in llm_trace.fidelity if loss.step == 1]
""",
    )
    assert project.run().last == "1 passed in 0.00s"


def test_a_failed_request(project: Project) -> None:
    project.shop(
        rate_limited(),
        test="""
def test_trace(llm_trace):
    assert (llm_trace.status, llm_trace.output) == ("error", None)
    assert llm_trace.steps[0].answer.error.status == 429
""",
    )
    assert project.run().last == "1 passed in 0.00s"


def test_a_test_that_only_looks_at_the_trace_replays_nothing(project: Project) -> None:
    project.shop(
        test="""
def test_trace(llm_trace):
    assert llm_trace.output
"""
    )
    assert (
        project.run()
        == """\
test_shop.py .                                                           [100%]

============================== 1 passed in 0.00s ===============================
"""
    )


def test_a_test_that_only_looks_may_call_the_application_by_hand(project: Project) -> None:
    project.shop(
        test="""
from shop import answer

def test_trace(llm_trace):
    assert answer(**llm_trace.input) == llm_trace.output
"""
    )
    assert (
        project.run().summary
        == """\
1 trace replayed: 1 matched; 1 step
1 model call answered, 0 live; recorded steps: 1 model
"""
    )


def test_a_call_by_hand_that_differs_is_a_divergence(project: Project) -> None:
    project.shop(
        test="""
from shop import answer

def test_trace(llm_trace):
    answer("Something else?")
"""
    )
    assert project.run(status=1).last == "1 failed in 0.00s"


def test_a_fixture_may_ask_for_it(project: Project) -> None:
    project.shop(
        test="""
import pytest
from shop import answer

@pytest.fixture
def said(llm_trace):
    return answer(llm_trace.input["question"])

def test_trace(said):
    assert said == "It is on its way."
"""
    )
    assert project.run("-v").startswith("test_shop.py::test_trace[where-is-my-order-0001] PASSED")


LATE = {
    "sdk": """
    from openai import OpenAI
    ask = lambda: OpenAI().chat.completions.create(**body).choices[0].message.content
""",
    "httpx": """
    from importlib import import_module
    ask = lambda: import_module("httpx").post(url, json=body).json()["choices"][0]["message"]["content"]
""",
    "urllib": """
    import json, urllib.request
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    ask = lambda: json.load(urllib.request.urlopen(request))["choices"][0]["message"]["content"]
""",
}
"""HTTP libraries that come into the process within a test."""
LATE_TEST = """
import sys

def test_trace(llm_trace):
    assert not {{"http.client", "httpx", "vcr"}} & {{*sys.modules}}
    url = "https://api.openai.com/v1/chat/completions"
    body = {{
        "model": "gpt-4o-mini",
        "temperature": 0,
        "messages": [
            {{"role": "system", "content": "Be brief."}}, {{"role": "user", "content": {question!r}}}
        ],
    }}
{ask}
    assert ask() == llm_trace.output
"""


@pytest.mark.parametrize("library", LATE)
def test_a_library_that_comes_within_the_test_is_answered(project: Project, library: str) -> None:
    project.shop(test=LATE_TEST.format(ask=LATE[library], question="Where is my order?"))
    output = project.run(*BARE, alone=True)
    assert output.summary.startswith("1 trace replayed: 1 matched; 1 step\n1 model call answered")


@pytest.mark.parametrize("library", LATE)
def test_a_call_through_it_that_differs_is_a_divergence(project: Project, library: str) -> None:
    project.shop(test=LATE_TEST.format(ask=LATE[library], question="Something else?"))
    assert "D" in project.run(*BARE, status=1, alone=True).split()


def test_what_no_provider_claims_is_refused_to_it(project: Project) -> None:
    project.shop(
        test="""
def test_trace(llm_trace):
    import httpx
    httpx.get("https://example.com/")
"""
    )
    assert "GET https://example.com/ was refused" in project.run(*BARE, status=1, alone=True)


def test_without_any_nothing_is_patched(project: Project) -> None:
    project.shop(
        test="""
import sys

def test_trace(llm_trace):
    import decimal, xml.etree.ElementTree
    assert "vcr" not in sys.modules
    assert sum("Arrival" in repr(each) for each in sys.meta_path) == 1

def test_plain():
    assert not any("Arrival" in repr(each) for each in sys.meta_path)
"""
    )
    assert project.run(*BARE, alone=True).last == "2 passed in 0.00s"


def test_asked_for_by_name_within_a_test_it_says_what_to_do(project: Project) -> None:
    project.shop(
        test="""
def test_trace(request):
    request.getfixturevalue("llm_trace")
"""
    )
    assert "name llm_trace or llm_replay as an argument of the test" in project.run(status=1)
