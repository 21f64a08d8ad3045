"""JSON bodies: decoded, encoded, asked for members, and named where they are damaged."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_llmreplay.model.call import ApiError
from pytest_llmreplay.model.wire import WireRequest
from pytest_llmreplay.providers import _body


def request(body: bytes) -> WireRequest:
    return WireRequest("POST", "https://a/b", body)


@pytest.mark.parametrize("value", [{"a": "\ud800"}, {"\udfff": [1]}, "a\ud83d"])
def test_a_lone_surrogate_is_written_as_an_escape_and_read_again(value: Any) -> None:
    written = _body.encode(value)
    assert written.isascii()
    assert _body.decode(written) == value


@given(st.binary(max_size=30))
def test_bytes_that_are_no_json_are_a_value_error(data: bytes) -> None:
    try:
        value = _body.decode(data)
    except ValueError:
        return
    assert json.dumps(value)


def test_json_without_end_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="nested too deeply"):
        _body.decode(b"[" * 100_000)


def test_a_body_is_decoded_once_and_asked_for_any_of_its_members() -> None:
    asking = request(b'{"b": 1}')
    assert _body.asked(asking, "a", "b") is _body.asked(asking) == {"b": 1}


@pytest.mark.parametrize(
    ("body", "words", "told"),
    [
        (b"{", ("a",), "the body is not JSON"),
        (b"[]", (), "the body is no JSON object"),
        (b"{}", ("a", "b"), "the body has no a"),
    ],
)
def test_a_body_that_lacks_what_it_is_asked_for_is_named(body: bytes, words: tuple[str, ...], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        _body.asked(request(body), *words)


@pytest.mark.parametrize(("body", "seen"), [(b'{"a": 1}', {"a": 1}), (b"[1]", {}), (b"{", {}), (b"", {})])
def test_who_only_looks_sees_an_object_or_nothing(body: bytes, seen: object) -> None:
    assert _body.peek(request(body)) == seen


def test_damage_is_named_by_what_the_body_is_not() -> None:
    with pytest.raises(ValueError, match="the body is no song: Expecting value"), _body.named("no song"):
        _body.decode(b"la")


@pytest.mark.parametrize(
    ("kind", "told", "error"),
    [
        (None, None, ApiError(status=500, body={"x": 1})),
        (7, "slow", ApiError(status=500, type="7", message="slow", body={"x": 1})),
        ("a", ["b"], ApiError(status=500, type="a", message='["b"]', body={"x": 1})),
    ],
)
def test_an_error_has_texts_whatever_its_body_says(kind: object, told: object, error: ApiError) -> None:
    assert _body.api_error(500, {"x": 1}, kind, told) == error
