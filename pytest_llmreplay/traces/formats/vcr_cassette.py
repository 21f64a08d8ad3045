"""Cassettes of vcrpy in YAML or JSON, and what resembles them: one trace each. PYTEST_DONT_REWRITE

Sources: vcrpy's ``serialize.py`` and ``serializers/`` (version 1; ``!!binary`` bodies; the tags of Python 2 text,
tuples and ``BytesIO``), the older form of its httpx stubs (``status_code``, ``content``), serialisers that keep a
decoded body as ``parsed_body``, and the ``http_interactions`` of VCR and Betamax (``base64_string``, ``recorded_at``).
"""

import base64
import binascii
import gzip
import json
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

from pytest_llmreplay.model.jsonvalue import Object, integer, items, members, text
from pytest_llmreplay.model.trace import LogRecord, Span
from pytest_llmreplay.model.wire import WireRequest, WireResponse
from pytest_llmreplay.traces.dialects.raw_exchange import UNREPLAYABLE, attributes_of
from pytest_llmreplay.traces.formats import _whole
from pytest_llmreplay.traces.formats._lines import BOM
from pytest_llmreplay.traces.formats.protocol import Malformed, Plain, Problem, Sight

SIZE_LIMIT: Final = 512 * 1024 * 1024
"""Bytes of the largest cassette that is read."""
YAML_START: Final = re.compile(rb"^(?:interactions|http_interactions):", re.M)
JSON_START: Final = re.compile(rb'\A\s*\{\s*"(?:version|interactions|http_interactions|recorded_with)"\s*:')
OF_ONE_TRANSFER: Final = frozenset({"content-length", "transfer-encoding", "connection", "keep-alive", "te", "trailer"})
CREDENTIALS: Final = frozenset({"authorization", "proxy-authorization", "cookie", "x-api-key", "api-key"})
OTHER_WIRES: Final = {
    "message": "a websocket message",
    "request_sample": "a gRPC call",
    "request_stream": "a gRPC call",
    "collections_method": "a gRPC call",
}


class Unreadable(ValueError):
    """A cassette, or a part of it, is not as it should be; ``line`` is where, from 1."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line


class VcrCassette:
    """One file, one trace; one span for each interaction."""

    name = "vcr-cassette"
    keeps_index = True

    def recognises(self, head: bytes) -> bool:
        """The member ``interactions`` at the start, in YAML or JSON."""
        head = head.removeprefix(BOM)
        return bool(YAML_START.search(head) if head.lstrip()[:1] != b"{" else JSON_START.search(head))

    def scan(self, source: Plain, contexts: list[bytes]) -> Iterator[Sight | Problem]:
        """The one trace of a file. Raises SourceError for one beyond all size."""
        whole = _whole.read(source, SIZE_LIMIT, "a cassette")
        name = whole.file.removesuffix(".gz").removesuffix(".zst").rpartition(".")[0] or whole.file
        try:
            spans = spans_of(whole.data, whole.trace_id, name)
        except Unreadable as problem:
            yield Problem(source.name, problem.line, str(problem))
            return
        yield _whole.sight(whole, name, spans, contexts)

    def decode(self, data: bytes, context: bytes | None) -> Sequence[Span | LogRecord | Malformed]:
        """The spans of a cassette: a root that bears its name, and one for each interaction."""
        around = json.loads(context or b"{}")
        try:
            return spans_of(data, around["trace_id"], around["name"])
        except Unreadable as problem:
            return [Malformed(f"line {problem.line}: {problem}")]


def spans_of(data: bytes, trace_id: str, name: str) -> list[Span]:
    """A root span, and one below it for each interaction. Raises Unreadable."""
    spans: list[Span] = []
    now = 0
    for index, (line, interaction) in enumerate(interactions(data.removeprefix(BOM)), 1):
        values, title, moment, status = interaction_of(line, interaction)
        start = max(moment, now)
        now = start + 1
        span_id = f"{index:016x}"
        spans.append(
            Span(
                trace_id=trace_id,
                span_id=span_id,
                parent_id="root",
                name=title,
                start_ns=start,
                end_ns=now,
                status="error" if status >= 400 else "ok",
                attributes=values,
            )
        )
    failed = any(each.status == "error" for each in spans)
    root = Span(
        trace_id=trace_id,
        span_id="root",
        parent_id=None,
        name=name,
        start_ns=spans[0].start_ns,
        end_ns=now,
        status="error" if failed else "ok",
    )
    return [root, *spans]


def interactions(data: bytes) -> Sequence[tuple[int, Any]]:
    """The interactions of a cassette, each with the line where it begins. Raises Unreadable."""
    document, lines = (from_json(data), ()) if data.lstrip()[:1] == b"{" else from_yaml(data)
    found = members(document)
    key = "interactions" if "interactions" in found else "http_interactions"
    listed = found.get(key)
    if not isinstance(listed, list):
        raise Unreadable(1, f"{key} is no list")
    if not listed:
        raise Unreadable(1, "the cassette has no interactions")
    if key == "interactions" and integer(found.get("version")) is None:
        raise Unreadable(1, "the version is missing, which stands at the end: the cassette is cut off")
    return [(lines[index] if index < len(lines) else 1, each) for index, each in enumerate(listed)]


def from_yaml(data: bytes) -> tuple[Any, Sequence[int]]:
    """Decoded YAML, and the line of each interaction. Raises Unreadable."""
    from pytest_llmreplay.traces.formats import _yaml

    try:
        return _yaml.from_yaml(data, ("interactions", "http_interactions"))
    except _yaml.YAMLError as error:
        line, reason = _yaml.place_and_reason(error, data)
        raise Unreadable(line, f"not YAML, cut off, or refused: {reason}") from None
    except RecursionError:
        raise Unreadable(1, "nested too deeply") from None


def from_json(data: bytes) -> Any:
    """Decoded JSON. Raises Unreadable."""
    try:
        return json.loads(data, object_pairs_hook=once)
    except json.JSONDecodeError as error:
        raise Unreadable(error.lineno, f"not JSON, or cut off: {error.msg} (column {error.colno})") from None
    except RecursionError:
        raise Unreadable(1, "nested too deeply") from None
    except UnicodeDecodeError as error:
        raise Unreadable(1, f"not UTF-8 text: byte {error.start} of the file") from None


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The members of an object. Raises Unreadable where a name is there twice."""
    out = dict(pairs)
    if len(out) < len(pairs):
        raise Unreadable(1, "a member is there twice in one object")
    return out


def interaction_of(line: int, given: Any) -> tuple[dict[str, Any], str, int, int]:
    """Attributes, name, time (nanoseconds) and status of one interaction. Raises Unreadable."""
    interaction = members(given)
    for key, words in OTHER_WIRES.items():
        if key in interaction or interaction.get("kind") == key:
            return {UNREPLAYABLE: "it went over no HTTP, and HTTP alone can be replayed"}, words, 0, 0
    for key in ("request", "response"):
        if not isinstance(interaction.get(key), Mapping):
            raise Unreadable(line, f"an interaction without a {key}")
    try:
        request = request_of(interaction["request"])
        response = response_of(interaction["response"])
    except ValueError as error:
        raise Unreadable(line, str(error)) from None
    moment = recorded_at(interaction.get("recorded_at"), response.headers.get("date"))
    return attributes_of(request, response), f"{request.method} {request.path}", moment, response.status


def request_of(given: Object) -> WireRequest:
    """The request of an interaction. Raises ValueError."""
    method, url = text(given.get("method")), text(given.get("uri", given.get("url")))
    if not method or not url:
        raise ValueError("a request without method and URI")
    headers = {name: value for name, value in pairs(given.get("headers")) if name not in CREDENTIALS}
    return WireRequest(method.upper(), url, body_of(given), headers)


def response_of(given: Object) -> WireResponse:
    """The response of an interaction, as an SDK gets it. Raises ValueError."""
    said = given.get("status", given.get("status_code"))
    status = integer(members(said).get("code", members(said).get("status_code")) if isinstance(said, Mapping) else said)
    if status is None:
        raise ValueError("a response without a status code")
    body = body_of(given)
    kept: dict[str, str] = {}
    again: list[tuple[str, str]] = []
    for name, value in pairs(given.get("headers")):
        if name == "content-encoding":
            unpacked = unpack(body, value)
            if unpacked is None:
                kept[name] = value
            else:
                body = unpacked
        elif name in kept:
            again.append((name, value))
        elif name not in OF_ONE_TRANSFER:
            kept[name] = value
    return WireResponse(status, kept, body, tuple(again))


def pairs(headers: Any) -> Iterator[tuple[str, str]]:
    """Headers one by one, names in lower case; a value may be a list, and bytes."""
    for name, given in members(headers).items():
        for value in given if isinstance(given, list) else (given,):
            yield str(name).lower(), value.decode("latin-1") if isinstance(value, bytes) else str(value)


def body_of(given: Object) -> bytes:
    """The bytes of a body in any of its forms. Raises ValueError."""
    if given.get("parsed_body") is not None:
        return json.dumps(given["parsed_body"]).encode()
    return as_bytes(given.get("body", given.get("content")))


def as_bytes(body: Any) -> bytes:
    """A body's bytes: text, bytes, ``string`` or ``base64_string`` within, or JSON that was given as it is."""
    if body is None:
        return b""
    if isinstance(body, bytes):
        return body
    if isinstance(body, str):
        return body.encode("utf-8", "surrogatepass")
    if isinstance(body, Mapping):
        if "base64_string" in body:
            try:
                return base64.b64decode(str(body["base64_string"]))
            except binascii.Error:
                raise ValueError("a base64_string that is not base64") from None
        if "string" in body:
            return as_bytes(body["string"])
        if not body.keys() - {"encoding"}:
            return b""
    return json.dumps(body).encode()


def unpack(body: bytes, encoding: str) -> bytes | None:
    """A body without its content encoding; None where that is unknown here. One that was unpacked before stays."""
    try:
        if encoding.lower() in ("gzip", "x-gzip") and body.startswith(b"\x1f\x8b"):
            return gzip.decompress(body)
        if encoding.lower() == "deflate" and body:
            return inflate(body)
    except (OSError, EOFError, zlib.error):
        return body
    if encoding.lower() in ("gzip", "x-gzip", "deflate", "identity", ""):
        return body
    try:
        body.decode()
    except UnicodeDecodeError:
        return None
    return body


def inflate(body: bytes) -> bytes:
    """A deflated body, with or without zlib's frame. Raises zlib.error."""
    try:
        return zlib.decompress(body)
    except zlib.error:
        return zlib.decompress(body, -zlib.MAX_WBITS)


def recorded_at(*said: Any) -> int:
    """The first of several times that can be read, in nanoseconds since the epoch; 0 where none can."""
    for each in filter(None, map(text, items(said))):
        for read in (datetime.fromisoformat, parsedate_to_datetime):
            try:
                moment = read(each)
            except (ValueError, TypeError):
                continue
            return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()) * 1_000_000_000
    return 0
