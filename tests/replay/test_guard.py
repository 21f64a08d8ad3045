"""What the guard beneath all libraries sees, and what it lets pass."""

import socket

import pytest

from pytest_llmreplay.replay.guard import Guard, addresses, endpoint, is_address


@pytest.mark.parametrize(
    ("pattern", "host", "allowed"),
    [
        ("localhost:8000", "localhost:8000", True),
        ("localhost:8000", "localhost:8001", False),
        ("localhost", "localhost:8000", True),
        ("*.example.com:443", "api.example.com:443", True),
        ("*.example.com:443", "example.com:443", False),
        ("127.0.0.*", "127.0.0.1:9", True),
        ("*", "anything:1", True),
    ],
)
def test_patterns(pattern: str, host: str, allowed: bool) -> None:
    guard = Guard()
    guard.install([pattern])
    try:
        assert guard.allows(host) is allowed
    finally:
        guard.remove()


def test_an_allowed_name_allows_its_addresses() -> None:
    assert "127.0.0.1:8000" in addresses("localhost:8000")
    assert addresses("127.0.0.1:8000") == []
    assert addresses("*.example.com") == []


@pytest.mark.parametrize(
    ("event", "arguments", "seen"),
    [
        ("socket.getaddrinfo", ("example.com", 443), "example.com:443"),
        ("socket.getaddrinfo", (b"example.com", None), "example.com"),
        ("socket.getaddrinfo", ("127.0.0.1", 443), None),
        ("socket.getaddrinfo", ("::1", 443), None),
        ("socket.getaddrinfo", (None, 443), None),
        ("socket.gethostbyname", ("example.com",), "example.com"),
        ("socket.gethostbyname", ("127.0.0.1",), None),
    ],
)
def test_what_an_event_wants_to_reach(event: str, arguments: tuple[object, ...], seen: str | None) -> None:
    assert endpoint(event, arguments) == seen


@pytest.mark.parametrize(
    ("family", "address", "seen"),
    [
        (socket.AF_INET, ("127.0.0.1", 80), "127.0.0.1:80"),
        (socket.AF_UNIX, "/tmp/socket", None),  # noqa: S108  # never opened
    ],
)
def test_what_a_socket_wants_to_reach(family: int, address: object, seen: str | None) -> None:
    with socket.socket(family) as found:
        assert endpoint("socket.connect", (found, address)) == seen


@pytest.mark.parametrize(
    ("host", "answer"), [("127.0.0.1", True), ("::1", True), ("fe80::1%eth0", True), ("localhost", False)]
)
def test_an_address_is_told_from_a_name(host: str, answer: bool) -> None:
    assert is_address(host) is answer
