"""The real AWS SDK at a wire that never leaves the process."""

from collections.abc import Iterator
from typing import Any

import boto3
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.config import Config

from pytest_llmreplay import registry
from pytest_llmreplay.model.call import Answer, Call
from pytest_llmreplay.model.wire import WireRequest, WireResponse
from pytest_llmreplay.providers.protocol import Provider


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


class AwsWire:
    """One end of the SDK: keeps what was asked, and answers all with one answer."""

    def __init__(self, provider: str, answer: Answer) -> None:
        self.provider: Provider = registry.load("providers", provider)
        self.answer = answer
        self.calls: list[Call] = []
        self.told: WireResponse | None = None

    def __call__(self, request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        """What the SDK gets for a request."""
        body = request.body if isinstance(request.body, bytes) else (request.body or "").encode()
        asked = WireRequest(request.method, request.url, body, dict(request.headers))
        assert self.provider.claims(asked)
        self.calls.append(self.provider.call(asked))
        self.told = self.provider.answer(self.calls[-1], self.answer)
        return AWSResponse(request.url, self.told.status, dict(self.told.headers), Raw(self.told.body))

    @property
    def call(self) -> Call:
        """The only call."""
        (found,) = self.calls
        return found


def bedrock_client(wire: AwsWire) -> Any:
    """The SDK's client of Bedrock's runtime at a wire."""
    client = boto3.client(
        "bedrock-runtime",
        region_name="us-east-1",
        aws_access_key_id="none",
        aws_secret_access_key="none",
        config=Config(retries={"total_max_attempts": 1}),
    )
    client.meta.events.register("before-send.bedrock-runtime.*", wire)
    return client
