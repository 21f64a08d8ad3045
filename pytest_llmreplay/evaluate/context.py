"""What an evaluator may look at: one run, or what production recorded of it. PYTEST_DONT_REWRITE"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from pytest_llmreplay.evaluate.values import as_text, plain
from pytest_llmreplay.model.call import Answer, Call, Text, ToolCall
from pytest_llmreplay.model.jsonvalue import JSON
from pytest_llmreplay.model.recording import Match
from pytest_llmreplay.model.trace import MODEL_KINDS, Step, Trace


@dataclass(frozen=True, slots=True)
class Exchange:
    """A call with what came back. Of a replayed run, its times and tokens are the recorded ones."""

    call: Call
    answer: Answer
    step: Step | None = None
    """The recorded step that it stands for."""
    seconds: float | None = None
    """How long it took; None where that is not known."""
    recorded: bool = True
    """Whether the answer is the recorded one."""

    @property
    def kind(self) -> str:
        """``model``, ``retriever``, ``tool`` …, in the words of the step table."""
        return {"chat": "model", "completion": "model", "retrieval": "retriever"}.get(self.call.kind, self.call.kind)

    @property
    def asks_a_model(self) -> bool:
        """Whether a provider was asked."""
        return self.call.kind in MODEL_KINDS

    @property
    def output(self) -> JSON:
        """What came back: the text of a model's first choice, or what a function returned."""
        if self.answer.returned is not None:
            return self.answer.returned.value
        if self.answer.choices:
            return "".join(part.content for part in self.answer.choices[0].parts if isinstance(part, Text))
        return None


@dataclass(frozen=True, slots=True)
class ToolUse:
    """One call of a tool, in the order of the run."""

    name: str
    arguments: JSON
    step: int | None = None
    """Number of the recorded step."""


@dataclass(frozen=True, slots=True)
class StepFilter:
    """Which steps an evaluator is limited to; what is not given does not count."""

    kind: str | None = None
    """``model``, ``retriever``, ``tool``, ``embedding``, ``function`` …"""
    name: str | None = None
    """Name of the model or function."""
    index: int | None = None

    def __str__(self) -> str:
        given = {"kind": self.kind, "name": self.name, "index": self.index}
        return ", ".join(f"{name} {value}" for name, value in given.items() if value is not None) or "any"

    def __call__(self, exchange: Exchange) -> bool:
        """Whether an exchange is meant."""
        names = exchange.step.names if exchange.step else {exchange.call.model}
        return (
            self.kind in (None, exchange.kind, exchange.call.kind)
            and (self.name is None or self.name in names or self.name == exchange.call.model)
            and (self.index is None or (exchange.step is not None and exchange.step.index == self.index))
        )


def step(kind: str | None = None, name: str | None = None, index: int | None = None) -> StepFilter:
    """The steps that an evaluator is limited to, such as ``step(kind="retriever")``."""
    return StepFilter(kind, name, index)


@dataclass(frozen=True, slots=True)
class Absent:
    """Stands for an output that nobody told."""

    why: str
    as_in_production: bool = False
    """Whether production had none either."""


class NoOutput(Exception):
    """An evaluator looked at an output that is not there."""

    def __init__(self, absent: Absent) -> None:
        super().__init__(absent.why)
        self.absent = absent


@dataclass(frozen=True, kw_only=True)
class EvaluationContext:
    """One run of the application, as evaluators see it."""

    trace: Trace
    gave: Any
    """What the application gave, or that it is absent; of production's run, what it recorded."""
    exchanges: tuple[Exchange, ...] = ()
    """What was asked, in order, with what came back."""
    expected: JSON = None
    """What the test or the case file expects, where it says so."""
    mode: str = "replay"
    seconds: float | None = None
    """Duration of the request; of a replayed run the recorded one."""
    judge: Callable[[str], str | Awaitable[str]] | None = None
    """The user's own model callable for judges without one: a prompt in, a text out."""
    in_ci: bool = False
    only: Exchange | None = None
    """The one answer that this context is limited to, where it is."""

    @property
    def input(self) -> JSON:
        """The application's input: arguments by name, or the bare value."""
        return self.trace.input

    @property
    def output(self) -> Any:
        """What the application gave. Raises NoOutput where nobody said it."""
        if isinstance(self.gave, Absent):
            raise NoOutput(self.gave)
        return self.gave

    @cached_property
    def text(self) -> str:
        """The output as text; what is no text as JSON with sorted keys."""
        return as_text(self.output)

    @cached_property
    def reference(self) -> JSON:
        """What the output is held against where an evaluator is told nothing: the expectation, else production's."""
        if self.expected is not None and self.only is None:
            return self.expected
        production = self.of_production()
        return production.output if production else None

    @cached_property
    def model_calls(self) -> tuple[Exchange, ...]:
        """The calls that a provider answered."""
        return tuple(each for each in self.exchanges if each.asks_a_model)

    @cached_property
    def tools(self) -> tuple[ToolUse, ...]:
        """The tools that were called, in order.

        Calls of functions that the replay saw, where it saw any tool; else the calls that the models asked for.
        """
        ran = [each for each in self.exchanges if each.call.kind == "tool"]
        if ran:
            return tuple(map(tool_use, ran))
        return tuple(asked for each in self.model_calls for asked in asked_for(each))

    @cached_property
    def documents(self) -> tuple[JSON, ...]:
        """What the retrievers gave, in order."""
        found: list[JSON] = []
        for each in self.exchanges:
            if each.call.kind == "retrieval":
                found.extend(each.output if isinstance(each.output, list | tuple) else [each.output])
        return tuple(found)

    def of_production(self) -> "EvaluationContext | None":
        """The same for what production recorded; None for an answer that stands for no recorded step."""
        if self.only is None:
            steps = tuple(map(recorded, self.trace.steps))
            seconds = duration(self.trace)
            return replace(self, gave=self.trace.output, exchanges=steps, seconds=seconds, mode="recorded")
        return replace(self, mode="recorded").about(recorded(self.only.step)) if self.only.step else None

    def about(self, exchange: Exchange) -> "EvaluationContext":
        """The same for one answer: it is the output, it alone was asked."""
        return replace(self, gave=exchange.output, exchanges=(exchange,), seconds=exchange.seconds, only=exchange)

    def limited(self, steps: StepFilter) -> Sequence["EvaluationContext"]:
        """One for each answer that is meant."""
        return [self.about(each) for each in self.exchanges if steps(each)]


def context(
    trace: Trace, matches: Iterable[Match], output: Any, *, mode: str, seconds: float | None = None
) -> EvaluationContext:
    """The context of a run. ``seconds`` is the wall time of a live one; a replayed one has the recorded duration."""
    return EvaluationContext(
        trace=trace,
        gave=output if isinstance(output, Absent) else plain(output),
        exchanges=tuple(each for match in matches if (each := exchange(match)) is not None),
        mode=mode,
        seconds=seconds if mode in ("live", "record") else duration(trace),
    )


def exchange(match: Match) -> Exchange | None:
    """A live call with its answer; None for one that got none."""
    answer = match.answered
    if answer is None:
        return None
    if match.answer is None and match.step is not None:
        return replace(recorded(match.step), call=match.call)
    return Exchange(match.call, answer, match.step, match.seconds, recorded=False)


def recorded(step: Step) -> Exchange:
    """A recorded step as an exchange."""
    return Exchange(step.call, step.answer, step, took(step.start_ns, step.end_ns))


def duration(trace: Trace) -> float | None:
    """Seconds that production took for the request; None where its root has no times."""
    return took(trace.spans[0].start_ns, trace.spans[0].end_ns) if trace.spans else None


def took(start_ns: int, end_ns: int) -> float | None:
    """Seconds between two times; None where one is not known. Clock skew gives 0."""
    return max(0, end_ns - start_ns) / 1e9 if start_ns and end_ns else None


def tool_use(ran: Exchange) -> ToolUse:
    """A tool that was run."""
    arguments = ran.call.arguments.value if ran.call.arguments else None
    return ToolUse(ran.call.model or "", arguments, ran.step.index if ran.step else None)


def asked_for(exchange: Exchange) -> Iterable[ToolUse]:
    """The tools that a model asked for in its first choice."""
    index = exchange.step.index if exchange.step else None
    for choice in exchange.answer.choices[:1]:
        yield from (ToolUse(part.name, part.arguments, index) for part in choice.parts if isinstance(part, ToolCall))
