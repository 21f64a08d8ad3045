"""What SDKs want to find in the environment before they make a client. PYTEST_DONT_REWRITE"""

import os
from collections.abc import Mapping
from typing import Final

DUMMY: Final = "llmreplay-dummy-key"
DUMMIES: Final[Mapping[str, str]] = {
    "OPENAI_API_KEY": DUMMY,
    "AZURE_OPENAI_API_KEY": DUMMY,
    "AZURE_OPENAI_ENDPOINT": "https://llmreplay.openai.azure.com",
    "OPENAI_API_VERSION": "2024-10-21",
    "ANTHROPIC_API_KEY": DUMMY,
    "OPENAI_AGENTS_DISABLE_TRACING": "1",
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "TRACELOOP_TELEMETRY": "false",
    "AWS_ACCESS_KEY_ID": DUMMY,
    "AWS_SECRET_ACCESS_KEY": DUMMY,
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_MAX_ATTEMPTS": "1",  # an error is recorded once, however often its SDK asks again
}
"""Set while replaying where nothing is set: keys that no request carries anywhere, and what keeps frameworks from
sending their own telemetry."""
PROXIES: Final = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")


class Environment:
    """Dummy keys in, proxies out, and all as it was before in the end."""

    def __init__(self) -> None:
        self._before: dict[str, str | None] = {}

    def enter(self, *, calls_go_out: bool = False) -> None:
        """Set what is missing and take out what would lead elsewhere.

        Where calls go out, AWS finds its credentials in profiles and roles, and variables would stand before them.
        """
        if self._before:
            return
        wanted: dict[str, str | None] = {name: value for name, value in DUMMIES.items() if not os.environ.get(name)}
        if calls_go_out:
            wanted = {name: value for name, value in wanted.items() if not name.startswith("AWS_")}
        else:
            wanted |= {name: None for name in PROXIES if name in os.environ}
        self._before = {name: os.environ.get(name) for name in wanted}
        restore(wanted)

    def leave(self) -> None:
        """Put everything back."""
        before, self._before = self._before, {}
        restore(before)


def restore(values: Mapping[str, str | None]) -> None:
    """Set variables; None takes one out."""
    for name, value in values.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


environment: Final = Environment()
"""The environment of this process."""
