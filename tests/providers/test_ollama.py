"""Ollama's chat and generation: what its SDK asks, what it is told, and that nothing changes on the way."""

import base64
import json
from typing import Any

import ollama
import pytest

from pytest_llmreplay.model.call import (
    Answer,
    ApiError,
    Call,
    Choice,
    Media,
    Message,
    Reasoning,
    Text,
    Tool,
    Usage,
)
from pytest_llmreplay.model.trace import Hints
from pytest_llmreplay.model.wire import WireRequest, WireResponse
from pytest_llmreplay.providers.ollama import NAME, Ollama
from tests.builders import answered, assistant, called, chat, result, system, user
from tests.providers.sdks import Wire, ollama_client, request, response

PROVIDER = Ollama()
HELLO: list[Any] = [{"role": "user", "content": "Hello?"}]
SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["city"],
    "properties": {"city": {"type": "string", "description": "Where."}},
}
IMAGE = bytes(range(120))


def asked(messages: list[Any] = HELLO, **more: Any) -> Call:
    """The call that the SDK makes of these arguments."""
    wire = Wire(NAME, answered("Hello."))
    ollama_client(wire).chat(model="llama3", messages=messages, **more)
    return wire.call


# --- requests -------------------------------------------------------------------------------------------------------


def test_a_question_of_the_sdk_is_read() -> None:
    call = asked(
        [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "Weather?", "images": [IMAGE]},
            {
                "role": "assistant",
                "content": "I look.",
                "thinking": "hm",
                "tool_calls": [{"function": {"name": "weather", "arguments": {"city": "Rome"}}}],
            },
            {"role": "tool", "tool_name": "weather", "content": "mild"},
        ],
        tools=[{"type": "function", "function": {"name": "weather", "description": "Tells it.", "parameters": SCHEMA}}],
        options={"temperature": 0.5, "num_predict": 100, "stop": ["END"], "seed": 7},
        format="json",
        think=True,
        keep_alive="5m",
    )
    assert (call.kind, call.provider, call.model, call.stream) == ("chat", NAME, "llama3", False)
    image = PROVIDER.call_of_body({"prompt": "", "images": [base64.b64encode(IMAGE).decode()]}).messages[0].parts[0]
    assert call.messages == (
        system("Be brief."),
        Message("user", (Text("Weather?"), image)),
        assistant(Reasoning("hm"), "I look.", called("weather", {"city": "Rome"}, None)),
        result("mild", None),
    )
    assert isinstance(image, Media)
    assert image.reference.startswith("sha256:")
    assert call.tools == (Tool("weather", "Tells it.", SCHEMA),)
    options = {"temperature": 0.5, "max_tokens": 100, "stop_sequences": ["END"], "seed": 7}
    assert call.parameters == {**options, "format": "json", "think": True}


def test_a_prompt_is_one_turn_behind_its_system_text() -> None:
    wire = Wire(NAME, answered("Hi."))
    told = ollama_client(wire).generate(model="llama3", prompt="Hello?", system="Be brief.", options={"top_k": 3})
    assert (wire.call.kind, wire.call.messages) == ("chat", (system("Be brief."), user("Hello?")))
    assert wire.call.parameters == {"top_k": 3}
    assert told.response == "Hi."


def test_what_was_not_given_is_no_parameter() -> None:
    body = {
        "prompt": "a",
        "system": "",
        "template": "",
        "context": [],
        "raw": False,
        "format": "",
        "options": {},
        "images": [],
    }
    call = PROVIDER.call_of_body(body)
    assert (call.messages, call.parameters) == ((user("a"),), {})


def test_a_schema_is_read_as_the_sdk_sends_it() -> None:
    rich = {**SCHEMA, "additionalProperties": False, "properties": {"city": {"type": "string", "title": "City"}}}
    tool: Any = {"type": "function", "function": {"name": "weather", "parameters": rich}}
    assert PROVIDER.call_of_body({"messages": HELLO, "tools": [tool]}).tools == asked(tools=[tool]).tools


def test_functions_and_files_among_the_arguments_are_unknown() -> None:
    messages = [{"role": "user", "content": "a", "images": ["./cat.png"]}]
    call = PROVIDER.call_of_body({"messages": messages, "tools": ["<function f at 0x1>"]})
    assert (call.known.fields, call.known.lost) == (frozenset({"model", "messages"}), frozenset({"media"}))


def test_the_api_streams_unless_it_is_told_not_to() -> None:
    assert PROVIDER.call(request("/api/chat", {"messages": HELLO})).stream is True
    assert PROVIDER.call(request("/api/chat", {"messages": HELLO, "stream": False})).stream is False
    assert PROVIDER.call_of_body({"messages": HELLO}).stream is False


@pytest.mark.parametrize(
    ("method", "path", "claimed"),
    [
        ("POST", "/api/chat", True),
        ("POST", "/api/generate", True),
        ("GET", "/api/chat", False),
        ("POST", "/api/embed", False),
        ("POST", "/v1/chat/completions", False),
    ],
)
def test_it_claims_a_request_by_its_path(method: str, path: str, claimed: bool) -> None:
    assert PROVIDER.claims(request(path, {}, method)) is claimed


@pytest.mark.parametrize(
    ("data", "told"), [(b"{oops", "not JSON"), (b"[]", "no JSON object"), (b"{}", "neither messages nor a prompt")]
)
def test_a_body_that_is_not_of_the_api_is_named(data: bytes, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        PROVIDER.call(WireRequest("POST", "http://localhost:11434/api/chat", data))


def test_a_span_of_the_sdk_is_known_by_its_words() -> None:
    assert PROVIDER.spoken_by(Hints(system="ollama", operation="chat"))
    assert PROVIDER.spoken_by(Hints(scope="opentelemetry.instrumentation.ollama", operation="completion"))
    assert not PROVIDER.spoken_by(Hints(system="ollama", operation="embedding"))


def test_seed_and_temperature_are_pinned_among_the_options() -> None:
    pinned, refused = PROVIDER.pin({"options": {"top_k": 3}}, 7)
    assert (pinned["options"], refused) == ({"top_k": 3, "seed": 7, "temperature": 0}, ())


# --- answers --------------------------------------------------------------------------------------------------------


def told(answer: Answer) -> Any:
    """The message that the SDK makes of an answer."""
    return ollama_client(Wire(NAME, answer)).chat(model="llama3", messages=HELLO)


@pytest.mark.parametrize(
    ("reason", "parts", "provider", "word"),
    [
        (None, ["a"], None, "stop"),
        (None, [called("f", {})], None, "stop"),
        ("tool_call", [called("f", {})], NAME, "stop"),
        ("max_tokens", ["a"], "anthropic.messages", "length"),
        ("content_filter", ["a"], "openai.chat", "stop"),
        ("load", ["a"], NAME, "load"),
    ],
)
def test_a_finish_reason_is_in_this_apis_words(reason: str | None, parts: list[Any], provider: Any, word: str) -> None:
    choice = Choice(parts=assistant(*parts).parts, finish_reason=reason)
    assert told(Answer(choices=(choice,), provider=provider)).done_reason == word


def test_a_count_of_nothing_is_left_out() -> None:
    answer = told(answered("a", usage=Usage(input=0, output=3)))
    assert (answer.prompt_eval_count, answer.eval_count, answer.model) == (None, 3, "llama3")


def test_arguments_that_are_no_object_are_none() -> None:
    assert told(answered(called("f", "cut"))).message.tool_calls[0].function.arguments == {}


def test_a_whole_body_is_given_back_as_it_is_where_the_endpoint_is_the_same() -> None:
    body: Any = {"model": "m", "message": {"role": "assistant", "content": "a"}, "done": True, "extra": 1}
    answer = answered("a", provider=NAME, raw=body)
    assert json.loads(PROVIDER.answer(chat(), answer).body) == body
    assert json.loads(PROVIDER.answer(chat(options={"generate": True}), answer).body)["response"] == "a"


@pytest.mark.parametrize("data", [b"{oops", b"", b'{"done": false}'])
def test_a_response_that_is_no_answer_is_named(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"JSON objects|neither a message"):
        PROVIDER.read(WireResponse(200, {}, data))


# --- errors ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stream", [False, True])
def test_an_error_is_the_sdks_exception(stream: bool) -> None:
    client: Any = ollama_client(Wire(NAME, Answer(error=ApiError(status=404, message="model 'm' not found"))))
    with pytest.raises(ollama.ResponseError, match="model 'm' not found") as raised:
        list(client.chat(model="m", messages=HELLO, stream=stream))
    assert raised.value.status_code == 404


def test_an_error_that_is_read_is_written_again_as_it_was() -> None:
    body = {"error": "model 'm' not found"}
    read = PROVIDER.read(response(body, 404))
    assert read.error == ApiError(status=404, message="model 'm' not found", body=body)
    assert json.loads(PROVIDER.answer(chat(), read).body) == body


def test_a_stream_that_breaks_off_with_an_error_is_one() -> None:
    error = PROVIDER.read(WireResponse(200, {}, b'{"message": {}, "done": false}\n{"error": "out of memory"}\n')).error
    assert error is not None
    assert (error.status, error.message) == (500, "out of memory")
