"""Raw capture beside real instrumentations: one step for each call, with the bytes."""

import json
import os
import subprocess
import sys
from importlib.util import find_spec

import pytest

from tests.capture.production import CALLS

FAMILIES = {
    "OpenLLMetry": (
        "opentelemetry.instrumentation.openai:OpenAIInstrumentor",
        "opentelemetry.instrumentation.anthropic:AnthropicInstrumentor",
        "opentelemetry.instrumentation.bedrock:BedrockInstrumentor",
    ),
    "OpenInference": (
        "openinference.instrumentation.openai:OpenAIInstrumentor",
        "openinference.instrumentation.anthropic:AnthropicInstrumentor",
    ),
    "OpenTelemetry": ("opentelemetry.instrumentation.openai_v2:OpenAIInstrumentor",),
}


def installed(path: str) -> bool:
    try:
        return find_spec(path.partition(":")[0]) is not None
    except ModuleNotFoundError:
        return False


@pytest.mark.parametrize("family", FAMILIES)
def test_the_bytes_take_the_place_of_what_an_instrumentation_said(family: str) -> None:
    here = [path for path in FAMILIES[family] if installed(path)]
    if not here:
        pytest.skip(f"{family} is not installed")
    command = [sys.executable, "-m", "tests.capture.production", *here]
    environment = {
        **os.environ,
        "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT": "SPAN_ONLY",
        "OTEL_SEMCONV_STABILITY_OPT_IN": "gen_ai_latest_experimental",
    }
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120, env=environment)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found.keys() == {each.__name__ for each in CALLS}
    for name, told in found.items():
        count = told["exchanges"]
        assert count, name
        assert told == {
            "dialects": ["raw-exchange"] * count,
            "losses": 0,
            "exchanges": count,
            "verdicts": ["same"] * count,
            "same": True,
        }, name
