"""A file's lines with their places, in bounded memory. PYTEST_DONT_REWRITE"""

from collections.abc import Iterator

from pytest_llmreplay.traces.formats.protocol import Plain, Problem

LINE_LIMIT = 512 * 1024 * 1024
"""Bytes of the longest line that is read; a longer one is named and passed over."""
BLOCK = 1 << 20
BOM = b"\xef\xbb\xbf"


def lines(source: Plain) -> Iterator[tuple[int, int, bytes] | Problem]:
    """Offset, number (from 1) and bytes of each line that is not blank. Split at LF alone, as JSON lines are."""
    with source.path.open("rb", buffering=BLOCK) as file:
        offset, number = 0, 0
        while line := file.readline(LINE_LIMIT + 1):
            number += 1
            begin, length = offset, len(line)
            offset += length
            if length > LINE_LIMIT:
                while line and not line.endswith(b"\n"):
                    line = file.readline(BLOCK)
                    offset += len(line)
                yield Problem(source.name, number, f"the line is longer than {LINE_LIMIT >> 20} MiB")
                continue
            if begin == 0 and line.startswith(BOM):
                line = line[len(BOM) :]
                begin += len(BOM)
            if not line.isspace() and line:
                yield begin, number, line
