"""Cassettes of vcrpy and what resembles them."""

import base64
import gzip
import json
import zlib
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml

from pytest_llmreplay.errors import SourceError
from pytest_llmreplay.model.trace import Trace
from pytest_llmreplay.model.wire import RawExchange
from pytest_llmreplay.traces.catalog import Catalog, load_catalog

URL = "https://api.example.com/v1/orders"


def request(**more: Any) -> dict[str, Any]:
    return {"method": "GET", "uri": URL, "body": None, "headers": {"accept": ["*/*"]}, **more}


def response(body: Any = None, **more: Any) -> dict[str, Any]:
    body = {"string": "[]"} if body is None else body
    return {"status": {"code": 200, "message": "OK"}, "headers": {}, "body": body, **more}


def cassette(*interactions: Any, **more: Any) -> dict[str, Any]:
    listed = [each if isinstance(each, dict) else {"request": each[0], "response": each[1]} for each in interactions]
    return {"interactions": listed, "version": 1, **more}


def catalog(tmp_path: Path, data: bytes | dict[str, Any], name: str = "test_orders.yaml") -> Catalog:
    if isinstance(data, dict):
        data = (json.dumps(data) if name.endswith(".json") else yaml.safe_dump(data)).encode()
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return load_catalog([str(tmp_path)], tmp_path, tmp_path / ".cache")


def trace(tmp_path: Path, data: bytes | dict[str, Any], name: str = "test_orders.yaml") -> Trace:
    found = catalog(tmp_path, data, name)
    assert [str(each) for each in found.problems] == []
    return found.handles[0].open()


def exchange(tmp_path: Path, asked: dict[str, Any], came: dict[str, Any]) -> RawExchange:
    (only,) = trace(tmp_path, cassette((asked, came))).steps
    assert only.raw is not None
    return only.raw


def problem(tmp_path: Path, data: bytes | dict[str, Any], name: str = "test_orders.yaml") -> str:
    found = catalog(tmp_path, data, name)
    assert found.handles == []
    (only,) = found.problems
    return str(only)


@pytest.mark.parametrize("name", ["test_orders.yaml", "test_orders.json", "anything"])
def test_one_file_is_one_trace_under_its_name(tmp_path: Path, name: str) -> None:
    found = trace(tmp_path, cassette((request(), response()), (request(), response())), name)
    assert (found.name, found.status, found.input, len(found.steps)) == (
        "test_orders" if "." in name else name,
        "ok",
        None,
        2,
    )
    assert [step.call.kind for step in found.steps] == ["http", "http"]
    assert found.fidelity == ()


def test_a_packed_cassette(tmp_path: Path) -> None:
    data = gzip.compress(json.dumps(cassette((request(), response()))).encode())
    assert trace(tmp_path, data, "test_orders.json.gz").name == "test_orders"


def test_the_id_is_of_name_and_content_wherever_the_file_lies(tmp_path: Path) -> None:
    def id_of(folder: str, name: str, body: str) -> str:
        found = catalog(tmp_path / folder, cassette((request(), response({"string": body}))), name)
        return found.handles[0].trace_id

    first = id_of("a", "cassettes/x.yaml", "1")
    assert id_of("b", "x.yaml", "1") == first
    assert len({first, id_of("c", "y.yaml", "1"), id_of("d", "x.yaml", "2")}) == 3


def test_a_model_call_has_call_answer_and_its_bytes(tmp_path: Path) -> None:
    asked = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Hello?"}]}
    told = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "gpt-4o",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "Hi."}, "finish_reason": "stop"}],
    }
    url = "https://api.openai.com/v1/chat/completions"
    interaction = (request(method="POST", uri=url, body=json.dumps(asked)), response({"string": json.dumps(told)}))
    (step,) = trace(tmp_path, cassette(interaction)).steps
    assert (step.call.kind, step.call.provider, step.name) == ("chat", "openai.chat", "gpt-4o")
    assert step.answer.id == "chatcmpl-1"
    assert step.raw is not None
    assert step.raw.response.body == json.dumps(told).encode()


def test_a_model_call_whose_body_was_taken_away_is_a_plain_request(tmp_path: Path) -> None:
    url = "https://api.openai.com/v1/chat/completions"
    interaction = (request(method="POST", uri=url, body="REDACTED"), response())
    (step,) = trace(tmp_path, cassette(interaction)).steps
    assert step.call.kind == "http"


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (None, b""),
        ("text ünd", "text ünd".encode()),
        (b"\xff\x00", b"\xff\x00"),
        ({"string": b"\xff"}, b"\xff"),
        ({"encoding": "UTF-8", "base64_string": base64.b64encode(b"\xff").decode()}, b"\xff"),
        ({"a": 1}, b'{"a": 1}'),
        ({"encoding": "UTF-8"}, b""),
    ],
    ids=["none", "text", "binary", "string", "base64", "json", "nothing"],
)
def test_every_form_of_a_request_body(tmp_path: Path, body: Any, found: bytes) -> None:
    assert exchange(tmp_path, request(body=body), response()).request.body == found


def test_a_decoded_body_is_written_as_its_serialiser_does(tmp_path: Path) -> None:
    asked, came = request(), response()
    del asked["body"], came["body"]
    raw = exchange(tmp_path, {**asked, "parsed_body": {"ü": [1.5]}}, {**came, "parsed_body": {"b": None}})
    assert (raw.request.body, raw.response.body) == (b'{"\\u00fc": [1.5]}', b'{"b": null}')


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [
        ("gzip", gzip.compress(b"plain")),
        ("deflate", zlib.compress(b"plain")),
        ("deflate", zlib.compress(b"plain")[2:-4]),
    ],
    ids=["gzip", "deflate", "deflate without a head"],
)
def test_a_content_encoding_is_undone(tmp_path: Path, encoding: str, packed: bytes) -> None:
    raw = exchange(tmp_path, request(), response({"string": packed}, headers={"Content-Encoding": [encoding]}))
    assert (raw.response.body, dict(raw.response.headers)) == (b"plain", {})


def test_an_encoding_that_the_recording_undid_is_only_dropped(tmp_path: Path) -> None:
    raw = exchange(tmp_path, request(), response({"string": "{}"}, headers={"content-encoding": ["br"]}))
    assert (raw.response.body, dict(raw.response.headers)) == (b"{}", {})


def test_an_encoding_that_is_unknown_here_is_left_to_the_library(tmp_path: Path) -> None:
    raw = exchange(tmp_path, request(), response({"string": b"\xff\x01"}, headers={"content-encoding": ["br"]}))
    assert (raw.response.body, dict(raw.response.headers)) == (b"\xff\x01", {"content-encoding": "br"})


def test_headers_of_one_transfer_are_dropped_and_repeated_ones_kept(tmp_path: Path) -> None:
    headers = {"Set-Cookie": ["a=1", "b=2"], "Content-Length": ["9"], "Transfer-Encoding": ["chunked"], "X": "y"}
    raw = exchange(tmp_path, request(headers={"Authorization": ["Bearer x"], "X-A": ["1"]}), response(headers=headers))
    assert dict(raw.response.headers) == {"set-cookie": "a=1", "x": "y"}
    assert raw.response.again == (("set-cookie", "b=2"),)
    assert dict(raw.request.headers) == {"x-a": "1"}


def test_headers_may_be_bytes(tmp_path: Path) -> None:
    raw = exchange(tmp_path, request(headers={"content-type": [b"application/json"]}), response())
    assert dict(raw.request.headers) == {"content-type": "application/json"}


def test_the_older_form_of_httpx(tmp_path: Path) -> None:
    raw = exchange(tmp_path, request(), {"status_code": 201, "http_version": "HTTP/1.1", "headers": {}, "content": "x"})
    assert (raw.response.status, raw.response.body) == (201, b"x")


def test_http_interactions_of_other_tools(tmp_path: Path) -> None:
    asked = {"method": "get", "uri": URL, "body": {"encoding": "US-ASCII", "string": ""}, "headers": {}}
    data = {
        "http_interactions": [
            {"request": asked, "response": response(), "recorded_at": "Thu, 05 Mar 2026 14:16:59 GMT"},
        ],
        "recorded_with": "VCR 5.0.0",
    }
    found = trace(tmp_path, data)
    assert found.steps[0].name == "GET api.example.com/v1/orders"
    assert found.steps[0].start_ns == 1_772_720_219_000_000_000


def test_the_order_is_that_of_the_recording_and_the_time_is_the_first_that_is_known(tmp_path: Path) -> None:
    late = response(headers={"Date": ["Thu, 05 Mar 2026 14:17:00 GMT"]})
    early = response(headers={"Date": ["Thu, 05 Mar 2026 14:16:59 GMT"]})
    steps = trace(tmp_path, cassette((request(), late), (request(), early), (request(), response()))).steps
    assert steps[0].start_ns == 1_772_720_220_000_000_000
    assert all(a.end_ns <= b.start_ns for a, b in pairwise(steps))


def test_an_error_of_any_interaction_is_an_error_of_the_trace(tmp_path: Path) -> None:
    data = cassette((request(), response()), (request(), response(status={"code": 404, "message": "Not Found"})))
    found = catalog(tmp_path, data).handles[0]
    assert (found.status, found.open().status) == ("error", "error")


def test_what_went_over_no_http_loads_and_says_that_it_cannot_be_replayed(tmp_path: Path) -> None:
    messages = [{"kind": "message", "direction": "sent", "data": {}}, {"request_sample": {}, "response_sample": {}}]
    steps = trace(tmp_path, {"version": 1, "interactions": messages}).steps
    assert [(step.name, step.incomplete) for step in steps] == [
        ("a websocket message", "it went over no HTTP, and HTTP alone can be replayed"),
        ("a gRPC call", "it went over no HTTP, and HTTP alone can be replayed"),
    ]


WHOLE = yaml.safe_dump(cassette((request(), response()), (request(), response()))).encode()


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"interactions: null\nversion: 1\n", "test_orders.yaml:1: interactions is no list"),
        (b"interactions: []\nversion: 1\n", "test_orders.yaml:1: the cassette has no interactions"),
        (b"interactions:\n- 7\nversion: 1\n", "test_orders.yaml:2: an interaction without a request"),
        (
            b"interactions:\n- request: {method: GET, uri: x}\nversion: 1\n",
            "test_orders.yaml:2: an interaction without a response",
        ),
        (
            b"interactions:\n- request: {method: GET}\n  response: {}\nversion: 1\n",
            "test_orders.yaml:2: a request without method and URI",
        ),
        (
            b"interactions:\n- request: {method: GET, uri: x}\n  response: {body: x}\nversion: 1\n",
            "test_orders.yaml:2: a response without a status code",
        ),
        (
            WHOLE[: WHOLE.index(b"version")],
            "test_orders.yaml:1: the version is missing, which stands at the end: the cassette is cut off",
        ),
        (
            b"interactions:\n- request: !!python/object/apply:os.getcwd []\n",
            "test_orders.yaml:2: not YAML, cut off, or refused: the tag 'python/object/apply:os.getcwd' is not let in",
        ),
        (
            b"interactions:\n- request: {}\n  request: {}\n",
            "test_orders.yaml:3: not YAML, cut off, or refused: a key that is there already",
        ),
    ],
)
def test_a_damaged_cassette_is_named_by_file_and_line(tmp_path: Path, data: bytes, told: str) -> None:
    assert problem(tmp_path, data) == told


@pytest.mark.parametrize("name", ["test_orders.yaml", "test_orders.json"])
def test_a_cassette_that_was_cut_anywhere_is_never_a_shorter_one(tmp_path: Path, name: str) -> None:
    whole = WHOLE if name.endswith("yaml") else json.dumps(cassette((request(), response()))).encode()
    for length in range(20, len(whole) - 3, 7):
        found = catalog(tmp_path, whole[:length], name)
        assert (found.handles, len(found.problems)) == ([], 1)


def test_json_with_a_member_twice(tmp_path: Path) -> None:
    data = b'{"version": 1, "interactions": [], "interactions": []}'
    assert problem(tmp_path, data, "a.json") == "a.json:1: a member is there twice in one object"


def test_nesting_without_end(tmp_path: Path) -> None:
    data = b'{"version": 1, "interactions": ' + b"[" * 100_000
    assert problem(tmp_path, data, "a.json") == "a.json:1: nested too deeply"


def test_another_yaml_file_of_the_folder_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "settings.yaml").write_text("a: 1\n", encoding="utf-8")
    found = catalog(tmp_path, WHOLE)
    assert (len(found.handles), found.skipped) == (1, ["settings.yaml"])


def test_a_cassette_that_the_user_named_and_that_is_none(tmp_path: Path) -> None:
    path = tmp_path / "settings.yaml"
    path.write_text("a: 1\n", encoding="utf-8")
    with pytest.raises(SourceError, match="not a trace file"):
        load_catalog([str(path)], tmp_path, tmp_path / ".cache")
