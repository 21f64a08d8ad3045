"""Regular expressions of users, under limits of length and time. PYTEST_DONT_REWRITE

``re`` cannot be stopped: while it backtracks it holds the interpreter, so no thread gets a word in. What could be slow
is therefore asked of a child process, which waits for the next question and is ended when it takes too long. A pattern
that repeats nothing is asked here.
"""

import atexit
import json
import re
import subprocess
import sys
from threading import Event, Lock, Timer
from typing import Any, TypeAlias

Span: TypeAlias = tuple[int, int]

LONGEST_PATTERN = 1_000
"""Characters of a pattern."""
LONGEST_TEXT = 100_000
"""Characters of a text that are looked at."""
REPEATS = frozenset("*+?{")
CHILD = """
import json, re, sys
for line in sys.stdin:
    pattern, flags, whole, text = json.loads(line)
    found = (re.fullmatch if whole else re.search)(pattern, text, flags)
    print(json.dumps(found and found.span()), flush=True)
"""


class TooSlow(Exception):
    """A pattern took longer than it may."""


def compiled(pattern: object, flags: int = 0) -> re.Pattern[str]:
    """A pattern that may be used. Raises ValueError for one that is too long or none, TypeError for no text."""
    if not isinstance(pattern, str):
        raise TypeError(f"a pattern is a text, not {pattern!r}")
    if len(pattern) > LONGEST_PATTERN:
        raise ValueError(f"the pattern has {len(pattern):,} characters; it may have {LONGEST_PATTERN:,}")
    try:
        return re.compile(pattern, flags)
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"the pattern {pattern!r} cannot be read: {error}") from None


def search(pattern: re.Pattern[str], text: str, *, whole: bool = False, seconds: float = 2.0) -> Span | None:
    """Where a pattern is first found in the beginning of a text, or all of the text with ``whole``.

    Raises TooSlow after ``seconds``.
    """
    text = text[:LONGEST_TEXT]
    if not REPEATS & set(pattern.pattern):
        found = pattern.fullmatch(text) if whole else pattern.search(text)
        return found.span() if found else None
    return child.ask(pattern, text, whole, seconds)


class Child:
    """A process that searches. It is started by the first question, and ends with this process."""

    def __init__(self) -> None:
        self.process: Any = None
        self.lock = Lock()

    def ask(self, pattern: re.Pattern[str], text: str, whole: bool, seconds: float) -> Span | None:
        """The answer of the process. Raises TooSlow, after which the next question starts another process."""
        question = json.dumps([pattern.pattern, int(pattern.flags), whole, text])
        with self.lock:
            answer = self.told(question, seconds, text) or self.told(question, seconds, text)
        if not answer:
            raise OSError("the process that searches ended twice without an answer")
        found = json.loads(answer)
        return (found[0], found[1]) if found else None

    def told(self, question: str, seconds: float, text: str) -> str:
        """The line that answers a question; empty where the process ended by itself. Raises TooSlow."""
        process, late = self.running(), Event()

        def give_up() -> None:
            late.set()
            process.kill()

        timer = Timer(seconds, give_up)
        timer.start()
        try:
            process.stdin.write(question + "\n")
            process.stdin.flush()
            answer = process.stdout.readline()
        except OSError:  # it ended while it was still being told
            answer = ""
        finally:
            timer.cancel()
        if not answer:
            self.end()
        if not answer and late.is_set():
            raise TooSlow(
                f"the pattern took more than {seconds:g} s on {len(text):,} characters and was given up: nested or "
                "neighbouring repeats try every split; bound them, or make them possessive (a++)"
            )
        return str(answer)

    def running(self) -> Any:
        """The process, started if there is none."""
        if self.process is None:
            command = [sys.executable, "-I", "-S", "-c", CHILD]
            self.process = subprocess.Popen(  # noqa: S603  this interpreter, with the program above
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="ascii", stderr=subprocess.DEVNULL
            )
            atexit.register(self.end)
        return self.process

    def end(self) -> None:
        """End the process, if there is one."""
        atexit.unregister(self.end)
        process, self.process = self.process, None
        if process is not None:
            process.kill()
            process.communicate()


child = Child()
