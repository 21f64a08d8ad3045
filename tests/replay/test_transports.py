"""Whether the calls of installed SDKs would be seen."""

import sys
from importlib import metadata
from types import SimpleNamespace

import pytest

from pytest_llmreplay.replay.cassette import patches
from pytest_llmreplay.replay.transports import requirements, unseen


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """Distributions that are there, with what they need; nothing else is."""
    there: dict[str, list[str]] = {}

    def requires(name: str) -> list[str]:
        if name not in there:
            raise metadata.PackageNotFoundError(name)
        return there[name]

    monkeypatch.setattr(metadata, "requires", requires)
    monkeypatch.setattr(metadata, "version", lambda name: "1.2")
    return there


def test_what_an_sdk_needs_is_told_without_versions_and_extras(installed: dict[str, list[str]]) -> None:
    plain = ["httpx2<3,>=2.1", "Pydantic (>=2)", "typing-extensions; python_version < '3.13'"]
    installed["openai"] = [*plain, 'aiohttp; extra == "aiohttp"']
    assert requirements("openai") == frozenset({"httpx2", "pydantic", "typing-extensions"})
    assert requirements("anthropic") is None


def test_an_sdk_over_a_transport_that_is_not_patched_is_named(
    installed: dict[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    installed |= {"openai": ["httpx9>=9"], "cohere": ["httpx>=0.28"]}
    monkeypatch.setitem(sys.modules, "httpx", SimpleNamespace(HTTPTransport=SimpleNamespace(handle_request=print)))
    assert list(unseen()) == [
        "openai 1.2 speaks through a transport of its own, which is not patched; its calls are not seen",
        "cohere 1.2 speaks through httpx, which is not patched; its calls are not seen",
    ]


def test_an_sdk_over_grpc_is_named(installed: dict[str, list[str]]) -> None:
    installed["google-cloud-aiplatform"] = ["grpcio"]
    assert list(unseen()) == [
        "google-cloud-aiplatform 1.2 speaks through grpcio, which cannot be patched; its calls are not seen"
    ]


def test_those_of_the_tests_are_seen_under_the_patches_alone() -> None:
    was = patches.installed
    patches.install()
    try:
        assert list(unseen()) == []
    finally:
        if not was:
            patches.remove()
