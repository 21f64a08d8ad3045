"""Records that could not be read as they are, each once. PYTEST_DONT_REWRITE"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from pytest_llmreplay.traces.formats.protocol import Problem

if TYPE_CHECKING:
    from pytest_llmreplay.model.trace import Trace


class Problems:
    """What was found wrong with the records of a run, by what is said of it."""

    def __init__(self) -> None:
        self.found: dict[str, bool] = {}
        """Whether the record was repaired; the others were dropped."""

    def note(self, problems: Sequence[Problem]) -> None:
        """Remember records that could not be read."""
        self.found.update({str(each): each.repaired for each in problems})

    def note_inside(self, trace: "Trace") -> None:
        """Remember what was found wrong when a trace was opened."""
        for note in trace.contents.notes:
            if not self._named_already(note):
                self.found.setdefault(f"trace {trace.trace_id[:12]}: {note}", "malformed" not in note)

    def take_over(self, found: Mapping[str, bool]) -> None:
        """Take over what a worker found."""
        self.found.update(found)

    def _named_already(self, note: str) -> bool:
        """Whether the scan of the files named the record in which a span is malformed."""
        place, malformed, _ = note.partition(": a span is malformed")
        return bool(malformed) and any(each.startswith(f"{place}: ") for each in self.found)

    @property
    def lines(self) -> list[str]:
        """All of them, those of dropped records first."""
        return sorted(self.found, key=lambda each: self.found[each])

    @property
    def repaired(self) -> int:
        """How many records were repaired."""
        return sum(self.found.values())

    @property
    def dropped(self) -> int:
        """How many records were dropped."""
        return len(self.found) - self.repaired
