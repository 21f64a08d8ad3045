"""Every production trace under traces/ is one test."""

import os
from typing import Any

import openai
import pytest

from support_bot.app import support


@pytest.fixture(autouse=True)
def api_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the SDK a key, for it wants one even where nothing is sent."""
    monkeypatch.setenv("OPENAI_API_KEY", os.environ.get("OPENAI_API_KEY") or "replayed")


@pytest.mark.llm_replay(traces="traces")
def test_support(llm_trace: Any, llm_replay: Any) -> None:
    """The bot says today what it said in production, and fails where it failed."""
    if llm_trace.status == "error":
        with pytest.raises(openai.RateLimitError):
            llm_replay.run(support)
    else:
        assert llm_replay.run(support) == llm_trace.output
