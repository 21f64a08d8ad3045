"""The traces of one conversation, as one. PYTEST_DONT_REWRITE"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pytest_llmreplay.errors import SourceError
from pytest_llmreplay.model.trace import Contents, Trace
from pytest_llmreplay.traces import roots
from pytest_llmreplay.traces.catalog import Handle


@dataclass(eq=False, slots=True)
class SessionHandle:
    """The traces of one session in order of start."""

    session: str
    handles: tuple[Handle, ...]

    def __repr__(self) -> str:
        return f"<session {self.session[:24]}>"

    @property
    def trace_id(self) -> str:
        """The id of the first trace."""
        return self.handles[0].trace_id

    @property
    def slug(self) -> str:
        """The session's name, readable."""
        return roots.slugged(self.session) or "session"

    def turns(self) -> tuple[Trace, ...]:
        """The traces, one by one."""
        return tuple(handle.open() for handle in self.handles)

    def open(self) -> Trace:
        """All traces of the session as one: their steps in order, the first one's input, all outputs as a list."""
        first = self.handles[0]
        return Trace(first.trace_id, first.source, self.contents)

    def contents(self) -> Contents:
        """The contents of all traces, one after another."""
        from pytest_llmreplay.traces.assemble import losses

        parts = [turn.contents for turn in self.turns()]
        steps = [step for part in parts for step in part.steps]
        numbered = tuple(replace(step, index=index) for index, step in enumerate(steps, 1))
        return replace(
            parts[0],
            spans=tuple(span for part in parts for span in part.spans),
            steps=numbered,
            output=[part.output for part in parts],
            status="error" if any(part.status == "error" for part in parts) else parts[-1].status,
            session_id=self.session,
            fidelity=tuple(loss for step in numbered for loss in losses(step)),
            notes=tuple(note for part in parts for note in part.notes),
            groups=tuple(group for part in parts for group in part.groups),
            redacted_with=next((part.redacted_with for part in parts if part.redacted_with is not None), None),
        )


def sessions(handles: Sequence[Handle]) -> list[SessionHandle]:
    """Traces grouped by session, sessions by their first trace. Raises SourceError where none belongs to a session."""
    groups: dict[str, list[Handle]] = {}
    for handle in handles:
        if (name := handle.session_id()) is not None:
            groups.setdefault(name, []).append(handle)
    if not groups:
        raise SourceError(f"none of {len(handles)} traces belongs to a session (session.id, gen_ai.conversation.id)")
    ordered = [(name, tuple(sorted(group, key=lambda each: each.head.start))) for name, group in groups.items()]
    return [SessionHandle(name, group) for name, group in sorted(ordered, key=lambda each: each[1][0].head.start)]
