"""Text of JSON and tool arguments."""

from typing import Any

import pytest
from hypothesis import given

from pytest_llmreplay.model.call import Media
from pytest_llmreplay.providers import _json
from pytest_llmreplay.testing.conversations import ARGUMENTS


@given(ARGUMENTS)
def test_arguments_that_are_written_and_read_again_are_the_same(arguments: dict[str, Any]) -> None:
    assert _json.loads(_json.arguments_text(arguments)) == arguments


@pytest.mark.parametrize("text", ["", "{cut", "plain words", "\ud800", "[" * 100_000, "nul", "NaN words"])
def test_text_that_is_no_json_stays_text(text: str) -> None:
    assert _json.loads(text) == text
    assert _json.arguments_text(text) == text


@pytest.mark.parametrize("value", [{"a": "\ud800"}, ["\udfff"], {"\ud800": 1}])
def test_lone_surrogates_survive(value: Any) -> None:
    assert _json.loads(_json.dumps(value)) == value
    assert _json.dumps(value).isascii()


def test_what_is_made_up_depends_on_the_seed_and_the_prefix_alone() -> None:
    assert _json.made_up("a", "call_") == _json.made_up("a", "call_")
    assert len({_json.made_up(seed, prefix) for seed in "ab" for prefix in ("x_", "y_")}) == 4
    assert len(_json.made_up("a", "call_", 8)) == len("call_") + 8
    assert _json.made_up("\ud800", "x_").startswith("x_")


@pytest.mark.parametrize(
    ("url", "reference"),
    [
        ("https://a/b.png", "https://a/b.png"),
        ("data:image/png;base64,aGk=", _json.inline("image", "aGk=").reference),
        ("x" * 3_000, _json.inline("image", "x" * 3_000).reference),
        (None, "null"),
        ({"a": 1}, '{"a":1}'),
    ],
)
def test_media_are_known_by_their_uri_or_by_the_digest_of_their_data(url: Any, reference: str) -> None:
    assert _json.media("image", url) == Media("image", reference)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, ""),
        ("a", "a"),
        ([{"text": "a"}, {"text": ""}, {"type": "image"}], 'a{"type":"image"}'),
        ([{"json": {"a": 1}}], '{"a":1}'),
    ],
)
def test_a_tools_result_is_text(content: object, told: str) -> None:
    assert _json.result_text(content) == told
