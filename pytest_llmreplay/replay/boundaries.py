"""Which functions of the application are answered from a trace, or observed. PYTEST_DONT_REWRITE"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from pytest_llmreplay.errors import UsageProblem

if TYPE_CHECKING:
    from pytest_llmreplay.model.call import Kind

Policy: TypeAlias = Literal["answered", "observed"]
AUTO = "auto"
"""As a path: every function that a tracing library decorates."""
Codec: TypeAlias = Callable[[Any], Any]
"""Makes the value that the application gets of the JSON value that the trace holds."""


@dataclass(frozen=True, slots=True)
class Boundary:
    """One function of the application, and the span that it stands for."""

    path: str
    """Dotted: ``shop.rag.search``, ``shop.store.Store.find``."""
    span: str = ""
    """Name of the span; the function's own name if empty."""
    policy: Policy | None = None
    """None: retrievers and tools are answered, everything else is observed."""
    codec: Codec | None = None

    @property
    def name(self) -> str:
        """The span's name."""
        return self.span or self.path.rpartition(".")[2]

    def answers(self, kind: "Kind") -> bool:
        """Whether a step of this kind is answered from the trace, not observed."""
        return self.policy == "answered" if self.policy else kind in ("tool", "retrieval")


def observe(span: str = "") -> Boundary:
    """For ``patch``: let the real function run, and hold what it returns against the trace."""
    return Boundary("", span, "observed")


def answer(span: str = "", codec: Codec | None = None) -> Boundary:
    """For ``patch``: give the recorded output; ``codec`` makes the application's type of the recorded JSON value."""
    return Boundary("", span, "answered", codec)


def parse(patch: object, where: str) -> tuple[Boundary, ...]:
    """The boundaries that a ``patch`` names. Raises UsageProblem for one that cannot be read."""
    if isinstance(patch, str):
        return (Boundary(patch),)
    if isinstance(patch, Mapping):
        return tuple(entry(str(path), value, where) for path, value in patch.items())
    if isinstance(patch, Sequence):
        return tuple(line(str(each)) for each in patch)
    raise UsageProblem(f"{where}: patch takes a mapping of dotted function to span name, or a list of dotted functions")


def entry(path: str, value: object, where: str) -> Boundary:
    """One entry of a mapping."""
    if isinstance(value, Boundary):
        return replace(value, path=path)
    if value is None or isinstance(value, str):
        return Boundary(path, value or "")
    raise UsageProblem(
        f"{where}: {path!r} stands for {value!r}; give a span's name, observe(span) or answer(span, codec)"
    )


def line(text: str) -> Boundary:
    """``path``, ``path = span`` or ``path = observe span``, as in an ini file."""
    path, _, span = (part.strip() for part in text.partition("="))
    word, _, rest = span.partition(" ")
    if word == "observe":
        return Boundary(path, rest.strip(), "observed")
    return Boundary(path, span)
