"""Google Gemini: what the SDK asks, what it is told, and that nothing changes on the way."""

import hashlib
import json
from dataclasses import replace
from typing import Any

import pytest
from google.genai import errors, types
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_llmreplay.model.call import (
    EVERYTHING,
    Answer,
    ApiError,
    Call,
    Media,
    Message,
    Other,
    Part,
    Reasoning,
    Refusal,
    Text,
    Tool,
    ToolCall,
    ToolResult,
    Usage,
)
from pytest_llmreplay.model.trace import Hints
from pytest_llmreplay.model.wire import WireRequest, WireResponse
from pytest_llmreplay.providers.google_gemini import NAME, GoogleGemini
from pytest_llmreplay.testing.conversations import JUNK
from tests.builders import answered, called, chat, system, user
from tests.providers.drivers.google_sdk import Content
from tests.providers.sdks import Wire, gemini_client, request, response

PROVIDER = GoogleGemini()
DRIVER = Content(vertex=False)
HELLO: Any = "Hello?"
PATH = "/v1beta/models/gemini-2.5-flash:generateContent"
STREAM = "/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse"
SEAL = "c2VhbA=="
WIRE = Wire(NAME, Answer())
CLIENT = gemini_client(WIRE)
"""One client for all answers: it takes long to make."""
SCHEMA: Any = {"type": "object", "properties": {"cityName": {"type": "string"}}, "additionalProperties": False}


def asked(contents: Any = HELLO, *, vertex: bool = False, model: str = "gemini-2.5-flash", **config: Any) -> Call:
    """The call that the SDK makes of these arguments."""
    wire = Wire(NAME, answered("Hello."))
    given = types.GenerateContentConfig(**config) if config else None
    client = gemini_client(wire, vertex=vertex)  # one that nobody holds closes itself
    client.models.generate_content(model=model, contents=contents, config=given)
    return wire.call


def told(answer: Answer, contents: Any = HELLO) -> types.GenerateContentResponse:
    """The response that the SDK makes of an answer."""
    WIRE.answer = answer
    return CLIENT.models.generate_content(model="gemini-2.5-flash", contents=contents)


def chunks_of(answer: Answer) -> list[types.GenerateContentResponse]:
    """The pieces that the SDK makes of a streamed answer."""
    WIRE.answer = answer
    return list(CLIENT.models.generate_content_stream(model="gemini-2.5-flash", contents=HELLO))


# --- requests -------------------------------------------------------------------------------------------------------


def test_a_question_of_the_sdk_is_read() -> None:
    call = asked(
        [
            types.UserContent("Weather?"),
            types.ModelContent(
                types.Part(
                    function_call=types.FunctionCall(name="weather", args={"cityName": "Rome"}), thought_signature=b"s"
                )
            ),
            types.UserContent(types.Part.from_function_response(name="weather", response={"result": "mild"})),
        ],
        system_instruction="Be brief.",
        temperature=0.5,
        top_p=0.9,
        top_k=3,
        max_output_tokens=100,
        stop_sequences=["END"],
        candidate_count=2,
        seed=7,
        response_mime_type="application/json",
        tools=[
            types.Tool(
                function_declarations=[
                    types.FunctionDeclaration(name="weather", description="Tells it.", parameters_json_schema=SCHEMA)
                ]
            ),
            types.Tool(google_search=types.GoogleSearch()),
        ],
    )
    assert (call.kind, call.provider, call.model, call.stream) == ("chat", NAME, "gemini-2.5-flash", False)
    assert call.messages == (
        system("Be brief."),
        user("Weather?"),
        Message("model", (ToolCall("weather", {"cityName": "Rome"}), Reasoning("", "cw=="))),
        Message("user", (ToolResult('{"result":"mild"}'),)),
    )
    assert call.tools == (Tool("google_search"), Tool("weather", "Tells it.", SCHEMA))
    assert call.parameters == {
        "temperature": 0.5,
        "top_p": 0.9,
        "top_k": 3,
        "max_tokens": 100,
        "stop_sequences": ["END"],
        "choice.count": 2,
        "seed": 7,
        "responseMimeType": "application/json",
    }
    assert call.known.parameters == EVERYTHING


def test_gemini_and_vertex_ask_the_same_question() -> None:
    assert asked(vertex=True) == asked()


@pytest.mark.parametrize("model", ["gemini-2.5-flash", "models/gemini-2.5-flash"])
def test_a_model_is_named_without_the_path_to_it(model: str) -> None:
    assert asked(model=model).model == "gemini-2.5-flash"


def test_a_tuned_model_keeps_its_kind() -> None:
    assert PROVIDER.call(request("/v1beta/tunedModels/mine:generateContent", {"contents": []})).model == (
        "tunedModels/mine"
    )


@pytest.mark.parametrize(
    ("part", "read"),
    [
        (types.Part.from_uri(file_uri="gs://a/b.pdf", mime_type="application/pdf"), Media("document", "gs://a/b.pdf")),
        (types.Part.from_uri(file_uri="gs://a/b.mp4", mime_type="video/mp4"), Media("video", "gs://a/b.mp4")),
        (
            types.Part.from_bytes(data=b"\xff\xef", mime_type="image/png"),
            Media("image", "sha256:" + hashlib.sha256(b"/+8=").hexdigest()),
        ),
        (
            types.Part.from_executable_code(code="print(1)", language=types.Language.PYTHON),
            Other("executableCode", {"code": "print(1)", "language": "PYTHON"}),
        ),
        (types.Part(text="Hm.", thought=True), Reasoning("Hm.")),
    ],
)
def test_a_part_that_is_no_plain_text_is_read(part: types.Part, read: Part) -> None:
    (message,) = asked(["Look:", part]).messages
    assert message == Message("user", (Text("Look:"), read))


def test_keyword_arguments_of_the_sdk_are_the_same_question_as_the_request_made_of_them() -> None:
    kwargs: Any = {
        "model": "gemini-2.5-flash",
        "contents": "Hello?",
        "config": {"system_instruction": "Be brief.", "max_output_tokens": 5, "http_options": {"timeout": 1}},
    }
    assert replace(PROVIDER.call_of_body(kwargs), options={}) == replace(
        asked(system_instruction="Be brief.", max_output_tokens=5), options={}
    )


@pytest.mark.parametrize(
    ("method", "path", "claimed"),
    [
        ("POST", PATH, True),
        ("post", PATH, True),
        ("POST", STREAM, True),
        ("POST", "/v1/projects/p/locations/l/publishers/google/models/gemini-2.5-pro:generateContent", True),
        ("POST", "/v1beta1/publishers/google/models/gemini-2.5-pro:streamGenerateContent?alt=sse", True),
        ("POST", "/v1/projects/p/locations/l/endpoints/123:generateContent", True),
        ("GET", PATH, False),
        ("POST", "/v1beta/models/gemini-2.5-flash:countTokens", False),
        ("POST", "/v1beta/models/gemini-embedding-001:batchEmbedContents", False),
        ("POST", "/v1beta/openai/chat/completions", False),
    ],
)
def test_a_request_is_claimed_by_method_and_path(method: str, path: str, claimed: bool) -> None:
    assert PROVIDER.claims(request(path, {}, method)) is claimed


@pytest.mark.parametrize(
    ("system", "operation", "spoken"),
    [
        ("google", "llm", True),
        ("gcp.gen_ai", "generate_content", True),
        ("gemini", "generate_content", True),
        ("vertex_ai", "generate_content", True),
        ("gemini", "embeddings", False),
        ("openai", "chat", False),
        ("", "chat", False),
    ],
)
def test_a_span_is_known_by_its_words(system: str, operation: str, spoken: bool) -> None:
    assert PROVIDER.spoken_by(Hints(system=system, operation=operation)) is spoken


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"7", b"{}", b"\xff", b'{"messages": []}', b"[" * 100_000])
def test_a_body_of_another_api_is_a_value_error(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"the body (is not JSON|is no JSON object|has no contents)"):
        PROVIDER.call(WireRequest("POST", "https://a" + PATH, body))


def test_seed_and_temperature_are_pinned_in_the_generation_config() -> None:
    body: Any = {"contents": [], "generationConfig": {"topP": 0.5, "temperature": 1}}
    assert PROVIDER.pin(body, 7) == (
        {"contents": [], "generationConfig": {"topP": 0.5, "temperature": 0, "seed": 7}},
        (),
    )


# --- answers --------------------------------------------------------------------------------------------------------


@settings(max_examples=40, deadline=None)
@given(DRIVER.answers())
def test_a_stream_may_come_as_one_list(answer: Answer) -> None:
    call = chat(stream=True, options={"array": True})
    assert DRIVER.stripped(PROVIDER.read(PROVIDER.answer(call, answer))) == answer


def test_a_stream_comes_in_pieces() -> None:
    pieces = chunks_of(answered("one two three four five six seven eight nine ten eleven"))
    assert len(pieces) > 2
    assert "".join(each.text or "" for each in pieces) == "one two three four five six seven eight nine ten eleven"
    assert [bool(each.candidates and each.candidates[0].finish_reason) for each in pieces] == (
        [False] * (len(pieces) - 1) + [True]
    )


def test_a_call_without_an_id_gets_none() -> None:
    (call,) = told(answered(called("f", {"a": 1}, None), provider=NAME)).function_calls or []
    assert (call.id, call.name, call.args) == (None, "f", {"a": 1})


def test_a_seal_goes_with_the_part_before_it() -> None:
    (candidate,) = told(answered(called("f", {}, None), Reasoning("", SEAL), provider=NAME)).candidates or []
    assert candidate.content is not None
    (part,) = candidate.content.parts or []
    assert (part.thought_signature, part.function_call and part.function_call.name) == (b"seal", "f")


@pytest.mark.parametrize(
    ("reason", "parts", "word"),
    [
        (None, ["a"], "STOP"),
        ("stop", ["a"], "STOP"),
        ("length", ["a"], "MAX_TOKENS"),
        ("max_tokens", ["a"], "MAX_TOKENS"),
        ("content_filter", [], "SAFETY"),
        ("prohibited_content", [], "PROHIBITED_CONTENT"),
        ("error", [called("f", {})], "UNEXPECTED_TOOL_CALL"),
        ("error", [], "OTHER"),
        ("tool_calls", [called("f", {})], "STOP"),
        ("end_turn", ["a"], "STOP"),
    ],
)
def test_a_finish_reason_is_in_this_apis_words(reason: str | None, parts: list[Any], word: str) -> None:
    choice = replace(answered(*parts).choices[0], finish_reason=reason)
    (candidate,) = told(Answer(choices=(choice,))).candidates or []
    assert candidate.finish_reason is types.FinishReason[word]


def test_a_prompt_that_was_refused_has_no_candidates() -> None:
    found = told(Answer(provider=NAME))
    assert found.candidates is None
    assert found.prompt_feedback is not None
    assert found.prompt_feedback.block_reason is types.BlockedReason.OTHER


def test_what_the_sdk_dumped_of_an_answer_is_told_as_it_was() -> None:
    whole = told(
        answered(
            Reasoning("Hm."),
            "Yes.",
            called("f", {"firstName": {"last_name": "x"}}, None),
            Reasoning("", "+/8="),
            provider=NAME,
            model="m",
            id="r",
            usage=Usage(input=3, output=5, reasoning=2),
        )
    )
    dumped = json.loads(whole.model_dump_json(exclude_unset=True))
    assert "sdk_http_response" in dumped
    assert PROVIDER.tells(dumped)
    again = told(replace(PROVIDER.answer_of_body(dumped), raw=dumped))
    assert again.model_dump(exclude={"sdk_http_response"}) == whole.model_dump(exclude={"sdk_http_response"})
    assert PROVIDER.answer_of_body(dumped).choices[0].parts == (
        Reasoning("Hm."),
        Text("Yes."),
        ToolCall("f", {"firstName": {"last_name": "x"}}),
        Reasoning("", "+/8="),
    )


def test_what_the_trace_does_not_hold_is_made_up_the_same_in_every_run() -> None:
    answer = answered("Hello.", seed="trace:span")
    one, other = told(answer), told(answer)
    assert one.response_id == other.response_id
    assert one.response_id
    assert told(replace(answer, seed="other")).response_id != one.response_id
    assert one.model_version == "gemini-2.5-flash"
    assert one.usage_metadata is None


def test_what_this_api_has_no_place_for_is_text() -> None:
    answer = answered(Refusal("no"), ToolResult(" x"), Media("image", " y"), Other("z", 1))
    assert told(answer).text == "no x y1"


# --- errors ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "word", "kind"),
    [
        (400, "INVALID_ARGUMENT", errors.ClientError),
        (403, "PERMISSION_DENIED", errors.ClientError),
        (404, "NOT_FOUND", errors.ClientError),
        (429, "RESOURCE_EXHAUSTED", errors.ClientError),
        (500, "INTERNAL", errors.ServerError),
        (503, "UNAVAILABLE", errors.ServerError),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
def test_an_error_raises_the_sdks_own_exception(
    status: int, word: str, kind: type[errors.APIError], stream: bool
) -> None:
    answer = Answer(error=ApiError(status=status, message="what went wrong"))
    with pytest.raises(kind, match="what went wrong") as caught:
        chunks_of(answer) if stream else told(answer)
    assert (caught.value.code, caught.value.status) == (status, word)


def test_an_error_with_its_body_is_given_back_as_it_was() -> None:
    body: Any = {"error": {"code": 400, "message": "no", "status": "INVALID_ARGUMENT", "details": [{"a": 1}]}}
    error = ApiError(status=400, type="INVALID_ARGUMENT", message="no", body=body)
    told_ = PROVIDER.answer(chat(), Answer(error=error))
    assert json.loads(told_.body) == body
    assert PROVIDER.read(told_) == Answer(provider=NAME, error=error)


def test_an_error_of_another_provider_is_told_in_this_apis_shape() -> None:
    body: Any = {"error": {"message": "slow", "type": "requests", "param": None, "code": "rate_limit_exceeded"}}
    error = ApiError(status=429, type="requests", message="slow", body=body)
    assert json.loads(PROVIDER.answer(chat(), Answer(error=error)).body) == {
        "error": {"code": 429, "message": "slow", "status": "RESOURCE_EXHAUSTED"}
    }


@pytest.mark.parametrize("body", [b"{", b"[{", b"data: {cut\n\n", b"data: nonsense\n\n", b"{" * 100_000])
def test_an_answer_that_is_damaged_is_a_value_error(body: bytes) -> None:
    with pytest.raises(ValueError, match="the body is neither an answer nor a stream of its pieces"):
        PROVIDER.read(WireResponse(200, {}, body))


PIECES = st.fixed_dictionaries({"candidates": JUNK}, optional={"usageMetadata": JUNK, "responseId": JUNK}) | JUNK


@settings(max_examples=120, deadline=None)
@given(st.lists(PIECES, max_size=4))
def test_an_answer_of_any_shape_is_read_or_a_value_error(bodies: list[Any]) -> None:
    stream = b"".join(b"data: " + json.dumps(each).encode() + b"\n\n" for each in bodies)
    for wire in (WireResponse(200, {}, stream), response(bodies), *(response(each) for each in bodies)):
        try:
            assert PROVIDER.read(wire).error is None
        except ValueError:
            continue
