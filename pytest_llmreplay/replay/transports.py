"""Whether the calls of the SDKs that are installed would be seen. PYTEST_DONT_REWRITE"""

import re
import sys
from collections.abc import Iterator
from importlib import metadata
from typing import Final

SEEN: Final = frozenset({"httpx", "httpx2", "requests", "urllib3", "aiohttp", "botocore", "httplib2", "tornado"})
"""HTTP libraries that vcrpy 9 patches."""
SDKS: Final = (
    "openai",
    "anthropic",
    "google-genai",
    "mistralai",
    "groq",
    "cohere",
    "ollama",
    "boto3",
    "together",
    "litellm",
)
UNSEEN: Final = {"grpcio": ("google-cloud-aiplatform", "google-generativeai", "google-ai-generativelanguage")}
"""Transports that no patch reaches, and the SDKs that speak through them."""


def unseen() -> Iterator[str]:
    """A sentence for each installed SDK whose calls a replay would not see."""
    for name in SDKS:
        needs = requirements(name)
        if needs is not None and not any(patched(each) for each in needs & SEEN):
            using = ", ".join(sorted(needs & SEEN)) or "a transport of its own"
            yield sentence(name, using, "is not")
    for transport, names in UNSEEN.items():
        for name in names:
            needs = requirements(name)
            if needs is not None:
                yield sentence(name, transport, "cannot be")


def sentence(name: str, transport: str, verb: str) -> str:
    """What is said of an SDK whose calls are not seen."""
    return f"{name} {metadata.version(name)} speaks through {transport}, which {verb} patched; its calls are not seen"


def requirements(name: str) -> frozenset[str] | None:
    """The distributions that an installed one needs, extras left out; None where it is not installed."""
    try:
        lines = metadata.requires(name) or []
    except metadata.PackageNotFoundError:
        return None
    plain = (line for line in lines if "extra ==" not in line)
    return frozenset(re.split(r"[^A-Za-z0-9._-]", line, maxsplit=1)[0].lower() for line in plain)


def patched(library: str) -> bool:
    """Whether a library's transport is under vcrpy's patch now."""
    module = sys.modules.get(library)
    transport = getattr(module, "HTTPTransport", None)
    if transport is None:
        return module is not None
    return hasattr(transport.handle_request, "__wrapped__")
