"""An exchange as attributes of a span."""

import gzip
import json
import sys
import zlib
from typing import Any

import pytest
import zstandard
from opentelemetry.context import Context

from pytest_llmreplay.capture.attributes import attributes, unpacked
from pytest_llmreplay.capture.exchange import Exchange
from pytest_llmreplay.capture.policy import MODEL_PATHS, Policy
from pytest_llmreplay.traces.dialects import raw_exchange

URL = "https://api.openai.com/v1/chat/completions"


def policy(**more: Any) -> Policy:
    return Policy.of(**{"sample": 1.0, "max_bytes": 100, "redact": None, "headers": (), "paths": MODEL_PATHS, **more})


def exchange(*chunks: bytes, body: bytes = b"{}", limit: int = 100, headers: dict[str, str] | None = None) -> Exchange:
    found = Exchange(lambda _: None, limit, Context(), "POST", URL, lambda: [("Accept", "*/*")], body)
    found.answered(200, lambda: list((headers or {}).items()))
    for chunk in chunks:
        found.feed(chunk)
    found.finish()
    return found


def test_a_whole_exchange_is_read_back_as_it_was() -> None:
    raw = raw_exchange.raw_of(attributes(exchange(b"a", b"\xff"), policy()))
    assert raw is not None
    assert (raw.request.method, raw.request.url, raw.request.body) == ("POST", URL, b"{}")
    assert (raw.response.status, raw.response.body) == (200, b"a\xff")
    assert dict(raw.request.headers) == {"accept": "*/*"}


@pytest.mark.parametrize(
    ("found", "kept"),
    [(exchange(b"a" * 60, b"b" * 60), b"a" * 60 + b"b" * 40), (exchange(body=b"a" * 101), b"")],
    ids=["response", "request"],
)
def test_a_body_beyond_the_limit_is_cut_and_marked(found: Exchange, kept: bytes) -> None:
    values = attributes(found, policy())
    assert values["llmreplay.truncated"] is True
    assert values["llmreplay.response.body"] == kept.decode()
    assert len(str(values["llmreplay.request.body"])) <= 100


def test_a_packed_body_that_was_cut_stays_packed_and_says_so() -> None:
    packed = gzip.compress(bytes(range(256)) * 4)
    values = attributes(exchange(packed, limit=50, headers={"Content-Encoding": "gzip"}), policy(max_bytes=50))
    assert (values["llmreplay.truncated"], values["llmreplay.response.body.encoding"]) == (True, "base64")
    assert json.loads(str(values["llmreplay.response.headers"])) == [["content-encoding", "gzip"]]


@pytest.mark.parametrize(
    ("packed", "encoding"),
    [
        (gzip.compress(b"plain"), "gzip"),
        (zlib.compress(b"plain"), "deflate"),
        (zstandard.ZstdCompressor().compress(b"plain"), "zstd"),
        (b"plain", "identity"),
        (b"plain", ""),
    ],
    ids=["gzip", "deflate", "zstd", "identity", "none"],
)
def test_a_content_encoding_is_undone(packed: bytes, encoding: str) -> None:
    assert unpacked(packed, encoding) == b"plain"


def test_brotli_is_undone_by_the_package_that_the_library_has_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    class Brotli:
        @staticmethod
        def decompress(data: bytes) -> bytes:
            return data[::-1]

    for name in ("brotli", "brotlicffi"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    assert unpacked(b"nialp", "br") is None
    monkeypatch.setitem(sys.modules, "brotli", Brotli)
    assert unpacked(b"nialp", "br") == b"plain"


@pytest.mark.parametrize(("body", "encoding"), [(b"no gzip", "gzip"), (b"no zstd", "zstd"), (b"plain", "compress")])
def test_an_encoding_that_cannot_be_undone(body: bytes, encoding: str) -> None:
    assert unpacked(body, encoding) is None


def test_the_names_are_those_that_the_reader_knows() -> None:
    from pytest_llmreplay.capture import attributes as written

    names = ("REQUEST", "RESPONSE", "TRUNCATED", "ENDED_EARLY")
    assert [getattr(written, name) for name in names] == [getattr(raw_exchange, name) for name in names]
