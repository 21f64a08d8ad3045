"""All traces that the user named, as slim handles; each is opened when a test needs it. PYTEST_DONT_REWRITE"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import msgspec

from pytest_llmreplay.errors import SourceError
from pytest_llmreplay.traces.formats.protocol import Plain, Problem
from pytest_llmreplay.traces.index import FileIndex, Row, kept_index
from pytest_llmreplay.traces.kept import KeptIndexes
from pytest_llmreplay.traces.source import files, plain, recognised

if TYPE_CHECKING:
    from pytest_llmreplay.model.trace import Contents, Trace
    from pytest_llmreplay.traces.select import Selection

SHORTEST_ID = 4
"""Hex digits of the trace id in a test id, at least."""


@dataclass(frozen=True, slots=True)
class IndexedFile:
    """A file with its index."""

    source: Plain
    container: str
    index: FileIndex


class Handle(msgspec.Struct, eq=False, gc=False):
    """One trace: its id, and where it lies. The parameter of a test.

    The cyclic collector passes over it: there are many thousand, and they hold nothing that leads back to them.
    """

    file: IndexedFile
    row: Row
    more: tuple[tuple[IndexedFile, Row], ...] = ()
    """Where the rest lies, if it is scattered over several files."""

    def __repr__(self) -> str:
        return f"<trace {self.trace_id[:12]}>"

    @property
    def rows(self) -> tuple[tuple[IndexedFile, Row], ...]:
        """Every file with a part of the trace, and where in it."""
        return ((self.file, self.row), *self.more)

    @property
    def trace_id(self) -> str:
        """The trace id, in lower-case hex."""
        return self.row.trace_id

    @property
    def head(self) -> Row:
        """The row that tells most: one with a root, else the one that starts first."""
        if not self.more:
            return self.row
        return min((row for _, row in self.rows), key=lambda row: (not row.has_root, not row.name, row.start))

    @property
    def name(self) -> str:
        """The root span's name."""
        return self.head.name

    @property
    def status(self) -> str:
        """``error`` or ``ok``."""
        said = {row.status for _, row in self.rows}
        if "error" in said or ("ok" not in said and any(row.failed for _, row in self.rows)):
            return "error"
        return "ok"

    @property
    def source(self) -> str:
        """``file:line`` of the first piece."""
        return f"{self.file.source.name}:{self.row.first_line}"

    def request_id(self) -> str | None:
        """The application's request id; opens the trace where its root does not say."""
        return self.head.request or self.open().request_id

    def session_id(self) -> str | None:
        """The conversation that the request belongs to; opens the trace where its root does not say."""
        return self.head.session or self.open().session_id

    @property
    def slug(self) -> str:
        """The readable part of the test id."""
        return self.head.slug if self.more else self.row.slug

    def open(self) -> "Trace":
        """The trace. Its inside is decoded when it is first looked at."""
        from pytest_llmreplay.model.trace import Trace

        return Trace(self.trace_id, self.source, self.contents)

    def contents(self) -> "Contents":
        """The decoded inside. Raises TraceError where the files no longer hold it."""
        from pytest_llmreplay.traces.opening import contents

        return contents(self)


@dataclass(slots=True)
class Catalog:
    """The traces of several files, and what could not be read."""

    handles: list[Handle] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    """Files of a folder that are of no trace format."""
    locations: tuple[str, ...] = ()

    def selected(self, selections: "Sequence[Selection]") -> list[Handle]:
        """The traces that meet all conditions."""
        if not selections:
            return list(self.handles)
        from pytest_llmreplay.traces.select import selected

        return selected(self.handles, selections)


def load_catalog(locations: Iterable[str], base: Path, cache: Path) -> Catalog:
    """The traces below some paths. Raises SourceError where a path has nothing to read."""
    catalog = Catalog(locations=tuple(locations))
    rows: dict[str, Handle] = {}
    logs: dict[str, list[tuple[IndexedFile, Row]]] = {}
    seen: set[Path] = set()
    kept = KeptIndexes(cache)
    for location in catalog.locations:
        for path, named in files(location, base):
            real = path.resolve()
            if real not in seen:
                seen.add(real)
                add_file(catalog, path, named, base, cache, kept, rows, logs)
    kept.save()
    for trace_id, found in logs.items():
        if trace_id in rows:
            rows[trace_id].more += tuple(found)
    catalog.problems += unjoined(logs, rows)
    catalog.handles = list(rows.values())
    return catalog


def add_file(
    catalog: Catalog,
    path: Path,
    named: bool,
    base: Path,
    cache: Path,
    kept: KeptIndexes,
    rows: dict[str, Handle],
    logs: dict[str, list[tuple[IndexedFile, Row]]],
) -> None:
    """Add one file's traces. A file that the user did not name himself and that is of no format is only noted."""
    name = shown(path, base)
    try:
        file = indexed(path, name, cache, kept)
    except SourceError as error:
        if named and not path.name.endswith(CASE_SUFFIX):
            raise
        if path.suffix.lower() in TRACE_SUFFIXES or path.name.endswith(CASE_SUFFIX):
            catalog.problems.append(Problem(name, 0, str(error).removeprefix(f"{name}: ")))
        else:
            catalog.skipped.append(name)
        return
    index = file.index
    catalog.problems += [Problem(name, line, reason, repaired) for line, reason, repaired in index.problems]
    without_spans = {trace_id for _, trace_id in index.log_only}
    for row in index.rows:
        if row.trace_id in without_spans:
            logs.setdefault(row.trace_id, []).append((file, row))
        elif row.trace_id not in rows:
            rows[row.trace_id] = Handle(file, row)
        elif other := next((each for each, _ in rows[row.trace_id].rows if whole(each) and whole(file)), None):
            reason = f"trace {row.trace_id[:12]} is in {other.source.name} already; this one was not read"
            catalog.problems.append(Problem(name, row.first_line, reason))
        else:
            rows[row.trace_id].more += ((file, row),)


def indexed(path: Path, name: str, cache: Path, kept: KeptIndexes) -> IndexedFile:
    """A file with its index, a kept one where there is one. Raises SourceError for what is no trace file."""
    if found := kept.find(path):
        return IndexedFile(Plain(path, name, found.size), found.format, found)
    source = plain(path, name, cache)
    if found := kept_index(source, cache):
        return IndexedFile(source, found.format, found)
    from pytest_llmreplay.traces.indexing import new_index

    container = recognised(source)
    if container is None:
        if name.endswith(CASE_SUFFIX):
            raise SourceError(f"{name}: not a case file: keys such as $schema, version, trace and steps were expected")
        raise SourceError(f"{name}: not a trace file (no known format begins like this)")
    index = new_index(source, container, cache)
    if getattr(container, "keeps_index", False):
        kept.add(path, index)
    return IndexedFile(source, container.name, index)


def whole(file: IndexedFile) -> bool:
    """Whether a file holds a trace written down whole, of which there can be but one."""
    return file.container == "case-file"


CASE_SUFFIX = ".llmcase.yaml"
TRACE_SUFFIXES = frozenset({".json", ".jsonl", ".ndjson", ".gz", ".zst", ".pb", ".binpb", ".bin", ".otlp", ".proto"})
"""Endings under which people keep traces: such a file in a folder is not passed over in silence."""


def unjoined(logs: dict[str, list[tuple[IndexedFile, Row]]], rows: dict[str, Handle]) -> Iterator[Problem]:
    """Lines whose log records belong to no trace here, each once."""
    joined = {(file.source.name, row.pieces[0][2]) for tid, found in logs.items() if tid in rows for file, row in found}
    named: set[tuple[str, int]] = set()
    for trace_id, found in logs.items():
        for file, row in found:
            place = (file.source.name, row.pieces[0][2])
            if trace_id not in rows and place not in joined and place not in named:
                named.add(place)
                yield Problem(*place, "log records of a trace that has no spans here")


def shown(path: Path, base: Path) -> str:
    """A path as the user would write it."""
    try:
        return str(path.relative_to(base))
    except ValueError:
        return str(path)


class Named(Protocol):
    """What a test id is made of."""

    @property
    def trace_id(self) -> str:
        """The id of the trace, or of the first of several."""

    @property
    def slug(self) -> str:
        """The readable part."""


def identifiers(handles: Sequence[Named]) -> list[str]:
    """A readable, unique and stable test id for each: slug, and as much of the trace id as it takes."""
    slugs, ids = [handle.slug for handle in handles], [handle.trace_id for handle in handles]
    shared: dict[str, list[str]] = {slug: [] for slug, count in Counter(slugs).items() if count > 1}
    for slug, trace_id in zip(slugs, ids, strict=True):
        if slug in shared:
            shared[slug].append(trace_id)
    lengths = {slug: unique_length(sorted(those)) for slug, those in shared.items()}
    each = zip(slugs, ids, strict=True)
    return [f"{slug}-{trace_id[: lengths.get(slug, SHORTEST_ID)]}" for slug, trace_id in each]


def unique_length(ids: Sequence[str]) -> int:
    """How many leading digits tell sorted ids apart."""
    longest = SHORTEST_ID
    for a, b in pairwise(ids):
        while longest < len(a) and a[:longest] == b[:longest]:
            longest += 1
    return longest
