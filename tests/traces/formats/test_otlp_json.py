"""OTLP/JSON: what is read, what is named, and that nothing else can happen."""

import base64
import contextlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_llmreplay.errors import SourceError, TraceError
from pytest_llmreplay.model.trace import Span
from pytest_llmreplay.traces.catalog import Catalog, load_catalog
from pytest_llmreplay.traces.formats.otlp_json import OtlpJson
from tests.builders import (
    OTHER_TRACE,
    TRACE,
    any_value,
    at,
    catalog,
    export,
    key_values,
    line,
    lines,
    log_export,
    names,
    opened,
    otlp_log,
    otlp_span,
    problems,
    shuffled,
    span_id,
    trace_id,
)

SECRET = "sk-do-not-quote-me"


def span_of(tmp_path: Path, span: object) -> Any:
    """The only span of a trace that was written with it."""
    (found,) = opened(catalog(tmp_path, line(export(span)))).spans
    return found


def attributes_of(tmp_path: Path, *pairs: object) -> Any:
    """The attributes of a span that was written with these."""
    return span_of(tmp_path, {**otlp_span(), "attributes": list(pairs)}).attributes


def raw(text: str, **more: Any) -> bytes:
    """A line with one span, one of whose attributes has a value that only text can hold."""
    span = otlp_span("odd", attributes={"a": "§", "b": "kept"}, **more)
    return line(export(span)).replace('{"stringValue": "§"}'.encode(), text.encode("utf-8", "surrogatepass"))


# --- framing --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wrapped",
    [
        pytest.param(lambda data: data, id="lines"),
        pytest.param(lambda data: b"\xef\xbb\xbf" + data, id="byte order mark"),
        pytest.param(lambda data: data.replace(b"\n", b"\r\n"), id="CR LF"),
        pytest.param(lambda data: b"\n  \n\t\r\n" + data.replace(b"\n", b"\n\n") + b"\n \n", id="blank lines"),
        pytest.param(lambda data: data.rstrip(b"\n"), id="no end of the last line"),
        pytest.param(lambda data: b"\xef\xbb\xbf\r\n" + data.replace(b"\n", b"\r\n"), id="all together"),
    ],
)
def test_lines_are_read_whatever_stands_around_them(tmp_path: Path, wrapped: Any) -> None:
    data = lines(export(otlp_span("one")), export(otlp_span("two", number=2, parent=1)))
    found = catalog(tmp_path, wrapped(data))
    assert names(found) == ["one", "two"]
    assert problems(found) == []


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["plain", "byte order mark"])
@pytest.mark.parametrize("newline", [b"\n", b"\r\n"], ids=["LF", "CR LF"])
def test_a_pretty_printed_document_is_read_as_a_whole(tmp_path: Path, mark: bytes, newline: bytes) -> None:
    text = json.dumps(export(otlp_span("one"), otlp_span("two", number=2, parent=1)), indent=2).encode()
    found = catalog(tmp_path, mark + text.replace(b"\n", newline))
    assert names(found) == ["one", "two"]
    assert problems(found) == []


def test_a_pretty_printed_document_of_several_traces_opens_each_of_them(tmp_path: Path) -> None:
    text = json.dumps(export(otlp_span("one"), otlp_span("two", trace=OTHER_TRACE)), indent=2).encode()
    for mark in (b"", b"\xef\xbb\xbf"):
        found = catalog(tmp_path, mark + text, f"{len(mark)}.json")
        assert (names(found), names(found, OTHER_TRACE)) == (["one"], ["two"])


@pytest.mark.parametrize("indent", [None, 2])
def test_an_array_of_exports_is_read_as_its_members(tmp_path: Path, indent: int | None) -> None:
    array = [
        export(otlp_span("one")),
        export(otlp_span("two", number=2, parent=1)),
        export(otlp_span("b", trace=OTHER_TRACE)),
    ]
    found = catalog(tmp_path, json.dumps(array, indent=indent).encode())
    assert names(found) == ["one", "two"]
    assert names(found, OTHER_TRACE) == ["b"]
    assert problems(found) == []


def test_the_line_of_a_trace_is_the_line_in_the_file(tmp_path: Path) -> None:
    found = catalog(tmp_path, b"\n\n" + lines(export(otlp_span("one"))))
    assert opened(found).source == "traces.jsonl:3"


def test_a_line_separator_inside_a_text_ends_no_line(tmp_path: Path) -> None:
    text = "one\u2028two\u2029three\u0085four\x0bfive"
    assert span_of(tmp_path, otlp_span(text, attributes={"a": text})).attributes == {"a": text}
    assert span_of(tmp_path, otlp_span(text)).name == text


# --- ids, numbers, names --------------------------------------------------------------------------------------------


def test_ids_in_capitals_are_the_ids_in_small_letters(tmp_path: Path) -> None:
    shouted = otlp_span(
        "two", trace=TRACE.upper(), number=2, parentSpanId="ABCDEF0000000001", spanId="ABCDEF0000000002"
    )
    whispered = otlp_span("one", spanId="abcdef0000000001")
    found = catalog(tmp_path, lines(export(whispered), export(shouted)))
    one, two = opened(found).spans
    assert (two.trace_id, two.parent_id, two.span_id) == (TRACE, one.span_id, "abcdef0000000002")


def test_ids_in_base64_are_the_ids_in_hex(tmp_path: Path) -> None:
    def encoded(hexadecimal: str) -> str:
        return base64.b64encode(bytes.fromhex(hexadecimal)).decode()

    child = otlp_span("two", traceId=encoded(TRACE), spanId=encoded(span_id(2)), parentSpanId=encoded(span_id(1)))
    one, two = opened(catalog(tmp_path, lines(export(otlp_span("one")), export(child)))).spans
    assert (two.trace_id, two.span_id, two.parent_id) == (TRACE, span_id(2), one.span_id)


@pytest.mark.parametrize("parent", ["", None, "0000000000000000", "AAAAAAAAAAA="])
def test_a_span_with_an_empty_parent_is_a_root(tmp_path: Path, parent: str | None) -> None:
    assert span_of(tmp_path, otlp_span(parentSpanId=parent)).parent_id is None


@pytest.mark.parametrize("written", [str(at(3)), at(3), float(at(3)), f"{at(3)}.0"])
def test_times_are_read_as_numbers_and_as_strings(tmp_path: Path, written: object) -> None:
    span = span_of(tmp_path, otlp_span(startTimeUnixNano=written, endTimeUnixNano=written))
    assert (span.start_ns, span.end_ns) == (at(3), at(3))


@pytest.mark.parametrize("written", [0, "", "soon", None, ..., "0", "-", "-1", 1e30, "9" * 30])
def test_a_time_that_is_none_is_nought(tmp_path: Path, written: object) -> None:
    span = span_of(tmp_path, otlp_span(startTimeUnixNano=written, endTimeUnixNano=written))
    assert (span.start_ns, span.end_ns) == (0, 0)


@pytest.mark.parametrize(
    ("code", "status"),
    [
        (0, "unset"),
        (1, "ok"),
        (2, "error"),
        ("STATUS_CODE_OK", "ok"),
        ("STATUS_CODE_ERROR", "error"),
        ("STATUS_CODE_UNSET", "unset"),
        (7, "unset"),
        (None, "unset"),
    ],
)
def test_a_status_is_read_as_number_and_as_name(tmp_path: Path, code: object, status: str) -> None:
    found = catalog(tmp_path, line(export(otlp_span(status={"code": code, "message": "why"}))))
    (span,) = opened(found).spans
    assert (span.status, span.status_message) == (status, "why")
    assert found.handles[0].status == ("error" if status == "error" else "ok")


def test_a_span_without_a_status_is_unset(tmp_path: Path) -> None:
    assert span_of(tmp_path, otlp_span(status=...)).status == "unset"
    assert span_of(tmp_path, otlp_span(status=None)).status == "unset"


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ({"stringValue": "text"}, "text"),
        ({"stringValue": ""}, ""),
        ({"intValue": "42"}, 42),
        ({"intValue": 42}, 42),
        ({"intValue": "-9223372036854775808"}, -(2**63)),
        ({"intValue": str(2**63)}, 2**63),
        ({"intValue": str(2**70)}, 2**70),
        ({"intValue": 2**70}, 2**70),
        ({"intValue": "7.0"}, 7),
        ({"intValue": 7.0}, 7),
        ({"intValue": 7.5}, 7),
        ({"intValue": "+7"}, 7),
        ({"intValue": "seven"}, None),
        ({"intValue": ""}, None),
        ({"stringValue": "null"}, "null"),
        ({"stringValue": "7"}, "7"),
        ({"stringValue": "true"}, "true"),
        ({"bytesValue": "null"}, "null"),
        ({"doubleValue": 0.5}, 0.5),
        ({"doubleValue": 3}, 3.0),
        ({"doubleValue": "0.25"}, 0.25),
        ({"doubleValue": "NaN"}, None),
        ({"doubleValue": "Infinity"}, None),
        ({"doubleValue": "-Infinity"}, None),
        ({"boolValue": False}, False),
        ({"arrayValue": {"values": [{"stringValue": "a"}, {"intValue": "1"}]}}, ["a", 1]),
        ({"arrayValue": {}}, []),
        ({"kvlistValue": {"values": [{"key": "k", "value": {"boolValue": True}}]}}, {"k": True}),
        ({"kvlistValue": {}}, {}),
        ({"bytesValue": "AQI="}, "AQI="),
        ({}, None),
    ],
    ids=str,
)
def test_an_attribute_has_the_value_that_was_written(tmp_path: Path, written: object, value: object) -> None:
    found = attributes_of(tmp_path, {"key": "a", "value": written})
    assert found["a"] == value
    assert type(found["a"]) is type(value)


def test_an_attribute_without_a_value_is_not_there(tmp_path: Path) -> None:
    assert attributes_of(tmp_path, {"key": "a"}, {"key": "b", "value": None}, {"key": "c", "value": any_value(1)}) == {
        "c": 1
    }


def test_a_number_that_is_none_costs_nothing_else_in_its_line(tmp_path: Path) -> None:
    event = {"name": "e", "timeUnixNano": "soon", "attributes": key_values({"n": 1})}
    odd = otlp_span("odd", events=[event], endTimeUnixNano="late")
    odd["attributes"] = [{"key": "a", "value": {"intValue": "many"}}, {"key": "b", "value": any_value(2)}]
    nested = {"arrayValue": {"values": [{"intValue": "many"}, {"kvlistValue": {"values": [*odd["attributes"]]}}]}}
    odd["attributes"].append({"key": "c", "value": nested})
    whole = export(odd, otlp_span("even", number=2, parent=1, attributes={"intValue": "many"}))
    found = catalog(tmp_path, line(whole))
    first, second = opened(found).spans
    assert (problems(found), opened(found).contents.notes) == ([], ())
    assert first.attributes == {"a": None, "b": 2, "c": [None, {"a": None, "b": 2}]}
    assert (first.end_ns, first.events[0].time_ns, first.events[0].attributes) == (0, 0, {"n": 1})
    assert second.attributes == {"intValue": "many"}


def test_services_that_alternate_keep_their_own_resources(tmp_path: Path) -> None:
    told = [export(otlp_span("a", trace=trace_id(n)), resource={"of": str(n % 2)}) for n in range(6)]
    found = catalog(tmp_path, lines(*told))
    assert [handle.open().spans[0].resource for handle in found.handles] == [{"of": str(n % 2)} for n in range(6)]


def test_scope_resource_events_and_limits_come_with_the_span(tmp_path: Path) -> None:
    event = {
        "name": "exception",
        "timeUnixNano": str(at(0.5)),
        "attributes": key_values({"exception.type": "ValueError"}),
    }
    written = export(
        otlp_span(events=[event], droppedAttributesCount=4), scope="shop.tracer", resource={"service.name": "till"}
    )
    (span,) = opened(catalog(tmp_path, line(written))).spans
    assert (span.scope, span.scope_version, span.resource) == ("shop.tracer", "1.0", {"service.name": "till"})
    assert [(each.name, each.time_ns, each.attributes) for each in span.events] == [
        ("exception", at(0.5), {"exception.type": "ValueError"})
    ]
    assert span.dropped_attributes == 4


JSON_VALUES = st.recursive(
    st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.text(), JSON_VALUES, max_size=5), st.text(), st.booleans())
def test_any_attributes_come_back_as_they_were(values: dict[str, Any], name: str, strict: bool) -> None:
    written = json.dumps(export(otlp_span(name, attributes=values)), ensure_ascii=strict)
    (span,) = OtlpJson().decode(written.encode("utf-8"), None)
    assert isinstance(span, Span)
    assert (span.name, span.attributes) == (name, values)


# --- traces over lines and files ------------------------------------------------------------------------------------


def test_spans_of_one_trace_are_put_together_from_many_lines_in_any_order(tmp_path: Path) -> None:
    spans = [otlp_span(f"s{n}", number=n, parent=n - 1 or None, start=n) for n in range(1, 6)]
    for number, order in enumerate(shuffled(spans)):
        found = catalog(tmp_path, lines(*map(export, order)), f"{number}.jsonl")
        assert len(found.handles) == 1
        assert names(found) == ["s1", "s2", "s3", "s4", "s5"]


def test_spans_of_one_trace_are_put_together_from_many_files_in_any_order(tmp_path: Path) -> None:
    spans = [otlp_span(f"s{n}", number=n, parent=n - 1 or None, start=n) for n in range(1, 6)]
    for number, span in enumerate(spans):
        (tmp_path / f"{number}.jsonl").write_bytes(line(export(span)))
    for order in shuffled([f"{n}.jsonl" for n in range(5)]):
        found = load_catalog(order, tmp_path, tmp_path / "cache")
        assert len(found.handles) == 1
        assert names(found) == ["s1", "s2", "s3", "s4", "s5"]


def test_a_file_that_is_named_twice_is_read_once(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(line(export(otlp_span("one"))))
    (tmp_path / "link.jsonl").symlink_to("a.jsonl")
    found = load_catalog(["a.jsonl", "a.jsonl", "link.jsonl", "*.jsonl", "."], tmp_path, tmp_path / ".cache")
    assert names(found) == ["one"]
    assert opened(found).contents.notes == ()


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 4), st.integers(0, 2), st.text(max_size=300)), min_size=1, max_size=12))
def test_pieces_of_a_line_with_several_traces_hold_exactly_the_spans_of_theirs(
    tmp_path_factory: pytest.TempPathFactory, drawn: list[tuple[int, int, str]]
) -> None:
    scopes: dict[int, list[dict[str, Any]]] = {}
    expected: dict[str, list[tuple[str, str, str]]] = {}
    for number, (trace, scope, text) in enumerate(drawn, 1):
        scopes.setdefault(scope, []).append(
            otlp_span(text, trace=trace_id(trace), number=number, attributes={"a": text})
        )
        expected.setdefault(trace_id(trace), []).append((span_id(number), text, f"scope {scope}"))
    whole: dict[str, list[Any]] = {"resourceSpans": []}
    for scope, spans in scopes.items():
        whole["resourceSpans"] += export(*spans, scope=f"scope {scope}", resource={"of": str(scope)})["resourceSpans"]
    found = catalog(
        tmp_path_factory.mktemp("mixed"), line(export(otlp_span("first", trace=trace_id(99)))) + line(whole)
    )
    got = {
        handle.trace_id: sorted((s.span_id, s.attributes["a"], s.scope) for s in handle.open().spans)
        for handle in found.handles
        if handle.trace_id != trace_id(99)
    }
    assert got == {trace: sorted(spans) for trace, spans in expected.items()}
    decoded = {
        handle.trace_id: {s.trace_id for f, row in handle.rows for p in row.pieces for s in decoded_piece(f, p)}
        for handle in found.handles
    }
    if len(expected) > 1:
        assert all(traces == {trace} for trace, traces in decoded.items())


def decoded_piece(file: Any, piece: tuple[int, int, int, int]) -> Any:
    """What a piece of a file holds, whatever trace it belongs to."""
    offset, length, _, context = piece
    data = file.source.path.read_bytes()[offset : offset + length]
    return OtlpJson().decode(data, file.index.contexts[context] if context >= 0 else None)


def test_spans_of_one_trace_that_are_interleaved_with_others_are_all_found(tmp_path: Path) -> None:
    spans = [otlp_span(f"s{n}", trace=trace_id(n % 3), number=n, start=n) for n in range(30)]
    found = catalog(tmp_path, line(export(*spans)))
    for number in range(3):
        assert names(found, trace_id(number)) == [f"s{n}" for n in range(30) if n % 3 == number]


def test_a_log_record_is_joined_to_its_span_from_any_line(tmp_path: Path) -> None:
    log = log_export(otlp_log("gen_ai.user.message", {"content": "Hello?"}))
    span = export(otlp_span("one"))
    for number, order in enumerate([(log, span), (span, log)]):
        found = catalog(tmp_path, lines(*order), f"{number}.jsonl")
        (one,) = opened(found).spans
        assert [(each.name, each.body) for each in one.logs] == [("gen_ai.user.message", {"content": "Hello?"})]
        assert problems(found) == []


def test_a_log_record_is_joined_to_its_span_from_another_file(tmp_path: Path) -> None:
    (tmp_path / "logs.jsonl").write_bytes(line(log_export(otlp_log("gen_ai.user.message", {"content": "Hello?"}))))
    (tmp_path / "spans.jsonl").write_bytes(line(export(otlp_span("one"))))
    for order in (["logs.jsonl", "spans.jsonl"], ["spans.jsonl", "logs.jsonl"]):
        (one,) = opened(load_catalog(order, tmp_path, tmp_path / "cache")).spans
        assert len(one.logs) == 1


def test_log_records_in_a_line_of_several_traces_are_joined_to_theirs(tmp_path: Path) -> None:
    both = {
        **export(otlp_span("one"), otlp_span("two", trace=OTHER_TRACE)),
        **log_export(otlp_log("a", "for one"), otlp_log("b", "for two", trace=OTHER_TRACE)),
    }
    found = catalog(tmp_path, line(both))
    assert [each.body for span in opened(found).spans for each in span.logs] == ["for one"]
    assert [each.body for span in opened(found, OTHER_TRACE).spans for each in span.logs] == ["for two"]


# --- damage: what can be read is, the rest is named and never quoted ------------------------------------------------


GOOD = line(export(otlp_span("good", trace=OTHER_TRACE)))


def beside_good(tmp_path: Path, bad: bytes) -> Catalog:
    """The catalog of a file whose second of three lines is bad."""
    after = line(export(otlp_span("after", trace=OTHER_TRACE, number=9, parent=1)))
    found = catalog(tmp_path, GOOD + bad.rstrip(b"\n") + b"\n" + after)
    assert names(found, OTHER_TRACE) == ["good", "after"]
    assert not any(SECRET in each for each in problems(found))
    return found


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        pytest.param(line(export(otlp_span(SECRET)))[:-40], "not JSON", id="truncated"),
        pytest.param(SECRET.encode(), "not JSON", id="plain text"),
        pytest.param(b"\0" * 64, "NUL bytes", id="NUL bytes"),
        pytest.param(b'{"resourceSpans": "\xff\xfe' + SECRET.encode() + b'"}', "not UTF-8", id="not UTF-8"),
        pytest.param(b"[" * 10_000 + b"]" * 10_000, "nested too deeply", id="10,000 deep"),
        pytest.param(b"[" * 200_000, "", id="200,000 deep and not closed"),
        pytest.param(b'{"a":' * 200_000 + b"1" + b"}" * 200_000, "nested too deeply", id="200,000 deep"),
        pytest.param(line({"resourceMetrics": [{"x": SECRET}]}), "not a trace: the record holds metrics", id="metrics"),
        pytest.param(line({"x": SECRET}), "not a trace", id="another object"),
        pytest.param(line(None), "not a trace", id="null"),
        pytest.param(line(7), "not a trace", id="a number"),
        pytest.param(line(SECRET), "not a trace", id="a string"),
        pytest.param(line([None, 7, SECRET]), "not a trace", id="an array of none"),
    ],
)
def test_a_line_that_is_no_export_is_named_with_file_and_line(tmp_path: Path, bad: bytes, reason: str) -> None:
    shown = problems(beside_good(tmp_path, bad))
    assert shown
    assert all(each.startswith("traces.jsonl:2: ") and reason in each for each in shown)


@pytest.mark.parametrize(
    "bad",
    [
        pytest.param({"resourceSpans": 5}, id="resourceSpans is a number"),
        pytest.param({"resourceSpans": SECRET}, id="resourceSpans is a string"),
        pytest.param({"resourceSpans": {"a": SECRET}}, id="resourceSpans is an object"),
        pytest.param({"resourceSpans": [None, 5, SECRET]}, id="a resource is null, number, string"),
        pytest.param({"resourceSpans": [{"scopeSpans": 5}]}, id="scopeSpans is a number"),
        pytest.param({"resourceSpans": [{"scopeSpans": {"spans": []}}]}, id="scopeSpans is an object"),
        pytest.param({"resourceSpans": [{"scopeSpans": [None, SECRET]}]}, id="a scope is null, string"),
        pytest.param({"resourceSpans": [{"scopeSpans": [{"spans": 5}]}]}, id="spans is a number"),
        pytest.param({"resourceSpans": [{"scopeSpans": [{"spans": {"a": 1}}]}]}, id="spans is an object"),
        pytest.param(
            {"resourceSpans": [{"scopeSpans": [{"spans": [None, 5, SECRET, []]}]}]}, id="a span is null, number, string"
        ),
        pytest.param({"resourceLogs": 5}, id="resourceLogs is a number"),
        pytest.param({"resourceLogs": [{"scopeLogs": [{"logRecords": [SECRET]}]}]}, id="a log is a string"),
    ],
)
def test_a_container_of_the_wrong_shape_is_named(tmp_path: Path, bad: object) -> None:
    shown = problems(beside_good(tmp_path, line(bad)))
    assert shown
    assert all(each.startswith("traces.jsonl:2: ") for each in shown)


@pytest.mark.parametrize(
    "empty",
    [
        {"resourceSpans": []},
        {"resourceSpans": None, "resourceLogs": []},
        {"resourceSpans": [{}]},
        {"resourceSpans": [{"scopeSpans": None}]},
        {"resourceSpans": [{"scopeSpans": [{"spans": None}]}]},
        {"resourceLogs": [{"scopeLogs": [{"logRecords": []}]}]},
    ],
    ids=json.dumps,
)
def test_an_export_of_nothing_is_no_problem(tmp_path: Path, empty: object) -> None:
    assert problems(beside_good(tmp_path, line(empty))) == []


WRONG: dict[str, list[Any]] = {
    "traceId": [..., None, 5, []],
    "spanId": [None, 5, {}],
    "parentSpanId": [5, [], {}],
    "name": [5, [], {}],
    "startTimeUnixNano": [{}, [], True],
    "endTimeUnixNano": [{}, [], True],
    "attributes": [
        5,
        SECRET,
        {},
        [None],
        [5],
        [{}],
        [{"key": 5, "value": {"stringValue": SECRET}}],
        [{"key": "k", "value": SECRET}],
        [{"key": "k", "value": {"stringValue": 5}}],
        [{"key": "k", "value": {"boolValue": "yes"}}],
        [{"key": "k", "value": {"arrayValue": []}}],
        [{"key": "k", "value": {"kvlistValue": {"values": {}}}}],
    ],
    "events": [5, SECRET, {}, [SECRET], [{"name": 5}], [{"attributes": {}}]],
    "status": [5, SECRET, [], {"code": []}, {"message": 5}],
    "droppedAttributesCount": ["many", [], {}],
}
WRONG_MEMBERS = [
    pytest.param(key, value, id=f"{key}={str(value)[:60]}") for key, values in WRONG.items() for value in values
]


def changed(span: dict[str, Any], member: str, value: object) -> dict[str, Any]:
    """A span with another value for one member, or without it."""
    return {key: each for key, each in {**span, member: value}.items() if each is not ...}


@pytest.mark.parametrize("parent", [None, 1], ids=["root", "child"])
@pytest.mark.parametrize(("member", "value"), WRONG_MEMBERS)
def test_a_span_with_a_member_of_the_wrong_type_is_named_and_the_others_of_its_line_survive(
    tmp_path: Path, member: str, value: object, parent: int | None
) -> None:
    bad = changed(otlp_span("bad", number=2, parent=parent), member, value)
    found = beside_good(tmp_path, line(export(otlp_span("one"), bad, otlp_span("three", number=3, parent=1))))
    assert names(found) == ["one", "three"]
    shown = [*problems(found), *opened(found).contents.notes]
    assert shown, "the span that is not as it should be was passed over in silence"
    assert all(each.startswith("traces.jsonl:2: ") and "malformed" in each for each in shown)
    assert not any(SECRET in each for each in shown)


@pytest.mark.parametrize(("member", "value"), WRONG_MEMBERS)
def test_a_span_with_a_member_of_the_wrong_type_does_not_take_other_traces_of_its_line_with_it(
    tmp_path: Path, member: str, value: object
) -> None:
    bad = changed(otlp_span("bad", number=2, parent=1), member, value)
    mixed = line(export(otlp_span("one"), bad, otlp_span("third", trace=trace_id(3))))
    found = beside_good(tmp_path, mixed)
    assert names(found) == ["one"]
    assert names(found, trace_id(3)) == ["third"]
    assert problems(found) or opened(found).contents.notes


@pytest.mark.parametrize(
    ("member", "value"),
    [
        pytest.param("scope", 5, id="scope is a number"),
        pytest.param("scope", SECRET, id="scope is a string"),
        pytest.param("scope", {"name": 5}, id="scope's name is a number"),
        pytest.param("resource", 5, id="resource is a number"),
        pytest.param("resource", SECRET, id="resource is a string"),
        pytest.param("resource", {"attributes": 5}, id="resource's attributes are a number"),
        pytest.param("resource", {"attributes": [SECRET]}, id="resource's attribute is a string"),
    ],
)
def test_spans_in_a_scope_or_resource_of_the_wrong_type_are_named(tmp_path: Path, member: str, value: object) -> None:
    for spans in ([otlp_span("one")], [otlp_span("one"), otlp_span("third", trace=trace_id(3))]):
        whole = export(*spans)
        (whole["resourceSpans"][0]["scopeSpans"][0] if member == "scope" else whole["resourceSpans"][0])[member] = value
        found = catalog(tmp_path, GOOD + line(whole))
        assert names(found, OTHER_TRACE) == ["good"]
        with pytest.raises(
            TraceError, match=r"no span of it can be read; traces.jsonl:2: a span is malformed"
        ) as caught:
            names(found)
        assert SECRET not in str(caught.value)


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity", "1e999", "-1e999"])
@pytest.mark.parametrize("parent", [None, 1], ids=["root", "child"])
def test_a_number_beyond_all_bounds_becomes_nothing(tmp_path: Path, value: str, parent: int | None) -> None:
    bad = raw(f'{{"doubleValue": {value}}}', number=2, parentSpanId=span_id(1) if parent else "")
    found = catalog(tmp_path, line(export(otlp_span("one"))) + bad)
    odd = next(span for span in opened(found).spans if span.name == "odd")
    assert odd.attributes == {"a": None, "b": "kept"}
    assert all("read all the same" in each for each in problems(found))


def test_an_integer_of_five_thousand_digits_does_not_stop_the_reader(tmp_path: Path) -> None:
    huge = "9" * 5_000
    for number, written in enumerate(
        [f'{{"intValue": "{huge}"}}', f'{{"intValue": {huge}}}', f'{{"doubleValue": {huge}}}']
    ):
        found = catalog(tmp_path, GOOD + raw(written), f"{number}.jsonl")
        assert names(found, OTHER_TRACE) == ["good"]
        assert problems(found) or names(found) == ["odd"]
        assert not any(huge[:50] in each for each in problems(found))


@pytest.mark.parametrize("written", [r'{"stringValue": "\ud800"}', r'{"stringValue": "a\udfffz"}'])
def test_a_lone_surrogate_is_kept_in_memory(tmp_path: Path, written: str) -> None:
    found = catalog(tmp_path, raw(written))
    (span,) = opened(found).spans
    assert span.attributes == {"a": json.loads(written)["stringValue"], "b": "kept"}
    assert all("read all the same" in each for each in problems(found))


def test_a_lone_surrogate_in_raw_bytes_is_named_with_its_place(tmp_path: Path) -> None:
    shown = problems(beside_good(tmp_path, raw('{"stringValue": "\ud800"}')))
    assert len(shown) == 1
    assert shown[0].startswith("traces.jsonl:2: not UTF-8 text: byte ")
    place = int(shown[0].rpartition("byte ")[2].partition(" ")[0])
    assert (tmp_path / "traces.jsonl").read_bytes()[place] == 0xED


def test_a_repaired_line_is_told_apart_from_a_dropped_one(tmp_path: Path) -> None:
    found = catalog(tmp_path, raw('{"doubleValue": NaN}') + b"nonsense\n")
    assert [(each.line, each.repaired) for each in found.problems] == [(1, True), (2, False)]


@pytest.mark.parametrize("depth", [100, 200, 300, 320, 330, 340, 400, 500, 900, 1_000, 5_000, 100_000])
def test_an_attribute_that_is_nested_deeply_costs_at_most_its_record(tmp_path: Path, depth: int) -> None:
    nested = '{"arrayValue":{"values":[' * depth + '{"intValue":"1"}' + "]}}" * depth
    found = beside_good(tmp_path, raw(nested))
    if not problems(found) and not deep_notes(found):
        (span,) = opened(found).spans
        assert (nesting(span.attributes["a"]), span.attributes["b"]) == (depth, "kept")
        assert depth < 1_000
    else:
        assert depth > 200


def nesting(value: Any) -> int:
    """How many lists stand one in another around a value."""
    depth = 0
    while isinstance(value, list | tuple):
        (value,) = value
        depth += 1
    return depth


def deep_notes(found: Catalog) -> bool:
    """Whether opening a trace says that it is nested too deeply."""
    try:
        return any("nested too deeply" in each for each in opened(found).contents.notes)
    except TraceError as error:
        return "nested too deeply" in str(error)


def test_a_document_that_was_cut_is_named_and_not_quoted(tmp_path: Path) -> None:
    text = json.dumps(export(otlp_span(SECRET, attributes={"a": SECRET})), indent=2).encode()
    found = catalog(tmp_path, text[: len(text) // 2])
    assert found.handles == []
    assert len(problems(found)) >= 1
    assert problems(found)[0].startswith("traces.jsonl:1: ")
    assert not any(SECRET in each for each in problems(found))


def test_a_tail_of_nul_bytes_is_named(tmp_path: Path) -> None:
    found = catalog(tmp_path, GOOD + b"\0" * 5_000)
    assert names(found, OTHER_TRACE) == ["good"]
    assert problems(found) == ["traces.jsonl:2: NUL bytes"]


def test_a_log_record_of_no_trace_that_is_here_is_named_once_a_line(tmp_path: Path) -> None:
    stray = log_export(*(otlp_log("a", SECRET, trace=trace_id(n)) for n in range(5)))
    assert problems(beside_good(tmp_path, line(stray))) == [
        "traces.jsonl:2: log records of a trace that has no spans here"
    ]


def test_a_log_record_without_a_trace_is_no_problem(tmp_path: Path) -> None:
    assert problems(beside_good(tmp_path, line(log_export(otlp_log("a", "b", trace=""))))) == []


def test_a_span_without_a_trace_id_is_named(tmp_path: Path) -> None:
    shown = problems(beside_good(tmp_path, line(export(otlp_span(SECRET, trace="")))))
    assert shown == ["traces.jsonl:2: a span without a trace id"]


def test_a_file_of_another_kind_that_the_user_named_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"notes.txt: not a trace file"):
        catalog(tmp_path, b"buy milk\n", "notes.txt")


TOKENS = [b"{", b"}", b"[", b"]", b'"', b",", b":", b"null", b"1e999", b"NaN", b"\\ud800", b"\xff", b"\0", b"\n", b"-"]


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_no_damage_of_any_kind_raises_anything_but_our_own_errors(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    whole = bytearray(DAMAGED)
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(whole)))
        length = data.draw(st.integers(0, 30))
        whole[place : place + length] = data.draw(st.sampled_from(TOKENS) | st.binary(max_size=4))
    try:
        found = catalog(tmp_path_factory.mktemp("damaged"), bytes(whole) or b"{")
    except SourceError:
        return
    for handle in found.handles:
        with contextlib.suppress(TraceError):
            assert handle.open().spans


DAMAGED = lines(
    export(otlp_span("one", attributes={"a": "b", "n": 1, "l": [1.5, True]}), otlp_span("two", number=2, parent=1)),
    {
        **export(otlp_span("x", trace=OTHER_TRACE), otlp_span("y", trace=TRACE, number=7)),
        **log_export(otlp_log("e", {"k": "v"})),
    },
)


@pytest.mark.parametrize("word", ["instrumentationLibrarySpans", "scope_spans"])
def test_spans_under_another_name_are_named_and_the_others_are_read(tmp_path: Path, word: str) -> None:
    other = {"resourceSpans": [{word: export(otlp_span())["resourceSpans"][0]["scopeSpans"]}]}
    found = catalog(tmp_path, lines(other, export(otlp_span(trace=OTHER_TRACE))))
    assert [handle.trace_id for handle in found.handles] == [OTHER_TRACE]
    assert problems(found) == [
        "traces.jsonl:1: spans stand under a name other than scopeSpans, as before OTLP 0.15; they were not read"
    ]


def test_a_malformed_span_is_named_by_its_own_line(tmp_path: Path) -> None:
    bad = export(otlp_span(number=2, parent=1, endTimeUnixNano=[]))
    found = catalog(tmp_path, lines(export(otlp_span()), export(otlp_span(trace=OTHER_TRACE)), bad))
    (note,) = opened(found).contents.notes
    assert note.startswith("traces.jsonl:3: a span is malformed")
