"""Exchanges to spans, in a thread of its own: the application waits for none of it. PYTEST_DONT_REWRITE"""

import logging
import os
import threading
import time
from collections import deque
from collections.abc import Mapping
from itertools import count as count_from
from typing import Any, Final

from opentelemetry import context as contexts
from opentelemetry import trace
from opentelemetry.util.types import AttributeValue

from pytest_llmreplay.capture.attributes import attributes
from pytest_llmreplay.capture.exchange import Exchange, Headers
from pytest_llmreplay.capture.policy import Policy

NAME: Final = "llmreplay.exchange"
WAITING: Final = 64 << 20
"""Bytes of exchanges that may wait to become spans; what comes beyond is left out."""
PAUSE: Final = 0.05
"""Seconds for which finished exchanges are collected before they become spans."""
AT_ONCE: Final = 16
"""Spans that are made before other threads are let in by ourselves."""
LOG: Final = logging.getLogger("pytest_llmreplay.capture")


class Emitter:
    """Begins exchanges, and makes spans of those that are finished. ``lost`` counts what was left out."""

    def __init__(self, policy: Policy, provider: trace.TracerProvider | None) -> None:
        self.policy = policy
        self.lost = 0
        self._tracer = trace.get_tracer("pytest_llmreplay.capture", tracer_provider=provider)
        self._lock = threading.Lock()
        self._start_over()

    def _start_over(self) -> None:
        self._pending: deque[Exchange | threading.Event] = deque()
        self._waiting = 0
        self._process = os.getpid()
        self._thread: threading.Thread | None = None
        self._busy = False
        self._wake, self._hurry = threading.Event(), threading.Event()

    def begin(self, method: str, url: Any, path: str, headers: Headers, body: bytes) -> Exchange | None:
        """An exchange for a request, or None where it is not to be captured."""
        if not self.policy.paths.search(path):
            return None
        here = trace.get_current_span().get_span_context()
        if here.is_valid and not (here.trace_flags.sampled and self.policy.takes(here.trace_id)):
            return None
        return Exchange(self.put, self.policy.max_bytes, contexts.get_current(), method, url, headers, body)

    def put(self, exchange: Exchange) -> None:
        """Hand over a finished exchange."""
        with self._lock:
            if self._process != os.getpid():  # a child process has no thread of its parent's
                self._start_over()
            if self._waiting + exchange.weight > WAITING:
                self._left_out("too many exchanges wait to become spans")
                return
            self._waiting += exchange.weight
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="llmreplay-capture", daemon=True)
                self._thread.start()
        self._pending.append(exchange)
        if not self._busy:
            self._wake.set()

    def failed(self, error: BaseException) -> None:
        """Something of ours went wrong at a call; the application does not hear of it."""
        with self._lock:
            self._left_out(repr(error))

    def _left_out(self, why: str) -> None:
        self.lost += 1
        if self.lost == 1:
            LOG.warning("a model call was not captured, and this is said once: %s", why)

    def _run(self) -> None:
        """Make spans, some at a time, so that the application's threads are seldom interrupted."""
        while True:
            self._wake.wait()
            self._wake.clear()
            self._busy = True
            while self._pending:
                self._hurry.wait(PAUSE)
                self._drain()
            self._busy = False
            if self._pending:  # put in after the last look, while this thread was still said to be busy
                self._wake.set()

    def _drain(self) -> None:
        for count in count_from(1):
            if not self._pending:
                return
            item = self._pending.popleft()
            if isinstance(item, threading.Event):
                item.set()
                continue
            try:
                self._emit(item, attributes(item, self.policy))
            except Exception as error:
                self.failed(error)
            with self._lock:
                self._waiting -= item.weight
            if not count % AT_ONCE:
                time.sleep(0)  # whoever waits for the interpreter goes first

    def _emit(self, exchange: Exchange, values: Mapping[str, AttributeValue]) -> None:
        span = self._tracer.start_span(NAME, context=exchange.context, start_time=exchange.began, attributes=values)
        span.end(exchange.ended)

    def flush(self, timeout: float = 5.0) -> bool:
        """Wait until what is finished has become spans; whether it has, within some seconds."""
        if self._thread is None or self._process != os.getpid():
            return True
        done = threading.Event()
        self._pending.append(done)
        self._hurry.set()
        self._wake.set()
        try:
            return done.wait(timeout)
        finally:
            self._hurry.clear()
