"""Binary OTLP in its three framings."""

from pathlib import Path
from typing import Any

import pytest
from google.protobuf.json_format import ParseDict
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.proto.logs.v1.logs_pb2 import LogsData
from opentelemetry.proto.trace.v1.trace_pb2 import TracesData

from pytest_llmreplay.errors import SourceError
from tests.builders import (
    OTHER_TRACE,
    TRACE,
    at,
    catalog,
    export,
    key_values,
    log_export,
    names,
    opened,
    otlp_log,
    otlp_span,
    problems,
    span_id,
)


def binary(value: dict[str, Any]) -> bytes:
    """An export as protobuf."""
    message = LogsData() if "resourceLogs" in value else TracesData()
    return bytes(ParseDict(encoded(value), message).SerializeToString())


def encoded(value: Any, key: str = "") -> Any:
    """OTLP/JSON as protobuf's own JSON has it: ids in base64."""
    if key in ("traceId", "spanId", "parentSpanId"):
        from base64 import b64encode

        return b64encode(bytes.fromhex(value)).decode()
    if isinstance(value, dict):
        return {k: encoded(v, k) for k, v in value.items()}
    return [encoded(each) for each in value] if isinstance(value, list) else value


def varint(number: int) -> bytes:
    """A number as protobuf writes lengths."""
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])


FRAMINGS = {
    "length4": lambda messages: b"".join(len(each).to_bytes(4, "big") + each for each in messages),
    "varint": lambda messages: b"".join(varint(len(each)) + each for each in messages),
}
ONE = binary(export(otlp_span("one", attributes={"text": "x" * 300})))
TWO = binary(export(otlp_span("two", number=2, parent=1), otlp_span("b", trace=OTHER_TRACE)))


@pytest.mark.parametrize("framing", FRAMINGS)
def test_messages_behind_their_lengths_are_read(tmp_path: Path, framing: str) -> None:
    found = catalog(tmp_path, FRAMINGS[framing]([ONE, TWO]))
    assert names(found) == ["one", "two"]
    assert names(found, OTHER_TRACE) == ["b"]
    assert problems(found) == []
    assert opened(found, OTHER_TRACE).source == "traces.jsonl:2"


def test_a_single_message_is_read(tmp_path: Path) -> None:
    found = catalog(tmp_path, ONE)
    assert names(found) == ["one"]
    assert problems(found) == []


@pytest.mark.parametrize("framing", FRAMINGS)
@pytest.mark.parametrize("length", [1, 20, 100, 127, 128, 200, 10_000, 70_000])
def test_messages_of_any_length_are_told_apart(tmp_path: Path, framing: str, length: int) -> None:
    messages = [binary(export(otlp_span("x" * length, number=number))) for number in (1, 2)]
    assert names(catalog(tmp_path, FRAMINGS[framing](messages))) == ["x" * length] * 2


@pytest.mark.parametrize("length", [1, 20, 100, 127, 128, 200, 10_000, 70_000])
def test_a_single_message_of_any_length_is_known_as_one(tmp_path: Path, length: int) -> None:
    assert names(catalog(tmp_path, binary(export(otlp_span("x" * length))))) == ["x" * length]


def test_a_span_of_protobuf_is_the_span_of_json(tmp_path: Path) -> None:
    attributes = {"s": "text", "i": -5, "d": 0.5, "b": True, "l": ["a", 1], "m": {"k": False}}
    event = {"name": "exception", "timeUnixNano": str(at(0.5)), "attributes": key_values({"exception.type": "E"})}
    span = otlp_span(
        "one",
        parent=7,
        attributes=attributes,
        events=[event],
        status={"code": 2, "message": "why"},
        droppedAttributesCount=3,
    )
    whole = export(span, scope="till", resource={"service.name": "shop"})
    from tests.builders import line

    (from_json,) = opened(catalog(tmp_path, line(whole), "a.jsonl")).spans
    (from_binary,) = opened(catalog(tmp_path, binary(whole), "b.binpb")).spans
    assert from_binary == from_json


def test_log_records_are_joined_to_their_spans(tmp_path: Path) -> None:
    logs = binary(log_export(otlp_log("gen_ai.user.message", {"content": "Hello?"})))
    found = catalog(tmp_path, FRAMINGS["length4"]([logs, ONE]))
    (span,) = opened(found).spans
    assert [(each.name, each.body) for each in span.logs] == [("gen_ai.user.message", {"content": "Hello?"})]
    assert problems(found) == []


@pytest.mark.parametrize("framing", FRAMINGS)
@pytest.mark.parametrize("lost", [1, 30, len(TWO) - 1])
def test_a_file_that_breaks_off_in_a_message_keeps_the_messages_before(tmp_path: Path, framing: str, lost: int) -> None:
    found = catalog(tmp_path, FRAMINGS[framing]([ONE, TWO])[:-lost])
    assert names(found) == ["one"]
    assert len(problems(found)) == 1
    assert problems(found)[0].startswith("traces.jsonl:2: cut off: ")


def test_a_file_that_breaks_off_in_a_length_keeps_the_messages_before(tmp_path: Path) -> None:
    for tail in (b"\0", b"\0\0\0"):
        found = catalog(tmp_path, FRAMINGS["length4"]([ONE]) + tail, f"{len(tail)}.binpb")
        assert names(found) == ["one"]
        assert [each.partition(": ")[2] for each in problems(found)] == ["cut off within a length"]
    found = catalog(tmp_path, FRAMINGS["varint"]([ONE]) + b"\x80")
    assert [each.partition(": ")[2] for each in problems(found)] == ["cut off within a length"]


def test_a_single_message_that_was_cut_is_named(tmp_path: Path) -> None:
    found = catalog(tmp_path, ONE[:-10])
    assert found.handles == []
    assert problems(found) == ["traces.jsonl:1: not an OTLP message"]


def test_a_message_that_is_damaged_is_named_and_those_around_it_survive(tmp_path: Path) -> None:
    found = catalog(tmp_path, FRAMINGS["length4"]([ONE, b"\x0a\xff\xff\xff\xff\xff", TWO]))
    assert names(found) == ["one", "two"]
    assert problems(found) == ["traces.jsonl:2: not an OTLP message"]


def test_a_message_of_no_spans_is_named(tmp_path: Path) -> None:
    found = catalog(tmp_path, FRAMINGS["length4"]([ONE, binary({"resourceSpans": [{"resource": {}}]})]))
    assert problems(found) == ["traces.jsonl:2: not a trace: the message holds neither spans nor log records"]


def test_a_span_without_a_trace_id_is_named(tmp_path: Path) -> None:
    found = catalog(tmp_path, FRAMINGS["length4"]([binary(export(otlp_span("one"), otlp_span("lost", trace="")))]))
    assert names(found) == ["one"]
    assert problems(found) == ["traces.jsonl:1: a span without a trace id"]


def test_an_empty_parent_makes_a_root(tmp_path: Path) -> None:
    for number, parent in enumerate(["", "0000000000000000"]):
        found = catalog(tmp_path, binary(export(otlp_span("one", parentSpanId=parent))), f"{number}.pb")
        assert opened(found).spans[0].parent_id is None
        assert found.handles[0].head.has_root


def test_the_attributes_of_a_root_name_the_request(tmp_path: Path) -> None:
    found = catalog(tmp_path, binary(export(otlp_span("one", attributes={"app.request_id": "r-7"}))))
    assert found.handles[0].request_id() == "r-7"
    assert found.handles[0].open().spans[0].span_id == span_id(1)
    assert found.handles[0].trace_id == TRACE


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_no_damage_of_any_kind_raises_anything_but_our_own_errors(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    kind = data.draw(st.sampled_from([*FRAMINGS, "single"]))
    whole = bytearray(ONE if kind == "single" else FRAMINGS[kind]([ONE, TWO]))
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(whole)))
        whole[place : place + data.draw(st.integers(0, 9))] = data.draw(st.binary(max_size=6))
    try:
        found = catalog(tmp_path_factory.mktemp("damaged"), bytes(whole) or b"\x0a")
    except SourceError:
        return
    for handle in found.handles:
        assert handle.open().spans
