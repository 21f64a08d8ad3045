"""The real AWS SDK at a wire that never leaves the process."""

from collections.abc import Iterator
from typing import Any

import boto3
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.config import Config

from pytest_llmreplay.model.wire import WireRequest
from tests.providers.sdks import End


class Raw:
    """The body of a response as urllib3 gives it."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self, *_: Any, **__: Any) -> Iterator[bytes]:
        """The body in uneven pieces."""
        for start in range(0, len(self._body), 777):
            yield self._body[start : start + 777]

    def read(self, amt: int | None = None, **_: Any) -> bytes:
        """The next bytes of the body."""
        size = len(self._body) if amt is None else amt
        found, self._body = self._body[:size], self._body[size:]
        return found

    def close(self) -> None:
        """Nothing to close."""


def bedrock_client(end: End) -> Any:
    """The SDK's client of Bedrock's runtime at a wire."""

    def answered(request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        body = request.body if isinstance(request.body, bytes) else (request.body or "").encode()
        told = end.respond(WireRequest(request.method, request.url, body, dict(request.headers)))
        return AWSResponse(request.url, told.status, dict(told.headers), Raw(told.body))

    client = boto3.client(
        "bedrock-runtime",
        region_name="us-east-1",
        aws_access_key_id="none",
        aws_secret_access_key="none",
        config=Config(retries={"total_max_attempts": 1}),
    )
    client.meta.events.register("before-send.bedrock-runtime.*", answered)
    return client
