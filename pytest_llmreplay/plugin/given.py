"""Settings of other parts' types: each part is loaded only where something is said of it. PYTEST_DONT_REWRITE"""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_llmreplay.redaction.protocol import Finder
    from pytest_llmreplay.replay.boundaries import Boundary
    from pytest_llmreplay.report.gates import Gate
    from pytest_llmreplay.snapshots.normal import Rules
    from pytest_llmreplay.traces.select import Selection


def selections(lines: Sequence[str]) -> "tuple[Selection, ...]":
    """Which traces are meant. Raises UsageProblem."""
    if not lines:
        return ()
    from pytest_llmreplay.traces.select import parse

    return tuple(map(parse, lines))


def boundaries(lines: Sequence[str]) -> "tuple[Boundary, ...]":
    """Which functions are answered or observed. Raises UsageProblem."""
    if not lines:
        return ()
    from pytest_llmreplay.replay.boundaries import parse

    return parse(lines, "llm_patch")


def rules(ignore: Sequence[str], ways: Sequence[str]) -> "Rules | None":
    """How snapshots are compared; None where nothing is said. Raises UsageProblem."""
    if not ignore and not ways:
        return None
    from pytest_llmreplay.snapshots.normal import Rules

    return Rules().with_more(ignore, ways)


def pins(lines: Sequence[str]) -> tuple[str, ...]:
    """What of the process is pinned. Raises UsageProblem."""
    if not lines:
        return ()
    from pytest_llmreplay.replay.pinning import parse_pins

    return parse_pins(word for line in lines for word in line.split())


def gates_of(lines: Sequence[str]) -> "tuple[Gate, ...]":
    """The limits on the run's figures. Raises UsageProblem."""
    if not lines:
        return ()
    from pytest_llmreplay.report.gates import parse as gate

    return tuple(map(gate, lines))


def patterns(given: Sequence[str]) -> tuple[re.Pattern[str], ...]:
    """The user's patterns of secrets, compiled; the rules are loaded only where there are any. Raises UsageProblem."""
    if not given:
        return ()
    from pytest_llmreplay.redaction.redactor import compiled

    return compiled(given, "llm_redact")


def finders(model: str) -> "tuple[Finder, ...]":
    """Who finds personal data: nobody where nothing is said. Raises MissingExtra and UsageProblem."""
    if not model:
        return ()
    from pytest_llmreplay.redaction.presidio import Presidio

    return (Presidio(model),)
