"""Dummy keys in, proxies out, and all as it was before in the end."""

import os

import pytest

from pytest_llmreplay.replay.environment import DUMMIES, DUMMY, Environment


def test_what_is_missing_is_set_and_taken_out_again(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in DUMMIES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ANTHROPIC_API_KEY", "own")
    monkeypatch.setenv("OPENAI_API_KEY", "")
    monkeypatch.setenv("https_proxy", "http://proxy.example.com")
    before = dict(os.environ)
    environment = Environment()
    environment.enter()
    environment.enter()
    assert os.environ["ANTHROPIC_API_KEY"] == "own"
    assert os.environ["OPENAI_API_KEY"] == DUMMY
    assert "https_proxy" not in os.environ
    environment.leave()
    assert dict(os.environ) == before
    environment.leave()
    assert dict(os.environ) == before
