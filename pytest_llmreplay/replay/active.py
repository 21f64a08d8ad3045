"""Which session a call belongs to, in tasks and threads. PYTEST_DONT_REWRITE"""

from contextvars import ContextVar
from typing import Final

from pytest_llmreplay.replay.session import ReplaySession

_current: ContextVar[ReplaySession | None] = ContextVar("llm_replay_session", default=None)
_active: Final[list[ReplaySession]] = []


def find() -> ReplaySession | None:
    """The session of this task or thread.

    A thread that was started before the session, or an event loop that keeps an older context, does not carry it; there
    the one active session is meant, while evaluators are asked theirs, and with several active runs none is. An
    evaluator that was given up keeps its session: what it still asks is no call of the application.
    """
    session = _current.get()
    if session is not None and (session.beside or session in _active):
        return session
    runs = [each for each in _active if not each.beside]
    return _active[-1] if _active and len(runs) < 2 else None


def any_active() -> bool:
    """Whether any session is active in this process."""
    return bool(_active)


class active:  # noqa: N801 - reads as a verb: with active(session)
    """Let a session answer the calls of this context."""

    __slots__ = ("_session", "_token")

    def __init__(self, session: ReplaySession) -> None:
        self._session = session

    def __enter__(self) -> None:
        _active.append(self._session)
        self._token = _current.set(self._session)

    def __exit__(self, *error: object) -> None:
        _active.remove(self._session)
        try:
            _current.reset(self._token)
        except ValueError:  # left in another context than entered
            _current.set(None)
