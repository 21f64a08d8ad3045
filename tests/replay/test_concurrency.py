"""Many calls at once, through every HTTP library: each gets its own answer, and none leaves the process."""

import asyncio
import json
import queue
import socket
import threading
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import aiohttp
import anyio
import httpx
import httpx2
import pytest
import requests
import urllib3

from pytest_llmreplay.replay.active import active
from pytest_llmreplay.replay.cassette import patches
from pytest_llmreplay.replay.session import ReplaySession
from tests.builders import answered, at, chat, step, user

THREADS, CALLS = 8, 25
TOTAL = THREADS * CALLS
Ask = Callable[[str, dict[str, Any]], Any]
HTTPX, HTTPX2 = httpx.Client(), httpx2.Client()
"""Clients that were made before anything is patched, as those of an application often are."""


class Signal(BaseException):
    """Leaves the application."""


class Listener:
    """A port of this machine that counts who connects."""

    def __init__(self) -> None:
        self.connections = 0
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=256)
        self._socket.settimeout(0.02)
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._count)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}/v1/chat/completions"

    def _count(self) -> None:
        while not self._done.is_set():
            try:
                found, _ = self._socket.accept()
            except TimeoutError:
                continue
            self.connections += 1
            found.close()

    def close(self) -> None:
        self._done.set()
        self._thread.join()
        self._socket.close()


@pytest.fixture
def listener() -> Iterator[Listener]:
    found = Listener()
    yield found
    found.close()


@contextmanager
def replaying(count: int = TOTAL, provider: str = "openai.chat") -> Iterator[ReplaySession]:
    """A replay of as many questions, all asked at the same time."""
    steps = [
        step(
            replace(chat(user(f"Question {n}?")), provider=provider),
            answered(f"Answer {n}."),
            index=n + 1,
            start_ns=at(0),
            end_ns=at(9),
        )
        for n in range(count)
    ]
    session = ReplaySession(lambda: steps, signal=Signal)
    patches.install()
    try:
        with active(session):
            yield session
    finally:
        patches.remove()


def body(number: int) -> dict[str, Any]:
    return {"model": "gpt-4o", "messages": [{"role": "user", "content": f"Question {number}?"}]}


def told(answer: Any) -> str:
    return str(answer["choices"][0]["message"]["content"])


def through_urllib3(url: str, data: dict[str, Any]) -> Any:
    with urllib3.PoolManager() as pool:
        return pool.request("POST", url, json=data).json()


def through_urllib(url: str, data: dict[str, Any]) -> Any:
    request = urllib.request.Request(url, json.dumps(data).encode(), {"content-type": "application/json"})  # noqa: S310
    with urllib.request.urlopen(request) as response:  # noqa: S310
        return json.loads(response.read())


async def with_aiohttp(url: str, data: dict[str, Any]) -> Any:
    async with aiohttp.ClientSession() as client, client.post(url, json=data) as response:
        return await response.json()


LIBRARIES: dict[str, Ask] = {
    "httpx2": lambda url, data: HTTPX2.post(url, json=data).json(),
    "httpx": lambda url, data: HTTPX.post(url, json=data).json(),
    "requests": lambda url, data: requests.post(url, json=data, timeout=9).json(),
    "urllib3": through_urllib3,
    "urllib": through_urllib,
    "aiohttp": lambda url, data: asyncio.run(with_aiohttp(url, data)),
}


@pytest.mark.parametrize("library", LIBRARIES)
def test_eight_threads_with_twenty_five_calls_each(library: str, listener: Listener) -> None:
    ask = LIBRARIES[library]
    with replaying() as session, ThreadPoolExecutor(THREADS) as pool:
        said = list(pool.map(lambda number: told(ask(listener.url, body(number))), reversed(range(TOTAL))))
    assert said == [f"Answer {number}." for number in reversed(range(TOTAL))]
    assert [match.verdict for match in session.recording.matches] == ["same"] * TOTAL
    assert {match.step.index for match in session.recording.matches if match.step} == set(range(1, TOTAL + 1))
    assert listener.connections == 0


@pytest.mark.parametrize("shared", [True, False], ids=["one client", "a client each"])
def test_eight_threads_of_boto3(shared: bool, listener: Listener, monkeypatch: pytest.MonkeyPatch) -> None:
    import boto3

    keys = {"aws_access_key_id": "none", "aws_secret_access_key": "none", "region_name": "us-east-1"}

    def client() -> Any:
        url = listener.url.partition("/v1")[0]
        return boto3.session.Session(**keys).client("bedrock-runtime", endpoint_url=url)

    def ask(number: int) -> str:
        messages = [{"role": "user", "content": [{"text": f"Question {number}?"}]}]
        said = (one or client()).converse(modelId="gpt-4o", messages=messages)
        return str(said["output"]["message"]["content"][0]["text"])

    one = client() if shared else None
    total = TOTAL if shared else THREADS * 3  # a client takes long to make
    with replaying(total, "bedrock.converse"), ThreadPoolExecutor(THREADS) as pool:
        assert list(pool.map(ask, range(total))) == [f"Answer {number}." for number in range(total)]
    assert listener.connections == 0


def test_the_listener_sees_a_call_that_is_not_replayed(listener: Listener) -> None:
    with pytest.raises(httpx.TransportError):
        LIBRARIES["httpx"](listener.url, body(0))
    assert listener.connections == 1


@pytest.mark.parametrize("library", ["httpx", "httpx2", "aiohttp"])
def test_asyncio_gather(library: str, listener: Listener) -> None:
    async def main() -> list[str]:
        if library == "aiohttp":
            return [
                told(each) for each in await asyncio.gather(*(with_aiohttp(listener.url, body(n)) for n in range(50)))
            ]
        async with {"httpx": httpx, "httpx2": httpx2}[library].AsyncClient() as client:
            found = await asyncio.gather(*(client.post(listener.url, json=body(n)) for n in range(50)))
            return [told(each.json()) for each in found]

    with replaying(50):
        assert asyncio.run(main()) == [f"Answer {n}." for n in range(50)]
    assert listener.connections == 0


def test_an_anyio_task_group(listener: Listener) -> None:
    said: dict[int, str] = {}

    async def ask(client: httpx.AsyncClient, number: int) -> None:
        said[number] = told((await client.post(listener.url, json=body(number))).json())

    async def main() -> None:
        async with httpx.AsyncClient() as client, anyio.create_task_group() as group:
            for number in range(50):
                group.start_soon(ask, client, number)

    with replaying(50):
        anyio.run(main)
    assert said == {number: f"Answer {number}." for number in range(50)}
    assert listener.connections == 0


def test_a_thread_that_was_started_before(listener: Listener) -> None:
    asked: queue.Queue[int | None] = queue.Queue()
    answers: queue.Queue[str] = queue.Queue()

    def work() -> None:
        while (number := asked.get()) is not None:
            answers.put(told(LIBRARIES["requests"](listener.url, body(number))))

    thread = threading.Thread(target=work)
    thread.start()
    with replaying(5):
        for number in range(5):
            asked.put(number)
        said = [answers.get(timeout=10) for _ in range(5)]
        asked.put(None)
        thread.join()
    assert said == [f"Answer {number}." for number in range(5)]
    assert listener.connections == 0


def test_equal_calls_at_once_are_answered_each_once() -> None:
    steps = [step(chat(user("same")), answered(str(n)), index=n + 1, start_ns=at(0), end_ns=at(9)) for n in range(50)]
    session = ReplaySession(lambda: steps, signal=Signal)
    with ThreadPoolExecutor(THREADS) as pool, active(session):
        found = list(pool.map(lambda _: session.ask(chat(user("same"))), range(50)))
    assert sorted(int(told_of(each)) for each in found) == list(range(50))
    assert len(session.recording.ambiguities) == 49


def told_of(answer: Any) -> str:
    return str(answer.answer.choices[0].parts[0].content)
