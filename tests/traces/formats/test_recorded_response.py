"""Responses of models in JSON files, as mock servers keep them."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from pytest_llmreplay.replay.active import active
from pytest_llmreplay.replay.cassette import patches
from pytest_llmreplay.replay.session import ReplaySession
from tests.builders import catalog, problems
from tests.loopback import COMPLETION, MESSAGE, MESSAGE_STREAM, RESPONSE, chunks


class Signal(BaseException):
    """Leaves the application."""


def head(body: bytes, kind: str = "application/json") -> bytes:
    return json.dumps({"status": 200, "headers": {"content-type": kind}, "body": body.decode()}, indent=2).encode()


def dumped(body: dict[str, Any]) -> bytes:
    return json.dumps(body, indent=2).encode()


EVENTS = "text/event-stream"
CASES = {
    "completion": (dumped(COMPLETION), "openai.chat", dumped(COMPLETION)),
    "response": (dumped(RESPONSE), "openai.responses", dumped(RESPONSE)),
    "message": (head(dumped(MESSAGE)), "anthropic.messages", dumped(MESSAGE)),
    "message, streamed": (head(MESSAGE_STREAM, EVENTS), "anthropic.messages", MESSAGE_STREAM),
    "completion, streamed": (head(chunks(), EVENTS), "openai.chat", chunks()),
}


@pytest.mark.parametrize(("data", "provider", "body"), CASES.values(), ids=CASES)
def test_a_response_is_a_trace_of_one_step(tmp_path: Path, data: bytes, provider: str, body: bytes) -> None:
    found = catalog(tmp_path, data, "second-call.json")
    trace = found.handles[0].open()
    (step,) = trace.steps
    assert (problems(found), trace.name, step.call.provider) == ([], "second-call", provider)
    assert step.raw is not None
    assert step.raw.response.body == body


def test_it_answers_whatever_is_asked_of_its_api(tmp_path: Path) -> None:
    steps = catalog(tmp_path, CASES["completion"][0], "a.json").handles[0].open().steps
    patches.install()
    try:
        with active(ReplaySession(lambda: steps, signal=Signal)):
            url = "https://api.openai.com/v1/chat/completions"
            told = httpx.post(url, json={"model": "m", "messages": [{"role": "user", "content": "Anything?"}]})
    finally:
        patches.remove()
    assert told.content == dumped(COMPLETION)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b'{"status": 200, "headers": {}, "body": "hello"}', "not a trace: no provider gives such an answer"),
        (b'{"id": "1", "type": "message"}', "not a trace: no provider gives such an answer"),
        (b'{"id": "1", "object": "chat.completion", "choices": [', "not JSON, or cut off"),
    ],
)
def test_a_file_that_is_none_is_named(tmp_path: Path, data: bytes, told: str) -> None:
    found = catalog(tmp_path, data, "a.json")
    assert (found.handles, problems(found)) == ([], [f"a.json:1: {told}"])
