"""Made-up traces of agents with retrieval, as OTLP/JSON lines: 7 to 15 spans and about 23 kB each.

Run: ``python -m benchmarks.traces OUT [--traces 10000]``
"""

import argparse
import random
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import msgspec

START = 1_767_225_600_000_000_000
VOWELS, CONSONANTS = "aeiou", "bdfgklmnprstvz"
EXTRAS = ("naïve", "Straße", "東京", '"quoted"', "a\\b", "12,50 €", "line.\nnext")
TOOLS = ("search_orders", "refund_order", "get_weather", "run_sql")
encode = msgspec.json.encode


class Prose:
    """Made-up text with quotes, newlines and letters beyond ASCII; messages are slices of it."""

    def __init__(self, chance: random.Random, length: int = 400_000) -> None:
        syllables = [a + b for a in CONSONANTS for b in VOWELS]
        made = ["".join(chance.choices(syllables, k=chance.randint(1, 4))) for _ in range(3000)]
        words = chance.choices([*made, *EXTRAS * 20], k=length // 5)
        self.text = " ".join(words)
        self.chance = chance

    def __call__(self, shortest: int, longest: int) -> str:
        """A slice; short ones are more frequent."""
        size = int(shortest * (longest / shortest) ** self.chance.random())
        begin = self.chance.randrange(len(self.text) - size)
        return self.text[begin : begin + size]


def value(plain: Any) -> dict[str, Any]:
    """A value as OTLP/JSON writes it."""
    if isinstance(plain, list):
        return {"arrayValue": {"values": [value(each) for each in plain]}}
    if isinstance(plain, float):
        return {"doubleValue": plain}
    return {"intValue": str(plain)} if isinstance(plain, int) else {"stringValue": plain}


class Writer:
    """Makes one trace after the other."""

    def __init__(self, seed: int = 11) -> None:
        self.chance = random.Random(seed)
        self.prose = Prose(self.chance)
        self.system = js([{"type": "text", "content": self.prose(500, 600)}])

    def line(self, number: int) -> bytes:
        """One export that holds one whole trace."""
        spans = list(self.spans(number))
        scope = {"name": "opentelemetry.instrumentation.openai_v2", "version": "2.4b0"}
        resource = {"attributes": [{"key": "service.name", "value": value("assistant")}]}
        inner = [{"scope": scope, "spans": spans}]
        return encode({"resourceSpans": [{"resource": resource, "scopeSpans": inner}]}) + b"\n"

    def spans(self, number: int) -> Iterator[dict[str, Any]]:
        """Retrieval, then turns of model and tool, then the root around them."""
        trace, root = f"{self.chance.getrandbits(128):032x}", f"{self.chance.getrandbits(64):016x}"
        clock = count(START + number * 40_000_000, 1_500_000)
        begin = next(clock)

        def span(name: str, attributes: dict[str, Any]) -> dict[str, Any]:
            return {
                "traceId": trace,
                "spanId": f"{self.chance.getrandbits(64):016x}",
                "parentSpanId": root,
                "name": name,
                "kind": 3,
                "startTimeUnixNano": str(next(clock)),
                "endTimeUnixNano": str(next(clock)),
                "attributes": [{"key": key, "value": value(each)} for key, each in attributes.items()],
                "status": {},
            }

        question = self.prose(40, 160)
        documents = [{"id": f"doc-{self.chance.randrange(9000)}", "content": self.prose(100, 330)} for _ in range(3)]
        found = {"gen_ai.operation.name": "retrieval", "gen_ai.retrieval.documents": js(documents)}
        yield span("retrieval kb", {**found, "gen_ai.retrieval.query.text": question})
        history = [said("user", question), said("user", "\n".join(each["content"] for each in documents))]
        answer = self.prose(100, 600)
        turns = self.chance.randint(2, 6)
        for turn in range(turns, -1, -1):
            wanted = {"query": self.prose(20, 90), "limit": turn}
            tool = self.chance.choice(TOOLS)
            called = {"type": "tool_call", "id": f"call_{number}_{turn}", "name": tool, "arguments": wanted}
            reply = said("assistant", answer) if turn == 0 else {"role": "assistant", "parts": [called]}
            reason = "tool_calls" if turn else "stop"
            yield span("chat gpt-4.1-mini", self.chat(history, reply, reason))
            if turn:
                result = self.prose(80, 500)
                yield span(
                    f"execute_tool {tool}", {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.call.result": result}
                )
                told = {"type": "tool_call_response", "id": called["id"], "response": result}
                history += [reply, {"role": "tool", "parts": [told]}]
        told_of = {"app.input": question, "app.output": answer, "app.request_id": f"req-{number}"}
        whole = span("invoke_agent support", told_of)
        del whole["parentSpanId"]
        yield {**whole, "spanId": root, "startTimeUnixNano": str(begin)}

    def chat(self, history: list[dict[str, Any]], reply: dict[str, Any], reason: str) -> dict[str, Any]:
        """The attributes of a model call."""
        asked = js(history)
        return {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": "openai",
            "gen_ai.request.model": "gpt-4.1-mini",
            "gen_ai.response.model": "gpt-4.1-mini-2025-04-14",
            "gen_ai.response.id": f"chatcmpl-{self.chance.getrandbits(64):x}",
            "gen_ai.request.temperature": 0.2,
            "gen_ai.request.max_tokens": 2048,
            "gen_ai.response.finish_reasons": [reason],
            "gen_ai.usage.input_tokens": len(asked) // 4,
            "gen_ai.usage.output_tokens": 80,
            "gen_ai.system_instructions": self.system,
            "gen_ai.input.messages": asked,
            "gen_ai.output.messages": js([{**reply, "finish_reason": reason}]),
        }


def said(role: str, words: str) -> dict[str, Any]:
    """A message of one text."""
    return {"role": role, "parts": [{"type": "text", "content": words}]}


def js(plain: Any) -> str:
    """JSON text, as attributes carry it."""
    return encode(plain).decode()


def write(path: Path, traces: int = 10_000, megabytes: float = float("inf")) -> int:
    """Write a file of so many traces, or until it is so large; how many there are."""
    writer = Writer()
    with path.open("wb", buffering=1 << 20) as file:
        for number in range(traces):
            if file.tell() >= megabytes * 1e6:
                return number
            file.write(writer.line(number))
    return traces


def main() -> None:
    """Write a file and say how large it is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--traces", type=int, default=10_000)
    given = parser.parse_args()
    count_of = write(given.out, given.traces)
    size = given.out.stat().st_size
    print(f"{given.out}: {count_of:,} traces, {size / 1e6:.1f} MB, {size / count_of / 1e3:.1f} kB each")


if __name__ == "__main__":
    main()
