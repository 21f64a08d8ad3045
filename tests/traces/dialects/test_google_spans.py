"""Google Gemini's spans, as each instrumentation writes them."""

import json
from typing import Any

import pytest

from pytest_llmreplay.compare.canonical import canonical
from pytest_llmreplay.model.call import (
    Answer,
    Call,
    Message,
    Other,
    Reasoning,
    Text,
    Tool,
    ToolCall,
    ToolResult,
    Usage,
)
from pytest_llmreplay.providers.google_gemini import GoogleGemini
from pytest_llmreplay.traces.dialects.genai import GenAI
from pytest_llmreplay.traces.dialects.openinference import OpenInference
from pytest_llmreplay.traces.dialects.openllmetry_indexed import OpenLLMetryIndexed
from pytest_llmreplay.traces.dialects.protocol import Exchange
from tests.builders import exception, span, user

TRACELOOP = "opentelemetry.instrumentation.google_generativeai"
OTEL = "opentelemetry.instrumentation.google_genai"
ERROR = "404 NOT_FOUND. {'error': {'code': 404, 'message': 'no such model', 'status': 'NOT_FOUND'}}"
PRINTED = "media_resolution=None function_call=FunctionCall(args={}, name='f') text=None thought_signature=b'x'"
SCHEMA: Any = {"type": "object", "properties": {"cityName": {"type": "string"}}}


def messages(*parts: Any, role: str = "user", reason: str | None = None) -> str:
    """One message as JSON; one of an answer has a finish reason."""
    end = {} if reason is None else {"finish_reason": reason}
    return json.dumps([{"role": role, "parts": parts, **end}])


def said(words: str) -> dict[str, str]:
    """A text part."""
    return {"type": "text", "content": words}


def read(told: str | None, *, scope: str = TRACELOOP, asked: str | None = None, **more: Any) -> Exchange:
    """The exchange of a span of GenAI attributes."""
    attributes = {
        "gen_ai.operation.name": "generate_content",
        "gen_ai.provider.name": "gcp.gen_ai" if scope == TRACELOOP else "gemini",
        "gen_ai.request.model": "models/gemini-2.5-flash",
        "gen_ai.input.messages": asked or messages(said("Hello?")),
        **({"gen_ai.output.messages": told} if told else {}),
        **more.pop("attributes", {}),
    }
    found = GenAI().exchange(span("generate_content", attributes=attributes, scope=scope, **more))
    assert found is not None
    return found


def told(answer: Answer, call: Call | None = None) -> Any:
    """The body that the provider makes of an answer."""
    return json.loads(GoogleGemini().answer(call or Call(kind="chat"), answer).body)


# --- OpenLLMetry ----------------------------------------------------------------------------------------------------


def test_openllmetry_has_an_empty_id_and_no_thoughts() -> None:
    found = read(
        messages({"type": "tool_call", "id": "", "name": "f", "arguments": {"a": 1}}, reason="error"),
        attributes={
            "gen_ai.usage.input_tokens": 3,
            "gen_ai.usage.output_tokens": 2,
            "gen_ai.usage.total_tokens": 12,
            "gen_ai.tool.definitions": json.dumps(
                [
                    {"function_declarations": [{"name": "f", "description": "F.", "parameters_json_schema": SCHEMA}]},
                    {"google_search": {}},
                ]
            ),
        },
    )
    assert found.incomplete is None
    assert found.call.model == "gemini-2.5-flash"
    assert found.call.tools == (Tool("google_search"), Tool("f", "F.", SCHEMA))
    assert found.answer.choices[0].parts == (ToolCall("f", {"a": 1}),)
    body = told(found.answer)
    assert body["candidates"][0]["finishReason"] == "UNEXPECTED_TOOL_CALL"
    counted = {"promptTokenCount": 3, "candidatesTokenCount": 2, "totalTokenCount": 12}
    assert body["usageMetadata"] == counted  # a tool of the provider's own counts in the total, too


def test_openllmetrys_thoughts_are_what_the_total_has_more() -> None:
    tokens = {"gen_ai.usage.input_tokens": 3, "gen_ai.usage.output_tokens": 2, "gen_ai.usage.total_tokens": 12}
    found = read(messages(said("Hello."), reason="stop"), attributes=tokens)
    assert found.answer.usage == Usage(input=3, output=9, reasoning=7)


def test_openllmetry_prints_code_and_its_result() -> None:
    code, outcome = (
        "code='print(\"\\n\")' language=<Language.PYTHON: 'PYTHON'>",
        "outcome=<Outcome.OUTCOME_OK: 'OUTCOME_OK'> output='4\\n'",
    )
    parts = read(messages(said(code), said(outcome), said("code=4"), reason="stop")).answer.choices[0].parts
    assert parts == (
        Other("executableCode", {"code": 'print("\n")', "language": "PYTHON"}),
        Other("codeExecutionResult", {"outcome": "OUTCOME_OK", "output": "4\n"}),
        Text("code=4"),
    )


def test_a_question_with_a_printed_part_is_not_compared() -> None:
    found = read(messages(said("Hello."), reason="stop"), asked=messages(said(PRINTED)))
    assert "messages" not in found.call.known.fields


@pytest.mark.parametrize(
    ("parts", "tokens", "whole"),
    [
        (["Paris."], 2, True),
        (["4"], 1, True),
        ([" is Paris."], 8, False),
        ([", and so on."], 8, False),
        (["0"], 80, False),
        ([PRINTED], 10, False),
        ([], 1, False),
        ([], 0, True),
    ],
)
def test_openllmetry_keeps_the_last_piece_of_a_stream(parts: list[str], tokens: int, whole: bool) -> None:
    found = read(messages(*map(said, parts), reason="stop"), attributes={"gen_ai.usage.output_tokens": tokens})
    assert (found.incomplete is None) is whole


@pytest.mark.parametrize(("tokens", "whole"), [(10, True), (18, True), (40, False)])
def test_calls_that_do_not_account_for_the_tokens_are_the_last_piece_of_a_stream(tokens: int, whole: bool) -> None:
    call = {"type": "tool_call", "name": "weather", "arguments": {"city": "Rome"}}
    found = read(messages(call, reason="tool_call"), attributes={"gen_ai.usage.output_tokens": tokens})
    assert found.incomplete == (None if whole else "the span holds only the last piece of a stream")


def test_a_system_text_that_openllmetry_did_not_see_and_borders_of_turns_are_not_compared() -> None:
    asked = json.dumps([{"role": "user", "parts": [said(each)]} for each in ("a", "b")])
    recorded = read(messages(said("Hello."), reason="stop"), asked=asked).call
    live = GoogleGemini().call_of_body(
        {
            "model": "gemini-2.5-flash",
            "contents": [{"role": "user", "parts": [{"text": "a"}, {"text": "b"}]}],
            "systemInstruction": {"parts": [{"text": "Be brief."}]},
        }
    )
    assert canonical(recorded, recorded.known) == canonical(live, recorded.known)


def indexed(completion: str | None, **more: Any) -> Exchange:
    """The exchange of a span of OpenLLMetry's old form."""
    attributes = {
        "gen_ai.system": "Google",
        "llm.request.type": "completion",
        "gen_ai.request.model": "gemini-2.5-flash",
        "gen_ai.prompt.0.role": "user",
        "gen_ai.prompt.0.content": '[{"type": "text", "text": "Hello?"}]',
        **({} if completion is None else {"gen_ai.completion.0.content": completion}),
        **({} if completion is None else {"gen_ai.completion.0.role": "assistant"}),
        **more,
    }
    found = OpenLLMetryIndexed().exchange(span("gemini.generate_content", attributes=attributes, scope=TRACELOOP))
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("completion", "whole"),
    [
        ("Hello.", True),
        ("None of them.", True),
        ("It returns None", True),
        ("NoneType is a type.", True),
        ("None", False),
        ("NoneNone", False),
        ("NoneThe capital is Paris.", False),
        ("fooNone", False),
        ("Here:\n\nNoneNoneThe sum is 4.", False),
    ],
)
def test_the_old_openllmetry_writes_none_where_a_piece_had_no_text(completion: str, whole: bool) -> None:
    assert (indexed(completion).incomplete is None) is whole


def test_the_old_openllmetry_has_no_tool_calls() -> None:
    assert indexed(None, **{"gen_ai.usage.completion_tokens": 6}).incomplete


def test_a_prompt_that_was_refused_has_no_answer_and_no_tokens() -> None:
    for found in (indexed(None), read(None), read(None, scope=OTEL)):
        assert found.incomplete is None
        assert found.answer.choices == ()
        assert "promptFeedback" in told(found.answer)


# --- OpenTelemetry --------------------------------------------------------------------------------------------------


def test_the_opentelemetry_package_makes_up_ids() -> None:
    calls: list[Any] = [
        {"type": "tool_call", "id": "get_x_0", "name": "get_x", "arguments": {}},
        {"type": "tool_call", "id": "k2j3", "name": "get_y", "arguments": {}},
        {"type": "tool_call", "id": "get_0", "name": "get_z", "arguments": {}},
    ]
    found = read(messages(*calls, reason="stop"), scope=OTEL)
    assert found.answer.choices[0].parts == (
        ToolCall("get_x", {}, None),
        ToolCall("get_y", {}, "k2j3"),
        ToolCall("get_z", {}, "get_0"),
    )
    assert "tool_ids" in found.call.known.lost


def test_the_opentelemetry_package_counts_thoughts_as_output() -> None:
    tokens = {
        "gen_ai.usage.input_tokens": 3,
        "gen_ai.usage.output_tokens": 9,
        "gen_ai.usage.reasoning.output_tokens": 7,
        "gen_ai.response.finish_reasons": ["max_tokens"],
    }
    body = told(read(messages(said("Hello."), reason="length"), scope=OTEL, attributes=tokens).answer)
    assert body["candidates"][0]["finishReason"] == "MAX_TOKENS"
    assert body["usageMetadata"] == {
        "promptTokenCount": 3,
        "candidatesTokenCount": 2,
        "thoughtsTokenCount": 7,
        "totalTokenCount": 12,
    }


@pytest.mark.parametrize(
    ("part", "kept"),
    [
        (
            {"type": "code_execution", "code": "1+1", "language": "PYTHON"},
            Other("executableCode", {"code": "1+1", "language": "PYTHON"}),
        ),
        (
            {"type": "google_search", "arguments": {"q": "x"}},
            Other("toolCall", {"toolType": "GOOGLE_SEARCH", "args": {"q": "x"}}),
        ),
    ],
)
def test_a_tool_of_the_providers_own_is_the_part_that_it_was(part: dict[str, Any], kept: Other) -> None:
    call = {"type": "server_tool_call", "name": part["type"], "id": None, "server_tool_call": part}
    found = read(messages(call, said("2"), reason="stop"), scope=OTEL)
    assert found.answer.choices[0].parts == (kept, Text("2"))


def test_an_answer_that_a_limit_or_filter_left_empty_is_one() -> None:
    for word in ("max_tokens", "safety", "stop"):
        found = read(None, scope=OTEL, attributes={"gen_ai.response.finish_reasons": [word]})
        assert found.incomplete is None
        assert told(found.answer)["candidates"][0]["finishReason"] == word.upper()


def test_a_turn_of_a_role_that_the_package_does_not_know_is_not_compared() -> None:
    asked = messages(said("Hello?"), role="")
    assert "messages" not in read(messages(said("Hi."), reason="stop"), scope=OTEL, asked=asked).call.known.fields


def test_a_tool_result_is_compact_json_in_every_vocabulary() -> None:
    for response in ({"result": "mild"}, json.dumps({"result": "mild"})):
        asked = messages({"type": "tool_call_response", "id": "f_0", "response": response})
        (message,) = read(messages(said("Mild."), reason="stop"), asked=asked).call.messages
        assert message.parts == (ToolResult('{"result":"mild"}', "f_0"),)


# --- errors ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "how",
    [
        {"status": "error", "message": ERROR},
        {"status": "error", "message": f"ClientError: {ERROR}"},
        {"status": "error", "events": [exception(ERROR, "google.genai.errors.ClientError")]},
    ],
)
def test_an_error_of_the_sdk_is_the_providers(how: dict[str, Any]) -> None:
    error = read(None, scope=OTEL, **how).answer.error
    assert error is not None
    assert (error.status, error.type, error.message) == (404, "NOT_FOUND", "no such model")
    assert told(Answer(error=error)) == {"error": {"code": 404, "message": "no such model", "status": "NOT_FOUND"}}


# --- OpenInference --------------------------------------------------------------------------------------------------

OPENINFERENCE: dict[str, Any] = {
    "openinference.span.kind": "LLM",
    "llm.provider": "google",
    "llm.model_name": "gemini-2.5-flash-001",
    "input.mime_type": "application/json",
    "input.value": json.dumps(
        {
            "contents": [
                {"role": "user", "parts": [{"text": "Weather?"}]},
                {"role": "model", "parts": [{"function_call": {"name": "weather", "args": {"city_name": "Rome"}}}]},
                {"role": "user", "parts": [{"function_response": {"name": "weather", "response": {"is_ok": True}}}]},
            ],
            "tools": [
                {
                    "function_declarations": [
                        {
                            "name": "weather",
                            "parameters_json_schema": {
                                "type": "object",
                                "properties": {"city_name": {"type": "string"}},
                                "additional_properties": False,
                            },
                        }
                    ]
                }
            ],
            "tool_config": {"function_calling_config": {"mode": "ANY"}},
            "generation_config": {"max_output_tokens": 5, "response_mime_type": "text/plain"},
        }
    ),
    "output.mime_type": "application/json",
    "output.value": json.dumps(
        {
            "sdk_http_response": {"headers": {}},
            "candidates": [
                {
                    "content": {
                        "parts": [
                            {
                                "function_call": {"name": "weather", "args": {"city_name": "Rome", "dayName": "Mon"}},
                                "thought_signature": "-_8=",
                            }
                        ],
                        "role": "model",
                    },
                    "finish_reason": "STOP",
                }
            ],
            "model_version": "gemini-2.5-flash-001",
            "response_id": "r1",
            "usage_metadata": {"prompt_token_count": 3, "thoughts_token_count": 7, "total_token_count": 10},
        }
    ),
}
LIVE: dict[str, Any] = {
    "model": "gemini-flash-latest",
    "contents": [
        {"role": "user", "parts": [{"text": "Weather?"}]},
        {
            "role": "model",
            "parts": [{"functionCall": {"name": "weather", "args": {"cityName": "Rome"}}, "thoughtSignature": "x"}],
        },
        {"role": "user", "parts": [{"functionResponse": {"name": "weather", "response": {"isOk": True}}}]},
    ],
    "tools": [
        {
            "functionDeclarations": [
                {
                    "name": "weather",
                    "parametersJsonSchema": {**SCHEMA, "additionalProperties": False},
                }
            ]
        }
    ],
    "toolConfig": {"functionCallingConfig": {"mode": "ANY"}},
    "generationConfig": {"maxOutputTokens": 5, "responseMimeType": "text/plain"},
}


def openinference(name: str = "GenerateContent", **attributes: Any) -> Exchange:
    """The exchange of a span of OpenInference."""
    found = OpenInference().exchange(span(name, attributes={**OPENINFERENCE, **attributes}))
    assert found is not None
    return found


def test_openinference_spells_all_names_in_snake_case() -> None:
    recorded, live = openinference().call, GoogleGemini().call_of_body(LIVE)
    assert canonical(recorded, recorded.known) == canonical(live, recorded.known)
    other = GoogleGemini().call_of_body({**LIVE, "contents": LIVE["contents"][:2]})
    assert canonical(recorded, recorded.known) != canonical(other, recorded.known)


def test_openinference_does_not_know_the_model_that_was_asked_for() -> None:
    assert openinference().call.known.fields == {"messages", "tools"}


def test_openinference_holds_the_whole_answer() -> None:
    answer = openinference().answer
    assert answer.choices[0].parts == (
        ToolCall("weather", {"city_name": "Rome", "dayName": "Mon"}),
        Reasoning("", "+/8="),
    )
    body = told(answer)
    assert body.keys() == {"candidates", "modelVersion", "responseId", "usageMetadata"}
    assert body["usageMetadata"] == {"promptTokenCount": 3, "thoughtsTokenCount": 7, "totalTokenCount": 10}
    (part,) = body["candidates"][0]["content"]["parts"]
    assert part["functionCall"]["args"] == {"city_name": "Rome", "dayName": "Mon"}


@pytest.mark.parametrize(
    ("name", "stream"),
    [("GenerateContent", False), ("GenerateContentStream", True), ("AsyncGenerateContentStream", True)],
)
def test_openinference_tells_a_stream_by_its_name(name: str, stream: bool) -> None:
    assert openinference(name).call.stream is stream


def test_openinferences_indexed_form_has_parameters_under_the_apis_names() -> None:
    found = openinference(
        **{
            "input.value": '{"cut',
            "llm.input_messages.0.message.role": "user",
            "llm.input_messages.0.message.content": "Weather?",
            "llm.invocation_parameters": '{"max_output_tokens": 5, "response_mime_type": "text/plain"}',
        }
    )
    assert found.call.messages == (user("Weather?"),)
    assert found.call.parameters == {"max_tokens": 5, "responseMimeType": "text/plain"}


def test_an_embedding_call_is_googles_with_all_that_was_asked() -> None:
    content = {"parts": [{"text": "a"}, {"text": "b"}]}
    attributes = {
        "openinference.span.kind": "EMBEDDING",
        "llm.provider": "google",
        "embedding.model_name": "gemini-embedding-2",
        "input.value": json.dumps({"requests": [{"content": content, "task_type": "CLUSTERING"}]}),
        "embedding.embeddings.0.embedding.text": "a\n\nb",
        "embedding.embeddings.0.embedding.vector": [0.5, 0.25],
    }
    found = OpenInference().exchange(span("EmbedContent", attributes=attributes))
    assert found is not None
    assert (found.call.provider, found.call.model) == ("google.embeddings", "gemini-embedding-2")
    assert found.call.messages == (Message("user", (Text("a"), Text("b"))),)
    assert found.call.parameters == {"taskType": "CLUSTERING"}
    assert found.answer.vectors == ((0.5, 0.25),)


def test_a_span_without_vectors_tells_their_width() -> None:
    attributes = {
        "gen_ai.operation.name": "embeddings",
        "gen_ai.provider.name": "gemini",
        "gen_ai.request.model": "gemini-embedding-2",
        "gen_ai.embeddings.dimension.count": 64,
        "gen_ai.usage.input_tokens": 4,
    }
    found = GenAI().exchange(span("embeddings", attributes=attributes))
    assert found is not None
    assert found.call.provider == "google.embeddings"
    assert found.answer.details == {"dimensions": 64}
    assert found.answer.usage == Usage(input=4)
