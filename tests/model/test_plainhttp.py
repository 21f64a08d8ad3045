"""Requests that are no model calls, as calls that can be compared."""

import pytest

from pytest_llmreplay.compare.calls import differences
from pytest_llmreplay.model.plainhttp import plain_call
from pytest_llmreplay.model.wire import WireRequest

URL = "https://api.example.com/v1/orders"


def same(one: WireRequest, other: WireRequest) -> bool:
    return not differences(plain_call(one), plain_call(other))


def test_the_name_is_method_and_address() -> None:
    call = plain_call(WireRequest("GET", URL + "?page=2", b""))
    assert (call.kind, call.model) == ("http", "GET api.example.com/v1/orders")
    assert call.parameters == {"method": "GET", "url": URL, "query": {"page": ["2"]}}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (WireRequest("GET", URL + "?a=1&b=2", b""), WireRequest("GET", URL + "?b=2&a=1", b"")),
        (WireRequest("GET", "https://x.example:443/a", b""), WireRequest("GET", "https://x.example/a", b"")),
        (WireRequest("GET", "https://x.example/a%3Ab", b""), WireRequest("GET", "https://x.example/a:b", b"")),
        (WireRequest("GET", "https://x.example", b""), WireRequest("GET", "https://x.example/", b"")),
        (WireRequest("GET", URL + "?api_key=one&a=1", b""), WireRequest("GET", URL + "?a=1", b"")),
        (WireRequest("POST", URL, b'{"a": 1, "b": [2]}'), WireRequest("POST", URL, b'{"b":[2.0],"a":1}')),
        (
            WireRequest("POST", URL, b"--one\r\nX: y\r\n\r\nbody\r\n--one--\r\n"),
            WireRequest("POST", URL, b"--two22\r\nX: y\r\n\r\nbody\r\n--two22--\r\n"),
        ),
    ],
    ids=["order of the query", "usual port", "escapes", "no path", "credentials", "JSON", "multipart boundary"],
)
def test_what_says_the_same_is_the_same(one: WireRequest, other: WireRequest) -> None:
    assert same(one, other)


@pytest.mark.parametrize(
    ("other", "path"),
    [
        (WireRequest("PUT", URL, b'{"a": 1}'), "method"),
        (WireRequest("POST", URL + "/1", b'{"a": 1}'), "url"),
        (WireRequest("POST", URL + "?a=1", b'{"a": 1}'), "query"),
        (WireRequest("POST", URL, b'{"a": 2}'), "body.a"),
        (WireRequest("POST", URL, b"a=1"), "body"),
        (WireRequest("POST", URL, b"\xff\x00"), "body"),
    ],
)
def test_what_differs_is_named(other: WireRequest, path: str) -> None:
    assert [
        each.path for each in differences(plain_call(WireRequest("POST", URL, b'{"a": 1}')), plain_call(other))
    ] == [path]


def test_bytes_are_compared_by_their_hash() -> None:
    assert same(WireRequest("POST", URL, b"\xff\x00"), WireRequest("POST", URL, b"\xff\x00"))
    assert not same(WireRequest("POST", URL, b"\xff\x00"), WireRequest("POST", URL, b"\xff\x01"))
