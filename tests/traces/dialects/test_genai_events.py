"""GenAI messages as log records beside the span."""

from typing import Any

import pytest

from pytest_llmreplay.model.call import Choice, Message, Text, ToolCall, ToolResult, Usage
from pytest_llmreplay.model.trace import LogRecord
from pytest_llmreplay.traces.dialects.genai_events import GenAIEvents
from pytest_llmreplay.traces.dialects.protocol import Exchange
from tests.builders import exception, log, span, system, user

ATTRIBUTES = {
    "gen_ai.operation.name": "chat",
    "gen_ai.system": "openai",
    "gen_ai.request.model": "gpt-4o",
    "gen_ai.request.temperature": 0.5,
    "gen_ai.response.model": "gpt-4o-2024-08-06",
    "gen_ai.response.finish_reasons": ["stop"],
    "gen_ai.response.id": "chatcmpl-1",
    "gen_ai.usage.input_tokens": 82,
    "gen_ai.usage.output_tokens": 18,
}
CALL = {"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": '{"city": "Boston"}'}}
QUESTION = [
    log("gen_ai.system.message", {"content": "Be brief."}, time=1),
    log("gen_ai.user.message", {"content": "Weather?"}, time=2),
    log("gen_ai.assistant.message", {"tool_calls": [CALL]}, time=3),
    log("gen_ai.tool.message", {"id": "call_1", "content": "sunny"}, time=4),
]


def choice(message: object, *, index: int = 0, reason: str = "stop") -> LogRecord:
    return log("gen_ai.choice", {"index": index, "finish_reason": reason, "message": message}, time=5)


def read(*logs: LogRecord, attributes: dict[str, Any] = ATTRIBUTES, **more: Any) -> Exchange:
    found = GenAIEvents().exchange(span(attributes=attributes, logs=logs, **more))
    assert found is not None
    return found


def test_a_span_is_read_with_its_log_records() -> None:
    exchange = read(*QUESTION, choice({"role": "assistant", "content": "Sunny."}))
    call, answer = exchange.call, exchange.answer
    assert (call.kind, call.provider, call.model) == ("chat", "openai.chat", "gpt-4o")
    assert call.messages == (
        system("Be brief."),
        user("Weather?"),
        Message("assistant", (ToolCall("weather", {"city": "Boston"}, "call_1"),)),
        Message("tool", (ToolResult("sunny", "call_1"),)),
    )
    assert call.known.fields == {"model", "messages"}
    assert call.parameters == {"temperature": 0.5}
    assert answer.choices == (Choice(parts=(Text("Sunny."),), finish_reason="stop"),)
    assert (answer.id, answer.usage) == ("chatcmpl-1", Usage(input=82, output=18))
    assert exchange.incomplete is None


def test_records_are_put_in_the_order_of_time() -> None:
    assert read(*QUESTION[::-1], choice({"content": "x"})) == read(*QUESTION, choice({"content": "x"}))


def test_records_of_one_moment_keep_the_order_of_the_file() -> None:
    logs = [log("gen_ai.user.message", {"content": text}) for text in "cab"]
    assert read(*logs, choice({"content": "x"})).call.messages == (user("c"), user("a"), user("b"))


def test_choices_are_in_the_order_of_their_numbers() -> None:
    exchange = read(*QUESTION, choice({"content": "b"}, index=1, reason="length"), choice({"content": "a"}, index=0))
    assert [(c.parts, c.finish_reason) for c in exchange.answer.choices] == [
        ((Text("a"),), "stop"),
        ((Text("b"),), "length"),
    ]


def test_a_choice_may_call_tools() -> None:
    (found,) = read(*QUESTION, choice({"role": "assistant", "tool_calls": [CALL]}, reason="tool_calls")).answer.choices
    assert (found.parts, found.finish_reason) == ((ToolCall("weather", {"city": "Boston"}, "call_1"),), "tool_calls")


def test_records_without_content_leave_the_messages_unknown() -> None:
    bare = [log("gen_ai.user.message", {}), log("gen_ai.choice", {"index": 0, "finish_reason": "stop", "message": {}})]
    assert "messages" not in read(*bare).call.known.fields


def test_a_question_without_a_choice_cannot_be_replayed() -> None:
    assert "holds no answer" in str(read(*QUESTION).incomplete)


def test_a_question_that_failed_gives_its_error_again() -> None:
    message = "Error code: 429 - {'error': {'message': 'slow down', 'type': 'requests'}}"
    error = read(*QUESTION, status="error", message=message, events=[exception(message)]).answer.error
    assert error is not None
    assert (error.status, error.message) == (429, "slow down")


@pytest.mark.parametrize(
    ("logs", "attributes"),
    [
        ([], ATTRIBUTES),
        ([log("something.else", {})], ATTRIBUTES),
        (QUESTION, {**ATTRIBUTES, "gen_ai.operation.name": "embeddings"}),
    ],
)
def test_a_span_without_messages_in_its_records_is_not_read(logs: list[LogRecord], attributes: dict[str, Any]) -> None:
    assert GenAIEvents().exchange(span(attributes=attributes, logs=logs)) is None


@pytest.mark.parametrize(
    "body",
    [
        None,
        5,
        "text",
        [],
        {"content": 5},
        {"tool_calls": 5},
        {"tool_calls": [5]},
        {"message": 5},
        {"message": {"content": [5, None]}},
        {"index": "x"},
        {"content": {"a": 1}},
    ],
    ids=str,
)
@pytest.mark.parametrize(
    "name", ["gen_ai.user.message", "gen_ai.assistant.message", "gen_ai.tool.message", "gen_ai.choice"]
)
def test_a_record_of_the_wrong_shape_stops_nobody(name: str, body: object) -> None:
    for system_ in ("openai", "anthropic"):
        attributes = {**ATTRIBUTES, "gen_ai.system": system_}
        assert GenAIEvents().exchange(span(attributes=attributes, logs=[log(name, body)])) is not None
