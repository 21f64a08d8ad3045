"""Raw capture: production keeps the exact bytes of its model calls beside its spans. PYTEST_DONT_REWRITE

``install()`` once, when the application starts. Each model call over httpx, httpx2, aiohttp or botocore then gets a
child span ``llmreplay.exchange`` with request and response as they were; replay prefers it to what instrumentations
say. Nothing of this package needs more than the standard library and opentelemetry-api, and nothing raises into the
application: what cannot be captured is left out and counted.
"""

import atexit
import logging
from collections.abc import Callable, Iterable
from typing import Any, Final

from opentelemetry.trace import TracerProvider

from pytest_llmreplay.capture import _aiohttp, _botocore, _httpx
from pytest_llmreplay.capture.emitter import Emitter
from pytest_llmreplay.capture.policy import MODEL_PATHS, Policy

__all__ = ["MODEL_PATHS", "flush", "install", "lost", "uninstall"]

HOOKS: Final = {
    "httpx": _httpx.hooks,
    "httpx2": _httpx.hooks,
    "aiohttp": _aiohttp.hooks,
    "botocore": _botocore.hooks,
}
"""What is captured, by the HTTP library below the SDK."""
LOG: Final = logging.getLogger(__name__)
_installed: list[tuple[Any, str, Any]] = []
_emitter: list[Emitter] = []


def install(
    *,
    sample: float = 1.0,
    max_bytes: int = 1 << 20,
    redact: Callable[[str], str] | None = None,
    headers: Iterable[str] = (),
    paths: str = MODEL_PATHS,
    libraries: Iterable[str] = tuple(HOOKS),
    tracer_provider: TracerProvider | None = None,
) -> None:
    """Capture model calls from now on. A second call takes the place of the first.

    Args:
        sample: Share of traces whose calls are captured, 0 to 1; a trace is captured whole or not at all.
        max_bytes: The longest body that is kept, in bytes; a longer one is cut and marked.
        redact: Gets the text of each body and of the URL, and gives back what may be kept. It runs in a thread of its
            own; where it raises, the body is not kept.
        headers: Names of headers to keep besides those that a replay can use. Credentials are never kept.
        paths: Regular expression for the path of a URL; what it does not find is not captured.
        libraries: HTTP libraries to capture, of ``httpx``, ``httpx2``, ``aiohttp`` and ``botocore``; those that are not
            installed are passed over.
        tracer_provider: Where the spans go; the global one if not given.

    Raises:
        ValueError: For an argument that cannot be used. Only this call raises, never a captured one.
    """
    if unknown := sorted(set(libraries) - HOOKS.keys()):
        raise ValueError(f"capture knows no {', '.join(unknown)}; it knows {', '.join(HOOKS)}")
    policy = Policy.of(sample=sample, max_bytes=max_bytes, redact=redact, headers=headers, paths=paths)
    uninstall()
    emitter = Emitter(policy, tracer_provider)
    for library in libraries:
        try:
            found = list(HOOKS[library](library, emitter))
        except ImportError:
            continue
        except Exception as error:  # a library of another make than we know
            LOG.warning("model calls over %s are not captured: %r", library, error)
            continue
        for owner, name, method in found:
            _installed.append((owner, name, getattr(owner, name)))
            setattr(owner, name, method)
    _emitter.append(emitter)
    atexit.register(emitter.flush)


def uninstall() -> None:
    """Capture no more; what was captured so far is written first."""
    while _installed:
        owner, name, method = _installed.pop()
        setattr(owner, name, method)
    while _emitter:
        emitter = _emitter.pop()
        emitter.flush()
        atexit.unregister(emitter.flush)


def flush(timeout: float = 5.0) -> bool:
    """Wait until all finished exchanges are spans, up to some seconds; whether they are. For the end of a process."""
    return all(emitter.flush(timeout) for emitter in _emitter)


def lost() -> int:
    """How many exchanges were left out because something went wrong, or because too many waited."""
    return sum(emitter.lost for emitter in _emitter)
