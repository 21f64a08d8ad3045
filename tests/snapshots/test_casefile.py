"""What a case file looks like, and that a trace comes back from it as it was."""

from dataclasses import fields, replace
from pathlib import Path

import pytest
from hypothesis import given, settings

from pytest_llmreplay.evaluate.context import recorded
from pytest_llmreplay.evaluate.cost import PROVIDERS, table
from pytest_llmreplay.evaluate.cost import provider_of as paid
from pytest_llmreplay.model.call import (
    Answer,
    ApiError,
    Arguments,
    Call,
    Choice,
    Failure,
    Media,
    Other,
    Part,
    Reasoning,
    Refusal,
    Returned,
    Text,
    Tool,
    ToolCall,
    ToolResult,
    Usage,
)
from pytest_llmreplay.model.jsonvalue import JSON
from pytest_llmreplay.model.trace import Contents, Expectations, Hints, Step
from pytest_llmreplay.model.wire import RawExchange, WireRequest, WireResponse
from pytest_llmreplay.snapshots.casefile import case_text, expected_of
from pytest_llmreplay.snapshots.caseread import read_case
from pytest_llmreplay.testing.conversations import JUNK, WORDS, calls
from pytest_llmreplay.traces.assemble import completed
from tests.builders import (
    TRACE,
    answered,
    assistant,
    called,
    chat,
    contents,
    partly,
    result,
    span,
    span_id,
    step,
    system,
    user,
)

RAG = contents(
    step(
        Call(kind="retrieval", model="search", arguments=Arguments((), {"query": "refund", "top_k": 2})),
        Answer(returned=Returned([{"id": "doc-7", "text": "Refunds within 30 days."}])),
        index=1,
        name="search",
        span_name="search.task",
        parent_id=span_id(9),
        inside=(span_id(9),),
        dialect="traceloop-functions",
    ),
    step(
        chat(
            system("Answer from the context.\nName the policy."),
            user("How long do I have?"),
            provider="openai.chat",
            parameters={"temperature": 0.2},
            known=partly(lost=["documents", "other"], parameters=["temperature"], fields=["model", "messages"]),
        ),
        answered(
            "Thirty days.",
            provider="openai.chat",
            model="gpt-4o-2024-08-06",
            usage=Usage(input=30, output=0),
            seed=f"{TRACE}:{span_id(2)}",
        ),
        index=2,
        span_name="openai.chat",
        parent_id=span_id(9),
        inside=(span_id(9),),
    ),
    name="answer",
    spans=(span("answer", number=9, start=0, end=4, status="ok", scope="shop"),),
    arguments=Arguments((), {"question": "How long do I have?"}),
    output="Thirty days.",
    expectations=Expectations(output="Thirty days."),
    request_id="req-5102",
    session_id="sess-1",
    tags=("prod",),
)


def text(inside: Contents) -> str:
    return case_text(TRACE, completed(inside), "/somewhere/else/traces.jsonl:3")


def again(inside: Contents) -> Contents:
    return completed(read_case(text(inside).encode())[1])


def test_a_case_reads_like_what_happened() -> None:
    assert text(RAG) == (Path(__file__).parent / "rag.llmcase.yaml").read_text(encoding="utf-8")


def test_the_trace_comes_back_with_equal_steps_arguments_output_and_fidelity() -> None:
    back, before = again(RAG), completed(RAG)
    assert back.steps == before.steps
    assert (back.arguments, back.output, back.fidelity) == (before.arguments, before.output, before.fidelity)
    assert (back.name, back.status, back.request_id, back.session_id, back.tags) == (
        before.name, before.status, before.request_id, before.session_id, before.tags,
    )  # fmt: skip
    assert back.spans[0].start_ns == before.spans[0].start_ns


def test_a_case_written_again_is_the_same_to_the_byte() -> None:
    once = text(RAG)
    assert case_text(TRACE, completed(read_case(once.encode())[1]), "elsewhere:1") == once


PARTS: list[Part] = [
    Text(""),
    Reasoning("hm", "seal"),
    Reasoning("hm"),
    Refusal("no"),
    ToolCall("search", {"q": None}, "call_1"),
    ToolCall("search", None, None, legacy=True),
    ToolCall("search", "not json {"),
    ToolResult("3", "call_1"),
    Media("image", "sha256:00"),
    Other("server_tool_use", None),
]
ANSWERS = [
    Answer(),
    answered(*PARTS),
    replace(
        answered("a"), choices=(Choice(parts=()), Choice(parts=(Text("b"),), role="model", details={"logprobs": []}))
    ),
    replace(answered(), choices=(), error=ApiError(status=429, type="rate_limit", message="slow down", body={"e": 1})),
    replace(answered(), choices=(), returned=Returned(None)),
    replace(answered(), choices=(), failure=Failure("app.Late", "too late")),
    replace(
        answered(), vectors=((0.5, 1e-7), (1.0, 2.0)), created=3, id="x", raw={"a": []}, seed="other", details={"s": 0}
    ),
]


@pytest.mark.parametrize("answer", ANSWERS)
@pytest.mark.parametrize("kind", ["chat", "tool"])
def test_every_kind_of_answer_comes_back(answer: object, kind: str) -> None:
    before = step(Call(kind=kind, model="m"), answer, name="m")  # type: ignore[arg-type]
    assert again(contents(before)).steps == (before,)


@pytest.mark.parametrize(
    "call",
    [
        chat(assistant(*PARTS), result("ok"), assistant(called("search", {"q": [1, 2.5, True]}))),
        chat(tools=(Tool("a", None, {}, False), Tool("b", "", {"type": "object"}, {"strict": True}))),
        chat(stream=False, options={"include_usage": True}, parameters={"seed": 0, "stop_sequences": []}),
        chat(known=partly()),
        Call(kind="tool", model="f", arguments=Arguments()),
        Call(kind="tool", model="f", arguments=Arguments((1, None), {"x": "y"})),
        Call(kind="function", model=None),
    ],
)
def test_every_kind_of_call_comes_back(call: Call) -> None:
    before = step(call, name=call.model or "other name")
    assert again(contents(before)).steps == (before,)


@pytest.mark.parametrize(
    "more",
    [
        {"start_ns": 0, "end_ns": 0},
        {"start_ns": 1, "end_ns": 2**62},
        {"incomplete": "no answer", "losses": (("answer.logprobs", "absent"),)},
        {"proviso": "no arguments"},
        {"name": "called otherwise", "span_name": "x"},
        {"inside": ("a", "b"), "parent_id": "a"},
    ],
)
def test_the_place_of_a_step_comes_back(more: dict[str, object]) -> None:
    before: Step = step(**more)  # type: ignore[arg-type]
    assert again(contents(before, spans=(span(start=7),))).steps == (before,)


@settings(max_examples=30)
@given(WORDS, calls(), JUNK, JUNK)
def test_any_message_and_value_comes_back(words: str, calls: list[ToolCall], value: JSON, other: JSON) -> None:
    before = step(chat(user(words), assistant(*calls), parameters={"x": value}), replace(answered(words), raw=other))
    back = again(contents(before, output=value))
    assert (back.steps, back.output) == ((before,), value)


@pytest.mark.parametrize(
    ("inside", "because"),
    [
        (contents(status="error", output="sorry"), "the request failed in production"),
        (contents(output="bad", scores={"helpful": 0.2, "safe": 1}), "production scored the answer low: helpful 0.2"),
        (
            contents(output="bad", scores={"thumb": "thumbs_down"}),
            'production scored the answer low: thumb "thumbs_down"',
        ),
        (contents(), "the trace holds no output"),
    ],
)
def test_an_answer_that_was_no_good_is_never_the_expected_one(inside: Contents, because: str) -> None:
    said = expected_of(inside)
    assert said == Expectations(because=because)
    assert "\nexpected: null\nbecause: " in text(replace(inside, expectations=said))


def test_a_good_answer_is_expected_until_somebody_says_otherwise() -> None:
    assert expected_of(contents(output="fine", scores={"helpful": 0.9})) == Expectations(output="fine")
    said = Expectations(
        title="refund", note="seen twice", output="30 days", evaluators=("exact", {"contains": {"text": "30"}})
    )
    back = again(replace(RAG, expectations=said))
    assert back.expectations == expected_of(back) == said


def test_raw_exchanges_come_back_byte_for_byte() -> None:
    raw = RawExchange(
        WireRequest("POST", "https://api.openai.com/v1/chat/completions", b'{"model": "gpt-4o"}', {"accept": "*/*"}),
        WireResponse(200, {"content-type": "text/event-stream"}, b"data: {}\n\n\xff", (("set-cookie", "b"),)),
    )
    before = step(raw=raw)
    assert again(contents(before)).steps == (before,)


def test_a_case_names_no_code() -> None:
    assert "import" not in text(RAG)
    assert "python" not in text(RAG)


def test_groups_come_back() -> None:
    group = step(Call(kind="tool", model="f"), index=0, name="f")
    assert again(contents(step(), groups=(group,))).groups == (group,)


ALL_HINTS = Hints(system="openai", scope="s", name="n", operation="chat", api="a", address="http://x")


def test_of_the_hints_those_come_back_that_say_who_is_paid() -> None:
    asked = chat(provider="openai.chat")
    (after,) = again(contents(step(asked, hints=ALL_HINTS))).steps
    assert after.hints == Hints(address="http://x")
    (after,) = again(contents(step(asked, hints=replace(ALL_HINTS, system="azure")))).steps
    assert after.hints == Hints(system="azure", address="http://x")
    (after,) = again(contents(step(Call(kind="tool", model="f"), name="f", hints=ALL_HINTS))).steps
    assert after.hints == Hints()
    for own in ("", "api.openai.com", "https://api.openai.com/v1/"):
        assert "hints:" not in text(contents(step(asked, hints=replace(ALL_HINTS, address=own))))


def test_hints_of_files_that_were_written_earlier_are_read() -> None:
    before = text(contents(step(hints=Hints(address="http://x"))))
    earlier = before.replace("hints: {address:", "hints: {system: openai, scope: s, name: n, operation: o, address:")
    assert earlier != before
    hints = read_case(earlier.encode())[1].steps[0].hints
    assert hints == Hints(system="openai", scope="s", name="n", operation="o", address="http://x")


@pytest.mark.parametrize(
    ("api", "system", "address"),
    [
        *((f"{name}.chat", name, "") for name in PROVIDERS),
        ("openai.chat", "azure", ""),
        ("openai.chat", "openai", "https://api.openai.com/v1/"),
        ("openai.chat", "openai", "https://shop.openai.azure.com/"),
        ("anthropic.messages", "", "api.anthropic.com"),
        ("cohere.chat", "", "https://api.cohere.com"),
        ("openai.chat", "openai", "https://api.groq.com/openai/v1"),
        ("bedrock.converse", "aws.bedrock", "bedrock-runtime.eu-west-1.amazonaws.com"),
    ],
)
def test_who_is_paid_is_the_same_from_a_case_file(api: str, system: str, address: str) -> None:
    asked = chat(provider=api)
    before = step(asked, answered("x", provider=api), hints=Hints(system=system, address=address))
    (after,) = again(contents(before)).steps
    found = {table().find_provider(None, *paid(recorded(each))).id for each in (before, after)}
    assert len(found) == 1


def test_no_field_of_a_trace_is_forgotten() -> None:
    """Whoever adds a field writes it into case files, or says here why not."""
    assert {each.name for each in fields(Contents)} == {
        "name", "spans", "steps", "arguments", "output", "status", "request_id", "session_id", "tags", "scores",
        "expectations", "origin", "groups",
        "fidelity", "notes", "redacted_with",  # worked out when the file is read
    }  # fmt: skip
    assert {each.name for each in fields(Step)} == {
        "index", "span_id", "parent_id", "name", "call", "answer", "start_ns", "end_ns", "dialect", "span_name",
        "incomplete", "proviso", "losses", "inside", "raw", "hints",
    }  # fmt: skip
    assert {each.name for each in fields(Call)} == {
        "kind", "provider", "model", "messages", "tools", "parameters", "stream", "arguments", "options", "known",
    }  # fmt: skip
    assert {each.name for each in fields(Answer)} == {
        "choices", "provider", "model", "id", "usage", "usage_in_stream", "error", "returned", "failure", "vectors",
        "created", "seed", "details", "raw",
    }  # fmt: skip
