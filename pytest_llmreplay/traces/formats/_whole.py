"""Files that are one trace each and are read as a whole. PYTEST_DONT_REWRITE"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath

from pytest_llmreplay.errors import SourceError
from pytest_llmreplay.model.trace import Span
from pytest_llmreplay.traces.formats.protocol import Piece, Plain, Sight


@dataclass(frozen=True, slots=True)
class Whole:
    """All of a file."""

    data: bytes
    file: str
    """Its name without folders."""
    trace_id: str
    """Made of that name and the content: it stays when folders move, and copies of a file are one trace."""


def read(source: Plain, limit: int, what: str) -> Whole:
    """A file of at most ``limit`` bytes. Raises SourceError, which says ``what`` it is, for a larger one."""
    if source.size > limit:
        raise SourceError(f"{source.name}: {what} of more than {limit >> 20} MiB")
    data = source.path.read_bytes()
    file = PurePath(source.name).name
    return Whole(data, file, hashlib.sha256(file.encode("utf-8", "replace") + b"\0" + data).hexdigest()[:32])


def sight(whole: Whole, name: str, spans: Sequence[Span], contexts: list[bytes]) -> Sight:
    """The trace of a file, as one piece; its id and its name go with the piece."""
    contexts.append(json.dumps({"trace_id": whole.trace_id, "name": name}).encode())
    failed = any(span.status == "error" for span in spans)
    return Sight(
        whole.trace_id,
        Piece(0, len(whole.data), 1, len(contexts) - 1),
        is_root=True,
        name=name,
        failed=failed,
        ok=not failed,
        start=spans[0].start_ns,
    )
