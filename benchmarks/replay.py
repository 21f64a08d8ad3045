"""Cost of a replayed call against an in-memory transport that returns the same bytes at once.

Run: ``python -m benchmarks.replay [--calls 400]``
"""

import argparse
from collections.abc import Callable
from dataclasses import dataclass, replace
from statistics import median
from typing import Any

import httpx2
from openai import DefaultHttpxClient, OpenAI

from benchmarks.timing import Pair, met, seconds, slope, table
from pytest_llmreplay.model.call import Answer, Choice, Known, Text, Usage
from pytest_llmreplay.model.trace import Step
from pytest_llmreplay.model.wire import WireRequest
from pytest_llmreplay.providers.openai_chat import OpenAIChat
from pytest_llmreplay.replay import active
from pytest_llmreplay.replay.cassette import patches
from pytest_llmreplay.replay.guard import guard
from pytest_llmreplay.replay.session import ReplaySession

STEPS = (1, 10, 100, 1000)
WARM_UP = 20
SIZES = {"2 kB": 2_000, "40 kB": 40_000}
GOAL, FLAT = 1.15, 0.03
URL = "https://api.openai.com/v1/chat/completions"
WORDS = "the order was sent on Monday and the customer asks when it arrives at “Straße 7”\nanswer in one line "
PROVIDER = OpenAIChat()
KNOWN = Known(parameters=frozenset({"temperature", "max_tokens"}), lost=frozenset({"tool_options", "model_vendor"}))
"""What a span with GenAI attributes knows."""


class Memory(httpx2.BaseTransport):
    """The floor: answers lie ready."""

    def __init__(self) -> None:
        self.headers: dict[str, str] = {}
        self.body = b""

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Take the request's bytes, as a transport must, and give the answer."""
        request.read()
        return httpx2.Response(200, headers=self.headers, stream=httpx2.ByteStream(self.body))


@dataclass(frozen=True)
class Exchange:
    """One request with what answers it on either side."""

    arguments: dict[str, Any]
    step: Step
    headers: dict[str, str]
    body: bytes


def exchange(index: int, size: int, stream: bool) -> Exchange:
    """A conversation of about ``size`` bytes, and an answer of a paragraph."""
    filler = (WORDS * (size // len(WORDS) + 1))[: size // 4]
    messages = [
        {"role": "system", "content": f"You answer briefly. {filler}"},
        {"role": "user", "content": f"Context {index}: {filler}"},
        {"role": "assistant", "content": filler},
        {"role": "user", "content": f"Question {index}? {filler}"},
    ]
    arguments: dict[str, Any] = {"model": "gpt-4.1-mini", "messages": messages, "temperature": 0.2, "max_tokens": 512}
    if stream:
        arguments |= {"stream": True, "stream_options": {"include_usage": True}}
    call = PROVIDER.call_of_body(arguments)
    answer = Answer(
        choices=(Choice(parts=(Text(f"Answer {index}: {WORDS * 4}"),), finish_reason="stop"),),
        provider=PROVIDER.name,
        model="gpt-4.1-mini-2025-04-14",
        id=f"chatcmpl-{index}",
        usage=Usage(input=size // 4, output=120),
        created=1_767_225_600,
        seed=str(index),
    )
    step = Step(
        index=index + 1,
        span_id=f"{index:016x}",
        parent_id=None,
        name="chat",
        call=replace(call, known=KNOWN),
        answer=answer,
        start_ns=index,
        end_ns=index + 1,
        dialect="genai",
    )
    wire = PROVIDER.answer(call, answer)
    return Exchange(arguments, step, dict(wire.headers), wire.body)


def asked(client: OpenAI, arguments: dict[str, Any]) -> str:
    """Ask as an application does, and read the answer to its end."""
    answer = client.chat.completions.create(**arguments)
    if "stream" not in arguments:
        return answer.choices[0].message.content or ""
    return "".join(chunk.choices[0].delta.content or "" for chunk in answer if chunk.choices)


@dataclass(frozen=True)
class Cell:
    """The figures of one combination."""

    calls: Pair
    first: list[float]
    """Reading and indexing the recorded steps, which the first call of a session waits for; seconds a step."""

    @property
    def whole(self) -> float:
        """Ratio with the indexing shared out among the calls."""
        return (median(self.calls.ours) + median(self.first)) / median(self.calls.floor)


def cell(steps: int, size: int, stream: bool, calls: int) -> Cell:
    """Sessions one after the other until enough calls are made; each call beside its floor."""
    memory = Memory()
    floor = OpenAI(api_key="none", max_retries=0, http_client=DefaultHttpxClient(transport=memory))
    ours = OpenAI(api_key="none", max_retries=0)
    exchanges = [exchange(index, size, stream) for index in range(steps)]
    found = Cell(Pair(), [])
    warm_up = -(-WARM_UP // steps)
    for number in range(warm_up + -(-calls // steps)):
        chosen = exchanges if number >= warm_up else exchanges[:WARM_UP]
        pair = found.calls if number >= warm_up else Pair()
        session = ReplaySession(lambda: [each.step for each in exchanges], signal=AssertionError)
        found.first.append(seconds(indexing(session)) / steps)
        with active.active(session):
            for each in chosen:
                memory.headers, memory.body = each.headers, each.body
                pair.add(asking(floor, each), asking(ours, each))
        assert len(session.recording.matches) == len(chosen)
        assert not session.recording.refusals
    return found


def asking(client: OpenAI, each: Exchange) -> Callable[[], str]:
    """One call, to be timed."""
    return lambda: asked(client, each.arguments)


def indexing(session: ReplaySession) -> Callable[[], object]:
    """What the first call of a session waits for, to be timed."""
    return lambda: session.index


def same_bytes(size: int, stream: bool) -> None:
    """Both sides give the SDK the same bytes."""
    each = exchange(0, size, stream)
    seen = PROVIDER.call(WireRequest("POST", URL, httpx2.Request("POST", URL, json=each.arguments).read()))
    assert PROVIDER.answer(seen, each.step.answer).body == each.body


def main() -> None:
    """Print a ratio for each cell, and for each row the slope of the ratio in the number of steps."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=400, help="calls in each cell, at least")
    calls = parser.parse_args().calls
    patches.install()
    guard.install(())
    rows, every, slopes = [], [], []
    for label, size in SIZES.items():
        for stream in (False, True):
            same_bytes(size, stream)
            cells = [cell(steps, size, stream, calls) for steps in STEPS]
            every += [each.calls.ratio for each in cells]
            slopes.append(slope(STEPS, [each.calls.ratio for each in cells]))
            floors = slope(STEPS, [median(each.calls.floor) for each in cells])
            rows.append(
                [
                    f"{label}, {'stream' if stream else 'plain'}",
                    f"{median(cells[0].calls.floor) * 1e3:.2f} ms",
                    *(f"{each.calls.ratio:.2f} ({each.whole:.2f})" for each in cells),
                    f"{slopes[-1]:+.3f} ({floors:+.3f})",
                ]
            )
    print("\nReplayed call in floors; in brackets with reading and indexing the trace shared out among its calls")
    table(["messages", "floor", *(f"K = {each}" for each in STEPS), "slope (of the floor itself)"], rows)
    print(f"worst cell {max(every):.2f}: {met(max(every), GOAL)}")
    print(f"worst slope {max(slopes):+.3f}: {met(max(slopes), FLAT)}")


if __name__ == "__main__":
    main()
