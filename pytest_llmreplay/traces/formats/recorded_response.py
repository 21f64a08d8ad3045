"""A response of a model in a JSON file, as mock servers keep them: one trace of one step. PYTEST_DONT_REWRITE

Either the body alone, or ``status``, ``headers`` and ``body`` (text). What was asked is not there, so the step answers
whatever is asked of its API.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from pytest_llmreplay.model.jsonvalue import integer
from pytest_llmreplay.model.trace import Span
from pytest_llmreplay.traces.dialects.raw_exchange import RESPONSE, told_alone
from pytest_llmreplay.traces.formats import _whole
from pytest_llmreplay.traces.formats._lines import BOM
from pytest_llmreplay.traces.formats.protocol import Malformed, Plain, Problem, Sight

SIZE_LIMIT: Final = 64 * 1024 * 1024
"""Bytes of the largest response that is read."""
WHOLE: Final = re.compile(rb'\A\s*\{\s*"status"\s*:\s*\d{3}\s*,\s*"headers"\s*:\s*\{')
BODY: Final = re.compile(rb'\A\s*\{\s*"(?:id|object|model|type|created|choices)"\s*:')
OF_A_MODEL: Final = re.compile(
    rb'"object"\s*:\s*"(?:chat\.completion|text_completion|response)"|"type"\s*:\s*"message"'
)


class RecordedResponse:
    """One file, one trace, one span."""

    name = "recorded-response"

    def recognises(self, head: bytes) -> bool:
        """Status and headers at the start, or the type of a model's answer near it."""
        head = head.removeprefix(BOM)
        return bool(WHOLE.search(head) or (BODY.search(head) and OF_A_MODEL.search(head)))

    def scan(self, source: Plain, contexts: list[bytes]) -> Iterator[Sight | Problem]:
        """The one trace of a file. Raises SourceError for one beyond all size."""
        whole = _whole.read(source, SIZE_LIMIT, "a response")
        name = whole.file.rpartition(".")[0] or whole.file
        try:
            span = span_of(whole.data, whole.trace_id, name)
        except ValueError as error:
            yield Problem(source.name, 1, str(error))
            return
        yield _whole.sight(whole, name, [span], contexts)

    def decode(self, data: bytes, context: bytes | None) -> Sequence[Span | Malformed]:
        """The span of a response."""
        around = json.loads(context or b"{}")
        try:
            return [span_of(data, around["trace_id"], around["name"])]
        except ValueError as error:
            return [Malformed(str(error))]


def span_of(data: bytes, trace_id: str, name: str) -> Span:
    """The span of a response. Raises ValueError for a file that holds none of a model."""
    try:
        found = json.loads(data.removeprefix(BOM))
    except (ValueError, RecursionError):
        raise ValueError("not JSON, or cut off") from None
    values = {RESPONSE + "status": 200, RESPONSE + "headers": "[]", RESPONSE + "body": data.removeprefix(BOM)}
    if isinstance(found, Mapping) and found.keys() >= {"status", "headers", "body"}:
        values = with_head(found)
    if told_alone(values, "") is None:
        raise ValueError("not a trace: no provider gives such an answer")
    status = integer(values[RESPONSE + "status"]) or 0
    return Span(
        trace_id=trace_id,
        span_id="1",
        parent_id=None,
        name=name,
        start_ns=0,
        end_ns=0,
        status="error" if status >= 400 else "ok",
        attributes=values,
    )


def with_head(found: Mapping[str, Any]) -> dict[str, Any]:
    """The attributes of a response with its head."""
    body, headers = found["body"], found["headers"]
    return {
        RESPONSE + "status": found["status"],
        RESPONSE + "headers": json.dumps([list(each) for each in headers.items()] if isinstance(headers, dict) else []),
        RESPONSE + "body": body.encode() if isinstance(body, str) else json.dumps(body).encode(),
    }
