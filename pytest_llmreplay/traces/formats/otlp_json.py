"""OTLP/JSON: lines as the Collector's file exporter writes them, or one document. PYTEST_DONT_REWRITE"""

import mmap
from collections.abc import Iterator, Sequence

import msgspec
from msgspec import Raw

from pytest_llmreplay.model.trace import LogRecord, Span
from pytest_llmreplay.traces.formats._lines import BOM, lines
from pytest_llmreplay.traces.formats._otlp_index import scan_record
from pytest_llmreplay.traces.formats._otlp_loose import one_by_one, parses
from pytest_llmreplay.traces.formats._otlp_messages import full_export, full_spans
from pytest_llmreplay.traces.formats._otlp_spans import context_in, spans_of, unpacked
from pytest_llmreplay.traces.formats.protocol import Malformed, Plain, Problem, Sight

DOCUMENT_LIMIT = 2 * 1024 * 1024 * 1024
"""Bytes of the largest file that is read as one document."""


class OtlpJson:
    """OTLP/JSON, one export a line or a whole document."""

    name = "otlp-json"

    def recognises(self, head: bytes) -> bool:
        """JSON begins with a brace or a bracket."""
        return head.removeprefix(BOM).lstrip(b" \t\r\n")[:1] in (b"{", b"[")

    def scan(self, source: Plain, contexts: list[bytes]) -> Iterator[Sight | Problem]:
        """Every span and log record of a file."""
        known: dict[bytes, int] = {}
        for item in records(source):
            if isinstance(item, Problem):
                yield item
            else:
                offset, number, data = item
                yield from scan_record(source.name, offset, number, data, contexts, known)

    def decode(self, data: bytes, context: bytes | None) -> Sequence[Span | LogRecord | Malformed]:
        """The spans and log records of a piece."""
        try:
            if context is None:
                return unpacked(full_export(data))
            return spans_of(full_spans(b"[" + data + b"]"), *context_in(context))
        except (msgspec.MsgspecError, RecursionError, UnicodeError):
            return list(one_by_one(data, context))


def records(source: Plain) -> Iterator[tuple[int, int, bytes] | Problem]:
    """The exports of a file: its lines, or the file itself where the first line is no JSON but the whole is."""
    first = True
    for item in lines(source):
        if first and not isinstance(item, Problem):
            first = False
            if not parses(item[2]) and source.size <= DOCUMENT_LIMIT:
                whole = document(source)
                if whole is not None:
                    yield source.size - len(whole), 1, whole
                    return
        yield item


def document(source: Plain) -> bytes | None:
    """The whole file if it is one JSON document of more than a line, else None."""
    with source.path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as view:
        start = len(BOM) if view[: len(BOM)] == BOM else 0
        with memoryview(view) as buffer, buffer[start:] as body:
            try:
                msgspec.json.decode(body, type=Raw)
            except (msgspec.MsgspecError, RecursionError, UnicodeError):
                return None
            return bytes(body)
