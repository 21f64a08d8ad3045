"""A driver for each wire API and each way in which its SDK speaks it."""

from collections.abc import Sequence

from pytest_llmreplay.testing import Driver
from tests.providers.drivers import anthropic_sdk, aws_sdk, cohere_sdk, google_sdk, mistral_sdk, ollama_sdk, openai_sdk

DRIVERS: Sequence[Driver] = (
    *openai_sdk.DRIVERS,
    *anthropic_sdk.DRIVERS,
    *mistral_sdk.DRIVERS,
    *cohere_sdk.DRIVERS,
    *ollama_sdk.DRIVERS,
    *aws_sdk.DRIVERS,
    *google_sdk.DRIVERS,
)
