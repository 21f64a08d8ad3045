"""The errors that users meet, as one tree; each says what happened, where, and what to do. PYTEST_DONT_REWRITE

LLMReplayError
├── UsageProblem        an option, marker or name that cannot be used
├── SourceError         a trace file or folder that cannot be read at all
├── TraceError          one trace that cannot be replayed
├── WriteProblem        a file of ours that cannot be written
├── SecretsLeft         a file that would hold secrets, and was not written
├── DamagedFile         a file of ours that was cut off, edited wrongly, or left with the marks of a merge
└── MissingExtra        an optional package is needed and not installed
"""

from collections.abc import Sequence
from pathlib import Path


class LLMReplayError(Exception):
    """Base of all errors of this package."""


class UsageProblem(LLMReplayError):
    """An option, marker or name given by the user cannot be used (exit status 4)."""


class SourceError(LLMReplayError):
    """A trace file or folder cannot be read at all."""


class TraceError(LLMReplayError):
    """One trace cannot be replayed; the message names the trace, the step and what it lacks."""


class WriteProblem(LLMReplayError):
    """A file of ours cannot be written; what was there before is there still."""

    def __init__(self, path: Path, error: OSError) -> None:
        super().__init__(f"{path}: cannot be written: {error.strerror or error}")
        self.path = path


class SecretsLeft(LLMReplayError):
    """A file would hold what looks like secrets, and was not written. Kinds and lines are told, no values."""

    def __init__(self, path: Path, hits: Sequence[str]) -> None:
        listed = ", ".join(hits[:5]) + (f" and {len(hits) - 5} more" if len(hits) > 5 else "")
        super().__init__(f"{path}: not written, for it would hold secrets: {listed} (--llm-allow-secrets writes it)")
        self.path = path


class DamagedFile(LLMReplayError):
    """A file of ours is not what was written."""

    def __init__(self, path: Path, line: int, reason: str) -> None:
        super().__init__(f"{path}:{line}: {reason}")
        self.path = path
        self.line = line
        self.reason = reason


class MissingExtra(LLMReplayError):
    """An optional package is needed for this input; the message says what to install."""

    def __init__(self, what: str, package: str, extra: str) -> None:
        super().__init__(f"{what} needs the package {package}: pip install 'pytest-llmreplay[{extra}]'")


def nearest(word: str, known: "list[str] | tuple[str, ...]") -> str:
    """``; did you mean 'x'?`` for the known word nearest to ``word``, or an empty string."""
    from difflib import get_close_matches

    found = get_close_matches(word, known, n=1, cutoff=0.5)
    return f"; did you mean {found[0]!r}?" if found else ""
