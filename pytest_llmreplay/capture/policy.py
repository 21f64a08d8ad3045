"""What of a model call is captured. PYTEST_DONT_REWRITE"""

import re
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

MODEL_PATHS: Final = (
    r"/(?:chat/|fim/)?completions$|/responses$|/embeddings$|/messages$|/rerank$"
    r"|:(?:streamG|g)enerateContent$|:(?:batchE|e)mbedContents?$|:(?:rawP|streamRawP|p)redict$"
    r"|/model/[^/]+/(?:converse|converse-stream|invoke|invoke-with-response-stream)$"
    r"|/api/(?:chat|generate|embed|embeddings)$|/v[12]/(?:chat|chat-stream|embed|generate)$"
)
"""Paths of the APIs that a replay can answer."""
HEADERS: Final = frozenset(
    {
        "accept", "anthropic-beta", "anthropic-version", "content-encoding", "content-type", "date", "openai-beta",
        "openai-processing-ms", "openai-version", "request-id", "retry-after", "retry-after-ms", "x-amzn-errortype",
        "x-amzn-requestid", "x-request-id", "x-should-retry",
    }
)  # fmt: skip
"""Headers that a replay, or the SDK in it, can use."""
CREDENTIAL: Final = re.compile(
    r"(?i)authorization|cookie|(?:^|[-_.])(?:key|apikey|token|secret|signature|sig|password|credential)s?$"
    r"|^x-(?:amz|goog)-(?!n-)"
)
"""Names of headers and query members that are never kept, whoever allows them."""
SCALE: Final = 2**32


@dataclass(frozen=True, slots=True)
class Policy:
    """What the application's owner chose."""

    sample: float
    max_bytes: int
    redact: Callable[[str], str] | None
    headers: frozenset[str]
    paths: re.Pattern[str]

    @classmethod
    def of(
        cls, *, sample: float, max_bytes: int, redact: Callable[[str], str] | None, headers: Iterable[str], paths: str
    ) -> "Policy":
        """A policy of plain values. Raises ValueError for one that cannot be used."""
        if not 0 <= sample <= 1:
            raise ValueError(f"sample is a share from 0 to 1, not {sample!r}")
        if max_bytes < 1:
            raise ValueError(f"max_bytes is a number of bytes from 1, not {max_bytes!r}")
        try:
            pattern = re.compile(paths)
        except re.error as error:
            raise ValueError(f"paths is no regular expression: {error}") from None
        return cls(sample, max_bytes, redact, HEADERS | {name.lower() for name in headers}, pattern)

    def takes(self, trace_id: int) -> bool:
        """Whether a trace is among the sampled ones; the same for all its calls, in every process."""
        return self.sample >= 1 or zlib.crc32(trace_id.to_bytes(16, "big")) < self.sample * SCALE

    def kept(self, headers: Iterable[tuple[str, str]]) -> list[list[str]]:
        """The headers that may be kept, names in lower case."""
        lowered = ((name.lower(), value) for name, value in headers)
        return [[name, value] for name, value in lowered if name in self.headers and not CREDENTIAL.search(name)]

    def clean(self, url: str) -> str:
        """A URL without credentials."""
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2]
        pairs = parse_qsl(parts.query, keep_blank_values=True)
        query = urlencode([(name, value) for name, value in pairs if not CREDENTIAL.search(name)])
        return urlunsplit((parts.scheme, host, parts.path, query, ""))
