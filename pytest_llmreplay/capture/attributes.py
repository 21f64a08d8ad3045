"""An exchange as attributes of a span (docs/reference/raw-capture.md). PYTEST_DONT_REWRITE"""

import base64
import json
import sys
import zlib
from collections.abc import Mapping
from typing import Final

from opentelemetry.util.types import AttributeValue

from pytest_llmreplay.capture.exchange import Exchange
from pytest_llmreplay.capture.policy import Policy

REQUEST: Final = "llmreplay.request."
RESPONSE: Final = "llmreplay.response."
TRUNCATED: Final = "llmreplay.truncated"
"""True where a body was longer than allowed."""
ENDED_EARLY: Final = "llmreplay.ended_early"
"""True where the application closed the response before its end."""
NOT_REDACTED: Final = "llmreplay.not_redacted"
"""Of which parts the redaction failed; they are not there."""


def attributes(exchange: Exchange, policy: Policy) -> dict[str, AttributeValue]:
    """All that is kept of an exchange."""
    headers = list(exchange.response_headers())
    body = b"".join(exchange.chunks)
    cut = exchange.room < 0
    encoding = "" if exchange.decoded else next((v for n, v in headers if n.lower() == "content-encoding"), "")
    if not cut and (plain := unpacked(body, encoding.lower())) is not None:
        body = plain
        headers = [(name, value) for name, value in headers if name.lower() != "content-encoding"]
    values: dict[str, AttributeValue] = {
        REQUEST + "method": exchange.method,
        REQUEST + "headers": json.dumps(policy.kept(exchange.headers())),
        RESPONSE + "status": exchange.status,
        RESPONSE + "headers": json.dumps(policy.kept(headers)),
    }
    failed: list[str] = []
    url = redacted(policy.clean(str(exchange.url)).encode(), policy)
    values |= {REQUEST + "url": url.decode()} if url is not None else {}
    for part, content in ((REQUEST, exchange.body), (RESPONSE, body)):
        kept = redacted(content, policy)
        if kept is None:
            failed.append(part + "body")
            continue
        cut = cut or len(kept) > policy.max_bytes
        values |= body_attributes(part, kept, policy.max_bytes)
    values |= {TRUNCATED: True} if cut else {}
    values |= {ENDED_EARLY: True} if exchange.early else {}
    values |= {NOT_REDACTED: failed} if failed else {}
    return values


def body_attributes(part: str, body: bytes, limit: int) -> Mapping[str, AttributeValue]:
    """A body as text, or as base64 where it is none, with its whole length in bytes."""
    size, body = len(body), body[:limit]
    try:
        return {part + "body": body.decode(), part + "body.size": size}
    except UnicodeDecodeError:
        text = base64.b64encode(body).decode()
        return {part + "body": text, part + "body.encoding": "base64", part + "body.size": size}


def redacted(body: bytes, policy: Policy) -> bytes | None:
    """What may be kept of a body; None where that cannot be said.

    Bytes that are no text are kept where redaction finds nothing in them: it cannot take something out of a frame.
    """
    if policy.redact is None:
        return body
    try:
        try:
            return policy.redact(body.decode()).encode()
        except UnicodeDecodeError:
            text = body.decode("latin-1")
            return body if policy.redact(text) == text else None
    except Exception:
        return None


def unpacked(body: bytes, encoding: str) -> bytes | None:
    """A body without its content encoding; None for one that cannot be undone here.

    Of Brotli and Zstandard whatever package the HTTP library itself has loaded is used.
    """
    try:
        if encoding in ("gzip", "x-gzip"):
            return zlib.decompress(body, zlib.MAX_WBITS | 16)
        if encoding == "deflate":
            return zlib.decompress(body)
        if encoding == "br":
            library = sys.modules.get("brotli") or sys.modules.get("brotlicffi")
            return bytes(library.decompress(body)) if library else None
        if encoding == "zstd":
            return unpacked_zstd(body)
    except Exception:  # each library has errors of its own
        return None
    return body if encoding in ("", "identity") else None


def unpacked_zstd(body: bytes) -> bytes | None:
    """A body without Zstandard; None where no package for it is loaded."""
    if (library := sys.modules.get("zstandard")) is not None:
        return bytes(library.ZstdDecompressor().decompressobj().decompress(body))
    library = sys.modules.get("compression.zstd") or sys.modules.get("backports.zstd")
    return bytes(library.decompress(body)) if library else None
