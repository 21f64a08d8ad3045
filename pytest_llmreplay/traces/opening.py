"""One trace, read from where it lies: its spans and log records, piece by piece. PYTEST_DONT_REWRITE"""

import os
from collections.abc import Iterator

from pytest_llmreplay import registry
from pytest_llmreplay.errors import TraceError
from pytest_llmreplay.model.trace import Contents, LogRecord, Span
from pytest_llmreplay.traces.assemble import assemble
from pytest_llmreplay.traces.catalog import Handle, IndexedFile
from pytest_llmreplay.traces.formats.protocol import WHOLE_RECORD, Malformed, Problem, TraceFormat
from pytest_llmreplay.traces.index import Row
from pytest_llmreplay.traces.uploads import REFERENCES, with_uploads

READING = os.O_RDONLY | getattr(os, "O_BINARY", 0)


def contents(handle: Handle) -> Contents:
    """The decoded inside of a trace. Raises TraceError where the files no longer hold it."""
    return assemble(handle.trace_id, items(handle))


def items(handle: Handle) -> Iterator[Span | LogRecord | Problem | Contents]:
    """The spans and log records of a trace, piece by piece, and what of them cannot be read. Raises TraceError."""
    wanted = handle.trace_id
    for file, row in handle.rows:
        line = row.first_line
        container: TraceFormat = registry.load("formats", file.container)
        try:
            for data, context, line in pieces(file, row):
                for item in container.decode(data, context):
                    if isinstance(item, Span):
                        if item.trace_id == wanted:
                            named = not REFERENCES.isdisjoint(item.attributes)
                            yield with_uploads(item, file.source.path) if named else item
                    elif isinstance(item, Malformed):
                        yield Problem(file.source.name, line, item.reason)
                    elif isinstance(item, Contents) or item.trace_id == wanted:
                        yield item
        except (OSError, ValueError) as error:
            raise TraceError(f"trace {wanted}: {file.source.name}:{line}: {error}") from None


def pieces(file: IndexedFile, row: Row) -> Iterator[tuple[bytes, bytes | None, int]]:
    """Bytes, context and line of each piece of a trace; one of no bytes lies in the index whole. Raises OSError."""
    contexts, places = file.index.contexts, row.pieces
    if not places[0][1]:
        yield from ((b"", contexts[context], line) for _, _, line, context in places)
        return
    descriptor = os.open(file.source.path, READING)  # a file object would cost as much as decoding two spans
    try:
        for offset, length, line, context in places:
            os.lseek(descriptor, offset, os.SEEK_SET)
            yield exactly(descriptor, length), None if context == WHOLE_RECORD else contexts[context], line
    finally:
        os.close(descriptor)


def exactly(descriptor: int, length: int) -> bytes:
    """So many bytes of an open file, or what is left of it: systems give less than was asked for beyond 2 GiB."""
    data = os.read(descriptor, length)
    while len(data) < length and (more := os.read(descriptor, length - len(data))):
        data += more
    return data
