"""Spans of Cohere's SDK, as OpenLLMetry and OpenInference make them."""

import json
from typing import Any

import pytest

from pytest_llmreplay.compare.calls import differences
from pytest_llmreplay.model.call import EVERYTHING, Choice, Message, Reasoning, Text, ToolCall, Usage
from pytest_llmreplay.model.trace import Event
from pytest_llmreplay.traces.dialects.openinference import OpenInference
from pytest_llmreplay.traces.dialects.openllmetry_indexed import OpenLLMetryIndexed
from pytest_llmreplay.traces.dialects.protocol import Exchange
from tests.builders import assistant, at, called, chat, result, span, system, user

TRACELOOP = "opentelemetry.instrumentation.cohere"
OI = "openinference.instrumentation.cohere"
CHAT = {
    "gen_ai.system": "Cohere",
    "llm.request.type": "chat",
    "gen_ai.request.model": "command-r",
    "gen_ai.prompt.0.role": "user",
    "gen_ai.prompt.0.content": "Weather?",
    "gen_ai.response.id": "id-1",
    "gen_ai.usage.prompt_tokens": 7.0,
    "gen_ai.usage.completion_tokens": 3.0,
    "gen_ai.completion.0.role": "assistant",
    "gen_ai.response.finish_reasons": ["COMPLETE"],
}
V2 = {**CHAT, "gen_ai.completion.0.content": '[{"type": "text", "text": "Sunny."}]'}
V1 = {**CHAT, "gen_ai.completion.0.content": "Sunny."}
FAILED = (
    "headers: {'server': 'envoy'}, status_code: 404, body: {'id': '1', 'message': \"model 'x' not found, make sure.\"}"
)


def indexed(attributes: dict[str, Any], **more: Any) -> Exchange:
    """The exchange of one of OpenLLMetry's spans."""
    given = {key: value for key, value in attributes.items() if value is not None}
    found = OpenLLMetryIndexed().exchange(span(attributes=given, **{"name": "cohere.chat", "scope": TRACELOOP, **more}))
    assert found is not None
    return found


def inference(kind: str, asked: Any, told: Any, **more: Any) -> Exchange:
    """The exchange of one of OpenInference's spans."""
    attributes = {"openinference.span.kind": kind, "input.value": json.dumps(asked), "output.value": json.dumps(told)}
    found = OpenInference().exchange(span(attributes=attributes | more, scope=OI))
    assert found is not None
    return found


# --- OpenLLMetry ----------------------------------------------------------------------------------------------------


def test_a_span_of_version_2_is_read() -> None:
    exchange = indexed(V2)
    call, answer = exchange.call, exchange.answer
    assert (call.provider, call.model, call.messages, exchange.incomplete) == (
        "cohere.chat",
        "command-r",
        (user("Weather?"),),
        None,
    )
    assert answer.choices == (Choice(parts=(Text("Sunny."),), finish_reason="COMPLETE"),)
    assert (answer.id, answer.usage) == ("id-1", Usage(input=7, output=3))


def test_blocks_of_a_stream_have_no_types_and_the_plan_is_one_of_them() -> None:
    told = json.dumps([{"thinking": "hm", "text": None}, {"type": "text", "text": "I look."}])
    calls = {
        "gen_ai.completion.0.content": told,
        "gen_ai.completion.0.tool_calls.0.id": "w_1",
        "gen_ai.completion.0.tool_calls.0.name": "weather",
        "gen_ai.response.finish_reasons": ["TOOL_CALL"],
    }
    (choice,) = indexed({**CHAT, **calls}).answer.choices
    assert choice.parts == (Reasoning("hm"), Text("I look."), ToolCall("weather", {}, "w_1"))
    assert choice.finish_reason == "TOOL_CALL"


def test_a_span_of_version_1_is_told_by_its_plain_text_and_knows_the_last_message_only() -> None:
    exchange = indexed(V1)
    assert (exchange.call.provider, exchange.answer.provider) == ("cohere.v1.chat", "cohere.v1.chat")
    assert exchange.answer.choices[0].parts == (Text("Sunny."),)
    asked = chat(system("Be brief."), user("Hi?"), assistant("Hi."), user("Weather?"), model="command-r")
    assert differences(exchange.call, asked) == ()
    other = chat(user("Weather?"), user("And now?"), model="command-r")
    assert [each.path for each in differences(exchange.call, other)] == ["messages[0].content"]


def test_plain_text_that_looks_like_a_list_is_plain_text() -> None:
    exchange = indexed({**CHAT, "gen_ai.completion.0.content": '[{"city": "Rome"}]'})
    assert (exchange.call.provider, exchange.answer.choices[0].parts) == (
        "cohere.v1.chat",
        (Text('[{"city": "Rome"}]'),),
    )


def test_calls_of_tools_in_earlier_turns_are_not_recorded_and_not_compared() -> None:
    prompts = {
        "gen_ai.prompt.1.role": "assistant",
        "gen_ai.prompt.2.role": "tool",
        "gen_ai.prompt.2.content": "mild",
    }
    call = indexed({**V2, **prompts}).call
    asked = chat(
        user("Weather?"),
        assistant("I look.", called("weather", {"city": "Rome"}, "w_1")),
        result("mild", "w_1"),
        model="command-r",
    )
    assert differences(call, asked) == ()
    other = chat(user("Weather?"), result("cold", "w_1"), model="command-r")
    assert [each.path for each in differences(call, other)] == ["messages[1].content"]


def test_contents_that_are_lists_are_not_recorded_and_not_compared() -> None:
    call = indexed({**V2, "gen_ai.prompt.0.content": None}).call
    assert "messages" not in call.known.fields


def test_stop_sequences_stand_as_json() -> None:
    assert indexed({**V2, "gen_ai.request.stop_sequences": '["END"]'}).call.parameters == {"stop_sequences": ["END"]}


@pytest.mark.parametrize("content", [None, "null"])
def test_an_answer_that_was_not_recorded_is_incomplete(content: str | None) -> None:
    exchange = indexed({**CHAT, "gen_ai.completion.0.content": content})
    assert "not in the span" in str(exchange.incomplete)


def test_an_answer_without_blocks_is_an_empty_one() -> None:
    exchange = indexed({**CHAT, "gen_ai.completion.0.content": "[]"})
    assert (exchange.incomplete, exchange.answer.choices[0].parts) == (None, ())


@pytest.mark.parametrize(
    ("stack", "provider"), [("cohere/v2/client.py", "cohere.chat"), ("cohere/base_client.py", "cohere.v1.chat")]
)
def test_an_error_has_status_and_body_and_its_stack_tells_the_version(stack: str, provider: str) -> None:
    seen = {"exception.type": "cohere.errors.NotFoundError", "exception.message": FAILED, "exception.stacktrace": stack}
    attributes = {key: value for key, value in CHAT.items() if "completion" not in key and "response" not in key}
    exchange = indexed(attributes, status="error", events=[Event("exception", at(1), seen)])
    error = exchange.answer.error
    assert error is not None
    assert (error.status, error.message) == (404, "model 'x' not found, make sure.")
    assert error.body == {"id": "1", "message": "model 'x' not found, make sure."}
    assert (exchange.call.provider, exchange.incomplete) == (provider, None)


RERANK = {
    "gen_ai.system": "Cohere",
    "llm.request.type": "rerank",
    "gen_ai.request.model": "rerank-v3.5",
    "gen_ai.prompt.0.role": "system",
    "gen_ai.prompt.0.content": "a",
    "gen_ai.prompt.1.role": "system",
    "gen_ai.prompt.1.content": "b",
    "gen_ai.prompt.2.role": "user",
    "gen_ai.prompt.2.content": "which?",
    "gen_ai.response.id": "r-1",
    "gen_ai.completion.0.content": "Doc 1, Score: 0.999071\nb",
    "gen_ai.completion.1.content": "Doc 0, Score: 1e-05",
}


def test_a_rerank_is_read_from_its_words() -> None:
    exchange = indexed(RERANK, name="cohere.rerank")
    call, answer = exchange.call, exchange.answer
    assert (call.kind, call.provider, call.model) == ("rerank", "cohere.rerank", "rerank-v3.5")
    assert call.messages == (Message("document", (Text("a"),)), Message("document", (Text("b"),)), user("which?"))
    results = [{"index": 1, "relevance_score": 0.999071}, {"index": 0, "relevance_score": 1e-05}]
    assert (answer.id, answer.details, exchange.incomplete) == ("r-1", {"results": results}, None)


def test_a_rerank_of_objects_does_not_know_them() -> None:
    assert indexed({**RERANK, "gen_ai.prompt.0.content": None}).call.known.fields == frozenset({"model"})


def test_a_rerank_without_its_answer_is_incomplete() -> None:
    told = {"gen_ai.completion.0.content": "Doc one, Score: 1", "gen_ai.completion.1.content": "Doc 0, Score: high"}
    assert "not in the span" in str(indexed({**RERANK, **told}).incomplete)


def test_a_rerank_that_failed_is_an_error() -> None:
    exchange = indexed(RERANK, status="error", message=FAILED)
    assert exchange.answer.error is not None
    assert exchange.answer.error.status == 404


@pytest.mark.parametrize(
    ("content", "messages"),
    [
        ('[{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]', (user("a"), user("b"))),
        ('[{"content": [{"type": "image_url"}]}]', ()),
        ('[{"type": "te', ()),
    ],
)
def test_the_texts_of_an_embedding_stand_in_one_prompt(content: str, messages: Any) -> None:
    attributes = {
        "gen_ai.system": "Cohere",
        "llm.request.type": "embedding",
        "gen_ai.request.model": "embed-v4.0",
        "gen_ai.prompt.0.role": "user",
        "gen_ai.prompt.0.content": content,
    }
    call = indexed(attributes, name="cohere.embed").call
    assert (call.kind, call.provider, call.messages) == ("embedding", "cohere.embed", messages)
    assert ("messages" in call.known.fields) is bool(messages)


# --- OpenInference --------------------------------------------------------------------------------------------------

ASKED: Any = {"model": "command-r", "messages": [{"role": "user", "content": "Weather?"}]}


def test_a_whole_answer_is_given_back_as_it_is() -> None:
    told: Any = {
        "id": "1",
        "finish_reason": "COMPLETE",
        "message": {"role": "assistant", "content": [{"type": "text", "text": "Sunny."}], "citations": [{"start": 0}]},
        "usage": {"tokens": {"input_tokens": 9.0, "output_tokens": 3.0}},
    }
    exchange = inference("LLM", ASKED, told)
    assert (exchange.call.provider, exchange.call.known.parameters) == ("cohere.chat", EVERYTHING)
    assert (exchange.answer.provider, exchange.answer.raw, exchange.answer.id) == ("cohere.chat", told, "1")


def test_the_message_of_a_stream_is_finished_by_the_span() -> None:
    told = {"role": "assistant", "tool_plan": "I look.", "tool_calls": [{"id": "w_1", "function": {"name": "weather"}}]}
    counts = {"llm.token_count.prompt": 9, "llm.token_count.completion": 3, "llm.finish_reason": "TOOL_CALL"}
    answer = inference("LLM", {**ASKED, "stream": True}, told, **counts).answer
    assert answer.choices == (
        Choice(parts=(Text("I look."), ToolCall("weather", {}, "w_1")), finish_reason="TOOL_CALL"),
    )
    assert (answer.usage, answer.raw) == (Usage(input=9, output=3), None)


def test_a_rerank_is_read_from_its_raw_arguments_and_answer() -> None:
    told: Any = {"id": "r-1", "results": [{"index": 0, "relevance_score": 0.5}]}
    exchange = inference("RERANKER", {"model": "rerank-v3.5", "query": "q", "documents": ["a"], "top_n": 1}, told)
    assert (exchange.call.provider, exchange.call.parameters) == ("cohere.rerank", {"top_n": 1})
    assert (exchange.answer.raw, exchange.answer.id, exchange.incomplete) == (told, "r-1", None)


def test_a_rerank_without_its_answer_is_incomplete_and_a_failed_one_an_error() -> None:
    asked = {"query": "q", "documents": ["a"]}
    assert inference("RERANKER", asked, None).incomplete
    attributes = {"openinference.span.kind": "RERANKER", "input.value": json.dumps(asked)}
    found = OpenInference().exchange(span(attributes=attributes, scope=OI, status="error", message=FAILED))
    assert found is not None
    assert found.answer.error is not None
    assert found.answer.error.status == 404


def test_a_reranker_in_the_process_is_no_call_of_a_provider() -> None:
    attributes = {"openinference.span.kind": "RERANKER", "reranker.query": "q", "reranker.model_name": "cross-encoder"}
    found = OpenInference().exchange(span(attributes=attributes, scope="openinference.instrumentation.llama_index"))
    assert found is not None
    assert found.incomplete


def test_an_embedding_is_of_cohere_by_its_scope() -> None:
    vectors = {"embedding.model_name": "embed-v4.0", "embedding.embeddings.0.embedding.text": "a",
               "embedding.embeddings.0.embedding.vector": [0.5, 1.0]}  # fmt: skip
    exchange = inference("EMBEDDING", {}, {}, **vectors)
    assert (exchange.call.provider, exchange.answer.vectors) == ("cohere.embed", ((0.5, 1.0),))
