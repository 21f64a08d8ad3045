"""``patch`` and ``llm_patch``: functions of the application that are answered from the trace, or observed."""

import json
import sys
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from pytest_llmreplay.model.trace import Hints
from pytest_llmreplay.traces.catalog import Catalog, load_catalog
from tests.builders import otlp_span
from tests.plugin.conftest import Project
from tests.sample import Traced, ask, failed, traced

APP = """
from openai import OpenAI

client = OpenAI()

class NoOrder(Exception):
    pass

class Failing(Exception):
    pass

def search(query, top_k=2):
    print("SEARCHED")
    return [{"id": f"d{n}", "text": f"Policy number {n} of the shop."} for n in range(1, top_k + 1)]

def lookup(order):
    print("LOOKED UP")
    return {"order": order, "state": "sent"}

def polish(text):
    print("POLISHED")
    return text.strip()

def prompt(question, documents):
    return "\\n".join(each["text"] for each in documents) + "\\n" + question

def answer(question):
    words = prompt(question, search(question))
    done = client.chat.completions.create(
        model="gpt-4o-mini",
        temperature=0,
        messages=[{"role": "system", "content": "Be brief."}, {"role": "user", "content": words}],
    )
    return polish(done.choices[0].message.content)

def order(question):
    try:
        return f"{lookup(question)['state']}"
    except Exception as error:
        return f"{type(error).__module__}.{type(error).__name__}: {error}"
"""
DOCUMENTS = [{"id": f"d{n}", "text": f"Policy number {n} of the shop."} for n in (1, 2)]
ASKED = "Policy number 1 of the shop.\nPolicy number 2 of the shop.\nWhere is my order?"


def function(
    name: str,
    arguments: Mapping[str, object] | None,
    output: object,
    *,
    number: int = 20,
    start: float = 1.2,
    end: float | None = None,
    parent: int = 1,
    kind: str = "tool",
    trace: int = 1,
    failure: str | None = None,
    error: str = "builtins.ValueError",
) -> dict[str, Any]:
    """The span of a function that is decorated for OpenLLMetry. A failed one has no output."""
    attributes: dict[str, object] = {"traceloop.span.kind": kind, "traceloop.entity.name": name}
    if arguments is not None:
        positional = arguments.get("*", [])
        named = {key: value for key, value in arguments.items() if key != "*"}
        attributes["traceloop.entity.input"] = json.dumps({"args": positional, "kwargs": named})
    if failure is None and output is not ...:
        attributes["traceloop.entity.output"] = output if isinstance(output, bytes) else json.dumps(output)
    more = failed(failure)
    if failure is not None:
        seen = [("exception.type", error), ("exception.message", failure)]
        more["events"][0]["attributes"] = [{"key": key, "value": {"stringValue": value}} for key, value in seen]
    return otlp_span(
        f"{name}.{kind}",
        trace=f"{trace:04x}916cd43dd8448eb211c80319c000",
        number=number,
        parent=parent,
        start=start,
        end=start + 0.3 if end is None else end,
        attributes=attributes,
        **more,
    )


def retrieval(**more: Any) -> dict[str, Any]:
    """The span of a search, as production made it."""
    return function(
        **{
            "name": "search",
            "arguments": {"query": "Where is my order?"},
            "output": DOCUMENTS,
            "kind": "task",
            "number": 19,
            **more,
        }
    )


def rag(*extra: Mapping[str, Any], **more: Any) -> Traced:
    """A request whose one model call had two documents in its prompt."""
    return traced(ask(asked=ASKED), extra=extra or (retrieval(),), **more)


def marked(marker: str, body: str = "llm_replay.run(answer)", head: str = "") -> str:
    """A test file of one test with this marker."""
    return f"""
import pytest
from pytest_llmreplay import answer as answered, observe
from shop import *
import shop
{head}
@pytest.mark.llm_replay({marker})
def test_answer(llm_trace, llm_replay):
    {body}
"""


@pytest.mark.parametrize(
    "marker",
    [
        'patch={"shop.search": "search"}',
        'patch={"shop.search": "retriever search"}',
        'patch={"shop.search": "search.task"}',
        'patch={"shop.search": answered("search")}',
        'patch=["shop.search"]',
        'patch=["shop.search = retriever search"]',
        'patch="shop.search"',
    ],
)
def test_a_retriever_is_answered_whatever_way_it_is_named(project: Project, marker: str) -> None:
    project.shop(rag(), app=APP, test=marked(marker))
    output = project.run("-s", "-v")
    assert "SEARCHED" not in output
    assert output.summary.splitlines() == [
        "1 trace replayed: 1 matched; 2 steps",
        "1 model call and 1 function call answered, 0 live; recorded steps: 1 retriever, 1 model",
    ]


@pytest.mark.parametrize("line", ["shop.search", "shop.search = search", "shop.search = retriever search.task"])
def test_by_the_ini_key(project: Project, line: str) -> None:
    project.shop(rag(), app=APP, test=marked(""), ini=f"llm_traces = traces.jsonl\nllm_patch =\n    {line}\n")
    assert "SEARCHED" not in project.run("-s")


def test_the_ini_key_observes_too(project: Project) -> None:
    project.shop(
        rag(),
        app=APP,
        test=marked(""),
        ini="llm_traces = traces.jsonl\nllm_patch =\n    shop.search = observe search\n",
    )
    output = project.run("-s")
    assert "SEARCHED" in output
    assert output.summary.splitlines()[0] == "1 trace replayed: 1 matched; 2 steps"


def test_the_marker_goes_before_the_ini_key_function_by_function(project: Project) -> None:
    lookup = function("lookup", {"order": "A-1"}, {"state": "lost"}, number=21, start=10)
    project.shop(
        rag(retrieval(), lookup),
        app=APP,
        test=marked('patch={"shop.search": observe()}', "llm_replay.run(answer); assert order('A-1') == 'lost'"),
        ini="llm_traces = traces.jsonl\nllm_patch =\n    shop.search\n    shop.lookup\n",
    )
    output = project.run("-s")
    assert ("SEARCHED" in output, "LOOKED UP" in output) == (True, False)


def test_auto_takes_what_a_tracing_library_decorates(project: Project) -> None:
    package = project.path / "traceloop"
    package.mkdir()
    (package / "decorators.py").write_text(
        "import functools\n\ndef task(function):\n    @functools.wraps(function)\n"
        "    def wrapper(*args, **kwargs):\n        return function(*args, **kwargs)\n    return wrapper\n"
    )
    app = "from traceloop.decorators import task\n" + APP.replace("def search", "@task\ndef search")
    project.shop(rag(), app=app, test=marked('patch="auto"'))
    assert "SEARCHED" not in project.run("-s")


def test_the_defaults_tools_and_retrievers_are_answered_all_else_is_observed(project: Project) -> None:
    steps = (
        retrieval(),
        function("lookup", {"order": "A-1"}, {"state": "lost"}, number=21, start=10),
        function("polish", {"text": "It is on its way."}, "It is on its way.", number=22, start=9, kind="task"),
    )
    project.shop(
        rag(*steps),
        app=APP,
        test=marked(
            'patch=["shop.search", "shop.lookup", "shop.polish"]',
            "llm_replay.run(answer); assert order('A-1') == 'lost'",
        ),
    )
    output = project.run("-s")
    assert [word in output for word in ("SEARCHED", "LOOKED UP", "POLISHED")] == [False, False, True]
    assert "1 model call and 3 function calls answered" in output.summary


def test_without_patch_functions_run_and_are_not_looked_at(project: Project) -> None:
    project.shop(rag(), app=APP, test=marked(""))
    output = project.run("-s")
    assert "SEARCHED" in output
    assert output.last == "1 passed in 0.00s"


# --- names -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("patch", "told"),
    [
        ('["shop.serch"]', "patch: shop has no 'serch'; did you mean 'search'?"),
        ('["shopp.search"]', "patch: 'shopp.search': no module 'shopp'; did you mean 'shop'?"),
        ('["shop.client"]', "patch: 'shop.client' is no Python function (OpenAI)"),
        ("7", "@llm_replay: patch takes a mapping of dotted function to span name, or a list of dotted functions"),
        (
            '{"shop.search": 7}',
            "@llm_replay: 'shop.search' stands for 7; give a span's name, observe(span) or answer(span, codec)",
        ),
    ],
)
def test_a_function_that_is_not_there_is_a_usage_error(project: Project, patch: str, told: str) -> None:
    project.shop(rag(), app=APP, test=marked(f"patch={patch}"))
    assert project.run(status=4).told == f"ERROR: test_shop.py::test_answer: {told}\n"


def test_in_the_ini_key_too(project: Project) -> None:
    project.shop(rag(), app=APP, test=marked(""), ini="llm_traces = traces.jsonl\nllm_patch = shop.serch\n")
    assert "patch: shop has no 'serch'; did you mean 'search'?" in project.run(status=4).told


def test_and_without_a_test_file(project: Project) -> None:
    project.write(shop=APP)
    project.traces(rag())
    project.ini("llm_traces = traces.jsonl\nllm_patch = shop.serch\n")
    told = project.run("--llm-app", "shop:answer", status=4).told
    assert told == "ERROR: patch: shop has no 'serch'; did you mean 'search'?\n"


def test_a_span_that_no_trace_holds_is_an_error_of_the_item_that_names_what_there_is(project: Project) -> None:
    lookup = function("lookup", {"order": "A-1"}, {}, number=21, start=10)
    project.shop(rag(retrieval(), lookup), app=APP, test=marked('patch={"shop.search": "find"}'))
    output = project.run(status=1)
    assert output.startswith("test_shop.py E ")
    assert output.section("ERRORS").endswith("""\
patch: no trace has a span 'find' for shop.search; functions in the traces: lookup, search
name one of them, or leave shop.search out of patch, and it runs for real
""")


@pytest.mark.parametrize(
    ("spans", "name", "told"),
    [
        ((), "search", "production recorded none: leave shop.search out of patch, and it runs for real"),
        ((), "answer", "this is the application's entry point, which the test calls itself: leave it out of patch"),
        (
            ({**function("search", None, ..., number=21), "name": "search", "attributes": []},),
            "search",
            "a span of this name is there, but does not say what the function got and gave: leave shop.search out of "
            "patch, and it runs for real",
        ),
    ],
)
def test_where_the_trace_has_no_functions_it_says_what_to_do(
    project: Project, spans: tuple[dict[str, Any], ...], name: str, told: str
) -> None:
    test = marked(f'patch={{"shop.search": "{name}"}}')
    project.shop(traced(ask(asked=ASKED), name="answer", extra=spans), app=APP, test=test)
    said = f"patch: no trace has a span {name!r} for shop.search; functions in the traces: none\n{told}\n"
    assert project.run(status=1).section("ERRORS").endswith(said)


@pytest.mark.parametrize("name", ["search", "search.task", "retriever search", "retriever search.task"])
def test_a_span_that_only_another_trace_holds_is_none(project: Project, name: str) -> None:
    app = APP + "\ndef talk(question, rag):\n    return answer(question) if rag else plain(question)\n"
    app += (
        APP[APP.index("def answer") : APP.index("def order")]
        .replace("answer", "plain")
        .replace("prompt(question, search(question))", "question")
    )
    plain = traced(ask(), number=2, arguments={"question": "Where is my order?", "rag": False})
    first = rag(arguments={"question": "Where is my order?", "rag": True})
    project.shop(first, plain, app=app, test=marked(f'patch={{"shop.search": "{name}"}}', "llm_replay.run(talk)"))
    assert project.run().last == "2 passed in 0.00s"


@pytest.mark.parametrize("told", ["retriever polish", "tool polish"])
def test_the_word_before_a_name_says_what_a_task_is(project: Project, told: str) -> None:
    polish = function("polish", {"text": "It is on its way."}, "Sent.", kind="task", start=10)
    project.shop(rag(polish), app=APP, test=marked(f'patch={{"shop.polish": "{told}"}}'))
    output = project.run("-s")
    assert "POLISHED" not in output
    assert f"1 {told.partition(' ')[0]}" in output.summary


def test_a_task_that_is_called_a_retriever_names_its_stage(project: Project) -> None:
    polish = function("polish", {"text": "It is on its way."}, ["Tea is fine."], kind="task", start=10)
    project.shop(rag(polish), app=APP, test=marked('patch={"shop.polish": observe("retriever polish")}'))
    output = project.run(status=1)
    assert "  2 retriever  polish                   DIVERGED   <- first\n" in output.failures
    assert "step 2, retriever polish, stage retriever\n" in output.failures


# --- what differs ----------------------------------------------------------------------------------------------------


def test_a_tool_called_with_other_arguments_is_not_run_and_diverges(project: Project) -> None:
    lookup = function("lookup", {"order": "A-1"}, {"state": "lost"})
    project.shop(traced(ask(), extra=(lookup,)), app=APP, test=marked('patch=["shop.lookup"]', "order('A-2')"))
    output = project.run("-s", status=1)
    assert "LOOKED UP" not in output
    assert (
        output.failures
        == """\
_____________________ test_answer[where-is-my-order-0001] ______________________
trace 0001916cd43d  recorded 2026-05-28 20:26 (genai)  traces.jsonl:1

  1 tool       lookup                   DIVERGED   <- first
  2 model      gpt-4o-mini              not reached
step 1, tool lookup, stage tool
  order   recorded A-1, now A-2
only this step:  pytest "test_shop.py::test_answer[where-is-my-order-0001]" --llm-until=1
"""
    )


def test_a_retriever_called_with_other_arguments_is_run_and_what_follows_is_marked(project: Project) -> None:
    project.shop(
        rag(), app=APP.replace("search(question)", "search(question, 1)"), test=marked('patch=["shop.search"]')
    )
    output = project.run("-s", status=1)
    assert "SEARCHED" in output
    assert (
        output.failures
        == """\
_____________________ test_answer[where-is-my-order-0001] ______________________
trace 0001916cd43d  recorded 2026-05-28 20:26 (genai)  traces.jsonl:1

  1 retriever  search                   DIVERGED   <- first
  2 model      gpt-4o-mini              differs, follows from 1; stopped here
step 1, retriever search, stage retriever
  top_k   recorded 2, now 1
  documents
      d1
    - d2
likely cause: argument top_k changed before the output did
only this step:  pytest "test_shop.py::test_answer[where-is-my-order-0001]" --llm-until=1
"""
    )


def test_served_it_gets_the_recorded_documents(project: Project) -> None:
    project.shop(
        rag(), app=APP.replace("search(question)", "search(question, 1)"), test=marked('patch=["shop.search"]')
    )
    output = project.run("-s", "--llm-drift=serve")
    assert "SEARCHED" not in output
    assert "step 1 of 2, search: top_k 2 -> 1" in output.summary


def test_arguments_that_are_left_out_of_comparison(project: Project) -> None:
    project.shop(
        rag(),
        app=APP.replace("search(question)", "search(question, 1)"),
        test=marked('patch=["shop.search"], ignore="top_k"'),
    )
    assert "SEARCHED" not in project.run("-s")


def test_a_function_that_is_no_longer_called(project: Project) -> None:
    project.shop(rag(), app=APP.replace("search(question)", f"{DOCUMENTS}"), test=marked('patch=["shop.search"]'))
    output = project.run("-vv", status=1)
    assert (
        "  1 retriever  search                   NEVER ASKED   <- first\n  2 model      gpt-4o-mini              same\n"
        in output.failures
    )
    assert "step 1 of 2, search: recorded, but never asked for" in output.section("short test summary info")


def test_a_function_that_is_called_once_more(project: Project) -> None:
    project.shop(rag(), app=APP, test=marked('patch=["shop.search"]', "llm_replay.run(answer); search('more')"))
    output = project.run("-vv", status=1)
    assert "search: called more often than recorded (1)" in output.failures


def test_a_divergence_of_a_tool_cannot_be_swallowed(project: Project) -> None:
    lookup = function("lookup", {"order": "A-1"}, {"state": "lost"})
    body = "\n    try:\n        order('A-2')\n    except BaseException:\n        pass"
    project.shop(traced(ask(), extra=(lookup,)), app=APP, test=marked('patch=["shop.lookup"]', body))
    assert project.run(status=1).startswith("test_shop.py D ")


def test_tools_in_another_order(project: Project) -> None:
    spans = [
        function("lookup", {"order": name}, {"state": name}, number=20 + n, start=10 + n) for n, name in enumerate("ab")
    ]
    project.shop(
        rag(retrieval(), *spans),
        app=APP,
        test=marked('patch=["shop.lookup"]', "llm_replay.run(answer); order('b'); order('a')"),
    )
    output = project.run("-vv", status=1)
    assert "lookup: asked for before step 3, lookup, which production asked for first" in output.failures


def test_the_innermost_cause_comes_first(project: Project) -> None:
    app = APP + "\ndef collect(query):\n    return {'found': search(query)}\n"
    spans = (
        function("collect", {"query": "q"}, {"found": DOCUMENTS}, start=1.2, end=1.8),
        function("search", {"query": "q"}, DOCUMENTS, number=21, parent=20, start=1.3, end=1.5, kind="task"),
    )
    project.shop(
        traced(ask(), extra=spans),
        app=app.replace("top_k=2", "top_k=1"),
        test=marked('patch={"shop.collect": observe(), "shop.search": observe()}', "collect('q')"),
    )
    output = project.run("-vv", status=1)
    assert (
        "  1 tool       collect                  differs, follows from 2\n"
        "  2 retriever  search                   DIVERGED   <- first\n"
        "  3 model      gpt-4o-mini              not reached\n"
        "step 2, retriever search, stage retriever\n"
    ) in output.failures


def test_steps_inside_an_answered_function_belong_to_it(project: Project) -> None:
    app = APP + "\ndef collect(query):\n    return {'found': search(query), 'said': answer(query)}\n"
    inner = function("search", {"query": "q"}, DOCUMENTS, number=21, parent=20, start=1.3, end=1.5, kind="task")
    outer = function("collect", {"query": "q"}, {"found": []}, start=1.2, end=9)
    trace = traced(ask(), extra=(outer, inner)).exports()
    for each in trace["resourceSpans"]:
        for span in each["scopeSpans"][0]["spans"]:
            if span["name"] == "openai.chat":
                span["parentSpanId"] = f"{20:016x}"
    project.shop(
        json.dumps(trace).encode(),
        app=app,
        test=marked('patch=["shop.collect", "shop.search"]', "assert collect('q') == {'found': []}"),
    )
    output = project.run("-s")
    assert "SEARCHED" not in output
    assert output.summary.startswith("1 trace replayed: 1 matched; 3 steps\n0 model calls and 1 function call answered")


GROUPED = (
    APP
    + """
def research(topic, depth=1):
    print("RESEARCHED")
    return {"topic": topic, "said": answer(topic)}

def ask_twice(question):
    return research(question)["said"] + " " + answer(question)
"""
)


def group(**more: Any) -> bytes:
    """A request with a task that held a search and a model call, and another model call behind it."""
    outer = function(
        "research",
        {"topic": "Where is my order?"},
        {"topic": "Where is my order?", "said": "Recorded."},
        **{"start": 1.2, "end": 2.9, "kind": "task", **more},
    )
    inner = retrieval(number=21, parent=20, start=1.3, end=1.5)
    other = retrieval(number=22, start=2.95, end=2.98)
    trace = traced(ask(asked=ASKED, told="Inner."), ask(asked=ASKED, told="Outer."), extra=(outer, inner, other))
    whole = trace.exports()
    spans = [span for each in whole["resourceSpans"] for span in each["scopeSpans"][0]["spans"]]
    first = min((span for span in spans if span["name"] == "openai.chat"), key=lambda span: span["startTimeUnixNano"])
    first["parentSpanId"] = f"{20:016x}"
    return json.dumps(whole).encode()


@pytest.mark.parametrize(
    ("kind", "name"), [("task", "research"), ("workflow", "tool research"), ("agent", "research.agent")]
)
def test_a_function_that_holds_other_calls_is_a_step_where_it_is_named(project: Project, kind: str, name: str) -> None:
    body = "assert llm_replay.run(ask_twice) == 'Recorded. Outer.'; assert len(llm_trace.steps) == 5"
    project.shop(
        group(kind=kind),
        app=GROUPED,
        test=marked(f'patch={{"shop.research": "{name}", "shop.search": "search"}}', body),
    )
    output = project.run("-s")
    assert ("RESEARCHED" in output, "SEARCHED" in output) == (False, False)
    assert output.summary.splitlines() == [
        "1 trace replayed: 1 matched; 5 steps",
        "1 model call and 2 function calls answered, 0 live; recorded steps: 2 retriever, 2 model, 1 tool",
    ]


def test_observed_it_runs_and_what_it_holds_is_asked_for(project: Project) -> None:
    patch = 'patch={"shop.research": observe(), "shop.search": "search"}'
    project.shop(group(), app=GROUPED, test=marked(patch, "llm_replay.run(ask_twice)"))
    output = project.run("-s", "-vv", status=1)
    assert "RESEARCHED" in output
    assert (
        "  1 tool       research                 DIVERGED   <- first\n"
        "  2 retriever  search                   same\n"
        "  3 model      gpt-4o-mini              same\n"
    ) in output.failures
    assert "output.said   recorded Recorded., now Inner." in output.failures


def test_called_otherwise_it_is_not_run_and_what_it_holds_is_inside(project: Project) -> None:
    app = GROUPED.replace("= research(question)", "= research(question, 2)").replace(
        "return research(question)", "return research(question, 2)"
    )
    project.shop(group(), app=app, test=marked('patch=["shop.research"]', "llm_replay.run(ask_twice)"))
    output = project.run("-s", status=1)
    assert "RESEARCHED" not in output
    assert (
        output.failures.partition("\n\n")[2]
        == """\
  1 tool       research                 DIVERGED   <- first
  2 retriever  search                   inside 1
  3 model      gpt-4o-mini              inside 1
  4 retriever  search                   not replayed
  5 model      gpt-4o-mini              not reached
step 1, tool research, stage tool
  depth   recorded 1, now 2
only this step:  pytest "test_shop.py::test_answer[where-is-my-order-0001]" --llm-until=1
"""
    )


def case_files(project: Project) -> Catalog:
    """The project's trace as case files, in place of its trace file, as ``llmreplay add`` writes them."""
    command = ["-m", "pytest_llmreplay.cli", "add", "traces.jsonl", "--into", "cases"]
    assert project.pytester.run(sys.executable, *command).ret == 0
    (project.path / "traces.jsonl").unlink()
    project.ini("llm_traces = cases")
    return load_catalog(["cases"], project.path, project.path / ".cache")


@pytest.mark.parametrize("kind", ["task", "workflow", "agent"])
def test_a_case_file_holds_it_as_the_trace_did(project: Project, kind: str) -> None:
    body = "assert llm_replay.run(ask_twice) == 'Recorded. Outer.'; assert len(llm_trace.steps) == 5"
    project.shop(
        group(kind=kind), app=GROUPED, test=marked('patch={"shop.research": "research", "shop.search": "search"}', body)
    )
    before = load_catalog(["traces.jsonl"], project.path, project.path / ".cache").handles[0].contents()
    after = case_files(project).handles[0].contents()
    assert [each.name for each in before.groups] == ["research"]
    for there, here in ((before.groups, after.groups), (before.steps, after.steps)):
        assert [replace(each, hints=Hints()) for each in there] == [replace(each, hints=Hints()) for each in here]
    assert after.fidelity == before.fidelity
    output = project.run("-s")
    assert ("RESEARCHED" in output, "SEARCHED" in output) == (False, False)
    assert output.summary.startswith("1 trace replayed: 1 matched; 5 steps\n1 model call and 2 function calls answered")
    unnamed = "assert llm_replay.run(ask_twice) == 'Inner. Outer.'; assert len(llm_trace.steps) == 4"
    project.write(test_shop=marked('patch=["shop.search"]', unnamed))
    assert project.run().last == "1 passed in 0.00s"


def test_what_is_kept_of_a_failed_test_that_names_it_is_the_same_case_file(project: Project) -> None:
    test = marked('patch={"shop.research": "research", "shop.search": "search"}', "llm_replay.run(ask_twice); assert 0")
    project.shop(group(), app=GROUPED, test=test)
    project.run("--llm-keep-failed=kept", status=1)
    kept = load_catalog(["kept"], project.path, project.path / ".cache").handles[0].contents()
    made = case_files(project).handles[0].contents()
    assert (kept.groups, kept.steps, kept.fidelity) == (made.groups, made.steps, made.fidelity)


def test_where_it_is_not_named_it_is_no_step(project: Project) -> None:
    body = "assert llm_replay.run(ask_twice) == 'Inner. Outer.'; assert len(llm_trace.steps) == 4"
    project.shop(group(), app=GROUPED, test=marked('patch=["shop.search"]', body))
    assert project.run().last == "1 passed in 0.00s"


def test_the_model_calls_of_one_need_no_content(project: Project) -> None:
    trace = json.loads(group())
    for each in trace["resourceSpans"]:
        for span in each["scopeSpans"][0]["spans"]:
            if span.get("parentSpanId") == f"{20:016x}":
                span["attributes"] = [each for each in span["attributes"] if "messages" not in each["key"]]
    project.shop(
        json.dumps(trace).encode(),
        app=GROUPED,
        test=marked('patch=["shop.research"]', "assert llm_replay.run(ask_twice) == 'Recorded. Outer.'"),
    )
    assert project.run().last == "1 passed in 0.00s"


TWICE = (
    APP
    + """
from concurrent.futures import ThreadPoolExecutor

def ask(topic):
    done = client.chat.completions.create(
        model="gpt-4o-mini",
        temperature=0,
        messages=[{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Which?"}],
    )
    return f"{topic}: {done.choices[0].message.content}"
"""
)


def concurrent() -> bytes:
    """Two tools that ran at the same time, and asked the model the same."""
    tools = [
        function("ask", {"topic": topic}, f"{topic}: {told}", number=number, start=1, end=50)
        for number, topic, told in ((20, "lamps", "one"), (21, "tables", "two"))
    ]
    calls = (ask(asked="Which?", told="one"), ask(asked="Which?", told="two"))
    trace = traced(*calls, extra=tools, together=True).exports()
    models = [
        each["scopeSpans"][0]["spans"][0]
        for each in trace["resourceSpans"]
        if "openai" in each["scopeSpans"][0]["scope"]["name"]
    ]
    for span, parent in zip(models, (20, 21), strict=True):
        span["parentSpanId"] = f"{parent:016x}"
    return json.dumps(trace).encode()


def test_equal_calls_at_the_same_time_are_named(project: Project) -> None:
    project.shop(concurrent(), app=TWICE, test=marked("", "print(ask('tables'), ask('lamps'))"))
    output = project.run("-s")
    assert "tables: one lamps: two" in output
    assert (
        "ambiguous:\n  trace 0001916cd43d: step 3 and step 4 asked the same at the same time "
        "and got different answers; answered in recorded order\n"
    ) in output.summary


DOUBT = (
    "ambiguous: step 3 and step 4 asked the same at the same time and got different answers; answered in recorded order"
)


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ("ask('tables'); ask('lamps'); ask('chairs')", DOUBT),
        ("assert ask('tables') + ask('lamps') == ''", f"E       llm: {DOUBT}"),
        ("ask('tables'); llm_replay.check(ask('lamps'), snapshot=False)", DOUBT),
    ],
    ids=["diverged", "failed", "judged"],
)
def test_so_they_are_below_a_failure_that_follows(project: Project, body: str, line: str) -> None:
    judge = 'evaluators=[{"contains": {"texts": "three"}}]' if "check" in body else ""
    project.shop(concurrent(), app=TWICE, test=marked(judge, body))
    assert line in project.run("-vv", status=1).failures.splitlines()


def test_the_observed_function_around_each_tells_which_is_which(project: Project) -> None:
    said = "['tables: two', 'lamps: one']"
    body = f"with ThreadPoolExecutor() as pool: assert list(pool.map(ask, ['tables', 'lamps'])) == {said}"
    project.shop(concurrent(), app=TWICE, test=marked('patch={"shop.ask": observe()}', body))
    output = project.run()
    assert "ambiguous" not in output.summary
    assert "2 model calls and 2 function calls answered" in output.summary


# --- what is given back ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "raised"),
    [
        ("builtins.KeyError", "builtins.KeyError: 'gone'"),
        ("builtins.ValueError", "builtins.ValueError: gone"),
        ("ValueError", "builtins.ValueError: gone"),
        ("shop.NoOrder", "shop.NoOrder: gone"),
        ("warehouse.errors.Gone", "warehouse.errors.Gone: gone"),
        ("Gone", "recorded.Gone: gone"),
    ],
)
def test_a_recorded_exception_is_raised_as_its_own_type(project: Project, error: str, raised: str) -> None:
    (project.path / "warehouse").mkdir()
    (project.path / "warehouse" / "errors.py").write_text("raise SystemExit('imported')\n")
    lookup = function("lookup", {"order": "A-1"}, None, failure="gone", error=error, start=10)
    project.shop(
        rag(retrieval(), lookup),
        app=APP,
        test=marked('patch=["shop.lookup"]', f"llm_replay.run(answer); assert order('A-1') == {raised!r}"),
    )
    assert project.run().last == "1 passed in 0.00s"


TYPES = """
from dataclasses import dataclass
from typing import TypedDict
from pydantic import BaseModel

@dataclass
class Order:
    order: str
    state: str = "new"

class Found(TypedDict):
    id: str
    text: str

class Model(BaseModel):
    state: str

class Plain:
    def __init__(self, values):
        self.values = values

def as_dataclass(order) -> Order: ...
def as_list(order) -> list[Order]: ...
def as_typed(order) -> Found: ...
def as_model(order) -> Model: ...
def as_models(order) -> list[Model]: ...
def as_plain(order) -> Plain: ...
def without(order): ...
"""


@pytest.mark.parametrize(
    ("name", "output", "check"),
    [
        ("as_dataclass", {"order": "A-1", "state": "sent"}, "shop.Order('A-1', 'sent')"),
        ("as_list", [{"order": "A-1"}], "[shop.Order('A-1')]"),
        ("as_typed", {"id": "d1", "text": "x"}, "{'id': 'd1', 'text': 'x'}"),
        ("as_model", {"state": "sent"}, "shop.Model(state='sent')"),
        ("as_models", [{"state": "sent"}], "[shop.Model(state='sent')]"),
        ("without", {"a": [1]}, "{'a': [1]}"),
    ],
)
def test_a_recorded_value_becomes_the_type_that_is_annotated(
    project: Project, name: str, output: object, check: str
) -> None:
    span = function(name, {"order": "A-1"}, output, start=10)
    project.shop(
        rag(retrieval(), span),
        app=APP + TYPES,
        test=marked(f'patch=["shop.{name}"]', f"llm_replay.run(answer); assert {name}('A-1') == {check}"),
    )
    assert project.run().last == "1 passed in 0.00s"


def test_a_codec_makes_what_no_annotation_can(project: Project) -> None:
    span = function("as_plain", {"order": "A-1"}, {"a": 1}, start=10)
    marker = 'patch={"shop.as_plain": answered(codec=shop.Plain)}'
    body = "llm_replay.run(answer); assert as_plain('A-1').values == {'a': 1}"
    project.shop(rag(retrieval(), span), app=APP + TYPES, test=marked(marker, body))
    assert project.run().last == "1 passed in 0.00s"


def test_what_cannot_be_restored_is_named_with_function_and_type(project: Project) -> None:
    span = function("as_plain", {"order": "A-1"}, {"a": 1}, start=10)
    project.shop(
        rag(retrieval(), span),
        app=APP + TYPES,
        test=marked('patch=["shop.as_plain"]', "llm_replay.run(answer); as_plain('A-1')"),
    )
    output = project.run("-vv", status=1)
    assert output.startswith("test_shop.py::test_answer[where-is-my-order-0001] DIVERGED")
    assert "  + answer                              NOT GIVEN   <- first\n" in output.failures
    assert "shop.as_plain, span as_plain: the recorded output does not make a Plain: " in output.failures
    assert "; give answer(span, codec=…) in patch\n" in output.failures


def test_an_output_that_was_cut_off_names_the_step(project: Project) -> None:
    cut = retrieval(output="x")
    for each in cut["attributes"]:
        if each["key"] == "traceloop.entity.output":
            each["value"] = {"stringValue": '[{"id": "d1", "te'}
    project.shop(rag(cut), app=APP, test=marked('patch=["shop.search"]'))
    output = project.run("-s", "-vv", status=1)
    assert "SEARCHED" not in output
    assert output.startswith("test_shop.py::test_answer[where-is-my-order-0001] ERROR")
    assert "\n  step 1 of 2, retriever search: the output was cut off by an attribute length limit\n" in output


def test_functions_are_their_own_in_a_test_that_does_not_replay(project: Project) -> None:
    project.shop(
        rag(), app=APP, test=marked('patch=["shop.search"]') + "\ndef test_plain():\n    assert len(search('q')) == 2\n"
    )
    output = project.run("-s")
    assert "SEARCHED" in output
    assert output.last == "2 passed in 0.00s"


def test_under_xdist(project: Project) -> None:
    project.shop(
        rag(), app=APP.replace("search(question)", "search(question, 1)"), test=marked('patch=["shop.search"]')
    )
    output = project.run("-n2", status=1, alone=True)
    assert "step 1, retriever search, stage retriever" in output.failures
