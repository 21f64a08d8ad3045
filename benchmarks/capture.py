"""What raw capture adds to a model call, in the thread of the event loop and in all.

Run: ``python -m benchmarks.capture [--calls 400] [--rounds 15]``

The floor is the same call of httpx2's asynchronous client over a transport that has the response ready.
"""

import argparse
import asyncio
import json
import time
from collections.abc import AsyncIterator, Sequence
from statistics import median
from typing import Any

import httpx2
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider

from benchmarks.timing import met, table
from pytest_llmreplay import capture

GOAL_US = 50
URL = "https://api.openai.com/v1/chat/completions"
SHAPES = (
    ("2 kB", 2_000, 1),
    ("40 kB", 40_000, 3),
    ("2 kB in 40 chunks", 2_000, 40),
    ("40 kB in 200 chunks", 40_000, 200),
)


class Ready(httpx2.AsyncByteStream):
    """A response that is there already, in chunks."""

    def __init__(self, chunks: list[bytes]) -> None:
        self._chunks = chunks

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self._chunks:
            yield chunk


class Calls:
    """Calls of one shape, each within a span of the application."""

    def __init__(self, size: int, chunks: int) -> None:
        body = json.dumps({"text": "x" * size}).encode()
        step = -(-len(body) // chunks)
        self._chunks = [body[at : at + step] for at in range(0, len(body), step)]
        self._asked = json.dumps({"model": "gpt-4o", "messages": [{"role": "user", "content": "y" * size}]}).encode()
        self.provider = TracerProvider()
        self.provider.add_span_processor(SpanProcessor())  # takes spans and does nothing: exporting is not ours
        self._tracer = self.provider.get_tracer("app")

    async def make(self, count: int) -> None:
        """Some calls, one after the other."""
        headers = {"content-type": "application/json", "authorization": "Bearer none"}
        async with httpx2.AsyncClient() as client:
            with self._tracer.start_as_current_span("answer"):
                for _ in range(count):
                    found = await client.post(URL, content=self._asked, headers=headers)
                    assert found.status_code == 200

    def sender(self) -> Any:
        """What stands in for the transport's method."""

        async def send(_: Any, request: httpx2.Request) -> httpx2.Response:
            assert request.url.host
            return httpx2.Response(200, headers={"content-type": "application/json"}, stream=Ready(self._chunks))

        return send


def sample(calls: Calls, count: int) -> tuple[float, float]:
    """CPU seconds of this thread and of the whole process for one call; capture has finished all its work."""
    begin, begin_all = time.thread_time(), time.process_time()
    asyncio.run(calls.make(count))
    own = time.thread_time() - begin
    assert capture.flush(60)
    return own / count, (time.process_time() - begin_all) / count


def measured(
    size: int, chunks: int, count: int, rounds: int
) -> tuple[list[tuple[float, float]], list[tuple[float, float]]]:
    """Samples without and with capture, in turns."""
    calls = Calls(size, chunks)
    real = httpx2.AsyncHTTPTransport.handle_async_request
    httpx2.AsyncHTTPTransport.handle_async_request = calls.sender()  # type: ignore[method-assign]
    plain, captured = [], []
    try:
        for _ in range(rounds + 1):
            plain.append(sample(calls, count))
            capture.install(tracer_provider=calls.provider, libraries=["httpx2"], redact=lambda text: text)
            captured.append(sample(calls, count))
            assert capture.lost() == 0
            capture.uninstall()
    finally:
        httpx2.AsyncHTTPTransport.handle_async_request = real  # type: ignore[method-assign]
    return plain[1:], captured[1:]


def added(plain: Sequence[tuple[float, float]], captured: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Microseconds beyond the floor: medians of the differences of neighbours, for the machine changes meanwhile."""
    both = list(zip(plain, captured, strict=True))
    own, everything = (median(with_it[kind] - without[kind] for without, with_it in both) * 1e6 for kind in (0, 1))
    return own, everything


def main() -> None:
    """Print what a call pays."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=400)
    parser.add_argument("--rounds", type=int, default=15)
    given = parser.parse_args()
    rows, worst = [], 0.0
    for label, size, chunks in SHAPES:
        plain, captured = measured(size, chunks, given.calls, given.rounds)
        floor, _ = (median(each) * 1e6 for each in zip(*plain, strict=True))
        own, everything = added(plain, captured)
        worst = max(worst, own)
        rows.append([label, f"{floor:.0f} µs", f"{own:+.1f} µs", f"{everything:+.0f} µs"])
    print("\nRaw capture, per call")
    table(["request and response", "plain call (floor)", "in the event loop", "in all threads"], rows)
    print(f"in the event loop: {met(worst, GOAL_US)} µs")


if __name__ == "__main__":
    main()
