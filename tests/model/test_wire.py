"""HTTP as the providers see it."""

import pytest

from pytest_llmreplay.model.wire import WireRequest


@pytest.mark.parametrize(
    ("url", "host", "path"),
    [
        ("https://api.openai.com/v1/chat/completions", "api.openai.com", "/v1/chat/completions"),
        ("https://api.openai.com:8443/v1/x?a=/b#c", "api.openai.com:8443", "/v1/x"),
        ("http://localhost", "localhost", "/"),
        ("http://localhost?a=1", "localhost", "/"),
        ("http://[::1]:80/a", "[::1]:80", "/a"),
        ("http://a/b#c?d", "a", "/b"),
    ],
)
def test_host_and_path_are_those_of_the_url(url: str, host: str, path: str) -> None:
    request = WireRequest("POST", url, b"")
    assert (request.host, request.path) == (host, path)
