"""Case files as a trace format: what was written down of a trace is a trace again. PYTEST_DONT_REWRITE"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import msgspec

from pytest_llmreplay.model.trace import Contents
from pytest_llmreplay.snapshots.casecontents import contents_of, nanoseconds
from pytest_llmreplay.snapshots.caseshape import CaseFile
from pytest_llmreplay.traces.formats.protocol import WHOLE_RECORD, Piece, Plain, Problem, Sight

DECODER = msgspec.msgpack.Decoder(CaseFile)


class CaseFiles:
    """One trace a file. The typed value lies in the index, so that an unchanged file is parsed once.

    YAML's reader is imported by the first file that is not in the index.
    """

    name = "case-file"
    keeps_index = True

    def recognises(self, head: bytes) -> bool:
        """The name of the schema among the first lines."""
        return b"schema/llmcase-" in head or (b"$schema:" in head and b"llmcase" in head)

    def scan(self, source: Plain, contexts: list[bytes]) -> Iterator[Sight | Problem]:
        """The one trace of a file, or what is wrong with it."""
        from pytest_llmreplay.snapshots.caseread import CaseProblems, read_case

        data = source.path.read_bytes()
        try:
            file, contents = read_case(data)
        except CaseProblems as error:
            for each in error.problems:
                yield Problem(source.name, each.line, each.reason)
            return
        try:
            contexts.append(msgspec.msgpack.encode(file))
            piece = Piece(0, 0, 1, 0)
        except OverflowError:  # an integer that no cache holds
            piece = Piece(0, len(data), 1, WHOLE_RECORD)
        yield Sight(
            file.trace.id,
            piece,
            is_root=True,
            name=contents.name,
            slug=file.title or "",
            failed=contents.status == "error",
            ok=contents.status == "ok",
            start=nanoseconds(file.trace.time),
            attributes=labels(file),
        )

    def decode(self, data: bytes, context: bytes | None) -> Sequence[Contents]:
        """The inside of a file's trace."""
        file = of_bytes(data) if context is None else DECODER.decode(context)
        redacted = b"[redacted:" in (data if context is None else context)
        contents = contents_of(file)
        return [replace(contents, redacted_with=file.trace.id) if redacted else contents]


def of_bytes(data: bytes) -> CaseFile:
    """The typed value of a file that no cache holds."""
    from pytest_llmreplay.snapshots.caseread import read_case

    return read_case(data)[0]


def labels(file: CaseFile) -> dict[str, object]:
    """What an index lists of a trace, under the names that root spans give it."""
    values = {"app.input": file.input or (file.positional or [None])[0]}
    ids = {"request_id": file.trace.request, "session.id": file.trace.session}
    return {name: value for name, value in {**values, **ids}.items() if value is not None}
