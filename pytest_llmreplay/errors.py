"""The errors that users meet, as one tree; each says what happened, where, and what to do. PYTEST_DONT_REWRITE

LLMReplayError
├── UsageProblem        an option, marker or name that cannot be used
├── SourceError         a trace file or folder that cannot be read at all
├── TraceError          one trace that cannot be replayed
└── MissingExtra        an optional package is needed and not installed
"""


class LLMReplayError(Exception):
    """Base of all errors of this package."""


class UsageProblem(LLMReplayError):
    """An option, marker or name given by the user cannot be used (exit status 4)."""


class SourceError(LLMReplayError):
    """A trace file or folder cannot be read at all."""


class TraceError(LLMReplayError):
    """One trace cannot be replayed; the message names the trace, the step and what it lacks."""


class MissingExtra(LLMReplayError):
    """An optional package is needed for this input; the message says what to install."""

    def __init__(self, what: str, package: str, extra: str) -> None:
        super().__init__(f"{what} needs the package {package}: pip install 'pytest-llmreplay[{extra}]'")


def nearest(word: str, known: "list[str] | tuple[str, ...]") -> str:
    """``; did you mean 'x'?`` for the known word nearest to ``word``, or an empty string."""
    from difflib import get_close_matches

    found = get_close_matches(word, known, n=1, cutoff=0.5)
    return f"; did you mean {found[0]!r}?" if found else ""
