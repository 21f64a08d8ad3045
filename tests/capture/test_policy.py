"""What of a model call is captured."""

import re

import pytest

from pytest_llmreplay.capture.policy import CREDENTIAL, HEADERS, MODEL_PATHS, Policy


def policy(sample: float = 1.0) -> Policy:
    return Policy.of(sample=sample, max_bytes=1, redact=None, headers=(), paths=MODEL_PATHS)


PATHS = (
    "/v1/chat/completions", "/openai/deployments/a/chat/completions", "/v1/completions", "/v1/fim/completions",
    "/v1/responses", "/v1/embeddings", "/v1/messages", "/v2/chat", "/v1/chat", "/v2/embed", "/v2/rerank", "/api/chat",
    "/api/generate", "/api/embed", "/v1beta/models/gemini-2.5-flash:generateContent",
    "/v1beta/models/gemini-2.5-flash:streamGenerateContent", "/v1beta/models/e:batchEmbedContents",
    "/model/us.amazon.nova-lite-v1:0/converse", "/model/m/converse-stream", "/model/m/invoke",
    "/model/m/invoke-with-response-stream",
)  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
def test_paths_of_models_are_captured(path: str) -> None:
    assert re.search(MODEL_PATHS, path)


@pytest.mark.parametrize("path", ["/", "/v1/models", "/v1/files", "/orders", "/v1/traces", "/messages/1", "/model/m"])
def test_other_paths_are_not(path: str) -> None:
    assert not re.search(MODEL_PATHS, path)


def test_a_sample_is_a_share_of_traces_and_the_same_in_every_process() -> None:
    half = policy(0.5)
    taken = [trace for trace in range(10_000) if half.takes(trace)]
    assert 4_800 < len(taken) < 5_200
    assert taken == [trace for trace in range(10_000) if policy(0.5).takes(trace)]
    assert not any(map(policy(0).takes, range(1_000)))
    assert all(map(policy(1).takes, range(1_000)))


@pytest.mark.parametrize(
    "name",
    [
        "Authorization", "Proxy-Authorization", "Cookie", "Set-Cookie", "X-Api-Key", "api-key", "x-goog-api-key",
        "x-amz-security-token", "X-Amz-Signature", "access_token", "client_secret", "key", "password",
    ],
)  # fmt: skip
def test_credentials_are_known_by_name(name: str) -> None:
    assert CREDENTIAL.search(name)


def test_no_header_that_is_kept_looks_like_a_credential() -> None:
    assert [name for name in HEADERS if CREDENTIAL.search(name)] == []


def test_a_url_without_credentials_is_the_same() -> None:
    url = "https://api.example.com:8443/v1/chat?api-version=1&a=%20b"
    assert policy().clean(url).replace("+", "%20") == url
