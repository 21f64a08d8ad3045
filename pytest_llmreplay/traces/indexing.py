"""What traces a file holds, found by scanning it once. PYTEST_DONT_REWRITE"""

from pathlib import Path
from sys import intern

from pytest_llmreplay.traces import roots
from pytest_llmreplay.traces.formats.protocol import Piece, Plain, Problem, Sight, TraceFormat
from pytest_llmreplay.traces.index import PLACE, VERSION, FileIndex, Row, keep, no_cyclic_collection


def new_index(source: Plain, container: TraceFormat, cache: Path) -> FileIndex:
    """The index of a file, scanned now and kept where that is worth it. Raises SourceError."""
    info = source.path.stat()
    with no_cyclic_collection():
        made = build(source, container, info.st_size, info.st_mtime_ns)
    keep(made, source, cache)
    return made


def build(source: Plain, container: TraceFormat, size: int, mtime_ns: int) -> FileIndex:
    """A new index of a file."""
    rows: dict[str, Row] = {}
    places: dict[str, bytearray] = {}
    logs: dict[str, int] = {}
    contexts: list[bytes] = []
    problems: list[tuple[int, str, bool]] = []
    for item in container.scan(source, contexts):
        if isinstance(item, Problem):
            problems.append((item.line, item.reason, item.repaired))
            continue
        trace_id = item.trace_id
        if not trace_id:
            problems.append((item.piece.line, "a span without a trace id", False))
            continue
        if trace_id not in rows:
            rows[trace_id], places[trace_id], logs[trace_id] = Row(trace_id), bytearray(), item.piece.line
        place(places[trace_id], item.piece)
        if not item.is_log:
            logs.pop(trace_id, None)
            add(rows[trace_id], item)
    for trace_id, row in rows.items():
        row.packed = bytes(places.pop(trace_id))
        row.slug = row.slug or roots.slug({}, row.name)
    log_only = [(line, trace_id) for trace_id, line in logs.items()]
    return FileIndex(VERSION, size, mtime_ns, container.name, list(rows.values()), contexts, problems, log_only)


def add(row: Row, sight: Sight) -> None:
    """Take in one span of a row's trace."""
    row.failed = row.failed or sight.failed
    earlier = not row.start or sight.start < row.start
    if sight.is_root and (not row.has_root or earlier):
        row.has_root, row.name = True, intern(sight.name)
        row.slug = roots.slugged(sight.slug) or roots.slug(sight.attributes, sight.name)
        row.status = "error" if sight.failed else "ok" if sight.ok else ""
        row.request = roots.label(sight.attributes, roots.REQUEST)
        row.session = roots.label(sight.attributes, roots.SESSION)
        row.start = sight.start
    elif not row.has_root and (earlier or not row.name):
        row.name, row.start = intern(sight.name), sight.start


def place(packed: bytearray, piece: Piece) -> None:
    """Remember where a part lies; neighbours in one context become one piece."""
    here = PLACE.pack(piece.offset, piece.length, piece.line, piece.context)
    if packed.endswith(here):
        return
    if packed and piece.context >= 0:
        offset, length, line, context = PLACE.unpack_from(packed, len(packed) - PLACE.size)
        if context == piece.context and line == piece.line and piece.offset - (offset + length) == 1:
            del packed[-PLACE.size :]
            here = PLACE.pack(offset, length + 1 + piece.length, line, context)
    packed += here
